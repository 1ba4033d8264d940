"""A private redis-server on a unix socket, with its append-only file on."""

import asyncio
import hashlib
import os
import re
import stat
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, ConnectionError as Unreachable

from storage.embedded.faults import CannotRun, StartFailed
from storage.embedded.process import POLL_S, Process

READY_S = 60.0
SOCKET_PATH_BYTES = 100
MULTI_PART_AOF = 7


class RedisServer:
    """One redis-server; `spawn`, then `ready`, and after `stop` the same again."""

    def __init__(self, program: Path, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._process = Process(program, home)
        self._socket = socket_path(home)

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def url(self) -> str:
        """For `redis.asyncio.Redis.from_url`."""
        return f"unix://{quote(str(self._socket))}?db=0"

    def spawn(self) -> None:
        """Start the program without waiting; only from the main thread."""
        home = self._process.home
        _refuse_older(self._process.program, home)
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(home),
            "logfile": str(home / "redis.log"),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        self._process.spawn([w for name, value in options.items() for w in (f"--{name}", value)])

    async def ready(self) -> None:
        """Return when it answers, its data loaded; StartFailed or CannotRun if it does not."""
        loop = asyncio.get_running_loop()
        end = loop.time() + READY_S
        client = Redis(unix_socket_path=str(self._socket), retry=Retry(NoBackoff(), 0))
        try:
            while not await _answers(client):
                if self._process.failed() is not None or loop.time() > end:
                    raise self._process.failure(self._process.home / "redis.log")
                await asyncio.sleep(POLL_S)
        finally:
            await client.aclose()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._process.kill()

    def terminate(self) -> None:
        """Ask it to stop; `stop` waits for the end."""
        self._process.terminate()

    async def stop(self) -> None:
        """Stop cleanly; everything acknowledged is on disk afterwards."""
        await self._process.stop()
        self._socket.unlink(missing_ok=True)


def _refuse_older(program: Path, home: Path) -> None:
    """Redis 6 does not see the files of Redis 7, and would start as if there were no data."""
    if not (home / "appendonlydir").is_dir():
        return
    told = subprocess.run(  # noqa: S603  # our own program
        [str(program), "--version"], capture_output=True, text=True, check=False, timeout=10
    )
    found = re.search(r"v=(\d+)", told.stdout)
    if found and int(found[1]) < MULTI_PART_AOF:
        raise CannotRun(
            f"{home} was written by Redis 7 or later, and {program} is older and would not see"
            " that data. Install redis-server 7 or later, or move the directory away."
        )


async def _answers(client: Redis) -> bool:
    try:
        return bool(await client.ping())
    except (Unreachable, BusyLoadingError):
        return False


def socket_path(home: Path) -> Path:
    """A path the kernel accepts for a socket: in `home`, or in a private directory if too long.

    The private directory has the same name every time, so that a crash leaves no litter.
    """
    near = home / "redis.sock"
    if len(os.fsencode(near)) < SOCKET_PATH_BYTES:
        return near
    name = f"sessiond-{os.getuid()}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"
    far = next(
        (
            Path(base, name, "redis.sock")
            for base in (tempfile.gettempdir(), "/tmp")  # noqa: S108  # made private below
            if len(os.fsencode(base)) + len(name) + 12 < SOCKET_PATH_BYTES
        ),
    )
    far.parent.mkdir(mode=0o700, exist_ok=True)
    entry = far.parent.lstat()
    if not stat.S_ISDIR(entry.st_mode) or entry.st_uid != os.getuid() or entry.st_mode & 0o077:
        raise StartFailed(f"{far.parent} belongs to somebody else; choose a shorter data directory")
    return far
