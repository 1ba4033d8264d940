"""A whole node over HTTP, and somebody who uses it."""

import dataclasses
from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from config.settings import Settings
from tests.fakes import DrivenClock
from tests.person import Person, Site, open_site
from tests.stores import Stores
from tests.watching import kept_database


@pytest.fixture(scope="module")
def database(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database for all tests of a file."""
    with kept_database(stores, tmp_path_factory) as name:
        yield name


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings with the file's own database where the mark `kept_database` asks for it."""
    if request.node.get_closest_marker("kept_database") is None:
        return settings
    return dataclasses.replace(settings, mongo_db=request.getfixturevalue("database"))


@pytest.fixture
def site(io_loop: IOLoop, settings: Settings, clock: DrivenClock) -> Iterator[Site]:
    running = open_site(settings, clock)
    yield io_loop.run_sync(running.__aenter__)
    io_loop.run_sync(lambda: running.__aexit__(None, None, None))


@pytest.fixture
def ada(site: Site) -> Person:
    return site.person("ada")
