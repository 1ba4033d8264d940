"""A whole node over HTTP, and somebody who uses it."""

from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from config.settings import Settings
from tests.fakes import DrivenClock
from tests.person import Person, Site, open_site


@pytest.fixture
def site(io_loop: IOLoop, settings: Settings, clock: DrivenClock) -> Iterator[Site]:
    running = open_site(settings, clock)
    yield io_loop.run_sync(running.__aenter__)
    io_loop.run_sync(lambda: running.__aexit__(None, None, None))


@pytest.fixture
def ada(site: Site) -> Person:
    return site.person("ada")
