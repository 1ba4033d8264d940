"""Compiles and runs the receiving end of push.py: C where there is a compiler, else Python."""

import os
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _machine import HERE

SOURCE = HERE / "pushclient.c"
PROGRAM = HERE / "build" / "pushclient"
FALLBACK = HERE / "_pushclient.py"


class ClientFailed(RuntimeError):
    """The client ended, or said nothing in time."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the client says of itself."""

    ticks: int
    bytes: int
    pings: int
    lost: int
    cpu_ms: int


def command() -> tuple[list[str], str]:
    """How to start the client, and what to call it in the output."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        return [sys.executable, str(FALLBACK)], "Python (no C compiler; it may be late itself)"
    PROGRAM.parent.mkdir(exist_ok=True)
    if not PROGRAM.exists() or PROGRAM.stat().st_mtime < SOURCE.stat().st_mtime:
        draft = PROGRAM.with_suffix(f".{os.getpid()}")
        subprocess.run([compiler, "-O2", "-Wall", "-o", str(draft), str(SOURCE)], check=True)
        draft.rename(PROGRAM)
    return [str(PROGRAM)], "C, epoll"


class Client:
    """A running client; its process ends with the `with` block, and by itself after `limit_s`."""

    def __init__(
        self,
        port: int,
        targets: Sequence[tuple[str, str]],
        directory: Path,
        *,
        handshakes: int,
        limit_s: int,
    ) -> None:
        """`targets` are (path, token); arrivals are written to a file in the directory.

        At most `handshakes` sockets are between their first packet and their first snapshot.
        """
        self.result = directory / "arrivals"
        listed = directory / "targets"
        listed.write_text("".join(f"{path} {token}\n" for path, token in targets))
        program, self.kind = command()
        arguments = [str(port), str(listed), str(self.result)]
        arguments += [str(handshakes), str(limit_s)]
        self._process = subprocess.Popen(
            [*program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: Any) -> None:
        self._process.kill()
        self._process.communicate()

    def connected(self, timeout_s: float) -> tuple[int, int]:
        """Wait for every socket to tick; how many do, and how many were lost."""
        ticking, lost = self._answer("connected", timeout_s)
        return ticking, lost

    def begin(self) -> None:
        """Keep arrivals from now on."""
        self._say("begin")

    def end(self, timeout_s: float = 30) -> Recorded:
        """Stop and write the file."""
        self._say("end")
        return Recorded(*self._answer("recorded", timeout_s))

    def _say(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n".encode())
        self._process.stdin.flush()

    def _answer(self, word: str, timeout_s: float) -> list[int]:
        assert self._process.stdout is not None
        ends = time.monotonic() + timeout_s
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(0.0, ends - time.monotonic())):
                    raise ClientFailed(f"no '{word}' within {timeout_s:.0f} s")
                read = os.read(self._process.stdout.fileno(), 4096)
                if not read:
                    raise ClientFailed(f"the client ended before '{word}'")
                line += read
        said, *numbers = line.decode().split()
        if said != word:
            raise ClientFailed(f"'{said}' instead of '{word}'")
        return [int(number) for number in numbers]
