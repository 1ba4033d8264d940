"""The streak of a program: dates in a row on which a day of it was completed."""

from datetime import date

from domain.days import ONE_DAY
from domain.program_rules import Moment
from domain.programs import Enrollment
from domain.streaks import Streak, streak_of


def program_streak(enrollment: Enrollment, moment: Moment) -> Streak:
    """Dates in a row on which days of the program were completed, as it stood at its end."""
    at = moment.now if enrollment.ended_at is None else enrollment.ended_at
    counted = {day.on for day in enrollment.done}
    return streak_of(
        counted, moment.calendar, at, shown=0, excused=paused_dates(enrollment, moment, at)
    )


def paused_dates(enrollment: Enrollment, moment: Moment, at: int) -> frozenset[date]:
    """The dates that lie wholly in a pause."""
    found: set[date] = set()
    for one in enrollment.pauses:
        until = at if one.to_ms is None else min(at, one.to_ms)
        day = moment.calendar.day_of(one.from_ms) + ONE_DAY
        last = moment.calendar.day_of(until)
        while day < last:
            found.add(day)
            day += ONE_DAY
    return frozenset(found)
