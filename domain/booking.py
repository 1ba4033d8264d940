"""How a finished session is entered in the books: its share of each day, and the way back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from domain.days import Calendar
from domain.errors import WrongState
from domain.rates import DIMENSIONS
from domain.session import Kind

XP_FIELDS: Final = ("xp_total", *(f"xp_{name}" for name in DIMENSIONS))
AMOUNTS: Final = (*XP_FIELDS, "focus_ms")
"""What an entry in the ledger holds, and a user's totals sum up: XP, and ms of focus sessions."""
COUNTED_KINDS: Final[frozenset[Kind]] = frozenset({"xp", "focus"})
"""Sessions that a person spends on something; a chat with customers makes no day."""
LONGEST_MS: Final = 30 * 86_400_000
"""No session is longer: a live one ends before, and an external one is refused."""
SPENT: Final[Mapping[Kind, frozenset[str]]] = {
    "xp": frozenset({"focused"}),
    "focus": frozenset({"focused", "away"}),
}
"""Stretches in which a session of a kind is spent on what it is for. Who focuses on a task is
seldom looking at the timer, so in a focus session time away from it counts."""
VOID_WINDOW_MS: Final = 600_000
"""How long after its end a session can be voided."""


class Span(NamedTuple):
    """`focused_ms` of focus somewhere between two instants."""

    from_ms: int
    to_ms: int
    focused_ms: int


@dataclass(frozen=True, slots=True)
class DayShare:
    """What one of the user's days has of a session."""

    day: date
    focused_ms: int
    xp: Mapping[str, int]
    """By the names of `XP_FIELDS`."""


def focused_spans(
    started_at: int,
    ended_at: int,
    focused_ms: int,
    segments: Iterable[tuple[str, int, int]],
    spent: Collection[str] = SPENT["xp"],
) -> list[Span]:
    """Say when a session of `focused_ms` was focused, as well as that is known.

    `segments` are its newest closed stretches as (kind, from, to), without a gap up to the
    end; those of the kinds in `spent` count. Focus that they do not account for lies
    somewhere before the first of them.
    """
    known = sorted(segments, key=lambda segment: segment[1])
    spans = [Span(begin, end, end - begin) for kind, begin, end in known if kind in spent]
    rest = focused_ms - sum(span.focused_ms for span in spans)
    if rest < 0:
        # Not the stretches of this session: trust its total alone.
        return [Span(started_at, ended_at, focused_ms)]
    if rest > 0:
        spans.insert(0, Span(started_at, known[0][1] if known else ended_at, rest))
    return spans


def day_shares(
    calendar: Calendar, spans: Sequence[Span], ended_at: int, xp: Mapping[str, int]
) -> list[DayShare]:
    """Split focus and XP over the user's days; the shares sum up to exactly the whole.

    XP follows focus. A session without any focus belongs to the day of its end.
    """
    focus: dict[date, int] = {}
    for span in spans:
        for day, ms in spread(span.focused_ms, _days(calendar, span)).items():
            focus[day] = focus.get(day, 0) + ms
    if not sum(focus.values()):
        return [DayShare(calendar.day_of(ended_at), 0, dict(xp))]
    focus = {day: ms for day, ms in sorted(focus.items()) if ms}
    parts = {name: spread(xp[name], focus) for name in XP_FIELDS if name != "xp_total"}
    shares = []
    for day, ms in focus.items():
        of_day = {name: part[day] for name, part in parts.items()}
        shares.append(DayShare(day, ms, {"xp_total": sum(of_day.values()), **of_day}))
    return shares


def spread(whole: int, weights: Mapping[date, int]) -> dict[date, int]:
    """Divide a whole number in proportion to the weights, in their order, losing nothing."""
    total = sum(weights.values())
    given, passed, parts = 0, 0, {}
    for key, weight in weights.items():
        passed += weight
        upto = whole * passed // total
        parts[key], given = upto - given, upto
    return parts


def require_voidable(status: str, ended_at: int, now: int) -> None:
    """Raise WrongState unless a session of this status and end can be voided `now`, ms."""
    if status != "completed":
        raise WrongState(f"the session is {status}; only a completed one can be voided")
    if now - ended_at > VOID_WINDOW_MS:
        minutes = VOID_WINDOW_MS // 60_000
        raise WrongState(f"a session can be voided within {minutes} minutes of its end")


def booked(session: Mapping[str, Any]) -> dict[str, int]:
    """The amounts that an ended session brings: XP, or time if it is a focus session."""
    counts = session["kind"] == "focus" and session["status"] in ("completed", "voided")
    xp = {name: session[name] for name in XP_FIELDS}
    return {**xp, "focus_ms": session["active_ms"] if counts else 0}


def void_id(session_id: str) -> str:
    """The id of the ledger entry that voids a session; no session's id holds a colon."""
    return f"void:{session_id}"


def inverse(entry: Mapping[str, Any]) -> dict[str, int]:
    """The amounts that undo an entry; an older one brought no `focus_ms`."""
    return {name: -entry.get(name, 0) for name in AMOUNTS}


def _days(calendar: Calendar, span: Span) -> Mapping[date, int]:
    if span.to_ms > span.from_ms:
        return calendar.split(span.from_ms, span.to_ms)
    return {calendar.day_of(span.from_ms): 1}
