"""Past sessions: filtered, newest first, a page at a time or all of them in batches."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.booking import XP_FIELDS
from domain.instants import EPOCH
from storage.mongo.catalogue import Position
from storage.mongo.client import Database, Document, instant, translated

PAST: Final = ("completed", "canceled", "voided")
EVERY_STATUS: Final = "all"
BATCH: Final = 500
NEWEST_FIRST: Final = (("started_at", -1), ("_id", -1))
FIELDS: Final = (
    "kind", "status", "started_at", "ended_at", "total_duration_seconds",
    "focused_duration_seconds", "focused_ms", *XP_FIELDS, "completed_reason", "goal_id",
    "activity_id", "device_platform",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which past sessions; what is None does not matter."""

    goal_id: str | None = None
    activity_id: str | None = None
    kind: str | None = None
    reason: str | None = None
    status: str = "completed"
    """One of `PAST`, or `EVERY_STATUS`."""
    from_ms: int | None = None
    """Started then or later."""
    to_ms: int | None = None
    """Started before."""


class History:
    """The collection `sessions`, read; every method raises Unavailable while MongoDB is away."""

    def __init__(self, db: Database) -> None:
        self._sessions = db["sessions"]
        self._goals = db["goals"]
        self._activities = db["activities"]

    async def page(
        self, user_id: str, wanted: Selection, *, limit: int, after: Position | None = None
    ) -> tuple[list[Document], Position | None]:
        """Up to `limit` of the user's sessions, with goal and activity, and where to go on."""
        found = await self._read(dated(user_id, wanted, after), limit + 1)
        if len(found) <= limit and wanted.from_ms is None and wanted.to_ms is None:
            found += await self._read(undated(user_id, wanted, after), limit + 1 - len(found))
        shown = found[:limit]
        await self._name(user_id, shown)
        if len(found) <= limit:
            return shown, None
        last = shown[-1]
        return shown, Position(created_at=last.get("started_at", EPOCH), id=last["_id"])

    async def batches(
        self, user_id: str, wanted: Selection, *, most: int | None = None, batch: int = BATCH
    ) -> AsyncGenerator[Sequence[Document], None]:
        """All of them, or the newest `most`, in batches that are read as they are asked for.

        Each is a query of its own that begins where the last one ended: between two batches
        MongoDB holds nothing, so a slow reader costs it nothing.
        """
        after: Position | None = None
        left = most
        while left is None or left > 0:
            limit = batch if left is None else min(batch, left)
            found, after = await self.page(user_id, wanted, limit=limit, after=after)
            if found:
                yield found
            if after is None:
                return
            left = None if left is None else left - len(found)

    async def _read(self, query: Mapping[str, Any], limit: int) -> list[Document]:
        with translated():
            cursor = self._sessions.find(query, dict.fromkeys(FIELDS, 1))
            return (
                await cursor.sort(list(NEWEST_FIRST)).limit(limit).batch_size(limit).to_list(limit)
            )

    async def _name(self, user_id: str, documents: Collection[Document]) -> None:
        """Put beside each session the goal and the activity that it names, if the user sees them."""
        goals = await self._named(
            self._goals, documents, "goal_id", {"user_id": user_id}, ("title", "emoji")
        )
        seen = {"$or": [{"user_id": user_id}, {"shared": True}]}
        activities = await self._named(
            self._activities, documents, "activity_id", seen, ("name", "emoji")
        )
        for document in documents:
            document["goal"] = goals.get(document.get("goal_id"))
            document["activity"] = activities.get(document.get("activity_id"))

    async def _named(
        self,
        collection: Any,
        documents: Collection[Document],
        name: str,
        seen: Mapping[str, Any],
        fields: Sequence[str],
    ) -> Mapping[str | None, Document]:
        ids = {document[name] for document in documents if document.get(name) is not None}
        if not ids:
            return {}
        query = {"_id": {"$in": sorted(ids)}, **seen}
        with translated():
            cursor = collection.find(query, dict.fromkeys(fields, 1)).batch_size(len(ids) + 1)
            return {found["_id"]: found for found in await cursor.to_list(len(ids))}


def dated(user_id: str, wanted: Selection, after: Position | None) -> Document:
    """The query for the sessions that have a start, beyond the end of a page."""
    began: Document = {"$gte": EPOCH if wanted.from_ms is None else instant(wanted.from_ms)}
    if wanted.to_ms is not None:
        began["$lt"] = instant(wanted.to_ms)
    if after is None:
        return _any_of(user_id, wanted, [{"started_at": began}])
    # As one condition on one span, what started together would be read again and again.
    same = {"started_at": {"$eq": after.created_at, **began}, "_id": {"$lt": after.id}}
    before = min(after.created_at, began.get("$lt", after.created_at))
    return _any_of(user_id, wanted, [same, {"started_at": {**began, "$lt": before}}])


def undated(user_id: str, wanted: Selection, after: Position | None) -> Document:
    """The query for those of which nobody told the start; they come last."""
    span: Document = {"started_at": {"$exists": False}}
    if after is not None and after.created_at == EPOCH:
        span["_id"] = {"$lt": after.id}
    return _any_of(user_id, wanted, [span])


def _any_of(user_id: str, wanted: Selection, spans: Sequence[Document]) -> Document:
    """The selected sessions within any of the spans.

    Each alternative is one stretch of an index in the order of the list, so that MongoDB
    merges them and sorts nothing.
    """
    equal = {
        "goal_id": wanted.goal_id,
        "activity_id": wanted.activity_id,
        "kind": wanted.kind,
        "completed_reason": wanted.reason,
    }
    asked = {name: value for name, value in equal.items() if value is not None}
    statuses = PAST if wanted.status == EVERY_STATUS else (wanted.status,)
    alternatives = [
        {"user_id": user_id, "status": status, **asked, **span}
        for status in statuses
        for span in spans
    ]
    return alternatives[0] if len(alternatives) == 1 else {"$or": alternatives}
