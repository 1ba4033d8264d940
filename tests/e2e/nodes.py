"""Real server processes, and a client that knows no more than the documents say."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from config.settings import Settings
from tests.person import ACTIVITY, GOAL, RATING

ROOT = Path(__file__).parents[2]
PATIENCE_S = 15.0
RATES = RATING.rates
"""What a focused second of that activity is worth."""
SESSIONS = "/api/v1/sessions/"
Message = dict[str, Any]


def environment(**settings: str) -> dict[str, str]:
    """The environment of a node with these settings and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SESSIOND_")}
    return kept | {f"SESSIOND_{name}": value for name, value in settings.items()}


def on_stores(settings: Settings, data_dir: Path) -> dict[str, str]:
    """Settings of a node that shares the stores of these settings."""
    return {
        "DATA_DIR": str(data_dir),
        "REDIS_URL": str(settings.redis_url),
        "REDIS_PREFIX": settings.redis_prefix,
        "MONGO_URL": str(settings.mongo_url),
        "MONGO_DB": settings.mongo_db,
        "JWT_SECRET": str(settings.jwt_secret),
    }


def wait_for(condition: Callable[[], object], what: str, within_s: float = PATIENCE_S) -> Any:
    """What the condition gives once it is true; fails when the time is over."""
    end = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.01)
    return found


class Node:
    """One server process: its address, a token of `developer`, and the servers below it."""

    def __init__(self, output: Path, process: subprocess.Popen[bytes], data_dir: Path) -> None:
        self._output = output
        self.data_dir = data_dir
        self.process = process
        banner = wait_for(self._banner, "a server that is up")
        self.port, self.token = int(banner[1]), banner[2]

    def _banner(self) -> re.Match[str] | None:
        said = self.said()
        assert self.process.poll() is None, said
        return re.search(r"http://localhost:(\d+)/\n.*TOKEN=(\S+)\n", said, re.DOTALL)

    def said(self) -> str:
        """All that it has written."""
        return self._output.read_text()

    def store_pids(self) -> list[int]:
        """The embedded servers, by the files they leave."""
        return [int(path.read_text()) for path in sorted(self.data_dir.glob("*/*.pid"))]

    def kill(self) -> None:
        """End it as a crash would, and see its own servers go with it."""
        pids = self.store_pids()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        wait_for(lambda: not any(alive(pid) for pid in pids), "no orphans", within_s=2)

    def ask(self, method: str, path: str, body: object = None, token: str = "") -> Message:
        """The answer's body, with its status as `http`."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        request.add_header("Authorization", f"Bearer {token or self.token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return {**json.load(answer), "http": answer.status}
        except urllib.error.HTTPError as refusal:
            with refusal:
                return {**json.load(refusal), "http": refusal.code}

    def plan(self, token: str = "") -> dict[str, str]:
        """A goal and an activity."""
        goal = self.ask("POST", "/api/v1/goals/", GOAL, token)
        activity = self.ask("POST", "/api/v1/activities/", ACTIVITY, token)
        return {"goal_id": goal["id"], "activity_id": activity["id"]}

    def start(self, token: str = "", **told: object) -> Message:
        """A session that was started just now, as the answer shows it."""
        answer = self.ask("POST", SESSIONS, {**self.plan(token), **told}, token)
        assert answer["http"] == 201, answer
        session: Message = answer["session"]
        return session

    @contextmanager
    def socket(self, token: str = "") -> Iterator["Socket"]:
        """A socket that follows all sessions, greeted."""
        address = f"ws://127.0.0.1:{self.port}/ws/sessions/"
        headers = {"Authorization": f"Bearer {token or self.token}"}
        with connect(address, additional_headers=headers, open_timeout=PATIENCE_S) as connection:
            socket = Socket(connection)
            socket.next("hello")
            yield socket


class Socket:
    """A WebSocket client that keeps everything it was told."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.messages: list[Message] = []

    def next(self, kind: str, **members: object) -> Message:
        """The next message of this type with these members; those before it are kept."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            message: Message = json.loads(self.connection.recv(timeout=PATIENCE_S))
            self.messages.append(message)
            if message["type"] == kind and members.items() <= message.items():
                return message
        raise AssertionError(f"in vain: {kind} {members} in {self.messages}")

    def say(self, kind: str, **members: object) -> Message:
        """Send a command; its acknowledgement."""
        self.send(kind, ref=kind, **members)
        return self.next("ack", ref=kind)

    def send(self, kind: str, **members: object) -> None:
        """Send a frame."""
        self.connection.send(json.dumps({"type": kind, **members}))


def alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextmanager
def serving(data_dir: Path, **settings: str) -> Iterator[Node]:
    """A node of these settings on a free port; killed afterwards if it still runs."""
    data_dir.mkdir(parents=True, exist_ok=True)
    output = data_dir.parent / f"{data_dir.name}-{time.monotonic_ns()}.out"
    told = {"DATA_DIR": str(data_dir), "PORT": "0", **settings}
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "server.py"],
            cwd=ROOT,
            env=environment(**told),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Node(output, process, data_dir)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def xp_of(focused_ms: int) -> dict[str, int]:
    """What that much focused time is worth, by the documents: one floor for each dimension."""
    xp = {
        f"xp_{name}": focused_ms * milli_xp // 1_000_000 for name, milli_xp in asdict(RATES).items()
    }
    return xp | {"xp_total": sum(xp.values())}
