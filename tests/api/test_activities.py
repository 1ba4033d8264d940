"""Activities over HTTP: private, shared and built in."""

from collections.abc import Iterator
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from config.settings import Settings
from domain.catalogue import PRIVATE_ACTIVITIES_MAX
from storage.mongo.builtin import built_in_activities, load_built_in
from tests.person import SESSIONS, Person, Site
from tests.signed_up import EdgeUnderTest, running_edge

ACTIVITIES = "/api/v1/activities/"
DRAWING = {"name": "Drawing", "emoji": "🎨", "category": "Creativity", "color": "#4187a2"}
PRIVATE = {**DRAWING, "shared": False, "archived": False, "rates": None}
NOBODYS = "00000000-0000-4000-8000-000000000000"
TRAIL: dict[str, object] = {"name": "Trail run", "emoji": "⛰️", "category": "Sport"}
HALVES = {"physique": 1.0, "energy": 1.0, "logic": 0.0, "creativity": 0.0, "social": 0.0}


@pytest.fixture
def edge(io_loop: IOLoop, settings: Settings) -> Iterator[EdgeUnderTest]:
    running = running_edge(settings)
    yield io_loop.run_sync(running.__aenter__)
    io_loop.run_sync(lambda: running.__aexit__(None, None, None))


async def made(edge: EdgeUnderTest, body: object, token: str, **headers: str) -> Any:
    edge.clock.advance(1)
    answer = await edge.ask("POST", ACTIVITIES, body, token=token, **headers)
    assert answer.status == 201, answer
    return answer.body


async def listed(edge: EdgeUnderTest, token: str, query: str = "") -> list[str]:
    page = await edge.ask("GET", f"{ACTIVITIES}{query}", token=token)
    assert page.status == 200, page
    return [activity["name"] for activity in page.body["results"]]


@pytest.mark.gen_test
async def test_an_activity_is_private_unless_a_service_or_administrator_made_it(
    edge: EdgeUnderTest,
) -> None:
    ada, bob = edge.token("ada"), edge.token("bob")
    private = await made(edge, DRAWING, ada)
    assert (await made(edge, {"name": "Anything"}, edge.token("eve")))["category"] == "General"
    synced = await made(edge, {**DRAWING, "name": "B"}, edge.token("s", "service"))
    shared = await made(edge, {**DRAWING, "name": "C"}, edge.token("r", "admin"))
    mine = await edge.ask("GET", ACTIVITIES, token=ada)
    others = await edge.ask("GET", ACTIVITIES, token=bob)

    assert private == {"id": private["id"], **PRIVATE}
    assert shared == {"id": shared["id"], **PRIVATE, "name": "C", "shared": True}
    assert mine.body["results"] == [shared, synced, private]
    assert others.body["results"] == [shared, synced]
    seen = await edge.ask("GET", f"{ACTIVITIES}{shared['id'].upper()}/", token=bob)
    assert seen.body == shared


@pytest.mark.gen_test
async def test_its_maker_changes_it_and_puts_it_away(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    activity = await made(edge, DRAWING, ada)
    path = f"{ACTIVITIES}{activity['id']}/"
    changed = await edge.ask("PATCH", path, TRAIL, token=ada)
    for _ in range(2):
        assert (await edge.ask("DELETE", path, token=ada)).status == 204
    read = await edge.ask("GET", path, token=ada)

    assert changed.body == activity | TRAIL
    assert read.body == changed.body | {"archived": True}
    assert await listed(edge, ada) == await listed(edge, ada, "?status=active") == []
    assert await listed(edge, ada, "?status=archived") == ["Trail run"]
    back = await edge.ask("PATCH", path, {"status": "active"}, token=ada)
    assert back.body == changed.body
    assert await listed(edge, ada) == ["Trail run"]


@pytest.mark.gen_test
async def test_strangers_do_not_learn_of_a_private_activity(edge: EdgeUnderTest) -> None:
    activity = await made(edge, DRAWING, edge.token("ada"))
    before = await edge.mongo.db["activities"].find().to_list(None)
    for who in (edge.token("bob"), edge.token("sync", "service"), edge.token("root", "admin")):
        for method, body in (
            ("GET", None),
            ("PATCH", {"name": "Mine"}),
            ("PATCH", {"status": "active"}),
            ("PATCH", {"rates": {"logic": 1}}),
            ("DELETE", None),
        ):
            foreign = await edge.ask(method, f"{ACTIVITIES}{activity['id']}/", body, token=who)
            unknown = await edge.ask(method, f"{ACTIVITIES}{NOBODYS}/", body, token=who)
            assert foreign.status == 404
            assert foreign.body | {"request_id": ""} == unknown.body | {"request_id": ""}
        assert await listed(edge, who, "?status=all") == []

    assert await edge.mongo.db["activities"].find().to_list(None) == before


@pytest.mark.gen_test
async def test_what_is_shared_is_changed_by_administrators_and_services(
    edge: EdgeUnderTest,
) -> None:
    root, sync, ada = edge.token("r", "admin"), edge.token("s", "service"), edge.token("ada")
    # Somebody who shared it as an administrator and no longer is one.
    once = edge.token("r")
    activity = await made(edge, {**DRAWING, "rates": {"logic": 3, "social": 1.0}}, root)
    path = f"{ACTIVITIES}{activity['id']}/"
    for who in (ada, once):
        for method, body in (("PATCH", {"name": "Mine"}), ("DELETE", None)):
            refused = await edge.ask(method, path, body, token=who)
            assert (refused.status, refused.body["code"]) == (403, "forbidden")
    halves = await edge.ask("PATCH", path, {"rates": {"physique": 7, "energy": 7.0}}, token=sync)
    stored = await edge.mongo.db["activities"].find_one({"_id": activity["id"]}) or {}
    none = await edge.ask("PATCH", path, {"rates": None}, token=root)

    assert activity["rates"] == {**dict.fromkeys(HALVES, 0.0), "logic": 1.5, "social": 0.5}
    assert halves.body["rates"] == HALVES
    assert stored["rates"] == {name: round(1000 * rate) for name, rate in HALVES.items()}
    assert none.body == activity | {"rates": None}
    assert (await edge.ask("DELETE", path, token=sync)).status == 204
    assert (await edge.ask("DELETE", path, token=ada)).status == 403
    assert (await edge.ask("GET", path, token=ada)).body["archived"] is True


@pytest.mark.gen_test
async def test_a_plain_user_fixes_no_rates(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    activity = await made(edge, DRAWING, ada)
    for rates in (None, {"logic": 1}):
        new = await edge.ask("POST", ACTIVITIES, {**DRAWING, "rates": rates}, token=ada)
        old = await edge.ask("PATCH", f"{ACTIVITIES}{activity['id']}/", {"rates": rates}, token=ada)
        assert (new.status, old.status) == (403, 403)

    (stored,) = await edge.mongo.db["activities"].find().to_list(None)
    assert "rates" not in stored


WRONG: list[dict[str, Any]] = [
    {"shared": True},
    {"user_id": "bob"},
    {"edited": True},
    {"names": {"fa": "x"}},
    {"category": ""},
    {"category": 7},
    {"name": {"$gt": ""}},
    {"status": "completed"},
    {"archived": True},
    {"rates": {}},
    {"rates": []},
    {"rates": "logic"},
    {"rates": {"logic": 0, "social": 0.0}},
    {"rates": {"logic": -0.1}},
    {"rates": {"logic": True}},
    {"rates": {"logic": "1"}},
    {"rates": {"logic": None}},
    {"rates": {"logic": 1e308, "social": 1e308}},
    {"rates": {"luck": 1}},
]


@pytest.mark.gen_test
async def test_wrong_activities_are_refused_and_change_nothing(edge: EdgeUnderTest) -> None:
    root = edge.token("root", "admin")
    activity = await made(edge, DRAWING, root)
    path = f"{ACTIVITIES}{activity['id']}/"
    for wrong in WRONG:
        new = await edge.ask("POST", ACTIVITIES, {**DRAWING, **wrong}, token=root)
        old = await edge.ask("PATCH", path, wrong, token=root)
        assert (new.status, old.status) == (400, 400), wrong
    unfit: list[object] = [{}, [], b"", b'{"rates":{"logic":NaN}}', b'{"rates":{"logic":1e999}}']
    for body in unfit:
        assert (await edge.ask("PATCH", path, body, token=root)).status == 400, body
    for query in ("status=completed", "scope=others", "category=", "lang=de", "lang=", "q=x"):
        assert (await edge.ask("GET", f"{ACTIVITIES}?{query}", token=root)).status == 400, query

    assert (await edge.ask("GET", path, token=root)).body == activity
    assert await edge.mongo.db["activities"].count_documents({}) == 1


@pytest.mark.gen_test
async def test_built_in_ones_come_last_in_the_order_of_their_file(edge: EdgeUnderTest) -> None:
    ada, documents = edge.token("ada"), built_in_activities()
    await load_built_in(edge.mongo.db, documents)
    names = [document["name"] for document in documents]
    mine = await made(edge, {**DRAWING, "name": "Mine"}, ada)
    theirs = await made(edge, {**DRAWING, "name": "Shared"}, edge.token("r", "admin"))
    found: list[str] = []
    query = "?limit=30"
    while query:
        page = (await edge.ask("GET", f"{ACTIVITIES}{query}", token=ada)).body
        found += [activity["name"] for activity in page["results"]]
        query = f"?limit=30&cursor={page['next']}" if page["next"] else ""

    assert found == ["Shared", "Mine", *names]
    assert await listed(edge, ada, "?scope=mine") == ["Mine"]
    assert await listed(edge, ada, "?scope=shared&limit=2") == ["Shared", names[0]]
    assert await listed(edge, ada, "?category=CREATIVITY&scope=mine") == ["Mine"]
    assert set(await listed(edge, ada, "?category=music&scope=all")) == {
        document["name"] for document in documents if document["category"] == "Music"
    }
    assert await listed(edge, ada, "?category=%24ne") == []
    assert mine["id"] != theirs["id"]


@pytest.mark.gen_test
async def test_names_are_shown_in_the_language_of_the_reader(edge: EdgeUnderTest) -> None:
    ada, (first, *_) = edge.token("ada"), built_in_activities()
    await load_built_in(edge.mongo.db, [first])
    path, persian = f"{ACTIVITIES}{first['_id']}/", first["names"]["fa"]

    async def shown(query: str = "", accept: str = "") -> str:
        read = await edge.ask("GET", path + query, token=ada, Accept_Language=accept)
        (name,) = (
            activity["name"]
            for activity in (
                await edge.ask("GET", ACTIVITIES + query, token=ada, Accept_Language=accept)
            ).body["results"]
        )
        assert read.body["name"] == name
        return str(name)

    assert await shown() == await shown("?lang=en", "fa") == first["name"]
    assert await shown("?lang=fa") == await shown(accept="fa-IR,en;q=0.5") == persian
    # A translation of another name would be wrong.
    root = edge.token("r", "admin")
    assert (await edge.ask("PATCH", path, {"name": "New"}, token=root)).status == 200
    assert await shown("?lang=fa") == "New"


@pytest.mark.gen_test
async def test_there_is_room_for_so_many_private_activities(edge: EdgeUnderTest) -> None:
    ada = edge.token("ada")
    first = await made(edge, DRAWING, ada, Idempotency_Key="k")
    path = f"{ACTIVITIES}{first['id']}/"
    template = await edge.mongo.db["activities"].find_one({"_id": first["id"]}) or {}
    # As they were stored before there were statuses.
    del template["status"]
    more = [{**template, "_id": f"more {number}"} for number in range(PRIVATE_ACTIVITIES_MAX - 1)]
    await edge.mongo.db["activities"].insert_many(more)
    full = await edge.ask("POST", ACTIVITIES, DRAWING, token=ada)

    assert (full.status, full.body["code"]) == (409, "wrong_state")
    assert (await made(edge, DRAWING, ada, Idempotency_Key="k"))["id"] == first["id"]
    assert (await edge.ask("PATCH", path, {"status": "active"}, token=ada)).status == 200
    assert (await edge.ask("DELETE", path, token=ada)).status == 204
    await made(edge, DRAWING, ada)
    assert (await edge.ask("PATCH", path, {"status": "active"}, token=ada)).status == 409
    # What is shared is nobody's own.
    await made(edge, DRAWING, edge.token("ada", "admin"))


@pytest.mark.gen_test(timeout=15)
async def test_nothing_new_begins_on_what_is_archived(site: Site, ada: Person) -> None:
    plan = await ada.plan()
    goal, activity = (f"/api/v1/goals/{plan['goal_id']}/", f"{ACTIVITIES}{plan['activity_id']}/")
    rates = f"{SESSIONS}calculate-rates/"
    path = await ada.start(**plan)
    faults = {
        "goal_id": (goal, "This goal is archived."),
        "activity_id": (activity, "This activity is archived."),
    }
    for place, _ in faults.values():
        assert (await ada.ask("DELETE", place)).status == 204
    site.clock.advance(60_000)
    ended = await ada.complete(path)
    for where in (SESSIONS, rates):
        refused = await ada.post(where, plan)
        assert (refused.status, refused.code) == (400, "invalid_input")
        assert refused.body["errors"] == {name: [fault] for name, (_, fault) in faults.items()}

    # What ran on goes on, and what was done is there to see.
    assert ended["focused_duration_seconds"] == 60
    assert len((await ada.get(f"{goal}sessions/")).body["results"]) == 1
    assert (await ada.get(goal)).body["days_completed"] == 1
    for place, _ in faults.values():
        assert (await ada.ask("PATCH", place, {"status": "active"})).status == 200
    assert (await ada.post(SESSIONS, plan)).status == 201


@pytest.mark.gen_test(timeout=15)
async def test_fixed_rates_are_what_a_session_of_it_earns(site: Site, ada: Person) -> None:
    plan = await ada.plan()
    shared = await site.person("root", "admin").post(ACTIVITIES, {**DRAWING, "rates": HALVES})
    plan["activity_id"] = shared.body["id"]
    answer = await ada.post(f"{SESSIONS}calculate-rates/", plan)
    path = await ada.start(**plan)
    site.clock.advance(10_000)
    ended = await ada.complete(path)

    assert answer.body["rates"] == shared.body["rates"] == HALVES
    assert (ended["xp_physique"], ended["xp_energy"], ended["xp_total"]) == (10, 10, 20)
