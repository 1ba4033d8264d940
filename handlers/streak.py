"""The caller's streak: how many days in a row, and why."""

from domain.days import Calendar
from domain.streaks import streak_of
from handlers.base import ApiHandler
from handlers.endpoint import endpoint
from handlers.schemas.streak import StreakQuery, StreakView, streak_view


class StreakHandler(ApiHandler):
    """/api/v1/streak/"""

    @endpoint(
        summary="How many days in a row the caller has done something, and why",
        query=StreakQuery,
        returns=StreakView,
    )
    async def get(self, *, days: int) -> dict[str, object]:
        user_id, booked = self.caller.user_id, self.services.days
        user = await self.services.users.get(user_id)
        calendar = user.calendar if user else Calendar(())
        counted = await booked.counted(user_id)
        streak = streak_of(counted, calendar, self.services.clock(), shown=days)
        done = await booked.between(user_id, streak.days[-1].day, streak.today.day)
        return streak_view(streak, done)


ROUTES = ((r"/api/v1/streak", StreakHandler),)
