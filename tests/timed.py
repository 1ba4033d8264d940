"""Live sessions put together by hand, for the tests of their rules."""

from typing import Any, Final

from domain.commands import Command, Outcome
from domain.rates import Rates
from domain.session import Session
from domain.transitions import decide

START: Final = 1_700_000_000_000
SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
RATES: Final = Rates(1200, 600, 0, 0, 200)


def timed(**changes: Any) -> Session:
    """A session of 12 hours at most that began at START, with `changes` to its fields."""
    fields: dict[str, Any] = {
        "id": "s-1",
        "kind": "xp",
        "user_id": "u-1",
        "epoch": "e1",
        "rev": 1,
        "status": "active",
        "focused": True,
        "clock": START,
        "started_at": START,
        "segment_started_at": START,
        "rates": RATES,
        "max_ms": 12 * HOUR,
        "last_seen_at": START,
        "last_activity_at": START,
    }
    return Session(**(fields | changes))


def outcome(session: Session, minute: float, command: Command) -> Outcome:
    """What the command does at that minute of the session."""
    return decide(session, command, START + round(minute * MINUTE))


def after(session: Session, *steps: tuple[float, Command]) -> Session:
    """The session after the commands, each with its minute."""
    for minute, command in steps:
        session = outcome(session, minute, command).session
    return session
