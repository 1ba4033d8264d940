"""Outbox writers on real stores, and what they have left in MongoDB."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from config.settings import Settings
from domain.levels import life_level
from domain.rates import DIMENSIONS
from realtime.settling import OutboxWriter
from storage.mongo.client import Database, Mongo
from storage.mongo.indexes import ensure_indexes
from storage.mongo.settle import Ledger
from storage.redis.outbox import Entry
from tests.engines import Side

XP = ("xp_total", *(f"xp_{name}" for name in DIMENSIONS))


@dataclass
class Boards:
    """Notes what is refreshed and what is owed; fails as long as it has a fault."""

    fault: Exception | None = None
    refreshed: list[tuple[str, int]] = field(default_factory=list)
    owed: list[tuple[str, int]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    async def refresh(self, user_id: str, at_ms: int) -> None:
        if self.fault is not None:
            raise self.fault
        self.refreshed.append((user_id, at_ms))

    async def tell(self, user_id: str) -> None:
        self.told.append(user_id)

    def owe(self, user_id: str, at_ms: int) -> None:
        self.owed.append((user_id, at_ms))


@dataclass(frozen=True, kw_only=True)
class Settler:
    """One node's outbox writer, and the stores it writes from and to."""

    side: Side
    ledger: Ledger
    writer: OutboxWriter
    boards: Boards
    db: Database

    async def fresh(self, consumer: str = "me") -> list[Entry]:
        """Entries nobody has taken, taken by the consumer."""
        return await self.side.outbox.read(self.side.keys, consumer, count=1000, block_ms=1)


@asynccontextmanager
async def settler(
    settings: Settings, clock: Callable[[], int], side: Side, *, attempts: int = 2
) -> AsyncIterator[Settler]:
    """A writer that gives up after so many attempts and takes over at once."""
    mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
    await ensure_indexes(mongo.db)
    await side.outbox.ensure_group(side.keys)
    ledger = Ledger(mongo, clock)
    boards = Boards()
    writer = OutboxWriter(
        side.outbox,
        side.store,
        ledger,
        boards,
        clock,
        announcer=boards,
        attempts=attempts,
        claim_idle_ms=0,
    )
    try:
        yield Settler(side=side, ledger=ledger, writer=writer, boards=boards, db=mongo.db)
    finally:
        mongo.close()


async def check_books(db: Database) -> dict[str, int]:
    """Every user's totals are the sums of their ledger; returns the XP of each."""
    sums: dict[str, dict[str, int]] = {}
    async for entry in db.ledger.find():
        document = await db.sessions.find_one({"_id": entry["_id"]})
        assert document is not None
        assert [entry[name] for name in XP] == [document[name] for name in XP]
        assert entry["xp_total"] == sum(entry[name] for name in XP[1:])
        of_user = sums.setdefault(entry["user_id"], dict.fromkeys((*XP, "completed"), 0))
        for name in XP:
            of_user[name] += entry[name]
        of_user["completed"] += document["status"] == "completed"
    found: dict[str, Any] = {user["_id"]: user async for user in db.users.find()}
    for user_id, of_user in sums.items():
        user = found[user_id]
        assert {name: user[name] for name in XP} == {name: of_user[name] for name in XP}
        assert user["sessions_completed"] == of_user["completed"]
        assert user["life_level"] == life_level(of_user["xp_total"])
    assert await db.ledger.count_documents({}) == await db.sessions.count_documents({})
    return {user_id: of_user["xp_total"] for user_id, of_user in sums.items()}
