"""The activities that come with the service, and how they get into MongoDB."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from domain.catalogue import ACTIVE, BUILT_IN_OWNER, category_key
from domain.idempotency import derived_id, digest
from storage.mongo.client import Database, Document, translated

FILE: Final = Path(__file__).parent / "seeds" / "activities.json"
NEWEST: Final = datetime(2025, 1, 1, tzinfo=UTC)
"""The date of the first one; each that follows is a second older, so lists keep their order."""
DUPLICATE_KEY: Final = 11000


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """How many built-in activities were added, brought up to date, and left as they were."""

    added: int
    changed: int
    kept: int


def built_in_activities(path: Path = FILE) -> list[Document]:
    """Read the file: a document for each of its activities, the same on every node."""
    told: Sequence[Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return [_document(place, entry) for place, entry in enumerate(told)]


async def load_built_in(db: Database, documents: Sequence[Document]) -> Loaded:
    """Add what is missing and bring up to date what is older, but never what somebody edited.

    One read if there is nothing to do. Nodes that do it at the same moment do the same, so
    it does not matter who comes first. Raises `Unavailable`.
    """
    collection = db["activities"]
    with translated():
        cursor = collection.find({"user_id": BUILT_IN_OWNER}, {"seed": 1, "edited": 1})
        known = {found["_id"]: found async for found in cursor}
    writes = [
        _write(document, known.get(document["_id"]))
        for document in documents
        if _is_due(document, known.get(document["_id"]))
    ]
    if not writes:
        return Loaded(added=0, changed=0, kept=len(documents))
    try:
        with translated():
            result = await collection.bulk_write(writes, ordered=False)
            done = result.inserted_count, result.modified_count
    except BulkWriteError as error:
        # Another node has added some of them at the same moment.
        faults = error.details["writeErrors"]
        if not faults or any(fault["code"] != DUPLICATE_KEY for fault in faults):
            raise
        done = error.details["nInserted"], error.details["nModified"]
    added, changed = done
    return Loaded(added=added, changed=changed, kept=len(documents) - added - changed)


def _is_due(document: Document, known: Document | None) -> bool:
    return known is None or (not known.get("edited") and known["seed"] != document["seed"])


def _write(document: Document, known: Document | None) -> InsertOne[Document] | UpdateOne:
    if known is None:
        return InsertOne(document)
    unedited = {"_id": document["_id"], "edited": {"$ne": True}}
    return UpdateOne(unedited, {"$set": document})


def _document(place: int, entry: Mapping[str, Any]) -> Document:
    shown = {name: entry[name] for name in ("name", "names", "emoji", "category", "color")}
    at = NEWEST - timedelta(seconds=place)
    return {
        # No user has an empty id, so no key of a user stands for one of these.
        "_id": derived_id(BUILT_IN_OWNER, "activities", entry["slug"]),
        "user_id": BUILT_IN_OWNER,
        "shared": True,
        **shown,
        "category_key": category_key(entry["category"]),
        "status": ACTIVE,
        "created_at": at,
        "updated_at": at,
        "seed": digest({**shown, "place": place}),
    }
