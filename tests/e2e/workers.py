"""Real worker processes, and a model that they ask, for tests that end them at a bad moment."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

from tests.completions_stub import ChatStub, chat_stub
from tests.e2e.nodes import PATIENCE_S, ROOT, Message, Node, environment, wait_for
from tests.reviewing import ANSWERS, REVIEW


class Model:
    """A stub of a language model, in a thread of its own."""

    def __init__(self, stub: ChatStub, loop: asyncio.AbstractEventLoop) -> None:
        self.stub = stub
        self._loop = loop

    def release(self) -> None:
        """Let slow questions be answered."""
        self._loop.call_soon_threadsafe(self.stub.released.set)


@contextmanager
def model() -> Iterator[Model]:
    """A model that answers while the test waits."""
    ready, done = threading.Event(), asyncio.Event()
    found: list[Model] = []

    async def serve() -> None:
        async with chat_stub() as stub:
            found.append(Model(stub, asyncio.get_running_loop()))
            ready.set()
            await done.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(PATIENCE_S)
    try:
        yield found[0]
    finally:
        found[0]._loop.call_soon_threadsafe(done.set)  # noqa: SLF001 - of this module
        thread.join()


class WorkerProcess:
    """One worker."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self.process = process
        self._output = output

    def said(self) -> str:
        """All that it has written."""
        return self._output.read_text()

    def up(self) -> "WorkerProcess":
        """Wait until it works."""
        wait_for(lambda: "is up" in self.said() or self.process.poll() is not None, "a worker")
        assert self.process.poll() is None, self.said()
        return self

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def workers(directory: Path, **settings: str) -> Iterator["Workers"]:
    """Somebody who starts workers, and ends those that still run."""
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        yield Workers(directory, settings, stack)


class Workers:
    """Starts workers on the same stores."""

    def __init__(self, directory: Path, settings: dict[str, str], stack: ExitStack) -> None:
        self._directory = directory
        self._settings = settings
        self._stack = stack

    def start(self, **changes: str) -> WorkerProcess:
        """One more, maybe with other settings; it takes a moment until it is up."""
        output = self._directory / f"worker-{time.monotonic_ns()}.out"
        file = self._stack.enter_context(output.open("wb"))
        process = subprocess.Popen(
            [sys.executable, "server.py", "worker"],
            cwd=ROOT,
            env=environment(**self._settings | changes),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        worker = WorkerProcess(process, output)
        self._stack.callback(worker.kill)
        return worker


class Follower:
    """A client of the socket of an analysis."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.frames: list[Message] = []

    def next(self, kind: str, within_s: float = PATIENCE_S, **members: object) -> Message:
        """The next frame of this type with these members."""
        end = time.monotonic() + within_s
        while (left_s := end - time.monotonic()) > 0:
            self.frames.append(json.loads(self._connection.recv(timeout=left_s)))
            last = self.frames[-1]
            if last["type"] == kind and members.items() <= last.items():
                return last
        raise AssertionError(f"in vain: {kind} {members} in {self.frames}")

    def say(self, frame: Message) -> None:
        """Send a frame."""
        self._connection.send(json.dumps(frame))

    @property
    def course(self) -> list[str]:
        """The statuses in the order in which they were told."""
        return [frame["status"] for frame in self.frames if frame["type"] == "status"]


@contextmanager
def following(node: Node, review_id: str) -> Iterator[Follower]:
    """Somebody who follows the analysis of a review."""
    address = f"ws://127.0.0.1:{node.port}/ws/analysis/{review_id}/"
    with connect(address, open_timeout=PATIENCE_S) as connection:
        yield Follower(connection)


def answered(node: Node) -> str:
    """A review of which all questions are answered; its id."""
    review_id = str(node.ask("POST", f"{REVIEW}start/", {})["session"]["id"])
    for number, text in enumerate(ANSWERS, 1):
        body = {"question_id": number, "answer_text": text}
        assert node.ask("POST", f"{REVIEW}{review_id}/answer/", body)["http"] == 201
    return review_id


def triggered(node: Node, follower: Follower, review_id: str) -> str:
    """Ask for its analysis; the id of that."""
    assert node.process.poll() is None
    follower.say({"review_session_id": review_id})
    return str(follower.next("accepted")["session_id"])
