"""A client's way in memory: records what is sent, and takes it as fast as the test wants."""

import asyncio
import json
from typing import Any

from domain.access import Caller
from realtime.connection import Connection, QueueLimits
from tests.fakes import DrivenClock
from tests.raw_socket import TEXT, decode

LIMITS = QueueLimits(max_bytes=1_000, max_age_ms=10_000)


class Recorder:
    """A transport that may be blocked, and then takes one frame for each `drain`."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closes: list[tuple[int, str]] = []
        self.blocked = False
        self.pending: asyncio.Future[None] | None = None

    def write(self, data: bytes) -> "asyncio.Future[None] | None":
        """Take the frame; blocked, it stays on its way until `drain`."""
        assert self.pending is None, "written while an earlier write was on its way"
        assert not self.closes, "written after the end"
        self.sent.append(data)
        if self.blocked:
            self.pending = asyncio.get_running_loop().create_future()
        return self.pending

    def close(self, code: int, reason: str) -> None:
        """Note why."""
        self.closes.append((code, reason))

    async def drain(self, fault: Exception | None = None) -> None:
        """What is on its way arrives, or fails."""
        pending, self.pending = self.pending, None
        assert pending is not None
        if fault is None:
            pending.set_result(None)
        else:
            pending.set_exception(fault)
        await asyncio.sleep(0)

    async def open_up(self) -> None:
        """Take everything from now on."""
        self.blocked = False
        await self.drain()

    @property
    def frames(self) -> list[dict[str, Any]]:
        """What was sent, read strictly."""
        told = []
        for data in self.sent:
            opcode, payload, rest = decode(data)
            assert (opcode, rest) == (TEXT, b"")
            told.append(json.loads(payload))
        return told


def caller(user_id: str = "u-1", *, family: str = "f", token_id: str = "t") -> Caller:
    """Somebody who is logged in."""
    return Caller(
        user_id=user_id,
        roles=frozenset({"user"}),
        token_id=token_id,
        family=family,
        expires_at_ms=2**50,
    )


def connected(
    clock: DrivenClock,
    *,
    tick_steps: int = 20,
    follows_all: bool = False,
    who: Caller | None = None,
) -> tuple[Connection, Recorder]:
    """A connection and its recorder."""
    recorder = Recorder()
    connection = Connection(
        recorder,
        who or caller(),
        follows_all=follows_all,
        tick_steps=tick_steps,
        limits=LIMITS,
        clock=clock,
    )
    return connection, recorder
