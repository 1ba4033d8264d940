"""A program as a calendar: where its days lie, as it goes on, rests and ends."""

from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from handlers.icalendars import CONTENT_TYPE
from storage.mongo.program_seeds import content_document
from tests.downloads import download
from tests.learner import DAY_MS, FOCUS, MINUTE_MS, Learner, enrolled
from tests.person import Person, Site

pytestmark = pytest.mark.kept_database

ME = "/api/v1/authentication/me/"
FIRST = date(2049, 3, 22)
ONE = timedelta(days=1)


async def calendar(learner: Learner) -> list[Any]:
    """The events of the program's file."""
    answer = await download(learner.person, f"{learner.path}calendar.ics")
    assert answer.code == 200, answer.body
    return list(Calendar.from_ical(answer.body).walk("VEVENT"))


def told(events: list[Any], first: date = FIRST) -> list[tuple[int, str]]:
    """(dates after `first`, status) of each event, having looked at what never changes."""
    for event in events:
        assert event["dtend"].dt - event["dtstart"].dt == ONE
        assert str(event["transp"]) == "TRANSPARENT"
    return [((event["dtstart"].dt - first).days, str(event["status"])) for event in events]


def to_do(*days: int) -> list[tuple[int, str]]:
    return [(day, "TENTATIVE") for day in days]


def done(*days: int) -> list[tuple[int, str]]:
    return [(day, "CONFIRMED") for day in days]


def tasks(event: Any) -> list[str]:
    """The signs before the tasks."""
    return [line[0] for line in str(event["description"]).splitlines() if line[:1] in "✓○"]


@pytest.mark.gen_test(timeout=30)
async def test_the_days_lie_where_they_were_done_and_the_rest_from_today_on(
    site: Site, ada: Person
) -> None:
    learner = await enrolled(ada, begin=False)
    before = await calendar(learner)
    await learner.post("programs/start/")
    await learner.do(1)
    await learner.tick(2, 0)
    same_day = await calendar(learner)
    site.clock.advance(3 * DAY_MS)
    later = await calendar(learner)
    await learner.do(2)
    await learner.post("programs/pause/")
    site.clock.advance(2 * DAY_MS)
    paused = await calendar(learner)
    await learner.post("programs/abandon/")
    over = await calendar(learner)

    assert told(before) == to_do(*range(14))
    assert told(same_day) == done(0) + to_do(*range(13))
    assert told(later) == done(0) + to_do(*range(3, 16))
    assert told(paused) == done(0, 3) + to_do(*range(5, 17))
    assert told(over) == done(0, 3)

    number = learner.enrollment_id
    for events in (before, same_day, later, paused, over):
        assert [str(event["uid"]) for event in events] == [
            f"program-{number}-{n + 1}@sessiond" for n in range(len(events))
        ]
    assert (tasks(before[1])[0], tasks(same_day[1])[:2]) == ("○", ["✓", "○"])
    assert set(tasks(same_day[0])) == {"✓"}
    assert str(before[0]["summary"]) == (await learner.day(1))["title"]
    assert str(before[0]["description"]).startswith("14-Day Focus Challenge, day 1 of 14\n")


@pytest.mark.gen_test
async def test_a_newer_telling_of_a_day_is_known_by_its_number_or_its_stamp(
    site: Site,
) -> None:
    learner = await enrolled(site.person("teller"))
    tellings = [await calendar(learner)]
    await learner.do(1)
    tellings.append(await calendar(learner))
    site.clock.advance(DAY_MS)
    tellings.append(await calendar(learner))
    second = [(events[1]["sequence"], events[1]["dtstamp"].dt) for events in tellings]

    assert second == sorted(set(second))
    # Nothing was done in between, and yet the day has moved on.
    assert second[1][0] == second[2][0]
    assert tellings[1][0]["dtstamp"].dt == tellings[2][0]["dtstamp"].dt


@pytest.mark.gen_test(timeout=30)
async def test_a_completed_program_is_what_was_done(site: Site) -> None:
    learner = await enrolled(site.person("finisher"))
    days = [0]
    for number in range(1, 15):
        await learner.do(number)
        days.append(days[-1] + 1 + number % 3)
        site.clock.advance((days[-1] - days[-2]) * DAY_MS - 15 * MINUTE_MS)
    events = await calendar(learner)
    first = events[0]["dtstart"].dt

    assert (await learner.course())["status"] == "completed"
    assert told(events, first)[:6] == done(0, 2, 5, 6, 8, 11)
    assert len(events) == 14


@pytest.mark.gen_test
async def test_today_is_the_users_own(site: Site) -> None:
    eve = site.person("eve")
    # 04:26 in UTC is a day earlier in Honolulu, and before the day begins in London.
    for zone, day_start, first in (
        ("Pacific/Honolulu", "00:00", FIRST - ONE),
        ("Europe/London", "05:00", FIRST - ONE),
        ("Asia/Tokyo", "05:00", FIRST),
    ):
        await eve.ask("PATCH", ME, {"time_zone": zone, "day_start": day_start})
        learner = await enrolled(eve)
        assert told(await calendar(learner))[0] == ((first - FIRST).days, "TENTATIVE")
        await learner.post("programs/abandon/")
        site.clock.advance(2 * MINUTE_MS)


@pytest.mark.gen_test(timeout=30)
async def test_a_program_of_a_year_is_sent_in_pieces(site: Site, ada: Person) -> None:
    day = {"title": "D", "description": "x" * 900, "focus_duration": 25, "tips": []}
    days = [
        {**day, "day_number": n, "tasks": [f"task {n}"] * 10, "reflection_prompts": []}
        for n in range(1, 367)
    ]
    content = content_document(
        77,
        "",
        {
            "program_type": "custom", "name": "Year", "description": "", "objectives": [],
            "is_pro_only": False, "icon": "", "color": "", "cover_image_url": None, "days": days,
        },
    )  # fmt: skip
    async with site.mongo() as db:
        await db["program_contents"].insert_one(content)
        await db["programs"].insert_one(
            {"_id": 77, "version": content["version"], "owner": "", "status": "active"}
        )
    learner = await enrolled(ada, 77)
    answer = await download(ada, f"{learner.path}calendar.ics")
    events: list[Any] = list(Calendar.from_ical(answer.body).walk("VEVENT"))
    async with site.mongo() as db:
        await db["programs"].delete_one({"_id": 77})

    assert told(events, events[0]["dtstart"].dt) == to_do(*range(366))
    assert [tasks(event) for event in events] == [["○"] * 10] * 366
    assert "task 366" in str(events[-1]["description"])
    assert len(site.node.services.streams) == 0


@pytest.mark.gen_test
async def test_a_calendar_is_its_owners_alone_and_says_what_it_is(site: Site) -> None:
    kim = site.person("kim")
    learner = await enrolled(kim)
    answer = await download(kim, f"{learner.path}calendar.ics/")
    other = await site.person("lee").get(f"{learner.path}calendar.ics")
    unknown = await kim.get(f"{FOCUS}programs/999999/calendar.ics")

    assert answer.headers["Content-Type"] == CONTENT_TYPE
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="program-{learner.enrollment_id}.ics"'
    )
    assert str(Calendar.from_ical(answer.body)["x-wr-calname"]) == "14-Day Focus Challenge"
    assert (other.status, other.told) == (404, unknown.told)
