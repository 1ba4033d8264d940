"""What is to be told of a change, kept in the change's own transaction until it has been told."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING

from storage.mongo.client import Database, instant, translated
from storage.mongo.transactions import Transaction

Frame = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Announcement:
    """Frames for one user's sockets, in order."""

    id: str
    user_id: str
    frames: tuple[Frame, ...]


class Announcements:
    """The collection `announcements`; raises `Unavailable` while MongoDB is away."""

    def __init__(self, db: Database) -> None:
        self._announcements = db["announcements"]

    async def claim(self, user_id: str, now: int, lease_ms: int) -> list[Announcement]:
        """Take what the user is to be told, in the order in which it happened.

        Nobody else takes it for `lease_ms`, in which it is to be told.
        """
        claim = secrets.token_hex(8)
        taken = {"claim": claim, "claimed_until": instant(now + lease_ms)}
        with translated():
            done = await self._announcements.update_many(
                {"user_id": user_id, **_free(now)}, {"$set": taken}
            )
            if not done.modified_count:
                return []
            cursor = self._announcements.find({"user_id": user_id, "claim": claim})
            found = await cursor.sort([("at", ASCENDING), ("rev", ASCENDING)]).to_list(None)
        return [Announcement(each["_id"], user_id, tuple(each["frames"])) for each in found]

    async def overdue(self, now: int, late_ms: int, limit: int) -> list[str]:
        """Users to whom something has not been told for `late_ms`, the oldest first."""
        query = {"at": {"$lt": instant(now - late_ms)}, **_free(now)}
        with translated():
            cursor = self._announcements.find(query, {"user_id": 1}).sort("at", ASCENDING)
            found = await cursor.to_list(limit)
        return [*dict.fromkeys(each["user_id"] for each in found)]

    async def told(self, announced: Sequence[Announcement]) -> None:
        """These have been told; repeating changes nothing."""
        with translated():
            await self._announcements.delete_many({"_id": {"$in": [one.id for one in announced]}})


def _free(now: int) -> Mapping[str, Any]:
    """What nobody is about to tell."""
    return {"$or": [{"claimed_until": None}, {"claimed_until": {"$lte": instant(now)}}]}


async def announce(
    db: Database,
    user_id: str,
    frames: Sequence[Frame],
    *,
    at: int,
    rev: int = 0,
    transaction: Transaction,
) -> None:
    """Keep frames to be told once the transaction is committed; `at` (ms) and `rev` order them."""
    await db["announcements"].insert_one(
        {
            "_id": secrets.token_hex(12),
            "user_id": user_id,
            "at": instant(at),
            "rev": rev,
            "frames": [dict(frame) for frame in frames],
        },
        session=transaction,
    )
