"""The list of programs as a user was last shown it, until something in it changes.

Whoever builds a list may read what is about to change, and write after the change. So each
change raises a number, and a list counts only under the number that its builder saw first.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from storage.redis.client import translated
from storage.redis.codec import compact
from storage.redis.keys import Keys

STAY_MS: Final = 600_000
"""How long a list stays, and the number it was built under after the last use of either."""


class ProgramLists:
    """The hashes `<prefix>:programs:<uid>`; raises Unavailable while Redis is away."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys

    async def get(self, user_id: str, now: int) -> tuple[list[dict[str, Any]] | None, str]:
        """The kept list, if it still counts (at `now`, ms), and the number for a new one."""
        key = self._keys.programs(user_id)
        try:
            with translated():
                held: Any = await self._redis.hmget(key, "changes", "under", "until", "list")
        except ResponseError:
            # Of another type: whatever it is, it is no list of ours.
            return None, "0"
        number, under, until, text = (str(value or "") for value in held)
        number = number or "0"
        if not text or under != number:
            return None, number
        try:
            kept = json.loads(text) if now < int(until) else None
        except (TypeError, ValueError):
            return None, number
        return (kept if isinstance(kept, list) else None), number

    async def put(self, user_id: str, shown: list[dict[str, Any]], under: str, until: int) -> None:
        """Keep a list that was built after `get` gave this number, until an instant (ms)."""
        key = self._keys.programs(user_id)
        kept: Any = {"under": under, "until": str(until), "list": compact(shown)}

        def change(pipe: Any) -> None:
            pipe.hset(key, mapping=kept)
            pipe.pexpire(key, STAY_MS)

        await self._write(key, change)

    async def forget(self, user_id: str) -> None:
        """Something in the user's list has changed; repeating is harmless."""
        key = self._keys.programs(user_id)

        def change(pipe: Any) -> None:
            pipe.hincrby(key, "changes", 1)
            pipe.hdel(key, "list", "under", "until")
            pipe.pexpire(key, STAY_MS)

        await self._write(key, change)

    async def _write(self, key: str, change: Callable[[Any], None]) -> None:
        """Change the hash in one step; what stands in its place, of another type, goes."""
        for _ in range(2):
            try:
                with translated():
                    async with self._redis.pipeline(transaction=True) as pipe:
                        change(pipe)
                        await pipe.execute()
            except ResponseError:
                with translated():
                    await self._redis.delete(key)
            else:
                return
