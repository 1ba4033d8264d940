"""With the page closed: the end of a session, what it completed, and the day that waits."""

from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from tests.api.test_push import REMINDER, SUBSCRIPTIONS
from tests.api.test_push_delivery import pushing
from tests.fakes import DrivenClock
from tests.learner import DAY_MS, FOCUS, MINUTE_MS, enrolled
from tests.person import Person, Site
from tests.push_stub import Browser, PushStub


async def read_all(browser: Browser, stub: PushStub, count: int) -> list[dict[str, Any]]:
    """So many notices, in the order of their tags."""
    arrived = [browser.read(one.body) for one in await stub.wait(count)]
    return sorted(arrived, key=lambda one: str(one["tag"]))


async def subscribed(site: Site) -> tuple[Person, Browser]:
    ada, browser = site.person("ada"), Browser()
    assert (await ada.post(SUBSCRIPTIONS, browser.to_json())).status == 201
    return ada, browser


@pytest.mark.gen_test(timeout=30)
async def test_a_session_that_ends_by_itself_tells_what_it_was_and_what_it_completed(
    settings: Settings, clock: DrivenClock, tmp_path: Path
) -> None:
    clock.advance(6 * 60 * MINUTE_MS)
    async with pushing(settings, clock, tmp_path) as (site, stub):
        ada, browser = await subscribed(site)
        learner = await enrolled(ada)
        await learner.tick_all(1)
        await learner.reflect(1)
        session_id = await learner.begin(1, 15)
        ended_at = clock.advance(15 * MINUTE_MS)
        told = await read_all(browser, stub, 4)

        assert [(one["kind"], one["title"], one["body"]) for one in told] == [
            ("achievement", "☀️ Day One", "Complete a day of a program."),
            ("achievement", "🌱 First Step", "Complete a focus session of a minute or more."),
            ("day_completed", "Day 1 complete", "14-Day Focus Challenge: 1 of 14 days."),
            ("session_ended", "Session complete", "15 minutes of focus."),
        ]
        assert told[2]["url"] == f"/programs/{learner.enrollment_id}"
        assert told[3]["tag"] == f"session:{session_id}"
        assert {one["at"] for one in told} == {ended_at}
        assert len(site.node.parts.hub) == 0


@pytest.mark.gen_test(timeout=30)
async def test_whoever_ends_a_session_is_there_and_is_not_told(
    settings: Settings, clock: DrivenClock, tmp_path: Path
) -> None:
    async with pushing(settings, clock, tmp_path) as (site, stub):
        ada, _ = await subscribed(site)
        learner = await enrolled(ada)
        await learner.tick_all(1)
        await learner.reflect(1)
        session_id = await learner.begin(1, 25)
        clock.advance(20 * MINUTE_MS)
        await learner.end(session_id)
        assert (await learner.course())["current_day"] == 2
        canceled = await learner.begin(2, 25)
        await ada.post(f"{FOCUS}sessions/cancel/", {"session_id": canceled})
        async with site.mongo() as database:
            assert await database["notices"].count_documents({}) == 0
        # Who has no browser that wants any is not even thought of.
        bob = site.person("bob")
        await bob.post(
            f"{FOCUS}sessions/start/", {"duration_minutes": 1, "session_type": "pomodoro"}
        )
        # An XP session with a plan ends by itself, too.
        await ada.start(planned_duration_seconds=60)
        clock.advance(MINUTE_MS)
        (arrived,) = await stub.wait(1)
        assert b"ada" not in arrived.body
        async with site.mongo() as database:
            owners = [one["user_id"] async for one in database["notices"].find()]
        assert owners == ["ada"]


async def evening(site: Site) -> None:
    """Let it be six in the evening in UTC, when reminders are due."""
    site.clock.advance(18 * 60 * MINUTE_MS - site.clock() % DAY_MS)
    await site.node.services.push.reminding.send_due()


def next_morning(site: Site) -> None:
    """Let it be eight on the next morning."""
    site.clock.advance(DAY_MS + 8 * 60 * MINUTE_MS - site.clock() % DAY_MS)


@pytest.mark.gen_test(timeout=30)
async def test_a_reminder_names_the_day_that_waits_unless_one_was_completed_today(
    settings: Settings, clock: DrivenClock, tmp_path: Path
) -> None:
    async with pushing(settings, clock, tmp_path) as (site, stub):
        ada, browser = await subscribed(site)
        await ada.put(REMINDER, {"enabled": True, "time": "18:00"})
        # Without a program, somebody who has done nothing today is reminded of that.
        await evening(site)
        (first,) = await read_all(browser, stub, 1)
        assert first["title"] == "Time to focus"
        next_morning(site)
        learner = await enrolled(ada)
        await learner.do(1)
        await evening(site)
        next_morning(site)
        await evening(site)
        told = [browser.read(one.body) for one in await stub.wait(2)]

        assert len(stub.arrived) == 2
        day = await learner.day(2)
        tasks = day["user_progress"]["tasks_total"]
        assert (told[-1]["title"], told[-1]["body"]) == (
            day["title"],
            f"{day['focus_duration']} minutes of focus and {tasks} tasks wait for you today.",
        )
        assert told[-1]["url"] == f"/programs/{learner.enrollment_id}"


@pytest.mark.gen_test(timeout=30)
async def test_a_paused_program_waits_for_nobody_and_a_date_with_a_session_is_a_good_one(
    settings: Settings, clock: DrivenClock, tmp_path: Path
) -> None:
    async with pushing(settings, clock, tmp_path) as (site, stub):
        ada, browser = await subscribed(site)
        await ada.put(REMINDER, {"enabled": True, "time": "18:00"})
        learner = await enrolled(ada)
        await learner.post("programs/pause/")
        session = await ada.post(
            f"{FOCUS}sessions/start/", {"duration_minutes": 10, "session_type": "custom"}
        )
        clock.advance(5 * MINUTE_MS)
        await learner.end(session.body["session_id"])
        await evening(site)
        next_morning(site)
        await evening(site)
        (told,) = await read_all(browser, stub, 1)

        assert (told["title"], len(stub.arrived)) == ("Time to focus", 1)
