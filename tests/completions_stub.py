"""A local chat endpoint that answers well, badly, or not at all."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import Any, Final

from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from tests.okr_sample import DASHBOARD

OPINION: Final = {
    "physique": 1, "energy": 1, "logic": 2, "creativity": 5, "social": 1,
    "explanation": "Drawing is mostly invention.",
}  # fmt: skip
GOOD_RATES: Final = {
    "physique": 200,
    "energy": 200,
    "logic": 400,
    "creativity": 1000,
    "social": 200,
}
"""Milli-XP that the opinion comes to."""
SUMMARY: Final = "You stayed with your program this week, and that is worth a good word."
"""What the model writes of any week."""
CHUNK: Final = b" " * 65_536


def completion(content: object) -> bytes:
    """The body of a chat completion with this content."""
    text = content if isinstance(content, str) else json.dumps(content)
    message = {"role": "assistant", "content": text}
    return json.dumps({"id": "c-1", "object": "chat.completion", "choices": [
        {"index": 0, "finish_reason": "stop", "message": message}
    ]}).encode()  # fmt: skip


def event(told: object) -> bytes:
    """One event of a streamed answer."""
    return f"data: {json.dumps(told, ensure_ascii=False)}\n\n".encode()


def said(**changes: object) -> bytes:
    """The good opinion with these members instead; those of None are left out."""
    changed = {**OPINION, **changes}
    return completion({name: value for name, value in changed.items() if value is not None})


def _deep() -> bytes:
    return b'{"choices":' + b"[" * 20_000 + b"]" * 20_000 + b"}"


BODIES: Final[Mapping[str, Callable[[], bytes]]] = {
    "good": said,
    "not json": lambda: b"Sure! Here are your rates:",
    "html": lambda: b"<!doctype html><title>502</title>",
    "empty": lambda: b"",
    "null": lambda: b"null",
    "deep": _deep,
    "no choices": lambda: b'{"choices": []}',
    "no content": lambda: completion(None).replace(b'"null"', b"null"),
    "parts instead of text": lambda: completion("").replace(b'""', b'[{"type": "text"}]'),
    "prose": lambda: completion("I would give it a lot of creativity."),
    "fenced": lambda: completion(f"```json\n{json.dumps(OPINION)}\n```"),
    "a list": lambda: completion([1, 2, 3, 4, 5]),
    "another schema": lambda: completion({"rates": OPINION}),
    "a field more": lambda: said(xp_total=10**9),
    "a field less": lambda: said(logic=None),
    "twice the same": lambda: completion(json.dumps(OPINION)[:-1] + ', "logic": 9}'),
    "negative": lambda: said(logic=-1),
    "not a number": lambda: said(logic=float("nan")),
    "infinite": lambda: said(logic=float("inf")),
    "too large": lambda: completion(json.dumps(OPINION).replace('"logic": 2', '"logic": 1e300')),
    "boolean": lambda: said(logic=True),
    "number as text": lambda: said(logic="2"),
    "all zero": lambda: said(**dict.fromkeys(GOOD_RATES, 0)),
    "no explanation": lambda: said(explanation=None),
    "blank explanation": lambda: said(explanation="  "),
    "long explanation": lambda: said(explanation="x" * 201),
    "unprintable explanation": lambda: said(explanation="so\u202ethat"),
    "two lines": lambda: said(explanation="a\nb"),
}
"""Modes that answer 200 with this body."""
STREAMED: Final = ("good", "slow", "cut")
"""Modes in which a question that wants a stream gets one."""
PIECE_CHARS: Final = 40
WELL_SAID: Final[Mapping[str, Any]] = {"summary": {"summary": SUMMARY}, "okr_dashboard": DASHBOARD}
"""What the model answers well to other questions than that for rates."""
GARBAGE: Final = tuple(mode for mode in BODIES if mode != "good")


@dataclass(kw_only=True)
class ChatStub:
    """What the endpoint was asked, and how it is to answer: a mode, or a status."""

    url: str = ""
    mode: str = "good"
    delay_s: float = 0.0
    body: bytes | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    elsewhere: int = 0
    """Requests at the address that redirects lead to."""
    written: int = 0
    """Bytes that were taken of an endless body."""
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a slow request has come in."""
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Lets slow requests be answered."""

    def words(self, number: int = -1) -> Any:
        """What was told of the subject in a request."""
        return json.loads(self.asked[number]["messages"][1]["content"])


class Chat(RequestHandler):
    """The endpoint."""

    def initialize(self, stub: ChatStub) -> None:
        self.stub = stub

    async def post(self) -> None:
        stub = self.stub
        stub.asked.append(json.loads(self.request.body))
        stub.keys.append(self.request.headers.get("Authorization"))
        self.set_header("Content-Type", "application/json")
        await asyncio.sleep(stub.delay_s)
        if stub.mode == "slow":
            stub.opened.set()
            await stub.released.wait()
        if stub.asked[-1].get("stream") and stub.mode in STREAMED:
            await self._stream()
            return
        if stub.mode.isdigit():
            self.set_status(int(stub.mode))
            self.set_header("Location", f"{stub.url}/elsewhere")
        if stub.mode == "heads":
            self.set_header("X-Padding", "x" * 65_536)
        if stub.mode == "reset":
            self.detach().close()
        elif stub.mode == "endless":
            await self._endless()
        else:
            if stub.mode == "events":
                self.set_header("Content-Type", "text/event-stream")
            self.finish(stub.body or self._body())

    async def _stream(self) -> None:
        """Say the good dashboard piece by piece; "cut" hangs up in the middle."""
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        text = json.dumps(DASHBOARD, ensure_ascii=False)
        pieces = [text[start : start + PIECE_CHARS] for start in range(0, len(text), PIECE_CHARS)]
        for piece in pieces[: len(pieces) // 2 if self.stub.mode == "cut" else None]:
            self.write(event({"choices": [{"index": 0, "delta": {"content": piece}}]}))
            await self.flush()
        if self.stub.mode != "cut":
            self.write(event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
            self.write(event({"choices": [], "usage": {"total_tokens": 12}}))
            self.write(b"data: [DONE]\n\n")
        self.finish()

    def _body(self) -> bytes:
        asked_for = self.stub.asked[-1]["response_format"]["json_schema"]["name"]
        if asked_for in WELL_SAID and self.stub.mode not in GARBAGE:
            return completion(WELL_SAID[asked_for])
        return BODIES.get(self.stub.mode, said)()

    async def _endless(self) -> None:
        try:
            while not self.stub.released.is_set():
                self.write(CHUNK)
                await self.flush()
                self.stub.written += len(CHUNK)
        except StreamClosedError:
            return


class Elsewhere(RequestHandler):
    """Where a redirect leads."""

    def initialize(self, stub: ChatStub) -> None:
        self.stub = stub

    def prepare(self) -> None:
        self.stub.elsewhere += 1
        self.finish(said())


@asynccontextmanager
async def chat_stub() -> AsyncIterator[ChatStub]:
    """An endpoint on a free port."""
    stub = ChatStub()
    routes = [
        ("/v1/chat/completions", Chat, {"stub": stub}),
        ("/v1/elsewhere.*", Elsewhere, {"stub": stub}),
    ]
    server = HTTPServer(Application(routes, log_function=lambda _: None))
    (listener,) = bind_sockets(0, "127.0.0.1")
    server.add_socket(listener)
    stub.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    try:
        yield stub
    finally:
        stub.released.set()
        server.stop()
        await server.close_all_connections()


def refusing_url() -> str:
    """An address where nobody listens."""
    with closing(bind_sockets(0, "127.0.0.1")[0]) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
