"""Workers for analyses: inside of a node, or in processes of their own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import structlog

from handlers import cli
from handlers.analysts import build_worker
from handlers.metrics import Metrics
from handlers.numbers import LiveNumbers, watch_worker
from handlers.output import say
from handlers.process import live_options, open_connections, require_sound
from realtime.assembly import assemble
from realtime.node import ANALYSES_S, CLOCK_S
from realtime.parts import Parts
from realtime.tasks import Tasks
from storage.connections import Connections
from storage.redis.analysis_queue import AnalysisQueue

if TYPE_CHECKING:
    from config.settings import Settings

log = structlog.get_logger("sessiond")

WORKERS: Final = 4
"""Analyses that a process of its own works at, where the settings leave none to nodes."""


@asynccontextmanager
async def working(
    settings: "Settings", connections: Connections, parts: Parts, metrics: Metrics
) -> AsyncIterator[None]:
    """Work at analyses in this process, so many at the same time as the settings say, or at none."""
    if not settings.analysis_workers:
        yield
        return
    worker = build_worker(settings, connections, parts)
    watch_worker(metrics, worker)
    queue = AnalysisQueue(connections.working, parts.keys, longest_s=settings.analysis_deadline_s)
    try:
        async with queue.working(worker.work, concurrency=settings.analysis_workers):
            yield
    finally:
        worker.close()


async def work(settings: "Settings", on_signal: Callable[[Callable[[], object]], None]) -> None:
    """Work at analyses until the process is asked to stop, then hand over what is under way.

    Raises Refused, Unavailable, and NotFound where there are no stores to work on.
    """
    stop = asyncio.Event()
    on_signal(stop.set)
    found = cli.with_known_stores(settings)
    found = replace(found, analysis_workers=found.analysis_workers or WORKERS)
    async with AsyncExitStack() as stack:
        connections = await stack.enter_async_context(open_connections(found))
        tasks = Tasks()
        stack.push_async_callback(tasks.close)
        await require_sound(found, connections, tasks)
        numbers = LiveNumbers(metrics := Metrics())
        parts = await assemble(connections, live_options(found, None), tasks, numbers, None)
        assert parts.clock is not None
        tasks.every(CLOCK_S, parts.clock.resync, name="clock")
        tasks.every(ANALYSES_S, parts.analysis_book.look_after, name="analyses")
        await stack.enter_async_context(working(found, connections, parts, metrics))
        log.info("working", worker=parts.name, analyses=found.analysis_workers)
        say(f"worker {parts.name} is up")
        await stop.wait()
        log.info("handing over")
    log.info("stopped")
