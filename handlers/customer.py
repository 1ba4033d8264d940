"""Customer sessions: start, count, end, look back."""

from http import HTTPStatus
from typing import Any

from domain.commands import Act, ActivityType
from domain.customer import minutes
from domain.instants import iso
from handlers.base import ApiHandler
from handlers.beacons import BeaconHandler
from handlers.conflicts import shown_conflicts
from handlers.endpoint import Reply, endpoint
from handlers.schemas.customer import (
    VISITS,
    ChatActivityBody,
    CleanedView,
    EndedVisitView,
    EndVisitBody,
    StartedVisitView,
    UpdatedVisitView,
    VisitHistoryView,
    VisitsQuery,
    VisitStatusView,
    ended_view,
    summary_view,
)
from handlers.schemas.paging import cursor_of
from realtime.views import counters_view, visit_view
from storage.mongo.catalogue import Position

View = dict[str, Any]
BASE = r"/api/chat/sessions"


class CustomerStartHandler(ApiHandler):
    """/api/chat/sessions/start/"""

    @endpoint(
        summary="Start a customer session, or go on with the one that is running",
        returns=StartedVisitView,
        keyed=True,
        access="guest",
        status=HTTPStatus.CREATED,
        statuses={200: "The running one goes on.", 409: "The key's session is long over."},
    )
    async def post(self) -> Reply:
        user_id = self.caller.user_id
        started = await self.services.customers.start(user_id, self.idempotency_key)
        view = {
            "session_id": started.session_id,
            "message": "New session started" if started.begun else "Existing session refreshed",
            "started_at": iso(started.started_at),
            "user": user_id,
        }
        fresh = started.begun and not started.repeated
        return Reply(view, HTTPStatus.CREATED if fresh else HTTPStatus.OK)


class CustomerUpdateHandler(ApiHandler):
    """/api/chat/sessions/update/"""

    @endpoint(
        summary="Count what the customer did in the chat",
        body=ChatActivityBody,
        returns=UpdatedVisitView,
        keyed=True,
        access="guest",
        statuses={404: "No such customer session.", 409: "The session has ended."},
    )
    async def post(
        self,
        *,
        session_id: str,
        activity_type: ActivityType,
        response_time: float | None = None,
    ) -> View:
        response_ms = None if response_time is None else round(response_time * 1000)
        with shown_conflicts(self.services.clock):
            session = await self.services.customers.update(
                self.caller.user_id,
                session_id,
                Act(activity_type, response_ms),
                self.idempotency_key,
            )
        return {
            "session_id": session.id,
            "message": f"Session updated - {activity_type}",
            **counters_view(session.counters),
        }


class CustomerEndHandler(BeaconHandler):
    """/api/chat/sessions/end/"""

    @endpoint(
        summary="End a customer session; `navigator.sendBeacon` may ask for it, as plain text",
        body=EndVisitBody,
        returns=EndedVisitView,
        keyed=True,
        access="guest",
        statuses={404: "No such customer session.", 409: "The session was canceled or voided."},
    )
    async def post(self, *, session_id: str, **_token: str) -> View:
        with shown_conflicts(self.services.clock):
            visit, persisted = await self.services.customers.end(
                self.caller.user_id, session_id, self.idempotency_key
            )
        view = ended_view(visit)
        return view if persisted else view | {"persisted": False}


class CustomerStatusHandler(ApiHandler):
    """/api/chat/sessions/status/"""

    @endpoint(
        summary="The caller's running customer session", returns=VisitStatusView, access="guest"
    )
    async def get(self) -> View:
        user_id = self.caller.user_id
        visit = await self.services.customers.status(user_id)
        if visit is None:
            message = "No active session found"
            return {"has_active_session": False, "user": user_id, "message": message}
        return {
            "has_active_session": True,
            "session_id": visit.id,
            "started_at": iso(visit.started_at),
            "duration_minutes": minutes(visit.duration_ms),
            **counters_view(visit.counters),
            "user": user_id,
        }


class CustomerHistoryHandler(ApiHandler):
    """/api/chat/sessions/history/"""

    @endpoint(
        summary="The caller's customer sessions, newest first, and what all of them come to",
        query=VisitsQuery,
        returns=VisitHistoryView,
        access="guest",
    )
    async def get(self, *, limit: int, cursor: Position | None) -> View:
        user_id = self.caller.user_id
        past = await self.services.customers.history(user_id, limit=limit, after=cursor)
        view = {
            "user": user_id,
            "total_sessions": past.totals.visits,
            "sessions": [visit_view(visit) for visit in past.visits],
            "summary": summary_view(past.totals),
        }
        following = cursor_of(past.following, VISITS)
        return view if following is None else view | {"next": following}


class CustomerCleanupHandler(ApiHandler):
    """/api/chat/sessions/cleanup/"""

    @endpoint(
        summary="End customer sessions whose time is over: the caller's, for an administrator all",
        returns=CleanedView,
        access="guest",
    )
    async def post(self) -> View:
        caller = self.caller
        cleaned = await self.services.customers.cleanup(None if caller.is_admin else caller.user_id)
        return {
            "message": f"Cleaned up {cleaned} expired sessions",
            "cleaned_sessions": cleaned,
            "user": caller.user_id,
        }


ROUTES = (
    (rf"{BASE}/start", CustomerStartHandler),
    (rf"{BASE}/update", CustomerUpdateHandler),
    (rf"{BASE}/end", CustomerEndHandler),
    (rf"{BASE}/status", CustomerStatusHandler),
    (rf"{BASE}/history", CustomerHistoryHandler),
    (rf"{BASE}/cleanup", CustomerCleanupHandler),
)
