"""Proof of the books: totals, ledger, sessions and days agree, user by user and entry by entry."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any, Final

from domain.booking import AMOUNTS, COUNTED_KINDS, XP_FIELDS
from domain.levels import life_level
from storage.mongo.client import Document, Mongo, translated
from storage.mongo.differences import BATCH, Difference, in_step, summed, unlike
from storage.mongo.focus_audit import (
    compare_enrollment,
    compare_focus_totals,
    enrollment_sources,
    total_sources,
)

COMPLETED: Final = "sessions_completed"
ENTRIES: Final = "entries"
ENDED: Final = ("completed", "canceled", "voided")
FOCUSED: Final = {"$cond": [{"$eq": ["$kind", "focus"]}, "$active_ms", 0]}
COUNTED: Final = {"$cond": [{"$in": ["$kind", sorted(COUNTED_KINDS)]}, 1, 0]}
BOOKS: Final[Mapping[str, tuple[Document, Document]]] = {
    "ledger": ({}, summed(*AMOUNTS)),
    "sessions": (
        # An external end of which nobody has said whose it is, is in nobody's books.
        {"status": "completed", "user_id": {"$type": "string"}},
        {**summed(*XP_FIELDS), "focus_ms": {"$sum": FOCUSED}, COMPLETED: {"$sum": COUNTED}},
    ),
    "days": ({}, summed(*XP_FIELDS)),
}
"""Collection → (which of its documents count, the sums that users' totals must agree with)."""


class Audit:
    """Compares the books with each other, all as they were at one instant."""

    def __init__(self, mongo: Mongo) -> None:
        self._client = mongo.client
        self._db = mongo.db
        self.users = 0
        self.sessions = 0
        self.enrollments = 0
        """How many of them have been looked at so far."""

    async def differences(self) -> AsyncGenerator[Difference, None]:
        """Every difference there is: by user, by session, by enrolment. Raises Unavailable.

        Nodes may go on booking meanwhile, since all is read from one snapshot. Sums are made
        in the database and everything is compared in step, so memory stays flat.
        """
        with translated():
            async with await self._client.start_session(snapshot=True) as snapshot:
                for compared in (self._by_user, self._by_session, self._by_enrollment):
                    async with aclosing(compared(snapshot)) as found:
                        async for difference in found:
                            yield difference

    async def _by_user(self, snapshot: Any) -> AsyncGenerator[Difference, None]:
        sources = self._totals(snapshot) | await total_sources(self._db, snapshot)
        async with aclosing(in_step(sources)) as users:
            async for user_id, documents in users:
                self.users += 1
                for difference in compare_totals(user_id, documents):
                    yield difference
                for difference in compare_focus_totals(user_id, documents):
                    yield difference

    async def _by_session(self, snapshot: Any) -> AsyncGenerator[Difference, None]:
        async with aclosing(in_step(self._records(snapshot))) as sessions:
            async for session_id, documents in sessions:
                self.sessions += 1
                for difference in compare_records(session_id, documents):
                    yield difference

    async def _by_enrollment(self, snapshot: Any) -> AsyncGenerator[Difference, None]:
        async with aclosing(in_step(enrollment_sources(self._db, snapshot))) as enrollments:
            async for enrollment_id, documents in enrollments:
                # Sessions alone: they name what there is not, and were for no day.
                if documents.keys() == {"sessions"}:
                    continue
                self.enrollments += 1
                for difference in compare_enrollment(enrollment_id, documents):
                    yield difference

    def _totals(self, snapshot: Any) -> dict[str, AsyncIterator[Document]]:
        shown = dict.fromkeys((*AMOUNTS, COMPLETED, "life_level"), 1)
        users = self._db.users.find({}, shown, session=snapshot).sort("_id", 1)
        return {
            "users": users.batch_size(BATCH),
            **{name: self._sums(name, snapshot) for name in BOOKS},
        }

    def _records(self, snapshot: Any) -> dict[str, AsyncIterator[Document]]:
        shown = dict.fromkeys((*AMOUNTS, "user_id", "status", "kind", "active_ms"), 1)
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
        match, sums = BOOKS[name]
        return self._db[name].aggregate(
            [{"$match": match}, {"$group": {"_id": "$user_id", **sums}}, {"$sort": {"_id": 1}}],
            allowDiskUse=True,
            batchSize=BATCH,
            session=snapshot,
        )


def compare_totals(user_id: str, documents: Mapping[str, Document]) -> list[Difference]:
    """What the books say differently of one user."""
    totals = documents.get("users", {})
    found = [
        difference
        for book, (_, fields) in BOOKS.items()
        for difference in unlike(
            user_id, fields, ("users", totals), (book, documents.get(book, {}))
        )
    ]
    due = {"life_level": life_level(int(totals.get("xp_total", 0)))}
    level = {"life_level": totals.get("life_level", 1)}
    return found + unlike(user_id, ("life_level",), ("users", level), ("curve", due))


def compare_records(session_id: str, documents: Mapping[str, Document]) -> list[Difference]:
    """What an ended session, its entry and its void say differently."""
    session = documents.get("session", {})
    session = session | {"focus_ms": _focus_ms(session)}
    user_id = str(next(iter(documents.values()))["user_id"])
    due: dict[str, Document] = {"entry": session, "void": {}}
    if session.get("status") == "voided":
        due["void"] = session | {name: -session[name] for name in AMOUNTS}
    found = []
    for book, wanted in due.items():
        entry = documents.get(book, {})
        found += unlike(
            user_id,
            (ENTRIES, *AMOUNTS),
            (f"session {session_id}", _counted(wanted, user_id)),
            (f"{book} of {session_id}", _counted(entry, user_id)),
        )
    return found


def _focus_ms(session: Document) -> int:
    """The time that a session is booked with."""
    counts = session.get("kind") == "focus" and session.get("status") != "canceled"
    return int(session.get("active_ms", 0)) if counts else 0


def _counted(document: Document, user_id: str) -> Document:
    """The document as one of its user's; what is not there, or somebody else's, is none."""
    return {**document, ENTRIES: int(document.get("user_id") == user_id)}
