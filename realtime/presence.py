"""Evidence that clients are there, gathered in memory and kept in Redis now and then."""

from collections import defaultdict
from collections.abc import Callable
from typing import Final

from domain.session import Session, next_due, seen
from realtime.connection import Connection
from realtime.registry import Registry
from storage.redis.keys import Keys, ShardKeys
from storage.redis.sessions import SessionStore

BATCH: Final = 100


class Presence:
    """Keeps `last_seen_at` up to date for sessions whose sockets answer."""

    def __init__(
        self,
        store: SessionStore,
        registry: Registry,
        keys: Keys,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._registry = registry
        self._keys = keys
        self._clock = clock
        self._fresh: set[str] = set()

    def saw(self, connection: Connection) -> None:
        """The client answered just now."""
        now = self._clock()
        for session_id in connection.followed:
            session = self._registry.get(session_id)
            # An end whose time has come is not undone by an answer that came after it.
            if session is not None and (next_due(session) or 0) > now:
                self._registry.see(seen(session, now))
                self._fresh.add(session_id)

    async def flush(self) -> None:
        """Keep the evidence gathered since the last time. Raises Unavailable."""
        fresh, self._fresh = self._fresh, set()
        try:
            await self._keep(fresh)
        except BaseException:
            self._fresh |= fresh
            raise

    async def _keep(self, fresh: set[str]) -> None:
        by_shard: dict[ShardKeys, list[Session]] = defaultdict(list)
        for session_id in fresh:
            session = self._registry.get(session_id)
            if session is not None:
                by_shard[self._keys.shard_of(session.user_id)].append(session)
        for keys, sessions in by_shard.items():
            for start in range(0, len(sessions), BATCH):
                await self._store.touch(keys, sessions[start : start + BATCH])

    async def refresh(self, node_id: str, lease_ms: int) -> None:
        """Bring the display values of all sessions up to date, if it is this node's turn."""
        for keys in self._keys.all_shards():
            if await self._store.lease_refresh(keys, node_id, lease_ms):
                ids = await self._store.active_ids(keys)
                for start in range(0, len(ids), BATCH):
                    await self._store.refresh(keys, ids[start : start + BATCH], self._clock())
