"""Proof of the books: every user's totals, against the ledger, the sessions and the days."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from domain.booking import XP_FIELDS
from domain.levels import life_level
from storage.mongo.client import Document, Mongo, translated

BATCH: Final = 1_000
COMPLETED: Final = "sessions_completed"
BOOKS: Final[Mapping[str, tuple[Document, tuple[str, ...]]]] = {
    "ledger": ({}, XP_FIELDS),
    # An external end of which nobody has said whose it is, is in nobody's books.
    "sessions": ({"status": "completed", "user_id": {"$type": "string"}}, (*XP_FIELDS, COMPLETED)),
    "days": ({}, XP_FIELDS),
}
"""Collection → (which of its documents count, what their sums must agree on)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of one user on which two books do not agree."""

    user_id: str
    field: str
    totals: int
    """What the user's own document says."""
    book: str
    """Which book says otherwise: `ledger`, `sessions`, `days`, or `level` for the curve."""
    found: int


class Audit:
    """Compares the books with each other, all as they were at one instant."""

    def __init__(self, mongo: Mongo) -> None:
        self._client = mongo.client
        self._db = mongo.db
        self.users = 0
        """How many users have been looked at so far."""

    async def differences(self) -> AsyncGenerator[Difference, None]:
        """Every difference there is, user by user. Raises Unavailable.

        Nodes may go on booking meanwhile, since all is read from one snapshot. Sums are made
        in the database and compared in step, so memory stays flat.
        """
        with translated():
            async with await self._client.start_session(snapshot=True) as snapshot:
                users = self._db.users.find({}, session=snapshot).sort("_id", 1).batch_size(BATCH)
                books = {name: self._sums(name, snapshot) for name in BOOKS}
                async with aclosing(in_step({"users": users, **books})) as found:
                    async for user_id, documents in found:
                        self.users += 1
                        for difference in compare(user_id, documents):
                            yield difference

    def _sums(self, name: str, snapshot: Any) -> AsyncIterator[Document]:
        match, fields = BOOKS[name]
        sums: Document = {
            field: {"$sum": 1 if field == COMPLETED else f"${field}"} for field in fields
        }
        return self._db[name].aggregate(
            [{"$match": match}, {"$group": {"_id": "$user_id", **sums}}, {"$sort": {"_id": 1}}],
            allowDiskUse=True,
            batchSize=BATCH,
            session=snapshot,
        )


async def in_step(
    sources: Mapping[str, AsyncIterator[Document]],
) -> AsyncGenerator[tuple[str, dict[str, Document]], None]:
    """For each `_id` in turn, the documents that the sources have of it.

    Each source must be ascending by `_id`.
    """
    heads: dict[str, Document] = {}
    waiting = dict(sources)
    while True:
        for name in [name for name in waiting if name not in heads]:
            head = await anext(waiting[name], None)
            if head is None:
                del waiting[name]
            else:
                heads[name] = head
        if not heads:
            return
        # Both sides order strings by code point.
        first = min(head["_id"] for head in heads.values())
        yield first, {name: heads.pop(name) for name in list(heads) if heads[name]["_id"] == first}


def compare(user_id: str, documents: Mapping[str, Document]) -> list[Difference]:
    """What the books say differently of one user; a missing document counts as zeros."""
    totals = documents.get("users", {})
    found = []
    for book, (_, fields) in BOOKS.items():
        summed = documents.get(book, {})
        for field in fields:
            told, counted = int(totals.get(field, 0)), int(summed.get(field, 0))
            if told != counted:
                found.append(Difference(user_id, field, told, book, counted))
    level, due = int(totals.get("life_level", 1)), life_level(int(totals.get("xp_total", 0)))
    if level != due:
        found.append(Difference(user_id, "life_level", level, "level", due))
    return found
