"""What clients see of a session: the same fields over HTTP and over sockets."""

from collections.abc import Mapping
from typing import Any

from domain.booking import XP_FIELDS
from domain.instants import iso, iso_of
from domain.rates import DIMENSIONS
from domain.session import Session, next_due, progress

View = dict[str, Any]
FOCUS_FIELDS = (
    "session_type", "enrollment_id", "program_id", "day_number", "task_description",
    "productivity_rating", "notes",
)  # fmt: skip


def session_view(session: Session, now: int) -> View:
    """The session at `now`, ms: its state and what time makes of it."""
    at = progress(session, now if session.ended_at is None else session.ended_at)
    due = next_due(session)
    return {
        "id": session.id,
        "kind": session.kind,
        "status": session.status,
        "focused": session.focused,
        "epoch": session.epoch,
        "rev": session.rev,
        "started_at": iso(session.started_at),
        "ended_at": None if session.ended_at is None else iso(session.ended_at),
        "completed_reason": session.completed_reason,
        "since": iso(session.segment_started_at),
        "elapsed_ms": at.elapsed_ms,
        "focused_ms": at.focused_ms,
        "remaining_ms": at.remaining_ms,
        "total_duration_seconds": at.elapsed_ms // 1000,
        "focused_duration_seconds": at.focused_ms // 1000,
        **at.xp.fields(),
        "rates": session.rates.per_second(),
        "planned_duration_seconds": _seconds(session.planned_ms),
        "ends_by": None if due is None else iso(due),
        "pause_count": session.pause_count,
        "distraction_count": session.distraction_count,
        "goal_id": session.context.get("goal_id"),
        "activity_id": session.context.get("activity_id"),
        "device_platform": session.context.get("device_platform"),
        "server_time": now,
        "focus": _focus(session.kind, session.context),
    }


def document_view(document: Mapping[str, Any], now: int) -> View:
    """A session as MongoDB keeps it, live or external, in the fields of `session_view`."""
    rates = document.get("rates") or {}
    return {
        "id": document["_id"],
        "kind": document["kind"],
        "status": document["status"],
        "focused": document.get("focused", False),
        "epoch": document.get("epoch"),
        "rev": document.get("rev"),
        "started_at": iso_of(document.get("started_at")),
        "ended_at": iso_of(document.get("ended_at")),
        "completed_reason": document.get("completed_reason"),
        "since": iso_of(document.get("ended_at")),
        "elapsed_ms": _ms(document, "active_ms", "total_duration_seconds"),
        "focused_ms": _ms(document, "focused_ms", "focused_duration_seconds"),
        "remaining_ms": None,
        "total_duration_seconds": document.get("total_duration_seconds"),
        "focused_duration_seconds": document.get("focused_duration_seconds"),
        **_xp(document),
        "rates": {name: rates[name] / 1000 for name in DIMENSIONS} if rates else None,
        "planned_duration_seconds": _seconds(document.get("planned_ms")),
        "ends_by": None,
        "pause_count": document.get("pause_count", 0),
        "distraction_count": document.get("distraction_count", 0),
        "goal_id": document.get("goal_id"),
        "activity_id": document.get("activity_id"),
        "device_platform": document.get("device_platform"),
        "server_time": now,
        "focus": _focus(document["kind"], document.get("context") or {}),
    }


def history_view(document: Mapping[str, Any]) -> View:
    """A past session with its activity, as a goal's history lists it."""
    activity = document.get("activity")
    return {
        "id": document["_id"],
        "started_at": iso_of(document.get("started_at")),
        "ended_at": iso_of(document.get("ended_at")),
        "total_duration_seconds": document.get("total_duration_seconds"),
        "focused_duration_seconds": document.get("focused_duration_seconds"),
        **_xp(document),
        "completed_reason": document.get("completed_reason"),
        "activity": activity
        and {"id": activity["_id"], "name": activity["name"], "emoji": activity["emoji"]},
    }


def _focus(kind: str, context: Mapping[str, Any]) -> View | None:
    """What a focus session is for; None for sessions of other kinds."""
    return {name: context.get(name) for name in FOCUS_FIELDS} if kind == "focus" else None


def _xp(document: Mapping[str, Any]) -> View:
    return {name: document.get(name, 0) for name in XP_FIELDS}


def _seconds(ms: int | None) -> int | None:
    return None if ms is None else ms // 1000


def _ms(document: Mapping[str, Any], exact: str, seconds: str) -> int | None:
    if document.get(exact) is not None:
        return int(document[exact])
    told = document.get(seconds)
    return None if told is None else int(told) * 1000
