"""Whole nodes with raw sockets on them."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from redis.asyncio import Redis
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.netutil import bind_sockets

from config.settings import Settings
from handlers.http_server import http_server
from server import Running, running
from tests.fakes import DrivenClock
from tests.raw_socket import Frame, RawSocket
from tests.stores import Stores, settings_on

WAIT_S = 8.0
GOAL = {"title": "Run", "category": {"name": "Fitness", "color": "#4187a2"}}
ACTIVITY = {"name": "Run", "emoji": "🏃", "category": "Physique", "color": "#4187a2"}
AT_WILL = {"ws_commands_per_s": 10_000, "ws_commands_burst": 10_000}
"""For tests that are about something else than the rate of commands."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Watched:
    """A node that listens, and the sockets that were opened on it."""

    node: Running
    settings: Settings
    clock: DrivenClock
    port: int
    client: AsyncHTTPClient
    sockets: list[RawSocket] = dataclasses.field(default_factory=list)

    def token(self, user_id: str = "ada", *, left_ms: int | None = None) -> str:
        """An access token, good for 15 minutes or for so many ms, cut to whole seconds."""
        issued = self.clock() + (0 if left_ms is None else left_ms - 900_000)
        tokens = self.node.services.tokens
        return tokens.issue(user_id, ["user"], f"of {user_id}", issued).access

    async def ask(self, method: str, path: str, body: object = None, *, token: str = "") -> Any:
        """Send one request; the body of the answer, which has to be a good one."""
        request = HTTPRequest(
            f"http://127.0.0.1:{self.port}/api/v1/{path}",
            method,
            {"Content-Type": "application/json", **bearer(token or self.token())},
            None if body is None else json.dumps(body).encode(),
            allow_nonstandard_methods=True,
        )
        response = await self.client.fetch(request)
        return json.loads(response.body) if response.body else None

    async def start(self, user_id: str = "ada", **told: object) -> str:
        """Start a session of a fresh goal; its id."""
        token = self.token(user_id)
        goal = await self.ask("POST", "goals/", GOAL, token=token)
        activity = await self.ask("POST", "activities/", ACTIVITY, token=token)
        plan = {"goal_id": goal["id"], "activity_id": activity["id"]}
        return str((await self.ask("POST", "sessions/", {**plan, **told}, token=token))["id"])

    async def dial(
        self, path: str = "/ws/sessions/", headers: Mapping[str, str | None] | None = None
    ) -> RawSocket:
        """Open a socket with these headers and no others of note."""
        return self.keep(await RawSocket.open(self.port, path, headers))

    async def socket(
        self, user_id: str = "ada", session_id: str = "", query: str = "", *, token: str = ""
    ) -> RawSocket:
        """Open a socket as this user, and read its hello."""
        path = f"/ws/sessions/{session_id}/" if session_id else "/ws/sessions/"
        socket = await self.dial(path + query, bearer(token or self.token(user_id)))
        assert socket.head.status == 101, socket.head
        assert (await socket.next())["type"] == "hello"
        return socket

    async def shown(self, session_id: str, **options: Any) -> tuple[RawSocket, Frame]:
        """A socket on one session, and the snapshot it was sent."""
        socket = await self.socket(session_id=session_id, **options)
        return socket, await socket.next("snapshot")

    def keep(self, socket: RawSocket) -> RawSocket:
        """Let the socket go when the test ends."""
        self.sockets.append(socket)
        return socket

    @asynccontextmanager
    async def redis(self) -> AsyncIterator[Redis]:
        """The Redis of this node, looked at directly."""
        assert self.settings.redis_url is not None
        redis = Redis.from_url(self.settings.redis_url, decode_responses=True)
        yield redis
        await redis.aclose()

    def key(self, name: str) -> str:
        """The key of this name in Redis."""
        return f"{self.settings.redis_prefix}:{{0}}:{name}"

    @property
    def held(self) -> tuple[int, int, int]:
        """How many sockets, followed sessions and ticking sessions the node holds."""
        parts = self.node.parts
        return len(parts.hub), len(parts.hub.followed()), len(parts.ticker)

    async def advance(self, ms: int) -> None:
        """Let so much time pass, and the node notice that it is alive."""
        self.clock.advance(ms)
        await self.until(lambda: not self.node.node.readiness())

    async def until(self, so: Callable[[], bool]) -> None:
        """Wait until it is so."""
        async with asyncio.timeout(WAIT_S):
            while not so():  # noqa: ASYNC110 - what is waited for does not tell
                await asyncio.sleep(0.005)

    async def until_empty(self) -> None:
        """Wait until the node holds no socket and nothing of any."""
        await self.until(lambda: self.held == (0, 0, 0))


@asynccontextmanager
async def unharmed(node: Watched) -> AsyncIterator[None]:
    """A bystander is served before and after, and is the only one left in the end."""
    session_id = await node.start("bystander")
    bystander, _ = await node.shown(session_id, user_id="bystander", query="?tick=0.2")
    held = node.held
    yield
    assert (await bystander.next("tick"))["id"] == session_id
    assert (await bystander.ask({"type": "ping"}))["type"] == "pong"
    await node.until(lambda: node.held == held)


def bearer(token: str) -> dict[str, str]:
    """The header with a token."""
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def watched(settings: Settings, clock: DrivenClock, **changes: Any) -> AsyncIterator[Watched]:
    """A node on a free port, without limits on requests; `changes` are to its settings."""
    rates = dict.fromkeys(("rate_user", "rate_address", "rate_login", "rate_share"), "")
    settings = dataclasses.replace(settings, **{**rates, "heartbeat_s": 0.02, **changes})
    async with running(settings, now=clock) as node:
        server = http_server(node.application, settings)
        (listener,) = bind_sockets(0, "127.0.0.1")
        server.add_socket(listener)
        client = AsyncHTTPClient(force_instance=True)
        port = listener.getsockname()[1]
        watch = Watched(node=node, settings=settings, clock=clock, port=port, client=client)
        try:
            yield watch
        finally:
            for socket in watch.sockets:
                await socket.leave()
            client.close()
            server.stop()
            await server.close_all_connections()


@contextmanager
def kept_database(stores: Stores, factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database for all tests of a file, because its indexes take time to make."""
    mine = settings_on(stores, factory.mktemp("database"))
    yield mine.mongo_db
    stores.janitor.forget(mine)
