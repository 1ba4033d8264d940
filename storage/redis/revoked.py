"""Access tokens that ended before their time, known to every node."""

import json
from collections.abc import Mapping

from redis.asyncio import Redis

from storage.redis.client import translated


class RevokedTokens:
    """The sorted set `<prefix>:revoked`: login family or token id, by its expiry in ms."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self._redis = redis
        self._key = f"{prefix}:revoked"
        self._channel = f"{prefix}:control"

    async def add(self, member: str, *, expires_at_ms: int, now_ms: int) -> None:
        """Revoke a family or token until it would have expired, and tell the nodes."""
        news = json.dumps({"revoked": member, "expires_at_ms": expires_at_ms})
        pipe = self._redis.pipeline(transaction=True)
        # A repeat must not shorten what an earlier call has set.
        pipe.zadd(self._key, {member: expires_at_ms}, gt=True)
        pipe.zremrangebyscore(self._key, "-inf", f"({now_ms}")
        pipe.publish(self._channel, news)
        with translated():
            await pipe.execute()

    async def load(self, now_ms: int) -> Mapping[str, int]:
        """Give every revoked member with its expiry in ms."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.zrangebyscore(self._key, now_ms, "+inf", withscores=True)
        with translated():
            (rows,) = await pipe.execute()
        return {member: int(score) for member, score in rows}
