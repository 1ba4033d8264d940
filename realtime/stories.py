"""The whole story of a session, from wherever its events are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.commands import Event
from domain.errors import NotFound
from domain.instants import iso
from domain.rates import DIMENSIONS, Rates, Xp
from domain.session import Session, next_due, progress
from domain.timeline import Entry, Facts, explain, is_whole, replay
from realtime.views import View
from storage.mongo.client import milliseconds
from storage.mongo.sessions import Sessions
from storage.mongo.timelines import Kept, Timelines
from storage.redis.codec import event_from, legible
from storage.redis.sessions import SessionStore

ENDS: Final = ("completed", "canceled")
LASTING: Final = 500
"""More events than this are not kept anywhere, and not shown."""


@dataclass(frozen=True, kw_only=True)
class Stories:
    """Tells users the stories of their sessions. Raises Unavailable where a store is away."""

    store: SessionStore
    sessions: Sessions
    timelines: Timelines
    clock: Callable[[], int]

    async def tell(self, user_id: str, session_id: str) -> View:
        """Every event of the user's session, what it came to, and why. Raises NotFound."""
        session = await self.store.load(user_id, session_id)
        document = None
        if session is None or session.terminal:
            # Only MongoDB knows what was voided, and what Redis has let go.
            document = await self.sessions.get(session_id, user_id)
        if document is not None and document.get("source") == "external":
            return _external(document)
        if session is not None:
            return await self._recent(session, document)
        if document is None:
            raise NotFound("there is no such session")
        return self._past(document, await self.timelines.get(session_id, user_id))

    async def _recent(self, session: Session, document: Mapping[str, Any] | None) -> View:
        """The story of a session that Redis holds, up to the state that was read."""
        told = await self.store.events(session.user_id, session.id)
        events = [event_from(event) for event in legible(told)]
        events = [event for event in events if event.rev <= session.rev][-LASTING:]
        if session.terminal and not events and document is not None:
            # Redis let go of it between the two reads.
            kept = await self.timelines.get(session.id, session.user_id)
            return self._past(document, kept)
        now = progress(session, self.clock() if session.ended_at is None else session.ended_at)
        facts = Facts(
            status=document["status"] if document else session.status,
            reason=session.completed_reason,
            started_at=session.started_at,
            ended_at=session.ended_at,
            ends_by=next_due(session),
            voided_at=_ms(document, "voided_at"),
            planned_ms=session.planned_ms,
            max_ms=session.max_ms,
            **_end_of(events),
            focused_ms=now.focused_ms,
            xp=now.xp.total,
            pays=session.kind == "xp",
        )
        on = session.status == "active" and session.focused
        entries = replay(
            events,
            session.rates,
            focused_ms=session.focused_ms,
            focused_since=session.segment_started_at if on else None,
        )
        return _view(session.id, facts, entries, whole=is_whole(events, session.rev))

    def _past(self, document: Mapping[str, Any], kept: Kept | None) -> View:
        """The story of a session that MongoDB alone holds."""
        events = kept.events[-LASTING:] if kept else ()
        facts = _facts(document, events)
        rates = Rates(**{name: int(document["rates"][name]) for name in DIMENSIONS})
        entries = replay(events, rates, focused_ms=facts.focused_ms)
        whole = kept is not None and kept.whole and len(events) == len(kept.events)
        return _view(document["_id"], facts, entries, whole=whole)


def _facts(document: Mapping[str, Any], events: Sequence[Event] = ()) -> Facts:
    return Facts(
        status=document["status"],
        reason=document.get("completed_reason"),
        external=document.get("source") == "external",
        started_at=_ms(document, "started_at"),
        ended_at=_ms(document, "ended_at"),
        voided_at=_ms(document, "voided_at"),
        planned_ms=document.get("planned_ms"),
        max_ms=document.get("max_ms"),
        **_end_of(events),
        focused_ms=int(document.get("focused_ms") or 0),
        xp=document.get("xp_total", 0),
        pays=document["kind"] == "xp",
    )


def _end_of(events: Iterable[Event]) -> dict[str, Any]:
    """What the last event says of an end that time alone brought."""
    data = next((event.data for event in events if event.type in ENDS), {})
    return {"due_at": data.get("due_at"), "late_ms": data.get("late_ms")}


def _external(document: Mapping[str, Any]) -> View:
    """The story of a session that another store ran: it told the start and the end."""
    facts = _facts(document)
    xp = Xp(**{name: document.get(f"xp_{name}", 0) for name in DIMENSIONS})
    known = [
        ("started", facts.started_at, 0, Xp()),
        ("completed", facts.ended_at, facts.focused_ms, xp),
    ]
    results: list[View] = [
        {
            "rev": None,
            "at": iso(at),
            "event": event,
            "segment": None,
            "data": {},
            "focused_seconds": focused_ms / 1000,
            **earned.fields(),
        }
        for event, at, focused_ms, earned in known
        if at is not None
    ]
    return {
        "id": document["_id"],
        "status": facts.status,
        "explanation": explain(facts),
        "whole": False,
        "results": results,
    }


def _view(session_id: str, facts: Facts, entries: Sequence[Entry], *, whole: bool) -> View:
    return {
        "id": session_id,
        "status": facts.status,
        "explanation": explain(facts),
        "whole": whole,
        "results": [_entry(entry) for entry in entries],
    }


def _entry(entry: Entry) -> View:
    event, segment = entry.event, entry.event.segment
    return {
        "rev": event.rev,
        "at": iso(event.at),
        "event": event.type,
        "segment": segment
        and {
            "kind": segment.kind,
            "from": iso(segment.from_ms),
            "to": iso(segment.to_ms),
            "seconds": (segment.to_ms - segment.from_ms) / 1000,
        },
        "data": dict(event.data),
        "focused_seconds": entry.focused_ms / 1000,
        **entry.xp.fields(),
    }


def _ms(document: Mapping[str, Any] | None, name: str) -> int | None:
    at = document.get(name) if document else None
    return None if at is None else milliseconds(at)
