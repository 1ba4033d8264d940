"""Finding users by the beginning of what an operator knows of them."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, Final

from pymongo.collation import Collation, CollationStrength

from domain.errors import InvalidInput
from storage.mongo.client import Database, Document, translated
from storage.mongo.prefixes import BY_COLLATION, beginning_with

NAMES: Final = Collation("en", strength=CollationStrength.PRIMARY)
"""How names are compared: without regard to case and accents."""
MOST: Final = 200


class UserSearch:
    """The collection `users`, searched; raises Unavailable while MongoDB is away."""

    def __init__(self, db: Database) -> None:
        self._users = db["users"]

    async def beginning(self, text: str) -> set[str]:
        """Ids of the users whose id, address or name begins with the text.

        Raises InvalidInput for a text that fits more than `MOST`.
        """
        # The index of addresses knows strings alone, and is used only where the query says so.
        address = {**beginning_with(text.lower()), "$type": "string"}
        found: set[str] = set()
        for ids in await asyncio.gather(
            self._ids({"_id": beginning_with(text)}),
            self._ids({"email": address}),
            self._ids({"name": beginning_with(text, BY_COLLATION)}, collation=NAMES),
        ):
            found |= ids
        if len(found) > MOST:
            fault = f"More than {MOST} users fit; write more of it."
            raise InvalidInput(f"q: {fault}", {"q": [fault]})
        return found

    async def named(self, user_ids: Collection[str]) -> Mapping[str, Document]:
        """Name and address of those of the users who are known, by id."""
        if not user_ids:
            return {}
        query = {"_id": {"$in": sorted(user_ids)}}
        with translated():
            cursor = self._users.find(query, {"name": 1, "email": 1}).batch_size(len(user_ids) + 1)
            return {found["_id"]: found for found in await cursor.to_list(len(user_ids))}

    async def _ids(self, query: Document, **options: Any) -> set[str]:
        with translated():
            cursor = self._users.find(query, {"_id": 1}, **options).limit(MOST + 1)
            return {found["_id"] for found in await cursor.to_list(MOST + 1)}
