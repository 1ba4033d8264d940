"""Goals of the caller: make, list, read, change, put away."""

from collections.abc import Sequence
from http import HTTPStatus

from domain.catalogue import ACTIVE_GOALS_MAX, Goal
from domain.idempotency import digest, new_id
from handlers.base import ApiHandler
from handlers.endpoint import endpoint
from handlers.schemas.goals import (
    GoalBody,
    GoalChange,
    GoalQuery,
    GoalsView,
    GoalView,
    goal_view,
)
from handlers.schemas.paging import cursor_of
from storage.mongo.catalogue import Position

FULL = f"There are {ACTIVE_GOALS_MAX} active goals already."


class GoalResource(ApiHandler):
    """What collection and item have in common: a goal is shown with its days."""

    async def shown(self, goals: Sequence[Goal]) -> list[dict[str, object]]:
        """Lay goals out, each with the days that are done."""
        days = await self.services.goals.days_completed(
            self.caller.user_id, [goal.id for goal in goals]
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
        statuses={409: FULL, 422: "The Idempotency-Key belongs to another request."},
    )
    async def post(self, **body: object) -> dict[str, object]:
        user_id = self.caller.user_id
        goal_id = new_id(user_id, "goals", self.idempotency_key)
        goal = await self.services.goals.create(goal_id, user_id, body, digest(body))
        (view,) = await self.shown([goal])
        return view

    @endpoint(
        summary="List the caller's goals, newest first; archived ones only if asked for",
        query=GoalQuery,
        returns=GoalsView,
    )
    async def get(
        self, *, status: Sequence[str], limit: int, cursor: Position | None
    ) -> dict[str, object]:
        goals, following = await self.services.goals.newest(
            self.caller.user_id, status, limit=limit, after=cursor
        )
        return {"results": await self.shown(goals), "next": cursor_of(following, "goals")}


class GoalHandler(GoalResource):
    """/api/v1/goals/{goal_id}/"""

    @endpoint(summary="Read one of the caller's goals", returns=GoalView)
    async def get(self, *, goal_id: str) -> dict[str, object]:
        goal = await self.services.goals.get(goal_id.lower(), self.caller.user_id)
        (view,) = await self.shown([goal])
        return view

    @endpoint(
        summary="Change one of the caller's goals; what is left out stays",
        body=GoalChange,
        returns=GoalView,
        statuses={409: FULL},
    )
    async def patch(self, *, goal_id: str, **changes: object) -> dict[str, object]:
        user_id = self.caller.user_id
        goal = await self.services.goals.change(goal_id.lower(), user_id, changes)
        (view,) = await self.shown([goal])
        return view

    @endpoint(summary="Archive one of the caller's goals", status=HTTPStatus.NO_CONTENT)
    async def delete(self, *, goal_id: str) -> None:
        await self.services.goals.archive(goal_id.lower(), self.caller.user_id)


ROUTES = (
    (r"/api/v1/goals", GoalsHandler),
    (r"/api/v1/goals/(?P<goal_id>[^/]+)", GoalHandler),
)
