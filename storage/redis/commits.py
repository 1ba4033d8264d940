"""One transition on its way into Redis: what the script `commit` is told, and what it says."""

from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from domain.commands import Event
from domain.errors import TooMany
from domain.session import Session, next_due, progress
from storage.redis.codec import compact, event_json, session_fields, session_from
from storage.redis.keys import ShardKeys

EVENTS_KEPT: Final = 500
ANSWERS_KEPT: Final = 5_000
"""How many commands with an id a session takes; ending it is always possible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One transition on its way into Redis."""

    session: Session
    """The state after it."""
    expected_rev: int
    """The rev it was decided on; 0 for a session that must not exist yet."""
    token: str
    """Random; the same token is applied once, however often it is sent."""
    now: int
    event: Event | None = None
    command_id: str | None = None
    answer: str = ""
    """What a repeat of `command_id` shall be answered with."""
    seen_guard: int | None = None
    """Refuse if there is later evidence of the client than this, ms."""


@dataclass(frozen=True, slots=True)
class Committed:
    """The transition is in Redis."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """The command was answered before, with this."""

    answer: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Another transition was first; this is the state now (None: the session is gone)."""

    why: Literal["conflict", "terminal", "exists", "missing"]
    session: Session | None


@dataclass(frozen=True, slots=True)
class SlotTaken:
    """The user has a live session of this kind."""

    session_id: str


CommitResult = Committed | Repeated | Refused | SlotTaken


def call_of(commit: Commit, keys: ShardKeys) -> tuple[list[str], list[str]]:
    """The keys and arguments of the script `commit`."""
    session, event = commit.session, commit.event
    fields = session_fields(session)
    told = event_json(session, event) if event else ""
    state = compact(fields)
    due = next_due(session)
    mode = "start" if commit.expected_rev == 0 else "end" if session.terminal else "change"
    record = f'{{"v":1,"session":{state}}}' if mode == "end" and event else ""
    message = f'{{"state":{state},"event":{told}}}' if event else ""
    head = [
        commit.token,
        str(commit.expected_rev),
        str(session.rev),
        commit.command_id or "",
        commit.answer,
        "" if due is None else str(due),
        "" if commit.seen_guard is None else str(commit.seen_guard),
        told,
        record,
        keys.channel,
        message,
        mode,
        session.kind,
        session.id,
        str(session.started_at),
        str(EVENTS_KEPT),
        str(ANSWERS_KEPT),
    ]
    written = fields | _live_fields(session, commit.now)
    touched = [
        keys.session(session.id),
        keys.session_events(session.id),
        keys.active,
        keys.deadlines,
        keys.user(session.user_id),
        keys.outbox,
        keys.commands(session.id),
    ]
    return touched, [*head, *(part for pair in written.items() for part in pair)]


def result_of(reply: list[Any]) -> CommitResult:
    """Read what the script says; raises TooMany if the session takes no more commands."""
    match reply:
        case ["OK"]:
            return Committed()
        case ["DUP", answer]:
            return Repeated(answer)
        case ["ACTIVE", other]:
            return SlotTaken(other)
        case ["FULL"]:
            raise TooMany(f"a session takes at most {ANSWERS_KEPT} commands with an id")
        case _:
            return _refused(reply)


def _refused(reply: list[Any]) -> Refused:
    """Read MISSING, or CONFLICT, TERMINAL or EXISTS with the hash as it is."""
    if reply[0] == "MISSING":
        return Refused("missing", None)
    pairs = iter(reply[1])
    why = cast(Literal["conflict", "terminal", "exists"], reply[0].lower())
    return Refused(why, session_from(dict(zip(pairs, pairs, strict=True))))


def _live_fields(session: Session, now: int) -> dict[str, str]:
    at = progress(session, now)
    return {
        "elapsed_seconds": str(at.elapsed_ms // 1000),
        "focused_seconds": str(at.focused_ms // 1000),
        "live_at": str(now),
        **{name: str(value) for name, value in at.xp.fields().items()},
    }
