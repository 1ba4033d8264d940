"""Where the days of a program lie, what counts as done on one, and one streak over all programs."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.days import Calendar, Residence
from domain.instants import DAY_MS
from domain.program_plans import PlannedDay, anything_done, overall_streak, plan
from domain.program_rules import Moment
from domain.programs import DayRecord, DoneDay, Enrollment, ProgramPause, Reflection, Task

TODAY = date(2026, 11, 21)
ONE = timedelta(days=1)


def at(day: date, hour: int = 12) -> int:
    """An instant of a day of UTC, ms."""
    return (day - date(1970, 1, 1)).days * DAY_MS + hour * 3_600_000


def course(*done: tuple[int, date], **changes: Any) -> Enrollment:
    """An enrolment in five days, with the days that are done and their dates."""
    fields: dict[str, Any] = {
        "id": 1, "user_id": "u", "program_id": 1, "version": "1", "status": "in_progress",
        "rev": 1, "total_days": 5, "enrolled_at": 0, "started_at": at(TODAY - 9 * ONE),
        "done": tuple(DoneDay(number, at(on), on) for number, on in done),
    }  # fmt: skip
    return Enrollment(**(fields | changes))


def dates(enrollment: Enrollment, today: date = TODAY) -> list[tuple[int, int, bool]]:
    """(day, dates from today on, whether it is done) of each day."""
    planned = plan(enrollment, today)
    return [(one.number, (one.on - today).days, one.done_at is not None) for one in planned]


@pytest.mark.parametrize("status", ["not_started", "in_progress", "paused"])
def test_what_is_still_to_be_done_begins_today_whatever_was_done_today(status: Any) -> None:
    fresh = course(status=status)
    begun = course((1, TODAY - 3 * ONE), (2, TODAY), status=status)

    assert dates(fresh) == [(n + 1, n, False) for n in range(5)]
    assert dates(begun) == [
        (1, -3, True), (2, 0, True), (3, 0, False), (4, 1, False), (5, 2, False),
    ]  # fmt: skip
    assert dates(begun, TODAY + 4 * ONE)[2:] == [(3, 0, False), (4, 1, False), (5, 2, False)]
    assert plan(begun, TODAY)[0] == PlannedDay(1, TODAY - 3 * ONE, at(TODAY - 3 * ONE))


def test_a_day_that_a_void_has_opened_again_is_the_one_of_today() -> None:
    reopened = course((1, TODAY - 2 * ONE), (3, TODAY - ONE))

    assert dates(reopened) == [
        (1, -2, True), (2, 0, False), (3, -1, True), (4, 1, False), (5, 2, False),
    ]  # fmt: skip


@pytest.mark.parametrize("status", ["completed", "abandoned"])
def test_of_what_is_over_only_what_was_done_is_left(status: Any) -> None:
    over = course((1, TODAY - 2 * ONE), (2, TODAY - ONE), status=status, ended_at=at(TODAY))

    assert dates(over) == [(1, -2, True), (2, -1, True)]
    assert plan(course(status=status), TODAY) == []


def test_a_year_has_a_date_for_each_day() -> None:
    planned = plan(course(total_days=366), TODAY)

    assert [one.on for one in planned] == [TODAY + n * ONE for n in range(366)]


def record(**changes: Any) -> DayRecord:
    return DayRecord(number=1, target_ms=60_000, tasks=(Task("a"),), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"focus_ms": 1},
        {"sessions": 1},
        {"reflections": (Reflection("?", "!", 0),)},
        {"difficulty_rating": 1},
        {"satisfaction_rating": 5},
        {"notes": "x"},
        {"completed_at": 0},
    ],
)
def test_whatever_is_left_on_a_day_was_done(changes: dict[str, Any]) -> None:
    assert anything_done(record(**changes))
    assert anything_done(DayRecord(number=1, target_ms=0, tasks=(Task("a", 0),)))
    assert not anything_done(record())


def streak(*enrollments: Enrollment, now: int = at(TODAY)) -> tuple[int, int]:
    """Current and longest."""
    found = overall_streak(enrollments, Moment(now, Calendar(())))
    return found.current, found.longest.days if found.longest else 0


def test_a_streak_goes_from_one_program_to_the_next() -> None:
    first = course(*((n, TODAY - (7 - n) * ONE) for n in range(1, 6)), status="completed")
    second = course((1, TODAY - ONE), (2, TODAY), id=2)

    assert streak(first) == (0, 5)
    assert streak(first, second) == (7, 7)
    assert streak() == (0, 0)
    assert streak(course(started_at=None, status="not_started")) == (0, 0)


def paused(first: date, last: date, **changes: Any) -> Enrollment:
    """One that was put aside on whole dates, the first and the last included."""
    pause = ProgramPause(at(first - ONE), at(last + ONE))
    done = ((1, first - ONE), (2, last + ONE))
    return course(*done, pauses=(pause,), **changes)


def test_a_pause_is_excused_unless_another_program_was_under_way() -> None:
    aside = paused(TODAY - 4 * ONE, TODAY - 2 * ONE)
    going_on = course(id=2)
    aside_too = paused(TODAY - 4 * ONE, TODAY - 2 * ONE, id=2)
    over = course(id=2, status="abandoned", ended_at=at(TODAY - 5 * ONE))
    begun_later = course(id=2, started_at=at(TODAY - ONE))
    in_between = course(
        id=2, started_at=at(TODAY - 3 * ONE), ended_at=at(TODAY - 3 * ONE), status="abandoned"
    )

    assert streak(aside) == (2, 2)
    assert streak(aside, going_on) == (1, 1)
    assert streak(aside, in_between) == (1, 1)
    for other in (aside_too, over, begun_later):
        assert streak(aside, other) == (2, 2), other


def test_dates_are_those_of_the_users_own_zone() -> None:
    tokyo = Calendar((Residence(from_ms=0, time_zone="Asia/Tokyo", day_start="00:00"),))
    done = course((1, TODAY))
    # 16:00 in UTC is 01:00 of the next date in Tokyo.
    next_date = Moment(at(TODAY, 16), tokyo)

    assert overall_streak([done], next_date).current == 1
    assert overall_streak([done], Moment(at(TODAY + ONE, 16), tokyo)).current == 0
