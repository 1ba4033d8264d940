"""Goals of the caller: make, list, read."""

from collections.abc import Sequence
from http import HTTPStatus

from domain.accounts import DEFAULT_DAY_START, DEFAULT_TIME_ZONE
from domain.catalogue import Goal
from domain.idempotency import digest, new_id
from handlers.base import ApiHandler
from handlers.endpoint import endpoint
from handlers.schemas.goals import GoalBody, GoalsView, GoalView, goal_view
from handlers.schemas.paging import PageQuery, cursor_of
from storage.mongo.catalogue import Position


class GoalResource(ApiHandler):
    """What collection and item have in common: a goal is shown with its days."""

    async def shown(self, goals: Sequence[Goal]) -> list[dict[str, object]]:
        """Lay goals out, counting days in the caller's zone."""
        user = await self.services.users.get(self.caller.user_id)
        days = await self.services.goals.days_completed(
            self.caller.user_id,
            [goal.id for goal in goals],
            time_zone=user.time_zone if user else DEFAULT_TIME_ZONE,
            day_start=user.day_start if user else DEFAULT_DAY_START,
        )
        return [goal_view(goal, days) for goal in goals]


class GoalsHandler(GoalResource):
    """/api/v1/goals/"""

    @endpoint(
        summary="Make a goal",
        body=GoalBody,
        returns=GoalView,
        keyed=True,
        status=HTTPStatus.CREATED,
        statuses={422: "The Idempotency-Key belongs to another request."},
    )
    async def post(self, **body: object) -> dict[str, object]:
        user_id = self.caller.user_id
        goal_id = new_id(user_id, "goals", self.idempotency_key)
        goal = await self.services.goals.create(goal_id, user_id, body, digest(body))
        (view,) = await self.shown([goal])
        return view

    @endpoint(summary="List the caller's goals, newest first", query=PageQuery, returns=GoalsView)
    async def get(self, *, limit: int, cursor: Position | None) -> dict[str, object]:
        goals, following = await self.services.goals.newest(
            self.caller.user_id, limit=limit, after=cursor
        )
        return {"results": await self.shown(goals), "next": cursor_of(following)}


class GoalHandler(GoalResource):
    """/api/v1/goals/{goal_id}/"""

    @endpoint(summary="Read one of the caller's goals", returns=GoalView)
    async def get(self, *, goal_id: str) -> dict[str, object]:
        goal = await self.services.goals.get(goal_id.lower(), self.caller.user_id)
        (view,) = await self.shown([goal])
        return view


ROUTES = (
    (r"/api/v1/goals", GoalsHandler),
    (r"/api/v1/goals/(?P<goal_id>[^/]+)", GoalHandler),
)
