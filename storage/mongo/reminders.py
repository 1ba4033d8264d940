"""Daily reminders, one for each user who wants one."""

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from domain.errors import Unavailable
from domain.reminders import Reminder
from storage.mongo.client import Database, Document, instant, milliseconds_if, translated


class Reminders:
    """The collection `reminders`; every method raises Unavailable while MongoDB is away.

    One that is off has no `next_at`, so that the index holds those that may be due.
    """

    def __init__(self, db: Database) -> None:
        self._reminders = db["reminders"]

    async def get(self, user_id: str) -> Reminder:
        """What the user has chosen; switched off if they never chose."""
        with translated():
            document = await self._reminders.find_one({"_id": user_id})
        return Reminder(user_id=user_id) if document is None else _reminder(document)

    async def set(self, chosen: Reminder) -> None:
        """Keep what the user has chosen, in place of any earlier choice."""
        fields: Document = {"enabled": chosen.enabled, "time": chosen.time}
        if chosen.next_at is not None:
            fields["next_at"] = instant(chosen.next_at)
        try:
            with translated():
                await self._reminders.replace_one({"_id": chosen.user_id}, fields, upsert=True)
        except DuplicateKeyError as error:
            raise Unavailable("two requests met at one reminder; try again shortly") from error

    async def due(self, now: int, most: int) -> list[Reminder]:
        """Those that are due at `now`, ms, longest due first."""
        found = self._reminders.find({"next_at": {"$lte": instant(now)}})
        with translated():
            documents = await found.sort("next_at", ASCENDING).to_list(most)
        return [_reminder(document) for document in documents]

    async def advance(self, seen: Reminder, next_at: int | None) -> bool:
        """Move a reminder to another instant, ms, or put it to rest with None.

        False if it is not as it was seen: then somebody else has moved it.
        """
        assert seen.next_at is not None
        query = {"_id": seen.user_id, "time": seen.time, "next_at": instant(seen.next_at)}
        change = (
            {"$unset": {"next_at": ""}, "$set": {"enabled": False}}
            if next_at is None
            else {"$set": {"next_at": instant(next_at)}}
        )
        with translated():
            return (await self._reminders.update_one(query, change)).matched_count == 1


def _reminder(document: Document) -> Reminder:
    return Reminder(
        user_id=document["_id"],
        enabled=document["enabled"],
        time=document["time"],
        next_at=milliseconds_if(document.get("next_at")),
    )
