"""What one client sends: bounded, taken in at once, handled one frame after another."""

from collections import deque
from typing import TYPE_CHECKING

import structlog

from domain.errors import InvalidInput, SessionError
from handlers import frames
from handlers.transport import Pace
from realtime.connection import CloseCode

if TYPE_CHECKING:
    from handlers.live import LiveHandler

log = structlog.get_logger(__name__)

BAD_FRAMES = 5
MAX_WAITING = 64
"""Frames that may wait while a store is slow; they hold what the schemas let through."""


class Inbox:
    """The frames of one socket."""

    def __init__(self, handler: "LiveHandler", pace: Pace) -> None:
        self._handler = handler
        self._pace = pace
        self._waiting: deque[frames.Request] = deque()
        self._working = False
        self._bad_frames = 0

    def admits(self) -> bool:
        """Count one frame of any kind; the one too many closes the socket."""
        if self._pace.take():
            return True
        self._handler.close(CloseCode.RATE_LIMITED, "too many frames")
        return False

    def take(self, message: str | bytes) -> None:
        """Take a message in, or refuse it at once; returns before it is handled."""
        if not self.admits():
            return
        received = self._handler.services.clock()
        ref: frames.Ref = None
        try:
            frame = frames.parse(message)
            ref = frames.ref_of(frame)
            request = frames.read(frame, ref, received)
        except InvalidInput as fault:
            self._refuse_bad(fault, ref)
            return
        if len(self._waiting) >= MAX_WAITING:
            self._handler.close(CloseCode.RATE_LIMITED, "too many frames wait")
            return
        self._waiting.append(request)
        if not self._working:
            self._working = True
            self._handler.services.tasks.spawn(self._work(), name="socket commands")

    async def _work(self) -> None:
        try:
            while self._waiting and not self._handler.closing:
                await self._handle(self._waiting.popleft())
        finally:
            self._working = False

    async def _handle(self, request: frames.Request) -> None:
        try:
            await frames.handle(self._handler, request)
        except SessionError as error:
            self._handler.tell_error(error, request.ref)
        except Exception as error:
            log.exception("frame failed", type=request.type)
            self._handler.tell_error(error, request.ref)

    def _refuse_bad(self, fault: InvalidInput, ref: frames.Ref) -> None:
        self._bad_frames += 1
        self._handler.tell_error(fault, ref)
        if self._bad_frames >= BAD_FRAMES:
            self._handler.close(CloseCode.BAD_REQUEST, "too many bad frames")
