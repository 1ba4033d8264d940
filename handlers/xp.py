"""XP of the caller: totals, the ledger they are the sum of, and taking a session back."""

from collections.abc import Mapping
from typing import Any

from domain.errors import NotFound
from handlers.base import ApiHandler
from handlers.endpoint import endpoint
from handlers.schemas.paging import cursor_of, page_query
from handlers.schemas.sessions import SessionView
from handlers.schemas.xp import LedgerView, XpView, entry_view, xp_view
from realtime.views import View
from storage.mongo.catalogue import Position


class XpHandler(ApiHandler):
    """/api/v1/xp/"""

    @endpoint(summary="The caller's XP in each dimension, and their Life Level", returns=XpView)
    async def get(self) -> Mapping[str, Any]:
        user = await self.services.users.get(self.caller.user_id)
        if user is None:
            raise NotFound("This user has been removed.")
        return xp_view(user)


class LedgerHandler(ApiHandler):
    """/api/v1/xp/ledger/"""

    @endpoint(
        summary="The entries that the caller's XP is the sum of, the last booked first",
        query=page_query("ledger"),
        returns=LedgerView,
    )
    async def get(self, *, limit: int, cursor: Position | None) -> Mapping[str, Any]:
        entries, following = await self.services.entries.newest(
            self.caller.user_id, limit=limit, after=cursor
        )
        return {
            "results": [entry_view(entry) for entry in entries],
            "next": cursor_of(following, "ledger"),
        }


class VoidHandler(ApiHandler):
    """/api/v1/sessions/{session_id}/void/"""

    group = "sessions"

    @endpoint(
        summary="Take a completed session back, within ten minutes of its end",
        returns=SessionView,
        statuses={409: "The session has not completed, or its end is too long ago."},
    )
    async def post(self, *, session_id: str) -> View:
        return await self.services.voiding.void(self.caller.user_id, session_id)


ROUTES = (
    (r"/api/v1/xp", XpHandler),
    (r"/api/v1/xp/ledger", LedgerHandler),
    (r"/api/v1/sessions/(?P<session_id>[A-Za-z0-9_-]{1,128})/void", VoidHandler),
)
