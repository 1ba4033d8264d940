"""Reminders: once a day, when the user's wall clock shows a time of their choice."""

from dataclasses import dataclass
from typing import Final

from domain.days import ONE_DAY, Calendar, Residence
from domain.instants import HOUR_MS
from domain.text import accept_time_of_day

DEFAULT_TIME: Final = "08:00"
LATE_MS: Final = HOUR_MS
"""A reminder that is noticed later than this, after an outage, is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """What a user has chosen; `next_at` is the next instant in ms, None while it is off."""

    user_id: str
    enabled: bool = False
    time: str = DEFAULT_TIME
    next_at: int | None = None


def accept_time(text: str) -> str:
    """Accept a time of the wall clock; raises `InvalidInput`."""
    return accept_time_of_day("time", text)


def next_at(time: str, time_zone: str, now: int) -> int:
    """The first instant after `now`, ms, at which the wall clock of the zone shows the time.

    Once for each date: of a time that comes twice the first one counts, and of one that is
    skipped the first moment after the gap. A date that a country skips has none. A zone that
    this machine does not know counts as UTC.
    """
    from_then, dates = _calendar(time_zone, time), _calendar(time_zone, "00:00")
    day = from_then.day_of(now) + ONE_DAY
    while (bounds := from_then.bounds(day)) is None or dates.bounds(day) is None:
        day += ONE_DAY
    return bounds[0]


def _calendar(time_zone: str, start: str) -> Calendar:
    return Calendar((Residence(from_ms=0, time_zone=time_zone, day_start=start),))
