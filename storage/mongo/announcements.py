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

    async def waiting(self, user_id: str) -> list[Announcement]:
        """What the user is to be told, in the order in which it happened."""
        with translated():
            cursor = self._announcements.find({"user_id": user_id})
            found = await cursor.sort([("at", ASCENDING), ("rev", ASCENDING)]).to_list(None)
        return [Announcement(each["_id"], user_id, tuple(each["frames"])) for each in found]

    async def overdue(self, before_ms: int, limit: int) -> list[str]:
        """Users to whom something of before this instant has not been told, the oldest first."""
        query = {"at": {"$lt": instant(before_ms)}}
        with translated():
            cursor = self._announcements.find(query, {"user_id": 1}).sort("at", ASCENDING)
            found = await cursor.to_list(limit)
        return [*dict.fromkeys(each["user_id"] for each in found)]

    async def told(self, announced: Sequence[Announcement]) -> None:
        """These have been told; repeating changes nothing."""
        with translated():
            await self._announcements.delete_many({"_id": {"$in": [one.id for one in announced]}})


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
