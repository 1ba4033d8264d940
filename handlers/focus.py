"""Focus sessions: start, change, complete, rate."""

from http import HTTPStatus
from typing import Any

from domain.commands import Cancel, Command, Distract, PauseCommand, Resume
from domain.instants import MINUTE_MS, iso
from domain.session import Session
from handlers.base import ApiHandler
from handlers.conflicts import shown_conflicts
from handlers.endpoint import Reply, endpoint
from handlers.schemas.focus import (
    DoneView,
    FocusActiveView,
    FocusCompleteBody,
    FocusCompletedView,
    FocusDistractedView,
    FocusDistractionBody,
    FocusSessionBody,
    StartedFocusView,
    StartFocusBody,
)
from realtime.focus import StartFocus

View = dict[str, Any]
ENDED = {404: "No such focus session.", 409: "The session has ended."}


class FocusStartHandler(ApiHandler):
    """/api/v1/focus/sessions/start/"""

    @endpoint(
        summary="Start a focus session",
        body=StartFocusBody,
        returns=StartedFocusView,
        keyed=True,
        status=HTTPStatus.CREATED,
        statuses={
            200: "A repeat of a start that was accepted before.",
            400: "Also: User already has an active session.",
            403: "Program requires Pro subscription.",
            404: "No such enrolment or day.",
            409: "The program is not in progress, the day is still to come, or the key's id is taken.",
        },
    )
    async def post(self, *, duration_minutes: int, **told: Any) -> Reply:
        usual = "program" if "enrollment_id" in told else "custom"
        request = StartFocus(
            duration_minutes=duration_minutes,
            session_type=told.pop("session_type", usual),
            **told,
        )
        with shown_conflicts(self.services.clock):
            result = await self.services.focus.start(
                self.caller.user_id, request, self.idempotency_key
            )
        view = {"session_id": result.session.id, **_running(result.session)}
        return Reply(view, HTTPStatus.OK if result.repeated else HTTPStatus.CREATED)


class FocusActiveHandler(ApiHandler):
    """/api/v1/focus/sessions/active/"""

    @endpoint(summary="The caller's running or paused focus session", returns=FocusActiveView)
    async def get(self) -> View:
        session = await self.services.focus.active(self.caller.user_id)
        if session is None:
            return {"active_session": None}
        view = {
            "session_id": session.id,
            **_running(session),
            "session_type": session.context.get("session_type"),
            "program_id": session.context.get("program_id"),
            "distraction_count": session.distraction_count,
        }
        return {"active_session": view}


def _plain(path: str, summary: str, command: Command, message: str) -> type[ApiHandler]:
    """A handler for a command that carries no details."""

    class Handler(ApiHandler):
        @endpoint(
            summary=summary, body=FocusSessionBody, returns=DoneView, keyed=True, statuses=ENDED
        )
        async def post(self, *, session_id: str) -> View:
            with shown_conflicts(self.services.clock):
                await self.services.focus.command(
                    self.caller.user_id, session_id, command, self.idempotency_key
                )
            return {"success": True, "message": message}

    name = f"Focus{path.capitalize()}Handler"
    Handler.__name__ = Handler.__qualname__ = name
    Handler.__doc__ = f"/api/v1/focus/sessions/{path}/"
    return Handler


class FocusDistractionHandler(ApiHandler):
    """/api/v1/focus/sessions/distraction/"""

    @endpoint(
        summary="Note a distraction",
        body=FocusDistractionBody,
        returns=FocusDistractedView,
        keyed=True,
        statuses=ENDED,
    )
    async def post(self, *, session_id: str, distraction_note: str) -> View:
        with shown_conflicts(self.services.clock):
            count = await self.services.focus.command(
                self.caller.user_id, session_id, Distract(distraction_note), self.idempotency_key
            )
        return {"success": True, "distraction_count": count}


class FocusCompleteHandler(ApiHandler):
    """/api/v1/focus/sessions/complete/"""

    @endpoint(
        summary="Complete a focus session; one that has ended by itself gets rating and notes",
        body=FocusCompleteBody,
        returns=FocusCompletedView,
        keyed=True,
        statuses={404: ENDED[404], 409: "The session was canceled or voided."},
    )
    async def post(self, *, session_id: str, **told: Any) -> View:
        rating = {name: value for name, value in told.items() if value is not None}
        with shown_conflicts(self.services.clock):
            ended = await self.services.focus.complete(
                self.caller.user_id, session_id, rating, self.idempotency_key
            )
        view = {
            "completed": True,
            "session_id": ended.session_id,
            "actual_duration_minutes": ended.active_ms // MINUTE_MS,
            "ended_at": iso(ended.ended_at),
        }
        return view if ended.persisted else view | {"persisted": False}


def _running(session: Session) -> View:
    assert session.planned_ms is not None
    return {
        "started_at": iso(session.started_at),
        "planned_duration_seconds": session.planned_ms // 1000,
        "status": session.status,
    }


BASE = r"/api/v1/focus/sessions"
ROUTES = (
    (rf"{BASE}/start", FocusStartHandler),
    (rf"{BASE}/active", FocusActiveHandler),
    (rf"{BASE}/pause", _plain("pause", "Pause a session", PauseCommand(), "Session paused")),
    (rf"{BASE}/resume", _plain("resume", "Resume a session", Resume(), "Session resumed")),
    (rf"{BASE}/cancel", _plain("cancel", "Cancel a session", Cancel(), "Session canceled")),
    (rf"{BASE}/distraction", FocusDistractionHandler),
    (rf"{BASE}/complete", FocusCompleteHandler),
)
