"""What nodes know of each other: heartbeats, and the clock they share."""

from collections.abc import Mapping
from typing import Any, cast

from redis.asyncio import Redis

from storage.redis.client import Script, translated
from storage.redis.keys import Keys


class Nodes:
    """Heartbeats and time. Everything raises Unavailable when Redis is away."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys
        self._heartbeat = Script(redis, "heartbeat")

    async def beat(self, node_id: str, facts: Mapping[str, str], now: int, ttl_ms: int) -> None:
        """Say that the node, and with it the cluster, is alive at `now`."""
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.zadd(self._keys.nodes, {node_id: now})
                pipe.zremrangebyscore(self._keys.nodes, "-inf", now - ttl_ms)
                pipe.hset(self._keys.node(node_id), mapping=cast(Any, dict(facts)))
                pipe.pexpire(self._keys.node(node_id), ttl_ms)
                await pipe.execute()
        await self._heartbeat([self._keys.alive], [str(now)])

    async def leave(self, node_id: str) -> None:
        """The node has stopped in good order."""
        with translated():
            await self._redis.zrem(self._keys.nodes, node_id)
            await self._redis.delete(self._keys.node(node_id))

    async def alive_at(self) -> int | None:
        """The last heartbeat of any node, ms; None in an empty store."""
        with translated():
            value = await self._redis.get(self._keys.alive)
        return int(value) if value else None

    async def time_us(self) -> int:
        """Redis' own time, microseconds since the epoch."""
        with translated():
            seconds, micros = await self._redis.time()
        return int(seconds) * 1_000_000 + int(micros)

    async def incarnation(self) -> str:
        """What tells one life of the Redis server from the next."""
        with translated():
            info = await self._redis.info("server")
        return str(info["run_id"])
