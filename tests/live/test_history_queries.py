"""How MongoDB answers what may be asked of the history: in order, from an index, reading no more."""

from collections.abc import Iterator
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from config.settings import Settings
from storage.mongo.client import Mongo, instant, milliseconds
from storage.mongo.history import NEWEST_FIRST, History, Selection, dated, undated
from storage.mongo.indexes import ensure_indexes
from tests.crowd import BEGAN, WHALE, fill

COUNT = 30_000
LIMIT = 50
BEGAN_MS = milliseconds(BEGAN)
MIDDLE_MS = BEGAN_MS + COUNT // 8 * 1000
SINGLE: dict[str, dict[str, Any]] = {
    "nothing": {},
    "goal": {"goal_id": "goal-rare"},
    "usual goal": {"goal_id": "goal-usual"},
    "activity": {"activity_id": "activity-rare"},
    "kind": {"kind": "customer"},
    "usual kind": {"kind": "xp"},
    "reason": {"reason": "crash_recovered"},
    "voided": {"status": "voided"},
    "canceled": {"status": "canceled"},
    "all": {"status": "all"},
    "to": {"to_ms": MIDDLE_MS},
    "from": {"from_ms": BEGAN_MS + 10_000},
    "span": {"from_ms": BEGAN_MS + 10_000, "to_ms": MIDDLE_MS},
}
PAIRS: dict[str, dict[str, Any]] = {
    f"{one} and {other}": SINGLE[one] | SINGLE[other]
    for one in ("goal", "activity", "kind", "reason")
    for other in ("goal", "activity", "kind", "reason", "span", "all")
    if one != other
}


@pytest.fixture
def mongo(io_loop: IOLoop, settings: Settings) -> Iterator[Mongo]:
    connected = Mongo(str(settings.mongo_url), settings.mongo_db)
    yield connected
    connected.close()


def stages(plan: Any) -> Iterator[str]:
    """The names of all stages of a plan."""
    if isinstance(plan, dict):
        yield from ([plan["stage"]] if "stage" in plan else [])
        plan = list(plan.values())
    if isinstance(plan, list):
        for part in plan:
            yield from stages(part)


async def explained(mongo: Mongo, query: dict[str, Any]) -> tuple[set[str], int, int]:
    """The stages, and how many keys and documents were read."""
    find = {"find": "sessions", "filter": query, "sort": dict(NEWEST_FIRST), "limit": LIMIT + 1}
    told = await mongo.db.command("explain", find, verbosity="executionStats")
    ran = told["executionStats"]
    used = set(stages(told["queryPlanner"]["winningPlan"]))
    return used, ran["totalKeysExamined"], ran["totalDocsExamined"]


@pytest.mark.slow
@pytest.mark.gen_test(timeout=60)
async def test_every_filter_is_answered_in_order_by_an_index(mongo: Mongo) -> None:
    await ensure_indexes(mongo.db)
    await fill(mongo.db, COUNT)
    history = History(mongo.db)
    for name, wanted in SINGLE.items():
        _, after = await history.page(WHALE, Selection(**wanted), limit=LIMIT)
        assert (after is None) == (name == "canceled"), name
        for place in (None, after):
            used, keys, read = await explained(mongo, dated(WHALE, Selection(**wanted), place))
            assert "IXSCAN" in used, name
            assert used.isdisjoint({"SORT", "COLLSCAN"}), (name, used)
            assert read <= LIMIT + 1, (name, read)
            assert keys <= 2 * LIMIT, (name, keys)
        used, _, read = await explained(mongo, undated(WHALE, Selection(**wanted), None))
        assert used.isdisjoint({"SORT", "COLLSCAN"}), (name, used)
        assert read == 0, name
    for name, wanted in PAIRS.items():
        used, _, _ = await explained(mongo, dated(WHALE, Selection(**wanted), None))
        assert "IXSCAN" in used, name
        assert used.isdisjoint({"SORT", "COLLSCAN"}), (name, used)


@pytest.mark.gen_test
async def test_pages_and_batches_show_each_session_once_also_those_without_a_start(
    mongo: Mongo,
) -> None:
    at = instant(BEGAN_MS)
    common = {"user_id": "u", "kind": "xp", "status": "completed", "ended_at": at, "xp_total": 0}
    started = [{"_id": f"a-{n:02}", **common, "started_at": at} for n in range(12)]
    never = [{"_id": f"b-{n:02}", **common} for n in range(5)]
    running = [{"_id": "c", **common, "status": "active", "started_at": at}]
    await mongo.db.sessions.insert_many([*started, *never, *running])
    history = History(mongo.db)
    expected = [f"a-{n:02}" for n in reversed(range(12))] + [
        f"b-{n:02}" for n in reversed(range(5))
    ]
    for limit in (1, 3, 12, 16, 17, 18):
        found, after = await history.page("u", Selection(), limit=limit)
        ids = [document["_id"] for document in found]
        while after is not None:
            found, after = await history.page("u", Selection(), limit=limit, after=after)
            assert found
            ids += [document["_id"] for document in found]
        assert ids == expected, limit
        batches = history.batches("u", Selection(status="all"), batch=limit)
        assert [one["_id"] async for batch in batches for one in batch] == expected
    newest = history.batches("u", Selection(), most=14, batch=4)
    assert [one["_id"] async for batch in newest for one in batch] == expected[:14]
    since = history.batches("u", Selection(from_ms=BEGAN_MS))
    assert [one["_id"] async for batch in since for one in batch] == expected[:12]
    before = history.batches("u", Selection(to_ms=BEGAN_MS))
    assert [batch async for batch in before] == []


@pytest.mark.gen_test
async def test_names_are_those_that_the_user_may_see(mongo: Mongo) -> None:
    common = {"user_id": "u", "kind": "xp", "status": "completed", "started_at": instant(0)}
    of_whom = {"own": ("u", False), "foreign": ("v", False), "shared": ("v", True)}
    for name, (owner, shared) in of_whom.items():
        named = {"_id": name, "user_id": owner, "emoji": "⭐"}
        await mongo.db.goals.insert_one(named | {"title": name})
        await mongo.db.activities.insert_one(named | {"name": name, "shared": shared})
        told = {"_id": name, **common, "goal_id": name, "activity_id": name}
        await mongo.db.sessions.insert_one(told)
    found, _ = await History(mongo.db).page("u", Selection(), limit=10)

    assert {one["_id"]: one["goal"] and one["goal"]["title"] for one in found} == {
        "own": "own",
        "foreign": None,
        "shared": None,
    }
    assert {one["_id"]: one["activity"] and one["activity"]["name"] for one in found} == {
        "own": "own",
        "foreign": None,
        "shared": "shared",
    }
