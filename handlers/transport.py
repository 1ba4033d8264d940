"""The way between a connection and its client's socket, and what a client may send on it."""

import asyncio
from collections.abc import Callable
from typing import cast

from tornado.httputil import HTTPServerRequest
from tornado.iostream import StreamBufferFullError, StreamClosedError
from tornado.websocket import WebSocketHandler, WebSocketProtocol, WebSocketProtocol13

from domain.errors import InvalidInput
from realtime.connection import CloseCode

VERSION = "13"
MAX_PIECES = 1024


def require_upgrade(request: HTTPServerRequest) -> None:
    """Refuse what does not ask for a WebSocket as RFC 6455 has it. Raises InvalidInput."""
    headers = request.headers
    wishes = {wish.strip().lower() for wish in headers.get("Connection", "").split(",")}
    if headers.get("Upgrade", "").lower() != "websocket" or "upgrade" not in wishes:
        raise InvalidInput("This address speaks WebSocket; send an upgrade request.")
    asked = (request.version, headers.get("Sec-WebSocket-Version"))
    if asked != ("HTTP/1.1", VERSION) or not headers.get("Sec-WebSocket-Key"):
        raise InvalidInput(f"Send HTTP/1.1, Sec-WebSocket-Version {VERSION} and a key.")


class PiecewiseProtocol(WebSocketProtocol13):
    """Tornado's protocol, with a bound on the fragments that one message may come in."""

    def __init__(self, handler: WebSocketHandler, like: WebSocketProtocol) -> None:
        """Take the parameters of the protocol that Tornado would have used."""
        super().__init__(handler, False, cast(WebSocketProtocol13, like).params)  # noqa: FBT003
        self._pieces = 0

    async def _receive_frame(self) -> None:
        await super()._receive_frame()
        self._pieces = 0 if self._fragmented_message_buffer is None else self._pieces + 1
        if self._pieces > MAX_PIECES:
            self.close(CloseCode.TOO_BIG, "too many fragments")
            self._abort()


class Pace:
    """A token bucket: how many frames a client may send."""

    def __init__(self, per_s: float, burst: int, steady_s: Callable[[], float]) -> None:
        self._per_s = per_s
        self._burst = burst
        self._steady_s = steady_s
        self._level = float(burst)
        self._at = steady_s()

    def take(self) -> bool:
        """Whether one more frame is within the limit."""
        now = self._steady_s()
        self._level = min(self._burst, self._level + (now - self._at) * self._per_s)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True


class StreamTransport:
    """The way to one client: Tornado's own stream, below its per-message bookkeeping."""

    def __init__(self, handler: WebSocketHandler) -> None:
        self._handler = handler

    def write(self, data: bytes) -> "asyncio.Future[None] | None":
        """Hand a finished frame to the stream; None if the kernel took all of it."""
        connection = self._handler.ws_connection
        if connection is None or connection.stream is None or connection.is_closing():
            return None
        try:
            pending = connection.stream.write(data)
        except (StreamClosedError, StreamBufferFullError):
            self._handler.close(CloseCode.TOO_SLOW, "too slow")
            return None
        if pending.done():
            pending.exception()
            return None
        return pending

    def close(self, code: int, reason: str) -> None:
        """Send a close frame and hang up."""
        self._handler.close(code, reason)
