"""Activities the caller may choose from: make, list, read, change, put away."""

from collections.abc import Sequence
from http import HTTPStatus

from domain.catalogue import PRIVATE_ACTIVITIES_MAX
from domain.idempotency import digest, new_id
from handlers.base import ApiHandler
from handlers.endpoint import endpoint
from handlers.languages import preferred
from handlers.schemas.activities import (
    ActivitiesView,
    ActivityBody,
    ActivityChange,
    ActivityListQuery,
    ActivityQuery,
    ActivityView,
    activity_view,
)
from handlers.schemas.paging import cursor_of
from storage.mongo.activities import Scope
from storage.mongo.catalogue import Position

FULL = f"The caller has {PRIVATE_ACTIVITIES_MAX} activities already."


class ActivityResource(ApiHandler):
    """What collection and item have in common: an activity may have a name in several languages."""

    def language(self, asked: str | None) -> str:
        """The language to show names in."""
        return preferred(asked, self.request.headers.get("Accept-Language", ""))


class ActivitiesHandler(ActivityResource):
    """/api/v1/activities/"""

    @endpoint(
        summary="Make an activity; one made by a service or administrator is open to everybody",
        body=ActivityBody,
        returns=ActivityView,
        keyed=True,
        status=HTTPStatus.CREATED,
        statuses={409: FULL, 422: "The Idempotency-Key belongs to another request."},
    )
    async def post(self, **body: object) -> dict[str, object]:
        activity_id = new_id(self.caller.user_id, "activities", self.idempotency_key)
        return activity_view(
            await self.services.activities.create(activity_id, self.caller, body, digest(body))
        )

    @endpoint(
        summary="List the shared activities and the caller's own, newest first",
        query=ActivityListQuery,
        returns=ActivitiesView,
    )
    async def get(
        self,
        *,
        status: Sequence[str],
        scope: Scope,
        category: str | None,
        lang: str | None,
        limit: int,
        cursor: Position | None,
    ) -> dict[str, object]:
        activities, following = await self.services.activities.newest(
            self.caller.user_id, status, scope=scope, category=category, limit=limit, after=cursor
        )
        language = self.language(lang)
        results = [activity_view(activity, language) for activity in activities]
        return {"results": results, "next": cursor_of(following, "activities")}


class ActivityHandler(ActivityResource):
    """/api/v1/activities/{activity_id}/"""

    @endpoint(
        summary="Read an activity the caller may see", query=ActivityQuery, returns=ActivityView
    )
    async def get(self, *, activity_id: str, lang: str | None) -> dict[str, object]:
        activity = await self.services.activities.get(activity_id.lower(), self.caller.user_id)
        return activity_view(activity, self.language(lang))

    @endpoint(
        summary="Change one's own activity, or as a service or administrator a shared one",
        body=ActivityChange,
        returns=ActivityView,
        statuses={409: FULL},
    )
    async def patch(self, *, activity_id: str, **changes: object) -> dict[str, object]:
        return activity_view(
            await self.services.activities.change(activity_id.lower(), self.caller, changes)
        )

    @endpoint(
        summary="Archive one's own activity, or as a service or administrator a shared one",
        status=HTTPStatus.NO_CONTENT,
    )
    async def delete(self, *, activity_id: str) -> None:
        await self.services.activities.archive(activity_id.lower(), self.caller)


ROUTES = (
    (r"/api/v1/activities", ActivitiesHandler),
    (r"/api/v1/activities/(?P<activity_id>[^/]+)", ActivityHandler),
)
