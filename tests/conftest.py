"""What every test may use: the real stores, settings of its own, a loop and a clock."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from config.settings import Settings
from tests.fakes import DrivenClock
from tests.stores import Stores, running_stores, settings_on

MEMORY = Path("/dev/shm")
ROOM_BYTES = 8 << 30


def has_room(directory: Path) -> bool:
    """Whether the directory is there, with more room than all workers need together."""
    return directory.is_dir() and shutil.disk_usage(directory).free >= ROOM_BYTES


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """One real redis-server and one real mongod for the whole run.

    In memory where there is plenty: a test that is about the disk has stores of its own.
    """
    if not has_room(MEMORY):
        yield from running_stores(tmp_path_factory.mktemp("stores"))
        return
    with tempfile.TemporaryDirectory(prefix="sessiond-tests-", dir=MEMORY) as directory:
        yield from running_stores(Path(directory))


@pytest.fixture
def own_stores(tmp_path: Path) -> Iterator[Stores]:
    """Servers for one test alone, which it may stop and kill."""
    yield from running_stores(tmp_path / "stores")


@pytest.fixture
def settings(stores: Stores, tmp_path: Path) -> Iterator[Settings]:
    """Settings with a key prefix and a database of the test's own, removed afterwards."""
    mine = settings_on(stores, tmp_path)
    yield mine
    stores.janitor.forget(mine)


@pytest.fixture
def clock() -> DrivenClock:
    """A clock that only the test moves."""
    return DrivenClock()


@pytest.fixture
def io_loop() -> Iterator[IOLoop]:
    """A fresh loop per test, in place of pytest-tornado's, whose calls Tornado deprecated.

    Fails a test that leaves a task behind.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield IOLoop.current()
    lost = [f"{task.get_name()}: {task.get_coro()}" for task in asyncio.all_tasks(loop)]
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
    asyncio.set_event_loop(None)
    loop.close()
    assert lost == [], "tasks outlived the test"
