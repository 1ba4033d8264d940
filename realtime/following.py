"""What a socket is shown when it arrives or returns, and how gaps are healed.

Recovery belongs to the session, not to the socket: (epoch, rev) proves what a
client has seen, on any node, after any time. Where the missed events cannot be
shown without a gap, the whole state is.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

from domain.errors import Unavailable
from domain.session import Session
from realtime import wire
from realtime.connection import Connection
from realtime.hub import Hub, snapshot
from realtime.registry import Registry
from realtime.views import View, document_view, session_view
from storage.mongo.sessions import Sessions
from storage.redis.keys import Keys
from storage.redis.sessions import SessionStore

BATCH: Final = 200
ATTEMPTS: Final = 3
ARRIVALS: Final = 32
"""How many arriving sockets read from Redis at the same time."""
IN_FLIGHT_S: Final = 0.25
"""How long a published event may still be on its way before it counts as lost."""
RECOVERY_BYTES: Final = 384 * 1024
"""More than this is not replayed: a socket has to be able to take it in one frame."""


class Following:
    """Shows sessions to sockets. Everything raises Unavailable when Redis is away."""

    def __init__(
        self,
        store: SessionStore,
        sessions: Sessions,
        registry: Registry,
        hub: Hub,
        keys: Keys,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._registry = registry
        self._hub = hub
        self._keys = keys
        self._clock = clock
        # A crowd that comes back at once waits here, and not for connections that time out.
        self._gate = asyncio.Semaphore(ARRIVALS)

    async def active(self, user_id: str) -> tuple[list[Session], bool]:
        """The user's running and paused sessions, and whether that comes from memory alone."""
        try:
            return await self._store.active_of(user_id), False
        except Unavailable:
            return self._registry.of_user(user_id), True

    async def view(self, user_id: str, session_id: str) -> View:
        """One session of the user, live or past. Raises NotFound."""
        session = await self._store.load(user_id, session_id)
        if session is not None:
            view = session_view(session, self._clock())
            return view if session.kind != "focus" else await self._rated(session, view)
        return document_view(await self._sessions.require(session_id, user_id), self._clock())

    async def _rated(self, session: Session, view: View) -> View:
        """A focus session with what its user said of it after its end, which MongoDB alone has."""
        if not session.terminal:
            return view
        try:
            document = await self._sessions.get(session.id, session.user_id)
        except Unavailable:
            return view
        if document is None:
            return view
        return view | {"focus": document_view(document, self._clock())["focus"]}

    async def arrive(self, connection: Connection) -> None:
        """Show the socket its user's active sessions, and follow them."""
        async with self._gate:
            active = await self._store.active_of(connection.caller.user_id)
        for found in active:
            # Events that were told while we read are in the registry; the rest are yet to come.
            session = self._registry.learn(found)
            if connection.is_behind_or_new(session.id, session.epoch, session.rev):
                connection.send(snapshot(session, self._clock()))
                self._hub.follow(connection, session)

    async def show(self, connection: Connection, session_id: str) -> None:
        """Show one session and follow it while it lives. Raises NotFound."""
        async with self._gate:
            session = await self._store.load(connection.caller.user_id, session_id)
        if session is None:
            view = await self.view(connection.caller.user_id, session_id)
            connection.send(wire.message("snapshot", **_members(view), state=view))
            return
        session = self._registry.learn(session)
        connection.send(snapshot(session, self._clock()))
        self._follow(connection, session)

    def _follow(self, connection: Connection, session: Session) -> None:
        """Follow what may still change; an ended session has been shown for good."""
        if not session.terminal:
            self._hub.follow(connection, session)

    async def subscribe(
        self,
        connection: Connection,
        session_id: str,
        *,
        epoch: str | None,
        last_rev: int | None,
        ref: str | int | None,
    ) -> None:
        """Answer a client that returns: with what it has missed, or with the whole state.

        Raises NotFound.
        """
        session = await self._store.load(connection.caller.user_id, session_id)
        if session is None:
            view = await self.view(connection.caller.user_id, session_id)
            members = {**_members(view), "recovered": False, "snapshot": view}
            connection.send(wire.message("subscribed", ref=ref, **members))
            return
        session, missed = await self._caught_up(session, epoch, last_rev)
        view = session_view(session, self._clock())
        members = {**_members(view), "recovered": missed is not None}
        members |= {"snapshot": view} if missed is None else {"events": missed, "snapshot": view}
        connection.send(wire.message("subscribed", ref=ref, **members))
        self._follow(connection, session)

    async def _caught_up(
        self, session: Session, epoch: str | None, last_rev: int | None
    ) -> tuple[Session, list[dict[str, Any]] | None]:
        """The newest state and what was missed up to it, though it may change while we read."""
        session = self._registry.learn(session)
        for _ in range(ATTEMPTS):
            missed = await self._missed(session, epoch, last_rev)
            newest = self._registry.learn(session)
            if newest.rev == session.rev:
                return session, missed
            session = newest
        return session, None

    async def _missed(
        self, session: Session, epoch: str | None, last_rev: int | None
    ) -> list[dict[str, Any]] | None:
        """The events after `last_rev`, all of them; None if that cannot be proven."""
        if epoch != session.epoch or last_rev is None or not 0 < last_rev <= session.rev:
            return None
        events = await self._store.events(session.user_id, session.id, last_rev)
        if sum(len(event.encode()) for event in events) > RECOVERY_BYTES:
            return None
        missed = [json.loads(event) for event in events]
        missed = [event for event in missed if event["rev"] <= session.rev]
        revs = [event["rev"] for event in missed]
        return missed if revs == list(range(last_rev + 1, session.rev + 1)) else None

    async def reconcile(self) -> None:
        """Compare what followers were shown with what Redis holds, and heal what was missed."""
        behind, unseen = await self._behind(), self._unseen()
        if behind or unseen:
            await asyncio.sleep(IN_FLIGHT_S)
        for user_id, session_id, epoch, rev in behind:
            if not self._hub.is_behind(session_id, epoch, rev):
                continue
            session = await self._store.load(user_id, session_id)
            if session is not None:
                self._hub.heal(self._registry.learn(session))
        for session_id in unseen & self._unseen():
            session = self._registry.get(session_id)
            if session is not None:
                self._hub.heal(session)

    def _unseen(self) -> set[str]:
        """Live sessions that a socket should follow, which follows all, and does not know of."""
        return {
            session.id
            for connection in self._hub
            if connection.follows_all
            for session in self._registry.of_user(connection.caller.user_id)
            if session.id not in connection.followed
        }

    async def _behind(self) -> list[tuple[str, str, str, int]]:
        by_shard = defaultdict(list)
        for user_id, session_id in self._hub.followed():
            by_shard[self._keys.shard_of(user_id)].append((user_id, session_id))
        found = []
        for keys, followed in by_shard.items():
            for start in range(0, len(followed), BATCH):
                batch = followed[start : start + BATCH]
                stored = await self._store.revs(keys, [session_id for _, session_id in batch])
                for (user_id, session_id), (epoch, rev) in zip(batch, stored, strict=True):
                    if not epoch:
                        self._hub.let_go(session_id)
                    elif self._hub.is_behind(session_id, epoch, int(rev)):
                        found.append((user_id, session_id, epoch, int(rev)))
        return found


def _members(view: View) -> dict[str, Any]:
    return {name: view[name] for name in ("id", "epoch", "rev")}
