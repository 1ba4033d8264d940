"""Goals and activities over HTTP."""

import asyncio
import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from config.settings import Settings
from tests.signed_up import EdgeUnderTest, running_edge

GOALS, ACTIVITIES = "/api/v1/goals/", "/api/v1/activities/"
MANDALORIAN = {
    "title": "Drawing Mandalorian",
    "emoji": "🎨",
    "category": {"name": "Drawing", "color": "#4187a2"},
    "days_total": 30,
}
DRAWING = {"name": "Drawing", "emoji": "🎨", "category": "Creativity", "color": "#4187a2"}
NOBODYS = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def edge(io_loop: IOLoop, settings: Settings) -> Iterator[EdgeUnderTest]:
    running = running_edge(settings)
    yield io_loop.run_sync(running.__aenter__)
    io_loop.run_sync(lambda: running.__aexit__(None, None, None))


async def made(edge: EdgeUnderTest, path: str, body: object, token: str, **headers: str) -> Any:
    answer = await edge.ask("POST", path, body, token=token, **headers)
    assert answer.status == 201, answer
    return answer.body


@pytest.mark.gen_test
async def test_a_goal_is_made_and_read_as_the_spec_shows_it(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    goal = await made(edge, GOALS, MANDALORIAN, ada)
    read = await edge.ask("GET", f"{GOALS}{goal['id']}/", token=ada)
    upper = await edge.ask("GET", f"{GOALS}{goal['id'].upper()}", token=ada)

    expected = {"id": goal["id"], **MANDALORIAN, "user": "ada", "status": "active"}
    assert read.status == 200
    assert goal == read.body == upper.body == expected | {"days_completed": 0}


@pytest.mark.gen_test
async def test_a_title_is_all_a_goal_needs(edge: EdgeUnderTest) -> None:
    goal = await made(edge, GOALS, {"title": "Walk"}, edge.token("ada"))

    assert goal["category"] == {"name": "General", "color": "#4187a2"}
    assert goal["days_total"] == 30


@pytest.mark.gen_test
async def test_a_foreign_goal_is_like_one_that_never_was(edge: EdgeUnderTest) -> None:
    goal = await made(edge, GOALS, MANDALORIAN, edge.token("ada"))
    for who in (edge.token("bob"), edge.token("sync", "service"), edge.token("root", "admin")):
        foreign = await edge.ask("GET", f"{GOALS}{goal['id']}/", token=who)
        unknown = await edge.ask("GET", f"{GOALS}{NOBODYS}/", token=who)
        listed = await edge.ask("GET", GOALS, token=who)

        assert (foreign.status, unknown.status) == (404, 404)
        assert foreign.body | {"request_id": ""} == unknown.body | {"request_id": ""}
        assert listed.body == {"results": [], "next": None}


@pytest.mark.gen_test
async def test_an_activity_is_private_unless_a_service_or_administrator_made_it(
    edge: EdgeUnderTest,
) -> None:
    ada, bob = edge.token("ada"), edge.token("bob")
    private = await made(edge, ACTIVITIES, DRAWING, ada)
    edge.clock.advance(1)
    synced = await made(edge, ACTIVITIES, {**DRAWING, "name": "B"}, edge.token("s", "service"))
    edge.clock.advance(1)
    shared = await made(edge, ACTIVITIES, {**DRAWING, "name": "C"}, edge.token("r", "admin"))
    mine = await edge.ask("GET", ACTIVITIES, token=ada)
    others = await edge.ask("GET", ACTIVITIES, token=bob)
    foreign = await edge.ask("GET", f"{ACTIVITIES}{private['id']}/", token=bob)
    unknown = await edge.ask("GET", f"{ACTIVITIES}{NOBODYS}/", token=bob)

    assert private == {"id": private["id"], **DRAWING}
    assert mine.body["results"] == [shared, synced, private]
    assert others.body["results"] == [shared, synced]
    assert foreign.body | {"request_id": ""} == unknown.body | {"request_id": ""}
    assert foreign.status == 404
    seen = await edge.ask("GET", f"{ACTIVITIES}{shared['id']}/", token=bob)
    assert seen.body == shared


@pytest.mark.gen_test
async def test_pages_follow_each_other_without_gap_or_repeat(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    # Several in one millisecond: the order must hold there as well.
    for number in range(7):
        edge.clock.advance(number % 2)
        await made(edge, GOALS, {"title": f"Goal {number}"}, ada)
    whole = (await edge.ask("GET", GOALS, token=ada)).body["results"]
    found: list[Any] = []
    path = f"{GOALS}?limit=3"
    while path:
        page = (await edge.ask("GET", path, token=ada)).body
        found += page["results"]
        path = f"{GOALS}?limit=3&cursor={page['next']}" if page["next"] else ""

    assert len(whole) == 7
    assert found == whole


@pytest.mark.gen_test
async def test_wrong_pages_are_refused(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    injected = base64.urlsafe_b64encode(b'{"$gt": ""}').decode().rstrip("=")
    for query in (
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=1000000000",
        "limit=%D9%A1",
        "limit=1.0",
        "limit=1&limit=2",
        "cursor=",
        "cursor=x",
        f"cursor={injected}",
        f"cursor={'A' * 5000}",
        "cursor[$ne]=1",
        "user_id=bob",
    ):
        answer = await edge.ask("GET", f"{GOALS}?{query}", token=ada)
        assert answer.status == 400, query


@pytest.mark.gen_test
async def test_a_repeated_request_makes_one_goal(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    answers = await asyncio.gather(
        *(edge.ask("POST", GOALS, MANDALORIAN, token=ada, Idempotency_Key="k 1") for _ in range(10))
    )

    assert {answer.status for answer in answers} == {201}
    assert all(answer.body == answers[0].body for answer in answers)
    assert await edge.mongo.db["goals"].count_documents({}) == 1


@pytest.mark.gen_test
async def test_a_key_belongs_to_its_user_its_route_and_its_body(edge: EdgeUnderTest) -> None:
    ada, bob = edge.token("ada"), edge.token("bob")
    goal = await made(edge, GOALS, MANDALORIAN, ada, Idempotency_Key="k")
    theirs = await made(edge, GOALS, {"title": "Bob's"}, bob, Idempotency_Key="k")
    activity = await made(edge, ACTIVITIES, DRAWING, ada, Idempotency_Key="k")
    other = await edge.ask("POST", GOALS, {"title": "Other"}, token=ada, Idempotency_Key="k")

    assert len({goal["id"], theirs["id"], activity["id"]}) == 3
    assert theirs["user"] == "bob"
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    assert await edge.mongo.db["goals"].count_documents({}) == 2


@pytest.mark.gen_test
async def test_days_are_counted_in_the_users_own_zone(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    goal = await made(edge, GOALS, MANDALORIAN, ada)
    other = await made(edge, GOALS, {"title": "Other"}, ada)

    def session(day: int, hour: int, **changes: str) -> dict[str, object]:
        started_at = datetime(2025, 1, day, hour, 30, tzinfo=UTC)
        facts = {"user_id": "ada", "goal_id": goal["id"], "status": "completed"}
        return {**facts, "started_at": started_at, **changes}

    await edge.mongo.db["sessions"].insert_many(
        [
            session(15, 9),
            session(15, 22),
            session(16, 4),
            session(20, 9, status="active"),
            session(21, 9, user_id="bob"),
            session(22, 9, goal_id=other["id"]),
        ]
    )

    async def days() -> dict[str, int]:
        listed = (await edge.ask("GET", GOALS, token=ada)).body["results"]
        return {entry["id"]: entry["days_completed"] for entry in listed}

    async def live_in(time_zone: str, day_start: str) -> None:
        changes = {"time_zone": time_zone, "day_start": day_start}
        await edge.services.users.update_profile("ada", changes)

    assert await days() == {goal["id"]: 2, other["id"]: 1}
    # In Tehran the second is past midnight, and so still of yesterday for a late riser.
    await live_in("Asia/Tehran", "00:00")
    assert await days() == {goal["id"]: 2, other["id"]: 1}
    await live_in("Asia/Tehran", "09:00")
    assert await days() == {goal["id"]: 1, other["id"]: 1}
    # A zone younger than the test's mongod.
    await live_in("America/Ciudad_Juarez", "00:00")
    assert await days() == {goal["id"]: 1, other["id"]: 1}


WRONG_GOALS: list[Any] = [
    {},
    [],
    b"",
    {"title": ""},
    {"title": "   "},
    {"title": "x" * 201},
    {"title": "a\nb"},
    {"title": "\ud800"},
    {"title": {"$gt": ""}},
    {"title": {"$where": "sleep(5000)"}},
    {"title": ["a"]},
    {"title": 7},
    {"title": None},
    {"title": "a", "emoji": "🎨" * 17},
    {"title": "a", "emoji": 7},
    {"title": "a", "category": "Drawing"},
    {"title": "a", "category": {}},
    {"title": "a", "category": {"name": "b" * 61}},
    {"title": "a", "category": {"name": "b", "color": "red"}},
    {"title": "a", "category": {"name": "b", "color": "#12345g"}},
    {"title": "a", "category": {"name": "b", "color": "#1234567"}},
    {"title": "a", "category": {"name": "b", "color": "#123456\n"}},
    {"title": "a", "category": {"name": "b", "$set": {}}},
    {"title": "a", "days_total": 0},
    {"title": "a", "days_total": True},
    {"title": "a", "days_total": "30"},
    {"title": "a", "days_total": 30.0},
    {"title": "a", "days_total": 2**63},
    {"title": "a", "days_completed": 30},
    {"title": "a", "status": "completed"},
    {"title": "a", "user": "bob"},
    {"title": "a", "user_id": "bob"},
    {"title": "a", "id": NOBODYS},
    {"title": "a", "_id": NOBODYS},
    {"title": "a", "constructor": {}},
    {"title": "a", "a.b": 1},
    b'{"title":"a","title":"b"}',
    b'{"title":"a","days_total":1e308}',
    b'{"title":"a","days_total":NaN}',
]


@pytest.mark.gen_test
async def test_wrong_goals_are_refused_and_change_nothing(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    for body in WRONG_GOALS:
        answer = await edge.ask("POST", GOALS, body, token=ada)
        assert answer.status == 400, (body, answer)

    for body in ({**DRAWING, "shared": True}, {**DRAWING, "user_id": "bob"}, {"name": "x"}):
        answer = await edge.ask("POST", ACTIVITIES, body, token=ada)
        assert answer.status == 400, (body, answer)
    assert await edge.mongo.db["goals"].count_documents({}) == 0
    assert await edge.mongo.db["activities"].count_documents({}) == 0


@pytest.mark.gen_test
async def test_what_is_no_id_is_not_found(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    await made(edge, GOALS, MANDALORIAN, ada)
    for text in ("x", "7", "%7B%22$ne%22:null%7D", "%00", "a%0d%0ab", "*", "x" * 300, "%ff"):
        answer = await edge.ask("GET", f"{GOALS}{text}/", token=ada)
        assert answer.status in {400, 404}, (text, answer)


@pytest.mark.gen_test
async def test_the_catalogue_needs_a_token(edge: EdgeUnderTest) -> None:
    for path in (GOALS, ACTIVITIES, f"{GOALS}{NOBODYS}/", f"{ACTIVITIES}{NOBODYS}/"):
        assert (await edge.ask("GET", path)).status == 401
    assert (await edge.ask("POST", GOALS, MANDALORIAN)).status == 401
