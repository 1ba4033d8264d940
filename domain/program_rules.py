"""What may happen to an enrolment and its days: (enrolment, day, …, now) → change, or a refusal.

A day is complete when all its tasks are done, its focus minutes are reached and there is a
reflection; whichever of the three comes last completes it, and the enrolment moves on to the
first day that is not complete. A completed day stays so, unless the session that completed
it is voided. What asks for what is already so changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, Literal

from domain.days import Calendar
from domain.errors import WrongState
from domain.programs import (
    REFLECTIONS_KEPT,
    DayRecord,
    DoneDay,
    Enrollment,
    ProgramPause,
    Reflection,
    Task,
)
from domain.text import refused

PAUSES_KEPT: Final = 200

Happening = Literal[
    "program_enrolled", "program_started", "program_paused", "program_resumed", "program_abandoned",
    "program_completed", "program_reopened", "task_updated", "reflection_added", "day_rated",
    "focus_added", "focus_removed", "day_completed", "day_reopened",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """What a rule made of an enrolment and one of its days; without events nothing changed."""

    enrollment: Enrollment
    day: DayRecord
    events: tuple[Happening, ...] = ()


@dataclass(frozen=True, slots=True)
class Rating:
    """How a day was, as the user sees it; None and an absent note leave what is there."""

    difficulty: int | None = None
    satisfaction: int | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """A completed session's part in a day."""

    active_ms: int
    ended_at: int


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happens, and the user's own days. `now` is in ms."""

    now: int
    calendar: Calendar = field(default_factory=lambda: Calendar(()))


def start(enrollment: Enrollment, day: DayRecord, moment: Moment) -> Change:
    """Begin the program; repeating changes nothing. Raises WrongState."""
    if enrollment.status == "in_progress":
        return Change(enrollment, day)
    _require(enrollment, "not_started", "only a program that has not been started can be")
    begun = replace(enrollment, status="in_progress", started_at=moment.now)
    return Change(begun, day, ("program_started",))


def pause(enrollment: Enrollment, day: DayRecord, moment: Moment) -> Change:
    """Put the program aside; whole dates of a pause do not break the streak. Raises WrongState."""
    if enrollment.status == "paused":
        return Change(enrollment, day)
    _require(enrollment, "in_progress", "only a program in progress can be paused")
    pauses = (*enrollment.pauses, ProgramPause(moment.now))[-PAUSES_KEPT:]
    return Change(replace(enrollment, status="paused", pauses=pauses), day, ("program_paused",))


def resume(enrollment: Enrollment, day: DayRecord, moment: Moment) -> Change:
    """Take the program up again. Raises WrongState."""
    if enrollment.status == "in_progress":
        return Change(enrollment, day)
    _require(enrollment, "paused", "only a paused program can be resumed")
    resumed = replace(enrollment, status="in_progress", pauses=_closed(enrollment, moment.now))
    return Change(resumed, day, ("program_resumed",))


def abandon(enrollment: Enrollment, day: DayRecord, moment: Moment) -> Change:
    """Give the program up for good; enrolling anew begins from the start. Raises WrongState."""
    if enrollment.status == "abandoned":
        return Change(enrollment, day)
    if not enrollment.active:
        raise WrongState(f"the program is {enrollment.status}; it cannot be abandoned")
    pauses = _closed(enrollment, moment.now)
    gone = replace(enrollment, status="abandoned", ended_at=moment.now, pauses=pauses)
    return Change(gone, day, ("program_abandoned",))


def update_task(index: int, *, done: bool) -> "Rule":
    """The rule that marks a task, counted from 0, as done or not.

    Raises InvalidInput for a task that is not there.
    """

    def rule(enrollment: Enrollment, day: DayRecord, moment: Moment) -> Change:
        if not 0 <= index < len(day.tasks):
            raise refused("task_index", f"Day {day.number} has {len(day.tasks)} tasks, from 0 on.")
        task = day.tasks[index]
        # Before anything else: what completed the program may come a second time.
        if (task.completed_at is not None) == done:
            return Change(enrollment, day)
        require_open(enrollment, day.number)
        if day.completed_at is not None:
            raise WrongState(f"day {day.number} is complete; its tasks stay done")
        tasks = list(day.tasks)
        tasks[index] = Task(task.text, moment.now if done else None)
        changed = replace(day, tasks=tuple(tasks))
        return _completed_if(enrollment, changed, moment, "task_updated", moment.now)

    return rule


def reflect(question: str, answer: str) -> "Rule":
    """The rule that adds a reflection; the same one twice is there once."""

    def rule(enrollment: Enrollment, day: DayRecord, moment: Moment) -> Change:
        if any((one.question, one.answer) == (question, answer) for one in day.reflections):
            return Change(enrollment, day)
        require_open(enrollment, day.number)
        if len(day.reflections) >= REFLECTIONS_KEPT:
            raise WrongState(f"a day takes at most {REFLECTIONS_KEPT} reflections")
        added = (*day.reflections, Reflection(question, answer, moment.now))
        changed = replace(day, reflections=added)
        return _completed_if(enrollment, changed, moment, "reflection_added", moment.now)

    return rule


def rate(rating: Rating) -> "Rule":
    """The rule that keeps how a day was; the last word counts."""

    def rule(enrollment: Enrollment, day: DayRecord, moment: Moment) -> Change:
        require_begun(enrollment, day.number)
        wanted = {
            "difficulty_rating": rating.difficulty,
            "satisfaction_rating": rating.satisfaction,
            "notes": rating.notes,
        }
        told = {name: value for name, value in wanted.items() if value is not None}
        changed = replace(day, **told)  # type: ignore[arg-type]
        return (
            Change(enrollment, day)
            if changed == day
            else Change(enrollment, changed, ("day_rated",))
        )

    return rule


def add_focus(focus: Focus) -> "Rule":
    """The rule that books a completed session; whatever has become of the program, it counts."""

    def rule(enrollment: Enrollment, day: DayRecord, moment: Moment) -> Change:
        enrollment, day = _focused(enrollment, day, focus.active_ms, 1)
        return _completed_if(enrollment, day, moment, "focus_added", focus.ended_at)

    return rule


def remove_focus(focus: Focus, *, may_reopen: bool) -> "Rule":
    """The rule that takes a voided session out again, and opens the day that needs it.

    `may_reopen` says whether a completed program may go on: not beside another enrolment.
    """

    def rule(enrollment: Enrollment, day: DayRecord, moment: Moment) -> Change:
        enrollment, day = _focused(enrollment, day, -focus.active_ms, -1)
        ended = enrollment.status == "completed"
        stays = day.completed_at is None or day.focus_ms >= day.target_ms
        if stays or enrollment.status == "abandoned" or (ended and not may_reopen):
            return Change(enrollment, day, ("focus_removed",))
        done = tuple(one for one in enrollment.done if one.number != day.number)
        enrollment, day = replace(enrollment, done=done), replace(day, completed_at=None)
        if not ended:
            return Change(enrollment, day, ("focus_removed", "day_reopened"))
        enrollment = replace(enrollment, status="in_progress", ended_at=None)
        return Change(enrollment, day, ("focus_removed", "day_reopened", "program_reopened"))

    return rule


Rule = Callable[[Enrollment, DayRecord, Moment], Change]


def require_open(enrollment: Enrollment, number: int) -> None:
    """Raise WrongState unless the program is in progress and has come to this day."""
    if enrollment.status == "not_started":
        raise WrongState("the program has not been started")
    if enrollment.status != "in_progress":
        raise WrongState(f"the program is {enrollment.status}")
    require_begun(enrollment, number)


def require_begun(enrollment: Enrollment, number: int) -> None:
    """Raise WrongState for a day that is still to come."""
    if enrollment.started_at is None:
        raise WrongState("the program has not been started")
    if number > enrollment.current_day and all(one.number != number for one in enrollment.done):
        raise WrongState(f"day {number} is still to come; day {enrollment.current_day} is next")


def described(change: Change) -> Mapping[str, Any]:
    """What is told of a change: the enrolment and the day as they are after it."""
    enrollment = change.enrollment
    return MappingProxyType(
        {
            "enrollment_id": enrollment.id,
            "program_id": enrollment.program_id,
            "rev": enrollment.rev,
            "status": enrollment.status,
            "current_day": enrollment.current_day,
            "days_completed": len(enrollment.done),
            "day": dict(change.day.figures),
        }
    )


def _require(enrollment: Enrollment, status: str, otherwise: str) -> None:
    if enrollment.status != status:
        raise WrongState(f"the program is {enrollment.status}; {otherwise}")


def _closed(enrollment: Enrollment, now: int) -> tuple[ProgramPause, ...]:
    return tuple(
        replace(one, to_ms=max(now, one.from_ms)) if one.to_ms is None else one
        for one in enrollment.pauses
    )


def _focused(
    enrollment: Enrollment, day: DayRecord, ms: int, sessions: int
) -> tuple[Enrollment, DayRecord]:
    return (
        replace(
            enrollment,
            focus_ms=enrollment.focus_ms + ms,
            sessions=enrollment.sessions + sessions,
        ),
        replace(day, focus_ms=day.focus_ms + ms, sessions=day.sessions + sessions),
    )


def _completed_if(
    enrollment: Enrollment, day: DayRecord, moment: Moment, event: Happening, at: int
) -> Change:
    """The change, with the day completed if it has all it asks for by now."""
    going_on = enrollment.status in ("in_progress", "paused")
    if not going_on or day.completed_at is not None or not day.fulfilled:
        return Change(enrollment, day, (event,))
    # A session may be booked long after it ended: the day was complete once all was there.
    told = [task.completed_at or 0 for task in day.tasks]
    at = max(at, day.reflections[0].at, *told)
    finished = DoneDay(day.number, at, moment.calendar.day_of(at))
    done = tuple(sorted((*enrollment.done, finished), key=lambda one: one.number))
    enrollment, day = replace(enrollment, done=done), replace(day, completed_at=at)
    if len(done) < enrollment.total_days:
        return Change(enrollment, day, (event, "day_completed"))
    pauses = _closed(enrollment, at)
    enrollment = replace(enrollment, status="completed", ended_at=at, pauses=pauses)
    return Change(enrollment, day, (event, "day_completed", "program_completed"))
