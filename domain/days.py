"""Which day an instant belongs to, for a person who lives in a zone and gets up at an hour."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def local_day(at: datetime, time_zone: str, day_start: str) -> date:
    """Give the user's day of an aware instant; before `day_start` it is still yesterday."""
    wall = at.astimezone(ZoneInfo(time_zone))
    if wall.time() < time.fromisoformat(day_start):
        return wall.date() - timedelta(days=1)
    return wall.date()


def distinct_days(instants: Iterable[datetime], time_zone: str, day_start: str) -> int:
    """Count the user's days on which at least one of the instants falls."""
    return len({local_day(at, time_zone, day_start) for at in instants})
