"""What a session is worth: by the activity, by a model, or by its words; and for good."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from config.settings import Settings
from tests.completions_stub import GOOD_RATES, OPINION, chat_stub, refusing_url
from tests.fakes import DrivenClock
from tests.person import ACTIVITY, RATES, RATING, SESSIONS, Person, Site, open_site

pytestmark = pytest.mark.kept_database

CALCULATE = f"{SESSIONS}calculate-rates/"
KEY = "sk-very-secret-0123456789"
ADVISED = {name: rate / 1000 for name, rate in GOOD_RATES.items()}
BREAKER_OPEN_MS = 30_000
BY_LEXICON = {
    "rates": RATES,
    "engine": "lexicon",
    "confidence": RATING.confidence,
    "explanation": RATING.explanation,
}
BY_MODEL = {
    "rates": ADVISED,
    "engine": "llm",
    "confidence": 0.8,
    "explanation": OPINION["explanation"],
}
WRONG_ENTRIES: tuple[bytes, ...] = (
    b"",
    b"\xff\xfe",
    b"{",
    b"[]",
    b"7",
    b"null",
    b"[" * 50_000,
    b'{"v":1}',
    b'{"v":2,"rates":{"physique":2000,"energy":0,"logic":0,"creativity":0,"social":0},"confidence":0.8,"explanation":"a"}',
    b'{"v":1,"rates":{"physique":9000,"energy":0,"logic":0,"creativity":0,"social":0},"confidence":0.8,"explanation":"a"}',
    b'{"v":1,"rates":{"physique":2100,"energy":-100,"logic":0,"creativity":0,"social":0},"confidence":0.8,"explanation":"a"}',
    b'{"v":1,"rates":{"physique":1950,"energy":50,"logic":0,"creativity":0,"social":0},"confidence":0.8,"explanation":"a"}',
    b'{"v":1,"rates":{"physique":2000},"confidence":0.8,"explanation":"a"}',
    b'{"v":1,"rates":[2000,0,0,0,0],"confidence":0.8,"explanation":"a"}',
    b'{"v":1,"rates":{"physique":2000,"energy":0,"logic":0,"creativity":0,"social":0},"confidence":NaN,"explanation":"a"}',
    b'{"v":1,"rates":{"physique":2000,"energy":0,"logic":0,"creativity":0,"social":0},"confidence":0.8,"explanation":5}',
)


@asynccontextmanager
async def advised(
    settings: Settings, clock: DrivenClock, url: str, **changes: Any
) -> AsyncIterator[Site]:
    """A node that asks a model there, without a second try unless told otherwise."""
    told: dict[str, Any] = {"llm_url": url, "llm_model": "m-1", "llm_api_key": KEY}
    chosen = replace(settings, **(told | {"llm_retries": 0} | changes))
    async with open_site(chosen, clock) as site:
        yield site


async def calculated(person: Person, plan: dict[str, str]) -> dict[str, Any]:
    """What a session of this plan would earn."""
    answer = await person.post(CALCULATE, plan)
    assert answer.status == 200, answer
    return dict(answer.body)


async def forget_rates(site: Site) -> list[bytes]:
    """Take the kept answers away; their keys."""
    async with site.redis() as redis:
        keys: Any = await redis.keys(f"{site.settings.redis_prefix}:rates:*")
        if keys:
            await redis.delete(*keys)
    return list(keys)


def counted(site: Site, name: str, **labels: str) -> float:
    """The value of a metric."""
    found = site.node.services.metrics.registry.get_sample_value(f"sessiond_{name}", labels)
    return found or 0.0


async def kept_context(site: Site, session_id: str) -> Any:
    """The context of a completed session in the history."""
    async with site.mongo() as database:
        document = await database["sessions"].find_one({"_id": session_id})
    assert document is not None
    return document["context"]


@pytest.mark.gen_test
async def test_without_a_model_the_words_decide(site: Site, ada: Person) -> None:
    plan = await ada.plan()

    assert await calculated(ada, plan) == BY_LEXICON
    assert sum(RATES.values()) == pytest.approx(2)
    for sent in ({"rates": RATES}, {"rate_engine": "fixed"}, {"engine": "fixed"}):
        for path in (SESSIONS, CALCULATE):
            refused = await ada.post(path, {**plan, **sent})
            assert (refused.status, list(refused.body["errors"])) == (400, list(sent))
    assert (await ada.get(f"{SESSIONS}active/")).body["results"] == []


@pytest.mark.gen_test
async def test_rates_of_the_activity_win_and_the_session_keeps_them(
    settings: Settings, clock: DrivenClock
) -> None:
    fixed = {"physique": 0.0, "energy": 0.0, "logic": 2.0, "creativity": 0.0, "social": 0.0}
    async with chat_stub() as stub, advised(settings, clock, stub.url) as site:
        ada, root = site.person("ada"), site.person("root", "admin")
        made = await root.post("/api/v1/activities/", {**ACTIVITY, "rates": fixed})
        assert made.status == 201, made
        plan = {**await ada.plan(), "activity_id": made.body["id"]}
        told = await calculated(ada, plan)
        path = await ada.start(**plan, session_id="fixed-1")
        clock.advance(10_000)
        ended = await ada.complete(path)

        assert (told["rates"], told["engine"], told["confidence"]) == (fixed, "fixed", 1.0)
        assert stub.asked == []
        assert (ended["rates"], ended["xp_total"], ended["xp_logic"]) == (fixed, 20, 20)
        assert (await kept_context(site, "fixed-1"))["rate_engine"] == "fixed"


@pytest.mark.gen_test
async def test_a_good_answer_of_the_model_is_asked_for_once_on_all_nodes(
    settings: Settings,
    clock: DrivenClock,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.INFO)
    async with chat_stub() as stub, advised(settings, clock, stub.url) as site:
        ada, bob = site.person("ada"), site.person("bob")
        plan = await ada.plan()
        first = await calculated(ada, plan)
        started = await ada.post(SESSIONS, {**plan, "session_id": "advised-1"})
        same_words = await calculated(bob, await bob.plan())
        async with advised(settings, clock, refusing_url()) as other:
            elsewhere = await calculated(ada.at(other), plan)
        clock.advance(10_000)
        ended = await ada.complete(f"{SESSIONS}advised-1/")
        (key,) = await forget_rates(site)
        anew = await calculated(ada, plan)
        async with site.redis() as redis:
            ttl_s = await redis.ttl(key)

        assert first == same_words == elsewhere == anew == BY_MODEL
        assert started.body["session"]["rates"] == ended["rates"] == ADVISED
        assert ended["xp_total"] == 20
        assert (await kept_context(site, "advised-1"))["rate_engine"] == "llm"
        assert stub.keys == [f"Bearer {KEY}"] * 2
        assert stub.words()["goal"] == "Drawing Mandalorian"
        assert 0 < ttl_s <= settings.llm_cache_ttl_s == 30 * 86_400
        assert counted(site, "ratings_total", engine="llm") == 4
    said = "".join([caplog.text, *capfd.readouterr(), str(site.settings)])
    for secret in (KEY, "Mandalorian", str(OPINION["explanation"])):
        assert secret not in said


@pytest.mark.gen_test
async def test_a_kept_answer_that_cannot_be_read_is_asked_for_again(
    settings: Settings, clock: DrivenClock
) -> None:
    async with chat_stub() as stub, advised(settings, clock, stub.url) as site:
        ada = site.person("ada")
        plan = await ada.plan()
        await calculated(ada, plan)
        async with site.redis() as redis:
            (key,) = await redis.keys(f"{settings.redis_prefix}:rates:*")
            good = await redis.get(key)
            for number, entry in enumerate(WRONG_ENTRIES):
                await redis.set(key, entry)
                assert await calculated(ada, plan) == BY_MODEL, entry
                assert (len(stub.asked), await redis.get(key)) == (number + 2, good), entry
            await redis.delete(key)
            await redis.rpush(key, "a list")
            assert await calculated(ada, plan) == BY_MODEL
            assert await redis.get(key) == good


@pytest.mark.gen_test
async def test_whatever_the_model_does_a_session_starts_and_a_broken_one_is_left_alone(
    settings: Settings, clock: DrivenClock
) -> None:
    modes = ("slow", "503", "500", "429", "reset")
    blameless = ("302", "400", "prose")
    async with chat_stub() as stub, advised(settings, clock, stub.url, llm_timeout_s=0.1) as site:
        ada = site.person("ada")
        plan = await ada.plan()
        for mode in (*blameless, *modes):
            stub.mode = mode
            path = await ada.start(**plan, session_id=f"with-{mode}")
            clock.advance(10_000)
            assert (await ada.complete(path))["rates"] == RATES
            assert (await kept_context(site, f"with-{mode}"))["rate_engine"] == "lexicon"
            assert mode == modes[-1] or counted(site, "llm_breaker") == 0
        assert counted(site, "llm_breaker") == 2
        # The clock moves after each failure; the last one was 10 s ago.
        clock.advance(BREAKER_OPEN_MS - 10_001)
        stub.mode = "good"
        assert await calculated(ada, plan) == BY_LEXICON
        assert len(stub.asked) == len(blameless) + len(modes)

        clock.advance(1)
        assert await calculated(ada, plan) == BY_MODEL
        assert counted(site, "llm_breaker") == 0
        assert counted(site, "llm_failures_total", cause="breaker") == 1
        assert counted(site, "ratings_total", engine="lexicon") == len(blameless) + len(modes) + 1
        assert await forget_rates(site)


@pytest.mark.gen_test
async def test_a_repeated_start_is_the_same_whoever_rated_it(
    settings: Settings, clock: DrivenClock
) -> None:
    async with chat_stub() as stub, advised(settings, clock, stub.url) as site:
        ada = site.person("ada")
        plan = await ada.plan()
        at_once = await asyncio.gather(
            *(ada.post(SESSIONS, plan, Idempotency_Key="k") for _ in range(5))
        )
        asked = len(stub.asked)
        await forget_rates(site)
        stub.mode = "500"
        again = await ada.post(SESSIONS, plan, Idempotency_Key="k")
        other = await ada.post(
            SESSIONS, {**plan, "planned_duration_seconds": 60}, Idempotency_Key="k"
        )

    assert sorted(answer.status for answer in at_once) == [200] * 4 + [201]
    assert len({answer.raw for answer in [*at_once, again]}) == 1
    assert again.body["session"]["rates"] == ADVISED
    assert asked == len(stub.asked) == 1
    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_the_stub_and_the_lexicon_disagree() -> None:
    # Otherwise the tests above could not tell them apart.
    assert ADVISED != RATES
