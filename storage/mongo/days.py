"""What each user has done on each of their dates, as settling wrote it down."""

from datetime import date

from pymongo import ASCENDING

from domain.streaks import COUNTED_MIN_FOCUSED_MS, COUNTED_MIN_SESSIONS
from storage.mongo.client import Database, Document, translated


class Days:
    """The collection `days`, only read here; raises `Unavailable` while MongoDB is away."""

    def __init__(self, db: Database) -> None:
        self._days = db["days"]

    async def counted(self, user_id: str) -> list[date]:
        """List all dates that count for the user's streak, oldest first."""
        query = {
            "user_id": user_id,
            "sessions": {"$gte": COUNTED_MIN_SESSIONS},
            "focused_ms": {"$gte": COUNTED_MIN_FOCUSED_MS},
        }
        # Without `_id` the index answers alone, however many years there are.
        found = self._days.find(query, {"_id": 0, "day": 1}).sort("day", ASCENDING)
        with translated():
            return [date.fromisoformat(entry["day"]) for entry in await found.to_list(None)]

    async def between(self, user_id: str, first: date, last: date) -> list[Document]:
        """Give what was done on each date from `first` to `last`, both included, oldest first."""
        span = {"$gte": first.isoformat(), "$lte": last.isoformat()}
        found = self._days.find({"user_id": user_id, "day": span}).sort("day", ASCENDING)
        with translated():
            return list(await found.to_list(None))
