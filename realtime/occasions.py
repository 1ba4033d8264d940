"""What a user is to be reminded of: the day of a program that waits, if nothing was done yet."""

from collections.abc import Sequence

from domain import notices
from domain.accounts import User
from domain.notices import Notice
from domain.programs import DayContent, Enrollment
from domain.text import counted
from storage.mongo.days import Days
from storage.mongo.enrollments import Enrollments
from storage.mongo.programs import Programs
from storage.mongo.users import Users


class Occasions:
    """Knows whether today is still open. Raises Unavailable while MongoDB is away."""

    def __init__(
        self, users: Users, enrollments: Enrollments, programs: Programs, days: Days
    ) -> None:
        self._users = users
        self._enrollments = enrollments
        self._programs = programs
        self._days = days

    async def reminder(self, user_id: str, now_ms: int) -> Notice | None:
        """What waits in the program begun last; None if today has been used already."""
        user = await self._users.get(user_id)
        if user is None:
            return None
        under_way = [
            one for one in await self._enrollments.of_user(user_id) if one.status == "in_progress"
        ]
        if under_way:
            return await self._of_program(user, under_way, now_ms)
        today = user.calendar.day_of(now_ms)
        if await self._days.between(user_id, today, today):
            return None
        return notices.reminder(
            user_id=user_id,
            title="Time to focus",
            body="Nothing is done yet today. A short session is a good beginning.",
            at=now_ms,
        )

    async def _of_program(
        self, user: User, under_way: Sequence[Enrollment], now_ms: int
    ) -> Notice | None:
        today = user.calendar.day_of(now_ms)
        if any(day.on == today for one in under_way for day in one.done):
            return None
        newest = under_way[0]
        content = await self._programs.day(newest, newest.current_day)
        return notices.reminder(
            user_id=user.id,
            title=content.title,
            body=_waits(content),
            at=now_ms,
            url=f"/programs/{newest.id}",
        )


def _waits(content: DayContent) -> str:
    tasks = counted(len(content.tasks), "task")
    minutes = counted(content.focus_minutes, "minute")
    return f"{minutes} of focus and {tasks} wait for you today."
