"""The days of sessions that run elsewhere do not depend on what was told first."""

from typing import Any

import pytest

from tests.person import SESSIONS, Person, Site

pytestmark = pytest.mark.kept_database

STARTED, ENDED = "2049-03-21T22:00:00Z", "2049-03-22T01:00:00Z"
TOLD = {"status": "completed", "ended_at": ENDED, "xp_total": 300, "xp_logic": 300}
FOCUS = {"total_duration_seconds": 7200, "focused_duration_seconds": 3600}


async def told(site: Site, user_id: str, *, start_first: bool, **end: Any) -> dict[str, Any]:
    """An external session told in either order; what MongoDB holds of it."""
    sync, session_id = site.person("sync", "service"), f"of-{user_id}"
    plan = await site.person(user_id).plan()
    start = {**plan, "session_id": session_id, "user_id": user_id, "started_at": STARTED}
    steps = [("POST", SESSIONS, start), ("PUT", f"{SESSIONS}{session_id}/", {**TOLD, **end})]
    for method, path, body in steps if start_first else reversed(steps):
        answer = await sync.ask(method, path, body)
        assert answer.status == 200, answer
    async with site.mongo() as database:
        document = await database["sessions"].find_one({"_id": session_id})
    assert document is not None
    return dict(document)


async def days_of(person: Person) -> list[tuple[str, float]]:
    """The counted days of somebody, with their seconds of focus."""
    streak = (await person.get("/api/v1/streak/")).body
    counted = [day for day in streak["days"] if day["state"] == "counted"]
    return [(day["day"], day["focused_seconds"]) for day in counted]


@pytest.mark.gen_test
async def test_either_order_gives_the_same_days(site: Site) -> None:
    first = await told(site, "start-first", start_first=True, **FOCUS)
    second = await told(site, "end-first", start_first=False, **FOCUS)

    assert first["days"] == second["days"]
    # One hour of focus in the three from 22:00 to 01:00: two thirds before midnight.
    shares = [(day["day"], day["focused_ms"], day["xp_total"]) for day in first["days"]]
    assert shares == [("2049-03-21", 2_400_000, 200), ("2049-03-22", 1_200_000, 100)]
    for user_id in ("start-first", "end-first"):
        assert await days_of(site.person(user_id)) == [("2049-03-22", 1200), ("2049-03-21", 2400)]


@pytest.mark.gen_test
async def test_focus_that_was_not_told_is_the_same_everywhere(site: Site) -> None:
    eve = site.person("no-focus")
    await told(site, "no-focus", start_first=True)
    view = (await eve.get(f"{SESSIONS}of-no-focus/")).body
    timeline = (await eve.get(f"{SESSIONS}of-no-focus/timeline/")).body

    assert view["focused_ms"] == view["elapsed_ms"] == 10_800_000
    assert timeline["results"][-1]["focused_seconds"] == 10_800
    assert sum(seconds for _, seconds in await days_of(eve)) == 10_800


@pytest.mark.gen_test
async def test_a_session_of_years_is_refused_and_changes_nothing(site: Site) -> None:
    sync = site.person("sync", "service")
    before = await site.contents()
    body = {**TOLD, "user_id": "years", "focused_duration_seconds": 10**9}
    refused = await sync.put(f"{SESSIONS}of-years/", body)

    assert (refused.status, refused.code) == (400, "invalid_input")
    assert refused.body["errors"] == {
        "focused_duration_seconds": ["More than 30 days, in seconds."]
    }
    assert {**(await site.contents()), "users": []} == {**before, "users": []}
