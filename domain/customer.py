"""Customer sessions: visits to a chat, what was done in them, and the figures made of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.instants import HOUR_MS, MINUTE_MS
from domain.session import Counters, Kind, Session, progress

KIND: Final[Kind] = "customer"
TENTH_MS: Final = MINUTE_MS // 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One customer session, running or past. Instants and durations are ms."""

    id: str
    user_id: str
    status: str
    reason: str | None = None
    started_at: int
    ended_at: int | None = None
    last_activity_at: int | None = None
    """Of a running one; nobody asks when a past one has ended."""
    duration_ms: int
    """Without pauses; of a running one, so far."""
    counters: Counters = field(default_factory=Counters)

    @property
    def is_active(self) -> bool:
        """Whether it is still going on, be it paused."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Totals:
    """What some visits come to."""

    visits: int = 0
    duration_ms: int = 0
    messages: int = 0
    conversations: int = 0

    def plus(self, visit: Visit) -> "Totals":
        """With one more visit."""
        return Totals(
            self.visits + 1,
            self.duration_ms + visit.duration_ms,
            self.messages + visit.counters.messages,
            self.conversations + visit.counters.conversations,
        )

    @property
    def average_ms(self) -> int:
        """Length of a visit on average; 0 without any."""
        return self.duration_ms // self.visits if self.visits else 0


def visit_of(session: Session, now: int) -> Visit:
    """A live customer session, or one that has only just ended, as a visit at `now`, ms."""
    at = progress(session, now if session.ended_at is None else session.ended_at)
    return Visit(
        id=session.id,
        user_id=session.user_id,
        status=session.status,
        reason=session.completed_reason,
        started_at=session.started_at,
        ended_at=session.ended_at,
        last_activity_at=session.last_activity_at,
        duration_ms=at.elapsed_ms,
        counters=session.counters,
    )


def minutes(duration_ms: int) -> float:
    """A duration in minutes with one decimal, as everything that tells of visits shows it."""
    return (duration_ms + TENTH_MS // 2) // TENTH_MS / 10


def average_response_s(counters: Counters) -> float:
    """Mean of the response times that were told, in seconds to the millisecond; 0 without any."""
    if not counters.responses:
        return 0.0
    return round(counters.response_ms / counters.responses / 1000, 3)


def percentile(distribution: Sequence[tuple[int, int]], percent: int) -> int | None:
    """The smallest value that so many percent of all do not exceed; None of nothing at all.

    `distribution` holds each value with how often it occurs, ascending by value.
    """
    count = sum(times for _, times in distribution)
    rank = -(-count * percent // 100)
    for value, times in distribution:
        rank -= times
        if rank <= 0:
            return value
    return None


def hours_of(from_ms: int, to_ms: int) -> range:
    """The beginnings, in ms, of all hours (UTC) that have a part in the span."""
    return range(from_ms // HOUR_MS * HOUR_MS, to_ms, HOUR_MS)
