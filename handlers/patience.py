"""How long a client that sends is waited for."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

WINDOW_S: Final = 20.0
SLOWEST_BYTES_PER_S: Final = 1_000


class Patience:
    """Time that runs while a client is waited for, and that it earns by what it sends.

    Without one, a few clients that send a byte now and then keep everybody else out.
    """

    def __init__(self, run_out: Callable[[], object]) -> None:
        """`run_out` is called when there is none left, unless `stop` came before."""
        self._loop = asyncio.get_running_loop()
        self._run_out = run_out
        self._left_s = WINDOW_S
        self._since = self._loop.time()
        self._timer = self._loop.call_later(self._left_s, run_out)

    @contextmanager
    def taking(self, size: int) -> Iterator[None]:
        """While so many bytes that came are dealt with, time stands still."""
        self.stop()
        self._left_s -= self._loop.time() - self._since
        self._left_s = min(WINDOW_S, self._left_s + size / SLOWEST_BYTES_PER_S)
        try:
            yield
        finally:
            self._since = self._loop.time()
            self._timer = self._loop.call_later(self._left_s, self._run_out)

    def stop(self) -> None:
        """It does not run out any more."""
        self._timer.cancel()
