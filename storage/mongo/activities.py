"""Activities: private to who made them, or shared with everybody."""

from collections.abc import Callable, Mapping

from domain.catalogue import Activity
from domain.errors import NotFound
from storage.mongo.catalogue import Position, insert_once, page
from storage.mongo.client import Database, Document, instant, translated


class Activities:
    """The collection `activities`; every method raises `Unavailable` while MongoDB is away."""

    def __init__(self, db: Database, clock: Callable[[], int]) -> None:
        """Take the database and a clock of epoch milliseconds."""
        self._activities = db["activities"]
        self._clock = clock

    async def create(
        self,
        activity_id: str,
        user_id: str,
        body: Mapping[str, object],
        body_digest: str,
        *,
        shared: bool,
    ) -> Activity:
        """Add an activity of checked name, emoji, category and color, once per id."""
        document = {
            "_id": activity_id,
            "user_id": user_id,
            "shared": shared,
            **body,
            "created_at": instant(self._clock()),
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
        self, user_id: str, *, limit: int, after: Position | None
    ) -> tuple[list[Activity], Position | None]:
        """Give one page of what the user may see, newest first."""
        documents, following = await page(
            self._activities, _seen_by(user_id), limit=limit, after=after
        )
        return [_activity(document) for document in documents], following


def _seen_by(user_id: str) -> dict[str, object]:
    return {"$or": [{"user_id": user_id}, {"shared": True}]}


def _activity(document: Document) -> Activity:
    return Activity(
        id=document["_id"],
        user_id=document["user_id"],
        shared=document["shared"],
        name=document["name"],
        emoji=document["emoji"],
        category=document["category"],
        color=document["color"],
        created_at=document["created_at"],
    )
