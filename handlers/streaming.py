"""Answers that are made while they are sent, so that their length costs no memory."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AbstractContextManager, aclosing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, cast

import structlog
from tornado.iostream import StreamClosedError

from domain.errors import SessionError, TooMany, Unavailable
from handlers.base import ApiHandler

STALLED_S: Final = 30.0
"""How long a client may leave a chunk unread before it is cut off."""
RETRY_S: Final = 5
NO_LINGER: Final = struct.pack("ii", 1, 0)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A body in chunks. What fails before the first one is an ordinary problem.

    What fails later breaks the connection off, so that nobody takes a part for the whole.
    """

    chunks: AsyncGenerator[bytes, None]
    content_type: str
    filename: str
    """Of printable ASCII."""
    cache: str = "no-store"
    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


class Slots:
    """How many streams of a sort may go on at once: for each user, from each address, in all."""

    def __init__(
        self, *, each: int, total: int, of: str = "exports", each_address: int | None = None
    ) -> None:
        """`of` is what to call them."""
        self._each = each
        self._total = total
        self._of = of
        self._each_address = total if each_address is None else each_address
        self._held: Counter[str] = Counter()
        self._from: Counter[str] = Counter()

    @contextmanager
    def hold(self, user_id: str, address: str = "") -> Iterator[None]:
        """Have a slot; raises TooMany for a user with too many, Unavailable for a full node."""
        if self._held[user_id] >= self._each:
            detail = f"No more than {self._each} of your {self._of} at a time; wait for one to end."
            raise TooMany(detail, retry_after_s=RETRY_S)
        if len(self) >= self._total:
            raise Unavailable(f"Too many {self._of} are going on; try again shortly.", RETRY_S)
        if self._from[address] >= self._each_address:
            detail = f"Too many {self._of} from your address at a time; wait for one to end."
            raise TooMany(detail, retry_after_s=RETRY_S)
        with _counted(self._held, user_id), _counted(self._from, address):
            yield

    def __len__(self) -> int:
        return self._held.total()


@contextmanager
def _counted(held: Counter[str], who: str) -> Iterator[None]:
    """One more for as long as it lasts."""
    held[who] += 1
    try:
        yield
    finally:
        held[who] -= 1
        if not held[who]:
            del held[who]


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """What the streams of a node share."""

    exports: Slots
    feeds: Slots
    program_feeds: Slots
    recordings: Slots
    uploads: Slots
    turn: asyncio.Semaphore
    """Whose chunk is being made: one at a time, so that the loop gets to everything else."""

    def __len__(self) -> int:
        return len(self.exports) + len(self.feeds) + len(self.program_feeds) + len(self.recordings)


async def within(
    slot: AbstractContextManager[None], turn: asyncio.Semaphore, chunks: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    """The chunks, for as long as there is a slot: from the first until they are closed."""
    with slot:
        async with aclosing(chunks):
            while (chunk := await _next(turn, chunks)) is not None:
                yield chunk


async def _next(turn: asyncio.Semaphore, chunks: AsyncGenerator[bytes, None]) -> bytes | None:
    async with turn:
        chunk = await anext(chunks, None)
        # Before anybody makes the next one, the loop sees to all that has come in.
        await asyncio.sleep(0)
        return chunk


class StreamHandler(ApiHandler):
    """A handler that may answer with a `Stream`."""

    stalled_s = STALLED_S
    _left: "asyncio.Future[None] | None" = None

    def on_connection_close(self) -> None:
        super().on_connection_close()
        if self._left is not None and not self._left.done():
            self._left.set_result(None)

    async def send(self, stream: Stream) -> None:
        """Send the chunks as fast as the client takes them, and no faster."""
        self._left = asyncio.get_running_loop().create_future()
        async with aclosing(stream.chunks) as chunks:
            first = await anext(chunks, b"")
            self.set_header("Content-Type", stream.content_type)
            self.set_header("Content-Disposition", f'attachment; filename="{stream.filename}"')
            self.set_header("Cache-Control", stream.cache)
            self.set_status(stream.status)
            for name, value in stream.headers.items():
                self.set_header(name, value)
            try:
                await self._pass_on(first)
                async for chunk in chunks:
                    await self._pass_on(chunk)
                await self._end()
            except StreamClosedError:
                log.info("client_left", route=self.route)
            except TimeoutError:
                log.warning("stream_stalled", route=self.route, seconds=self.stalled_s)
                self._break_off()
            except SessionError as fault:
                log.warning("stream_broken", route=self.route, code=fault.code)
                self._break_off()
            except Exception:
                log.exception("stream_broken", route=self.route)
                self._break_off()

    async def _pass_on(self, chunk: bytes) -> None:
        """Wait until the chunk is on its way. Raises TimeoutError, StreamClosedError."""
        assert self._left is not None
        if self._left.done():
            raise StreamClosedError
        self.write(chunk)
        await self._sent(self.flush())
        # A client that takes everything at once must not keep the others waiting.
        await asyncio.sleep(0)

    async def _sent(self, written: "asyncio.Future[None]") -> None:
        """Wait for a write, of which Tornado forgets once the client has hung up."""
        assert self._left is not None
        done, _ = await asyncio.wait(
            {written, self._left}, timeout=self.stalled_s, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            raise TimeoutError
        if self._left in done:
            raise StreamClosedError
        written.result()

    async def _end(self) -> None:
        """Finish; in HTTP/1.0 nothing but the end of the connection tells the end of the body."""
        if self.request.version == "HTTP/1.0":
            await self._sent(self.finish())
            cast(Any, self.request.connection).close()

    def _break_off(self) -> None:
        """Reset the connection: a mere end could pass for the end of the body."""
        stream = cast(Any, self.request.connection).stream
        if stream is not None and not stream.closed():
            stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            stream.close()
