"""What one client sends: bounded, taken in at once, handled one frame after another."""

from typing import TYPE_CHECKING

import structlog

from domain.errors import InvalidInput, SessionError
from handlers import frames
from handlers.mailbox import Mailbox
from handlers.transport import Pace
from realtime.connection import CloseCode

if TYPE_CHECKING:
    from handlers.live import LiveHandler

log = structlog.get_logger(__name__)

BAD_FRAMES = 5


class Inbox:
    """The frames of one socket."""

    def __init__(self, handler: "LiveHandler", pace: Pace) -> None:
        self._handler = handler
        self._mailbox: Mailbox[frames.Request] = Mailbox(handler, pace, self._handle)
        self._bad_frames = 0

    def admits(self) -> bool:
        """Count one frame of any kind; the one too many closes the socket."""
        return self._mailbox.admits()

    def take(self, message: str | bytes) -> None:
        """Take a message in, or refuse it at once; returns before it is handled."""
        if not self.admits():
            return
        received = self._handler.services.clock()
        ref: frames.Ref = None
        try:
            frame = frames.parse(message)
            ref = frames.ref_of(frame)
            self._mailbox.put(frames.read(frame, ref, received))
        except InvalidInput as fault:
            self._refuse_bad(fault, ref)

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
