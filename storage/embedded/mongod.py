"""A private mongod: a replica set of one, because transactions need a replica set.

The set's address is part of its data, so the port of the last start is kept in a file and
used again; when somebody else has taken it, the data is told the new one first.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import AutoReconnect, OperationFailure

from storage.embedded.faults import StartFailed
from storage.embedded.process import POLL_S, Process

HOST = "127.0.0.1"
REPLICA_SET = "rs0"
READY_S = 90.0
PORT_ATTEMPTS = 5
LOG_BYTES = 10_000_000
PORT_TAKEN_STATUS = 48
ALREADY_INITIALIZED = 23
PARAMETERS = (
    "diagnosticDataCollectionEnabled=false",
    # A killed node leaves its transaction open for so long; ours give up after a few seconds.
    "transactionLifetimeLimitSeconds=20",
)

Client = AsyncIOMotorClient[dict[str, Any]]


class Mongod:
    """One mongod; `spawn`, then `ready`, and after `stop` the same again."""

    def __init__(self, program: Path, home: Path, *, oplog_mb: int) -> None:
        for directory in (home, home / "db"):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._process = Process(program, home)
        self._oplog_mb = oplog_mb
        self._port_file = home / "port"
        self._port = 0
        self._moving = False

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def url(self) -> str:
        """For MongoClient and its kin; the port may change from one start to the next."""
        return f"mongodb://{HOST}:{self._port}/?replicaSet={REPLICA_SET}"

    def spawn(self) -> None:
        """Start the program without waiting; only from the main thread."""
        last = _last_port(self._port_file)
        self._port = last if last is not None and _is_free(last) else _free_port()
        has_data = (self._process.home / "db" / "WiredTiger").exists()
        self._moving = has_data and self._port != last
        self._run(alone=self._moving)

    def _run(self, *, alone: bool) -> None:
        home = self._process.home
        log = home / "mongod.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(home / "mongod.log.1")
        options = {
            "dbpath": str(home / "db"),
            "port": str(self._port),
            "bind_ip": HOST,
            "wiredTigerCacheSizeGB": "0.25",
            # zlib in this release leaks memory to anyone who can connect (CVE-2025-14847)
            "networkMessageCompressors": "disabled",
            "logpath": str(log),
        }
        if not alone:
            options |= {"replSet": REPLICA_SET, "oplogSize": str(self._oplog_mb)}
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        parameters = [word for told in PARAMETERS for word in ("--setParameter", told)]
        self._process.spawn([*words, *parameters, "--quiet", "--logappend", "--nounixsocket"])

    async def ready(self) -> None:
        """Return when it takes writes; StartFailed or CannotRun if it does not."""
        for _ in range(PORT_ATTEMPTS):
            if await self._listening() or self._process.failed() != PORT_TAKEN_STATUS:
                break
            self.spawn()  # somebody took the port between our look and the start
        if self._moving:
            await self._move()
        await self._primary()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._process.kill()

    def terminate(self) -> None:
        """Ask it to stop; `stop` waits for the end."""
        self._process.terminate()

    async def stop(self) -> None:
        """Stop cleanly."""
        await self._process.stop()

    async def _move(self) -> None:
        """Write the new address into the set's own data, while no set is running.

        A set asked to do this itself first looks for its old address, and waits for whoever
        listens there now.
        """
        self._port_file.unlink(missing_ok=True)
        async with self._client() as client:
            await client.local.system.replset.update_one(
                {"_id": REPLICA_SET}, {"$set": {"members.0.host": f"{HOST}:{self._port}"}}
            )
        await self._process.stop()
        self._run(alone=False)

    async def _primary(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + READY_S
        async with self._client() as client:
            while not (state := await _hello(client)).get("isWritablePrimary"):
                if self._process.failed() is not None or loop.time() > end:
                    raise self._process.failure(self._process.home / "mongod.log")
                if state.get("isreplicaset"):
                    await _initiate(client, f"{HOST}:{self._port}")
                await asyncio.sleep(POLL_S)
        self._port_file.write_text(f"{self._port}\n")

    @contextlib.asynccontextmanager
    async def _client(self) -> AsyncIterator[Client]:
        if not await self._listening():
            raise self._process.failure(self._process.home / "mongod.log")
        client: Client = AsyncIOMotorClient(HOST, self._port, directConnection=True)
        try:
            yield client
        finally:
            client.close()

    async def _listening(self) -> bool:
        """Wait for the port to be open: the driver looks only twice a second."""
        loop = asyncio.get_running_loop()
        end = loop.time() + READY_S
        while self._process.failed() is None and loop.time() < end:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(HOST, self._port)
                writer.close()
                return True
            await asyncio.sleep(POLL_S)
        return False


async def _hello(client: Client) -> Mapping[str, Any]:
    try:
        return await client.admin.command("hello")
    except AutoReconnect:
        return {}


async def _initiate(client: Client, host: str) -> None:
    members = [{"_id": 0, "host": host}]
    try:
        await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
    except OperationFailure as failure:
        # It was still reading its configuration when we asked.
        if failure.code != ALREADY_INITIALIZED:
            raise StartFailed(f"mongod refused its replica set: {failure}") from failure


def _last_port(port_file: Path) -> int | None:
    """The port that the set's own data names, as far as we know."""
    try:
        return int(port_file.read_text())
    except (FileNotFoundError, ValueError):
        return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
    return True
