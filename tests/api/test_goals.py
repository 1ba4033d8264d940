"""Goals over HTTP."""

import asyncio
import base64
from collections.abc import Iterator
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from config.settings import Settings
from domain.catalogue import ACTIVE_GOALS_MAX
from storage.mongo.client import milliseconds
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
async def test_days_are_those_that_settling_fixed(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    goal = await made(edge, GOALS, MANDALORIAN, ada)
    other = await made(edge, GOALS, {"title": "Other"}, ada)

    def session(*days: tuple[str, int], **changes: str) -> dict[str, object]:
        facts = {"user_id": "ada", "goal_id": goal["id"], "status": "completed", **changes}
        return {**facts, "days": [{"day": day, "focused_ms": ms} for day, ms in days]}

    await edge.mongo.db["sessions"].insert_many(
        [
            session(("2025-01-15", 1000)),
            session(("2025-01-15", 60_000), ("2025-01-16", 60_000)),
            session(("2025-01-17", 999)),
            # A date counts by what all of them come to.
            session(("2025-01-22", 400)),
            session(("2025-01-22", 600)),
            session(("2025-01-18", 60_000), status="voided"),
            session(("2025-01-19", 60_000), status="active"),
            session(("2025-01-20", 60_000), user_id="bob"),
            session(("2025-01-21", 60_000), goal_id=other["id"]),
            session(),
            {"user_id": "ada", "goal_id": goal["id"], "status": "completed"},
        ]
    )

    async def days() -> dict[str, int]:
        listed = (await edge.ask("GET", GOALS, token=ada)).body["results"]
        return {entry["id"]: entry["days_completed"] for entry in listed}

    assert await days() == {goal["id"]: 3, other["id"]: 1}
    # What is reached does not close the goal, and where the user lives now changes no day.
    answer = await edge.ask("PATCH", f"{GOALS}{goal['id']}/", {"days_total": 2}, token=ada)
    await edge.services.users.update_profile("ada", {"time_zone": "Asia/Tehran"})
    assert (answer.body["days_completed"], answer.body["status"]) == (3, "active")
    assert await days() == {goal["id"]: 3, other["id"]: 1}


@pytest.mark.gen_test
async def test_a_goal_is_changed_field_by_field(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    goal = await made(edge, GOALS, MANDALORIAN, ada)
    path = f"{GOALS}{goal['id']}/"
    expected = dict(goal)
    for change in (
        {"title": "Drawing Grogu"},
        {"emoji": "🖌️", "days_total": 7},
        {"category": {"name": "Art", "color": "#000000"}},
        {"status": "completed"},
        {"status": "active"},
    ):
        edge.clock.advance(1)
        answer = await edge.ask("PATCH", path, change, token=ada)
        expected |= change
        assert (answer.status, answer.body) == (200, expected)
    part = await edge.ask("PATCH", path, {"category": {"color": "#ffffff"}}, token=ada)

    assert part.body["category"] == {"name": "Art", "color": "#ffffff"}
    stored = await edge.mongo.db["goals"].find_one({"_id": goal["id"]})
    assert stored is not None
    assert milliseconds(stored["updated_at"]) - milliseconds(stored["created_at"]) == 5


@pytest.mark.gen_test
async def test_a_goal_is_put_away_and_taken_out_again(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    kept, done, away = [
        (await made(edge, GOALS, {"title": title}, ada))["id"] for title in ("a", "b", "c")
    ]

    async def listed(query: str = "") -> set[str]:
        page = await edge.ask("GET", f"{GOALS}{query}", token=ada)
        assert page.status == 200, page
        return {goal["id"] for goal in page.body["results"]}

    await edge.ask("PATCH", f"{GOALS}{done}/", {"status": "completed"}, token=ada)
    for _ in range(2):
        answer = await edge.ask("DELETE", f"{GOALS}{away}/", token=ada)
        assert (answer.status, answer.body) == (204, None)
    read = await edge.ask("GET", f"{GOALS}{away}/", token=ada)

    assert read.body["status"] == "archived"
    assert await listed() == {kept, done}
    assert await listed("?status=active") == {kept}
    assert await listed("?status=completed") == {done}
    assert await listed("?status=archived") == {away}
    assert await listed("?status=all") == {kept, done, away}
    assert len(await listed("?status=all&limit=2")) == 2
    back = await edge.ask("PATCH", f"{GOALS}{away}/", {"status": "active"}, token=ada)
    assert back.body["status"] == "active"
    assert await listed("?status=active") == {kept, away}
    for query in ("?status=", "?status=gone", "?status=active&status=all", "?status[$ne]=1"):
        assert (await edge.ask("GET", f"{GOALS}{query}", token=ada)).status == 400


@pytest.mark.gen_test
async def test_nobody_else_changes_a_goal_or_learns_of_it(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    goal = await made(edge, GOALS, MANDALORIAN, ada)
    before = await edge.mongo.db["goals"].find().to_list(None)
    for who in (edge.token("bob"), edge.token("sync", "service"), edge.token("root", "admin")):
        for method, body in (
            ("GET", None),
            ("PATCH", {"title": "Mine"}),
            ("PATCH", {"status": "active"}),
            ("PATCH", {}),
            ("DELETE", None),
        ):
            foreign = await edge.ask(method, f"{GOALS}{goal['id']}/", body, token=who)
            unknown = await edge.ask(method, f"{GOALS}{NOBODYS}/", body, token=who)
            assert foreign.status == (400 if body == {} else 404)
            assert foreign.body | {"request_id": ""} == unknown.body | {"request_id": ""}

    assert await edge.mongo.db["goals"].find().to_list(None) == before


@pytest.mark.gen_test
async def test_there_is_room_for_so_many_active_goals(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    first = await made(edge, GOALS, {"title": "First"}, ada, Idempotency_Key="first")
    path = f"{GOALS}{first['id']}/"
    template = await edge.mongo.db["goals"].find_one({"_id": first["id"]}) or {}
    more = [{**template, "_id": f"more {number}"} for number in range(ACTIVE_GOALS_MAX - 1)]
    await edge.mongo.db["goals"].insert_many(more)

    full = await edge.ask("POST", GOALS, {"title": "Too many"}, token=ada)
    assert (full.status, full.body["code"]) == (409, "wrong_state")
    assert str(ACTIVE_GOALS_MAX) in full.body["detail"]
    # What is active already stays so, and a repeat finds what it made.
    assert (await edge.ask("PATCH", path, {"status": "active"}, token=ada)).status == 200
    await edge.ask("DELETE", path, token=ada)
    room = await edge.ask("POST", GOALS, {"title": "Fits"}, token=ada)
    assert room.status == 201
    repeat = await made(edge, GOALS, {"title": "First"}, ada, Idempotency_Key="first")
    assert (repeat["id"], repeat["status"]) == (first["id"], "archived")
    back = await edge.ask("PATCH", path, {"status": "active"}, token=ada)
    assert (back.status, back.body["code"]) == (409, "wrong_state")
    bobs = await edge.ask("POST", GOALS, {"title": "Bob's"}, token=edge.token("bob"))
    assert bobs.status == 201


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


WRONG_CHANGES: list[Any] = [
    {"category": {"name": ""}},
    {"status": "voided"},
    {"status": None},
    {"status": ["active"]},
    {"created_at": "2025-01-15T10:30:00Z"},
    {"category.name": "x"},
]


@pytest.mark.gen_test
async def test_wrong_goals_are_refused_and_change_nothing(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    for body in WRONG_GOALS:
        answer = await edge.ask("POST", GOALS, body, token=ada)
        assert answer.status == 400, (body, answer)

    assert await edge.mongo.db["goals"].count_documents({}) == 0

    goal = await made(edge, GOALS, MANDALORIAN, ada)
    for body in (*WRONG_GOALS, *WRONG_CHANGES):
        if isinstance(body, dict) and body.get("status") == "completed":
            continue
        answer = await edge.ask("PATCH", f"{GOALS}{goal['id']}/", body, token=ada)
        assert answer.status == 400, (body, answer)
    assert (await edge.ask("GET", f"{GOALS}{goal['id']}/", token=ada)).body == goal


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
    for path in (f"{GOALS}{NOBODYS}/", f"{ACTIVITIES}{NOBODYS}/"):
        for method in ("PATCH", "DELETE"):
            assert (await edge.ask(method, path)).status == 401
    assert (await edge.ask("POST", GOALS, MANDALORIAN)).status == 401
