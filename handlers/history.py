"""Past sessions of the caller: all of them in pages, and the story of each."""

from collections.abc import Mapping
from typing import Any

from handlers.base import ApiHandler
from handlers.endpoint import endpoint
from handlers.schemas.history import TimelineView, past_session
from handlers.schemas.paging import cursor_of
from realtime.views import View
from storage.mongo.catalogue import Position
from storage.mongo.history import Selection


async def past_sessions(
    handler: ApiHandler, *, limit: int, cursor: Position | None, **wanted: Any
) -> Mapping[str, Any]:
    """One page of the caller's past sessions."""
    documents, following = await handler.services.history.page(
        handler.caller.user_id, Selection(**wanted), limit=limit, after=cursor
    )
    results = [past_session(document) for document in documents]
    return {"results": results, "next": cursor_of(following, "sessions")}


class TimelineHandler(ApiHandler):
    """/api/v1/sessions/{session_id}/timeline/"""

    group = "sessions"

    @endpoint(
        summary="Everything that happened in a session, and why it ended", returns=TimelineView
    )
    async def get(self, *, session_id: str) -> View:
        return await self.services.stories.tell(self.caller.user_id, session_id)


ROUTES = ((r"/api/v1/sessions/(?P<session_id>[A-Za-z0-9_-]{1,128})/timeline", TimelineHandler),)
