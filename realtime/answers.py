"""Answers to commands, and how a repeat finds the first one.

A command with an id is answered once; the answer is kept with the session, and a
repeat of the same command gets it again, whatever has happened since.
"""

import hashlib
import json
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from domain.commands import (
    Act,
    Blur,
    Cancel,
    Command,
    Complete,
    Distract,
    Focus,
    Outcome,
    PauseCommand,
    Resume,
    Touch,
)
from domain.errors import KeyReused
from domain.session import Session
from storage.redis.codec import compact, session_fields, session_from

NAMES: Final[dict[type[Command], str]] = {
    PauseCommand: "pause",
    Resume: "resume",
    Focus: "focus",
    Blur: "blur",
    Distract: "distraction",
    Act: "activity",
    Complete: "complete",
    Cancel: "cancel",
    Touch: "touch",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a command: the state after it, and when that was."""

    session: Session
    event: str | None
    """The type of the event it caused; None when it changed nothing."""
    now: int
    repeated: bool = False
    """Whether this is the kept answer to an earlier command of the same id."""


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """A command as it came in."""

    command: Command
    command_id: str | None
    if_rev: int | None

    @property
    def fingerprint(self) -> str:
        """Equal for equal commands."""
        told = {field.name: getattr(self.command, field.name) for field in fields(self.command)}
        return fingerprint_of(NAMES[type(self.command)], told)

    def is_stale(self, session: Session) -> bool:
        """Whether the caller decided on another state than this."""
        return self.if_rev is not None and self.if_rev != session.rev


@dataclass(frozen=True, slots=True)
class StartRequest:
    """A start as it came in."""

    session: Session
    command_id: str | None

    @property
    def fingerprint(self) -> str:
        """Equal for equal starts; what the server adds does not count."""
        told = {**self.session.context, "planned_ms": self.session.planned_ms}
        # Another try may have been rated by another engine.
        told.pop("rate_engine", None)
        return fingerprint_of("start", told)


def fingerprint_of(name: str, arguments: dict[str, Any]) -> str:
    """Equal for equal names and arguments."""
    body = json.dumps([name, arguments], sort_keys=True, default=dict)
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def answer_to(outcome: Outcome, now: int, fingerprint: str) -> str:
    """What is kept under the id of a command that was just decided."""
    event = outcome.event
    return compact(
        {
            "fingerprint": fingerprint,
            "now": now,
            "event": event and event.type,
            # What an answer shows needs none of the lists.
            "state": session_fields(replace(outcome.session, pauses=(), distractions=())),
        }
    )


def answered(answer: str, fingerprint: str) -> Result:
    """Read a kept answer. Raises KeyReused if it was given to another command."""
    kept = json.loads(answer)
    if kept["fingerprint"] != fingerprint:
        raise KeyReused("this command id was used for another command")
    return Result(session_from(kept["state"]), kept["event"], kept["now"], repeated=True)
