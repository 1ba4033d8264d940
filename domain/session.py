"""The live session: its state, and what time makes of it.

Instants are integer milliseconds on the cluster clock, durations integer
milliseconds. Time is derived, never counted: elapsed time, focused time and XP
are functions of (state, now), so it does not matter when, or how often, anybody
looks. A deadline takes effect at its own instant, however late it is noticed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, Literal

from domain.rates import Rates, Xp

Kind = Literal["xp", "focus", "customer"]
Status = Literal["active", "paused", "completed", "canceled"]
Reason = Literal["manual", "auto", "timeout", "abandoned", "crash_recovered"]
SegmentKind = Literal["focused", "away", "paused"]

BY_ITSELF: Final[frozenset[Reason]] = frozenset({"auto", "timeout"})
"""Ends that come at an instant that was known before, whether or not the user is there."""
TERMINAL: Final = frozenset({"completed", "canceled"})
KEPT: Final = 500
"""How many pauses and distractions are kept in full; all are counted."""
KEPT_NOTES_BYTES: Final = 16_384
"""How much the notes of the kept distractions amount to at most, in UTF-8."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which the clock stood still; `to_ms` is None while it does."""

    from_ms: int
    to_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Distraction:
    """Something that drew the user away, as the user told it."""

    at_ms: int
    note: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A closed stretch of one condition; segments tile a session without gap or overlap."""

    kind: SegmentKind
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Counters:
    """What a customer did in a chat; `response_ms` is the sum over `responses`."""

    messages: int = 0
    conversations: int = 0
    responses: int = 0
    response_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One timed session, as of its last transition."""

    id: str
    kind: Kind
    user_id: str
    epoch: str
    """Random for each session; the same epoch proves the same life to a client."""
    rev: int
    """Grows by one with every transition; the only concurrency token."""
    status: Status
    focused: bool
    clock: int
    """The instant of the last transition; time does not run backwards past it."""
    started_at: int
    segment_started_at: int
    """When the present condition (focused, away or paused) began."""
    active_ms: int = 0
    focused_ms: int = 0
    rates: Rates
    planned_ms: int | None = None
    max_ms: int
    abandon_ms: int | None = None
    idle_ms: int | None = None
    last_seen_at: int
    last_activity_at: int
    ended_at: int | None = None
    completed_reason: Reason | None = None
    pauses: tuple[Pause, ...] = ()
    pause_count: int = 0
    distractions: tuple[Distraction, ...] = ()
    distraction_count: int = 0
    counters: Counters = field(default_factory=Counters)
    context: Mapping[str, str | int | None] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def terminal(self) -> bool:
        """Whether nothing can change any more."""
        return self.status in TERMINAL


def fresh(now: int, **told: Any) -> Session:
    """A session that is about to start at `now`, ms; `told` are the fields that make it what it is."""
    return Session(
        rev=1,
        status="active",
        focused=True,
        clock=now,
        started_at=now,
        segment_started_at=now,
        last_seen_at=now,
        last_activity_at=now,
        **told,
    )


@dataclass(frozen=True, slots=True)
class Deadline:
    """An end that time alone brings: noticed from `due_at` on, booked at `ends_at`."""

    due_at: int
    reason: Reason
    ends_at: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What a session amounts to at an instant."""

    elapsed_ms: int
    """Time in the session without its pauses."""
    focused_ms: int
    """Elapsed time without the stretches in which the client was away."""
    xp: Xp
    remaining_ms: int | None
    """Until the planned end; None without one."""


def deadlines(session: Session) -> tuple[Deadline, ...]:
    """Every end ahead of a live session, the first to come first.

    Ends of the same instant keep this order: hard limit, planned end, idleness,
    abandonment. A session with a planned end is never abandoned: a locked phone
    during 25 minutes of focus is the normal case.
    """
    if session.terminal:
        return ()
    hard = session.started_at + session.max_ms
    found = [Deadline(hard, "timeout", hard)]
    if session.planned_ms is not None and session.status == "active":
        due = session.segment_started_at + session.planned_ms - session.active_ms
        found.append(Deadline(due, "auto", due))
    if session.idle_ms is not None:
        due = session.last_activity_at + session.idle_ms
        found.append(Deadline(due, "timeout", due))
    if session.abandon_ms is not None and session.planned_ms is None:
        due = session.last_seen_at + session.abandon_ms
        found.append(Deadline(due, "abandoned", session.last_seen_at))
    return tuple(sorted(found, key=lambda deadline: deadline.due_at))


def next_due(session: Session) -> int | None:
    """The instant at which the session next ends by itself; None once it has ended."""
    ahead = deadlines(session)
    return ahead[0].due_at if ahead else None


def progress(session: Session, now: int) -> Progress:
    """What the session amounts to at `now`, never counting past its next deadline."""
    open_ms = 0
    if session.status == "active":
        until = max(session.clock, min(now, deadlines(session)[0].due_at))
        open_ms = until - session.segment_started_at
    elapsed = session.active_ms + open_ms
    focused = session.focused_ms + (open_ms if session.focused else 0)
    xp = Xp() if session.status == "canceled" else session.rates.xp(focused)
    left = None if session.planned_ms is None else max(0, session.planned_ms - elapsed)
    return Progress(elapsed, focused, xp, left)


def seen(session: Session, at: int) -> Session:
    """The session with evidence of its client at `at`; evidence never goes back."""
    if session.terminal or at <= session.last_seen_at:
        return session
    return replace(session, last_seen_at=at)


def newest_distractions(distractions: tuple[Distraction, ...]) -> tuple[Distraction, ...]:
    """The newest of them that fit: every commit and every published event carries them."""
    room, kept = KEPT_NOTES_BYTES, 0
    for item in reversed(distractions[-KEPT:]):
        room -= len(item.note.encode())
        if room < 0:
            break
        kept += 1
    return distractions[len(distractions) - kept :]
