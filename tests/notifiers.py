"""The push side of nodes on a real MongoDB, with a sender that does as it is told."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from config.settings import Settings
from domain import notices
from domain.notices import Notice
from domain.push_endpoints import Subscription
from realtime.notifying import Message, Notifying, Result, Sent
from realtime.push import Push, build_push
from realtime.reminding import Wanted
from realtime.tasks import Tasks
from storage.mongo.client import Database, Document, Mongo
from storage.mongo.indexes import ensure_indexes
from tests.push_stub import Browser

DELIVERED = Sent(Result.DELIVERED)
AGAIN = Sent(Result.AGAIN)


@dataclass
class Courier:
    """Notes what is sent; answers with the outcomes of a browser in turn, then delivers."""

    public_key: str = "key"
    sent: list[tuple[str, str]] = field(default_factory=list)
    """(the browser's name, the notice's title)."""
    times: list[int] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    outcomes: dict[str, list[Sent | Exception]] = field(default_factory=lambda: defaultdict(list))
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    """Browsers whose push service does not answer until the event is set."""
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when somebody waits for such a push service."""

    async def send(self, to: Subscription, message: Message, now: int) -> Sent:
        name = to.endpoint.rpartition("/")[2]
        self.sent.append((name, json.loads(message.payload)["title"]))
        self.times.append(now)
        self.messages.append(message)
        if name in self.held:
            self.waiting.set()
            await self.held[name].wait()
        outcomes = self.outcomes[name]
        outcome = outcomes.pop(0) if outcomes else DELIVERED
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Counts:
    """Counts what is told of deliveries."""

    def __init__(self) -> None:
        self.pushes: Counter[str] = Counter()
        self.expired = 0

    def pushed(self, result: str) -> None:
        self.pushes[result] += 1

    def notice_expired(self) -> None:
        self.expired += 1


class SeenTasks(Tasks):
    """Tasks that a test can wait for."""

    def __init__(self) -> None:
        super().__init__()
        self.spawned: list[asyncio.Task[Any]] = []

    def spawn(self, coroutine: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        task = super().spawn(coroutine, name=name)
        self.spawned.append(task)
        return task


@dataclass(frozen=True, kw_only=True)
class Notifier:
    """The push side of one node."""

    push: Push
    notifying: Notifying
    courier: Courier
    counts: Counts
    tasks: SeenTasks
    mongo: Mongo

    @property
    def db(self) -> Database:
        return self.mongo.db

    async def work(self) -> None:
        """Deliver what is due, to the end."""
        await self.notifying.deliver_due()
        await asyncio.gather(*self.tasks.spawned)

    async def subscribe(self, user_id: str, *names: str) -> None:
        """Let the user have browsers of these names."""
        for name in names:
            await self.push.subscriptions.add(user_id, Browser(name=name).subscription())

    async def names(self, user_id: str) -> list[str]:
        """The names of the user's browsers."""
        kept = await self.push.subscriptions.of_user(user_id)
        return [one.subscription.endpoint.rpartition("/")[2] for one in kept]

    async def kept(self) -> list[Document]:
        """All notices, done or not, by their keys."""
        return await self.db["notices"].find().sort("_id").to_list(None)


class EveryDay:
    """Reminds on every day, whatever the user has done."""

    async def reminder(self, user_id: str, now_ms: int) -> Notice | None:
        return notices.reminder(user_id=user_id, title="Time to focus", body="Begin.", at=now_ms)


@asynccontextmanager
async def notifier(
    settings: Settings,
    clock: Callable[[], int],
    courier: Courier | None = None,
    wanted: Wanted | None = None,
) -> AsyncIterator[Notifier]:
    """One node's push side; several on the same settings share their collections."""
    mongo, tasks, counts = Mongo(str(settings.mongo_url), settings.mongo_db), SeenTasks(), Counts()
    await ensure_indexes(mongo.db)
    courier = courier or Courier()
    push = build_push(mongo.db, courier, tasks, counts, clock, wanted or EveryDay())
    assert push.notifying is not None
    try:
        yield Notifier(
            push=push,
            notifying=push.notifying,
            courier=courier,
            counts=counts,
            tasks=tasks,
            mongo=mongo,
        )
    finally:
        await tasks.close()
        mongo.close()


def notice(at: int, user_id: str = "ada", title: str = "hello") -> Notice:
    """A notice that is due at an instant, for two hours."""
    return notices.reminder(user_id=user_id, title=title, body="", at=at)
