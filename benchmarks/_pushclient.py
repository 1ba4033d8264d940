"""The receiving end of push.py where there is no C compiler; speaks as pushclient.c does.

It is slow enough to be late itself, so figures taken with it say less.
"""

import os
import selectors
import signal
import socket
import struct
import sys
import time
from array import array
from pathlib import Path

TICK, HELLO = b'{"type":"tick"', b'{"type":"hello"'
SHOWN = 5
RECORD = struct.Struct("=IIqq")
UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Authorization: Bearer {token}\r\n\r\n"
)


class Link:
    """One socket."""

    __slots__ = ("held", "number", "sock", "state")

    def __init__(self, number: int, sock: socket.socket) -> None:
        self.number = number
        self.sock = sock
        self.state = "upgrading"
        self.held = b""


class Client:
    """All sockets, and what arrived on them."""

    def __init__(self, port: int, targets: list[str], result: Path, parallel: int) -> None:
        self.selector = selectors.DefaultSelector()
        self.selector.register(0, selectors.EVENT_READ)
        self.port, self.targets, self.result, self.parallel = port, targets, result, parallel
        self.dialled = self.busy = self.ticking = self.lost = self.pings = self.bytes = 0
        self.recording = self.told = False
        self.began_s = 0.0
        self.numbers, self.sizes = array("I"), array("I")
        self.arrived, self.shown = array("q"), array("q")

    def run(self) -> None:
        """Until "end", or the end of stdin."""
        while True:
            while self.dialled < len(self.targets) and self.busy < self.parallel:
                self.dial()
            if not self.told and self.ticking + self.lost == len(self.targets):
                print(f"connected {self.ticking} {self.lost}", flush=True)
                self.told = True
            for key, _ in self.selector.select(1.0):
                if key.data is None:
                    self.obey()
                elif key.data.state != "lost":
                    self.drain(key.data)

    def dial(self) -> None:
        path, token = self.targets[self.dialled].split()
        sock = socket.create_connection(("127.0.0.1", self.port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(UPGRADE.format(path=path, token=token).encode())
        sock.settimeout(0)
        self.selector.register(sock, selectors.EVENT_READ, Link(self.dialled, sock))
        self.dialled += 1
        self.busy += 1

    def lose(self, link: Link, why: str) -> None:
        self.ticking -= link.state == "ticking"
        self.busy -= link.state in ("upgrading", "open")
        self.lost += 1
        if self.lost <= SHOWN:
            print(f"socket {link.number} lost: {why}", file=sys.stderr)
        link.state = "lost"
        self.selector.unregister(link.sock)
        link.sock.close()

    def drain(self, link: Link) -> None:
        try:
            data = link.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        at_ns = time.monotonic_ns()
        if not data:
            self.lose(link, "end of stream")
            return
        link.held += data
        if link.state == "upgrading":
            head, ended, rest = link.held.partition(b"\r\n\r\n")
            if not ended:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.lose(link, "upgrade answered with " + head[9:12].decode())
                return
            link.held, link.state = rest, "open"
        self.frames(link, at_ns)

    def frames(self, link: Link, at_ns: int) -> None:
        held, used = link.held, 0
        while len(held) - used >= 2 and link.state != "lost":
            start, length = used + 2, held[used + 1] & 0x7F
            if length == 126:
                start, length = used + 4, int.from_bytes(held[used + 2 : used + 4], "big")
            if len(held) < start + length:
                break
            self.take(link, held[used] & 0x0F, held[start : start + length], at_ns)
            used = start + length
        link.held = held[used:]

    def take(self, link: Link, opcode: int, text: bytes, at_ns: int) -> None:
        if opcode == 9:
            self.pings += 1
            link.sock.send(bytes((0x8A, 0x80 | len(text), 0, 0, 0, 0)) + text)
        elif opcode == 8:
            self.lose(link, f"closed with {int.from_bytes(text[:2], 'big')}")
        elif opcode == 1:
            if link.state == "open" and not text.startswith(HELLO):
                link.state = "greeted"
                self.busy -= 1
            if text.startswith(TICK):
                self.tick(link, text, at_ns)

    def tick(self, link: Link, text: bytes, at_ns: int) -> None:
        if link.state == "greeted":
            link.state = "ticking"
            self.ticking += 1
        if self.recording:
            self.numbers.append(link.number)
            self.sizes.append(len(text))
            self.arrived.append(at_ns)
            self.shown.append(int(text.partition(b'"at":')[2].partition(b",")[0]))
            self.bytes += len(text)

    def obey(self) -> None:
        words = os.read(0, 256)
        if not words:
            sys.exit(1)
        if b"begin" in words:
            self.recording, self.began_s = True, time.process_time()
        if b"end" in words:
            columns = (self.numbers, self.sizes, self.arrived, self.shown)
            rows = zip(*columns, strict=True)
            self.result.write_bytes(b"".join(RECORD.pack(*row) for row in rows))
            cpu_ms = int((time.process_time() - self.began_s) * 1000)
            print(
                f"recorded {len(self.numbers)} {self.bytes} {self.pings} {self.lost} {cpu_ms}",
                flush=True,
            )
            sys.exit(0)


def main() -> None:
    """Take the arguments of pushclient.c."""
    port, targets, result, parallel, limit_s = sys.argv[1:]
    signal.alarm(int(limit_s))
    lines = Path(targets).read_text().splitlines()
    Client(int(port), lines, Path(result), int(parallel)).run()


if __name__ == "__main__":
    main()
