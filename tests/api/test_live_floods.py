"""Clients that send too much, and clients that read too little."""

import asyncio
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from config.settings import Settings
from domain.commands import Distract
from handlers.http_server import http_server
from tests.fakes import DrivenClock
from tests.raw_socket import CLOSE, PING, PONG, RawSocket, encode
from tests.watching import AT_WILL, Watched, bearer, unharmed, watched

pytestmark = pytest.mark.kept_database


@pytest.mark.gen_test
async def test_who_sends_too_fast_is_told_to_slow_down(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node, unharmed(node):
        ping = encode(b'{"type":"ping"}')
        floods = [
            ping,
            encode(b"", PING),
            encode(b"", PONG),
            encode(b"{"),
            ping + encode(b"", PING),
        ]
        for data in floods[:3]:
            socket = await node.socket("eve")
            socket.send(data * 1_000)
            assert (await _pongs_and_code(socket))[1] == 4013
        patient = await node.socket("eve")
        patient.send(ping * 38)
        assert [(await patient.next())["type"] for _ in range(38)] == ["pong"] * 38
        unknown = await node.dial()
        unknown.send(ping * 1_000)
        assert (await _pongs_and_code(unknown))[1] == 4013
        await patient.leave()


async def _pongs_and_code(socket: RawSocket) -> tuple[int, int | None]:
    """How many frames came before the close, and its code."""
    frames = 0
    while True:
        try:
            opcode, payload = await socket.frame()
        except EOFError:
            return frames, None
        if opcode == CLOSE:
            socket.send(encode(payload[:2], CLOSE))
            return frames, int.from_bytes(payload[:2], "big")
        frames += 1


@pytest.mark.gen_test
async def test_frames_do_not_pile_up_while_a_store_is_slow(
    settings: Settings, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = asyncio.Event()

    async def stall(*_: object, **__: object) -> None:
        await opened.wait()

    async with watched(settings, clock, **AT_WILL) as node, unharmed(node):
        socket = await node.socket()
        monkeypatch.setattr(node.node.parts.engine, "execute", stall)
        for number in range(200):
            socket.say({"type": "pause", "id": "s", "cmd_id": f"c-{number}"})
        assert await socket.code() == 4013
        opened.set()


def small_buffers(node: Watched) -> tuple[int, HTTPServer]:
    """Another port of the node, whose sockets have the least buffer the kernel gives."""
    server = http_server(node.node.application, node.settings)
    (listener,) = bind_sockets(0, "127.0.0.1")
    listener.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, 1)
    server.add_socket(listener)
    return listener.getsockname()[1], server


@asynccontextmanager
async def deaf(node: Watched, session_id: str) -> AsyncIterator[RawSocket]:
    """A socket of ada that reads nothing; there is hardly a buffer on the way to it."""
    port, server = small_buffers(node)
    path, token = f"/ws/sessions/{session_id}/?tick=0.2", bearer(node.token())
    before = node.held[0]
    socket = await RawSocket.open(port, path, token, receive_bytes=1, limit=1_024)
    await node.until(lambda: node.held[0] == before + 1)
    yield node.keep(socket)
    socket.reset()
    server.stop()


@pytest.mark.gen_test
async def test_a_client_that_never_reads_has_its_ticks_coalesced_and_is_given_up(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node, unharmed(node):
        session_id = await node.start()
        hub = node.node.parts.hub
        async with deaf(node, session_id):
            (connection,) = [one for one in hub if one.caller.user_id == "ada"]
            for _ in range(30):
                await node.node.parts.engine.execute("ada", session_id, Distract("x" * 400))
            await node.until(lambda: connection.coalesced > 1)
            hub.check_ages()
            assert connection in list(hub)
            clock.advance(10_001)
            hub.check_ages()
            assert connection not in list(hub)


@pytest.mark.gen_test
async def test_a_client_that_cannot_keep_up_with_events_is_sent_away_to_come_back(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node, unharmed(node):
        session_id = await node.start()
        async with deaf(node, session_id) as socket:
            sent = 0
            while node.held[0] == 2:
                await node.node.parts.engine.execute("ada", session_id, Distract("x" * 400))
                sent += 1
            assert 65_536 / 1_400 < sent < 120
            assert (await _pongs_and_code(socket))[1] == 4008
