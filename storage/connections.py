"""The connections of a node, opened and closed together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis

from storage.mongo.client import Mongo
from storage.redis import client

BLOCKING_TIMEOUT_S: Final = 10.0
BACKGROUND_CONNECTIONS: Final = 24
QUEUEING_CONNECTIONS: Final = 8
WORKING_CONNECTIONS: Final = 128


@dataclass(frozen=True, kw_only=True)
class Connections:
    """To Redis, for kinds of use that must not hold each other up, and to MongoDB."""

    redis: Redis
    """For commands and reads of clients."""
    background: Redis
    """For heartbeats, deadlines and the outbox, whatever crowd of clients there is."""
    blocking: Redis
    """For reads that wait."""
    listening: Redis
    """For the subscription."""
    queueing: Redis
    """For what is put into the queue of analyses; gives bytes."""
    working: Redis
    """For workers that wait for something in it; gives bytes."""
    mongo: Mongo


@asynccontextmanager
async def connected(
    redis_url: str, mongo_url: str, database: str, shards: int
) -> AsyncIterator[Connections]:
    """Connections that are made when they are first used."""
    async with AsyncExitStack() as stack:
        redis = client.connect(redis_url)
        stack.push_async_callback(redis.aclose)
        background = client.connect(redis_url, connections=BACKGROUND_CONNECTIONS)
        stack.push_async_callback(background.aclose)
        blocking = client.connect(redis_url, connections=shards + 2, timeout_s=BLOCKING_TIMEOUT_S)
        stack.push_async_callback(blocking.aclose)
        listening = client.subscriber(redis_url)
        stack.push_async_callback(listening.aclose)
        queueing = client.connect(redis_url, connections=QUEUEING_CONNECTIONS, decode=False)
        stack.push_async_callback(queueing.aclose)
        working = client.connect(
            redis_url,
            connections=WORKING_CONNECTIONS,
            timeout_s=BLOCKING_TIMEOUT_S,
            decode=False,
        )
        stack.push_async_callback(working.aclose)
        mongo = Mongo(mongo_url, database)
        stack.callback(mongo.close)
        yield Connections(
            redis=redis,
            background=background,
            blocking=blocking,
            listening=listening,
            queueing=queueing,
            working=working,
            mongo=mongo,
        )
