"""The ledger as its owner reads it."""

from storage.mongo.catalogue import Position, page
from storage.mongo.client import Database, Document


class Entries:
    """The collection `ledger`, read only; raises `Unavailable` while MongoDB is away."""

    def __init__(self, db: Database) -> None:
        self._entries = db["ledger"]

    async def newest(
        self, user_id: str, *, limit: int, after: Position | None
    ) -> tuple[list[Document], Position | None]:
        """Give one page of the user's entries, the last booked first."""
        return await page(self._entries, {"user_id": user_id}, limit=limit, after=after)
