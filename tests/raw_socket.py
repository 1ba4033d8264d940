"""A WebSocket client that may do everything wrong, and reads the server's frames strictly."""

import asyncio
import base64
import json
import os
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
PATIENCE_S = 5.0
Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """The answer to a handshake."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def problem(self) -> Frame:
        """The problem document in the body."""
        assert self.headers["content-type"] == "application/problem+json", self
        return dict(json.loads(self.body))


def encode(
    payload: bytes = b"", opcode: int = TEXT, *, fin: bool = True, rsv: int = 0, size: int = -1
) -> bytes:
    """One masked frame; `size` lies about the length of the payload."""
    size = len(payload) if size < 0 else size
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65_536:
        head += bytes([0x80 | 126]) + struct.pack("!H", size)
    else:
        head += bytes([0x80 | 127]) + struct.pack("!Q", size)
    return head + bytes(4) + payload


def decode(data: bytes) -> tuple[int, bytes, bytes]:
    """(opcode, payload, rest) of the first frame; IndexError or struct.error if it is not whole.

    Refuses what a server must not send: fragments, reserved bits, masks, lengths not in
    their shortest form, long control frames.
    """
    opcode, size, at = data[0] & 0x0F, data[1], 2
    assert data[0] & 0xF0 == 0x80, f"a fragment, or reserved bits: {data[0]:#x}"
    assert opcode in (TEXT, BINARY, CLOSE, PING, PONG)
    assert size < 128, "masked"
    if size == 126:
        (size,), at = struct.unpack_from("!H", data, 2), 4
        assert size > 125, "a length longer than need be"
    elif size == 127:
        (size,), at = struct.unpack_from("!Q", data, 2), 10
        assert size > 65_535, "a length longer than need be"
    assert size < 126 or opcode < CLOSE, "a long control frame"
    if len(data) < at + size:
        raise IndexError(size)
    return opcode, data[at : at + size], data[at + size :]


class RawSocket:
    """One TCP connection to a server, after its handshake."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: Head
    ) -> None:
        self.head = head
        self.answers_pings = True
        self._reader = reader
        self._writer = writer
        self._unread = b""

    @classmethod
    async def dial(
        cls, port: int, head: bytes, *, receive_bytes: int | None = None, limit: int = 2**16
    ) -> Self:
        """Connect and send the bytes of a request; `receive_bytes` keeps the kernel's buffer small."""
        plain = socket.socket()
        plain.setblocking(False)  # noqa: FBT003
        if receive_bytes is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=plain, limit=limit)
        writer.write(head)
        return cls(reader, writer, await asyncio.wait_for(_head(reader), PATIENCE_S))

    @classmethod
    async def open(
        cls,
        port: int,
        path: str = "/ws/sessions/",
        headers: Mapping[str, str | None] | None = None,
        *,
        receive_bytes: int | None = None,
        limit: int = 2**16,
    ) -> Self:
        """Upgrade; `headers` are added, and None takes one away."""
        request = upgrade(path, headers or {})
        return await cls.dial(port, request, receive_bytes=receive_bytes, limit=limit)

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)

    def say(self, frame: object) -> None:
        """Send a value as a JSON text frame; text goes as it is."""
        text = frame if isinstance(frame, str) else json.dumps(frame)
        self.send(encode(text.encode()))

    async def frame(self) -> tuple[int, bytes]:
        """The next frame that is not a ping; raises EOFError where the stream ends."""
        while True:
            try:
                opcode, payload, self._unread = decode(self._unread)
            except (IndexError, struct.error):
                await self._read_on()
                continue
            if opcode == PING and self.answers_pings:
                self.send(encode(payload, PONG))
            if opcode != PING:
                return opcode, payload

    async def _read_on(self) -> None:
        try:
            more = await asyncio.wait_for(self._reader.read(2**16), PATIENCE_S)
        except ConnectionError as gone:
            raise EOFError from gone
        if not more:
            raise EOFError
        self._unread += more

    async def next(self, *types: str, where: Callable[[Frame], bool] | None = None) -> Frame:
        """The next message of one of the types (any but ticks), leaving out what comes before."""
        while True:
            opcode, payload = await self.frame()
            assert opcode == TEXT, (opcode, payload)
            told: Frame = json.loads(payload)
            wanted = told["type"] in types if types else told["type"] != "tick"
            if wanted and (where is None or where(told)):
                return told

    async def ask(self, frame: Frame) -> Frame:
        """Send a frame and give the answer that bears its `ref`."""
        ref = frame.setdefault("ref", os.urandom(4).hex())
        self.say(frame)
        return await self.next(
            "ack", "error", "pong", "subscribed", where=lambda told: told.get("ref") == ref
        )

    async def code(self) -> int | None:
        """Read until the server closes; the close code, None where it just hung up."""
        while True:
            try:
                opcode, payload = await self.frame()
            except EOFError:
                return None
            if opcode == CLOSE:
                self.send(encode(payload[:2], CLOSE))
                return int.from_bytes(payload[:2], "big") if payload else 1005

    async def hangs_up(self) -> None:
        """Read until the stream ends."""
        while True:
            try:
                await self.frame()
            except EOFError:
                return

    def reset(self) -> None:
        """Break the connection off, as a crashed machine would."""
        plain = self._writer.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def leave(self) -> None:
        """Let the connection go without a word."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            return


def upgrade(path: str, headers: Mapping[str, str | None], start: str = "GET {} HTTP/1.1") -> bytes:
    """The bytes of a handshake."""
    sent: dict[str, str | None] = {
        "Host": "localhost",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
    }
    lines = [f"{name}: {value}" for name, value in (sent | dict(headers)).items() if value]
    return "\r\n".join([start.format(path), *lines, "", ""]).encode()


async def _head(reader: asyncio.StreamReader) -> Head:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {
        name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:] if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Head(int(lines[0].split()[1]), headers, body)
