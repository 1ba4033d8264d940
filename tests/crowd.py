"""Very many past sessions, made inside MongoDB: one user has half of them, hundreds the rest."""

from datetime import UTC, datetime
from typing import Any, Final

import pymongo

from storage.mongo.client import Database

WHALE: Final = "whale"
OTHERS: Final = 997
BEGAN: Final = datetime(2020, 1, 1, tzinfo=UTC)
ROW: Final = 1_000
FILL_S: Final = 600
TOGETHER: Final = 4
"""So many sessions start at the same instant."""
RARE: Final = {
    "goal_id": (0, "goal-rare", "goal-usual"),
    "activity_id": (2, "activity-rare", "activity-usual"),
    "kind": (4, "customer", "xp"),
    "completed_reason": (6, "crash_recovered", "manual"),
    "status": (8, "voided", "completed"),
}
"""Field → which of ten among the oldest is the exception, its value, everybody else's."""


async def fill(db: Database, count: int) -> None:
    """Add `count` sessions, a multiple of 1000, started one after the other.

    What is rare is old, and the whale's: the worst case for a list that is newest first.
    """
    number = {"$add": [{"$multiply": ["$row", ROW]}, "$column"]}
    old = {"$lt": ["$n", count // 20]}
    exceptions = {
        name: {"$cond": [{"$and": [old, {"$eq": [_left("$n", 10), place]}]}, rare, usual]}
        for name, (place, rare, usual) in RARE.items()
    }
    other = {"$concat": ["user-", {"$toString": _left("$n", OTHERS)}]}
    began = {
        "$dateAdd": {
            "startDate": BEGAN,
            "unit": "second",
            "amount": {"$floor": {"$divide": ["$n", TOGETHER]}},
        }
    }
    stages: list[dict[str, Any]] = [
        {"$documents": [{"row": {"$range": [0, count // ROW]}}]},
        {"$unwind": "$row"},
        {"$set": {"column": {"$range": [0, ROW]}}},
        {"$unwind": "$column"},
        {"$set": {"n": number}},
        {
            "$project": {
                "_id": {"$concat": ["s-", {"$toString": "$n"}]},
                "user_id": {"$cond": [{"$eq": [_left("$n", 2), 0]}, WHALE, other]},
                **exceptions,
                "started_at": began,
                "ended_at": began,
                "total_duration_seconds": {"$literal": 60},
                "focused_duration_seconds": {"$literal": 60},
                "xp_total": {"$literal": 0},
            }
        },
        {"$merge": {"into": {"db": db.name, "coll": "sessions"}, "on": "_id"}},
    ]
    # The usual time-out of a query is for those that people wait for.
    with pymongo.timeout(FILL_S):
        await db.aggregate(stages).to_list(None)


def _left(number: str, divisor: int) -> dict[str, Any]:
    return {"$mod": [number, divisor]}
