"""Programs to look at from outside: as a calendar, as a table of days, as a few figures."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from domain.days import Calendar
from domain.program_plans import PlannedDay, anything_done, overall_streak, plan
from domain.program_rules import Moment
from domain.programs import DayContent, DayRecord, DoneDay, Enrollment, Program, fresh_day
from storage.mongo.awards import Awards
from storage.mongo.enrollments import Enrollments
from storage.mongo.program_archive import ProgramArchive
from storage.mongo.programs import Programs
from storage.mongo.users import Users

BATCH: Final = 30
"""Days that are read at a time."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An enrolment and its program."""

    enrollment: Enrollment
    program: Program


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """A day of a program on its date; `made_at` (ms) is when the calendar was asked for."""

    course: Enrolled
    planned: PlannedDay
    content: DayContent
    record: DayRecord
    made_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedDay:
    """A day of a program on which something was done; `done` is None until it is complete."""

    course: Enrolled
    title: str
    record: DayRecord
    done: DoneDay | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FocusStatistics:
    """What all focus of a user has come to; streaks are dates in a row with a completed day."""

    sessions: int
    focus_ms: int
    days: int
    programs: int
    reflections: int
    achievements: int
    current_streak: int
    longest_streak: int


@dataclass(frozen=True, kw_only=True)
class ViewParts:
    """What the views are made from."""

    programs: Programs
    enrollments: Enrollments
    archive: ProgramArchive
    awards: Awards
    users: Users


class ProgramViews:
    """Reads, nothing else. Everything raises Unavailable while MongoDB is away."""

    def __init__(self, parts: ViewParts, clock: Callable[[], int]) -> None:
        """`clock` is in ms."""
        self._programs = parts.programs
        self._enrollments = parts.enrollments
        self._archive = parts.archive
        self._awards = parts.awards
        self._users = parts.users
        self._clock = clock

    async def enrolled(self, user_id: str, enrollment_id: int) -> Enrolled:
        """One of the user's enrolments. Raises NotFound."""
        (found,) = await self._named([await self._enrollments.get(user_id, enrollment_id)])
        return found

    async def going_on(self, user_id: str) -> list[Enrolled]:
        """The user's enrolments that can still come to something, newest first."""
        return await self._named(await self._archive.going_on(user_id))

    async def calendar(
        self, user_id: str, courses: Sequence[Enrolled]
    ) -> AsyncGenerator[Sequence[CalendarDay], None]:
        """Every day of the user's enrolments on its date, in batches read as they are asked for."""
        now = self._clock()
        today = (await self._days_of(user_id)).day_of(now)
        for course in courses:
            planned = plan(course.enrollment, today)
            for start in range(0, len(planned), BATCH):
                yield await self._dated(course, planned[start : start + BATCH], now)

    async def worked_days(self, user_id: str) -> AsyncGenerator[Sequence[WorkedDay], None]:
        """Each day on which something was done: newest enrolment first, its days in order."""
        async with aclosing(self._archive.batches(user_id)) as batches:
            async for batch in batches:
                worked = await self._archive.with_days(batch)
                titles = await self._archive.titles(worked)
                for course in await self._named(worked):
                    async with aclosing(self._archive.days(course.enrollment)) as days:
                        async for records in days:
                            yield _worked(course, titles[course.enrollment.id], records)

    async def statistics(self, user_id: str) -> FocusStatistics:
        """The user's totals, with the streak over all of their programs."""
        totals = await self._awards.totals(user_id)
        held = await self._awards.of_user(user_id)
        moment = Moment(self._clock(), await self._days_of(user_id))
        enrollments = [one async for batch in self._archive.batches(user_id) for one in batch]
        streak = overall_streak(enrollments, moment)
        return FocusStatistics(
            sessions=totals["sessions"],
            focus_ms=totals["focus_ms"],
            days=totals["days"],
            programs=totals["programs"],
            reflections=totals["reflections"],
            achievements=len(held),
            current_streak=streak.current,
            longest_streak=streak.longest.days if streak.longest else 0,
        )

    async def _named(self, enrollments: Sequence[Enrollment]) -> list[Enrolled]:
        programs = await self._programs.of(enrollments)
        return [Enrolled(one, programs[one.id]) for one in enrollments]

    async def _days_of(self, user_id: str) -> Calendar:
        user = await self._users.get(user_id)
        return user.calendar if user else Calendar(())

    async def _dated(
        self, course: Enrolled, planned: Sequence[PlannedDay], now: int
    ) -> list[CalendarDay]:
        enrollment, numbers = course.enrollment, [one.number for one in planned]
        wanted = range(min(numbers), max(numbers) + 1)
        contents = {day.number: day for day in await self._programs.days(enrollment, wanted)}
        records = await self._enrollments.days(enrollment, numbers)
        return [
            CalendarDay(
                course=course,
                planned=one,
                content=contents[one.number],
                record=records.get(one.number) or fresh_day(contents[one.number]),
                made_at=now,
            )
            for one in planned
        ]


def _worked(
    course: Enrolled, titles: Sequence[str], records: Sequence[DayRecord]
) -> list[WorkedDay]:
    done = {day.number: day for day in course.enrollment.done}
    return [
        WorkedDay(
            course=course,
            title=titles[record.number - 1],
            record=record,
            done=done.get(record.number),
        )
        for record in records
        if anything_done(record)
    ]
