"""Proof of the books of focus programs: sessions, days, enrolments and totals agree."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from domain.achievements import SESSION_MIN_MS
from storage.mongo.client import Database, Document
from storage.mongo.differences import BATCH, Difference, summed, unlike
from storage.mongo.program_records import day_id

COMPLETED: Final = {"kind": "focus", "status": "completed", "user_id": {"$type": "string"}}
TIME: Final = ("focus_ms", "sessions")
TYPED: Final = ("14_day", "30_day")
"""Types of programs of which the completed ones are counted apart."""
BOOKS: Final = {
    "focus sessions": (*TIME, "counted_sessions"),
    "program_days": ("reflections",),
    "enrollments": ("days", "programs", *(f"program_{kind}" for kind in TYPED)),
}
"""What the totals of a user in `focus_totals` must agree on with which sums."""


async def total_sources(db: Database, snapshot: Any) -> dict[str, AsyncIterator[Document]]:
    """The totals of each user, and the sums they are of, ascending by user."""
    totals = db["focus_totals"].find({}, session=snapshot).sort("_id", 1)
    sessions: list[Document] = [
        {"$match": COMPLETED},
        {"$group": {"_id": "$user_id", **_time_spent()}},
        {"$sort": {"_id": 1}},
    ]
    days: list[Document] = [
        {"$group": {"_id": "$user_id", "reflections": {"$sum": _size("$reflections")}}},
        {"$sort": {"_id": 1}},
    ]
    return {
        "focus_totals": totals.batch_size(BATCH),
        "focus sessions": _sums(db, "sessions", sessions, snapshot),
        "program_days": _sums(db, "program_days", days, snapshot),
        "enrollments": _sums(db, "enrollments", await _courses(db, snapshot), snapshot),
    }


def enrollment_sources(db: Database, snapshot: Any) -> dict[str, AsyncIterator[Document]]:
    """Each enrolment, what its days hold, and what was spent on them, ascending by enrolment."""
    shown = dict.fromkeys(("user_id", "total_days", "done.day", *TIME), 1)
    enrollments = db["enrollments"].find({}, shown, session=snapshot).sort("_id", 1)
    finished = {"$gt": ["$completed_at", None]}
    day = {name: f"${name}" for name in ("day_number", *TIME)} | {"completed": finished}
    days: list[Document] = [
        {
            "$group": {
                "_id": "$enrollment_id",
                "user_id": {"$first": "$user_id"},
                "days": {"$push": day},
            }
        },
        {"$sort": {"_id": 1}},
    ]
    return {
        "enrollment": enrollments.batch_size(BATCH),
        "days": _sums(db, "program_days", days, snapshot),
        "sessions": _sums(db, "sessions", _spent_on_days(), snapshot),
    }


def compare_focus_totals(user_id: str, documents: Mapping[str, Document]) -> list[Difference]:
    """What the books say differently of the focus of one user."""
    totals = ("focus_totals", documents.get("focus_totals", {}))
    return [
        difference
        for book, fields in BOOKS.items()
        for difference in unlike(user_id, fields, totals, (book, documents.get(book, {})))
    ]


def compare_enrollment(enrollment_id: int, documents: Mapping[str, Document]) -> list[Difference]:
    """What an enrolment, its days and the sessions that were for them say differently."""
    enrollment, kept = documents.get("enrollment", {}), documents.get("days", {})
    user_id = str({**kept, **enrollment}["user_id"])
    days = {day["day_number"]: day for day in kept.get("days", ())}
    own = {**enrollment, "days": len(enrollment.get("done", ()))}
    summed_up = {name: sum(day[name] for day in days.values()) for name in TIME}
    summed_up["days"] = sum(day["completed"] for day in days.values())
    found = unlike(
        user_id,
        (*TIME, "days"),
        (f"enrollment {enrollment_id}", own),
        (f"program_days of {enrollment_id}", summed_up),
    )
    spent = _spent(user_id, enrollment, documents.get("sessions", {}))
    for number in sorted(days.keys() | spent.keys()):
        name = day_id(enrollment_id, number)
        on_day = (f"program_day {name}", days.get(number, {}))
        found += unlike(user_id, TIME, on_day, (f"sessions of {name}", spent.get(number, {})))
    return found


def _spent(user_id: str, enrollment: Document, sessions: Document) -> dict[int, Document]:
    """What was spent by day; a session that names what is not there, or not theirs, is for none."""
    present = range(1, enrollment.get("total_days", 0) + 1)
    return {
        one["day_number"]: one
        for one in sessions.get("spent", ())
        if one["user_id"] == user_id and one["day_number"] in present
    }


async def _courses(db: Database, snapshot: Any) -> list[Document]:
    """The steps that count each user's completed days and programs."""
    contents: dict[str, list[str]] = {kind: [] for kind in TYPED}
    found = db["program_contents"].find(
        {"program_type": {"$in": [*TYPED]}}, {"program_type": 1}, session=snapshot
    )
    async for one in found:
        contents[one["program_type"]].append(one["_id"])
    completed: Document = {"$eq": ["$status", "completed"]}
    content = {"$concat": [{"$toString": "$program_id"}, ":", "$version"]}
    of_type = {
        f"program_{kind}": {"$sum": _one_if({"$and": [completed, {"$in": [content, ids]}]})}
        for kind, ids in contents.items()
    }
    sums = {
        "days": {"$sum": _size("$done")},
        "programs": {"$sum": _one_if(completed)},
        **of_type,
    }
    return [{"$group": {"_id": "$user_id", **sums}}, {"$sort": {"_id": 1}}]


def _spent_on_days() -> list[Document]:
    """The steps that sum up what was spent on each day that the sessions' contexts name."""
    whole = {"$type": ["int", "long"]}
    placed = {"context.enrollment_id": whole, "context.day_number": whole}
    keys = {
        "enrollment": "$context.enrollment_id",
        "day_number": "$context.day_number",
        "user_id": "$user_id",
    }
    spent = {"day_number": "$_id.day_number", "user_id": "$_id.user_id"}
    spent |= {name: f"${name}" for name in TIME}
    return [
        {"$match": {**COMPLETED, **placed}},
        {"$group": {"_id": keys, **_time_spent()}},
        {"$group": {"_id": "$_id.enrollment", "spent": {"$push": spent}}},
        {"$sort": {"_id": 1}},
    ]


def _time_spent() -> Document:
    counted = {"$gte": ["$active_ms", SESSION_MIN_MS]}
    return {
        "focus_ms": summed("active_ms")["active_ms"],
        "sessions": {"$sum": 1},
        "counted_sessions": {"$sum": _one_if(counted)},
    }


def _size(array: str) -> Document:
    return {"$size": {"$ifNull": [array, []]}}


def _one_if(condition: Document) -> Document:
    return {"$cond": [condition, 1, 0]}


def _sums(
    db: Database, collection: str, steps: list[Document], snapshot: Any
) -> AsyncIterator[Document]:
    return db[collection].aggregate(steps, allowDiskUse=True, batchSize=BATCH, session=snapshot)
