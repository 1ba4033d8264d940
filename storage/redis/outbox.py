"""The outbox: ended sessions on their way from Redis to MongoDB.

A stream with a consumer group. Entries are never trimmed, only taken off one by
one once they are settled, or moved to the dead letters when they cannot be.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from domain.errors import SessionError
from domain.session import Session
from storage.redis.client import Script, translated
from storage.redis.codec import compact, session_from
from storage.redis.keys import Keys, ShardKeys

GROUP: Final = "settle"
RECORD_VERSION: Final = 1


class Poison(ValueError):
    """An entry that cannot be read, however often it is tried."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the outbox as it lies there."""

    shard: ShardKeys
    entry_id: str
    fields: dict[str, str]

    @property
    def session_id(self) -> str:
        """The session it is about; empty if it does not even say that."""
        return self.fields.get("id", "")

    def session(self) -> Session:
        """The ended session inside. Raises Poison when there is none to be found."""
        try:
            record = json.loads(self.fields["record"])
            if record["v"] != RECORD_VERSION:
                raise Poison(f"record version {record['v']} is not {RECORD_VERSION}")
            if not isinstance(record["session"], dict):
                raise Poison("there is no session in the record")
            session = session_from(record["session"])
        except (LookupError, TypeError, ValueError, RecursionError, SessionError) as error:
            raise Poison(f"{type(error).__name__}: {error}") from error
        if not session.terminal or session.id != self.session_id:
            raise Poison("the record is not the ended session it says it is")
        return session


class Outbox:
    """The outbox of all shards. Everything raises Unavailable when Redis is away."""

    def __init__(self, redis: Redis, blocking: Redis, keys: Keys, *, finished_ttl_ms: int) -> None:
        """`blocking` is a client whose time-outs outlast `read`'s wait."""
        self._redis = redis
        self._blocking = blocking
        self._keys = keys
        self._finished_ttl_ms = finished_ttl_ms
        self._settle = Script(redis, "settle")
        self._bury = Script(redis, "bury")
        self._revive = Script(redis, "revive")
        self._drop = Script(redis, "drop")

    async def ensure_group(self, keys: ShardKeys) -> None:
        """Create the shard's consumer group if it is missing, as it is after a loss of data."""
        with translated():
            try:
                await self._redis.xgroup_create(keys.outbox, GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    async def read(
        self, keys: ShardKeys, consumer: str, *, count: int, block_ms: int
    ) -> list[Entry]:
        """New entries for `consumer`, after at most `block_ms`."""
        with translated():
            reply = await self._blocking.xreadgroup(
                GROUP, consumer, {keys.outbox: ">"}, count=count, block=block_ms
            )
        return [entry for stream in _streams(reply) for entry in _entries(keys, stream)]

    async def claim(
        self, keys: ShardKeys, consumer: str, *, idle_ms: int, count: int
    ) -> list[Entry]:
        """Entries that another consumer took and has not settled for `idle_ms`."""
        with translated():
            reply = await self._redis.xautoclaim(
                keys.outbox, GROUP, consumer, min_idle_time=idle_ms, start_id="0-0", count=count
            )
        return _entries(keys, reply[1])

    async def settle(self, entry: Entry, session: Session, message: dict[str, object]) -> None:
        """Take a settled entry off and tell everybody; harmless when repeated."""
        keys = entry.shard
        touched = [
            keys.outbox,
            keys.tries,
            keys.session(session.id),
            keys.session_events(session.id),
            keys.commands(session.id),
        ]
        told = compact(message)
        args = [GROUP, entry.entry_id, str(self._finished_ttl_ms), keys.channel, told]
        await self._settle(touched, args)

    async def failed(self, entry: Entry) -> int:
        """Count a failed try of the entry; returns how many there were."""
        with translated():
            return int(await self._redis.hincrby(entry.shard.tries, entry.entry_id, 1))

    async def bury(self, entry: Entry, reason: str, now: int) -> None:
        """Move the entry to the dead letters."""
        keys = entry.shard
        args = [GROUP, entry.entry_id, reason[:500], str(now)]
        await self._bury([keys.outbox, keys.tries, keys.dead], args)

    async def depth(self, keys: ShardKeys) -> tuple[int, int, int]:
        """(entries waiting, instant of the oldest in ms or 0, dead letters) of a shard."""
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.xlen(keys.outbox)
                pipe.xrange(keys.outbox, count=1)
                pipe.xlen(keys.dead)
                waiting, oldest, dead = await pipe.execute()
        at = int(oldest[0][0].partition("-")[0]) if oldest else 0
        return int(waiting), at, int(dead)

    async def listing(self, *, dead: bool, count: int = 100) -> list[Entry]:
        """The oldest entries that wait, or the oldest dead letters."""
        found: list[Entry] = []
        for keys in self._keys.all_shards():
            with translated():
                stream = keys.dead if dead else keys.outbox
                found += _entries(keys, await self._redis.xrange(stream, count=count))
        return found[:count]

    async def retry(self, dead_id: str) -> bool:
        """Put a dead letter back into the outbox; False if there is none of that id."""
        for keys in self._keys.all_shards():
            if await self._revive([keys.dead, keys.outbox], [dead_id]):
                return True
        return False

    async def drop(self, dead_id: str) -> bool:
        """Forget a dead letter for good; False if there is none of that id."""
        for keys in self._keys.all_shards():
            with translated():
                found = await self._redis.xrange(keys.dead, min=dead_id, max=dead_id)
            for entry in _entries(keys, found):
                touched = [
                    keys.dead,
                    keys.session(entry.session_id),
                    keys.session_events(entry.session_id),
                    keys.commands(entry.session_id),
                ]
                return bool(await self._drop(touched, [dead_id, str(self._finished_ttl_ms)]))
        return False


def _streams(reply: Any) -> list[Any]:
    """The entry lists of an XREADGROUP reply, which is a mapping in RESP3 and pairs in RESP2."""
    if not reply:
        return []
    if isinstance(reply, dict):
        return [entry for batches in reply.values() for entry in batches]
    return [entries for _, entries in reply]


def _entries(keys: ShardKeys, raw: Any) -> list[Entry]:
    return [Entry(keys, entry_id, dict(fields)) for entry_id, fields in raw if fields]
