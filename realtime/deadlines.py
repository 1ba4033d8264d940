"""Deadlines: ends that time alone brings, looked for by every node, won by one commit."""

from collections.abc import Callable
from functools import partial
from typing import Final

import structlog

from domain.errors import NotFound
from domain.session import TERMINAL, next_due
from realtime.engine import Engine
from realtime.tasks import side_by_side
from storage.redis.keys import Keys, ShardKeys
from storage.redis.sessions import SessionStore

log = structlog.get_logger(__name__)

BATCH: Final = 200
PARALLEL: Final = 16


class Deadlines:
    """Fires what is due. The deadline set is a list of hints; the commit is the act."""

    def __init__(
        self,
        store: SessionStore,
        engine: Engine,
        keys: Keys,
        clock: Callable[[], int],
        observe_late_s: Callable[[float], None],
    ) -> None:
        self._store = store
        self._engine = engine
        self._keys = keys
        self._clock = clock
        self._observe_late_s = observe_late_s
        self.fired = 0

    async def scan(self) -> None:
        """Fire everything that is due by now. Raises Unavailable."""
        failures = []
        for keys in self._keys.all_shards():
            try:
                await self._scan_shard(keys)
            except Exception as error:  # noqa: BLE001 - one shard must not hold up the others
                failures.append(error)
        if failures:
            raise failures[0]

    async def _scan_shard(self, keys: ShardKeys) -> None:
        """Go through all hints that are due; those that stay where they are get passed over."""
        passed_over, hints = 0, ["first"]
        while hints:
            hints = await self._store.due(keys, self._clock(), BATCH, passed_over)
            moved = await self._fire_all(keys, hints)
            passed_over += len(hints) - moved

    async def _fire_all(self, keys: ShardKeys, hints: list[str]) -> int:
        """Act on the hints side by side; returns how many are out of the way."""
        results = await side_by_side(partial(self._fire, keys), hints, at_once=PARALLEL)
        failures = [error for error in results if isinstance(error, BaseException)]
        if failures:
            raise failures[0]
        return sum(result is True for result in results)

    async def _fire(self, keys: ShardKeys, session_id: str) -> bool:
        """Act on one hint; False if it stays, because this version cannot read the session."""
        found = await self._store.load_many(keys, [session_id])
        session = found[0] if found else None
        if session is None or session.status in TERMINAL:
            return await self._store.reschedule(keys, session_id, None)
        due = next_due(session)
        try:
            result = await self._engine.expire(session)
        except NotFound:
            return await self._store.reschedule(keys, session_id, None)
        if not result.session.terminal:
            # The hint was early: the client was seen since, or another node changed the session.
            await self._store.reschedule(keys, session_id, result.session)
        elif due is not None and result.event is not None:
            self.fired += 1
            self._observe_late_s(max(0, self._clock() - due) / 1000)
        return True
