"""Programs seen from outside: the dates of their days, what was done on one, all streaks as one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from domain.days import ONE_DAY
from domain.program_rules import Moment
from domain.program_streaks import paused_dates
from domain.programs import DayRecord, Enrollment
from domain.streaks import Streak, streak_of


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A day of a program and its date; `done_at` (ms) is None while it is to be done."""

    number: int
    on: date
    done_at: int | None = None


def plan(enrollment: Enrollment, today: date) -> list[PlannedDay]:
    """The dates of an enrolment's days, by number.

    What is completed lies where it was completed. The rest begins today with the current day
    and goes on with one day a date; of a program that is over, there is no rest.
    """
    done = {day.number: PlannedDay(day.number, day.on, day.at) for day in enrollment.done}
    numbers = range(1, enrollment.total_days + 1) if enrollment.active else ()
    left = [number for number in numbers if number not in done]
    ahead = [PlannedDay(number, today + place * ONE_DAY) for place, number in enumerate(left)]
    return sorted([*done.values(), *ahead], key=lambda one: one.number)


def anything_done(day: DayRecord) -> bool:
    """Whether the user has left anything on a day; what was taken back again is nothing."""
    worked = day.tasks_completed or day.focus_ms or day.sessions or day.reflections
    rated = day.difficulty_rating is not None or day.satisfaction_rating is not None
    return bool(worked or rated or day.notes or day.completed_at is not None)


def overall_streak(enrollments: Iterable[Enrollment], moment: Moment) -> Streak:
    """Dates in a row on which days of any program were completed.

    A date is excused if all programs that were under way on it were put aside.
    """
    begun = [one for one in enrollments if one.started_at is not None]
    counted = {day.on for one in begun for day in one.done}
    excused = _excused(begun, moment)
    return streak_of(counted, moment.calendar, moment.now, shown=0, excused=excused)


def _excused(begun: Collection[Enrollment], moment: Moment) -> frozenset[date]:
    spans = []
    for one in begun:
        until = moment.now if one.ended_at is None else one.ended_at
        first = moment.calendar.day_of(one.started_at or 0)
        spans.append(
            (first, moment.calendar.day_of(until), paused_dates(one, moment, until)),
        )
    paused = frozenset[date]().union(*(dates for _, _, dates in spans))
    return frozenset(
        day
        for day in paused
        if all(day in dates or not first <= day <= last for first, last, dates in spans)
    )
