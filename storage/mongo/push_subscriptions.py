"""Browsers that may be told things, each under a digest of its endpoint."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from domain.errors import Unavailable
from domain.push_endpoints import SUBSCRIPTIONS_MAX, Subscription, subscription_id
from storage.mongo.client import (
    Database,
    Document,
    instant,
    milliseconds,
    milliseconds_if,
    translated,
)

FAILURES_MAX: Final = 10
"""Notices in a row that a push service would not take, after which a subscription is dropped."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A subscription, and since when it is its user's, ms."""

    subscription: Subscription
    created_at: int


class PushSubscriptions:
    """The collection `push_subscriptions`; all methods raise Unavailable while MongoDB is away."""

    def __init__(self, db: Database, clock: Callable[[], int]) -> None:
        """Take the database and a clock of epoch milliseconds."""
        self._subscriptions = db["push_subscriptions"]
        self._clock = clock

    async def add(self, user_id: str, subscription: Subscription) -> Kept:
        """Let the browser be the user's, and nobody else's any more; repeats renew it.

        A user has at most SUBSCRIPTIONS_MAX; the one that was renewed longest ago goes.
        """
        try:
            with translated():
                document = await self._subscriptions.find_one_and_update(
                    {"_id": subscription.id},
                    # One step in the server; its expressions see the document as it was before.
                    [{"$set": _fields(user_id, subscription, self._clock())}],
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
        except DuplicateKeyError as error:
            raise Unavailable("two requests met at one browser; try again shortly") from error
        await self._trim(user_id)
        return _kept(document)

    async def of_user(self, user_id: str) -> Sequence[Kept]:
        """All browsers of the user, the one that was added first at the head."""
        found = self._subscriptions.find({"user_id": user_id}).sort(
            [("created_at", ASCENDING), ("_id", ASCENDING)]
        )
        with translated():
            return [_kept(document) for document in await found.to_list(None)]

    async def remove(self, user_id: str, endpoint: str) -> None:
        """Tell this browser of the user nothing more; one that is not there is no fault."""
        query = {"_id": subscription_id(endpoint), "user_id": user_id}
        with translated():
            await self._subscriptions.delete_one(query)

    async def drop(self, found: Subscription) -> None:
        """Forget a subscription that its push service does not know any more."""
        # With other keys the browser has subscribed anew meanwhile.
        with translated():
            await self._subscriptions.delete_one({"_id": found.id, "auth": found.auth})

    async def succeeded(self, found: Subscription) -> None:
        """The push service took a notice: what failed before counts no more."""
        query = {"_id": found.id, "failures": {"$gt": 0}}
        with translated():
            await self._subscriptions.update_one(query, {"$set": {"failures": 0}})

    async def failed(self, found: Subscription) -> None:
        """Count a notice that could not be brought there; after FAILURES_MAX in a row, forget it."""
        with translated():
            await self._subscriptions.update_one({"_id": found.id}, {"$inc": {"failures": 1}})
            await self._subscriptions.delete_one(
                {"_id": found.id, "failures": {"$gte": FAILURES_MAX}}
            )

    async def _trim(self, user_id: str) -> None:
        newest = [("renewed_at", DESCENDING), ("_id", ASCENDING)]
        found = self._subscriptions.find({"user_id": user_id}, {"_id": 1}).sort(newest)
        with translated():
            extra = [each["_id"] for each in await found.skip(SUBSCRIPTIONS_MAX).to_list(None)]
            if extra:
                await self._subscriptions.delete_many({"_id": {"$in": extra}, "user_id": user_id})


def _fields(user_id: str, subscription: Subscription, now: int) -> Document:
    same = {"$eq": ["$user_id", {"$literal": user_id}]}
    ends = subscription.expires_at
    return {
        "user_id": {"$literal": user_id},
        "endpoint": {"$literal": subscription.endpoint},
        "p256dh": {"$literal": subscription.p256dh},
        "auth": {"$literal": subscription.auth},
        "expires_at": "$$REMOVE" if ends is None else instant(ends),
        "created_at": {"$cond": [same, "$created_at", instant(now)]},
        "renewed_at": instant(now),
        "failures": 0,
    }


def _kept(document: Document) -> Kept:
    return Kept(
        Subscription(
            endpoint=document["endpoint"],
            p256dh=document["p256dh"],
            auth=document["auth"],
            expires_at=milliseconds_if(document.get("expires_at")),
        ),
        milliseconds(document["created_at"]),
    )
