"""Live sessions in Redis: their transitions, and the reads around them."""

from collections.abc import Sequence
from typing import Any, cast

import structlog
from redis.asyncio import Redis

from domain.session import Session, next_due
from storage.redis.client import Script, translated
from storage.redis.codec import (
    VERSION,
    Damaged,
    NewerSchema,
    session_from,
)
from storage.redis.commits import Commit, CommitResult, call_of, result_of
from storage.redis.keys import Keys, ShardKeys

log = structlog.get_logger(__name__)

Fields = dict[str, str]


class SessionStore:
    """What Redis knows of live sessions. Everything raises Unavailable when Redis is away."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys
        self._commit = Script(redis, "commit")
        self._touch = Script(redis, "touch")
        self._reschedule = Script(redis, "reschedule")
        self._refresh = Script(redis, "live")
        self._free = Script(redis, "free")

    async def commit(self, commit: Commit) -> CommitResult:
        """Make the transition unless another came first; all of it or nothing.

        Raises TooMany once the session has answered as many commands as are remembered.
        """
        keys = self._keys.shard_of(commit.session.user_id)
        return result_of(await self._commit(*call_of(commit, keys)))

    async def load(self, user_id: str, session_id: str) -> Session | None:
        """The user's session, live or recently finished; None if Redis does not hold it."""
        keys = self._keys.shard_of(user_id)
        with translated():
            fields = await self._redis.hgetall(keys.session(session_id))
        if not fields:
            return None
        session = session_from(cast(Fields, fields))
        return session if session.user_id == user_id else None

    async def find(self, session_id: str) -> Session | None:
        """The session, whoever's it is: for operators, who know no user."""
        for keys in self._keys.all_shards():
            with translated():
                fields = await self._redis.hgetall(keys.session(session_id))
            if fields:
                return session_from(cast(Fields, fields))
        return None

    async def answer(self, user_id: str, session_id: str, command_id: str) -> str | None:
        """What the command was answered with before; None if it is new."""
        key = self._keys.shard_of(user_id).commands(session_id)
        with translated():
            return cast(str | None, await self._redis.hget(key, command_id))

    async def is_persisted(self, user_id: str, session_id: str) -> bool | None:
        """Whether an ended session has reached MongoDB; None if Redis does not hold it any more."""
        key = self._keys.shard_of(user_id).session(session_id)
        with translated():
            epoch, persisted = await self._redis.hmget(key, "epoch", "persisted")
        return None if epoch is None else persisted == "1"

    async def free(self, user_id: str, kind: str, session_id: str) -> None:
        """Take the session out of its user's slot, unless there is such a session."""
        keys = self._keys.shard_of(user_id)
        await self._free([keys.user(user_id), keys.session(session_id)], [kind, session_id])

    async def load_many(self, keys: ShardKeys, session_ids: Sequence[str]) -> list[Session]:
        """Those of the sessions that Redis holds and this version can read, in one round trip."""
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                for session_id in session_ids:
                    pipe.hgetall(keys.session(session_id))
                found = await pipe.execute()
        sessions = []
        for fields in found:
            if fields:
                try:
                    sessions.append(session_from(fields))
                except (Damaged, NewerSchema) as unreadable:
                    # One such hash must not keep a node from serving all the others.
                    log.warning("session left alone", reason=unreadable.detail)
        return sessions

    async def revs(self, keys: ShardKeys, session_ids: Sequence[str]) -> list[tuple[str, str]]:
        """(epoch, rev) of each session, empty strings for those that are gone."""
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                for session_id in session_ids:
                    pipe.hmget(keys.session(session_id), "epoch", "rev")
                found = await pipe.execute()
        return [(epoch or "", rev or "") for epoch, rev in found]

    async def active_ids(self, keys: ShardKeys) -> list[str]:
        """Ids of the shard's running and paused sessions, oldest first."""
        with translated():
            return cast(list[str], await self._redis.zrange(keys.active, 0, -1))

    async def active_of(self, user_id: str) -> list[Session]:
        """The user's running and paused sessions."""
        keys = self._keys.shard_of(user_id)
        with translated():
            by_kind = await self._redis.hgetall(keys.user(user_id))
        if not by_kind:
            return []
        found = await self.load_many(keys, list(cast(Fields, by_kind).values()))
        return [session for session in found if not session.terminal]

    async def events(self, user_id: str, session_id: str, after_rev: int = 0) -> list[str]:
        """The kept events of a session with a rev beyond `after_rev`, as JSON, in order."""
        key = self._keys.shard_of(user_id).session_events(session_id)
        with translated():
            entries: Any = await self._redis.xrange(key, min=f"({after_rev}-0", max="+")
        return [fields["event"] for _, fields in entries]

    async def due(self, keys: ShardKeys, now: int, limit: int, skip: int = 0) -> list[str]:
        """Ids of sessions whose next end may have come; hints, to be decided on by their state."""
        with translated():
            found = await self._redis.zrangebyscore(
                keys.deadlines, "-inf", now, start=skip, num=limit
            )
        return cast(list[str], found)

    async def reschedule(self, keys: ShardKeys, session_id: str, session: Session | None) -> bool:
        """Correct the hint of a session that turned out not to be due, or to be gone.

        Returns whether the hint is out of the way.
        """
        due = None if session is None else next_due(session)
        rev = "" if session is None else str(session.rev)
        moved = await self._reschedule(
            [keys.deadlines, keys.session(session_id)], [session_id, rev, str(due or 0)]
        )
        return bool(moved)

    async def touch(self, keys: ShardKeys, sessions: Sequence[Session]) -> None:
        """Keep later evidence of clients, and move the deadlines that depend on it."""
        if not sessions:
            return
        args: list[str] = []
        for session in sessions:
            due = next_due(session)
            args += [session.id, str(session.rev), str(session.last_seen_at), str(due or 0)]
        await self._touch([keys.deadlines, *(keys.session(item.id) for item in sessions)], args)

    async def refresh(self, keys: ShardKeys, session_ids: Sequence[str], now: int) -> int:
        """Bring the display values of the sessions up to `now`; returns how many were live."""
        if not session_ids:
            return 0
        touched = [keys.deadlines, *(keys.session(session_id) for session_id in session_ids)]
        return cast(int, await self._refresh(touched, [str(now), *session_ids, str(VERSION)]))

    async def lease_refresh(self, keys: ShardKeys, node_id: str, ttl_ms: int) -> bool:
        """Whether this node shall refresh the shard's display values in this round."""
        with translated():
            return bool(await self._redis.set(keys.refresher, node_id, nx=True, px=ttl_ms))
