"""Which collections exist and how they are indexed; applied at every start."""

import asyncio
from collections.abc import Mapping, Sequence

import pymongo
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import CollectionInvalid, OperationFailure

from domain import customer
from storage.mongo.client import Database, translated
from storage.mongo.notices import GRACE_S as NOTICE_GRACE_S
from storage.mongo.user_search import NAMES
from storage.mongo.visits import PATHS as VISIT_PATHS

NAMESPACE_EXISTS = 48
BUILD_TIMEOUT_S = 600


def _newest_sessions(name: str, *fields: str) -> IndexModel:
    """Sessions that are equal in the fields, in the order of every list of them."""
    order = [("started_at", DESCENDING), ("_id", DESCENDING)]
    return IndexModel([*((field, ASCENDING) for field in fields), *order], name=name)


def _newest_made(name: str, *fields: str) -> IndexModel:
    """Goals or activities that are equal in the fields, in the order of every list of them."""
    order = [("created_at", DESCENDING), ("_id", DESCENDING)]
    return IndexModel([*((field, ASCENDING) for field in fields), *order], name=name)


def _visits_by(path: str) -> IndexModel:
    """Customer sessions in one of the orders in which operators list them.

    The kind, of which there is one, lets them be counted without looking at any.
    """
    return IndexModel(
        [("kind", ASCENDING), (path, ASCENDING), ("_id", ASCENDING)],
        name=f"visits_{path.rpartition('.')[2]}",
        partialFilterExpression={"kind": customer.KIND},
    )


INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "users": (
        IndexModel(
            [("email", ASCENDING)],
            name="email",
            unique=True,
            # Users provisioned from a token have no address.
            partialFilterExpression={"email": {"$type": "string"}},
        ),
        IndexModel(
            [("leaderboard", ASCENDING), ("_id", ASCENDING)],
            name="leaderboard",
            # Most take no part.
            partialFilterExpression={"leaderboard": True},
        ),
        IndexModel([("name", ASCENDING)], name="name", collation=NAMES),
    ),
    "refresh_families": (
        IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0),
        IndexModel([("user_id", ASCENDING)], name="user"),
    ),
    "goals": (_newest_made("user_status_newest", "user_id", "status"),),
    "activities": (
        _newest_made("user_status_newest", "user_id", "status"),
        _newest_made("shared_status_newest", "shared", "status"),
    ),
    "sessions": (
        _newest_sessions("goal_newest", "goal_id", "user_id", "status"),
        # What may be asked of the history; other filters come on top of one of these.
        _newest_sessions("status_newest", "user_id", "status"),
        _newest_sessions("activity_newest", "activity_id", "user_id", "status"),
        _newest_sessions("kind_newest", "user_id", "kind", "status"),
        _newest_sessions("reason_newest", "user_id", "completed_reason", "status"),
        *map(_visits_by, VISIT_PATHS.values()),
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
    "programs": (
        IndexModel(
            [("owner", ASCENDING), ("status", ASCENDING), ("_id", DESCENDING)],
            name="owner_newest",
        ),
        IndexModel(
            [("share_code", ASCENDING)],
            name="share_code",
            unique=True,
            # Most are not shared.
            partialFilterExpression={"share_code": {"$type": "string"}},
        ),
    ),
    "program_contents": (),
    "program_claims": (),
    "counters": (),
    "enrollments": (
        IndexModel([("user_id", ASCENDING), ("_id", DESCENDING)], name="user_newest"),
        IndexModel(
            [("user_id", ASCENDING), ("program_id", ASCENDING)],
            name="one_active",
            unique=True,
            partialFilterExpression={"active": True},
        ),
    ),
    "program_days": (
        IndexModel([("enrollment_id", ASCENDING), ("day_number", ASCENDING)], name="enrollment"),
    ),
    "focus_totals": (),
    "achievements": (IndexModel([("user_id", ASCENDING), ("code", ASCENDING)], name="user_code"),),
    "announcements": (
        IndexModel([("user_id", ASCENDING), ("at", ASCENDING), ("rev", ASCENDING)], name="user"),
        IndexModel([("at", ASCENDING)], name="age"),
    ),
    "challenges": (_newest_made("newest"),),
    "matches": (_newest_made("newest"), _newest_made("user_newest", "users")),
    "buddy_sessions": (
        IndexModel(
            [("users", ASCENDING), ("scheduled_at", DESCENDING), ("_id", DESCENDING)],
            name="user_latest",
        ),
        IndexModel([("closes_at", ASCENDING)], name="closing", sparse=True),
    ),
    "questionnaires": (),
    "reviews": (),
    "meetings": (
        IndexModel([("review_id", ASCENDING), ("_id", DESCENDING)], name="review_newest"),
        IndexModel([("status", ASCENDING), ("_id", DESCENDING)], name="status_newest"),
        IndexModel(
            [("review_id", ASCENDING)],
            name="one_pending",
            unique=True,
            partialFilterExpression={"status": "PENDING"},
        ),
    ),
    "analyses": (
        IndexModel(
            [("review_id", ASCENDING)],
            name="one_of_review",
            unique=True,
            # Some are of answers that no review holds.
            partialFilterExpression={"review_id": {"$type": "string"}},
        ),
        IndexModel([("wake_at", ASCENDING)], name="waking", sparse=True),
    ),
    "transcripts": (),
    "uploads": (IndexModel([("began_at", ASCENDING)], name="age"),),
    # As the driver would make them at the first upload.
    "audio.files": (IndexModel([("filename", ASCENDING), ("uploadDate", ASCENDING)]),),
    "audio.chunks": (IndexModel([("files_id", ASCENDING), ("n", ASCENDING)], unique=True),),
    "calendar_feeds": (IndexModel([("digest", ASCENDING)], name="digest", unique=True),),
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
    "push_subscriptions": (
        IndexModel([("user_id", ASCENDING), ("renewed_at", DESCENDING)], name="user_newest"),
        IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0),
    ),
    "notices": (
        IndexModel([("next_at", ASCENDING)], name="next", sparse=True),
        IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=NOTICE_GRACE_S),
    ),
    "reminders": (IndexModel([("next_at", ASCENDING)], name="next", sparse=True),),
}


async def ensure_indexes(
    db: Database, indexes: Mapping[str, Sequence[IndexModel]] = INDEXES
) -> None:
    """Create what is missing, collections included (a transaction should not have to)."""
    # The usual time-out of a query would cut short the building of a large index.
    with translated(), pymongo.timeout(BUILD_TIMEOUT_S):
        present = set(await db.list_collection_names())
        # Side by side, since each waits for the journal.
        await asyncio.gather(
            *(_ensure(db, name, models, there=name in present) for name, models in indexes.items())
        )


async def _ensure(db: Database, name: str, models: Sequence[IndexModel], *, there: bool) -> None:
    if not there:
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
