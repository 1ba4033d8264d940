"""What may happen to a live session: (state, command, now) → outcome, or a named refusal.

A transition yields a new state one `rev` further and the event that says so. A
command that asks for what is already so yields the same `rev` and no event. A
deadline that has passed comes before any command: callers `expire` first.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

from domain.commands import (
    Act,
    Blur,
    Cancel,
    Command,
    Complete,
    Distract,
    Event,
    EventType,
    Focus,
    Outcome,
    PauseCommand,
    Resume,
    Touch,
)
from domain.errors import TooMany, WrongState
from domain.session import (
    KEPT,
    Counters,
    Distraction,
    Pause,
    Reason,
    Segment,
    SegmentKind,
    Session,
    Status,
    deadlines,
    newest_distractions,
    progress,
    seen,
)

MAX_REV: Final = 20_000
"""Beyond this many transitions a session can only be ended; it keeps its memory bounded. What a
customer does is only counted, and everybody without a token shares one such session."""


def begin(session: Session) -> Outcome:
    """The first transition of a session that was put together for `started_at`."""
    return Outcome(session, Event("started", session.rev, session.started_at))


def decide(session: Session, command: Command, now: int) -> Outcome:
    """Apply `command` at `now`.

    Raises WrongState where the command makes no sense in the present state, and
    TooMany once the session has used up its transitions.
    """
    if session.terminal:
        return _after_the_end(session, command)
    at = max(now, session.clock)
    session = seen(session, at)
    if isinstance(command, Touch):
        return Outcome(session)
    if isinstance(command, Complete | Cancel):
        return _finish(session, at, command)
    if session.rev >= MAX_REV and not isinstance(command, Act):
        raise TooMany(f"a session takes at most {MAX_REV} changes; this one can only be ended")
    return _change(session, at, command)


def expire(session: Session, now: int) -> Outcome | None:
    """End the session at its first deadline if that has passed by `now`; None if not."""
    return _pass(session, now, now)


def recover(session: Session, alive_at: int, bridged_ms: int, now: int) -> Outcome | None:
    """End a session that the whole cluster lost sight of after its heartbeat at `alive_at`.

    The cluster was away for longer than the `bridged_ms` that are taken on trust. An end
    that fell due within them is booked at its own instant, as after a short outage. Any
    other session ends at the last durable evidence: the heartbeat, or its last transition
    where that is later. Sessions that began later are left alone.
    """
    if session.terminal or session.started_at > alive_at:
        return None
    passed = _pass(session, alive_at + bridged_ms, now)
    if passed is not None:
        return passed
    data = {"due_at": alive_at, "fired_at": now, "late_ms": now - alive_at}
    at = max(alive_at, session.clock)
    return _end(session, at, "completed", "crash_recovered", data)


def _pass(session: Session, by: int, now: int) -> Outcome | None:
    """End the session at its first deadline if that has passed `by` then; noticed `now`."""
    ahead = deadlines(session)
    if not ahead or ahead[0].due_at > by:
        return None
    due = ahead[0]
    data = {"due_at": due.due_at, "fired_at": now, "late_ms": now - due.due_at}
    return _end(session, max(due.ends_at, session.clock), "completed", due.reason, data)


def _finish(session: Session, at: int, command: Complete | Cancel) -> Outcome:
    if isinstance(command, Cancel):
        return _end(session, at, "canceled", None, {})
    session = replace(session, context={**session.context, **command.context})
    return _end(session, at, "completed", "manual", {})


def _change(
    session: Session, at: int, command: PauseCommand | Resume | Focus | Blur | Distract | Act
) -> Outcome:
    if isinstance(command, Distract):
        return _distract(session, at, command.note)
    if isinstance(command, Act):
        return _act(session, at, command)
    return _switch(session, at, command)


def _after_the_end(session: Session, command: Command) -> Outcome:
    repeated = (session.status == "completed" and isinstance(command, Complete)) or (
        session.status == "canceled" and isinstance(command, Cancel)
    )
    if repeated or isinstance(command, Touch):
        return Outcome(session)
    raise WrongState(f"the session is {session.status}; nothing can change it any more")


def _condition(session: Session) -> SegmentKind:
    if session.status == "paused":
        return "paused"
    return "focused" if session.focused else "away"


def _close(session: Session, at: int) -> tuple[Session, Segment]:
    """Book the open segment up to `at` and begin the next one there."""
    segment = Segment(_condition(session), session.segment_started_at, at)
    spent = at - session.segment_started_at
    closed = replace(
        session,
        segment_started_at=at,
        clock=at,
        active_ms=session.active_ms + (spent if segment.kind != "paused" else 0),
        focused_ms=session.focused_ms + (spent if segment.kind == "focused" else 0),
        pauses=_close_pause(session.pauses, at) if segment.kind == "paused" else session.pauses,
    )
    return closed, segment


def _close_pause(pauses: tuple[Pause, ...], at: int) -> tuple[Pause, ...]:
    return (*pauses[:-1], replace(pauses[-1], to_ms=at))


def _switch(session: Session, at: int, command: PauseCommand | Resume | Focus | Blur) -> Outcome:
    target: tuple[Status, bool, EventType]
    match command:
        case PauseCommand():
            target = ("paused", session.focused, "paused")
        case Resume():
            target = ("active", True, "resumed")
        case Focus():
            target = (session.status, True, "focused")
        case Blur():
            target = (session.status, False, "blurred")
    status, focused, event_type = target
    # Whether a paused client looks at its screen changes nothing: resuming is what brings it back.
    to_resume_alone = session.status == "paused" and not isinstance(command, Resume)
    if to_resume_alone or (isinstance(command, Resume) and session.status == "active"):
        return Outcome(session)
    if (status, focused) == (session.status, session.focused):
        return Outcome(session)
    closed, segment = _close(session, at)
    changed = replace(closed, status=status, focused=focused, rev=session.rev + 1)
    if isinstance(command, PauseCommand):
        pauses = (*changed.pauses, Pause(at))[-KEPT:]
        changed = replace(changed, pauses=pauses, pause_count=changed.pause_count + 1)
    return Outcome(changed, Event(event_type, changed.rev, at, segment))


def _distract(session: Session, at: int, note: str) -> Outcome:
    count = session.distraction_count + 1
    changed = replace(
        session,
        clock=at,
        rev=session.rev + 1,
        distractions=newest_distractions((*session.distractions, Distraction(at, note))),
        distraction_count=count,
    )
    data: dict[str, str | int | None] = {"note": note, "distraction_count": count}
    return Outcome(changed, Event("distraction", changed.rev, at, None, data))


def _act(session: Session, at: int, command: Act) -> Outcome:
    if session.kind != "customer":
        raise WrongState(f"a session of kind {session.kind} counts no chat activity")
    old = session.counters
    answered = command.activity_type == "response_received" and command.response_ms is not None
    counters = Counters(
        messages=old.messages + (command.activity_type == "message_sent"),
        conversations=old.conversations + (command.activity_type == "conversation_started"),
        responses=old.responses + answered,
        response_ms=old.response_ms + (command.response_ms or 0 if answered else 0),
    )
    changed = replace(
        session, clock=at, rev=session.rev + 1, last_activity_at=at, counters=counters
    )
    data: dict[str, str | int | None] = {
        "activity_type": command.activity_type,
        "response_ms": command.response_ms,
    }
    return Outcome(changed, Event("activity", changed.rev, at, None, data))


def _end(
    session: Session,
    at: int,
    status: Literal["completed", "canceled"],
    reason: Reason | None,
    data: Mapping[str, str | int | None],
) -> Outcome:
    closed, segment = _close(session, at)
    ended = replace(
        closed, status=status, rev=session.rev + 1, ended_at=at, completed_reason=reason
    )
    xp = progress(ended, at).xp
    told = {"completed_reason": reason, "xp_total": xp.total, **data}
    return Outcome(ended, Event(status, ended.rev, at, segment, told))
