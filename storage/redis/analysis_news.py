"""What clients are told of analyses, for the nodes that have their sockets."""

from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio import Redis

from storage.redis.client import translated
from storage.redis.codec import compact
from storage.redis.keys import Keys


class AnalysisNews:
    """Publishes frames; who misses them is shown the state when nodes next compare."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self._redis = redis
        self._channel = keys.analyses

    async def tell(
        self, ids: Sequence[str], turn: int, frames: Sequence[Mapping[str, Any]]
    ) -> None:
        """Tell whoever follows one of the ids. Raises Unavailable."""
        told = {"analysis": [*ids], "turn": turn, "frames": [*frames]}
        with translated():
            await self._redis.publish(self._channel, compact(told))
