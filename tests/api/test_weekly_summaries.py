"""The summary of a week: a model's where it is good, else composed from the figures."""

import logging
import time
from dataclasses import replace
from typing import Any

import pytest

from config.settings import Settings
from domain.programs import Reflection, fresh_day
from domain.weekly import composed, weekly_review
from tests.api.test_rates import BREAKER_OPEN_MS, KEY, advised, counted
from tests.completions_stub import SUMMARY, chat_stub, completion, refusing_url
from tests.fakes import DrivenClock
from tests.learner import enrolled
from tests.learning import NOW, content
from tests.person import Person, Site

pytestmark = pytest.mark.kept_database

ONE_REFLECTION = replace(fresh_day(content(1)), reflections=(Reflection("How?", "Well.", NOW),))
REFLECTED = composed(weekly_review(1, range(1, 8), [ONE_REFLECTION], streak=0, achievements=()))
"""What is composed of a week with nothing but a reflection."""
WHO = "somebody-in-particular"
SECRET = "what nobody else is to read"
PROMISED_S = 2.0
TRUE = "You completed 1 of 7 days of the 14-Day Focus Challenge: Day 1 is behind you."
LIES = (
    "You completed 6 of 7 days.",
    "You completed six of 7 days.",
    "You focused for 40 hours.",
    "Your 12 sessions were worth it.",
    "You are at 100%.",
)
WRONG_ENTRIES: tuple[bytes, ...] = (
    b"",
    b"\xff\xfe",
    b"[]",
    b'{"v":1}',
    b'{"v":2,"summary":"A good week."}',
    b'{"v":1,"summary":7}',
    b'{"v":1,"summary":""}',
    b'{"v":1,"summary":"<b>"}',
)


async def kept(site: Site) -> list[bytes]:
    """The keys of summaries in Redis."""
    async with site.redis() as redis:
        keys: Any = await redis.keys(f"{site.settings.redis_prefix}:summaries:*")
    return list(keys)


@pytest.mark.gen_test
async def test_without_a_model_the_summary_is_composed(site: Site, ada: Person) -> None:
    learner = await enrolled(ada)
    before = await learner.week(1)
    await learner.reflect(1)

    assert before["summary"] == ""
    assert (await learner.week(1))["summary"] == REFLECTED
    assert counted(site, "summaries_total", engine="composed") == 1
    assert await kept(site) == []


@pytest.mark.gen_test
async def test_a_good_summary_is_asked_for_once_on_all_nodes(
    settings: Settings, clock: DrivenClock
) -> None:
    async with chat_stub() as stub, advised(settings, clock, stub.url) as site:
        learner = await enrolled(site.person("bea"))
        await learner.week(1)
        await learner.week(2)
        assert stub.asked == []

        await learner.reflect(1)
        week, again = await learner.week(1), await learner.week(1)
        async with advised(settings, clock, refusing_url()) as other:
            elsewhere = await learner.person.at(other).get(f"{learner.path}weekly-review/1/")
        (key,) = await kept(site)
        async with site.redis() as redis:
            ttl_s = await redis.ttl(key)

        assert week == again == elsewhere.body
        assert (week["summary"], len(stub.asked)) == (SUMMARY, 1)
        assert 0 < ttl_s <= settings.llm_cache_ttl_s
        assert counted(site, "summaries_total", engine="llm") == 2


@pytest.mark.gen_test
async def test_the_model_is_told_figures_and_names_and_nothing_of_the_user(
    settings: Settings,
    clock: DrivenClock,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.INFO)
    async with chat_stub() as stub, advised(settings, clock, stub.url) as site:
        stub.body = completion({"summary": TRUE})
        learner = await enrolled(site.person(WHO))
        await learner.do(1)
        await learner.reflect(1, SECRET)
        await learner.person.post(
            f"{learner.path}days/1/rating/", {"difficulty_rating": 3, "notes": SECRET}
        )
        week = await learner.week(1)

    assert week["summary"] == TRUE
    assert stub.words() == {
        "week": 1,
        "days_completed": 1,
        "days_total": 7,
        "focus_minutes": week["total_focus_minutes"],
        "sessions": 1,
        "reflections": 2,
        "average_difficulty": 3.0,
        "average_satisfaction": None,
        "streak_days": 1,
        "achievements": [one["name"] for one in week["achievements_earned"]],
        "program": "14-Day Focus Challenge",
        "completed_days": ["Day 1: Fifteen Minutes, One Thing"],
    }
    assert stub.keys == [f"Bearer {KEY}"]
    logged = "".join([caplog.text, *capfd.readouterr()])
    for secret in (SECRET, WHO, KEY):
        assert secret not in str(stub.asked)
    for secret in (SECRET, KEY, TRUE, "Fifteen Minutes"):
        assert secret not in logged


@pytest.mark.gen_test
async def test_a_summary_that_lies_about_numbers_is_not_shown(
    settings: Settings, clock: DrivenClock
) -> None:
    async with chat_stub() as stub, advised(settings, clock, stub.url) as site:
        learner = await enrolled(site.person("cora"))
        await learner.reflect(1)
        for lie in LIES:
            stub.body = completion({"summary": lie})
            assert (await learner.week(1))["summary"] == REFLECTED, lie

        assert counted(site, "llm_summary_failures_total", cause="invented") == len(LIES)
        assert (counted(site, "llm_summary_breaker"), await kept(site)) == (0, [])
        stub.body = None
        assert (await learner.week(1))["summary"] == SUMMARY


@pytest.mark.parametrize(
    ("mode", "cause"),
    [
        ("slow", "timeout"),
        ("500", "status"),
        ("429", "throttled"),
        ("302", "status"),
        ("reset", "connection"),
        ("endless", None),
        ("prose", "garbage"),
        ("html", "garbage"),
        ("fenced", "garbage"),
        ("a field more", "garbage"),
    ],
)
@pytest.mark.gen_test
async def test_whatever_the_model_does_the_review_is_there_in_time(
    settings: Settings, clock: DrivenClock, mode: str, cause: str | None
) -> None:
    async with chat_stub() as stub, advised(settings, clock, stub.url, llm_timeout_s=0.2) as site:
        learner = await enrolled(site.person(f"asks-{mode.replace(' ', '-')}"))
        await learner.reflect(1)
        stub.mode = mode
        began = time.monotonic()
        week = await learner.week(1)

        assert time.monotonic() - began < PROMISED_S
        assert (week["summary"], len(stub.asked), stub.elsewhere) == (REFLECTED, 1, 0)
        assert cause is None or counted(site, "llm_summary_failures_total", cause=cause) == 1
        assert await kept(site) == []


@pytest.mark.gen_test
async def test_a_model_that_is_away_is_left_alone_and_rates_are_still_asked_for(
    settings: Settings, clock: DrivenClock
) -> None:
    async with chat_stub() as stub, advised(settings, clock, stub.url, llm_timeout_s=0.1) as site:
        learner = await enrolled(site.person("dora"))
        await learner.reflect(1)
        stub.mode = "slow"
        for _ in range(5):
            assert (await learner.week(1))["summary"] == REFLECTED
        assert (counted(site, "llm_summary_breaker"), counted(site, "llm_breaker")) == (2, 0)

        stub.mode = "good"
        asked = len(stub.asked)
        assert (await learner.week(1))["summary"] == REFLECTED
        assert len(stub.asked) == asked
        await learner.person.start(**await learner.person.plan())
        assert counted(site, "ratings_total", engine="llm") == 1
        clock.advance(BREAKER_OPEN_MS)
        assert (await learner.week(1))["summary"] == SUMMARY
        assert counted(site, "llm_summary_breaker") == 0


@pytest.mark.gen_test
async def test_a_kept_summary_that_cannot_be_read_is_asked_for_again(
    settings: Settings, clock: DrivenClock
) -> None:
    async with chat_stub() as stub, advised(settings, clock, stub.url) as site:
        learner = await enrolled(site.person("eve"))
        await learner.reflect(1)
        await learner.week(1)
        (key,) = await kept(site)
        async with site.redis() as redis:
            for number, entry in enumerate(WRONG_ENTRIES):
                await redis.set(key, entry)
                assert (await learner.week(1))["summary"] == SUMMARY, entry
                assert len(stub.asked) == number + 2, entry
