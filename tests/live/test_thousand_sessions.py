"""A thousand live sessions in one process, each followed over a real socket of its own."""

import asyncio
import dataclasses
import json
import resource
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from tornado.netutil import bind_sockets

from config.settings import Settings
from domain.rates import categories, rates_for
from domain.session import Session, progress
from handlers.http_server import http_server
from server import Running, running
from tests.engines import begun
from tests.raw_socket import TEXT, RawSocket
from tests.timed import HOUR

COUNT = 1_000
FILES = 3 * COUNT
AT_ONCE = 32
IN_A_ROW = 3
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Watcher:
    """A socket, and the one session it was shown."""

    session: Session
    socket: RawSocket


@pytest.fixture
def many_files() -> Iterator[None]:
    """Enough open files for both ends of every socket."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FILES:
        pytest.skip(f"needs {FILES} open files; this machine allows {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, FILES), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@asynccontextmanager
async def listening(settings: Settings) -> AsyncIterator[tuple[Running, int]]:
    """A node on a free port, with the clock of the cluster and without limits on rates."""
    settings = dataclasses.replace(settings, rate_user="", rate_address="")
    async with running(settings) as node:
        server = http_server(node.application, settings)
        (listener,) = bind_sockets(0, "127.0.0.1", backlog=COUNT)
        server.add_socket(listener)
        yield node, listener.getsockname()[1]
        server.stop()
        await server.close_all_connections()


def session_of(number: int, now: int) -> Session:
    """No two of them show the same values at the same time."""
    kinds = categories()
    return begun(
        now - number * 1_009,
        id=f"session-{number}",
        user_id=f"user-{number}",
        epoch=f"epoch-{number}",
        rates=rates_for(kinds[number % len(kinds)]),
        focused=number % 7 > 0,
        planned_ms=HOUR + number if number % 3 == 0 else None,
    )


async def started(node: Running) -> list[Session]:
    """The sessions, live in Redis."""
    gate = asyncio.Semaphore(AT_ONCE)
    now = node.services.clock()

    async def start(number: int) -> Session:
        async with gate:
            return (await node.services.engine.start(session_of(number, now))).session

    return list(await asyncio.gather(*(start(number) for number in range(COUNT))))


async def watching(node: Running, port: int, sessions: Sequence[Session]) -> list[Watcher]:
    """A socket for each session, greeted and shown it; every other one follows by its id."""
    gate = asyncio.Semaphore(AT_ONCE)
    tokens, now = node.services.tokens, node.services.clock()

    async def watch(number: int, session: Session) -> Watcher:
        token = tokens.issue(session.user_id, ["user"], "family", now).access
        path = "/ws/sessions/" if number % 2 else f"/ws/sessions/{session.id}/"
        async with gate:
            opened = await RawSocket.open(port, path, {"Authorization": f"Bearer {token}"})
            assert (await opened.next())["type"] == "hello"
            shown = await opened.next()
        assert (shown["type"], shown["id"], shown["rev"]) == ("snapshot", session.id, 1)
        return Watcher(session, opened)

    return list(await asyncio.gather(*(watch(*each) for each in enumerate(sessions))))


async def ticks_from(watcher: Watcher, begin: int) -> list[dict[str, Any]]:
    """All that comes until a few ticks in a row have shown instants from `begin` on."""
    ticks: list[dict[str, Any]] = []
    while len(ticks) < IN_A_ROW or ticks[-IN_A_ROW]["at"] < begin:
        opcode, payload = await watcher.socket.frame()
        assert opcode == TEXT
        ticks.append(json.loads(payload))
    return ticks


def expected(session: Session, at: int) -> dict[str, Any]:
    """What the rules say the session amounts to."""
    amounts = progress(session, at)
    return {
        "type": "tick",
        "id": session.id,
        "rev": session.rev,
        "at": at,
        "status": "active",
        "focused": session.focused,
        "elapsed_ms": at - session.started_at,
        "focused_ms": at - session.started_at if session.focused else 0,
        "remaining_ms": amounts.remaining_ms,
        **amounts.xp.fields(),
    }


@pytest.mark.slow
@pytest.mark.usefixtures("many_files")
@pytest.mark.gen_test(timeout=2 * PATIENCE_S)
async def test_each_of_a_thousand_sockets_gets_the_ticks_of_its_own_session_alone(
    settings: Settings,
) -> None:
    async with asyncio.timeout(PATIENCE_S), listening(settings) as (node, port):
        watchers = await watching(node, port, await started(node))
        assert (len(node.parts.hub), len(node.parts.ticker)) == (COUNT, COUNT)
        everybody_is_here = node.services.clock()

        heard = await asyncio.gather(*(ticks_from(one, everybody_is_here) for one in watchers))

        for watcher, ticks in zip(watchers, heard, strict=True):
            assert ticks == [expected(watcher.session, tick["at"]) for tick in ticks]
            instants = [tick["at"] for tick in ticks]
            assert instants == sorted(set(instants))
        for watcher in watchers:
            await watcher.socket.leave()
