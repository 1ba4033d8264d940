"""A user's sessions of one kind, wherever they are: live in Redis, or past in MongoDB."""

from typing import Any

from domain.errors import NotFound
from domain.session import Kind, Session
from realtime.engine import Engine
from realtime.registry import Registry
from storage.mongo.sessions import Sessions
from storage.redis.sessions import SessionStore


class OwnSessions:
    """Finds sessions of one kind for their users; those of others are as if they were not."""

    def __init__(
        self,
        kind: Kind,
        *,
        engine: Engine,
        store: SessionStore,
        registry: Registry,
        sessions: Sessions,
    ) -> None:
        self._kind = kind
        self._engine = engine
        self._store = store
        self._registry = registry
        self._sessions = sessions

    async def active(self, user_id: str) -> Session | None:
        """The user's running or paused session of the kind. Raises Unavailable."""
        running = await self.running(user_id)
        if running is None:
            return None
        # What time has ended is not active, also before anybody has noticed.
        newest = (await self._engine.expire(running)).session
        return None if newest.terminal else newest

    async def running(self, user_id: str) -> Session | None:
        """As `active`, but also one whose time is over and that nobody has ended yet."""
        live = await self._store.active_of(user_id)
        return next((one for one in live if one.kind == self._kind), None)

    async def is_live(self, user_id: str, session_id: str) -> bool:
        """Whether Redis has the session, also if it has ended; otherwise only MongoDB may.

        Raises NotFound for one of another kind.
        """
        session = self._registry.get(session_id)
        if session is None or session.user_id != user_id:
            session = await self._store.load(user_id, session_id)
        if session is not None and session.kind != self._kind:
            raise NotFound("there is no such session")
        return session is not None

    async def past(self, user_id: str, session_id: str) -> dict[str, Any]:
        """The document of the user's past session. Raises NotFound, also for another kind."""
        document = await self._sessions.require(session_id, user_id)
        if document["kind"] != self._kind:
            raise NotFound("there is no such session")
        return document
