"""The command line, run inside the test: a process of its own would take a second each time."""

import contextlib
import io
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass

import structlog

import server
from tests.e2e.nodes import environment


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


def command(*arguments: str, **settings: str) -> Ran:
    """Run the command with these settings and no others."""
    out, err = io.StringIO(), io.StringIO()
    with (
        surroundings(environment(**settings)),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        returncode = server.main(list(arguments))
    return Ran(returncode=returncode, stdout=out.getvalue(), stderr=err.getvalue())


@contextlib.contextmanager
def surroundings(environ: dict[str, str]) -> Iterator[None]:
    """Another environment; afterwards it and the logging are as they were."""
    before, root = dict(os.environ), logging.getLogger()
    handlers, level, logs = root.handlers[:], root.level, structlog.get_config()
    levels = {name: logging.getLogger(name).level for name in ("pymongo", "asyncio")}
    os.environ.clear()
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        structlog.configure(**logs)
        logging.captureWarnings(capture=False)
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, known in levels.items():
            logging.getLogger(name).setLevel(known)
