"""What one client sends, taken in at once and handled one after another."""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from handlers.sockets import SocketHandler
from handlers.transport import Pace
from realtime.connection import CloseCode

MAX_WAITING = 64
"""Messages that may wait while a store is slow; they hold what the schemas let through."""

Item = TypeVar("Item")


class Mailbox(Generic[Item]):
    """The messages of one socket: while one is handled, the client's pongs are still read."""

    def __init__(
        self, handler: SocketHandler, pace: Pace, act: Callable[[Item], Awaitable[None]]
    ) -> None:
        """`act` handles one message, and raises nothing."""
        self._handler = handler
        self._pace = pace
        self._act = act
        self._waiting: deque[Item] = deque()
        self._working = False

    def admits(self) -> bool:
        """Count one frame of any kind; the one too many closes the socket."""
        if self._pace.take():
            return True
        self._handler.close(CloseCode.RATE_LIMITED, "too many frames")
        return False

    def put(self, item: Item) -> None:
        """Have a message handled; returns before it is."""
        if len(self._waiting) >= MAX_WAITING:
            self._handler.close(CloseCode.RATE_LIMITED, "too many frames wait")
            return
        self._waiting.append(item)
        if not self._working:
            self._working = True
            self._handler.services.tasks.spawn(self._work(), name="socket messages")

    async def _work(self) -> None:
        try:
            while self._waiting and not self._handler.closing:
                await self._act(self._waiting.popleft())
        finally:
            self._working = False
