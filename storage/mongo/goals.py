"""Goals, each seen by its owner alone."""

from collections.abc import Callable, Collection, Mapping

from domain.catalogue import Category, Goal
from domain.days import distinct_days
from domain.errors import NotFound
from storage.mongo.catalogue import Position, insert_once, page
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
        """Add a goal of checked title, emoji, category and days_total, once per id."""
        document = {
            "_id": goal_id,
            "user_id": user_id,
            **body,
            "status": "active",
            "created_at": instant(self._clock()),
            "body_digest": body_digest,
        }
        return _goal(await insert_once(self._goals, document))

    async def get(self, goal_id: str, user_id: str) -> Goal:
        """Give the user's goal; raises `NotFound`, for another user's goal too."""
        with translated():
            document = await self._goals.find_one({"_id": goal_id, "user_id": user_id})
        if document is None:
            raise NotFound("There is no such goal.")
        return _goal(document)

    async def newest(
        self, user_id: str, *, limit: int, after: Position | None
    ) -> tuple[list[Goal], Position | None]:
        """Give one page of the user's goals, newest first."""
        documents, following = await page(
            self._goals, {"user_id": user_id}, limit=limit, after=after
        )
        return [_goal(document) for document in documents], following

    async def days_completed(
        self, user_id: str, goal_ids: Collection[str], *, time_zone: str, day_start: str
    ) -> Mapping[str, int]:
        """Count, for each goal, the user's days with a completed session."""
        if not goal_ids:
            return {}
        # Days are counted here: the server may not know a zone that the user's device does.
        minute = {"$dateTrunc": {"date": "$started_at", "unit": "minute"}}
        stages = [
            {
                "$match": {
                    "user_id": user_id,
                    "goal_id": {"$in": list(goal_ids)},
                    "status": "completed",
                }
            },
            {"$group": {"_id": "$goal_id", "starts": {"$addToSet": minute}}},
        ]
        with translated():
            groups = await self._sessions.aggregate(stages).to_list(len(goal_ids))
        counts = {
            group["_id"]: distinct_days(group["starts"], time_zone, day_start) for group in groups
        }
        return {goal_id: counts.get(goal_id, 0) for goal_id in goal_ids}


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
    )
