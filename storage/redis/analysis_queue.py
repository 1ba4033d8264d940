"""The queue that hands analyses to workers: SAQ on Redis. What it loses, MongoDB still knows.

Each job is a hint: whoever takes it asks MongoDB what is to be done. So a job may come twice,
late, or never.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from saq import Job, Worker
from saq.queue.redis import RedisQueue

from domain.analysis_views import short
from domain.errors import SessionError, reason_of
from storage.redis.client import translated
from storage.redis.keys import Keys

log = structlog.get_logger(__name__)

WAIT_S: Final = 2.0
"""How long one look into the queue may wait for a job."""
REST_S: Final = 1.0
"""How long a worker rests when Redis is out of reach."""
FORGOTTEN: Final = -1
"""SAQ remembers nothing of a job that has ended: MongoDB does."""
FUNCTION: Final = "analyse"
EXPIRY_S: Final = 120
"""So long after its time an entry stays at most."""
SWEEP_S: Final = 30

Work = Callable[[str], Awaitable[None]]


class AnalysisQueue:
    """The jobs of one deployment."""

    def __init__(self, redis: Redis, keys: Keys, *, longest_s: int) -> None:
        """`redis` is a client that gives bytes; a job older than `longest_s` counts as lost."""
        self._queue = _Queue(redis, keys)
        self._keys = keys
        self._longest_s = longest_s

    async def put(self, analysis_id: str, ticket: str) -> None:
        """Ask any worker to look at the analysis, once for each ticket. Raises Unavailable."""
        with translated():
            await self._queue.enqueue(
                Job(
                    function=FUNCTION,
                    kwargs={"analysis_id": analysis_id},
                    # SAQ has keys of its own by this one, which must lie beside the others.
                    key=self._keys.job(ticket),
                    timeout=self._longest_s,
                    retries=1,
                    ttl=FORGOTTEN,
                )
            )

    @asynccontextmanager
    async def working(self, work: Work, *, concurrency: int) -> AsyncIterator[None]:
        """Hand jobs to `work`, so many at the same time; what goes on at the end is cancelled."""

        async def analyse(_context: Any, *, analysis_id: str) -> None:
            try:
                await work(analysis_id)
            except SessionError as error:
                # It is looked after all the same. SAQ would log the id, which is a secret.
                log.warning("hint not followed", reason=reason_of(error))
            except Exception:
                log.exception("analysis not worked at", analysis=short(analysis_id))

        async def serve() -> None:
            while True:
                await _Worker(
                    self._queue,
                    [(FUNCTION, analyse)],
                    concurrency=concurrency,
                    dequeue_timeout=WAIT_S,
                ).start()
                if ending:
                    return
                log.error("workers have ended by themselves and begin anew")
                await asyncio.sleep(REST_S)

        ending: list[bool] = []
        running = asyncio.create_task(serve(), name="analyses")  # noqa: TID251 - ended below
        try:
            yield
        finally:
            ending.append(True)
            running.cancel()
            await asyncio.wait({running})


class _Worker(Worker[Any]):
    """SAQ's worker, which leaves the signals of the process to whoever owns it.

    Of its chores it has the one that is needed here, and ends it when it is told to: SAQ's own
    sleep through a cancellation that met the end of what it interrupted.
    """

    SIGNALS: list[Any] = []

    async def upkeep(self) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self._sweep(), name="sweep")]  # noqa: TID251 - SAQ ends it

    async def _sweep(self) -> None:
        """Clear away what workers that were killed have left behind."""
        while not self.event.is_set():
            try:
                await self.queue.sweep(SWEEP_S)
            except (RedisError, OSError) as error:
                log.warning("queue of analyses not swept", reason=reason_of(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self.event.wait(), SWEEP_S)


class _Queue(RedisQueue):
    """SAQ's queue under the names of this service, patient with a Redis that is away."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self._names = keys
        super().__init__(redis, name="analyses")

    def namespace(self, key: str) -> str:
        return self._names.jobs(key)

    def job_id(self, job_key: str) -> str:
        return job_key

    def job_key_from_id(self, job_id: str) -> str:
        return job_id

    async def write_worker_info(self, worker_id: str, info: Any, ttl: int) -> None:
        """Nobody asks SAQ who its workers are: each attempt names its own."""

    async def _enqueue(self, job: Job) -> Job | None:
        made = await super()._enqueue(job)
        await self._let_expire(job)
        return made

    async def _update(self, job: Job, status: Any = None, **rest: Any) -> None:
        with self._patient():
            await super()._update(job, status, **rest)
            await self._let_expire(job)

    async def _finish(self, job: Job, status: Any, **rest: Any) -> None:
        with self._patient():
            await super()._finish(job, status, **rest)

    async def _let_expire(self, job: Job) -> None:
        """What no sweep ever finds goes by itself."""
        await self.redis.expire(job.id, job.timeout + EXPIRY_S)

    @contextmanager
    def _patient(self) -> Iterator[None]:
        """Leave an entry to the sweep that cannot be brought up to date."""
        try:
            yield
        except (RedisError, OSError) as error:
            log.warning("queue of analyses out of reach", reason=reason_of(error))

    async def notify(self, job: Job) -> None:
        """Nobody waits for a job here: followers of an analysis are told by other means."""

    async def dequeue(
        self,
        timeout: float = 0.0,  # noqa: ASYNC109 - as in the base
        poll_interval: float = 0.0,
    ) -> Job | None:
        try:
            return await super().dequeue(timeout, poll_interval)
        except (RedisError, OSError) as error:
            # The worker would try again at once, for ever.
            log.warning("no look into the queue of analyses", reason=reason_of(error))
            await asyncio.sleep(REST_S)
            return None
