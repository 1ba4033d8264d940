"""The events of long past sessions, kept when they were settled."""

from dataclasses import dataclass

from domain.commands import Event
from storage.mongo.client import Database, Document, translated
from storage.redis.codec import event_from


@dataclass(frozen=True, slots=True)
class Kept:
    """The events that were there when the session was settled; `whole` if none was missing."""

    events: tuple[Event, ...]
    whole: bool


class Timelines:
    """The collection `timelines`, read; raises Unavailable while MongoDB is away."""

    def __init__(self, db: Database) -> None:
        self._timelines = db["timelines"]

    async def get(self, session_id: str, user_id: str) -> Kept | None:
        """The timeline of the user's session; None if none was kept."""
        with translated():
            found = await self._timelines.find_one({"_id": session_id, "user_id": user_id})
        if found is None:
            return None
        return Kept(tuple(event_from(told) for told in found["events"]), bool(found["whole"]))

    async def told(self, session_id: str) -> list[Document]:
        """The events as clients were told them, whoever's session it is: for operators."""
        with translated():
            found = await self._timelines.find_one({"_id": session_id})
        return [] if found is None else list(found["events"])
