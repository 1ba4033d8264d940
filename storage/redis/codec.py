"""Sessions and events as the flat, readable fields that Redis keeps."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final, cast, get_args

from domain.commands import Event, EventType
from domain.errors import Unavailable
from domain.rates import DIMENSIONS, Rates
from domain.session import (
    Counters,
    Distraction,
    Kind,
    Pause,
    Segment,
    SegmentKind,
    Session,
    Status,
)

VERSION: Final = 1
"""Version of the fields of a session hash; a node refuses hashes newer than itself."""

KINDS: Final = get_args(Kind)
STATUSES: Final = get_args(Status)
EVENT_TYPES: Final = get_args(EventType)
SEGMENT_KINDS: Final = get_args(SegmentKind)
OPTIONAL: Final = ("planned_ms", "abandon_ms", "idle_ms", "ended_at")
WHOLE: Final = (
    "rev", "clock", "started_at", "segment_started_at", "active_ms", "focused_ms", "max_ms",
    "last_seen_at", "last_activity_at", "pause_count", "distraction_count",
)  # fmt: skip


class Damaged(Unavailable):
    """The hash is not one of a session; it is left as it is, for somebody to look at."""


class NewerSchema(Unavailable):
    """The hash was written by a newer version; touching it would lose what we do not know."""


def compact(value: object) -> str:
    """JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def session_fields(session: Session) -> dict[str, str]:
    """The session as hash fields; absent values are empty strings."""
    fields = {
        "v": str(VERSION),
        "id": session.id,
        "kind": session.kind,
        "user_id": session.user_id,
        "epoch": session.epoch,
        "status": session.status,
        "focused": "1" if session.focused else "0",
        "completed_reason": session.completed_reason or "",
        "pauses": compact([[pause.from_ms, pause.to_ms] for pause in session.pauses]),
        "distractions": compact([[item.at_ms, item.note] for item in session.distractions]),
        "counters": compact(asdict(session.counters)),
        "context": compact(dict(session.context)),
    }
    fields |= {name: str(getattr(session, name)) for name in WHOLE}
    for name in OPTIONAL:
        value = getattr(session, name)
        fields[name] = "" if value is None else str(value)
    fields |= {f"rate_{name}": str(getattr(session.rates, name)) for name in DIMENSIONS}
    return fields


def session_from(fields: Mapping[str, str]) -> Session:
    """The session that `session_fields` wrote.

    Raises NewerSchema for fields of a later version, Damaged for what is no session.
    """
    try:
        return _session_from(fields)
    except (KeyError, TypeError, ValueError) as error:
        told = f"{type(error).__name__}: {error}"
        raise Damaged(f"session {fields.get('id')} cannot be read: {told}") from error


def _session_from(fields: Mapping[str, str]) -> Session:
    if int(fields["v"]) > VERSION:
        raise NewerSchema(f"session {fields['id']} has schema {fields['v']}, we know {VERSION}")
    values: dict[str, Any] = {name: int(fields[name]) for name in WHOLE}
    values |= {name: int(fields[name]) if fields[name] else None for name in OPTIONAL}
    return Session(
        id=fields["id"],
        kind=cast(Any, _one_of(KINDS, fields["kind"])),
        user_id=fields["user_id"],
        epoch=fields["epoch"],
        status=cast(Any, _one_of(STATUSES, fields["status"])),
        focused=fields["focused"] == "1",
        completed_reason=cast(Any, fields["completed_reason"] or None),
        rates=Rates(*(int(fields[f"rate_{name}"]) for name in DIMENSIONS)),
        pauses=tuple(Pause(*item) for item in json.loads(fields["pauses"])),
        distractions=tuple(Distraction(*item) for item in json.loads(fields["distractions"])),
        counters=Counters(**json.loads(fields["counters"])),
        context=json.loads(fields["context"]),
        **values,
    )


def _one_of(known: tuple[str, ...], value: str) -> str:
    if value not in known:
        raise ValueError(f"{value!r} is none of {known}")
    return value


def event_json(session: Session, event: Event) -> str:
    """The event as clients, dashboards and the timeline read it."""
    segment = event.segment and asdict(event.segment)
    body: dict[str, object] = {
        "type": "event",
        "event": event.type,
        "id": session.id,
        "kind": session.kind,
        "user_id": session.user_id,
        "epoch": session.epoch,
        "rev": event.rev,
        "at": event.at,
        "segment": segment,
        "data": dict(event.data),
    }
    return compact(body)


def event_from(told: Any) -> Event:
    """Read what `event_json` wrote, parsed. Raises ValueError for anything else."""
    try:
        stretch = told["segment"]
        kind = _one_of(EVENT_TYPES, told["event"])
        return Event(
            type=cast(EventType, kind),
            rev=int(told["rev"]),
            at=int(told["at"]),
            segment=None if stretch is None else _segment_from(stretch),
            data=dict(told["data"].items()),
        )
    except (TypeError, LookupError, AttributeError, OverflowError) as error:
        raise ValueError("not an event of a session") from error


def _segment_from(told: Any) -> Segment:
    kind = _one_of(SEGMENT_KINDS, told["kind"])
    return Segment(cast(SegmentKind, kind), int(told["from_ms"]), int(told["to_ms"]))


def legible(kept: Iterable[str]) -> list[dict[str, Any]]:
    """The events of a timeline, parsed, as far back from its end as they can be read."""
    events: list[dict[str, Any]] = []
    for text in kept:
        try:
            event = json.loads(text)
            event_from(event)
        except (ValueError, RecursionError):
            events.clear()
        else:
            events.append(event)
    return events
