"""Taking turns on one node, where meeting in the database would only cost tries."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from domain.errors import Contended


class Queues:
    """A queue for each thing that is changed; not needed for correctness, other nodes have theirs."""

    def __init__(self, longest: int) -> None:
        """`longest` is how many may wait for the same thing."""
        self._longest = longest
        self._waiting: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def turn(self, key: Hashable) -> AsyncIterator[None]:
        """Wait until nobody else changes it. Raises Contended if too many wait already."""
        lock, waiting = self._waiting.get(key, (asyncio.Lock(), 0))
        if waiting >= self._longest:
            raise Contended
        self._waiting[key] = lock, waiting + 1
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._waiting[key]
            if waiting == 1:
                del self._waiting[key]
            else:
                self._waiting[key] = lock, waiting - 1
