"""Leaderboards: which periods there are, who stands where, and what others may see of a user.

All days, weeks and months are those of UTC. A streak belongs to one person and is
counted in their zone; a leaderboard compares people, so all share one calendar.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from domain.instants import AHEAD_MS, DAY_MS, EPOCH, MILLISECOND, MINUTE_MS
from domain.rates import DIMENSIONS
from domain.text import is_invisible, is_mark

FOCUS: Final = "focus"
COMPARED: Final = {
    **{board: f"xp_{board}" for board in ("total", *DIMENSIONS)},
    FOCUS: "focus_ms",
}
"""Each board, and the amount in the books by which people are compared on it."""
BOARDS: Final = tuple(COMPARED)
PERIODS: Final = ("day", "week", "month", "all")
KEPT_DAYS: Final = 8
KEPT_WEEKS: Final = 5
KEPT_MONTHS: Final = 13
"""How long the sets of a period stay after its end."""
LOOKS_BACK: Final = {
    "day": (1, KEPT_DAYS + 3),
    "week": (7, KEPT_WEEKS + 3),
    "month": (28, 31 * (KEPT_MONTHS + 3) // 28),
}
"""Days to step back by, and how often, so that no period that is kept is left out."""
ANONYMOUS: Final = "Anonymous"
SHOWN_CHARS: Final = 60
MARKS: Final = 4
"""As many as any script heaps upon one letter."""
INSIDE_WORDS: Final = "\u200c\u200d"
"""Joiner and non-joiner, which Persian and emoji need between two characters."""
VARIANT: Final = "\ufe0f"
"""Behind a sign: show it as an emoji."""
ADDRESS: Final = re.compile(r"([^\s<>()@\uff20\ufe6b]+)[@\uff20\ufe6b][^\s<>()]*\.[^\s<>()]+")


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of the calendar; instants in ms, `to_ms` is the first after it.

    `all` has no bounds. Its sets stay; those of others go at `expires_ms`.
    """

    name: str
    from_ms: int | None = None
    to_ms: int | None = None
    expires_ms: int | None = None

    def holds(self, at_ms: int) -> bool:
        """Say whether an instant lies in it."""
        begun = self.from_ms is None or self.from_ms <= at_ms
        return begun and (self.to_ms is None or at_ms < self.to_ms)

    def kept(self, now_ms: int) -> bool:
        """Say whether there are still sets of it at this instant."""
        return self.expires_ms is None or now_ms < self.expires_ms


ALL: Final = Period("all")


class Membership(NamedTuple):
    """What a user's scores depend on: two equal ones mean that nothing has moved in between."""

    settled: int = 0
    """How many bookings their ledger has had."""
    member: bool | None = None
    """Whether they take part; None if they never said, and so were never on any board."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A user's scores by (name of a period, board), true of one membership."""

    membership: Membership
    scores: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Face:
    """What others may see of a user who takes part."""

    name: str
    life_level: int
    badges: tuple[str, ...] = ()
    """Icons of their newest achievements."""


@dataclass(frozen=True, slots=True)
class Place:
    """One user's place on a board."""

    rank: int
    user_id: str
    score: int


def period_at(kind: str, at_ms: int) -> Period:
    """Give the period of a kind, one of `PERIODS`, that an instant lies in."""
    at = (EPOCH + at_ms * MILLISECOND).date()
    if kind == "day":
        return _period(f"day:{at}", at, at + timedelta(days=1), timedelta(days=KEPT_DAYS))
    if kind == "week":
        year, week, weekday = at.isocalendar()
        first = at - timedelta(days=weekday - 1)
        kept = timedelta(weeks=KEPT_WEEKS)
        return _period(f"week:{year:04}-W{week:02}", first, first + timedelta(weeks=1), kept)
    if kind == "month":
        first, following = at.replace(day=1), _months_on(at, 1)
        kept = _months_on(at, 1 + KEPT_MONTHS) - following
        return _period(f"month:{at:%Y-%m}", first, following, kept)
    assert kind == "all"
    return ALL


def periods_at(at_ms: int) -> tuple[Period, ...]:
    """Give the period of each kind that an instant lies in."""
    return tuple(period_at(kind, at_ms) for kind in PERIODS)


def periods_kept(now_ms: int) -> tuple[Period, ...]:
    """Give every period of which there may be sets at this instant, the next ones included."""
    last = now_ms + AHEAD_MS
    found = {
        period.name: period
        for kind, (step_days, steps) in LOOKS_BACK.items()
        for back in range(steps)
        for period in (period_at(kind, max(0, last - back * step_days * DAY_MS)),)
        if period.kept(now_ms)
    }
    return (*found.values(), ALL)


def places(entries: Sequence[tuple[str, int]], first: int, better: int) -> tuple[Place, ...]:
    """Rank (user, score) from the best down: equal score, equal rank; a rank counts who is better.

    `first` is how many stand before the first entry, and `better` how many of them score more.
    """
    ranked: list[Place] = []
    for index, (user_id, score) in enumerate(entries):
        ahead = better if index == 0 else first + index
        tied = bool(ranked) and ranked[-1].score == score
        ranked.append(Place(ranked[-1].rank if tied else 1 + ahead, user_id, score))
    return tuple(ranked)


def score_of(board: str, amount: int) -> int:
    """What an amount in the books counts on a board: XP as it is, of focus whole minutes."""
    return amount // MINUTE_MS if board == FOCUS else amount


def shown_name(name: str) -> str:
    """Give the name that others see: without what hides or disturbs, and without an address.

    Of a mail address only what stands before the @ is left. A name of which nothing can be
    seen is that of somebody anonymous.
    """
    shown = ADDRESS.sub(r"\1", _legible(name))[:SHOWN_CHARS].rstrip(INSIDE_WORDS + " ")
    return shown or ANONYMOUS


def _legible(name: str) -> str:
    """Leave out what has no shape, unless it shapes its neighbours, and marks upon nothing."""
    shown = ""
    for character in name:
        before = shown[-1:]
        if unicodedata.category(character).startswith("Z"):
            shown += " " if before.strip() else ""
        elif character in INSIDE_WORDS + VARIANT:
            shown += character if before not in ("", " ", character) else ""
        elif is_mark(character) and not is_invisible(character):
            heaped = len(shown) >= MARKS and all(map(is_mark, shown[-MARKS:]))
            shown += character if before.strip() and not heaped else ""
        elif not is_invisible(character):
            shown += character
    return shown.rstrip(INSIDE_WORDS + " ")


def _period(name: str, first: date, following: date, kept: timedelta) -> Period:
    return Period(name, _ms(first), _ms(following), _ms(following + kept))


def _months_on(at: date, months: int) -> date:
    """Give the first day of the month that lies so many months on."""
    count = at.year * 12 + at.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _ms(day: date) -> int:
    return (datetime(day.year, day.month, day.day, tzinfo=UTC) - EPOCH) // MILLISECOND
