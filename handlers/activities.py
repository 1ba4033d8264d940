"""Activities the caller may choose from: make, list, read."""

from http import HTTPStatus

from domain.access import shares_activities
from domain.catalogue import Activity
from domain.idempotency import digest, new_id
from handlers.base import ApiHandler
from handlers.endpoint import endpoint
from handlers.schemas.activities import ActivitiesView, ActivityBody, ActivityView
from handlers.schemas.paging import PageQuery, cursor_of
from storage.mongo.catalogue import Position


class ActivitiesHandler(ApiHandler):
    """/api/v1/activities/"""

    @endpoint(
        summary="Make an activity; one made by a service or administrator is open to everybody",
        body=ActivityBody,
        returns=ActivityView,
        keyed=True,
        status=HTTPStatus.CREATED,
        statuses={422: "The Idempotency-Key belongs to another request."},
    )
    async def post(self, **body: object) -> Activity:
        user_id = self.caller.user_id
        return await self.services.activities.create(
            new_id(user_id, "activities", self.idempotency_key),
            user_id,
            body,
            digest(body),
            shared=shares_activities(self.caller),
        )

    @endpoint(
        summary="List the shared activities and the caller's own, newest first",
        query=PageQuery,
        returns=ActivitiesView,
    )
    async def get(self, *, limit: int, cursor: Position | None) -> dict[str, object]:
        activities, following = await self.services.activities.newest(
            self.caller.user_id, limit=limit, after=cursor
        )
        return {"results": activities, "next": cursor_of(following)}


class ActivityHandler(ApiHandler):
    """/api/v1/activities/{activity_id}/"""

    @endpoint(summary="Read an activity the caller may see", returns=ActivityView)
    async def get(self, *, activity_id: str) -> Activity:
        return await self.services.activities.get(activity_id.lower(), self.caller.user_id)


ROUTES = (
    (r"/api/v1/activities", ActivitiesHandler),
    (r"/api/v1/activities/(?P<activity_id>[^/]+)", ActivityHandler),
)
