"""Engines on a real Redis without a node around them: what a test of one transition needs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from config.settings import Settings
from domain.session import Session, next_due
from realtime.deadlines import Deadlines
from realtime.engine import Engine
from realtime.registry import Registry
from storage.redis.client import connect
from storage.redis.keys import Keys, ShardKeys
from storage.redis.outbox import Outbox
from storage.redis.sessions import SessionStore
from tests.timed import HOUR, timed

PATIENCE_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of several engines that share a Redis."""

    redis: Any
    store: SessionStore
    registry: Registry
    engine: Engine
    deadlines: Deadlines
    outbox: Outbox
    keys: ShardKeys
    late_s: list[float]

    async def events(self, session_id: str = "s-1") -> list[tuple[str, str]]:
        """(stream id, event) of everything that happened to the session."""
        return [
            (entry_id, fields["event"])
            for entry_id, fields in await self.redis.xrange(self.keys.session_events(session_id))
        ]

    async def outbox_ids(self) -> list[str]:
        """The sessions in the outbox, one for each entry."""
        return [fields["id"] for _, fields in await self.redis.xrange(self.keys.outbox)]

    async def dump(self) -> dict[str, Any]:
        """Everything under the prefix, to compare."""
        pattern = f"{self.keys.prefix}:*"
        names = [name async for name in self.redis.scan_iter(pattern, count=1000)]
        return {name: await contents(self.redis, name) for name in sorted(names)}

    async def check_live(self, session_id: str = "s-1") -> None:
        """Live exactly if in both indexes, with the right scores."""
        found = await self.store.find(session_id)
        assert found is not None
        due = await self.redis.zscore(self.keys.deadlines, session_id)
        began = await self.redis.zscore(self.keys.active, session_id)
        slot = await self.redis.hget(self.keys.user(found.user_id), found.kind)
        if found.terminal:
            assert (due, began) == (None, None)
            assert slot != session_id
        else:
            assert (due, began, slot) == (next_due(found), found.started_at, session_id)


async def contents(redis: Any, name: str) -> Any:
    """What a key holds, whatever its type."""
    match await redis.type(name):
        case "hash":
            return await redis.hgetall(name)
        case "zset":
            return await redis.zrange(name, 0, -1, withscores=True)
        case "stream":
            return await redis.xrange(name)
        case _:
            return await redis.get(name)


@asynccontextmanager
async def side(
    settings: Settings, clock: Callable[[], int], *, url: str | None = None, timeout_s: float = 1.0
) -> AsyncIterator[Side]:
    """An engine on the Redis of the settings, or on `url`."""
    redis = connect(url or str(settings.redis_url), timeout_s=timeout_s)
    # As in a node: who waits a second for entries must not give up after just that second.
    blocking = connect(url or str(settings.redis_url), timeout_s=timeout_s + 2)
    keys = Keys(settings.redis_prefix, settings.redis_shards)
    store, registry = SessionStore(redis, keys), Registry()
    engine = Engine(store, registry, clock)
    late_s: list[float] = []
    try:
        yield Side(
            redis=redis,
            store=store,
            registry=registry,
            engine=engine,
            deadlines=Deadlines(store, engine, keys, clock, late_s.append),
            outbox=Outbox(redis, blocking, keys, finished_ttl_ms=settings.finished_ttl_s * 1000),
            keys=keys.all_shards()[0],
            late_s=late_s,
        )
    finally:
        await blocking.aclose()
        await redis.aclose()


def begun(now: int, **changes: Any) -> Session:
    """A session that starts now, and is abandoned after four silent hours."""
    instants = ("clock", "started_at", "segment_started_at", "last_seen_at", "last_activity_at")
    return timed(**dict.fromkeys(instants, now) | {"abandon_ms": 4 * HOUR} | changes)


async def until(condition: Callable[[], Awaitable[object]], what: str) -> None:
    """Wait for the condition to hold; fails, saying what was waited for."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await condition():  # noqa: ASYNC110 - what is watched is in the stores
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"in vain: {what}") from None
