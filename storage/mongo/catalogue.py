"""What the catalogue's collections have in common: making once, and paging newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo.errors import DuplicateKeyError

from domain.errors import KeyReused, Unavailable
from storage.mongo.client import Document, translated

Collection = AsyncIOMotorCollection[Document]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The last entry of a page; the next page begins after it."""

    created_at: datetime
    id: str


async def insert_once(collection: Collection, document: Document) -> Document:
    """Insert, or give what the same request made before.

    Raises `KeyReused` if another request (by `body_digest`) made it, and `Unavailable`.
    """
    try:
        with translated():
            await collection.insert_one(document)
    except DuplicateKeyError as error:
        with translated():
            made = await collection.find_one({"_id": document["_id"]})
        if made is None:
            raise Unavailable("It was just removed; try again.") from error
        if made["body_digest"] != document["body_digest"]:
            raise KeyReused(
                "This Idempotency-Key belongs to a request with another body."
            ) from error
        return made
    return document


async def has_room(
    collection: Collection, kept: Mapping[str, object], most: int, *, made_before: str | int | None
) -> bool:
    """Say whether one more may be kept, or `made_before` is the id of one that was.

    Requests at the same moment do not see each other, so a few too many may get through.
    """
    with translated():
        if await collection.count_documents(kept, limit=most) < most:
            return True
        # A repeated request finds what it made, however full it has become since.
        repeated = {"_id": made_before}
        return made_before is not None and await collection.find_one(repeated) is not None


async def page(
    collection: Collection,
    query: Mapping[str, object],
    *,
    limit: int,
    after: Position | None,
    by: str = "created_at",
) -> tuple[list[Document], Position | None]:
    """Give up to `limit` documents, newest first, and where the next page begins, if any.

    `by` is the field with the instant that they are sorted by.
    """
    clauses = [query]
    if after is not None:
        older = {by: {"$lt": after.created_at}}
        same = {by: after.created_at, "_id": {"$lt": after.id}}
        # The first condition says nothing new, and bounds the scan of the index.
        clauses.append({by: {"$lte": after.created_at}, "$or": [older, same]})
    with translated():
        cursor = collection.find({"$and": clauses}).sort([(by, -1), ("_id", -1)]).limit(limit + 1)
        documents = await cursor.to_list(limit + 1)
    if len(documents) <= limit:
        return documents, None
    last = documents[limit - 1]
    return documents[:limit], Position(created_at=last[by], id=last["_id"])
