"""Challenges, matches and buddy sessions, and how a session is changed: with the word of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pymongo import ASCENDING

from domain.buddy import SIDES, BuddyChange, BuddyRule, BuddySession, Challenge, Match
from domain.buddy_views import People, buddy_view
from domain.errors import KeyReused, NotFound
from storage.mongo.announcements import announce
from storage.mongo.buddy_records import (
    challenge_document,
    challenge_from,
    match_document,
    match_from,
    session_document,
    session_from,
)
from storage.mongo.catalogue import Position, insert_once, page
from storage.mongo.client import Database, Document, Mongo, instant, translated
from storage.mongo.queues import Queues
from storage.mongo.transactions import Transaction, Transactions

QUEUE_MAX: Final = 128
"""So many changes of one session wait on a node; more are told to come back."""


class Challenges:
    """The collection `challenges`; raises Unavailable while MongoDB is away."""

    def __init__(self, db: Database) -> None:
        self._challenges = db["challenges"]

    async def create(self, challenge: Challenge, digest: str) -> Challenge:
        """Add one, once per id. Raises KeyReused."""
        document = {**challenge_document(challenge), "body_digest": digest}
        return challenge_from(await insert_once(self._challenges, document))

    async def newest(
        self, *, limit: int, after: Position | None
    ) -> tuple[list[Challenge], Position | None]:
        """A page of all of them, newest first."""
        found, following = await page(self._challenges, {}, limit=limit, after=after)
        return [challenge_from(one) for one in found], following

    async def known(
        self, ids: Sequence[str], transaction: Transaction | None = None
    ) -> Mapping[str, Challenge]:
        """Those of the challenges that there are, by id."""
        wanted = sorted(set(ids))
        with translated(transaction):
            cursor = self._challenges.find({"_id": {"$in": wanted}}, session=transaction)
            found = await cursor.batch_size(len(wanted) + 1).to_list(len(wanted))
        return {one["_id"]: challenge_from(one) for one in found}


class Matches:
    """The collection `matches`; raises Unavailable while MongoDB is away."""

    def __init__(self, db: Database) -> None:
        self._matches = db["matches"]

    async def create(self, match: Match, digest: str) -> Match:
        """Add one, once per id. Raises KeyReused."""
        document = {**match_document(match), "body_digest": digest}
        return match_from(await insert_once(self._matches, document))

    async def newest(
        self, user_id: str | None, *, limit: int, after: Position | None
    ) -> tuple[list[Match], Position | None]:
        """A page of all of them, or of somebody's, newest first."""
        query = {} if user_id is None else {"users": user_id}
        found, following = await page(self._matches, query, limit=limit, after=after)
        return [match_from(one) for one in found], following

    async def get(self, match_id: str) -> Match:
        """One of them. Raises NotFound."""
        with translated():
            found = await self._matches.find_one({"_id": match_id})
        if found is None:
            raise NotFound("There is no such match.")
        return match_from(found)


class Buddies:
    """The collection `buddy_sessions`, and the only writer of it.

    A session is written with every change, so of two changes at once the later one meets a
    write conflict, and is decided anew on what the first one left.
    """

    def __init__(self, mongo: Mongo, clock: Callable[[], int], *, timeout_s: float) -> None:
        """`clock` is in ms; `timeout_s` bounds one change."""
        self._clock = clock
        self._transactions = Transactions(mongo, timeout_s)
        self._db = mongo.db
        self._sessions = mongo.db["buddy_sessions"]
        self._challenges = Challenges(mongo.db)
        self._queues = Queues(QUEUE_MAX)

    async def create(
        self, session: BuddySession, digest: str, by: str
    ) -> tuple[BuddySession, bool]:
        """Add a session, once per id, and let both be told; whether it is new.

        Raises KeyReused if another request, by its digest, made one of this id.
        """
        made: list[tuple[BuddySession, bool]] = []

        async def work(transaction: Transaction) -> None:
            known = await self._sessions.find_one({"_id": session.id}, session=transaction)
            if known is None:
                document = {**session_document(session), "body_digest": digest}
                await self._sessions.insert_one(document, session=transaction)
                await self._announce(BuddyChange(session, ("scheduled",)), by, transaction)
            elif known["body_digest"] != digest:
                raise KeyReused("This Idempotency-Key belongs to a request with another body.")
            made[:] = [(session_from(known), False) if known else (session, True)]

        await self._transactions.insist(work)
        return made[0]

    async def get(self, session_id: str) -> BuddySession:
        """One of them, whoever's it is. Raises NotFound."""
        with translated():
            found = await self._sessions.find_one({"_id": session_id})
        return session_from(_found(found))

    async def exists(self, session_id: str) -> bool:
        """Whether an earlier try has made one under this id."""
        with translated():
            return await self._sessions.find_one({"_id": session_id}, {"_id": 1}) is not None

    async def of_user(
        self, user_id: str, status: str | None, *, limit: int, after: Position | None
    ) -> tuple[list[BuddySession], Position | None]:
        """A page of what somebody takes part in, the latest appointment first.

        `status` is what it is now, also where nobody has noticed that a window has closed.
        """
        query = {"users": user_id, **_as_of(status, self._clock())}
        found, following = await page(
            self._sessions, query, limit=limit, after=after, by="scheduled_at"
        )
        return [session_from(one) for one in found], following

    async def change(self, session_id: str, rule: BuddyRule, by: str | None = None) -> BuddyChange:
        """Apply a rule, and let both be told of what it changed; `by` is who asked for it.

        The clock is read when it is decided, and changes follow each other in time also where
        nodes' clocks differ. Raises NotFound, what the rule raises, and Unavailable.
        """
        made: list[BuddyChange] = []

        async def work(transaction: Transaction) -> None:
            document = _found(
                await self._sessions.find_one({"_id": session_id}, session=transaction)
            )
            before = session_from(document)
            now = max(self._clock(), before.changed_at)
            change = rule(before, now)
            if change.events:
                session = replace(change.session, rev=before.rev + 1, changed_at=now)
                change = replace(change, session=session)
                digest = {"body_digest": document["body_digest"]}
                await self._sessions.replace_one(
                    {"_id": session_id}, session_document(session) | digest, session=transaction
                )
                await self._announce(change, by, transaction)
            made[:] = [change]

        async with self._queues.turn(session_id):
            await self._transactions.insist(work)
        return made[0]

    async def due(self, limit: int) -> list[str]:
        """Ids of sessions whose window has closed and that nobody has ended yet."""
        with translated():
            closed = {"closes_at": {"$lte": instant(self._clock())}}
            cursor = self._sessions.find(closed, {"_id": 1})
            found = await cursor.sort("closes_at", ASCENDING).to_list(limit)
        return [one["_id"] for one in found]

    async def people(
        self, sessions: Sequence[BuddySession], transaction: Transaction | None = None
    ) -> People:
        """The names and challenges that views of these sessions show."""
        users = sorted({user_id for session in sessions for user_id in session.users})
        ids = [session.part(side).challenge_id for session in sessions for side in SIDES]
        challenges = await self._challenges.known(ids, transaction)
        with translated(transaction):
            cursor = self._db.users.find({"_id": {"$in": users}}, {"name": 1}, session=transaction)
            found = await cursor.batch_size(len(users) + 1).to_list(len(users))
        return People({one["_id"]: one.get("name", "") for one in found}, challenges)

    async def _announce(
        self, change: BuddyChange, by: str | None, transaction: Transaction
    ) -> None:
        session, now = change.session, change.session.changed_at
        people = await self.people([session], transaction)
        shown = buddy_view(session, people, now)
        frames: list[Mapping[str, Any]] = [
            {"type": "buddy", "event": event, "at": now, "by": by, "session": shown}
            for event in change.events
        ]
        for user_id in session.users:
            await announce(
                self._db, user_id, frames, at=now, rev=session.rev, transaction=transaction
            )


def _as_of(status: str | None, now: int) -> Document:
    """The condition for a status that follows from the instant as well."""
    if status == "scheduled":
        return {"status": status, "closes_at": {"$gt": instant(now)}}
    if status == "expired":
        closed = {"status": "scheduled", "closes_at": {"$lte": instant(now)}}
        return {"$or": [{"status": status}, closed]}
    return {} if status is None else {"status": status}


def _found(document: Document | None) -> Document:
    if document is None:
        raise NotFound("Session not found.")
    return document
