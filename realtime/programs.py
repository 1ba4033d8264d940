"""Focus programs as one user goes through them: every rule is applied here, nothing decided."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain import program_rules
from domain.accounts import User
from domain.errors import Forbidden, InvalidInput, NotFound, Unavailable
from domain.program_rules import Change, Moment, Rating, Rule
from domain.program_streaks import program_streak
from domain.programs import (
    DayContent,
    DayRecord,
    Enrollment,
    Program,
    days_of_week,
    fresh_day,
    weeks_of,
)
from domain.streaks import Streak
from domain.subscriptions import Subscription
from domain.weekly import WeeklyReview, week_names, weekly_review
from realtime.announcing import Announcer
from storage.mongo.awards import Award, Awards
from storage.mongo.enrollments import Enrollments
from storage.mongo.program_changes import ProgramBook
from storage.mongo.programs import Programs
from storage.mongo.users import Users
from storage.redis.program_lists import STAY_MS, ProgramLists

PRO_ONLY = "Program requires Pro subscription"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """An enrolment, its program, and what it has come to."""

    enrollment: Enrollment
    program: Program
    streak: Streak
    awards: tuple[Award, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ProgramParts:
    """What programs are served with."""

    programs: Programs
    enrollments: Enrollments
    book: ProgramBook
    awards: Awards
    users: Users
    lists: ProgramLists
    announcer: Announcer


class FocusPrograms:
    """Enrolling in programs, going through their days, looking back on them.

    Everything raises Unavailable while MongoDB is away, and NotFound for what is not the user's.
    """

    def __init__(self, parts: ProgramParts, clock: Callable[[], int]) -> None:
        """`clock` is in ms."""
        self._programs = parts.programs
        self._enrollments = parts.enrollments
        self._book = parts.book
        self._awards = parts.awards
        self._users = parts.users
        self._lists = parts.lists
        self._announcer = parts.announcer
        self._clock = clock

    async def listed(
        self,
        user_id: str,
        shown: Callable[[Program, Enrollment | None, bool], dict[str, Any]],
    ) -> list[dict[str, Any]]:
        """All programs that the user may see, each as `shown` lays it out.

        It is told the user's newest enrolment, and whether they may enrol. Lists are kept for
        ten minutes, unless something in them changes first.
        """
        now = self._clock()
        try:
            kept, number = await self._lists.get(user_id, now)
        except Unavailable:
            return (await self._list(user_id, shown, now))[0]
        if kept is not None:
            return kept
        built, subscription = await self._list(user_id, shown, now)
        turns = subscription.changes_at(now)
        until = now + STAY_MS if turns is None else min(turns, now + STAY_MS)
        try:
            await self._lists.put(user_id, built, number, until)
        except Unavailable:
            return built
        return built

    async def _list(
        self,
        user_id: str,
        shown: Callable[[Program, Enrollment | None, bool], dict[str, Any]],
        now: int,
    ) -> tuple[list[dict[str, Any]], Subscription]:
        enrollments = await self._enrollments.of_user(user_id)
        programs = await self._programs.visible(user_id, enrollments)
        subscription = await self._subscription(user_id)
        is_pro = subscription.is_pro(now)
        newest = {one.program_id: one for one in reversed(enrollments)}
        built = [
            shown(program, newest.get(program.id), is_pro or not program.is_pro_only)
            for program in programs
        ]
        return built, subscription

    async def forget_list(self, user_id: str) -> None:
        """What the list shows of the user has changed. Raises Unavailable."""
        await self._lists.forget(user_id)

    async def enroll(self, user_id: str, program_id: int) -> tuple[Enrollment, Program, bool]:
        """Enrol, or give the enrolment that is going on; whether it is new.

        Raises InvalidInput for a program that there is not, Forbidden without Pro.
        """
        program = await self._programs.get(program_id)
        if program is None or not program.open_to(user_id):
            raise InvalidInput("Invalid program_id", {"program_id": ["There is no such program."]})
        return await self.enroll_in(user_id, program)

    async def enroll_in(self, user_id: str, program: Program) -> tuple[Enrollment, Program, bool]:
        """As `enroll`, in a program that the user has been let into. Raises Forbidden."""
        await self._require_pro(user_id, program)
        enrollment, fresh = await self._book.enroll(user_id, program, self._clock())
        await self._announcer.tell(user_id)
        return enrollment, program, fresh

    async def start(self, user_id: str, enrollment_id: int) -> Enrollment:
        """Begin the program. Raises WrongState, Forbidden."""
        await self.usable(user_id, enrollment_id)
        return (await self._change(user_id, enrollment_id, None, program_rules.start)).enrollment

    async def pause(self, user_id: str, enrollment_id: int) -> Enrollment:
        """Put the program aside. Raises WrongState."""
        return (await self._change(user_id, enrollment_id, None, program_rules.pause)).enrollment

    async def resume(self, user_id: str, enrollment_id: int) -> Enrollment:
        """Take the program up again. Raises WrongState, Forbidden."""
        await self.usable(user_id, enrollment_id)
        return (await self._change(user_id, enrollment_id, None, program_rules.resume)).enrollment

    async def abandon(self, user_id: str, enrollment_id: int) -> Enrollment:
        """Give the program up. Raises WrongState."""
        return (await self._change(user_id, enrollment_id, None, program_rules.abandon)).enrollment

    async def update_task(
        self, user_id: str, enrollment_id: int, number: int, index: int, *, done: bool
    ) -> DayRecord:
        """Mark a task as done or not. Raises InvalidInput, WrongState, Forbidden."""
        await self.usable(user_id, enrollment_id)
        rule = program_rules.update_task(index, done=done)
        return (await self._change(user_id, enrollment_id, number, rule)).day

    async def reflect(
        self, user_id: str, enrollment_id: int, number: int, question: str, answer: str
    ) -> DayRecord:
        """Add a reflection. Raises WrongState, Forbidden."""
        await self.usable(user_id, enrollment_id)
        rule = program_rules.reflect(question, answer)
        return (await self._change(user_id, enrollment_id, number, rule)).day

    async def rate(
        self, user_id: str, enrollment_id: int, number: int, rating: Rating
    ) -> DayRecord:
        """Keep how a day was. Raises WrongState."""
        return (await self._change(user_id, enrollment_id, number, program_rules.rate(rating))).day

    async def _change(
        self, user_id: str, enrollment_id: int, number: int | None, rule: Rule
    ) -> Change:
        now = self._clock()
        change = await self._book.change(user_id, enrollment_id, number, rule, now)
        await self._announcer.tell(user_id)
        return change

    async def usable(self, user_id: str, enrollment_id: int) -> Enrollment:
        """The user's enrolment, if they may go on with it now. Raises Forbidden without Pro."""
        enrollment = await self._enrollments.get(user_id, enrollment_id)
        program = await self._program(enrollment)
        await self._require_pro(user_id, program)
        return enrollment

    def require_day(self, enrollment: Enrollment, number: int) -> None:
        """Raise NotFound for a day that the program does not have."""
        if not 1 <= number <= enrollment.total_days:
            raise NotFound("There is no such day in this program.")

    async def course(self, user_id: str, enrollment_id: int) -> Course:
        """An enrolment with all that its overview shows."""
        enrollment = await self._enrollments.get(user_id, enrollment_id)
        program = await self._program(enrollment)
        moment = await self._moment(user_id)
        return Course(
            enrollment=enrollment,
            program=program,
            streak=program_streak(enrollment, moment),
            awards=tuple(await self._awards.of_user(user_id, enrollment.id)),
        )

    async def courses(self, user_id: str) -> list[Course]:
        """All of the user's enrolments, newest first, without their awards."""
        enrollments = await self._enrollments.of_user(user_id)
        programs = await self._programs.of(enrollments)
        moment = await self._moment(user_id)
        return [
            Course(
                enrollment=one,
                program=programs[one.id],
                streak=program_streak(one, moment),
            )
            for one in enrollments
        ]

    async def day(
        self, user_id: str, enrollment_id: int, number: int
    ) -> tuple[Enrollment, DayContent, DayRecord]:
        """A day of a program, also a future one, and what was done on it.

        Raises Forbidden for a day that is still to come and needs Pro.
        """
        enrollment = await self._enrollments.get(user_id, enrollment_id)
        if number > enrollment.current_day:
            program = await self._program(enrollment)
            await self._require_pro(user_id, program)
        return enrollment, *await self.day_of(enrollment, number)

    async def day_of(self, enrollment: Enrollment, number: int) -> tuple[DayContent, DayRecord]:
        """As `day`, of an enrolment that was read before."""
        content = await self._programs.day(enrollment, number)
        days = await self._enrollments.days(enrollment, [number])
        return content, days.get(number, fresh_day(content))

    async def review(
        self, user_id: str, enrollment_id: int, week: int
    ) -> tuple[WeeklyReview, list[Award]]:
        """What a week of the program came to, and what was earned in it, in that order.

        Raises NotFound for a week that the program does not have.
        """
        course = await self.course(user_id, enrollment_id)
        enrollment = course.enrollment
        if not 1 <= week <= weeks_of(enrollment.total_days):
            raise NotFound("There is no such week in this program.")
        numbers = days_of_week(week, enrollment.total_days)
        days = await self._enrollments.days(enrollment, numbers)
        earned = [
            award
            for award in reversed(course.awards)
            if enrollment.day_at(award.earned_at) in numbers
        ]
        review = weekly_review(
            week,
            numbers,
            [*days.values()],
            streak=course.streak.current,
            achievements=[award.achievement.code for award in earned],
            names=week_names(
                course.program, await self._programs.days(enrollment, numbers), days.values()
            ),
        )
        return review, earned

    async def achievements(self, user_id: str) -> Mapping[str, Award]:
        """What the user holds, by code."""
        return {award.achievement.code: award for award in await self._awards.of_user(user_id)}

    async def _program(self, enrollment: Enrollment) -> Program:
        return (await self._programs.of([enrollment]))[enrollment.id]

    async def _moment(self, user_id: str) -> Moment:
        return Moment(self._clock(), (await self._user(user_id)).calendar)

    async def _subscription(self, user_id: str) -> Subscription:
        return (await self._user(user_id)).subscription

    async def _user(self, user_id: str) -> User:
        user = await self._users.get(user_id)
        if user is None:
            raise NotFound("This user has been removed.")
        return user

    async def _require_pro(self, user_id: str, program: Program) -> None:
        if not program.is_pro_only:
            return
        if not (await self._subscription(user_id)).is_pro(self._clock()):
            raise Forbidden(PRO_ONLY)
