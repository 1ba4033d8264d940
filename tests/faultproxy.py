"""A proxy before a store that loses, delays and cuts what passes through it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import unquote, urlsplit

CHUNK = 65536
GONE = (ConnectionError, OSError)


class FaultProxy:
    """Passes everything on until it is told otherwise; counts what it has spoiled."""

    def __init__(self, upstream: str) -> None:
        """`upstream` is a `redis://`, `unix://` or `mongodb://` address."""
        self._upstream = urlsplit(upstream)
        self._pumps: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._open = asyncio.Event()
        self._open.set()
        self._marker = b""
        self._to_drop = self._to_cut = 0
        self.delay_s = 0.0
        self.refusing = False
        self.spoiled = 0
        self.port = 0

    @property
    def url(self) -> str:
        """Where clients of Redis find the proxy."""
        return f"redis://127.0.0.1:{self.port}/0"

    def drop_replies(self, count: int, *, to: bytes = b"") -> None:
        """Let the next requests with these bytes in them through, and swallow the answers."""
        self._marker, self._to_drop = to, count

    def cut_replies(self, count: int, *, to: bytes = b"") -> None:
        """Let the next requests with these bytes in them through, and hang up on the answers."""
        self._marker, self._to_cut = to, count

    def blackhole(self) -> None:
        """Hold everything back, connections open, until `heal`."""
        self._open.clear()

    def heal(self) -> None:
        """Release what was held back, and spoil nothing any more."""
        self._to_drop = self._to_cut = 0
        self.delay_s, self.refusing = 0.0, False
        self._open.set()

    def rst(self) -> None:
        """Hang up on everybody, without a word."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    def refuse(self) -> None:
        """Hang up on everybody, also on those who come, until `heal`."""
        self.refusing = True
        self.rst()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            writer.transport.abort()
            return
        target = self._upstream
        try:
            if target.scheme == "unix":
                far_reader, far_writer = await asyncio.open_unix_connection(unquote(target.path))
            else:
                far_reader, far_writer = await asyncio.open_connection(target.hostname, target.port)
        except GONE:
            writer.transport.abort()
            return
        lost: asyncio.Queue[bool] = asyncio.Queue()
        pumps = {
            asyncio.create_task(self._requests(reader, far_writer, lost)),
            asyncio.create_task(self._replies(far_reader, writer, lost)),
        }
        self._pumps |= pumps
        self._writers |= {writer, far_writer}
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        self._pumps -= pumps
        self._writers -= {writer, far_writer}
        writer.transport.abort()
        far_writer.transport.abort()

    async def _requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lost: asyncio.Queue[bool]
    ) -> None:
        with contextlib.suppress(*GONE):
            while chunk := await reader.read(CHUNK):
                await self._open.wait()
                if self._marker in chunk and self._to_drop + self._to_cut > 0:
                    lost.put_nowait(self._to_cut > 0)
                    self._to_cut -= self._to_cut > 0
                    self._to_drop -= self._to_drop > 0
                writer.write(chunk)
                await writer.drain()

    async def _replies(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lost: asyncio.Queue[bool]
    ) -> None:
        with contextlib.suppress(*GONE):
            while chunk := await reader.read(CHUNK):
                await asyncio.sleep(self.delay_s)
                await self._open.wait()
                if not lost.empty():
                    self.spoiled += 1
                    if lost.get_nowait():
                        return
                    continue
                writer.write(chunk)
                await writer.drain()

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator["FaultProxy"]:
        """The proxy on a free port, gone afterwards."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.heal()
            while self._pumps:
                self.rst()
                await asyncio.wait(self._pumps)
                await asyncio.sleep(0)
            await server.wait_closed()
