"""Password hashes: slow by design, so made off the event loop and never in a crowd."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from domain.errors import Unavailable

THREADS = 2
MAX_WAITING = 32

T = TypeVar("T")


class Passwords:
    """Argon2id in two threads; raises `Unavailable` rather than queue without end."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._waiting = 0
        # Checked in place of a hash that does not exist, so that time tells nothing.
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hasher.hash(password))

    async def matches(self, password: str, hashed: str | None) -> bool:
        """Say whether the password made the hash; no hash takes as long and never matches."""
        return await self._run(lambda: self._matches(password, hashed))

    def is_outdated(self, hashed: str) -> bool:
        """Say whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(hashed)

    def close(self) -> None:
        """Release the threads; hashes under way are finished first."""
        self._threads.shutdown()

    def _matches(self, password: str, hashed: str | None) -> bool:
        try:
            self._hasher.verify(hashed or self._nobody, password)
        except VerifyMismatchError:
            return False
        return hashed is not None

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= MAX_WAITING:
            raise Unavailable("Too many people are signing in at once; try again shortly.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
