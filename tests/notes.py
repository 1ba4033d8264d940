"""The HTTP edge on a real port with a few endpoints of its own, driven synchronously."""

import asyncio
import contextlib
import dataclasses
import json
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from marshmallow import fields
from prometheus_client import CollectorRegistry
from tornado.httpclient import HTTPRequest, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.testing import bind_unused_port
from tornado.web import Application

from config.environment import from_env
from config.settings import Settings
from domain.access import Caller
from domain.errors import Conflict, NotAuthenticated, TooMany, Unavailable
from handlers.base import ApiHandler
from handlers.endpoint import Reply, endpoint
from handlers.http_server import http_server
from handlers.limits import Limiter
from handlers.metrics import Metrics
from handlers.route import Route, route
from handlers.routes import application, edge_routes
from handlers.schemas.common import Instant, QueryInt, Schema, StrictInt, Text
from handlers.services import Services
from tests.fakes import DrivenClock

T = TypeVar("T")
ORIGIN = "http://localhost:3000"
NOWHERE = "unix:///nonexistent/redis.sock"
USER = {"Authorization": "Bearer user"}
JSON = {"Content-Type": "application/json"}


class NoteBody(Schema):
    """A note to make."""

    title = Text(min=1, max=40, required=True)
    count = StrictInt(minimum=0, maximum=100, load_default=1)
    at = Instant(load_default=None)


class NoteView(Schema):
    """A note as shown, with the key it came with."""

    title = fields.String()
    count = fields.Integer()
    at = Instant()
    key = fields.String(allow_none=True)


class PageQuery(Schema):
    """How many notes."""

    limit = QueryInt(minimum=1, maximum=100, load_default=20)


class NotesHandler(ApiHandler):
    """/api/notes/"""

    @endpoint(summary="List notes", query=PageQuery)
    async def get(self, *, limit: int) -> dict[str, object]:
        return {"limit": limit, "user": self.caller.user_id}

    @endpoint(summary="Make a note", body=NoteBody, returns=NoteView, keyed=True, status=201)
    async def post(self, **body: object) -> dict[str, object]:
        return {**body, "key": self.idempotency_key}


class NoteHandler(ApiHandler):
    """/api/notes/{note_id}/"""

    @endpoint(summary="Read a note", access="public")
    async def get(self, *, note_id: str) -> dict[str, object]:
        return {"id": note_id, "address": self.request.remote_ip}

    @endpoint(summary="Remove a note", status=204)
    async def delete(self, *, note_id: str) -> None:
        assert note_id


class FaultHandler(ApiHandler):
    """/api/fault/{kind}/ fails as its path says."""

    @endpoint(summary="Fail", access="public")
    async def get(self, *, kind: str) -> object:
        faults: dict[str, Exception] = {
            "conflict": Conflict("It has moved on.", state={"rev": 7}),
            "slow": TooMany("Slow down.", retry_after_s=9),
            "away": Unavailable("Redis is away.", retry_after_s=3),
            "bug": ZeroDivisionError("the secret is 42"),
        }
        raise faults[kind]


class AdminHandler(ApiHandler):
    """/api/admin/"""

    @endpoint(summary="For administrators", access="admin")
    async def get(self) -> Reply:
        return Reply({"admin": True}, status=202, headers={"X-Extra": "yes"})


class LoginHandler(ApiHandler):
    """/api/login/"""

    @endpoint(summary="Count against the login limit", access="public")
    async def post(self) -> None:
        await self.services.limiter.check("login", str(self.request.remote_ip))


ROUTES: tuple[Route, ...] = (
    route(r"/api/notes", NotesHandler),
    route(r"/api/notes/(?P<note_id>[^/]+)", NoteHandler),
    route(r"/api/fault/(?P<kind>[a-z]+)", FaultHandler),
    route(r"/api/admin", AdminHandler),
    route(r"/api/login", LoginHandler),
)


class NamedTokens:
    """Knows three tokens by name."""

    async def verify(self, token: str, now_ms: int) -> Caller:
        if token not in ("user", "service", "admin"):
            raise NotAuthenticated("The token is not valid.")
        return Caller(
            user_id=f"id-{token}",
            roles=frozenset({"user", token}),
            token_id="t",
            family="f",
            expires_at_ms=now_ms + 60_000,
        )


class Stranger:
    """Leaves unknown callers unknown."""

    async def ensure(self, caller: Caller) -> None:
        assert caller.user_id


@dataclasses.dataclass
class Notes:
    """A running edge and the one client of it."""

    loop: asyncio.AbstractEventLoop
    port: int
    services: Services
    server: HTTPServer
    client: SimpleAsyncHTTPClient

    async def stop(self) -> None:
        self.client.close()
        self.server.stop()
        await self.server.close_all_connections()
        await self.services.limiter.close()

    def run(self, work: Awaitable[T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(work, 10))

    def fetch(
        self,
        path: str,
        method: str = "GET",
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | str | None = None,
        value: object = None,
    ) -> HTTPResponse:
        """Send one request as `user`; `value` goes as JSON, an empty header does not go."""
        sent = {**USER, **(headers or {})}
        if value is not None:
            body, sent = json.dumps(value), {**JSON, **sent}
        request = HTTPRequest(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            headers={name: text for name, text in sent.items() if text},
            body=body,
            allow_nonstandard_methods=True,
            follow_redirects=False,
            decompress_response=False,
        )

        async def ask() -> HTTPResponse:
            return await self.client.fetch(request, raise_error=False)

        return self.run(ask())

    def raw(self, data: bytes, *, more: bytes = b"", enough: bytes = b"") -> bytes:
        """Write bytes to a fresh connection; return everything until the server closes it.

        Stops before that where the answer ends with `enough`; raises TimeoutError after 15 s.
        """

        async def talk() -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            answer = b""
            with contextlib.suppress(ConnectionError):
                writer.write(data)
                await writer.drain()
                if more:
                    writer.write(more)
                    await writer.drain()
            with contextlib.suppress(ConnectionError):
                async with asyncio.timeout(15):
                    while chunk := await reader.read(65536):
                        answer += chunk
                        if enough and answer.endswith(enough):
                            break
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            return answer

        return self.run(talk())


@contextlib.contextmanager
def running(
    *,
    routes: Sequence[Route] = ROUTES,
    redis_url: str = NOWHERE,
    rates: Mapping[str, str] | None = None,
    reasons: Mapping[str, str] | None = None,
    **overrides: Any,
) -> Iterator[Notes]:
    """Serve `routes` beside the edge's own; `rates` are limits, none by default."""
    settings = dataclasses.replace(from_env({}), **overrides)
    services = services_with(settings, redis_url, rates or {}, reasons or {})
    served = application(services, (*routes, *edge_routes()))
    with asyncio.Runner() as runner:
        notes = runner.run(_start(served, services, runner.get_loop()))
        try:
            yield notes
        finally:
            runner.run(notes.stop())


async def _start(served: Application, services: Services, loop: asyncio.AbstractEventLoop) -> Notes:
    server = http_server(served, services.settings)
    sock, port = bind_unused_port()
    server.add_socket(sock)
    return Notes(loop, port, services, server, SimpleAsyncHTTPClient(force_instance=True))


def services_with(
    settings: Settings, redis_url: str, rates: Mapping[str, str], reasons: Mapping[str, str]
) -> Services:
    """Return what the edge alone needs; the rest is not there."""
    clock, metrics = DrivenClock(), Metrics(CollectorRegistry())
    limiter = Limiter(
        redis_url=redis_url,
        prefix=settings.redis_prefix,
        user=rates.get("user", ""),
        address=rates.get("address", ""),
        named={"login": rates.get("login", "")},
        clock=clock,
        metrics=metrics,
    )
    absent = dict.fromkeys((field.name for field in dataclasses.fields(Services)), None)
    given: dict[str, Any] = {
        "settings": settings,
        "clock": clock,
        "tokens": NamedTokens(),
        "provisioner": Stranger(),
        "limiter": limiter,
        "metrics": metrics,
        "readiness": lambda: reasons,
    }
    return Services(**cast(dict[str, Any], {**absent, **given}))


def problem(response: HTTPResponse) -> dict[str, Any]:
    """Return the problem document, having checked that it is one."""
    assert response.headers["Content-Type"] == "application/problem+json"
    told = json.loads(response.body)
    assert told["status"] == response.code
    assert told["type"] == f"/api/errors#{told['code']}"
    assert told["request_id"] == response.headers["X-Request-Id"]
    return cast(dict[str, Any], told)
