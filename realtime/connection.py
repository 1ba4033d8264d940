"""One client's socket: what it follows, and what waits to be sent to it.

Tornado buffers without limit, so nothing is handed to it while an earlier write
is still on its way. What waits here is bounded: a newer tick of a session
replaces an older one, events are never dropped, and a socket that cannot keep up
is closed so that it recovers by `rev`.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

from domain.access import Caller

OFFERS_MAX: Final = 4_096
"""Of so many things the newest state may wait for a socket."""


class CloseCode(IntEnum):
    """Why we close: 4000-4499 say come back later, 4500-4999 say do not; below are RFC 6455's."""

    TOO_BIG = 1009
    INTERNAL = 1011
    DRAINING = 4001
    UNAVAILABLE = 4002
    TOKEN_EXPIRED = 4005
    TOO_SLOW = 4008
    RATE_LIMITED = 4013
    INVALID_TOKEN = 4500
    BAD_REQUEST = 4501
    AUTH_TIMEOUT = 4502
    REVOKED = 4503
    TOO_MANY_CONNECTIONS = 4504
    FORBIDDEN = 4507
    NOT_FOUND = 4509


class Transport(Protocol):
    """The way to one client."""

    def write(self, data: bytes) -> "asyncio.Future[None] | None":
        """Send; None if all of it is on its way, else what is done once it is."""

    def close(self, code: int, reason: str) -> None:
        """Send a close frame and hang up."""


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How far a socket may fall behind."""

    max_bytes: int
    max_age_ms: int


class Connection:
    """One authenticated socket."""

    def __init__(
        self,
        transport: Transport,
        caller: Caller,
        *,
        follows_all: bool,
        tick_steps: int,
        limits: QueueLimits,
        clock: Callable[[], int],
    ) -> None:
        """`tick_steps` is the time between ticks in steps of the ticker."""
        self.caller = caller
        self.follows_all = follows_all
        self.tick_steps = tick_steps
        self.followed: dict[str, tuple[str, int]] = {}
        """(epoch, rev) that this client was last shown of each session it follows."""
        self.closed = False
        self._transport = transport
        self._limits = limits
        self._clock = clock
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._ticks: dict[str, bytes] = {}
        self._stuck_since: int | None = None
        self.coalesced = 0

    def is_behind(self, session_id: str, epoch: str, rev: int) -> bool:
        """Whether the client has not been shown this `rev` of a session it follows."""
        shown = self.followed.get(session_id)
        return shown is not None and (shown[0] != epoch or shown[1] < rev)

    def is_behind_or_new(self, session_id: str, epoch: str, rev: int) -> bool:
        """Whether the client has not been shown this `rev`, followed or not."""
        return session_id not in self.followed or self.is_behind(session_id, epoch, rev)

    def send(self, frame: bytes) -> None:
        """Send an event or an answer, after everything sent before."""
        if self.closed:
            return
        if self._stuck_since is None:
            self._write(frame)
            return
        # One frame may be longer than the limit, or its client would come back for it for ever.
        if self._queue and self._queued_bytes + len(frame) > self._limits.max_bytes:
            self.close(CloseCode.TOO_SLOW, "too slow")
            return
        self._queue.append(frame)
        self._queued_bytes += len(frame)

    def offer(self, session_id: str, frame: bytes) -> None:
        """Send a tick now, or the newest one of its session as soon as there is room."""
        if self.closed:
            return
        if self._stuck_since is None:
            self._write(frame)
        elif session_id not in self._ticks and len(self._ticks) >= OFFERS_MAX:
            self.close(CloseCode.TOO_SLOW, "too slow")
        else:
            self.coalesced += session_id in self._ticks
            self._ticks[session_id] = frame

    def withdraw(self, prefix: str) -> None:
        """Let go of what waits under names that begin so."""
        for name in [name for name in self._ticks if name.startswith(prefix)]:
            del self._ticks[name]

    def check_age(self) -> None:
        """Close the socket if a write has been stuck for too long."""
        since = self._stuck_since
        if since is not None and self._clock() - since > self._limits.max_age_ms:
            self.close(CloseCode.TOO_SLOW, "too slow")

    def close(self, code: int, reason: str) -> None:
        """Hang up; safe to call twice."""
        if not self.closed:
            self.gone()
            self._transport.close(code, reason)

    def gone(self) -> None:
        """The client has left: nothing more will be sent."""
        self.closed = True
        self._queue.clear()
        self._ticks.clear()

    def _write(self, frame: bytes) -> None:
        pending = self._transport.write(frame)
        if pending is not None:
            self._stuck_since = self._clock()
            pending.add_done_callback(self._written)

    def _written(self, pending: "asyncio.Future[None]") -> None:
        self._stuck_since = None
        if pending.cancelled() or pending.exception() is not None:
            # The stream is closed; the handler's on_close does the rest.
            self.gone()
            return
        while self._queue and self._may_write():
            frame = self._queue.popleft()
            self._queued_bytes -= len(frame)
            self._write(frame)
        while self._ticks and self._may_write():
            self._write(self._ticks.pop(next(iter(self._ticks))))

    def _may_write(self) -> bool:
        return self._stuck_since is None and not self.closed
