"""What operators ask about customer sessions, and what they are answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from domain.customer import Totals, Visit
from storage.mongo.catalogue import Position

State = Literal["active", "ended", "all"]
STATES: Final = get_args(State)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskQuery:
    """Which visits an operator asks for; what is None does not matter. Instants are ms."""

    state: State = "all"
    user_id: str | None = None
    text: str | None = None
    """The beginning of a session id, or of a user's id, name or address."""
    from_ms: int | None = None
    to_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page ends: among those that still run, or in the list proper."""

    running: bool
    at: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A visit, and who its user is as far as anybody knows."""

    visit: Visit
    name: str = ""
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of the list; `total` counts all that was asked for."""

    rows: Sequence[Row]
    total: int
    following: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """A user, and what their visits come to."""

    user_id: str
    name: str
    totals: Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What went on among customers in a span of time. Distributions are (ms, how often)."""

    active: int
    per_hour: Mapping[int, int]
    """Visits begun, by the first ms of each hour."""
    durations: Sequence[tuple[int, int]]
    response_times: Sequence[tuple[int, int]]
    busiest: Sequence[Busy]
    """The users with the most visits that have ended."""


def row_of(visit: Visit, user: Mapping[str, Any]) -> Row:
    """The visit with what is known of its user."""
    return Row(visit=visit, name=user.get("name", ""), email=user.get("email"))
