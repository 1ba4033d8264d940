"""How MongoDB answers what operators ask of 100,000 customer sessions: from an index."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from config.settings import Settings
from domain.customer import percentile
from domain.instants import MINUTE_MS
from realtime.customer_desk import CustomerDesk
from realtime.customer_lists import DeskQuery
from realtime.registry import Registry
from storage.mongo.client import Mongo, instant, milliseconds
from storage.mongo.user_search import UserSearch
from storage.mongo.visits import PATHS, Order, Visits, VisitsWanted, matching
from tests.crowd import BEGAN
from tests.visitors import USERS, fill, visit

COUNT = 100_000
LIMIT = 50
DEEP = 1_500
BEGAN_MS = milliseconds(BEGAN)
DAY_MS = 24 * 60 * MINUTE_MS
EACH = COUNT // USERS + 1
"""Visits of one user."""


@pytest.fixture
def made() -> list[dict[str, Any]]:
    return [visit(number) for number in range(COUNT)]


@pytest.fixture
def mongo(io_loop: IOLoop, settings: Settings, made: list[dict[str, Any]]) -> Iterator[Mongo]:
    connected = Mongo(str(settings.mongo_url), settings.mongo_db)
    io_loop.run_sync(lambda: fill(connected.db, made))
    # What is read must not grow with what else there is.
    others = [{**one, "_id": f"xp-{one['_id']}", "kind": "xp"} for one in made[:20_000]]
    io_loop.run_sync(lambda: connected.db.sessions.insert_many(others, ordered=False))
    yield connected
    connected.close()


async def cost(mongo: Mongo, query: dict[str, Any], order: Order) -> tuple[str, int, int]:
    """The plan as text, and how many keys and documents were read for a page."""
    direction = -1 if order.descending else 1
    find = {
        "find": "sessions",
        "filter": query,
        "sort": {PATHS[order.by]: direction, "_id": direction},
        "limit": LIMIT + 1,
    }
    told = await mongo.db.command("explain", find, verbosity="executionStats")
    ran = told["executionStats"]
    plan = str(told["queryPlanner"]["winningPlan"])
    return plan, ran["totalKeysExamined"], ran["totalDocsExamined"]


@pytest.mark.slow
@pytest.mark.gen_test(timeout=60)
async def test_lists_and_figures_of_very_many_visits(
    mongo: Mongo, made: list[dict[str, Any]]
) -> None:
    await check_orders(mongo)
    await check_filters(mongo)
    await check_counts(mongo)
    await check_sums(mongo, made)


async def check_orders(mongo: Mongo) -> None:
    """Every order reads a page, and no more, wherever the page is."""
    visits = Visits(mongo.db)
    for by in PATHS:
        for descending in (True, False):
            order = Order(by=by, descending=descending)
            first = await visits.first(VisitsWanted(), order, limit=DEEP, after=None)
            for after in (None, order.position(first[0]), order.position(first[-1])):
                plan, keys, read = await cost(mongo, matching(VisitsWanted(), order, after), order)
                assert "'COLLSCAN'" not in plan, order
                assert "'SORT'" not in plan, order
                # One ahead in each of two stretches.
                assert read <= LIMIT + 2, (order, read)
                assert keys <= 2 * LIMIT, (order, keys)
            assert first == sorted(first, key=order.key, reverse=descending)


async def check_filters(mongo: Mongo) -> None:
    """A filter reads what fits it, in whatever order."""
    day = VisitsWanted(from_ms=BEGAN_MS + 3 * DAY_MS, to_ms=BEGAN_MS + 4 * DAY_MS)
    fitting: list[tuple[VisitsWanted, int]] = [
        (VisitsWanted(user_ids=("user-5",)), EACH),
        (VisitsWanted(user_ids=[f"user-{n}" for n in range(10)]), 10 * EACH),
        (replace(day, user_ids=("user-5",)), EACH),
        (VisitsWanted(id_prefix=visit(77)["_id"][:8]), 5),
        (day, 4 * 24 * 60),
    ]
    for wanted, count in fitting:
        for by in PATHS:
            for descending in (True, False):
                order = Order(by=by, descending=descending)
                plan, _, read = await cost(mongo, matching(wanted, order), order)
                assert "'COLLSCAN'" not in plan, (wanted, order)
                # What is rare among all may also be come by in their order.
                assert read <= max(count, 2 * LIMIT), (wanted, order, read)


async def check_counts(mongo: Mongo) -> None:
    """Whatever is counted or summed up, sessions of other kinds are not looked at."""
    everything = await ran(mongo, {"count": "sessions", "query": matching(VisitsWanted())})
    assert (everything["totalKeysExamined"], everything["totalDocsExamined"]) == (COUNT + 1, 0)
    day = VisitsWanted(from_ms=BEGAN_MS + 3 * DAY_MS, to_ms=BEGAN_MS + 4 * DAY_MS)
    span = await ran(mongo, {"count": "sessions", "query": matching(day)})
    assert (span["totalKeysExamined"], span["totalDocsExamined"]) == (4 * 24 * 60 + 1, 0)
    summed = {"aggregate": "sessions", "pipeline": [{"$match": matching(day)}], "cursor": {}}
    assert (await ran(mongo, summed))["totalDocsExamined"] == 4 * 24 * 60


async def ran(mongo: Mongo, command: dict[str, Any]) -> dict[str, Any]:
    """How the command went."""
    told = await mongo.db.command("explain", command, verbosity="executionStats")
    return dict(told["executionStats"])


async def check_sums(mongo: Mongo, made: list[dict[str, Any]]) -> None:
    """Totals, counts and percentiles are those of the visits."""
    visits = Visits(mongo.db)
    mine = [one for n, one in enumerate(made) if n % USERS == 5 and n % 50]
    totals = await visits.totals(VisitsWanted(user_ids=("user-5",), statuses=("completed",)))
    desk = CustomerDesk(visits, UserSearch(mongo.db), Registry(), lambda: BEGAN_MS + 40 * DAY_MS)
    found = await desk.page(DeskQuery(text="name 99"), Order(), limit=5, after=None)
    began, ended = BEGAN_MS + DAY_MS, BEGAN_MS + 11 * DAY_MS
    figures = await desk.figures(began, ended)
    among = [one for one in made if began <= milliseconds(one["started_at"]) < ended]

    assert totals.visits == len(mine)
    assert totals.duration_ms == sum(one["active_ms"] for one in mine)
    assert totals.messages == sum(one["counters"]["messages"] for one in mine)
    # 99, and 990 to 996.
    assert found.total == sum(n % USERS in (99, *range(990, 997)) for n in range(COUNT))
    assert {row.name for row in found.rows} <= {f"Name {n}" for n in (99, *range(990, 997))}
    assert len(among) == sum(figures.per_hour.values())
    assert len(among) == sum(times for _, times in figures.durations)
    assert set(figures.per_hour.values()) == {240}
    assert sum(times for _, times in figures.response_times) == 2 * len(among)
    told = sorted(ms for one in among for ms in one["response_times_ms"])
    assert percentiles(figures.response_times) == [
        told[len(told) * percent // 100 - 1] for percent in (50, 90, 99)
    ]
    assert instant(began) == BEGAN + timedelta(days=1)


def percentiles(distribution: Any) -> list[int | None]:
    return [percentile(distribution, percent) for percent in (50, 90, 99)]
