"""The way from a connection to its client's socket, and how fast a client may send."""

import asyncio
from collections.abc import Callable

from tornado.iostream import StreamBufferFullError, StreamClosedError
from tornado.websocket import WebSocketHandler


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
        stream = None if connection is None else connection.stream
        if stream is None:
            return None
        try:
            pending = stream.write(data)
        except (StreamClosedError, StreamBufferFullError):
            self._handler.close()
            return None
        if pending.done():
            pending.exception()
            return None
        return pending

    def close(self, code: int, reason: str) -> None:
        """Send a close frame and hang up."""
        self._handler.close(code, reason)
