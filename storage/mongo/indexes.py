"""Which collections exist and how they are indexed; applied at every start."""

from collections.abc import Mapping, Sequence

import pymongo
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import CollectionInvalid, OperationFailure

from storage.mongo.client import Database, translated

NAMESPACE_EXISTS = 48
BUILD_TIMEOUT_S = 600

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "users": (
        IndexModel(
            [("email", ASCENDING)],
            name="email",
            unique=True,
            # Users provisioned from a token have no address.
            partialFilterExpression={"email": {"$type": "string"}},
        ),
    ),
    "refresh_families": (
        IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0),
        IndexModel([("user_id", ASCENDING)], name="user"),
    ),
    "goals": (
        IndexModel(
            [("user_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
            name="user_newest",
        ),
    ),
    "activities": (
        IndexModel(
            [("user_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
            name="user_newest",
        ),
        IndexModel(
            [("shared", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
            name="shared_newest",
        ),
    ),
    "sessions": (
        IndexModel([("user_id", ASCENDING), ("started_at", DESCENDING)], name="user_newest"),
        IndexModel(
            [
                ("goal_id", ASCENDING),
                ("user_id", ASCENDING),
                ("status", ASCENDING),
                ("started_at", DESCENDING),
                ("_id", DESCENDING),
            ],
            name="goal_newest",
        ),
        IndexModel([("user_id", ASCENDING), ("status", ASCENDING)], name="user_status"),
    ),
    "session_ids": (
        # Long after any session that was started under the id has ended and is settled.
        IndexModel([("claimed_at", ASCENDING)], name="expiry", expireAfterSeconds=90 * 86_400),
    ),
    "ledger": (
        IndexModel([("user_id", ASCENDING), ("earned_at", DESCENDING)], name="user_newest"),
        IndexModel(
            [("user_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
            name="user_booked",
        ),
    ),
    "timelines": (),
    "days": (
        # Covers what a streak is counted from.
        IndexModel(
            [
                ("user_id", ASCENDING),
                ("day", ASCENDING),
                ("sessions", ASCENDING),
                ("focused_ms", ASCENDING),
            ],
            name="user_day",
        ),
    ),
}


async def ensure_indexes(
    db: Database, indexes: Mapping[str, Sequence[IndexModel]] = INDEXES
) -> None:
    """Create what is missing, collections included (a transaction should not have to)."""
    # The usual time-out of a query would cut short the building of a large index.
    with translated(), pymongo.timeout(BUILD_TIMEOUT_S):
        present = set(await db.list_collection_names())
        for name, models in indexes.items():
            if name not in present:
                await _create(db, name)
            if models:
                await db[name].create_indexes(list(models))


async def _create(db: Database, name: str) -> None:
    try:
        await db.create_collection(name)
    except CollectionInvalid:
        return  # Another node, starting at the same moment, was first.
    except OperationFailure as error:
        if error.code != NAMESPACE_EXISTS:
            raise
