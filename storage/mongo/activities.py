"""Activities: private to who made them, or shared with everybody."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from typing import Any, Literal

from pymongo import ReturnDocument

from domain.access import Caller, shares_activities
from domain.catalogue import (
    ACTIVE,
    ARCHIVED,
    PRIVATE_ACTIVITIES_MAX,
    Activity,
    category_key,
    may_change,
)
from domain.errors import Forbidden, NotFound, WrongState
from domain.rates import Rates
from domain.rating import normalised
from storage.mongo.catalogue import Position, has_room, insert_once, page
from storage.mongo.client import Database, Document, instant, translated

Scope = Literal["mine", "shared", "all"]
# What was made before there were statuses has none.
IN_STATUS: Mapping[str, tuple[str | None, ...]] = {ACTIVE: (ACTIVE, None), ARCHIVED: (ARCHIVED,)}


class Activities:
    """The collection `activities`; every method raises `Unavailable` while MongoDB is away."""

    def __init__(self, db: Database, clock: Callable[[], int]) -> None:
        """Take the database and a clock of epoch milliseconds."""
        self._activities = db["activities"]
        self._clock = clock

    async def create(
        self, activity_id: str, caller: Caller, body: Mapping[str, object], body_digest: str
    ) -> Activity:
        """Add an activity of checked name, emoji, category, color and perhaps rates, once per id.

        One of an administrator or a service is shared. Raises `Forbidden` for rates of
        somebody else, `WrongState` when the caller has too many private ones, and `KeyReused`.
        """
        shared = shares_activities(caller)
        _require_may_fix_rates(caller, body)
        if not shared:
            await self._require_room(caller.user_id, made_before=activity_id)
        now = instant(self._clock())
        document = {
            "_id": activity_id,
            "user_id": caller.user_id,
            "shared": shared,
            **_stored(body),
            "status": ACTIVE,
            "created_at": now,
            "updated_at": now,
            "body_digest": body_digest,
        }
        return _activity(await insert_once(self._activities, document))

    async def get(self, activity_id: str, user_id: str) -> Activity:
        """Give an activity that the user may see; raises `NotFound`."""
        with translated():
            document = await self._activities.find_one({"_id": activity_id, **_seen_by(user_id)})
        if document is None:
            raise NotFound("There is no such activity.")
        return _activity(document)

    async def newest(
        self,
        user_id: str,
        statuses: Collection[str],
        *,
        limit: int,
        after: Position | None,
        scope: Scope = "all",
        category: str | None = None,
    ) -> tuple[list[Activity], Position | None]:
        """Give one page of what the user may see, newest first."""
        status = [stored for asked in sorted(statuses) for stored in IN_STATUS[asked]]
        query = _seen_by(user_id, scope, {"status": {"$in": status}})
        if category is not None:
            query["category_key"] = category_key(category)
        documents, following = await page(self._activities, query, limit=limit, after=after)
        return [_activity(document) for document in documents], following

    async def change(
        self, activity_id: str, caller: Caller, changes: Mapping[str, object]
    ) -> Activity:
        """Set any of name, emoji, category, color, status and rates, all checked.

        A new name takes the place of those in other languages too. Raises `NotFound` if the
        caller does not see the activity, `Forbidden` if they may only see it, and `WrongState`
        if it would become one private activity too many.
        """
        activity = await self.get(activity_id, caller.user_id)
        if not may_change(caller, activity):
            raise Forbidden("Shared activities are changed by administrators and services.")
        _require_may_fix_rates(caller, changes)
        if changes.get("status") == ACTIVE and activity.archived and not activity.shared:
            await self._require_room(caller.user_id)
        # What comes with the service is no longer kept up to date once somebody has changed it.
        marks = {"edited": True, "updated_at": instant(self._clock())}
        update: dict[str, Mapping[str, object]] = {"$set": {**_stored(changes), **marks}}
        if "name" in changes:
            update["$unset"] = {"names": ""}
        with translated():
            document = await self._activities.find_one_and_update(
                {"_id": activity_id}, update, return_document=ReturnDocument.AFTER
            )
        if document is None:
            raise NotFound("There is no such activity.")
        return _activity(document)

    async def archive(self, activity_id: str, caller: Caller) -> None:
        """Put an activity away; repeats change nothing. Raises as `change`."""
        activity = await self.get(activity_id, caller.user_id)
        if not (activity.archived and may_change(caller, activity)):
            await self.change(activity_id, caller, {"status": ARCHIVED})

    async def _require_room(self, user_id: str, *, made_before: str | None = None) -> None:
        kept = {"user_id": user_id, "status": {"$in": IN_STATUS[ACTIVE]}, "shared": False}
        most = PRIVATE_ACTIVITIES_MAX
        if not await has_room(self._activities, kept, most, made_before=made_before):
            raise WrongState(f"You have {most} activities of your own; archive one first.")


def _require_may_fix_rates(caller: Caller, body: Mapping[str, object]) -> None:
    if "rates" in body and not shares_activities(caller):
        raise Forbidden("Only administrators and services fix the rates of an activity.")


def _seen_by(user_id: str, scope: Scope = "all", also: Mapping[str, Any] | None = None) -> Document:
    """What the user may see, where each branch can use an index of its own."""
    mine, shared = {"user_id": user_id, **(also or {})}, {"shared": True, **(also or {})}
    match scope:
        case "mine":
            return mine
        case "shared":
            return shared
        case "all":
            return {"$or": [mine, shared]}


def _stored(body: Mapping[str, Any]) -> Document:
    """The fields of a request as a document keeps them: rates in milli-XP, all budget spent."""
    document = dict(body)
    if "category" in body:
        document["category_key"] = category_key(body["category"])
    if body.get("rates") is not None:
        document["rates"] = asdict(normalised(body["rates"]))
    return document


def _activity(document: Document) -> Activity:
    rates = document.get("rates")
    return Activity(
        id=document["_id"],
        user_id=document["user_id"],
        shared=document["shared"],
        name=document["name"],
        emoji=document["emoji"],
        category=document["category"],
        color=document["color"],
        status=document.get("status", ACTIVE),
        names=document.get("names", {}),
        rates=None if rates is None else Rates(**rates),
        created_at=document["created_at"],
        updated_at=document.get("updated_at") or document["created_at"],
    )
