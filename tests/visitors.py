"""Very many customer sessions that have ended, of some hundred users."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from storage.mongo.client import Database, Document
from storage.mongo.indexes import ensure_indexes
from tests.crowd import BEGAN

USERS: Final = 997


def visit(number: int) -> Document:
    """A visit that has ended, one of four that begin in the same minute."""
    began = BEGAN + timedelta(minutes=number // 4)
    active_ms = number * 7_919 % 3_600_000
    return {
        "_id": f"{number * 2_654_435_761 % 2**32:08x}-{number:012x}",
        "kind": "customer",
        "user_id": f"user-{number % USERS}",
        "status": "canceled" if number % 50 == 0 else "completed",
        "completed_reason": "manual",
        "started_at": began,
        "ended_at": began + timedelta(milliseconds=active_ms),
        "active_ms": active_ms,
        "counters": {
            "messages": number * 31 % 200,
            "conversations": number % 7,
            "responses": 2,
            "response_ms": 2_000,
        },
        "response_times_ms": [number % 1_999 + 1, 1_500],
    }


async def fill(db: Database, made: Sequence[Document]) -> None:
    """Put visits and their users into an empty database, and index it."""
    for start in range(0, len(made), 10_000):
        await db.sessions.insert_many(made[start : start + 10_000], ordered=False)
    named = [{"_id": f"user-{n}", "name": f"Name {n}", "email": f"{n}@x.org"} for n in range(USERS)]
    await db.users.insert_many(named)
    # Last: built at once they take half the time.
    await ensure_indexes(db)
