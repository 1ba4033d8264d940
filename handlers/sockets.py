"""What all sockets share: the handshake, credentials, liveness, and how they end."""

import asyncio
from collections.abc import Sequence

import structlog
from tornado.websocket import WebSocketHandler, WebSocketProtocol

from domain.access import Caller
from domain.errors import Forbidden, NotAuthenticated, NotFound, Unavailable
from handlers.base import Edge
from handlers.credentials import origin_allowed, origin_of, presented
from handlers.transport import Pace, PiecewiseProtocol, require_upgrade
from realtime import wire
from realtime.connection import CloseCode, Connection, QueueLimits

log = structlog.get_logger(__name__)

WRITE_BUFFER_BYTES = 512 * 1024
BEARER = "bearer."


class SocketHandler(Edge, WebSocketHandler):
    """A socket of a page that may call, or of a program."""

    connection: Connection | None = None
    _timers: Sequence[asyncio.TimerHandle] = ()

    def prepare(self) -> None:
        super().prepare()
        require_upgrade(self.request)
        by_page = origin_of(self.request) is not None or "Sec-Fetch-Site" in self.request.headers
        origins = self.services.settings.allowed_origins
        if by_page and not origin_allowed(self.request, origins):
            raise Forbidden("This Origin is not on the list of allowed ones.")

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

    @property
    def pace(self) -> tuple[float, int]:
        """How many frames the client may send: in a second, and at once."""
        settings = self.services.settings
        return settings.ws_commands_per_s, settings.ws_commands_burst

    def begin(self) -> Pace:
        """Set the open socket up; returns how much its client may send."""
        self._count()
        assert self.ws_connection is not None
        assert self.ws_connection.stream is not None
        self.set_nodelay(True)
        self.ws_connection.stream.max_write_buffer_size = WRITE_BUFFER_BYTES
        steady = asyncio.get_running_loop().time
        per_s, burst = self.pace
        return Pace(per_s, burst, steady)

    @property
    def queue_limits(self) -> QueueLimits:
        """How far the client may fall behind."""
        settings = self.services.settings
        return QueueLimits(settings.ws_queue_bytes, int(settings.ws_queue_age_s * 1000))

    def presented_token(self) -> str | None:
        """The token that came with the handshake. Raises NotAuthenticated."""
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

    @property
    def wants_token(self) -> bool:
        """Whether nobody is let in without one."""
        return True

    async def receive(self) -> None:
        """Let in whoever came, or wait for the token that did not come with the handshake."""
        try:
            token = self.presented_token()
        except NotAuthenticated:
            self.close(CloseCode.INVALID_TOKEN, "invalid token")
            return
        if token is not None or not self.wants_token:
            await self.admit(token)
        elif not self.turned_away():
            wait_s = self.services.settings.ws_auth_timeout_s
            later = asyncio.get_running_loop().call_later
            self._timers = [later(wait_s, self._auth_overdue)]

    def _auth_overdue(self) -> None:
        if self.connection is None:
            self.close(CloseCode.AUTH_TIMEOUT, "authentication timed out")

    async def admit(self, token: str | None) -> None:
        """Let the bearer of the token in and show what they came for, or hang up saying why."""
        # Tornado reports the end of a socket only once open() has returned without an error.
        try:
            await self.enter(token)
        except NotAuthenticated:
            self.close(CloseCode.INVALID_TOKEN, "invalid token")
        except NotFound:
            self.close(CloseCode.NOT_FOUND, "no such session")
        except Unavailable:
            self.close(CloseCode.UNAVAILABLE, "temporarily unavailable")
        except Exception:
            log.exception("socket not opened")
            self.close(CloseCode.INTERNAL, "internal error")

    async def enter(self, token: str | None) -> None:
        """Let the bearer in. Raises NotAuthenticated, NotFound, Unavailable."""
        raise NotImplementedError

    async def identify(self, token: str) -> Caller:
        """The bearer of the token, whom the service knows from then on. Raises NotAuthenticated."""
        services = self.services
        caller = await services.tokens.verify(token, services.clock())
        await services.provisioner.ensure(caller)
        if services.tokens.is_revoked(caller):
            # Meanwhile; the word of it did not find this socket.
            raise NotAuthenticated("The token was revoked.")
        return caller

    def turned_away(self) -> bool:
        """Whether the socket has been closed, also since this node does not serve."""
        if self.services.readiness():
            self.close(CloseCode.DRAINING, "not ready")
        return self.closing

    def cancel_timers(self) -> None:
        """Nothing is waited for any more."""
        for timer in self._timers:
            timer.cancel()
        self._timers = ()

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Hang up: from now on nothing is sent to this client or done for it."""
        self.let_go()
        super().close(code, reason)

    def on_close(self) -> None:
        self.let_go()

    def let_go(self) -> None:
        """The client has left; safe to call twice."""
        self.cancel_timers()
