"""No task without an owner: every background task is started, watched and ended here."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, Final, TypeVar

import structlog

from domain.errors import reason_of

Item = TypeVar("Item")
Done = TypeVar("Done")

log = structlog.get_logger(__name__)

CANCEL_AGAIN_S: Final = 0.2
RENEW_S: Final = 0.5


async def side_by_side(
    work: Callable[[Item], Coroutine[Any, Any, Done]], items: Iterable[Item], *, at_once: int
) -> list[Done | BaseException]:
    """Do the work for each item, so many at a time; what each came to, when all are done."""
    gate = asyncio.Semaphore(at_once)

    async def one(item: Item) -> Done:
        async with gate:
            return await work(item)

    return await asyncio.gather(*map(one, items), return_exceptions=True)


class Tasks:
    """The background tasks of one node."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._closing = False
        self.failures = 0

    def spawn(self, coroutine: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        """Run the coroutine; a failure is logged with its traceback and counted."""
        task = asyncio.create_task(coroutine, name=name)
        if self._closing:
            task.cancel()
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    def keep(self, work: Callable[[], Awaitable[object]], *, name: str) -> asyncio.Task[Any]:
        """Run what is to go on for ever, and begin it anew whenever it ends after all."""
        return self.spawn(self._renew(work, name), name=name)

    async def _renew(self, work: Callable[[], Awaitable[object]], name: str) -> None:
        while not self._closing:
            try:
                await work()
            except Exception:
                self.failures += 1
                log.exception("essential work broke off and begins anew", work=name)
            await asyncio.sleep(RENEW_S)

    def every(
        self, interval_s: float, job: Callable[[], Awaitable[object]], *, name: str
    ) -> asyncio.Task[Any]:
        """Run `job` again and again, `interval_s` after it ended, whatever became of it."""
        return self.spawn(self._repeat(interval_s, job, name), name=name)

    async def _repeat(
        self, interval_s: float, job: Callable[[], Awaitable[object]], name: str
    ) -> None:
        while not self._closing:
            try:
                await job()
            except Exception as error:  # noqa: BLE001 - one bad round must not end the loop
                self.failures += 1
                log.warning("job failed", job=name, error=reason_of(error))
            await asyncio.sleep(interval_s)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.failures += 1
            log.error("task failed", task=task.get_name(), exc_info=task.exception())

    async def close(self) -> None:
        """Cancel what still runs and wait until it is gone."""
        self._closing = True
        while self._running:
            running = list(self._running)
            for task in running:
                task.cancel()
            # Again and again: a cancellation that meets the end of what it interrupts gets lost.
            await asyncio.wait(running, timeout=CANCEL_AGAIN_S)
