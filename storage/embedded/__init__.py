"""Private real servers for a sessiond that was given none: mongod and redis-server.

They live in the data directory, listen on loopback or a unix socket only, and end
with the process that started them, even when that is killed.
"""

import asyncio
from pathlib import Path

from storage.embedded.binaries import MONGOD, REDIS_SERVER, find
from storage.embedded.faults import CannotRun, DataDirBusy, EmbeddedFailed, StartFailed
from storage.embedded.lock import DataDirLock
from storage.embedded.mongod import Mongod
from storage.embedded.redis_server import RedisServer

__all__ = [
    "CannotRun",
    "DataDirBusy",
    "Embedded",
    "EmbeddedFailed",
    "Mongod",
    "RedisServer",
    "StartFailed",
    "start",
]

OPLOG_MB = 64
WATCH_S = 1.0


class Embedded:
    """The running servers; the URL of one that was not asked for is None."""

    def __init__(self, lock: DataDirLock, redis: RedisServer | None, mongod: Mongod | None) -> None:
        self._lock = lock
        self.redis = redis
        self.mongod = mongod

    @property
    def redis_url(self) -> str | None:
        return None if self.redis is None else self.redis.url

    @property
    def mongo_url(self) -> str | None:
        return None if self.mongod is None else self.mongod.url

    @property
    def ended(self) -> str | None:
        """Which of the servers has ended by itself, if one has."""
        servers = {"redis-server": self.redis, "mongod": self.mongod}
        return next((name for name, one in servers.items() if one and one.pid is None), None)

    async def until_one_ends(self) -> str:
        """Wait until a server ends by itself; returns which one."""
        while (ended := self.ended) is None:  # noqa: ASYNC110 - a process does not call back
            await asyncio.sleep(WATCH_S)
        return ended

    async def stop(self) -> None:
        """Stop both cleanly and give the data directory back."""
        servers = [server for server in (self.redis, self.mongod) if server is not None]
        for server in servers:
            server.terminate()
        for server in servers:
            await server.stop()
        self._lock.release()


async def start(
    data_dir: Path,
    *,
    redis: bool = True,
    mongo: bool = True,
    redis_server: Path | None = None,
    mongod: Path | None = None,
    oplog_mb: int = OPLOG_MB,
) -> Embedded:
    """Start what is asked for, side by side, and return when it takes writes.

    Only from the main thread. Raises EmbeddedFailed, having stopped what it had started.
    """
    lock = DataDirLock.take(data_dir)
    home = lock.directory
    embedded = Embedded(lock, None, None)
    try:
        if mongo:
            embedded.mongod = Mongod(find(MONGOD, mongod), home / "mongo", oplog_mb=oplog_mb)
            embedded.mongod.spawn()
        if redis:
            embedded.redis = RedisServer(find(REDIS_SERVER, redis_server), home / "redis")
            embedded.redis.spawn()
        if embedded.redis is not None:
            await embedded.redis.ready()
        if embedded.mongod is not None:
            await embedded.mongod.ready()
    except BaseException:
        await embedded.stop()
        raise
    return embedded
