"""How fast past sessions are listed when there are very many, and what MongoDB reads for it.

    python benchmarks/history.py [--sessions 1000000] [--rounds 200]

A mongod of its own on loopback. The sessions are made inside it: one user has half of them, and
what the filters look for is rare and old, which is the worst case for a list that is newest first.
For each filter the query of the first page (50 sessions) is explained, and then asked as the
service asks it, `--rounds` times one after the other, from Python to Python, with the names of
goals and activities. `index` is what MongoDB chose by itself; `keys` and `docs` are what it read
for the page and the one session that tells whether there is another; `deep` is a page that begins
a hundred pages later.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import _machine as machine

from storage import embedded
from storage.mongo.catalogue import Position
from storage.mongo.client import Mongo, instant, milliseconds
from storage.mongo.history import NEWEST_FIRST, History, Selection, dated
from storage.mongo.indexes import ensure_indexes
from tests.crowd import BEGAN, TOGETHER, WHALE, fill

LIMIT = 50
OPLOG_MB = 64
FILTERS: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "rare goal": {"goal_id": "goal-rare"},
    "usual goal": {"goal_id": "goal-usual"},
    "rare activity": {"activity_id": "activity-rare"},
    "rare kind": {"kind": "customer"},
    "rare reason": {"reason": "crash_recovered"},
    "status voided": {"status": "voided"},
    "status all": {"status": "all"},
    "goal, kind": {"goal_id": "goal-rare", "kind": "xp"},
    "goal, activity": {"goal_id": "goal-rare", "activity_id": "activity-usual"},
    "activity, reason": {"activity_id": "activity-rare", "reason": "manual"},
}


def main() -> int:
    """Measure, print a table, keep the figures as JSON."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--sessions", type=int, default=1_000_000, help="in thousands")
    ask.add_argument("--rounds", type=int, default=200)
    asked = ask.parse_args()
    if asked.sessions < 20_000 or asked.sessions % 1000 or asked.rounds < 2:
        sys.stderr.write("--sessions: 20000 or more, in thousands; --rounds: 2 or more\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="sessiond-history-") as directory:
        figures = asyncio.run(measure(Path(directory), asked.sessions, asked.rounds))
    print(table(figures))
    print(f"\nwritten to {machine.write('history', figures).relative_to(machine.ROOT)}")
    return 0


async def measure(directory: Path, sessions: int, rounds: int) -> dict[str, Any]:
    """The figures of one run."""
    described = machine.described()
    stores = await embedded.start(directory, redis=False, oplog_mb=OPLOG_MB)
    mongo = Mongo(str(stores.mongo_url), "history")
    try:
        began = time.perf_counter()
        await fill(mongo.db, sessions)
        filled = time.perf_counter()
        await ensure_indexes(mongo.db)
        indexed = time.perf_counter()
        rows = [await row(mongo, name, wanted, rounds) for name, wanted in cases(sessions)]
    finally:
        mongo.close()
        await stores.stop()
    return {
        "machine": described,
        "sessions": sessions,
        "rounds": rounds,
        "fill_s": round(filled - began, 1),
        "index_s": round(indexed - filled, 1),
        "rows": rows,
    }


def cases(sessions: int) -> Iterator[tuple[str, tuple[Selection, Position | None]]]:
    """What is asked: each filter, a span in the middle, and a page deep down."""
    for name, wanted in FILTERS.items():
        yield name, (Selection(**wanted), None)
    middle = milliseconds(BEGAN) + sessions // TOGETHER // 2 * 1000
    yield "from, to", (Selection(from_ms=middle, to_ms=middle + 3_600_000), None)
    # The whale has every other session.
    place = sessions - 100 * LIMIT * 2
    at = instant(milliseconds(BEGAN) + place // TOGETHER * 1000)
    yield "none, deep", (Selection(), Position(created_at=at, id=f"s-{place}"))


async def row(
    mongo: Mongo, name: str, wanted: tuple[Selection, Position | None], rounds: int
) -> dict[str, Any]:
    """What one filter costs."""
    selection, after = wanted
    find = {
        "find": "sessions",
        "filter": dated(WHALE, selection, after),
        "sort": dict(NEWEST_FIRST),
        "limit": LIMIT + 1,
    }
    told = await mongo.db.command("explain", find, verbosity="executionStats")
    plan, ran = told["queryPlanner"]["winningPlan"], told["executionStats"]
    history, taken_ms = History(mongo.db), []
    for _ in range(rounds):
        began = time.perf_counter()
        await history.page(WHALE, selection, limit=LIMIT, after=after)
        taken_ms.append(1000 * (time.perf_counter() - began))
    cut = statistics.quantiles(taken_ms, n=100)
    return {
        "filter": name,
        "index": ", ".join(sorted(set(values(plan, "indexName")))),
        "sorts": "SORT" in set(values(plan, "stage")),
        "keys": ran["totalKeysExamined"],
        "docs": ran["totalDocsExamined"],
        "given": ran["nReturned"],
        "p50_ms": round(cut[49], 2),
        "p99_ms": round(cut[98], 2),
    }


def values(plan: Any, name: str) -> Iterator[str]:
    """Everything of this name in a plan."""
    if isinstance(plan, Mapping):
        yield from ([plan[name]] if name in plan else [])
        plan = list(plan.values())
    if isinstance(plan, list):
        for part in plan:
            yield from values(part, name)


def table(figures: Mapping[str, Any]) -> str:
    """The figures as Markdown."""
    names = ("filter", "index", "sorts", "keys", "docs", "given", "p50_ms", "p99_ms")
    lines = [
        f"{figures['sessions']:,} sessions, filled in {figures['fill_s']} s,"
        f" indexed in {figures['index_s']} s",
        "",
        f"| {' | '.join(names)} |",
        f"|{'---|' * len(names)}",
        *(f"| {' | '.join(str(row[name]) for name in names)} |" for row in figures["rows"]),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
