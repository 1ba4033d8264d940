"""People who use the API of a whole node over real HTTP."""

import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from redis.asyncio import Redis
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httputil import HTTPHeaders
from tornado.netutil import bind_sockets

from config.settings import Settings
from domain.lexicon import rate
from domain.rating import Subject
from handlers.http_server import http_server
from realtime.notifying import Sender
from server import Running, running
from tests.fakes import DrivenClock

GOAL = {"title": "Drawing Mandalorian", "category": {"name": "Drawing", "color": "#4187a2"}}
ACTIVITY = {"name": "Drawing", "emoji": "🎨", "category": "Creativity", "color": "#4187a2"}
RATING = rate(
    Subject(
        activity=ACTIVITY["name"],
        activity_category=ACTIVITY["category"],
        goal="Drawing Mandalorian",
        goal_category="Drawing",
    )
)
"""What a session of that goal and activity is worth where no model is asked."""
RATES = RATING.rates.per_second()
SESSIONS = "/api/v1/sessions/"
RESTLESS = ("nodes", "node:", "alive", "leaderboards", "limits:", "refresher", "revoked")
"""What changes in Redis by itself."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a request."""

    status: int
    body: Any
    raw: bytes
    headers: HTTPHeaders

    @property
    def told(self) -> Any:
        """The body without what differs from request to request."""
        return {key: value for key, value in self.body.items() if key != "request_id"}

    @property
    def code(self) -> str:
        """The code of the problem, having checked that it is one."""
        assert self.headers["Content-Type"] == "application/problem+json", self
        assert self.body["status"] == self.status
        assert self.body["type"] == f"/api/errors#{self.body['code']}"
        return str(self.body["code"])


@dataclass(frozen=True, kw_only=True)
class Site:
    """A node that listens, and a way to ask it."""

    node: Running
    settings: Settings
    clock: DrivenClock
    url: str
    client: AsyncHTTPClient = field(default_factory=lambda: AsyncHTTPClient(force_instance=True))

    def token(self, user_id: str, *roles: str) -> str:
        """An access token for whoever, as an external back end would bring it."""
        tokens = self.node.services.tokens
        return tokens.issue(user_id, roles or ("user",), f"of {user_id}", self.clock()).access

    def person(self, user_id: str, *roles: str) -> "Person":
        """Somebody with a good token."""
        return Person(site=self, user_id=user_id, roles=roles)

    @asynccontextmanager
    async def redis(self) -> AsyncIterator[Redis]:
        """The Redis of this site, looked at directly."""
        assert self.settings.redis_url is not None
        redis = Redis.from_url(self.settings.redis_url)
        try:
            yield redis
        finally:
            await redis.aclose()

    @asynccontextmanager
    async def mongo(self) -> AsyncIterator[AsyncIOMotorDatabase[dict[str, Any]]]:
        """The database of this site, looked at directly."""
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(self.settings.mongo_url)
        try:
            yield client[self.settings.mongo_db]
        finally:
            client.close()

    async def contents(self) -> dict[str, Any]:
        """All that the stores hold, apart from what changes by itself."""
        prefix = f"{self.settings.redis_prefix}:"
        held: dict[str, Any] = {}
        async with self.redis() as redis:
            async for key in redis.scan_iter(f"{prefix}*", count=1000):
                name = key.decode().removeprefix(prefix)
                if not name.startswith(RESTLESS) and not name.endswith(RESTLESS):
                    held[name] = await redis.dump(key)
        async with self.mongo() as database:
            for name in await database.list_collection_names():
                held[name] = await database[name].find().sort("_id").to_list(None)
        return held

    async def let_go(self) -> None:
        """Redis forgets all sessions, as it forgets the finished ones after an hour."""
        async with self.redis() as redis:
            kept = [
                key
                for part in ("session", "events", "commands")
                for key in await redis.keys(f"{self.settings.redis_prefix}:*:{part}:*")
            ]
            if kept:
                await redis.delete(*kept)

    async def totals(self, user_id: str) -> tuple[int, int, int]:
        """A user's XP, completed sessions, and entries in the ledger."""
        async with self.mongo() as database:
            user = await database["users"].find_one({"_id": user_id}) or {}
            entries = await database["ledger"].find({"user_id": user_id}).to_list(None)
        assert sum(entry["xp_total"] for entry in entries) == user.get("xp_total", 0)
        return user.get("xp_total", 0), user.get("sessions_completed", 0), len(entries)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who asks, with a fresh token each time unless told to use another or none."""

    site: Site
    user_id: str
    roles: tuple[str, ...] = ()
    bearer: str | None = None

    def at(self, site: Site) -> "Person":
        """The same person at another node."""
        return dataclasses.replace(self, site=site)

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Send one request; `body` of bytes goes as it is, anything else as JSON."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        bearer = self.site.token(self.user_id, *self.roles) if self.bearer is None else self.bearer
        if bearer:
            sent.setdefault("Authorization", f"Bearer {bearer}")
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        request = HTTPRequest(
            f"{self.site.url}{path}",
            method,
            sent,
            raw,
            allow_nonstandard_methods=True,
            request_timeout=10,
        )
        response = await self.site.client.fetch(request, raise_error=False)
        told = json.loads(response.body) if response.body else None
        return Answer(response.code, told, response.body, response.headers)

    async def get(self, path: str) -> Answer:
        """Read."""
        return await self.ask("GET", path)

    async def post(self, path: str, body: object = None, **headers: str) -> Answer:
        """Send with POST."""
        return await self.ask("POST", path, body, **headers)

    async def put(self, path: str, body: object = None, **headers: str) -> Answer:
        """Send with PUT."""
        return await self.ask("PUT", path, body, **headers)

    async def plan(self) -> dict[str, str]:
        """Make a goal and an activity; what a start needs to name."""
        goal = await self.post("/api/v1/goals/", GOAL)
        activity = await self.post("/api/v1/activities/", ACTIVITY)
        assert (goal.status, activity.status) == (201, 201), (goal, activity)
        return {"goal_id": goal.body["id"], "activity_id": activity.body["id"]}

    async def start(self, **told: object) -> str:
        """Start a session of a fresh goal; its path."""
        plan = {} if "goal_id" in told else await self.plan()
        answer = await self.post(SESSIONS, {**plan, **told})
        assert answer.status == 201, answer
        return f"{SESSIONS}{answer.body['id']}/"

    async def complete(self, path: str) -> dict[str, Any]:
        """Complete the session at this path; the answer's body."""
        answer = await self.put(path, {"status": "completed"})
        assert answer.status == 200, answer
        assert answer.body["persisted"] is True
        return dict(answer.body)


UNLIMITED = (
    "rate_user",
    "rate_address",
    "rate_login",
    "rate_share",
    "rate_frames",
    "rate_review",
    "rate_upload",
    "rate_analysis",
)


@asynccontextmanager
async def open_site(
    settings: Settings, clock: DrivenClock, sender: Sender | None = None, **changes: Any
) -> AsyncIterator[Site]:
    """A whole node on a free port, without limits on rates; `changes` are to its settings."""
    rates = dict.fromkeys(UNLIMITED, "")
    settings = dataclasses.replace(settings, **{**rates, **changes})
    async with running(settings, now=clock, sender=sender) as node:
        server = http_server(node.application, settings)
        (listener,) = bind_sockets(0, "127.0.0.1")
        server.add_socket(listener)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        site = Site(node=node, settings=settings, clock=clock, url=url)
        try:
            yield site
        finally:
            site.client.close()
            server.stop()
            await server.close_all_connections()
