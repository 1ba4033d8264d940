"""A socket at the level of the hub: everything below the WebSocket handler, recorded."""

import asyncio
import json
from typing import Any

from domain.access import Caller
from realtime.connection import Connection, QueueLimits
from server import Running
from tests.engines import until

SHORT, MEDIUM = 126, 127


def unframed(data: bytes) -> dict[str, Any]:
    """The message in an unmasked text frame."""
    assert data[0] == 0x81
    start = {SHORT: 4, MEDIUM: 10}.get(data[1], 2)
    message = json.loads(data[start:])
    assert isinstance(message, dict)
    return message


class Socket:
    """A transport that keeps what it is given, and the connection on it."""

    def __init__(self, node: Running, user_id: str, *, follows_all: bool = True) -> None:
        self._node = node
        self.messages: list[dict[str, Any]] = []
        self.closed: tuple[int, str] | None = None
        self.connection = Connection(
            self,
            caller_of(user_id),
            follows_all=follows_all,
            tick_steps=20,
            limits=QueueLimits(65_536, 10_000),
            clock=node.parts.now,
        )
        assert node.parts.hub.join(self.connection)

    def write(self, data: bytes) -> asyncio.Future[None] | None:
        self.messages.append(unframed(data))
        return None

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    async def arrive(self) -> "Socket":
        """Be shown what there is."""
        await self._node.parts.following.arrive(self.connection)
        return self

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The messages of a type, in order."""
        return [message for message in self.messages if message["type"] == kind]

    def shown(self, session_id: str) -> list[int]:
        """The revs of a session as they came, in snapshots and events."""
        return [
            message["rev"]
            for message in self.messages
            if message["type"] in ("snapshot", "event") and message["id"] == session_id
        ]

    async def has(self, session_id: str, rev: int) -> None:
        """Wait until the session was shown at that rev."""

        async def shown() -> bool:
            return rev in self.shown(session_id)

        await until(shown, f"{session_id} at rev {rev}; there are {self.messages}")


def caller_of(user_id: str) -> Caller:
    """A user whose token never expires."""
    return Caller(
        user_id=user_id,
        roles=frozenset({"user"}),
        token_id=f"token of {user_id}",
        family=f"family of {user_id}",
        expires_at_ms=2**53,
    )
