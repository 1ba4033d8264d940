"""Notices that wait to be sent, each under a key that lets it in once."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from domain.notices import Notice
from storage.mongo.client import Database, Document, instant, milliseconds, translated
from storage.mongo.transactions import Transaction

GRACE_S: Final = 7 * 86_400
"""How long after its end a notice is kept, so that a repeat under its key finds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A notice that one node has taken; `claim` proves it, `settled` are subscriptions served."""

    key: str
    claim: str
    tries: int
    settled: frozenset[str]
    document: Document = field(repr=False)

    def notice(self) -> Notice:
        """What is to be told; raises LookupError, TypeError or ValueError if it is no notice."""
        kept = self.document
        return Notice(
            user_id=kept["user_id"],
            kind=kept["kind"],
            title=kept["title"],
            body=kept["body"],
            url=kept["url"],
            tag=kept["tag"],
            due_at=milliseconds(kept["due_at"]),
            expires_at=milliseconds(kept["expires_at"]),
        )


async def add_notice(
    db: Database, notice: Notice, *, key: str, transaction: Transaction | None = None
) -> None:
    """Let a notice be sent from its `due_at` on; under a key that was used before, do nothing.

    In a transaction it is sent if that commits, and what the driver raises is the caller's.
    Without one it raises Unavailable while MongoDB is away.
    """
    # Not an insert: a duplicate key would end the caller's transaction.
    change = {"$setOnInsert": _document(notice)}
    if transaction is not None:
        await db["notices"].update_one({"_id": key}, change, upsert=True, session=transaction)
        return
    try:
        with translated():
            await db["notices"].update_one({"_id": key}, change, upsert=True)
    except DuplicateKeyError:
        return  # Somebody else added it at the same moment.


class Notices:
    """The collection `notices`; every method raises Unavailable while MongoDB is away.

    `next_at` is when somebody should take the notice: its due time, then the end of a claim
    or of a pause. A notice that is done has none, and stays until it expires.
    """

    def __init__(self, db: Database, clock: Callable[[], int]) -> None:
        """Take the database and a clock of epoch milliseconds."""
        self._db = db
        self._notices = db["notices"]
        self._clock = clock

    async def add(self, notice: Notice, *, key: str) -> None:
        """Let a notice be sent once, however often it is added under the key."""
        await add_notice(self._db, notice, key=key)

    async def claim(self, lease_ms: int) -> Claimed | None:
        """Take the notice that has been due for longest; after `lease_ms` others may take it."""
        now, claim = self._clock(), secrets.token_hex(8)
        with translated():
            document = await self._notices.find_one_and_update(
                {"next_at": {"$lte": instant(now)}},
                {"$set": {"next_at": instant(now + lease_ms), "claim": claim}},
                sort=[("next_at", ASCENDING)],
            )
        return _claimed_if(document, claim)

    async def settle(self, claimed: Claimed, subscription_id: str) -> None:
        """Remember that this subscription needs no further try."""
        await self._change(claimed, {"$addToSet": {"settled": subscription_id}})

    async def postpone(self, claimed: Claimed, next_at: int) -> None:
        """Let it be taken again from an instant on, ms."""
        change = {"$set": {"next_at": instant(next_at)}, "$inc": {"tries": 1}}
        await self._change(claimed, {**change, "$unset": {"claim": ""}})

    async def finish(self, claimed: Claimed) -> None:
        """Nobody needs to take it again."""
        await self._change(
            claimed,
            {"$unset": {"next_at": "", "claim": ""}, "$set": {"done_at": instant(self._clock())}},
        )

    async def _change(self, claimed: Claimed, change: Document) -> None:
        # Whoever took it after this claim had run out now decides what becomes of it.
        with translated():
            await self._notices.update_one({"_id": claimed.key, "claim": claimed.claim}, change)


def _claimed_if(document: Document | None, claim: str) -> Claimed | None:
    if document is None:
        return None
    return Claimed(
        key=document["_id"],
        claim=claim,
        tries=document.get("tries", 0),
        settled=frozenset(document.get("settled", ())),
        document=document,
    )


def _document(notice: Notice) -> Document:
    return {
        "user_id": notice.user_id,
        "kind": notice.kind,
        "title": notice.title,
        "body": notice.body,
        "url": notice.url,
        "tag": notice.tag,
        "due_at": instant(notice.due_at),
        "expires_at": instant(notice.expires_at),
        "next_at": instant(notice.due_at),
        "tries": 0,
    }
