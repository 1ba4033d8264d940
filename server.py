"""sessiond: puts one node together, serves, drains and stops. Also the command line."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import cast

import structlog
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from config import logs
from config.environment import BadSettings, development_secret, from_env, unknown
from config.settings import Settings
from domain.errors import SessionError
from handlers import cli, vapid
from handlers.http_server import http_server, raise_file_limit
from handlers.metrics import Metrics
from handlers.numbers import LiveNumbers, watch
from handlers.output import say
from handlers.process import Refused, live_options, open_connections, require_sound, rhythm
from handlers.revocation import sync_revoked
from handlers.routes import application
from handlers.services import Services
from handlers.wiring import build_services, own_sender
from handlers.worker import work, working
from realtime.assembly import assemble
from realtime.node import Node
from realtime.notifying import Sender
from realtime.parts import Parts
from realtime.tasks import Tasks
from storage import embedded
from storage.mongo.client import StandaloneMongo

log = structlog.get_logger("sessiond")

REVOKED_RELOAD_S = 5.0
DRAIN_POLL_S = 0.02


@dataclass(frozen=True, kw_only=True)
class Running:
    """A node that is up."""

    application: Application
    services: Services
    node: Node
    parts: Parts


@asynccontextmanager
async def stores(settings: Settings) -> AsyncIterator[Settings]:
    """The settings with the addresses of both stores, started here where none was given."""
    if settings.redis_url is not None and settings.mongo_url is not None:
        yield settings
        return
    own = await embedded.start(
        settings.data_dir,
        redis=settings.redis_url is None,
        mongo=settings.mongo_url is None,
        redis_server=settings.redis_server,
        mongod=settings.mongod,
    )
    tasks = Tasks()
    tasks.spawn(_stop_without(own), name="embedded servers")
    try:
        found = replace(
            settings,
            redis_url=settings.redis_url or own.redis_url,
            mongo_url=settings.mongo_url or own.mongo_url,
        )
        cli.remember(found)
        yield found
        if own.ended:
            raise Refused(f"stopped, because the embedded {own.ended} had ended; see its log")
    finally:
        await tasks.close()
        await own.stop()


async def _stop_without(own: embedded.Embedded) -> None:
    """A node whose own stores are gone stops, so that whoever started it can start it again."""
    log.error("an embedded server has ended", server=await own.until_one_ends())
    signal.raise_signal(signal.SIGTERM)


@asynccontextmanager
async def running(
    settings: Settings, *, now: Callable[[], int] | None = None, sender: Sender | None = None
) -> AsyncIterator[Running]:
    """A node on the stores of the settings, caught up and ready. Raises Refused, Unavailable.

    `now` and `sender` take the place of the cluster's clock and of the way to push services.
    """
    async with AsyncExitStack() as stack:
        connections = await stack.enter_async_context(open_connections(settings))
        tasks = Tasks()
        stack.push_async_callback(tasks.close)
        await require_sound(settings, connections, tasks)
        numbers = LiveNumbers(metrics := Metrics())
        options = live_options(settings, sender or stack.enter_context(own_sender(settings)))
        parts = await assemble(connections, options, tasks, numbers, now)
        services = build_services(settings, connections, parts, metrics)
        stack.push_async_callback(services.close)
        node = Node(parts, rhythm(settings), services.tokens.revoke_local)
        services = replace(services, readiness=node.readiness)
        watch(metrics, node, parts)
        await sync_revoked(services)
        await node.start()
        stack.push_async_callback(node.leave)
        tasks.every(REVOKED_RELOAD_S, lambda: sync_revoked(services), name="revoked tokens")
        # Analyses are handed over before anything that they need is taken away.
        async with working(settings, connections, parts, metrics):
            served = application(services)
            yield Running(application=served, services=services, node=node, parts=parts)
            await node.drain(0)
        # What runs in the background must be gone before the stores it uses are.
        await tasks.close()


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then leave in good order."""
    raise_file_limit()
    stop = asyncio.Event()
    # Until there is something to drain, stopping is giving up.
    _on_signal(cast("asyncio.Task[None]", asyncio.current_task()).cancel)
    began = time.monotonic()
    async with stores(settings) as found, running(found) as node:
        server = http_server(node.application, found)
        try:
            sockets = bind_sockets(found.port, found.host)
        except OSError as fault:
            raise Refused(f"cannot listen on {found.host}:{found.port}: {fault}") from fault
        server.add_sockets(sockets)
        port = sockets[0].getsockname()[1]
        log.info("serving", port=port, seconds=round(time.monotonic() - began, 2))
        say(cli.banner(found, port, node.services.clock()))
        _on_signal(stop.set)
        await stop.wait()
        await _stop(node, server, found)
    log.info("stopped")


def _on_signal(act: Callable[[], object]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, act)


async def _stop(node: Running, server: HTTPServer, settings: Settings) -> None:
    """Turn the clients away, stop taking requests, let what is under way finish."""
    log.info("draining", sockets=len(node.parts.hub))
    await node.node.drain(settings.drain_s)
    server.stop()
    deadline = time.monotonic() + settings.drain_s
    waiting = node.services.metrics.requests_in_progress
    # Nothing tells when the last request has ended, and this happens once in a process's life.
    while waiting() and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(DRAIN_POLL_S)
    await server.close_all_connections()


def _with_own_secrets(settings: Settings) -> Settings:
    """The settings of development, with keys of the data directory where none are given."""
    kept = settings.data_dir
    return replace(
        settings,
        jwt_secret=settings.jwt_secret or development_secret(kept),
        vapid_private_key=settings.vapid_private_key
        or development_secret(kept, "vapid_private_key", vapid.fresh),
    )


def main(arguments: list[str] | None = None) -> int:
    """The command line: `sessiond [command]`, `serve` by default."""
    asked = cli.parser().parse_args(sys.argv[1:] if arguments is None else arguments)
    try:
        settings = from_env(os.environ)
        if settings.env == "development":
            settings = _with_own_secrets(settings)
        logs.configure(settings.log_level, settings.log_format)
        for name in unknown(os.environ):
            log.warning("unknown setting", name=name)
        if asked.command in (None, "serve", "worker"):
            lasting = work(settings, _on_signal) if asked.command == "worker" else serve(settings)
            with suppress(asyncio.CancelledError):
                asyncio.run(lasting)
            return 0
        return asyncio.run(cli.run(asked, settings, stores, time.time_ns() // 1_000_000))
    except (BadSettings, Refused, StandaloneMongo, embedded.EmbeddedFailed) as fault:
        return cli.complain(str(fault), 2)
    except SessionError as fault:
        return cli.complain(f"sessiond: {fault.detail}", 1)


if __name__ == "__main__":
    sys.exit(main())
