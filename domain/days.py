"""The user's own days: which date an instant belongs to, for somebody who may travel.

A date begins when the wall clock of the user's zone first shows its `day_start`, or anything later
where the clock jumps over it. So a date has 24 hours as a rule, 23 or 25 where the clock changes,
and none at all where a country skips it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.instants import DAY_MS

ONE_DAY = timedelta(days=1)
DAY_S = DAY_MS // 1000
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
# Beyond every instant that a datetime can show.
EVER_MS = 1 << 60
# Of no zone and no start of the day does a date reach further from its midnight in UTC.
BEFORE_MS, AFTER_MS = 1 * DAY_MS, 3 * DAY_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Residence:
    """The zone and the start of the day that hold from an instant on, until the next residence.

    A zone that this machine does not know, because its tables are older, counts as UTC, and what
    is no time of the day as 00:00: days are then cut at other hours, but no time is lost.
    """

    from_ms: int
    time_zone: str
    day_start: str


class Calendar:
    """The days of one user; each instant belongs to exactly one date."""

    def __init__(self, residences: Sequence[Residence]) -> None:
        """Take the residences in any order; the first also holds for all time before it.

        Without any, the days are those of UTC.
        """
        ordered = sorted(residences, key=_from)
        self._from = [-EVER_MS, *(residence.from_ms for residence in ordered[1:])]
        self._ended = [*self._from[1:], EVER_MS]
        self._rules = [(each.time_zone, each.day_start) for each in ordered] or [("UTC", "00:00")]

    def day_of(self, at_ms: int) -> date:
        """Give the date that an instant belongs to."""
        return _days(*self._rules[self._at(at_ms)]).day_of(at_ms)

    def wall_at(self, at_ms: int) -> datetime:
        """Give what the user's wall clock shows at an instant, in the zone in force."""
        return _days(*self._rules[self._at(at_ms)]).wall_at(at_ms)

    def split(self, from_ms: int, to_ms: int) -> dict[date, int]:
        """Share the milliseconds of [from, to) out over dates; they add up to `to - from`."""
        shares: dict[date, int] = {}
        for day, began, ended in self._pieces(from_ms, to_ms):
            shares[day] = shares.get(day, 0) + ended - began
        return shares

    def lived_ms(self, day: date) -> int:
        """Say how long the date lasts for the user, over all its visits; 0 if it is skipped."""
        lived_ms = 0
        for began, ended in self._visits(day):
            lived_ms += ended - began
        return lived_ms

    def bounds(self, day: date) -> tuple[int, int] | None:
        """Give the date's first instant and the one at which its last visit is over, in ms."""
        visits = self._visits(day)
        return (visits[0][0], visits[-1][1]) if visits else None

    def _at(self, at_ms: int) -> int:
        return bisect_right(self._from, at_ms) - 1

    def _pieces(self, from_ms: int, to_ms: int) -> Iterator[tuple[date, int, int]]:
        place, began = self._at(from_ms), from_ms
        while began < to_ms:
            limit = min(to_ms, self._ended[place])
            days = _days(*self._rules[place])
            day = days.day_of(began) if began < limit else date.min
            while began < limit:
                ended = min(limit, days.start_of(day + ONE_DAY))
                if ended > began:
                    yield day, began, ended
                day, began = day + ONE_DAY, ended
            place += 1

    def _visits(self, day: date) -> list[tuple[int, int]]:
        midnight = (day.toordinal() - EPOCH_ORDINAL) * DAY_MS
        following = day + ONE_DAY
        first, last = self._at(midnight - BEFORE_MS), self._at(midnight + AFTER_MS)
        visits = []
        for place in range(first, last + 1):
            days = _days(*self._rules[place])
            began, ended = days.start_of(day), days.start_of(following)
            if first != last:
                began, ended = max(began, self._from[place]), min(ended, self._ended[place])
            if began < ended:
                visits.append((began, ended))
        return visits


class _Days:
    """The days of one zone that all begin at one time of the wall clock."""

    def __init__(self, zone: tzinfo, start: time) -> None:
        self._zone = zone
        self._start_s = start.hour * 3600 + start.minute * 60
        self._early = start.replace(tzinfo=zone)
        self._late = start.replace(tzinfo=zone, fold=1)

    def start_of(self, day: date) -> int:
        """Give the first instant, in ms, at which the wall clock shows the date's start or later.

        Monotonic in the date; two dates that begin at one instant mean that the first is skipped.
        """
        wall_s = (day.toordinal() - EPOCH_ORDINAL) * DAY_S + self._start_s
        # A time that comes twice has the larger offset first; one that is skipped, the smaller.
        first = wall_s - _offset_s(datetime.combine(day, self._early))
        second = wall_s - _offset_s(datetime.combine(day, self._late))
        if second >= first:
            return first * 1000
        return self._reached(wall_s, second, first) * 1000

    def wall_at(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(at_ms // 1000, self._zone)

    def day_of(self, at_ms: int) -> date:
        wall_s = at_ms // 1000 + self._offset_at(at_ms // 1000)
        day = date.fromordinal((wall_s - self._start_s) // DAY_S + EPOCH_ORDINAL)
        # The wall clock is a guess only: where it was put back, the date goes on.
        while at_ms >= self.start_of(day + ONE_DAY):
            day += ONE_DAY
        while at_ms < self.start_of(day):
            day -= ONE_DAY
        return day

    def _reached(self, wall_s: int, before: int, after: int) -> int:
        """Find the second in (before, after] at which the wall clock passes the given time."""
        while after - before > 1:
            middle = (before + after) // 2
            if middle + self._offset_at(middle) >= wall_s:
                after = middle
            else:
                before = middle
        return after

    def _offset_at(self, at_s: int) -> int:
        return _offset_s(datetime.fromtimestamp(at_s, self._zone))


@lru_cache(maxsize=2048)
def _days(time_zone: str, day_start: str) -> _Days:
    """Make the days of a zone once; reading its table takes a good part of a millisecond."""
    return _Days(_zone(time_zone), _start(day_start))


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # Settling must go on; `Residence` says what this means.
        return UTC


def _start(text: str) -> time:
    try:
        start = time.fromisoformat(text)
    except ValueError:
        return time.min
    return time(start.hour, start.minute)


def _offset_s(at: datetime) -> int:
    offset = at.utcoffset()
    assert offset is not None
    return offset.days * DAY_S + offset.seconds


def _from(residence: Residence) -> int:
    return residence.from_ms
