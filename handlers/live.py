"""The sockets on which sessions are followed and commanded."""

import asyncio
import re
from collections.abc import Sequence

import structlog
from tornado.websocket import WebSocketHandler, WebSocketProtocol

from domain.access import Caller
from domain.errors import Forbidden, InvalidInput, NotAuthenticated, NotFound, Unavailable
from handlers import frames
from handlers.base import Edge
from handlers.credentials import origin_allowed, origin_of, presented
from handlers.errors import problem
from handlers.inbox import Inbox
from handlers.transport import Pace, PiecewiseProtocol, StreamTransport, require_upgrade
from realtime import wire
from realtime.connection import CloseCode, Connection, QueueLimits
from realtime.ticker import steps

log = structlog.get_logger(__name__)

WRITE_BUFFER_BYTES = 512 * 1024
WARN_MS = 60_000
BEARER = "bearer."
DECIMAL = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?", re.ASCII)


class LiveHandler(Edge, WebSocketHandler):
    """/ws/sessions/ and /ws/sessions/{session_id}/"""

    connection: Connection | None = None
    session_id: str | None = None
    _timers: Sequence[asyncio.TimerHandle] = ()

    def prepare(self) -> None:
        super().prepare()
        require_upgrade(self.request)
        by_page = origin_of(self.request) is not None or "Sec-Fetch-Site" in self.request.headers
        origins = self.services.settings.allowed_origins
        if by_page and not origin_allowed(self.request, origins):
            raise Forbidden("This Origin is not on the list of allowed ones.")
        self._tick_steps = self._asked_tick_steps()

    def _asked_tick_steps(self) -> int:
        asked = self.get_query_argument("tick", None)
        if asked is None:
            return steps(self.services.settings.tick_s)
        try:
            return steps(float(asked) if DECIMAL.fullmatch(asked) else 0.0)
        except ValueError as fault:
            raise InvalidInput("tick: seconds between 0.2 and 60", {"tick": [str(fault)]}) from None

    def check_origin(self, origin: str) -> bool:
        """Prepared requests have passed our own check."""
        return True

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return wire.PROTOCOL if wire.PROTOCOL in subprotocols else None

    def get_websocket_protocol(self) -> WebSocketProtocol | None:
        protocol = super().get_websocket_protocol()
        return protocol and PiecewiseProtocol(self, protocol)

    @property
    def ping_interval(self) -> float | None:
        return self.services.settings.ws_ping_s

    @property
    def ping_timeout(self) -> float | None:
        return self.services.settings.ws_pong_timeout_s

    @property
    def closing(self) -> bool:
        """Whether we have hung up; the client may go on sending until it has noticed."""
        return self.ws_connection is None

    async def open(self, session_id: str | None = None) -> None:
        self._count()
        settings = self.services.settings
        loop = asyncio.get_running_loop()
        self.session_id = session_id
        pace = Pace(settings.ws_commands_per_s, settings.ws_commands_burst, loop.time)
        self._inbox = Inbox(self, pace)
        assert self.ws_connection is not None
        assert self.ws_connection.stream is not None
        self.set_nodelay(True)
        self.ws_connection.stream.max_write_buffer_size = WRITE_BUFFER_BYTES
        try:
            token = self._presented_token()
        except NotAuthenticated:
            self.close(CloseCode.INVALID_TOKEN, "invalid token")
            return
        if token is not None:
            await self.admit(token)
        elif not self._turned_away():
            self._timers = [loop.call_later(settings.ws_auth_timeout_s, self._auth_overdue)]

    def _presented_token(self) -> str | None:
        credential = presented(self.request)
        if credential is not None:
            if credential.from_cookie and not origin_allowed(
                self.request, self.services.settings.allowed_origins
            ):
                raise NotAuthenticated("A cookie needs an allowed Origin.")
            return credential.token
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "").split(",")
        for protocol in offered:
            if protocol.strip().startswith(BEARER):
                return protocol.strip().removeprefix(BEARER)
        if self.services.settings.query_token:
            return self.get_query_argument("token", None)
        return None

    def _turned_away(self) -> bool:
        if self.services.readiness():
            self.close(CloseCode.DRAINING, "not ready")
        return self.closing

    def _auth_overdue(self) -> None:
        if self.connection is None:
            self.close(CloseCode.AUTH_TIMEOUT, "authentication timed out")

    async def admit(self, token: str) -> None:
        """Let the bearer of the token in and show what they came for, or hang up saying why."""
        # Tornado reports the end of a socket only once open() has returned without an error.
        try:
            await self._enter(token)
        except NotAuthenticated:
            self.close(CloseCode.INVALID_TOKEN, "invalid token")
        except NotFound:
            self.close(CloseCode.NOT_FOUND, "no such session")
        except Unavailable:
            self.close(CloseCode.UNAVAILABLE, "temporarily unavailable")
        except Exception:
            log.exception("socket not opened")
            self.close(CloseCode.INTERNAL, "internal error")

    async def _enter(self, token: str) -> None:
        services = self.services
        caller = await services.tokens.verify(token, services.clock())
        await services.provisioner.ensure(caller)
        if services.tokens.is_revoked(caller):
            # Meanwhile; the word of it did not find this socket in the hub.
            raise NotAuthenticated("The token was revoked.")
        if self._turned_away():
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
        settings = self.services.settings
        return Connection(
            StreamTransport(self),
            caller,
            follows_all=self.session_id is None,
            tick_steps=self._tick_steps,
            limits=QueueLimits(settings.ws_queue_bytes, int(settings.ws_queue_age_s * 1000)),
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
        self._cancel_timers()
        loop = asyncio.get_running_loop()
        left_s = (caller.expires_at_ms - self.services.clock()) / 1000
        grace_s = self.services.settings.ws_token_grace_s
        self._timers = [
            loop.call_later(max(0.0, left_s - WARN_MS / 1000), self._warn_of_expiry),
            loop.call_later(max(0.0, left_s + grace_s), self._expired),
        ]

    def _cancel_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers = ()

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

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Hang up: from now on nothing is sent to this client or done for it."""
        self._let_go()
        super().close(code, reason)

    def on_close(self) -> None:
        self._let_go()

    def _let_go(self) -> None:
        self._cancel_timers()
        if self.connection is not None:
            self.services.hub.leave(self.connection)


ROUTES = (
    (r"/ws/sessions", LiveHandler),
    (r"/ws/sessions/(?P<session_id>[A-Za-z0-9_-]{1,128})", LiveHandler),
)
