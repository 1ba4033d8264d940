"""Bodies that are made while they are sent: whole or broken off, and never faster than read."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator

import pytest

from domain.errors import TooMany, Unavailable
from handlers.endpoint import endpoint
from handlers.route import route
from handlers.streaming import Slots, Stream, StreamHandler, within
from realtime.tasks import Tasks
from tests.notes import Notes, problem, running

CHUNK = b"x" * 65_536
PLENTY = 1_000
"""Chunks: far more than all buffers on the way can hold."""
WAIT_S = 5
SLOTS = Slots(each=1, total=1)
TURN = asyncio.Semaphore(1)


class Source:
    """What the chunks came to."""

    made = 0
    closed = asyncio.Event()


class StreamedHandler(StreamHandler):
    """/api/streamed/{kind}/"""

    stalled_s = 0.3

    @endpoint(summary="A stream", access="public")
    async def get(self, *, kind: str) -> Stream:
        chunks = within(SLOTS.hold("somebody"), TURN, self.chunks(kind))
        return Stream(chunks=chunks, content_type="text/plain", filename="x.txt")

    async def chunks(self, kind: str) -> AsyncGenerator[bytes, None]:
        """As the path says."""
        Source.made = 0
        try:
            if kind == "away":
                raise Unavailable("Away.")
            for _ in range(PLENTY if kind in ("plenty", "patient") else 2):
                Source.made += 1
                yield CHUNK if kind != "empty" else b""
            if kind == "bug":
                raise ZeroDivisionError
            if kind == "lost":
                raise Unavailable("Away.")
        finally:
            Source.closed.set()


class PatientHandler(StreamedHandler):
    """/api/patient/{kind}/"""

    stalled_s = 600

    @endpoint(summary="A stream that waits", access="public")
    async def get(self, *, kind: str) -> Stream:
        return Stream(chunks=self.chunks(kind), content_type="text/plain", filename="x.txt")


@pytest.fixture(scope="module")
def notes() -> Iterator[Notes]:
    routes = (
        route(r"/api/streamed/(?P<kind>[a-z]+)", StreamedHandler),
        route(r"/api/patient/(?P<kind>[a-z]+)", PatientHandler),
    )
    with running(routes=routes) as notes:
        yield notes


def asked(path: str, version: str = "1.1") -> bytes:
    return f"GET {path} HTTP/{version}\r\nHost: x\r\nConnection: close\r\n\r\n".encode()


def test_a_stream_arrives_whole_with_its_headers(notes: Notes) -> None:
    answer = notes.fetch("/api/streamed/whole/")

    assert (answer.code, answer.body) == (200, CHUNK * 2)
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="x.txt"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert notes.fetch("/api/streamed/empty/").body == b""
    assert len(SLOTS) == 0


def test_without_chunks_the_end_of_the_connection_is_the_end_of_the_body(notes: Notes) -> None:
    asking = b"GET /api/streamed/whole/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    head, _, body = notes.raw(asking).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 200")
    assert body == CHUNK * 2


def test_what_fails_before_the_first_chunk_is_an_ordinary_problem(notes: Notes) -> None:
    away = problem(notes.fetch("/api/streamed/away/"))
    with SLOTS.hold("somebody"):
        busy = notes.fetch("/api/streamed/whole/")

    assert (away["code"], away["status"]) == ("unavailable", 503)
    assert problem(busy)["code"] == "too_many_requests"
    assert int(busy.headers["Retry-After"]) > 0
    assert "Content-Disposition" not in busy.headers


@pytest.mark.parametrize("kind", ["bug", "lost"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_what_fails_later_never_looks_whole(notes: Notes, kind: str, version: str) -> None:
    async def read_all() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", notes.port, limit=2**20)
        writer.write(asked(f"/api/streamed/{kind}/", version))
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()

    notes.run(read_all())

    assert len(SLOTS) == 0
    assert notes.fetch("/api/streamed/whole/").code == 200


def test_who_stops_reading_is_cut_off_and_costs_no_memory(notes: Notes) -> None:
    async def stall() -> None:
        Source.closed = asyncio.Event()
        reader, writer = await asyncio.open_connection("127.0.0.1", notes.port, limit=1024)
        writer.write(asked("/api/streamed/plenty/"))
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        await asyncio.wait_for(Source.closed.wait(), WAIT_S)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    notes.run(stall())

    assert 0 < Source.made < PLENTY
    assert len(SLOTS) == 0
    assert notes.services.metrics.requests_in_progress() == 0


def test_who_leaves_ends_the_stream_at_once(notes: Notes) -> None:
    async def leave() -> None:
        Source.closed = asyncio.Event()
        reader, writer = await asyncio.open_connection("127.0.0.1", notes.port, limit=1024)
        writer.write(asked("/api/patient/plenty/"))
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()
        await asyncio.wait_for(Source.closed.wait(), WAIT_S)

    notes.run(leave())

    assert 0 < Source.made < PLENTY


def test_slots_are_counted_for_each_and_in_all() -> None:
    slots = Slots(each=2, total=3)
    with slots.hold("ada"), slots.hold("ada"):
        with pytest.raises(TooMany), slots.hold("ada"):
            raise AssertionError
        with slots.hold("bob"), pytest.raises(Unavailable), slots.hold("eve"):
            raise AssertionError
        with pytest.raises(ZeroDivisionError), slots.hold("eve"):
            raise ZeroDivisionError
        assert len(slots) == 2
    assert len(slots) == 0


@pytest.mark.gen_test
async def test_one_chunk_is_made_at_a_time_and_the_loop_turns_in_between() -> None:
    slots, turn = Slots(each=2, total=9), asyncio.Semaphore(1)
    turns, made = [0], list[int]()

    async def count() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    async def making() -> AsyncGenerator[bytes, None]:
        for _ in range(3):
            made.append(turns[0])
            yield CHUNK

    async def read(user_id: str) -> int:
        return len([chunk async for chunk in within(slots.hold(user_id), turn, making())])

    counting = Tasks().spawn(count(), name="turns of the loop")
    async with asyncio.timeout(WAIT_S):
        read_of = await asyncio.gather(*(read(f"user {number}") for number in range(8)))
    counting.cancel()

    assert read_of == [3] * 8
    assert len(made) == len(set(made)) == 24
    assert len(slots) == 0
    assert not turn.locked()


@pytest.mark.gen_test
async def test_who_does_not_read_or_fails_takes_nobodys_turn() -> None:
    slots, turn = Slots(each=9, total=9), asyncio.Semaphore(1)

    async def making(count: int) -> AsyncGenerator[bytes, None]:
        for _ in range(count):
            yield CHUNK
        raise ZeroDivisionError

    stalled = within(slots.hold("ada"), turn, making(2))
    assert await anext(stalled) == CHUNK
    with pytest.raises(ZeroDivisionError):
        await anext(within(slots.hold("bob"), turn, making(0)))
    assert await anext(stalled) == CHUNK
    assert not turn.locked()
    await stalled.aclose()
    assert len(slots) == 0
