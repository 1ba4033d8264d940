"""Sessions as MongoDB documents."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from domain import customer
from domain.booking import LONGEST_MS
from domain.rates import DIMENSIONS
from domain.session import Session, progress
from storage.mongo.client import Document, instant, milliseconds


def live_document(session: Session, events: Sequence[Mapping[str, Any]] = ()) -> Document:
    """The whole record of an ended live session, with the events that are kept of it, in order."""
    assert session.ended_at is not None
    final = progress(session, session.ended_at)
    context = dict(session.context)
    return {
        "_id": session.id,
        "kind": session.kind,
        "source": "live",
        "user_id": session.user_id,
        "goal_id": context.pop("goal_id", None),
        "activity_id": context.pop("activity_id", None),
        "device_platform": context.pop("device_platform", None),
        "status": session.status,
        "focused": session.focused,
        "completed_reason": session.completed_reason,
        "started_at": instant(session.started_at),
        "ended_at": instant(session.ended_at),
        "active_ms": final.elapsed_ms,
        "focused_ms": final.focused_ms,
        "total_duration_seconds": final.elapsed_ms // 1000,
        "focused_duration_seconds": final.focused_ms // 1000,
        **final.xp.fields(),
        "rates": {name: getattr(session.rates, name) for name in DIMENSIONS},
        "planned_ms": session.planned_ms,
        "max_ms": session.max_ms,
        "pauses": [
            {"from": instant(pause.from_ms), "to": pause.to_ms and instant(pause.to_ms)}
            for pause in session.pauses
        ],
        "pause_count": session.pause_count,
        "distractions": [
            {"at": instant(item.at_ms), "note": item.note} for item in session.distractions
        ],
        "distraction_count": session.distraction_count,
        "counters": asdict(session.counters),
        "context": context,
        "epoch": session.epoch,
        "rev": session.rev,
        "created_at": instant(session.started_at),
        **(_told_of_chat(events) if session.kind == customer.KIND else {}),
    }


def _told_of_chat(events: Sequence[Mapping[str, Any]]) -> Document:
    """Every response time of a customer session: from sums alone no percentile can be made."""
    told = [(event.get("data") or {}).get("response_ms") for event in events]
    return {"response_times_ms": [value for value in told if value is not None]}


def timeline_document(session: Session, events: Sequence[Mapping[str, Any]]) -> Document:
    """The events that are kept of an ended live session, in order.

    `whole` says whether none is missing: a long timeline keeps only its newest events.
    """
    return {
        "_id": session.id,
        "user_id": session.user_id,
        "events": list(events),
        "whole": [event.get("rev") for event in events] == list(range(1, session.rev + 1)),
    }


def external_document(
    session_id: str, user_id: str | None, told: Mapping[str, Any], now: int
) -> Document:
    """A session as an external real-time store tells it; totals are that store's."""
    xp = {name: told.get(name, 0) for name in (f"xp_{dimension}" for dimension in DIMENSIONS)}
    # What the end leaves out may be known from the start.
    platform = {name: told[name] for name in ("device_platform",) if name in told}
    return {
        "_id": session_id,
        "kind": "xp",
        "source": "external",
        "user_id": user_id,
        "status": told["status"],
        "ended_at": instant(told.get("ended_at", now)),
        "xp_total": told.get("xp_total", sum(xp.values())),
        **xp,
        **{
            name: told.get(name)
            for name in ("completed_reason", "total_duration_seconds", "focused_duration_seconds")
        },
        **platform,
    }


def with_times(document: Document) -> Document:
    """An ended external session with its times in ms, for what was told of them in seconds.

    Focus that was not told is all of its active time, and active time that was not told is
    the focus or else the time between start and end, as far as both are known.
    """
    active, focused = document["total_duration_seconds"], document["focused_duration_seconds"]
    began = document.get("started_at")
    between = 0 if began is None else milliseconds(document["ended_at"]) - milliseconds(began)
    known = [1000 * seconds for seconds in (active, focused) if seconds is not None]
    active_ms = known[0] if known else min(LONGEST_MS, max(0, between))
    return document | {
        "active_ms": active_ms,
        "focused_ms": active_ms if focused is None else 1000 * focused,
    }
