"""Calendar feeds: a secret address for each user who wants one."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

from pymongo.errors import DuplicateKeyError

from domain.errors import Unavailable
from storage.mongo.client import Database, instant, milliseconds, translated

TOKEN_BYTES: Final = 32


class CalendarFeeds:
    """The collection `calendar_feeds`; every method raises Unavailable while MongoDB is away.

    Only digests of tokens are kept: who reads the database can subscribe to nothing.
    """

    def __init__(self, db: Database, clock: Callable[[], int]) -> None:
        """Take the database and a clock of epoch milliseconds."""
        self._feeds = db["calendar_feeds"]
        self._clock = clock

    async def make(self, user_id: str) -> tuple[str, int]:
        """Give the user a new token, in place of any earlier one; the token, and when, ms."""
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock()
        fresh = {"digest": digest(token), "created_at": instant(now)}
        try:
            with translated():
                await self._feeds.update_one({"_id": user_id}, {"$set": fresh}, upsert=True)
        except DuplicateKeyError as error:
            raise Unavailable("two requests met at one feed; try again shortly") from error
        return token, now

    async def made_at(self, user_id: str) -> int | None:
        """When the user's feed was made, ms; None if there is none."""
        with translated():
            feed = await self._feeds.find_one({"_id": user_id})
        if feed is None:
            return None
        made: datetime = feed["created_at"]
        return milliseconds(made)

    async def revoke(self, user_id: str) -> None:
        """Let the user's feed be no more; repeats change nothing."""
        with translated():
            await self._feeds.delete_one({"_id": user_id})

    async def owner(self, token: str) -> str | None:
        """Whose feed the token opens; None for a token that is unknown or revoked."""
        with translated():
            feed = await self._feeds.find_one({"digest": digest(token)}, {"_id": 1})
        return None if feed is None else str(feed["_id"])


def digest(token: str) -> str:
    """What is kept of a token. It is random, so that a plain hash is as good as a slow one."""
    return hashlib.sha256(token.encode()).hexdigest()
