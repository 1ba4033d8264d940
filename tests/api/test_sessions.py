"""A user's live session over HTTP: start, complete, read."""

import asyncio
from typing import Any

import pytest

from tests.fakes import START_MS
from tests.person import ACTIVITY, RATES, RATING, SESSIONS, Person, Site

STARTED_AT = "2049-03-22T04:26:40Z"
DONE = {"status": "completed"}
CLAIMS = {
    "status": "completed",
    "ended_at": "2025-01-15T12:00:00Z",
    "total_duration_seconds": 3600,
    "focused_duration_seconds": 3200,
    "xp_total": 28000,
    "xp_physique": 16000,
    "xp_energy": 3200,
    "xp_logic": 0,
    "xp_creativity": 8000,
    "xp_social": 800,
    "completed_reason": "manual",
    "device_platform": "web",
}
WAIT_S = 5


async def until_completed(person: Person, path: str) -> dict[str, Any]:
    """Read the session until it has ended."""
    async with asyncio.timeout(WAIT_S):
        while True:
            body = (await person.get(path)).body
            if body["status"] == "completed":
                return dict(body)
            await asyncio.sleep(0.02)


async def until_settled(site: Site) -> None:
    """Wait until the outbox is empty."""
    outbox = f"{site.settings.redis_prefix}:{{0}}:outbox"
    async with asyncio.timeout(WAIT_S), site.redis() as redis:
        while True:
            if not await redis.xlen(outbox):
                return
            await asyncio.sleep(0.02)


@pytest.mark.gen_test
async def test_a_session_runs_through_the_six_endpoints_of_the_spec(
    site: Site, ada: Person
) -> None:
    plan = await ada.plan()
    for path in (f"{SESSIONS}calculate-rates/", f"{SESSIONS}calculate-rates"):
        rates = await ada.post(path, plan)
        assert (rates.status, rates.body["rates"]) == (200, RATES)
    told = {
        "session_id": "k57convex",
        "user_id": "ada",
        **plan,
        "status": "active",
        "started_at": "2025-01-15T10:30:00Z",
        "device_platform": "web",
    }
    started = await ada.post(SESSIONS.rstrip("/"), told)
    site.clock.advance(60_000)
    ended = await ada.put(f"{SESSIONS}k57convex", CLAIMS)
    goal = await ada.get(f"/api/v1/goals/{plan['goal_id']}")
    activity = await ada.get(f"/api/v1/activities/{plan['activity_id']}")
    history = await ada.get(f"/api/v1/goals/{plan['goal_id']}/sessions")

    assert started.status == 201
    assert (started.body["id"], started.body["status"]) == ("k57convex", "active")
    assert ended.status == 200
    assert (ended.body["id"], ended.body["status"]) == ("k57convex", "completed")
    assert ended.body["xp_total"] == 120
    assert goal.body["title"] == "Drawing Mandalorian"
    assert goal.body["category"] == {"name": "Drawing", "color": "#4187a2"}
    assert goal.body["days_completed"] == 1
    assert activity.body.items() >= {"id": plan["activity_id"], **ACTIVITY}.items()
    assert history.body == {
        "results": [
            {
                "id": "k57convex",
                "started_at": STARTED_AT,
                "ended_at": "2049-03-22T04:27:40Z",
                "total_duration_seconds": 60,
                "focused_duration_seconds": 60,
                **RATING.rates.xp(60_000).fields(),
                "completed_reason": "manual",
                "activity": {"id": plan["activity_id"], "name": "Drawing", "emoji": "🎨"},
            }
        ],
        "next": None,
    }


@pytest.mark.gen_test
async def test_rates_need_a_goal_and_an_activity_of_the_caller(site: Site, ada: Person) -> None:
    plan = await ada.plan()
    unknown = await site.person("bob").post(f"{SESSIONS}calculate-rates/", plan)
    upper = {name: text.upper() for name, text in plan.items()}

    assert unknown.status == 400
    assert unknown.body["errors"] == {
        "goal_id": ["There is no such goal."],
        "activity_id": ["There is no such activity."],
    }
    assert (await ada.post(f"{SESSIONS}calculate-rates/", upper)).body["rates"] == RATES


@pytest.mark.gen_test
async def test_a_start_shows_the_whole_live_state(ada: Person) -> None:
    plan = await ada.plan()
    told = {**plan, "planned_duration_seconds": 1500, "device_platform": "ios"}
    state = (await ada.post(SESSIONS, told)).body["session"]

    assert state == plan | {
        "id": state["id"],
        "kind": "xp",
        "status": "active",
        "focused": True,
        "epoch": state["epoch"],
        "rev": 1,
        "started_at": STARTED_AT,
        "ended_at": None,
        "completed_reason": None,
        "since": STARTED_AT,
        "elapsed_ms": 0,
        "focused_ms": 0,
        "remaining_ms": 1_500_000,
        "total_duration_seconds": 0,
        "focused_duration_seconds": 0,
        "xp_total": 0,
        **{f"xp_{name}": 0 for name in RATES},
        "rates": RATES,
        "planned_duration_seconds": 1500,
        "ends_by": "2049-03-22T04:51:40Z",
        "pause_count": 0,
        "distraction_count": 0,
        "device_platform": "ios",
        "focus": None,
        "customer": None,
        "server_time": START_MS,
    }


@pytest.mark.gen_test
async def test_nobody_starts_or_ends_for_somebody_else(site: Site, ada: Person) -> None:
    bob = site.person("bob")
    plan = await ada.plan()
    start = await ada.post(SESSIONS, {**plan, "user_id": "bob"})
    path = await ada.start(**plan)
    end = await ada.put(path, {**DONE, "user_id": "bob"})

    assert [(answer.status, answer.code) for answer in (start, end)] == [(403, "forbidden")] * 2
    assert (await bob.get(f"{SESSIONS}active/")).body["results"] == []
    assert (await ada.get(path)).body["status"] == "active"


@pytest.mark.gen_test
async def test_what_the_client_claims_is_worth_nothing(site: Site, ada: Person) -> None:
    plan = await ada.plan()
    path = await ada.start(**plan, started_at="2009-01-15T10:30:00Z")
    site.clock.advance(10_000)
    ended = await ada.put(path, {**CLAIMS, "completed_reason": "auto"})
    async with site.mongo() as database:
        kept = await database["sessions"].find_one({})

    assert ended.body == ended.body | {
        "started_at": STARTED_AT,
        "ended_at": "2049-03-22T04:26:50Z",
        "total_duration_seconds": 10,
        "focused_duration_seconds": 10,
        **RATING.rates.xp(10_000).fields(),
        "completed_reason": "manual",
        "device_platform": "web",
        "persisted": True,
    }
    assert kept is not None
    assert kept["context"] == {
        "claimed_started_at": 1_232_015_400_000,
        "rate_engine": "lexicon",
    }
    assert await site.totals("ada") == (20, 1, 1)


@pytest.mark.gen_test
async def test_a_planned_session_completes_by_itself_at_its_instant(
    site: Site, ada: Person
) -> None:
    path = await ada.start(planned_duration_seconds=60)
    site.clock.advance(3_600_000)
    ended = await until_completed(ada, path)
    put = await ada.complete(path)

    for body in (ended, put):
        assert body == body | {
            "completed_reason": "auto",
            "ended_at": "2049-03-22T04:27:40Z",
            "total_duration_seconds": 60,
            "remaining_ms": 0,
            "xp_total": 120,
        }
    assert await site.totals("ada") == (120, 1, 1)


@pytest.mark.gen_test
async def test_a_completion_after_the_planned_end_waits_for_the_history_too(
    site: Site, ada: Person
) -> None:
    for _ in range(3):
        path = await ada.start(planned_duration_seconds=60)
        site.clock.advance(60_000)
        # Whoever notices the end first, the completion answers with what the history has.
        body = await ada.complete(path)

        assert body["completed_reason"] == "auto"
    assert await site.totals("ada") == (360, 3, 3)


@pytest.mark.gen_test
async def test_a_repeated_completion_changes_nothing(site: Site, ada: Person) -> None:
    for key in ({}, {"Idempotency_Key": "end"}):
        path = await ada.start()
        site.clock.advance(10_000)
        first = await ada.put(path, DONE, **key)
        second = await ada.put(path, DONE, **key)
        await site.let_go()
        site.clock.advance(7_200_000)
        late = await ada.put(path, CLAIMS, **key)

        assert first.status == second.status == late.status == 200
        assert first.raw == second.raw
        changed = {"server_time", "focused", "remaining_ms"}
        assert {k: v for k, v in first.body.items() if k not in changed} == {
            k: v for k, v in late.body.items() if k not in changed
        }
    assert await site.totals("ada") == (40, 2, 2)


@pytest.mark.gen_test
async def test_a_canceled_session_cannot_be_completed(site: Site, ada: Person) -> None:
    path = await ada.start()
    site.clock.advance(10_000)
    canceled = await ada.post(f"{path}cancel/")
    refused = await ada.put(path, DONE)
    await until_settled(site)
    await site.let_go()
    late = await ada.put(path, DONE)
    again = await ada.post(f"{path}cancel/")
    paused = await ada.post(f"{path}pause/")

    assert (canceled.body["status"], canceled.body["xp_total"]) == ("canceled", 0)
    assert (again.status, again.body["status"]) == (200, "canceled")
    for answer in (refused, late, paused):
        assert (answer.status, answer.code) == (409, "wrong_state")
        assert answer.body["state"]["status"] == "canceled"
    assert await site.totals("ada") == (0, 0, 1)
    history = await ada.get(f"/api/v1/goals/{canceled.body['goal_id']}/sessions/")
    assert history.body["results"] == []


@pytest.mark.gen_test
async def test_what_is_unknown_is_not_found(site: Site, ada: Person) -> None:
    for method, path in (("GET", "x"), ("PUT", "x"), ("POST", "x/pause"), ("POST", "x/cancel")):
        answer = await ada.ask(method, f"{SESSIONS}{path}/", DONE if method == "PUT" else None)
        assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.gen_test
async def test_a_session_is_read_wherever_it_is(site: Site, ada: Person) -> None:
    path = await ada.start()
    site.clock.advance(5_000)
    live = await ada.get(path.rstrip("/"))
    listed = await ada.get(f"{SESSIONS}active")
    ended = await ada.complete(path)
    in_redis = await ada.get(path)
    await site.let_go()
    in_mongo = await ada.get(path)

    assert live.body["focused_ms"] == 5_000
    assert listed.body == {"results": [live.body], "stale": False}
    assert in_redis.body | {"persisted": True} == ended
    changed = {"focused": False, "remaining_ms": None}
    assert in_mongo.body | changed == in_redis.body | changed
    assert (await ada.get(f"{SESSIONS}active/")).body == {"results": [], "stale": False}


@pytest.mark.gen_test
async def test_a_foreign_session_is_like_one_that_never_was(site: Site, ada: Person) -> None:
    path, bob = await ada.start(), site.person("bob")
    strangers = (bob, site.person("sync", "service"), site.person("root", "admin"))
    for step in ("live", "finished", "in the history"):
        for stranger in strangers:
            foreign, unknown = await stranger.get(path), await stranger.get(f"{SESSIONS}x/")
            assert (foreign.status, foreign.code) == (404, "not_found"), step
            assert foreign.told == unknown.told
        if step == "live":
            await ada.complete(path)
        else:
            await site.let_go()
