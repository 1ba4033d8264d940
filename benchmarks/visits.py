"""How fast operators are shown customer sessions when there are very many.

    python benchmarks/visits.py [--visits 100000] [--rounds 50]

A mongod of its own on loopback, with that many ended sessions of 997 users. Every question is asked
as the service asks it, `--rounds` times one after the other, from Python to Python: a page of 50
with names and the count of all that fit, or the figures of a span.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import _machine as machine

from domain.instants import DAY_MS
from realtime.customer_desk import CustomerDesk
from realtime.customer_lists import DeskQuery
from realtime.registry import Registry
from storage import embedded
from storage.mongo.client import Mongo, milliseconds
from storage.mongo.user_search import UserSearch
from storage.mongo.visits import PATHS, Order, Visits
from tests.crowd import BEGAN
from tests.visitors import fill, visit

LIMIT = 50
OPLOG_MB = 64
BEGAN_MS = milliseconds(BEGAN)
Question = Callable[[CustomerDesk], Awaitable[object]]


def main() -> int:
    """Measure, print a table, keep the figures as JSON."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--visits", type=int, default=100_000)
    ask.add_argument("--rounds", type=int, default=50)
    asked = ask.parse_args()
    if asked.visits < 1_000 or asked.rounds < 2:
        sys.stderr.write("--visits: 1000 or more; --rounds: 2 or more\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="sessiond-visits-") as directory:
        figures = asyncio.run(measure(Path(directory), asked.visits, asked.rounds))
    print("| question | p50 ms | p99 ms |\n|---|---|---|")
    for row in figures["rows"]:
        print(f"| {row['question']} | {row['p50_ms']} | {row['p99_ms']} |")
    print(f"\nwritten to {machine.write('visits', figures).relative_to(machine.ROOT)}")
    return 0


async def measure(directory: Path, visits: int, rounds: int) -> dict[str, Any]:
    """The figures of one run."""
    described = machine.described()
    stores = await embedded.start(directory, redis=False, oplog_mb=OPLOG_MB)
    mongo = Mongo(str(stores.mongo_url), "visits")
    try:
        await fill(mongo.db, [visit(number) for number in range(visits)])
        desk = CustomerDesk(Visits(mongo.db), UserSearch(mongo.db), Registry(), lambda: BEGAN_MS)
        rows = [await row(desk, name, one, rounds) for name, one in questions().items()]
    finally:
        mongo.close()
        await stores.stop()
    return {"machine": described, "visits": visits, "rounds": rounds, "rows": rows}


def questions() -> Mapping[str, Question]:
    """What is asked: each order, each filter, figures of a day and of a month."""
    orders = {f"by {by}, descending": listed(DeskQuery(), Order(by=by)) for by in PATHS}
    day = DeskQuery(from_ms=BEGAN_MS + DAY_MS, to_ms=BEGAN_MS + 2 * DAY_MS)
    return orders | {
        "one user": listed(DeskQuery(user_id="user-5"), Order()),
        "one day, by duration": listed(day, Order(by="duration")),
        "search for a name": listed(DeskQuery(text="name 99"), Order()),
        "figures of a day": lambda desk: desk.figures(BEGAN_MS, BEGAN_MS + DAY_MS),
        "figures of 17 days": lambda desk: desk.figures(BEGAN_MS, BEGAN_MS + 17 * DAY_MS),
    }


def listed(query: DeskQuery, order: Order) -> Question:
    """A page of the list."""
    return lambda desk: desk.page(query, order, limit=LIMIT, after=None)


async def row(desk: CustomerDesk, name: str, question: Question, rounds: int) -> dict[str, Any]:
    """What one question costs."""
    taken_ms = []
    for _ in range(rounds):
        began = time.perf_counter()
        await question(desk)
        taken_ms.append(1000 * (time.perf_counter() - began))
    cut = statistics.quantiles(taken_ms, n=100)
    return {"question": name, "p50_ms": round(cut[49], 1), "p99_ms": round(cut[98], 1)}


if __name__ == "__main__":
    sys.exit(main())
