"""What a live session can be asked to do, and what is told of it; `transitions` has the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from domain.session import Segment, Session

EventType = Literal[
    "started", "paused", "resumed", "focused", "blurred",
    "distraction", "activity", "completed", "canceled",
]  # fmt: skip
ActivityType = Literal[
    "message_sent", "conversation_started", "response_received", "session_refreshed",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, as told to clients and kept in the timeline."""

    type: EventType
    rev: int
    at: int
    segment: Segment | None = None
    """The stretch that this event closed."""
    data: Mapping[str, str | int | None] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decided command; without an event nothing but the evidence of the client changed."""

    session: Session
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class PauseCommand:
    """Stop the clock."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Let the clock run again."""


@dataclass(frozen=True, slots=True)
class Focus:
    """The client is back at it."""


@dataclass(frozen=True, slots=True)
class Blur:
    """The client is away: tab hidden, app in the background."""


@dataclass(frozen=True, slots=True)
class Distract:
    """The user was distracted and says by what."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """A customer did something in the chat, or came back to it."""

    activity_type: ActivityType
    response_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Complete:
    """The user is done; `context` is kept with the session."""

    context: Mapping[str, str | int | None] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Cancel:
    """The session shall not count."""


@dataclass(frozen=True, slots=True)
class Touch:
    """The client is there."""


Command = PauseCommand | Resume | Focus | Blur | Distract | Act | Complete | Cancel | Touch
