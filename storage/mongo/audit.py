"""Proof of the books: totals, ledger, sessions and days agree, user by user and entry by entry."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from domain.booking import XP_FIELDS
from domain.levels import life_level
from storage.mongo.client import Document, Mongo, translated

BATCH: Final = 1_000
COMPLETED: Final = "sessions_completed"
ENTRIES: Final = "entries"
ENDED: Final = ("completed", "canceled", "voided")
BOOKS: Final[Mapping[str, tuple[Document, tuple[str, ...]]]] = {
    "ledger": ({}, XP_FIELDS),
    # An external end of which nobody has said whose it is, is in nobody's books.
    "sessions": ({"status": "completed", "user_id": {"$type": "string"}}, (*XP_FIELDS, COMPLETED)),
    "days": ({}, XP_FIELDS),
}
"""Collection → (which of its documents count, what their sums must agree on)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of one user that two books give differently; a missing document gives 0."""

    user_id: str
    field: str
    book: str
    amount: int
    other: str
    other_amount: int


class Audit:
    """Compares the books with each other, all as they were at one instant."""

    def __init__(self, mongo: Mongo) -> None:
        self._client = mongo.client
        self._db = mongo.db
        self.users = 0
        self.sessions = 0
        """How many of them have been looked at so far."""

    async def differences(self) -> AsyncGenerator[Difference, None]:
        """Every difference there is: user by user, then session by session. Raises Unavailable.

        Nodes may go on booking meanwhile, since all is read from one snapshot. Sums are made
        in the database and everything is compared in step, so memory stays flat.
        """
        with translated():
            async with await self._client.start_session(snapshot=True) as snapshot:
                async with aclosing(in_step(self._totals(snapshot))) as users:
                    async for user_id, documents in users:
                        self.users += 1
                        for difference in compare_totals(user_id, documents):
                            yield difference
                async with aclosing(in_step(self._records(snapshot))) as sessions:
                    async for session_id, documents in sessions:
                        self.sessions += 1
                        for difference in compare_records(session_id, documents):
                            yield difference

    def _totals(self, snapshot: Any) -> dict[str, AsyncIterator[Document]]:
        shown = dict.fromkeys((*XP_FIELDS, COMPLETED, "life_level"), 1)
        users = self._db.users.find({}, shown, session=snapshot).sort("_id", 1)
        return {
            "users": users.batch_size(BATCH),
            **{name: self._sums(name, snapshot) for name in BOOKS},
        }

    def _records(self, snapshot: Any) -> dict[str, AsyncIterator[Document]]:
        shown = dict.fromkeys((*XP_FIELDS, "user_id", "status"), 1)
        ended = {"status": {"$in": [*ENDED]}, "user_id": {"$type": "string"}}
        db = self._db
        return {
            "session": db.sessions.find(ended, shown, session=snapshot)
            .sort("_id", 1)
            .batch_size(BATCH),
            "entry": db.ledger.find({"voids": None}, shown, session=snapshot)
            .sort("_id", 1)
            .batch_size(BATCH),
            "void": db.ledger.aggregate(
                [
                    {"$match": {"voids": {"$ne": None}}},
                    {"$project": {**shown, "_id": "$voids"}},
                    {"$sort": {"_id": 1}},
                ],
                allowDiskUse=True,
                batchSize=BATCH,
                session=snapshot,
            ),
        }

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


def compare_totals(user_id: str, documents: Mapping[str, Document]) -> list[Difference]:
    """What the books say differently of one user."""
    totals = documents.get("users", {})
    found = [
        difference
        for book, (_, fields) in BOOKS.items()
        for difference in _unlike(
            user_id, fields, ("users", totals), (book, documents.get(book, {}))
        )
    ]
    due = {"life_level": life_level(int(totals.get("xp_total", 0)))}
    level = {"life_level": totals.get("life_level", 1)}
    return found + _unlike(user_id, ("life_level",), ("users", level), ("curve", due))


def compare_records(session_id: str, documents: Mapping[str, Document]) -> list[Difference]:
    """What an ended session, its entry and its void say differently."""
    session = documents.get("session", {})
    user_id = str(next(iter(documents.values()))["user_id"])
    due: dict[str, Document] = {"entry": session, "void": {}}
    if session.get("status") == "voided":
        due["void"] = session | {name: -session[name] for name in XP_FIELDS}
    found = []
    for book, wanted in due.items():
        entry = documents.get(book, {})
        found += _unlike(
            user_id,
            (ENTRIES, *XP_FIELDS),
            (f"session {session_id}", _counted(wanted, user_id)),
            (f"{book} of {session_id}", _counted(entry, user_id)),
        )
    return found


def _counted(document: Document, user_id: str) -> Document:
    """The document as one of its user's; what is not there, or somebody else's, is none."""
    return {**document, ENTRIES: int(document.get("user_id") == user_id)}


def _unlike(
    user_id: str,
    fields: Sequence[str],
    one: tuple[str, Mapping[str, Any]],
    other: tuple[str, Mapping[str, Any]],
) -> list[Difference]:
    found = []
    for field in fields:
        amount, other_amount = int(one[1].get(field, 0)), int(other[1].get(field, 0))
        if amount != other_amount:
            found.append(Difference(user_id, field, one[0], amount, other[0], other_amount))
    return found
