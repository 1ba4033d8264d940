"""The embedded servers: real ones, private, and gone with the process that started them."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from redis.asyncio import Redis

from storage.embedded import CannotRun, DataDirBusy, Embedded, StartFailed, start
from storage.embedded.mongod import Mongod
from storage.embedded.redis_server import RedisServer, socket_path

ROOT = Path(__file__).parents[2]
PARENT = """
import asyncio, sys
from pathlib import Path
from storage.embedded import start

async def main() -> None:
    embedded = await start(Path(sys.argv[1]), oplog_mb=16)
    print(embedded.redis.pid, embedded.mongod.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def parent(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A process with embedded servers of its own, and their pids."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(data_dir)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pids = [int(word) for word in process.stdout.readline().split()]
        yield process, pids
        process.kill()


async def write(embedded: Embedded, value: str) -> None:
    assert embedded.redis_url is not None
    redis = Redis.from_url(embedded.redis_url)
    await redis.set("kept", value)
    await redis.aclose()
    mongo: AsyncIOMotorClient[dict[str, str]] = AsyncIOMotorClient(embedded.mongo_url)
    async with await mongo.start_session() as session, session.start_transaction():
        await mongo.test.kept.insert_one({"_id": value}, session=session)
    mongo.close()


async def read(embedded: Embedded) -> tuple[str, str]:
    assert embedded.redis_url is not None
    redis = Redis.from_url(embedded.redis_url, decode_responses=True)
    mongo: AsyncIOMotorClient[dict[str, str]] = AsyncIOMotorClient(embedded.mongo_url)
    document = await mongo.test.kept.find_one()
    found = await redis.get("kept")
    mongo.close()
    await redis.aclose()
    assert document is not None
    return str(found), document["_id"]


def gone(pids: list[int], within_s: float) -> bool:
    end = time.monotonic() + within_s
    while any(alive(pid) for pid in pids):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def alive(pid: int) -> bool:
    """Whether it runs; a zombie that nobody has collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_restart_keeps_data_port_and_transactions(data_dir: Path) -> None:
    async def scenario() -> None:
        first = await start(data_dir, oplog_mb=16)
        await write(first, "yes")
        url = first.mongo_url
        await first.stop()

        second = await start(data_dir, oplog_mb=16)
        assert await read(second) == ("yes", "yes")
        assert second.mongo_url == url
        await second.stop()
        assert second.redis is not None
        assert second.redis.pid is None

    asyncio.run(scenario())


def test_a_taken_port_is_left_to_its_owner(data_dir: Path) -> None:
    async def scenario() -> None:
        first = await start(data_dir, oplog_mb=16)
        await write(first, "kept")
        port = int((data_dir / "mongo" / "port").read_text())
        await first.stop()

        with socket.socket() as squatter:
            squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            squatter.bind(("127.0.0.1", port))
            squatter.listen()
            second = await start(data_dir, oplog_mb=16)
            assert second.mongo_url != first.mongo_url
            assert await read(second) == ("kept", "kept")
            await second.stop()
        third = await start(data_dir, redis=False, oplog_mb=16)
        assert third.mongo_url == second.mongo_url
        await third.stop()

    asyncio.run(scenario())


def test_servers_end_with_a_killed_parent_and_the_next_start_works(
    data_dir: Path, parent: tuple[subprocess.Popen[str], list[int]]
) -> None:
    process, pids = parent
    assert all(alive(pid) for pid in pids)

    process.kill()
    process.wait()

    assert gone(pids, within_s=2.0)
    asyncio.run(start_and_stop(data_dir))


def test_a_start_right_after_a_kill_waits_for_the_old_servers(
    data_dir: Path, parent: tuple[subprocess.Popen[str], list[int]]
) -> None:
    process, pids = parent
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)  # slow to die
    process.kill()
    process.wait()
    wakers = [threading.Timer(0.5, os.kill, (pid, signal.SIGCONT)) for pid in pids]
    for waker in wakers:
        waker.start()

    asyncio.run(start_and_stop(data_dir))

    assert gone(pids, within_s=0)


def test_killed_servers_start_again_without_loss(data_dir: Path) -> None:
    async def scenario() -> None:
        embedded = await start(data_dir, oplog_mb=16)
        assert embedded.redis is not None
        assert embedded.mongod is not None
        await write(embedded, "kept")
        for server in (embedded.redis, embedded.mongod):
            server.kill()
            assert server.pid is None
            server.spawn()
            await server.ready()

        assert await read(embedded) == ("kept", "kept")
        await embedded.stop()

    asyncio.run(scenario())


def test_two_instances_live_side_by_side(tmp_path: Path) -> None:
    async def scenario() -> None:
        left = await start(tmp_path / "left", oplog_mb=16)
        right = await start(tmp_path / "right", oplog_mb=16)
        await write(left, "left")
        await write(right, "right")

        assert await read(left) == ("left", "left")
        assert await read(right) == ("right", "right")
        await left.stop()
        await right.stop()

    asyncio.run(scenario())


def test_a_data_directory_in_use_is_refused(data_dir: Path) -> None:
    async def scenario() -> None:
        first = await start(data_dir, mongo=False)
        with pytest.raises(DataDirBusy, match=rf"in use by another sessiond.*{os.getpid()}"):
            await start(data_dir, mongo=False)

        assert first.redis is not None
        assert first.redis.pid is not None
        await first.stop()
        await start_and_stop(data_dir, mongo=False)

    asyncio.run(scenario())


def test_a_missing_library_is_named_with_its_package(tmp_path: Path) -> None:
    loader = "error while loading shared libraries: libcurl.so.4: cannot open shared object file"
    fake = script(tmp_path / "mongod", f"echo '{loader}' >&2; exit 127")

    with pytest.raises(CannotRun, match=r"library libcurl\.so\.4.*apt-get install libcurl4"):
        asyncio.run(start_and_stop(tmp_path / "data", mongod=fake))

    asyncio.run(start_and_stop(tmp_path / "data", mongo=False))


def test_an_unsuited_processor_is_named(tmp_path: Path) -> None:
    fake = script(tmp_path / "mongod", "kill -ILL $$")

    with pytest.raises(CannotRun, match="AVX"):
        asyncio.run(start_and_stop(tmp_path / "data", mongod=fake))


def test_a_file_that_is_no_program_is_named(tmp_path: Path) -> None:
    fake = tmp_path / "redis-server"
    fake.write_bytes(b"\x7fnot a program")
    fake.chmod(0o755)

    with pytest.raises(CannotRun, match="redis-server cannot run: Exec format error"):
        asyncio.run(start_and_stop(tmp_path / "data", mongo=False, redis_server=fake))
    with pytest.raises(CannotRun, match="there is no file"):
        asyncio.run(start_and_stop(tmp_path / "data", redis_server=tmp_path / "nothing"))


def test_a_program_that_gives_up_has_its_last_words_told(tmp_path: Path) -> None:
    fake = script(tmp_path / "redis-server", "echo out of patience; exit 3")

    with pytest.raises(StartFailed, match="ended with status 3: out of patience"):
        asyncio.run(start_and_stop(tmp_path / "data", mongo=False, redis_server=fake))


def test_an_older_redis_does_not_hide_newer_data(data_dir: Path, tmp_path: Path) -> None:
    (data_dir / "redis" / "appendonlydir").mkdir(parents=True)
    fake = script(tmp_path / "redis-server", "echo 'Redis server v=6.2.14 sha=0'")

    with pytest.raises(CannotRun, match="written by Redis 7"):
        asyncio.run(start_and_stop(data_dir, mongo=False, redis_server=fake))


def test_a_long_path_gets_a_private_socket_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    asyncio.run(start_and_stop(deep, mongo=False))

    path = socket_path(deep / "redis")
    assert len(str(path)) < 100
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.parent.rmdir()


def test_a_stale_or_foreign_pid_is_left_alone(data_dir: Path) -> None:
    pid_file = data_dir / "redis" / "redis-server.pid"
    pid_file.parent.mkdir(parents=True)
    pid_file.write_text(f"{os.getpid()}\n")

    asyncio.run(start_and_stop(data_dir, mongo=False))

    # Had it been taken for an orphan, this process would have been told to end.
    assert not pid_file.exists() or int(pid_file.read_text()) != os.getpid()


def test_starting_outside_the_main_thread_is_refused(tmp_path: Path) -> None:
    faults: list[Exception] = []

    def attempt(server: RedisServer | Mongod) -> None:
        try:
            server.spawn()
        except RuntimeError as fault:
            faults.append(fault)

    thread = threading.Thread(target=attempt, args=(RedisServer(Path("/bin/true"), tmp_path),))
    thread.start()
    thread.join()

    assert [str(fault) for fault in faults] == [
        "embedded servers are started from the main thread only"
    ]


async def start_and_stop(
    data_dir: Path,
    *,
    mongo: bool = True,
    mongod: Path | None = None,
    redis_server: Path | None = None,
) -> None:
    embedded = await start(
        data_dir, mongo=mongo, mongod=mongod, redis_server=redis_server, oplog_mb=16
    )
    await embedded.stop()
