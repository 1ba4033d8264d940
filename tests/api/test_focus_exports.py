"""Days of programs as files, and what all focus has come to."""

import csv
import io
import json
from typing import Any

import pytest

from handlers.schemas.focus_exports import DAY_COLUMNS
from storage.mongo.client import Mongo
from storage.mongo.program_archive import BATCH, ProgramArchive
from tests.downloads import download
from tests.learner import DAY_MS, FOCUS, MINUTE_MS, enrolled, read
from tests.person import Person, Site

pytestmark = pytest.mark.kept_database

EXPORTS = f"{FOCUS}exports/days"
STATISTICS = f"{FOCUS}statistics/"
NOTHING = {
    "total_sessions": 0, "total_focus_minutes": 0, "days_completed": 0, "programs_completed": 0,
    "reflections": 0, "achievements": 0, "current_streak": 0, "longest_streak": 0,
}  # fmt: skip


async def days_of(person: Person) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The rows of both files."""
    array, table = [await download(person, f"{EXPORTS}.{form}") for form in ("json", "csv")]
    assert (array.code, table.code) == (200, 200)
    rows = csv.DictReader(io.StringIO(table.body.decode("utf-8-sig"), newline=""))
    return json.loads(array.body), list(rows)


@pytest.mark.gen_test(timeout=30)
async def test_each_day_with_something_done_has_a_row_newest_enrolment_first(
    site: Site, ada: Person
) -> None:
    old = await enrolled(ada)
    for number in (1, 2):
        await old.do(number)
        site.clock.advance(DAY_MS)
    await old.tick(3, 0)
    await old.tick(3, 0, done=False)
    await old.post("programs/abandon/")
    new = await enrolled(ada)
    await new.focus(1, 2)
    rating = {"difficulty_rating": 4, "notes": "=1+1\nhard;@x"}
    await ada.post(f"{new.path}days/1/rating/", rating)
    items, rows = await days_of(ada)
    day = await new.day(1)
    tasks = day["user_progress"]["tasks_total"]

    assert [(item["enrollment_id"], item["day_number"]) for item in items] == [
        (new.enrollment_id, 1), (old.enrollment_id, 1), (old.enrollment_id, 2),
    ]  # fmt: skip
    assert items[0] == {
        "enrollment_id": new.enrollment_id, "program": "14-Day Focus Challenge",
        "program_type": "14_day", "day_number": 1, "title": day["title"], "completed_on": None,
        "completed_at": None, "tasks_completed": 0, "tasks_total": tasks, "focus_minutes": 2,
        "target_focus_minutes": day["focus_duration"], "sessions": 1, "reflections": 0,
        "difficulty_rating": 4, "satisfaction_rating": None, "notes": "=1+1\nhard;@x",
    }  # fmt: skip
    assert items[1].items() >= {
        "completed_on": "2049-03-22", "tasks_completed": tasks, "reflections": 1,
        "focus_minutes": day["focus_duration"], "notes": "",
    }.items()  # fmt: skip
    shown = (await old.day(2))["user_progress"]["completed_at"]
    assert (items[2]["completed_on"], items[2]["completed_at"]) == ("2049-03-23", shown)

    assert tuple(rows[0]) == DAY_COLUMNS
    assert rows[0]["notes"] == "'=1+1\nhard;'@x"
    for item, row in zip(items[1:], rows[1:], strict=True):
        assert row == {name: "" if item[name] is None else str(item[name]) for name in item}


@pytest.mark.gen_test
async def test_nothing_done_is_an_empty_file_and_nothing_but_noughts(site: Site) -> None:
    bob = site.person("bob")
    await enrolled(bob)

    assert await days_of(bob) == ([], [])
    assert await read(bob, STATISTICS) == NOTHING
    assert (await bob.get(f"{STATISTICS}?days=1")).status == 400


@pytest.mark.gen_test(timeout=30)
async def test_files_are_named_and_take_one_of_the_users_slots(site: Site, ada: Person) -> None:
    slots = site.node.services.streams.exports
    for form, kind in (
        ("csv", "text/csv; charset=utf-8; header=present"),
        ("json", "application/json"),
    ):
        answer = await download(ada, f"{EXPORTS}.{form}/")
        with slots.hold("ada"), slots.hold("ada"):
            third = await ada.get(f"{EXPORTS}.{form}")
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Content-Disposition"] == f'attachment; filename="focus-days.{form}"'
        assert (third.status, third.code) == (429, "too_many_requests")
    assert len(site.node.services.streams) == 0


@pytest.mark.gen_test(timeout=30)
async def test_all_enrolments_and_days_come_whatever_is_read_at_a_time(site: Site) -> None:
    ina = site.person("ina")
    for number in range(3):
        learner = await enrolled(ina)
        for day in (1, 2)[: 2 - number % 2]:
            await learner.do(day)
        if number < 2:
            await learner.post("programs/abandon/")
    mongo = Mongo(str(site.settings.mongo_url), site.settings.mongo_db)
    archive = ProgramArchive(mongo.db)
    for batch in (1, 2, 3, BATCH):
        found = [one.id async for part in archive.batches("ina", batch=batch) for one in part]
        assert len(found) == 3
        assert found == sorted(found, reverse=True)
        (newest,) = await archive.going_on("ina")
        assert newest.id == found[0]
        parts = [part async for part in archive.days(newest, batch=batch)]
        assert [day.number for part in parts for day in part] == [1, 2]
        assert all(0 < len(part) <= batch for part in parts)
    mongo.close()
    items, _ = await days_of(ina)
    assert [item["day_number"] for item in items] == [1, 2, 1, 1, 2]


@pytest.mark.gen_test(timeout=30)
async def test_statistics_are_of_all_programs_and_of_sessions_outside_of_any(site: Site) -> None:
    jon = site.person("jon")
    first = await enrolled(jon)
    for number in (1, 2):
        await first.do(number)
        site.clock.advance(DAY_MS)
    await first.post("programs/abandon/")
    second = await enrolled(jon)
    await second.do(1)
    outside = {"duration_minutes": 10, "session_type": "custom"}
    started = await jon.post(f"{FOCUS}sessions/start/", outside)
    site.clock.advance(10 * MINUTE_MS)
    await second.end(started.body["session_id"])
    minutes = sum([(await first.day(n))["focus_duration"] for n in (1, 2, 1)])
    told = await read(jon, STATISTICS)
    held = (await first.course())["progress"]["achievements"]

    assert told == {
        "total_sessions": 4, "total_focus_minutes": minutes + 10, "days_completed": 3,
        "programs_completed": 0, "reflections": 3, "achievements": told["achievements"],
        "current_streak": 3, "longest_streak": 3,
    }  # fmt: skip
    assert told["achievements"] == len(held)
    # That of each program is its own.
    assert (await second.course())["progress"]["current_streak"] == 1

    site.clock.advance(2 * DAY_MS)
    told = await read(jon, STATISTICS)
    assert (told["current_streak"], told["longest_streak"]) == (0, 3)
    voided = await second.focus(2, 5)
    before = await read(jon, STATISTICS)
    assert (await jon.post(f"/api/v1/sessions/{voided}/void/")).status == 200
    assert before != told
    assert await read(jon, STATISTICS) == told
