"""Integers for what is numbered on the wire; gaps are possible, repeats are not."""

from typing import Final

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from domain.errors import Unavailable
from storage.mongo.client import Database, translated

TRIES: Final = 5


async def next_number(db: Database, name: str, *, first: int = 1) -> int:
    """The next number of this name, from `first` on. Raises `Unavailable`."""
    step = {"$add": [{"$ifNull": ["$last", first - 1]}, 1]}
    for _ in range(TRIES):
        try:
            with translated():
                counter = await db["counters"].find_one_and_update(
                    {"_id": name},
                    [{"$set": {"last": step}}],
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
        except DuplicateKeyError:
            continue  # Two nodes began the count at the same moment.
        return int(counter["last"])
    raise Unavailable("Too many begin at once; try again shortly.")
