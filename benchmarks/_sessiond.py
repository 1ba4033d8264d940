"""A sessiond process of a benchmark's own, and live sessions in it, made over its HTTP API."""

import asyncio
import contextlib
import ctypes
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import psutil
from _machine import ROOT

START_S = 60
STOP_S = 20
TOKEN_S = 6 * 3600
WORKERS = 32
UNLIMITED = "1000000000/second"
PR_SET_PDEATHSIG = 1


class ServerFailed(RuntimeError):
    """The server did not come up, or refused what a benchmark asked of it."""


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds used so far."""

    server_s: float
    redis_s: float
    mongod_s: float


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running sessiond with embedded stores."""

    process: psutil.Process
    port: int
    secret: str
    log: Path

    def token(self, user_id: str, *roles: str) -> str:
        """A token as a back end that shares the secret would make it."""
        now = int(time.time())
        claims = {"sub": user_id, "roles": list(roles or ("user",)), "token_type": "access"}
        return jwt.encode(
            {**claims, "iat": now, "exp": now + TOKEN_S}, self.secret, algorithm="HS256"
        )

    def rss_bytes(self) -> int:
        """Resident memory of the server alone."""
        return int(self.process.memory_info().rss)

    def usage(self) -> Usage:
        """CPU of the server and of its stores."""
        by_name = {"redis": 0.0, "mongod": 0.0}
        for child in self.process.children(recursive=True):
            for name in by_name:
                if name in child.name():
                    by_name[name] += _cpu_s(child)
        return Usage(_cpu_s(self.process), by_name["redis"], by_name["mongod"])

    def redis_program(self) -> str | None:
        """The redis-server that runs under it."""
        for child in self.process.children(recursive=True):
            if "redis" in child.name():
                return child.exe()
        return None

    def complaints(self) -> list[str]:
        """Lines of its log that are warnings or worse."""
        text = re.sub(r"\x1b\[[0-9;]*m", "", self.log.read_text())
        return [line for line in text.splitlines() if re.search(r"\[(warning|error) ", line)]


@contextlib.contextmanager
def serving(directory: Path, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start `server.py` on a free port with stores in this directory; stop it afterwards."""
    secret = secrets.token_urlsafe(48)
    log = directory / "log"
    own = {
        "SESSIOND_DATA_DIR": str(directory / "data"),
        "SESSIOND_HOST": "127.0.0.1",
        "SESSIOND_PORT": "0",
        "SESSIOND_JWT_SECRET": secret,
        "SESSIOND_LOG_LEVEL": "warning",
        "SESSIOND_RATE_USER": UNLIMITED,
        "SESSIOND_RATE_ADDRESS": UNLIMITED,
        "SESSIOND_RATE_LOGIN": UNLIMITED,
    }
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("SESSIOND_")
    }
    with log.open("wb") as output:
        started = subprocess.Popen(
            [sys.executable, "server.py"],
            cwd=ROOT,
            env={**inherited, **own, **(settings or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - there is one thread
        )
    try:
        port = _port(started, log)
        yield Server(process=psutil.Process(started.pid), port=port, secret=secret, log=log)
    finally:
        started.terminate()
        try:
            started.wait(STOP_S)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def start_sessions(server: Server, count: int) -> list[tuple[str, str]]:
    """Start one live session for each of `count` users; (session id, token) of each."""
    return asyncio.run(_start_sessions(server, count))


async def _start_sessions(server: Server, count: int) -> list[tuple[str, str]]:
    activity = await _shared_activity(server)
    made: list[tuple[str, str]] = []
    users = iter(range(count))

    async def work() -> None:
        http = Http(server.port)
        try:
            for number in users:
                one = await _start_one(http, server, f"user-{number}", activity)
                made.append(one)
        finally:
            http.close()

    await asyncio.gather(*(work() for _ in range(min(WORKERS, count))))
    return made


async def _start_one(http: "Http", server: Server, user: str, activity: str) -> tuple[str, str]:
    token = server.token(user)
    goal = await http.post("/api/v1/goals/", token, {"title": "A goal"})
    asked = {"goal_id": goal["id"], "activity_id": activity}
    session = await http.post("/api/v1/sessions/", token, asked)
    return str(session["id"]), token


async def _shared_activity(server: Server) -> str:
    http = Http(server.port)
    try:
        token = server.token("a-service", "service")
        body = {"name": "Reading", "category": "study"}
        return str((await http.post("/api/v1/activities/", token, body))["id"])
    finally:
        http.close()


class Http:
    """One kept-alive connection that posts JSON."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, token: str, body: object) -> Any:
        """The body of the answer. Raises ServerFailed unless it is a success."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        sent = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(sent)}\r\n\r\n"
        )
        writer.write(head.encode() + sent)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", answer)
        text = await reader.readexactly(int(length[1]) if length else 0)
        if not answer.startswith(b"HTTP/1.1 2"):
            raise ServerFailed(f"{path}: {answer.split(maxsplit=2)[1]!r} {text[:300]!r}")
        return json.loads(text)

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()


def _port(started: "subprocess.Popen[bytes]", log: Path) -> int:
    ends = time.monotonic() + START_S
    while time.monotonic() < ends:
        text = log.read_text()
        found = re.search(r"ws://[^:/\s]+:(\d+)/ws/sessions/", text)
        if found:
            return int(found[1])
        if started.poll() is not None:
            raise ServerFailed(f"the server ended at once:\n{text[-2000:]}")
        time.sleep(0.05)
    raise ServerFailed(f"the server was not up after {START_S} s:\n{log.read_text()[-2000:]}")


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
