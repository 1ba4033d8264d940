"""XP sessions: start, change, complete, read."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from domain.commands import (
    Blur,
    Cancel,
    Command,
    Distract,
    Focus,
    PauseCommand,
    Resume,
)
from domain.errors import InvalidInput, NotFound
from handlers.base import ApiHandler
from handlers.conflicts import shown_conflicts
from handlers.endpoint import Reply, endpoint
from handlers.history import past_sessions
from handlers.schemas.history import HistoryQuery, PastSessionsView
from handlers.schemas.paging import cursor_of, page_query
from handlers.schemas.sessions import (
    ActiveView,
    CommandBody,
    DistractionBody,
    EndBody,
    EndedView,
    HistoryView,
    RatesBody,
    RatesView,
    SessionView,
    StartBody,
    StartedView,
)
from realtime.views import View, document_view, history_view, session_view
from realtime.xp import StartXp, require_own
from storage.mongo.catalogue import Position
from storage.mongo.history import Selection


class RatesHandler(ApiHandler):
    """/api/v1/sessions/calculate-rates/"""

    @endpoint(
        summary="What a focused second of this activity earns", body=RatesBody, returns=RatesView
    )
    async def post(self, *, activity_id: str, goal_id: str) -> Mapping[str, Any]:
        rating = await self.services.xp.rates(self.caller.user_id, goal_id, activity_id)
        return {
            "rates": rating.rates.per_second(),
            "engine": rating.engine,
            "confidence": rating.confidence,
            "explanation": rating.explanation,
        }


class SessionsHandler(ApiHandler):
    """/api/v1/sessions/"""

    @endpoint(
        summary="Start a live session; as a service, register one that runs elsewhere",
        body=StartBody,
        returns=StartedView,
        keyed=True,
        status=HTTPStatus.CREATED,
        statuses={
            200: "A repeat of a start that was accepted before.",
            409: "A session is already active, or the id is taken.",
        },
    )
    async def post(self, *, goal_id: str, activity_id: str, **body: Any) -> object:
        if self.caller.is_service:
            return await self._register(goal_id=goal_id, activity_id=activity_id, **body)
        require_own(self.caller, body.get("user_id"))
        planned_s = body.get("planned_duration_seconds")
        request = StartXp(
            goal_id=goal_id,
            activity_id=activity_id,
            session_id=body.get("session_id"),
            started_at=body.get("started_at"),
            planned_ms=None if planned_s is None else planned_s * 1000,
            device_platform=body.get("device_platform"),
        )
        with shown_conflicts(self.services.clock):
            result = await self.services.xp.start(self.caller, request, self.idempotency_key)
        view = session_view(result.session, result.now)
        answer = {"id": view["id"], "status": view["status"], "session": view}
        return Reply(answer, HTTPStatus.OK if result.repeated else HTTPStatus.CREATED)

    @endpoint(
        summary="The caller's past sessions, newest first",
        query=HistoryQuery,
        returns=PastSessionsView,
    )
    async def get(self, **asked: Any) -> Mapping[str, Any]:
        return await past_sessions(self, **asked)

    async def _register(self, **told: Any) -> object:
        missing = [name for name in ("session_id", "user_id") if told.get(name) is None]
        if missing:
            raise InvalidInput(
                "a service names the session and its user",
                {name: ["Missing data for required field."] for name in missing},
            )
        status = await self.services.external.register(told["user_id"], told["session_id"], told)
        return Reply({"id": told["session_id"], "status": status}, HTTPStatus.OK)


class ActiveSessionsHandler(ApiHandler):
    """/api/v1/sessions/active/"""

    @endpoint(summary="The caller's running and paused sessions", returns=ActiveView)
    async def get(self) -> Mapping[str, Any]:
        sessions, stale = await self.services.following.active(self.caller.user_id)
        now = self.services.clock()
        return {"results": [session_view(one, now) for one in sessions], "stale": stale}


class SessionHandler(ApiHandler):
    """/api/v1/sessions/{session_id}/"""

    @endpoint(summary="A session of the caller, live or past", returns=SessionView)
    async def get(self, *, session_id: str) -> View:
        return await self.services.following.view(self.caller.user_id, session_id)

    @endpoint(
        summary="Complete a session; as a service, store its totals",
        body=EndBody,
        returns=EndedView,
        keyed=True,
        statuses={409: "The session was canceled, or is another user's or source's."},
    )
    async def put(self, *, session_id: str, **told: Any) -> View:
        if self.caller.is_service:
            return await self._store(session_id, told)
        require_own(self.caller, told.get("user_id"))
        with shown_conflicts(self.services.clock):
            try:
                result, persisted = await self.services.xp.complete(
                    self.caller,
                    session_id,
                    command_id=self.idempotency_key,
                    device_platform=told.get("device_platform"),
                )
            except NotFound:
                past = await self.services.xp.past(self.caller.user_id, session_id)
                return past | {"persisted": True}
        return session_view(result.session, result.now) | {"persisted": persisted}

    async def _store(self, session_id: str, told: Mapping[str, Any]) -> View:
        with shown_conflicts(self.services.clock):
            document = await self.services.external.store(session_id, told.get("user_id"), told)
        return document_view(document, self.services.clock()) | {"persisted": True}


class CommandHandler(ApiHandler):
    """What the commands on a session have in common."""

    async def execute(
        self, session_id: str, command: Command, cmd_id: str | None, if_rev: int | None
    ) -> View:
        """Apply the command; the header's key serves where the body names no id."""
        user_id = self.caller.user_id
        with shown_conflicts(self.services.clock):
            try:
                result = await self.services.engine.execute(
                    user_id,
                    session_id,
                    command,
                    command_id=cmd_id or self.idempotency_key,
                    if_rev=if_rev,
                )
            except NotFound:
                return await self.services.xp.commanded(user_id, session_id, command)
        return session_view(result.session, result.now)


def _plain(path: str, summary: str, command: Command) -> type[CommandHandler]:
    """A handler for a command that carries no details."""

    class Handler(CommandHandler):
        @endpoint(
            summary=summary,
            body=CommandBody,
            returns=SessionView,
            keyed=True,
            statuses={409: "The session has ended, or has moved on past `if_rev`."},
        )
        async def post(
            self, *, session_id: str, cmd_id: str | None = None, if_rev: int | None = None
        ) -> View:
            return await self.execute(session_id, command, cmd_id, if_rev)

    name = f"{path.capitalize()}Handler"
    Handler.__name__ = Handler.__qualname__ = name
    Handler.__doc__ = f"/api/v1/sessions/{{session_id}}/{path}/"
    return Handler


class DistractionHandler(CommandHandler):
    """/api/v1/sessions/{session_id}/distraction/"""

    @endpoint(
        summary="Note a distraction",
        body=DistractionBody,
        returns=SessionView,
        keyed=True,
        statuses={409: "The session has ended, or has moved on past `if_rev`."},
    )
    async def post(
        self,
        *,
        session_id: str,
        note: str,
        cmd_id: str | None = None,
        if_rev: int | None = None,
    ) -> View:
        return await self.execute(session_id, Distract(note), cmd_id, if_rev)


class GoalSessionsHandler(ApiHandler):
    """/api/v1/goals/{goal_id}/sessions/"""

    @endpoint(
        summary="Past sessions of a goal, newest first",
        query=page_query("goal sessions"),
        returns=HistoryView,
    )
    async def get(self, *, goal_id: str, limit: int, cursor: Position | None) -> Mapping[str, Any]:
        await self.services.goals.get(goal_id.lower(), self.caller.user_id)
        documents, following = await self.services.history.page(
            self.caller.user_id, Selection(goal_id=goal_id.lower()), limit=limit, after=cursor
        )
        results = [history_view(document) for document in documents]
        return {"results": results, "next": cursor_of(following, "goal sessions")}


ROUTES = (
    (r"/api/v1/sessions", SessionsHandler),
    (r"/api/v1/sessions/calculate-rates", RatesHandler),
    (r"/api/v1/sessions/active", ActiveSessionsHandler),
    (r"/api/v1/sessions/(?P<session_id>[A-Za-z0-9_-]{1,128})", SessionHandler),
    *(
        (rf"/api/v1/sessions/(?P<session_id>[A-Za-z0-9_-]{{1,128}})/{path}", handler)
        for path, handler in (
            ("pause", _plain("pause", "Stop the clock", PauseCommand())),
            ("resume", _plain("resume", "Let the clock run again", Resume())),
            ("focus", _plain("focus", "The client is back", Focus())),
            ("blur", _plain("blur", "The client is away", Blur())),
            ("cancel", _plain("cancel", "End the session without credit", Cancel())),
            ("distraction", DistractionHandler),
        )
    ),
    (r"/api/v1/goals/(?P<goal_id>[^/]+)/sessions", GoalSessionsHandler),
)
