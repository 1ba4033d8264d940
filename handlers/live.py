"""The sockets on which sessions are followed and commanded."""

import asyncio
import re

import structlog

from domain.access import Caller
from domain.errors import Forbidden, InvalidInput
from handlers import frames
from handlers.errors import problem
from handlers.inbox import Inbox
from handlers.sockets import SocketHandler
from handlers.transport import StreamTransport
from realtime import wire
from realtime.connection import CloseCode, Connection
from realtime.ticker import steps

log = structlog.get_logger(__name__)

WARN_MS = 60_000
DECIMAL = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?", re.ASCII)


class LiveHandler(SocketHandler):
    """/ws/sessions/ and /ws/sessions/{session_id}/"""

    session_id: str | None = None

    def prepare(self) -> None:
        super().prepare()
        self._tick_steps = self._asked_tick_steps()

    def _asked_tick_steps(self) -> int:
        asked = self.get_query_argument("tick", None)
        if asked is None:
            return steps(self.services.settings.tick_s)
        try:
            return steps(float(asked) if DECIMAL.fullmatch(asked) else 0.0)
        except ValueError as fault:
            raise InvalidInput("tick: seconds between 0.2 and 60", {"tick": [str(fault)]}) from None

    async def open(self, session_id: str | None = None) -> None:
        self.session_id = session_id
        self._inbox = Inbox(self, self.begin())
        await self.receive()

    async def enter(self, token: str | None) -> None:
        assert token is not None
        services = self.services
        caller = await self.identify(token)
        if self.turned_away():
            return
        connection = self._connect(caller)
        if not services.hub.join(connection):
            self.close(CloseCode.TOO_MANY_CONNECTIONS, "too many connections")
            return
        self.connection = connection
        self._watch_expiry(caller)
        connection.send(self._hello(caller))
        if self.session_id is None:
            await services.following.arrive(connection)
        else:
            await services.following.show(connection, self.session_id)

    def _connect(self, caller: Caller) -> Connection:
        return Connection(
            StreamTransport(self),
            caller,
            follows_all=self.session_id is None,
            tick_steps=self._tick_steps,
            limits=self.queue_limits,
            clock=self.services.clock,
        )

    def _hello(self, caller: Caller) -> bytes:
        now = self.services.clock()
        return wire.message(
            "hello",
            protocol=wire.PROTOCOL,
            node=self.services.node_name,
            server_time=now,
            heartbeat_s=self.services.settings.ws_ping_s,
            token_expires_in_s=max(0, (caller.expires_at_ms - now) // 1000),
        )

    def _watch_expiry(self, caller: Caller) -> None:
        """Warn before the token expires, and hang up some grace after it has."""
        self.cancel_timers()
        loop = asyncio.get_running_loop()
        left_s = (caller.expires_at_ms - self.services.clock()) / 1000
        grace_s = self.services.settings.ws_token_grace_s
        self._timers = [
            loop.call_later(max(0.0, left_s - WARN_MS / 1000), self._warn_of_expiry),
            loop.call_later(max(0.0, left_s + grace_s), self._expired),
        ]

    def _warn_of_expiry(self) -> None:
        if self.connection is not None:
            left_ms = self.connection.caller.expires_at_ms - self.services.clock()
            self.connection.send(
                wire.message("token_expiring", expires_in_s=max(0, left_ms // 1000))
            )

    def _expired(self) -> None:
        self.close(CloseCode.TOKEN_EXPIRED, "token expired")

    async def renew(self, token: str) -> None:
        """Go on with a newer token of the same user. Raises NotAuthenticated, Forbidden."""
        assert self.connection is not None
        caller = await self.services.tokens.verify(token, self.services.clock())
        if caller.user_id != self.connection.caller.user_id:
            self.close(CloseCode.FORBIDDEN, "another user's token")
            raise Forbidden("The token is another user's.")
        if not self.closing:
            self.connection.caller = caller
            self._watch_expiry(caller)

    def on_message(self, message: str | bytes) -> None:
        """Only take the frame in: while this runs, the client's pongs are not read."""
        if self.closing:
            return
        self._inbox.take(message)
        self._saw_client()

    def tell_error(self, error: BaseException, ref: frames.Ref) -> None:
        """Tell the client what became of a frame: the same members as the HTTP problem."""
        body = dict(problem(error, request_id=self.request_id).body)
        body = {name: body[name] for name in body if name not in ("type", "status", "request_id")}
        frame = wire.message("error", ref=ref, **body)
        if self.connection is not None:
            self.connection.send(frame)
        else:
            StreamTransport(self).write(frame)

    def on_ping(self, data: bytes) -> None:
        self._inbox.admits()

    def on_pong(self, data: bytes) -> None:
        if self._inbox.admits():
            self._saw_client()

    def _saw_client(self) -> None:
        if self.connection is not None and not self.closing:
            self.services.presence.saw(self.connection)

    def let_go(self) -> None:
        super().let_go()
        if self.connection is not None:
            self.services.hub.leave(self.connection)


ROUTES = (
    (r"/ws/sessions", LiveHandler),
    (r"/ws/sessions/(?P<session_id>[A-Za-z0-9_-]{1,128})", LiveHandler),
)
