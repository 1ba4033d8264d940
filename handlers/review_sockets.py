"""The sockets of reviews: whether the service is well, and what becomes of an analysis."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from domain.access import Caller, nobody
from domain.analysis import Material
from domain.analysis_views import nothing_frame
from domain.errors import (
    InvalidInput,
    NotAuthenticated,
    NotFound,
    SessionError,
    TooMany,
    Unavailable,
)
from domain.okr.dashboard import ANSWERS
from domain.reviews import ANSWER_MAX_CHARS
from handlers.errors import problem
from handlers.frames import said
from handlers.mailbox import Mailbox
from handlers.schemas.accounts import TOKEN_MAX_CHARS
from handlers.schemas.analysis import PROMPT_MAX_CHARS, TokenBody, TriggerBody
from handlers.schemas.common import UUID, checked
from handlers.sockets import SocketHandler
from handlers.transport import StreamTransport
from realtime import wire
from realtime.analysing import Request
from realtime.connection import CloseCode, Connection
from storage.redis.codec import compact

log = structlog.get_logger(__name__)

TRIGGER, TOKEN = TriggerBody(), TokenBody()
FRAMES_PER_S, FRAMES_BURST = 2.0, 20
ECHO_BYTES = 4_096
TOKEN_FRAME_CHARS = TOKEN_MAX_CHARS + 1_024
FRAME_BYTES = ANSWERS * (ANSWER_MAX_CHARS + PROMPT_MAX_CHARS) * 4 + 4_096
Frame = Mapping[str, Any]


class ReviewSocket(SocketHandler):
    """A socket that anybody may open, unless tokens are required.

    What is sent on it is bounded for each socket and, over all of them, for each address: to read
    a frame costs more than to send it.
    """

    @property
    def pace(self) -> tuple[float, int]:
        return FRAMES_PER_S, FRAMES_BURST

    async def open(self, session_id: str = "") -> None:
        self._mailbox: Mailbox[str | bytes] = Mailbox(self, self.begin(), self._handle)
        self.followed = session_id.lower()
        await self.receive()

    @property
    def wants_token(self) -> bool:
        """Whether nobody is let in without one."""
        return False

    async def enter(self, token: str | None) -> None:
        services = self.services
        if token is not None:
            self.asker = await self.identify(token)
        if self.turned_away():
            return
        connection = Connection(
            StreamTransport(self),
            self.asker or nobody(),
            follows_all=False,
            tick_steps=0,
            limits=self.queue_limits,
            clock=services.clock,
        )
        if not services.analysis_watch.join(connection, self.party):
            self.close(CloseCode.TOO_MANY_CONNECTIONS, "too many connections")
            return
        self.connection = connection
        self.cancel_timers()
        if self.asker is not None:
            self._watch_expiry(self.asker)
        await self.greet(connection)

    async def greet(self, connection: Connection) -> None:
        """Send the first frame. Raises Unavailable."""
        raise NotImplementedError

    async def act(self, frame: Any) -> None:
        """Do what a frame asks for. Raises what the client is to be told."""
        raise NotImplementedError

    def _watch_expiry(self, caller: Caller) -> None:
        left_s = (caller.expires_at_ms - self.services.clock()) / 1000
        wait_s = max(0.0, left_s + self.services.settings.ws_token_grace_s)
        later = asyncio.get_running_loop().call_later
        expired = (CloseCode.TOKEN_EXPIRED, "token expired")
        self._timers = [later(wait_s, self.close, *expired)]

    def on_message(self, message: str | bytes) -> None:
        if not self.closing and self._mailbox.admits():
            try:
                self.services.limiter.check_frames(str(self.request.remote_ip))
            except TooMany:
                self.close(CloseCode.RATE_LIMITED, "too many frames from this address")
                return
            self._mailbox.put(message)

    def on_ping(self, data: bytes) -> None:
        self._mailbox.admits()

    def on_pong(self, data: bytes) -> None:
        self._mailbox.admits()

    async def _handle(self, message: str | bytes) -> None:
        try:
            if self.connection is None:
                await self._introduce(message)
            else:
                await self.act(said(message))
        except SessionError as error:
            self.tell_error(error)
        except Exception as error:
            log.exception("frame failed")
            self.tell_error(error)

    async def _introduce(self, message: str | bytes) -> None:
        frame = said(message) if len(message) <= TOKEN_FRAME_CHARS else None
        if not isinstance(frame, dict) or frame.get("type") != "auth":
            raise NotAuthenticated('Send {"type":"auth","token":…} first.')
        await self.admit(checked(TOKEN, frame)["token"])

    def tell(self, frame: Frame) -> None:
        """Send a frame after everything sent before."""
        if self.connection is not None:
            self.connection.send(wire.framed(compact(frame)))
        else:
            StreamTransport(self).write(wire.framed(compact(frame)))

    def tell_error(self, error: BaseException) -> None:
        """Tell the client what is wrong: `message` in words, and more for programs."""
        body = problem(error, request_id=self.request_id).body
        more = {name: body[name] for name in ("code", "errors") if name in body}
        self.tell({"type": "error", "message": body["detail"], **more})

    def let_go(self) -> None:
        super().let_go()
        if self.connection is not None:
            self.services.analysis_watch.leave(self.connection)


class HealthSocket(ReviewSocket):
    """/ws/health/"""

    @property
    def max_message_size(self) -> int:
        """Little: it all comes back."""
        return ECHO_BYTES

    def presented_token(self) -> None:
        """Whether the service is well is nobody's secret, and may be asked when it is not."""

    async def greet(self, connection: Connection) -> None:
        self.tell({"status": "ok", "message": "connected"})

    async def act(self, frame: Any) -> None:
        if not isinstance(frame, dict) or frame.get("action") != "db_ping":
            self.tell({"type": "echo", "data": frame})
            return
        try:
            await self.services.database_ping()
        except Unavailable as error:
            # What and not where: addresses inside are nobody's business here.
            why = type(error.__cause__).__name__ if error.__cause__ else "unavailable"
            self.tell({"type": "db_ping", "ok": False, "error": f"{error.detail} ({why})"})
        else:
            self.tell({"type": "db_ping", "ok": True})


class AnalysisSocket(ReviewSocket):
    """/ws/analysis/{session_id}/"""

    @property
    def max_message_size(self) -> int:
        """Room for five answers of any length that is taken, in any writing."""
        return max(FRAME_BYTES, super().max_message_size)

    @property
    def wants_token(self) -> bool:
        return self.services.settings.review_auth == "required"

    async def greet(self, connection: Connection) -> None:
        try:
            review = await self.services.analyses.admits(self.followed, self.asker)
        except NotFound:
            # Somebody else's: for this one it is not there, nor will it ever be.
            self.tell(nothing_frame(self.followed, review=False))
            return
        await self.services.analysis_watch.show(connection, self.followed, review=review)

    async def act(self, frame: Any) -> None:
        if not isinstance(frame, dict):
            raise InvalidInput("A frame is a JSON object.")
        told = checked(TRIGGER, frame)
        await self.services.limiter.check("analysis", self.party)
        assert self.connection is not None
        watch = self.services.analysis_watch
        # Accepted first; what becomes of it comes in turn.
        async with watch.holding(self.connection):
            analysis = await self.services.analyses.trigger(
                self.followed, self.asker, _request(told)
            )
            self.tell({"type": "accepted", "session_id": analysis.id})
            watch.catch_up(self.connection, analysis)


def _request(told: Mapping[str, Any]) -> Request:
    answers = sorted(told["answers"] or (), key=lambda answer: int(answer["order"]))
    return Request(
        review_id=told["review_session_id"],
        session_id=told["session_id"],
        materials=tuple(
            Material(
                order=answer["order"],
                question_id=answer["question_id"] or answer["order"],
                prompt=answer["prompt"],
                answer=answer["answer"],
            )
            for answer in answers
        ),
    )


ROUTES = (
    (r"/ws/health", HealthSocket),
    (rf"/ws/analysis/(?P<session_id>{UUID.pattern})", AnalysisSocket),
)
