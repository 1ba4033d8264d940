"""What users are told that is not about one live session."""

from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio import Redis

from storage.redis.client import translated
from storage.redis.codec import compact
from storage.redis.keys import Keys


class NewsDesk:
    """Publishes to the nodes that serve a user; raises Unavailable while Redis is away."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys

    async def publish(self, user_id: str, frames: Sequence[Mapping[str, Any]]) -> None:
        """Tell the user's sockets; a repeat tells them again."""
        channel = self._keys.shard_of(user_id).channel
        with translated():
            await self._redis.publish(channel, compact({"news": [*frames], "user_id": user_id}))
