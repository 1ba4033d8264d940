"""What clients see of a session: the same fields over HTTP and over sockets."""

from collections.abc import Mapping
from typing import Any

from domain import customer
from domain.booking import XP_FIELDS
from domain.customer import Visit, average_response_s, minutes
from domain.instants import iso, iso_if, iso_of
from domain.rates import DIMENSIONS
from domain.session import Counters, Session, next_due, progress

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
        "customer": _customer(session.kind, session.counters),
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
        "customer": _customer(document["kind"], Counters(**(document.get("counters") or {}))),
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


def counters_view(counters: Counters) -> View:
    """What was done in a chat, as everything shows it that tells of customer sessions."""
    return {
        "total_messages_sent": counters.messages,
        "total_conversations": counters.conversations,
        "average_response_time": average_response_s(counters),
    }


def visit_view(visit: Visit) -> View:
    """A customer session, running or past, as lists of them show it, with whose it is."""
    return {
        "session_id": visit.id,
        "user": visit.user_id,
        "status": visit.status,
        "completed_reason": visit.reason,
        "is_active": visit.is_active,
        "started_at": iso(visit.started_at),
        "ended_at": iso_if(visit.ended_at),
        "last_activity_at": iso_if(visit.last_activity_at if visit.is_active else None),
        "duration_minutes": minutes(visit.duration_ms),
        **counters_view(visit.counters),
        "total_responses": visit.counters.responses,
    }


def _customer(kind: str, counters: Counters) -> View | None:
    """What a customer session is about; None for every other kind."""
    return counters_view(counters) if kind == customer.KIND else None


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
