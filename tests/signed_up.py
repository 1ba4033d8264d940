"""The HTTP edge of accounts and catalogue on real stores, without an engine behind it."""

import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from redis.asyncio import Redis
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httputil import HTTPHeaders
from tornado.netutil import bind_sockets

from config.settings import Settings
from handlers import accounts, activities, goals
from handlers.http_server import http_server
from handlers.limits import Limiter
from handlers.logins import Logins
from handlers.metrics import Metrics
from handlers.numbers import LiveNumbers
from handlers.passwords import Passwords
from handlers.provision import Provisioner
from handlers.route import route
from handlers.routes import application
from handlers.services import Services
from handlers.tokens import TokenRules, Tokens
from realtime.push import build_push
from realtime.tasks import Tasks
from storage.mongo.activities import Activities
from storage.mongo.client import Mongo
from storage.mongo.goals import Goals
from storage.mongo.indexes import ensure_indexes
from storage.mongo.refresh import RefreshFamilies
from storage.mongo.users import Users
from storage.redis.revoked import RevokedTokens
from tests.fakes import DrivenClock
from tests.notifiers import EveryDay

# Far ahead, so that MongoDB, which removes by its own clock, expires nothing under a test.
START_MS = 2_500_000_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a request."""

    status: int
    body: Any
    headers: HTTPHeaders


@dataclass(frozen=True, kw_only=True)
class EdgeUnderTest:
    """A listening server, what is behind it, and a way to ask it."""

    services: Services
    mongo: Mongo
    clock: DrivenClock
    url: str
    client: AsyncHTTPClient = field(default_factory=lambda: AsyncHTTPClient(force_instance=True))

    async def ask(
        self, method: str, path: str, body: object = None, *, token: str = "", **headers: str
    ) -> Answer:
        """Send one request; `body` of bytes goes as it is, anything else as JSON."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        request = HTTPRequest(
            f"{self.url}{path}",
            method,
            sent,
            raw,
            allow_nonstandard_methods=True,
            request_timeout=10,
        )
        response = await self.client.fetch(request, raise_error=False)
        told = json.loads(response.body) if response.body else None
        return Answer(response.code, told, response.headers)

    def token(self, user_id: str, *roles: str) -> str:
        """An access token for whoever, as an external back end would bring it."""
        pair = self.services.tokens.issue(
            user_id, roles or ("user",), f"family of {user_id}", self.clock()
        )
        return pair.access

    async def register(self, email: str = "ada@example.com") -> dict[str, Any]:
        """A new account, logged in."""
        body = {"email": email, "password": "correct horse", "name": "Ada"}
        answer = await self.ask("POST", "/api/v1/authentication/register/", body)
        assert answer.status == 201, answer
        return cast(dict[str, Any], answer.body)


@asynccontextmanager
async def running_edge(settings: Settings) -> AsyncIterator[EdgeUnderTest]:
    """Serve accounts, goals and activities on a free port."""
    assert settings.mongo_url is not None
    assert settings.redis_url is not None
    clock = DrivenClock(START_MS)
    mongo = Mongo(settings.mongo_url, settings.mongo_db)
    await ensure_indexes(mongo.db)
    redis = Redis.from_url(settings.redis_url, decode_responses=True)
    passwords = Passwords()
    services = _services(settings, clock, mongo, redis, passwords)
    declared = (*accounts.ROUTES, *goals.ROUTES, *activities.ROUTES)
    server = http_server(application(services, [route(*entry) for entry in declared]), settings)
    (listener,) = bind_sockets(0, "127.0.0.1")
    server.add_socket(listener)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    edge = EdgeUnderTest(services=services, mongo=mongo, clock=clock, url=url)
    yield edge
    edge.client.close()
    server.stop()
    await server.close_all_connections()
    await services.limiter.close()
    await redis.aclose()
    passwords.close()
    mongo.close()


def _services(
    settings: Settings, clock: DrivenClock, mongo: Mongo, redis: Redis, passwords: Passwords
) -> Services:
    users, families = Users(mongo.db, clock), RefreshFamilies(mongo.db)
    tokens, metrics = Tokens(TokenRules(secret=settings.jwt_secret)), Metrics()
    absent = {part.name: cast(Any, None) for part in dataclasses.fields(Services)}
    present = {
        "settings": settings,
        "clock": clock,
        "tokens": tokens,
        "logins": Logins(
            users=users,
            families=families,
            revoked=RevokedTokens(redis, settings.redis_prefix),
            tokens=tokens,
            passwords=passwords,
            clock=clock,
        ),
        "provisioner": Provisioner(users, clock),
        "users": users,
        "goals": Goals(mongo.db, clock),
        "activities": Activities(mongo.db, clock),
        "limiter": Limiter(
            redis_url=str(settings.redis_url),
            prefix=settings.redis_prefix,
            user=settings.rate_user,
            address=settings.rate_address,
            named={"login": settings.rate_login},
            clock=clock,
            metrics=metrics,
        ),
        "push": build_push(mongo.db, None, Tasks(), LiveNumbers(metrics), clock, EveryDay()),
        "metrics": metrics,
        "readiness": dict,
    }
    return Services(**{**absent, **present})
