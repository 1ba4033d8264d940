"""What may happen to an enrolment and its days, rule by rule."""

from dataclasses import replace

import pytest

from domain.days import Calendar, Residence
from domain.errors import InvalidInput, WrongState
from domain.program_rules import (
    Moment,
    Rating,
    Rule,
    abandon,
    add_focus,
    described,
    pause,
    rate,
    reflect,
    remove_focus,
    resume,
    start,
    update_task,
)
from domain.program_streaks import program_streak
from domain.programs import REFLECTIONS_KEPT, DoneDay, days_of_week, weeks_of
from tests.learning import DAY, HOUR, MINUTE, NOW, UTC, Course, enrollment, focus


def test_a_day_is_complete_when_tasks_focus_and_a_reflection_are_there() -> None:
    course = Course()

    assert course.apply(update_task(0, done=True)).events == ("task_updated",)
    assert course.apply(add_focus(focus(24))).events == ("focus_added",)
    assert course.apply(reflect("How?", "Well.")).events == ("reflection_added",)
    assert course.apply(update_task(1, done=True)).events == ("task_updated",)
    last = course.apply(add_focus(focus(1)))
    assert last.events == ("focus_added", "day_completed")
    assert course.enrollment.current_day == 2
    assert course.enrollment.focus_ms == 25 * MINUTE


def test_the_last_day_completes_the_program() -> None:
    course = Course()
    for number in (1, 2):
        assert "program_completed" not in course.do(number).events
    course.now += HOUR
    last = course.do(3)

    assert last.events == ("focus_added", "day_completed", "program_completed")
    assert (course.enrollment.status, course.enrollment.ended_at) == ("completed", NOW + HOUR)
    assert course.enrollment.current_day == 3
    assert course.enrollment.completion_percentage == 100.0


def test_a_day_was_complete_once_all_was_there_however_late_it_is_booked() -> None:
    course = Course()
    course.now = NOW + 2 * HOUR
    course.apply(update_task(0, done=True))
    course.apply(update_task(1, done=True))
    course.apply(reflect("How?", "Well."))
    course.now = NOW + 2 * DAY
    course.apply(add_focus(focus(25, NOW + HOUR)))

    # After the session came the tasks, and long after them the booking.
    assert course.day(1).completed_at == NOW + 2 * HOUR
    assert course.enrollment.done[0].on == UTC.day_of(NOW + 2 * HOUR)


def test_the_date_of_a_completed_day_is_the_users_own() -> None:
    evening = Calendar([Residence(from_ms=0, time_zone="Pacific/Auckland", day_start="00:00")])
    course = Course()
    change = add_focus(focus(25))(course.enrollment, course.day(1), Moment(NOW, evening))
    assert change.enrollment.done == ()
    course.apply(update_task(0, done=True))
    course.apply(update_task(1, done=True))
    course.apply(add_focus(focus(25)))
    done = reflect("How?", "Well.")(course.enrollment, course.day(1), Moment(NOW, evening))

    assert done.enrollment.done[0].on == evening.day_of(NOW)
    assert evening.day_of(NOW + 12 * HOUR) != UTC.day_of(NOW)


@pytest.mark.parametrize(
    "rule", [update_task(0, done=True), reflect("How?", "Well."), rate(Rating(difficulty=3))]
)
def test_what_is_asked_for_twice_is_done_once(rule: Rule) -> None:
    course = Course()
    first = course.apply(rule)
    again = course.apply(rule)

    assert len(first.events) == 1
    assert (again.events, again.enrollment, again.day) == ((), course.enrollment, first.day)


@pytest.mark.parametrize("over", [pause, abandon, None])
def test_a_repeat_changes_nothing_also_when_the_program_is_not_in_progress_any_more(
    over: Rule | None,
) -> None:
    course = Course(total_days=1)
    course.apply(add_focus(focus(25)))
    for rule in (update_task(0, done=True), update_task(1, done=True)):
        course.apply(rule)
    if over is not None:
        course.apply(reflect("How?", "Well."))
        course.enrollment = replace(course.enrollment, status="in_progress", ended_at=None)
        course.apply(over)
    else:
        assert "program_completed" in course.apply(reflect("How?", "Well.")).events
    kept = course.enrollment

    for rule in (update_task(1, done=True), reflect("How?", "Well.")):
        assert course.apply(rule, 1).events == ()
    with pytest.raises(WrongState):
        course.apply(reflect("How?", "Otherwise."), 1)
    assert course.enrollment == kept


def test_a_booking_of_before_a_pause_closes_it_without_turning_it_round() -> None:
    course = Course(total_days=1)
    for rule in (update_task(0, done=True), update_task(1, done=True), reflect("How?", "Well.")):
        course.apply(rule)
    course.now += HOUR
    course.apply(pause)
    change = course.apply(add_focus(focus(25, NOW + 1)), 1)

    assert "program_completed" in change.events
    assert all(one.to_ms == one.from_ms for one in change.enrollment.pauses)


def test_the_same_question_takes_other_answers_up_to_a_limit() -> None:
    course = Course()
    for n in range(REFLECTIONS_KEPT):
        course.apply(reflect("How?", f"Well {n}."))
    with pytest.raises(WrongState, match="at most"):
        course.apply(reflect("How?", "Once more."))
    assert course.apply(reflect("How?", "Well 1.")).events == ()


def test_a_task_can_be_undone_until_the_day_is_complete() -> None:
    course = Course()
    course.apply(update_task(0, done=True))
    undone = course.apply(update_task(0, done=False))
    assert undone.day.tasks_completed == 0
    course.do(1)

    with pytest.raises(WrongState, match="stay done"):
        course.apply(update_task(0, done=False), 1)


@pytest.mark.parametrize("index", [-1, 2, 10**6])
def test_a_task_that_is_not_there_is_a_fault_of_the_request(index: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        Course().apply(update_task(index, done=True))

    assert [*refused.value.errors] == ["task_index"]


@pytest.mark.parametrize("rule", [update_task(0, done=True), reflect("How?", "Well.")])
@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("not_started", "has not been started"),
        ("paused", "is paused"),
        ("completed", "is completed"),
        ("abandoned", "is abandoned"),
    ],
)
def test_days_change_only_while_the_program_is_in_progress(
    rule: Rule, status: str, why: str
) -> None:
    with pytest.raises(WrongState, match=why):
        Course(status=status).apply(rule)


@pytest.mark.parametrize(
    "rule", [update_task(0, done=True), reflect("How?", "Well."), rate(Rating(notes="x"))]
)
def test_days_to_come_cannot_be_changed(rule: Rule) -> None:
    with pytest.raises(WrongState, match="day 2 is still to come; day 1 is next"):
        Course().apply(rule, 2)


def test_a_rating_keeps_what_it_leaves_out_and_needs_a_program_that_began() -> None:
    course = Course()
    course.apply(rate(Rating(difficulty=2, satisfaction=5)))
    day = course.apply(rate(Rating(notes="Hard."))).day
    assert (day.difficulty_rating, day.satisfaction_rating, day.notes) == (2, 5, "Hard.")
    assert course.apply(rate(Rating(notes=""))).day.notes == ""

    with pytest.raises(WrongState, match="not been started"):
        Course(status="not_started", started_at=None).apply(rate(Rating(difficulty=1)))


STEPS = {
    "start": (start, {"not_started": "in_progress", "in_progress": None}),
    "pause": (pause, {"in_progress": "paused", "paused": None}),
    "resume": (resume, {"paused": "in_progress", "in_progress": None}),
    "abandon": (
        abandon,
        {
            "not_started": "abandoned",
            "in_progress": "abandoned",
            "paused": "abandoned",
            "abandoned": None,
        },
    ),
}


@pytest.mark.parametrize(
    "status", ["not_started", "in_progress", "paused", "completed", "abandoned"]
)
@pytest.mark.parametrize("step", STEPS)
def test_the_life_of_an_enrolment(step: str, status: str) -> None:
    rule, leads_to = STEPS[step]
    course = Course(status=status)
    if status not in leads_to:
        with pytest.raises(WrongState, match=f"the program is {status}"):
            course.apply(rule)
        return
    after = course.apply(rule)

    assert after.enrollment.status == (leads_to[status] or status)
    assert bool(after.events) == (leads_to[status] is not None)


def test_a_pause_is_closed_by_whatever_ends_it() -> None:
    course = Course()
    for rule in (pause, resume, pause, abandon):
        course.now += HOUR
        course.apply(rule)

    spans = [(one.from_ms - NOW, (one.to_ms or 0) - NOW) for one in course.enrollment.pauses]
    assert spans == [(HOUR, 2 * HOUR), (3 * HOUR, 4 * HOUR)]


def test_a_session_that_ends_during_a_pause_completes_its_day() -> None:
    course = Course()
    course.apply(update_task(0, done=True))
    course.apply(update_task(1, done=True))
    course.apply(reflect("How?", "Well."))
    course.apply(pause)

    assert course.apply(add_focus(focus(25)), 1).events == ("focus_added", "day_completed")


def test_a_session_counts_whatever_has_become_of_the_program() -> None:
    course = Course()
    course.apply(update_task(0, done=True))
    course.apply(update_task(1, done=True))
    course.apply(reflect("How?", "Well."))
    course.apply(abandon)
    change = course.apply(add_focus(focus(25)), 1)

    assert change.events == ("focus_added",)
    assert (change.enrollment.focus_ms, change.enrollment.sessions) == (25 * MINUTE, 1)
    assert change.enrollment.done == ()


def test_taking_a_session_out_opens_the_day_that_needs_it() -> None:
    course = Course()
    course.do(1)
    course.do(2)
    change = course.apply(remove_focus(focus(25), may_reopen=True), 1)

    assert change.events == ("focus_removed", "day_reopened")
    assert (change.enrollment.current_day, len(change.enrollment.done)) == (1, 1)
    # Day 2 stays done: with day 1 fulfilled again, day 3 is next.
    course.apply(add_focus(focus(25)), 1)
    assert course.enrollment.current_day == 3


def test_taking_out_what_is_not_needed_opens_nothing() -> None:
    course = Course()
    course.do(1)
    course.apply(add_focus(focus(10)), 1)
    assert course.apply(remove_focus(focus(10), may_reopen=True), 1).events == ("focus_removed",)
    course.apply(abandon)
    assert course.apply(remove_focus(focus(25), may_reopen=True), 1).events == ("focus_removed",)
    assert course.enrollment.status == "abandoned"


@pytest.mark.parametrize("may_reopen", [True, False])
def test_a_finished_program_goes_on_only_if_it_may(*, may_reopen: bool) -> None:
    course = Course()
    for number in (1, 2, 3):
        course.do(number)
    change = course.apply(remove_focus(focus(25), may_reopen=may_reopen), 3)

    told = ("focus_removed", "day_reopened", "program_reopened")
    assert change.events == (told if may_reopen else told[:1])
    assert change.enrollment.status == ("in_progress" if may_reopen else "completed")
    assert change.enrollment.ended_at == (None if may_reopen else NOW)


def done(*back: int) -> tuple[DoneDay, ...]:
    """Days that were completed so many dates ago."""
    at = [NOW - days * DAY for days in back]
    return tuple(DoneDay(n, one, UTC.day_of(one)) for n, one in enumerate(at, 1))


def test_dates_that_lie_wholly_in_a_pause_do_not_break_the_streak() -> None:
    course = Course(total_days=9, done=done(5, 4))
    assert program_streak(course.enrollment, Moment(NOW, UTC)).current == 0
    course.now = NOW - 4 * DAY
    course.apply(pause)
    course.now = NOW
    assert program_streak(course.enrollment, Moment(NOW, UTC)).current == 2
    course.apply(resume)
    streak = program_streak(course.enrollment, Moment(NOW, UTC))

    assert (streak.current, streak.longest and streak.longest.days) == (2, 2)
    # The date of the resumption itself is one like any other.
    assert program_streak(course.enrollment, Moment(NOW + DAY, UTC)).current == 0


def test_the_streak_of_a_program_that_is_over_stays() -> None:
    finished = enrollment(status="completed", ended_at=NOW, done=done(2, 1, 0))

    assert program_streak(finished, Moment(NOW + 99 * DAY, UTC)).current == 3


def test_a_day_becomes_current_when_the_one_before_is_complete() -> None:
    course = Course()
    course.now += HOUR
    course.do(1)

    assert [course.enrollment.began(n) for n in (1, 2, 3)] == [NOW, NOW + HOUR, None]
    assert [course.enrollment.day_at(NOW + at) for at in (0, HOUR, HOUR + 1)] == [1, 1, 2]


def test_weeks() -> None:
    assert [weeks_of(days) for days in (1, 7, 8, 14, 30, 366)] == [1, 1, 2, 2, 5, 53]
    assert days_of_week(5, 30) == range(29, 31)
    assert days_of_week(1, 3) == range(1, 4)


def test_what_is_told_shows_enrolment_and_day_after_the_change() -> None:
    course = Course()
    told = described(course.do(1))

    assert dict(told) == {
        "enrollment_id": 7,
        "program_id": 1,
        "rev": 4,
        "status": "in_progress",
        "current_day": 2,
        "days_completed": 1,
        "day": {
            "day_number": 1,
            "is_completed": True,
            "tasks_completed": 2,
            "tasks_total": 2,
            "focus_minutes": 25,
            "target_focus_minutes": 25,
            "reflections_count": 1,
        },
    }
