"""Streaks over HTTP, and the residences that the days are counted by."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.instants import DAY_MS
from storage.mongo.users import RESIDENCES_KEPT, calendar_of
from tests.fakes import START_MS
from tests.person import Person, Site

pytestmark = pytest.mark.kept_database

STREAK, ME = "/api/v1/streak/", "/api/v1/authentication/me/"
MINUTE_MS = 60_000
# The driven clock begins at 04:26:40 UTC on this date.
TODAY, TOMORROW = "2049-03-22", "2049-03-23"


async def spend(site: Site, person: Person, ms: int) -> str:
    """A completed session of so many focused ms; its path."""
    path = await person.start()
    site.clock.advance(ms)
    await person.complete(path)
    return path


async def streak(person: Person, query: str = "") -> dict[str, Any]:
    answer = await person.get(f"{STREAK}{query}")
    assert answer.status == 200, answer
    return dict(answer.body)


async def document(site: Site, user_id: str) -> dict[str, Any]:
    async with site.mongo() as database:
        found = await database["users"].find_one({"_id": user_id})
    assert found is not None
    return found


async def lived(site: Site, user_id: str) -> list[tuple[int, str, str]]:
    """The residences of a user: since when, ms after the start of the test, and where."""
    return [
        (
            round(entry["from"].replace(tzinfo=UTC).timestamp() * 1000),
            entry["time_zone"],
            entry["day_start"],
        )
        for entry in (await document(site, user_id)).get("residences", [])
    ]


@pytest.mark.gen_test
async def test_without_a_session_there_is_no_day(site: Site) -> None:
    eve = site.person("eve-none")
    assert await streak(eve, "?days=1") == {
        "current": 0,
        "longest": {"days": 0, "from": None, "to": None},
        "today": {
            "day": TODAY,
            "counted": False,
            "starts_at": f"{TODAY}T00:00:00Z",
            "ends_at": f"{TOMORROW}T00:00:00Z",
            "focused_seconds": 0,
        },
        "kept_until": None,
        "explanation": "No days in a row at the moment. A session today begins a new streak.",
        "days": [
            {
                "day": TODAY,
                "state": "open",
                "reason": "This date is not over yet.",
                "focused_seconds": 0,
                "sessions": 0,
                "xp_total": 0,
            }
        ],
    }


@pytest.mark.gen_test
async def test_days_in_a_row_are_counted_explained_and_taken_back(site: Site) -> None:
    eve, bob = site.person("eve-streak"), site.person("bob-streak")
    await spend(site, eve, 5_500)
    await spend(site, eve, 60_000)
    site.clock.advance(DAY_MS)
    # Less than a second is no day.
    await spend(site, eve, 999)
    open_day = await streak(eve, "?days=3")
    assert (open_day["current"], open_day["today"]["counted"]) == (1, False)
    assert open_day["kept_until"] == "2049-03-24T00:00:00Z"
    assert [(day["state"], day["sessions"]) for day in open_day["days"]] == [
        ("open", 1),
        ("counted", 2),
        ("missed", 0),
    ]
    path = await spend(site, eve, 1_000)
    told = await streak(eve)
    assert (told["current"], told["today"]["counted"]) == (2, True)
    assert told["longest"] == {"days": 2, "from": TODAY, "to": TOMORROW}
    assert told["kept_until"] == "2049-03-25T00:00:00Z"
    assert told["explanation"] == (
        "2 days in a row, since 22 March. Today counts already; "
        "do something more before 00:00 on 25 March (UTC) to keep it."
    )
    assert len(told["days"]) == 14
    assert told["days"][1] == {
        "day": TODAY,
        "state": "counted",
        "reason": "A session counts for this date.",
        "focused_seconds": 65,
        "sessions": 2,
        "xp_total": told["days"][1]["xp_total"],
    }
    assert told["days"][1]["xp_total"] > 0

    assert (await eve.post(f"{path}void/")).status == 200
    assert await streak(eve, "?days=3") == open_day
    assert (await streak(bob))["current"] == 0


@pytest.mark.gen_test
async def test_a_session_over_the_start_of_the_day_counts_for_both(site: Site) -> None:
    eve = site.person("eve-night")
    await eve.ask("PATCH", ME, {"time_zone": "Europe/Oslo", "day_start": "06:00"})

    # Oslo shows 05:26:40; its new date begins after 33 minutes and 20 seconds.
    await spend(site, eve, 40 * MINUTE_MS)
    told = await streak(eve, "?days=2")

    assert told["current"] == 2
    assert [(day["day"], day["focused_seconds"]) for day in told["days"]] == [
        (TODAY, 400),
        ("2049-03-21", 2_000),
    ]
    assert told["today"]["ends_at"] == f"{TOMORROW}T05:00:00Z"
    assert told["explanation"].endswith("before 06:00 on 24 March (Europe/Oslo) to keep it.")


@pytest.mark.gen_test
async def test_travel_keeps_the_days_that_were_settled(site: Site) -> None:
    eve = site.person("eve-travel")
    await eve.ask("PATCH", ME, {"time_zone": "Pacific/Kiritimati"})
    await spend(site, eve, 5_000)
    site.clock.advance(DAY_MS)
    await spend(site, eve, 5_000)
    before = await streak(eve, "?days=2")

    # From the evening of the 23rd to the evening of the 22nd.
    await eve.ask("PATCH", ME, {"time_zone": "Pacific/Pago_Pago"})
    after = await streak(eve, "?days=2")

    assert [day["state"] for day in before["days"]] == ["counted", "counted"]
    assert (before["today"]["day"], after["today"]["day"]) == (TOMORROW, TODAY)
    assert (before["current"], after["current"]) == (2, 2)
    assert after["days"][0] == before["days"][1]
    assert after["today"]["starts_at"] == "2049-03-22T00:00:00Z"
    assert after["today"]["ends_at"] == "2049-03-23T11:00:00Z"
    assert after["kept_until"] == "2049-03-25T11:00:00Z"


@pytest.mark.gen_test
async def test_a_wrong_question_is_refused(site: Site) -> None:
    eve = site.person("eve-wrong")

    for query in ("days=0", "days=367", "days=-1", "days=1.5", "days=x", "days=", "day=3"):
        answer = await eve.get(f"{STREAK}?{query}")
        assert (answer.status, answer.code) == (400, "invalid_input"), query
        assert set(answer.body["errors"]) == {query.split("=")[0]}
    assert len((await streak(eve, "?days=366"))["days"]) == 366


@pytest.mark.gen_test
async def test_every_move_is_on_record_and_nothing_else(site: Site) -> None:
    eve, clock = site.person("eve-moves"), site.clock
    utc, oslo = (0, "UTC", "00:00"), (START_MS, "Europe/Oslo", "00:00")
    await eve.ask("PATCH", ME, {"name": "$name", "time_zone": "UTC"})
    assert (await document(site, "eve-moves"))["name"] == "$name"
    assert await lived(site, "eve-moves") == []

    await eve.ask("PATCH", ME, {"time_zone": "Europe/Oslo"})
    await eve.ask("PATCH", ME, {"time_zone": "Europe/Oslo", "name": "Eve"})
    assert await lived(site, "eve-moves") == [utc, oslo]

    # Within a minute a move is corrected; back to where one was, it never happened.
    clock.advance(MINUTE_MS - 1)
    await eve.ask("PATCH", ME, {"day_start": "04:00"})
    assert await lived(site, "eve-moves") == [utc, (START_MS, "Europe/Oslo", "04:00")]
    await eve.ask("PATCH", ME, {"time_zone": "UTC", "day_start": "00:00"})
    assert await lived(site, "eve-moves") == [utc]

    await eve.ask("PATCH", ME, {"time_zone": "Asia/Tokyo"})
    clock.advance(MINUTE_MS)
    answer = await eve.ask("PATCH", ME, {"day_start": "05:00"})
    assert (answer.body["time_zone"], answer.body["day_start"]) == ("Asia/Tokyo", "05:00")
    moved = [utc, (START_MS + MINUTE_MS - 1, "Asia/Tokyo", "00:00")]
    moved += [(clock.now_ms, "Asia/Tokyo", "05:00")]
    assert await lived(site, "eve-moves") == moved
    assert (await eve.ask("PATCH", ME, {"time_zone": "Mars/Olympus"})).status == 400
    assert await lived(site, "eve-moves") == moved


@pytest.mark.gen_test
async def test_of_two_devices_that_race_neither_loses_and_the_newest_are_kept(site: Site) -> None:
    eve, users, clock = site.person("eve-races"), site.node.services.users, site.clock
    assert (await eve.get(ME)).status == 200

    await asyncio.gather(
        eve.ask("PATCH", ME, {"time_zone": "Asia/Tokyo"}),
        eve.ask("PATCH", ME, {"day_start": "04:00"}),
    )
    assert await lived(site, "eve-races") == [
        (0, "UTC", "00:00"),
        (START_MS, "Asia/Tokyo", "04:00"),
    ]

    for place in range(RESIDENCES_KEPT + 1):
        clock.advance(MINUTE_MS)
        await users.update_profile("eve-races", {"day_start": f"05:{place % 60:02}"})
    kept = await lived(site, "eve-races")
    assert len(kept) == RESIDENCES_KEPT
    assert kept[-1] == (clock.now_ms, "Asia/Tokyo", "05:20")
    assert kept[0] == (START_MS + 2 * MINUTE_MS, "Asia/Tokyo", "05:01")
    user = await users.get("eve-races")
    assert user is not None
    assert [each.from_ms for each in user.residences] == [entry[0] for entry in kept]


@pytest.mark.gen_test
async def test_what_settling_knows_of_a_user_is_enough_for_a_calendar(site: Site) -> None:
    eve = site.person("eve-calendar")
    await eve.ask("PATCH", ME, {"time_zone": "Asia/Tokyo"})
    kept = await site.node.services.users.get("eve-calendar")
    noon = round(datetime(2025, 6, 10, 16, tzinfo=UTC).timestamp() * 1000)

    assert kept is not None
    for calendar in (calendar_of(None), calendar_of({"_id": "x", "xp_total": 3}), kept.calendar):
        assert calendar.day_of(noon).isoformat() == "2025-06-10"
        assert str(calendar.wall_at(noon).tzinfo) == "UTC"
    old = calendar_of({"_id": "x", "time_zone": "Asia/Tokyo", "day_start": "01:00"})
    assert old.day_of(noon).isoformat() == "2025-06-11"
    assert str(kept.calendar.wall_at(START_MS).tzinfo) == "Asia/Tokyo"
