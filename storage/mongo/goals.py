"""Goals, each seen by its owner alone."""

from collections.abc import Callable, Collection, Mapping, Sequence

from pymongo import ReturnDocument

from domain.catalogue import (
    ACTIVE,
    ACTIVE_GOALS_MAX,
    ARCHIVED,
    Category,
    Goal,
)
from domain.errors import NotFound, WrongState
from domain.streaks import COUNTED_MIN_FOCUSED_MS
from storage.mongo.catalogue import Position, has_room, insert_once, page
from storage.mongo.client import Database, Document, instant, translated


class Goals:
    """The collection `goals`; every method raises `Unavailable` while MongoDB is away."""

    def __init__(self, db: Database, clock: Callable[[], int]) -> None:
        """Take the database and a clock of epoch milliseconds."""
        self._goals = db["goals"]
        self._sessions = db["sessions"]
        self._clock = clock

    async def create(
        self, goal_id: str, user_id: str, body: Mapping[str, object], body_digest: str
    ) -> Goal:
        """Add a goal of checked title, emoji, category and days_total, once per id.

        Raises `WrongState` when the user has too many active ones, and `KeyReused`.
        """
        await self._require_room(user_id, made_before=goal_id)
        now = instant(self._clock())
        document = {
            "_id": goal_id,
            "user_id": user_id,
            **body,
            "status": ACTIVE,
            "created_at": now,
            "updated_at": now,
            "body_digest": body_digest,
        }
        return _goal(await insert_once(self._goals, document))

    async def get(self, goal_id: str, user_id: str) -> Goal:
        """Give the user's goal; raises `NotFound`, for another user's goal too."""
        with translated():
            document = await self._goals.find_one({"_id": goal_id, "user_id": user_id})
        return _found(document)

    async def newest(
        self, user_id: str, statuses: Collection[str], *, limit: int, after: Position | None
    ) -> tuple[list[Goal], Position | None]:
        """Give one page of the user's goals in these statuses, newest first."""
        query = {"user_id": user_id, "status": {"$in": sorted(statuses)}}
        documents, following = await page(self._goals, query, limit=limit, after=after)
        return [_goal(document) for document in documents], following

    async def change(self, goal_id: str, user_id: str, changes: Mapping[str, object]) -> Goal:
        """Set any of title, emoji, category (or parts of it), days_total and status, all checked.

        Raises `NotFound`, for another user's goal too, and `WrongState` if it would become
        one active goal too many.
        """
        if changes.get("status") == ACTIVE and (await self.get(goal_id, user_id)).status != ACTIVE:
            await self._require_room(user_id)
        with translated():
            document = await self._goals.find_one_and_update(
                {"_id": goal_id, "user_id": user_id},
                {"$set": {**_dotted(changes), "updated_at": instant(self._clock())}},
                return_document=ReturnDocument.AFTER,
            )
        return _found(document)

    async def archive(self, goal_id: str, user_id: str) -> None:
        """Put the user's goal away; repeats change nothing. Raises `NotFound`."""
        if not (await self.get(goal_id, user_id)).archived:
            await self.change(goal_id, user_id, {"status": ARCHIVED})

    async def days_completed(self, user_id: str, goal_ids: Sequence[str]) -> Mapping[str, int]:
        """Count, for each goal, the dates on which completed sessions put focus into it.

        A date counts by what they come to together, as it does for the streak. A session's days
        were fixed when it was settled, in the zone that held then.
        """
        if not goal_ids:
            return {}
        completed = {"user_id": user_id, "goal_id": {"$in": list(goal_ids)}, "status": "completed"}
        stages: list[Mapping[str, object]] = [
            {"$match": completed},
            {"$project": {"goal_id": 1, "days": 1}},
            {"$unwind": "$days"},
            {
                "$group": {
                    "_id": {"goal": "$goal_id", "day": "$days.day"},
                    "focused_ms": {"$sum": "$days.focused_ms"},
                }
            },
            {"$match": {"focused_ms": {"$gte": COUNTED_MIN_FOCUSED_MS}}},
            {"$group": {"_id": "$_id.goal", "days": {"$sum": 1}}},
        ]
        with translated():
            groups = await self._sessions.aggregate(stages).to_list(len(goal_ids))
        counts = {group["_id"]: group["days"] for group in groups}
        return {goal_id: counts.get(goal_id, 0) for goal_id in goal_ids}

    async def _require_room(self, user_id: str, *, made_before: str | None = None) -> None:
        active = {"user_id": user_id, "status": ACTIVE}
        if not await has_room(self._goals, active, ACTIVE_GOALS_MAX, made_before=made_before):
            raise WrongState(
                f"You have {ACTIVE_GOALS_MAX} active goals; complete or archive one first."
            )


def _dotted(changes: Mapping[str, object]) -> Document:
    """The changes, where each part of a category is set by itself."""
    flat: Document = {}
    for name, value in changes.items():
        parts = value if isinstance(value, Mapping) else None
        flat |= {name: value} if parts is None else {f"{name}.{k}": v for k, v in parts.items()}
    return flat


def _found(document: Document | None) -> Goal:
    if document is None:
        raise NotFound("There is no such goal.")
    return _goal(document)


def _goal(document: Document) -> Goal:
    return Goal(
        id=document["_id"],
        user_id=document["user_id"],
        title=document["title"],
        emoji=document["emoji"],
        category=Category(**document["category"]),
        status=document["status"],
        days_total=document["days_total"],
        created_at=document["created_at"],
        updated_at=document.get("updated_at") or document["created_at"],
    )
