"""Finished sessions that still lie in Redis for late clients."""

from redis.asyncio import Redis

from storage.redis.client import Script
from storage.redis.keys import Keys


class FinishedSessions:
    """What may be done to a session after its end. Raises Unavailable when Redis is away."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self._keys = keys
        self._forget = Script(redis, "forget")

    async def forget(self, user_id: str, session_id: str) -> bool:
        """Let go of a finished session that MongoDB has; False if there was none such."""
        keys = self._keys.shard_of(user_id)
        touched = [
            keys.session(session_id),
            keys.session_events(session_id),
            keys.commands(session_id),
        ]
        return bool(await self._forget(touched, []))
