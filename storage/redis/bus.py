"""The pub/sub side of Redis: everything that nodes and dashboards are told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from domain.errors import SessionError
from domain.session import Session
from storage.redis.codec import session_from
from storage.redis.keys import Keys


@dataclass(frozen=True, slots=True)
class Told:
    """A transition, as published by the script that made it."""

    session: Session
    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Settled:
    """An ended session has reached MongoDB."""

    session_id: str
    user_id: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Revoked:
    """Tokens of this family, or with this id, are no longer good."""

    member: str
    expires_ms: int


@dataclass(frozen=True, slots=True)
class News:
    """Frames for the sockets of one user that follow all of their sessions."""

    user_id: str
    frames: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Analysed:
    """Frames for the sockets that follow an analysis, by its id or by that of its review."""

    ids: tuple[str, ...]
    turn: int
    frames: tuple[dict[str, Any], ...]


Message = Told | Settled | Revoked | News | Analysed
SILENCE_S: Final = 5.0
PAUSE_S: Final = (0.05, 1.0)
"""First and longest pause before the subscription is made again."""


class SilentBus(RedisError):
    """The link to Redis is dead, though nobody has hung up."""


def parse(data: str) -> Message | None:
    """The message in a published frame; None for kinds this version does not know."""
    body = json.loads(data)
    if not isinstance(body, dict):
        raise TypeError("a message is an object")
    return next((read(body) for member, read in READERS.items() if member in body), None)


def _told(body: dict[str, Any]) -> Told:
    if not isinstance(body["state"], dict) or not isinstance(body["event"], dict):
        raise TypeError("state and event are objects")
    return Told(session_from(body["state"]), body["event"])


def _news(body: dict[str, Any]) -> News:
    if not all(isinstance(frame, dict) for frame in body["news"]):
        raise TypeError("news are objects")
    return News(body["user_id"], tuple(body["news"]))


def _analysed(body: dict[str, Any]) -> Analysed:
    if not all(isinstance(frame, dict) for frame in body["frames"]):
        raise TypeError("frames are objects")
    return Analysed(tuple(map(str, body["analysis"])), int(body["turn"]), tuple(body["frames"]))


READERS: Final[Mapping[str, Callable[[dict[str, Any]], Message]]] = {
    "state": _told,
    "settled": lambda body: Settled(body["settled"], body["user_id"], body),
    "revoked": lambda body: Revoked(body["revoked"], int(body.get("expires_at_ms", 0))),
    "news": _news,
    "analysis": _analysed,
}
"""The member that a kind of message is known by, and how it is read."""


class Bus:
    """One permanent subscription to all channels, renewed for as long as the node lives."""

    def __init__(self, redis: Redis, keys: Keys, *, silence_s: float = SILENCE_S) -> None:
        """`redis` is a client of its own, which does not retry.

        After `silence_s` without a message Redis is asked for a sign of life, and after as
        long again the subscription counts as lost: a dead link does not say that it is.
        """
        self._redis = redis
        self._silence_s = silence_s
        shards = [shard.channel for shard in keys.all_shards()]
        self._channels = [*shards, keys.control, keys.analyses]
        self.connected = False

    async def run(
        self,
        on_message: Callable[[str], None],
        on_connected: Callable[[], Awaitable[None]],
        on_lost: Callable[[Exception], None],
    ) -> None:
        """Deliver messages until cancelled.

        `on_connected` is awaited each time all channels are confirmed: whatever was
        published before is gone, so the caller reads the state there.
        """
        shortest_s, longest_s = PAUSE_S
        pause_s = shortest_s
        while True:
            try:
                await self._listen(on_message, on_connected)
            except (RedisError, OSError, SessionError) as error:
                pause_s = shortest_s if self.connected else min(longest_s, pause_s * 2)
                self.connected = False
                on_lost(error)
                await asyncio.sleep(pause_s)
            finally:
                self.connected = False

    async def _listen(
        self,
        on_message: Callable[[str], None],
        on_connected: Callable[[], Awaitable[None]],
    ) -> None:
        self.connected = False
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(*self._channels)
            missing = set(self._channels)
            async for message in self._messages(pubsub):
                if message["type"] == "subscribe":
                    if message["channel"] not in missing:
                        # The driver has reconnected behind our back: there may be a gap.
                        missing = set(self._channels)
                    missing.discard(message["channel"])
                    self.connected = not missing
                    if self.connected:
                        await on_connected()
                elif message["type"] == "message":
                    on_message(message["data"])

    async def _messages(self, pubsub: PubSub) -> AsyncIterator[dict[str, Any]]:
        """What comes in. Raises SilentBus when not even a ping is answered."""
        asked = False
        while True:
            message = await pubsub.get_message(timeout=self._silence_s)
            if message is not None:
                asked = False
                yield message
            elif asked:
                raise SilentBus("the subscription does not answer")
            else:
                asked = True
                await pubsub.ping()
