"""What every start has in common: one key, one session; one id, one life."""

from domain.errors import IdTaken, KeyReused
from domain.idempotency import derived_id
from domain.session import Session
from realtime.answers import Result
from realtime.engine import Engine
from storage.mongo.sessions import Sessions
from storage.redis.sessions import SessionStore


class Starts:
    """The way of a new session past everything that may stand against it."""

    def __init__(self, engine: Engine, store: SessionStore, sessions: Sessions) -> None:
        self._engine = engine
        self._store = store
        self._sessions = sessions

    async def known(self, user_id: str, session_id: str) -> Session | None:
        """The session that an earlier try has started, while Redis holds it."""
        return await self._store.load(user_id, session_id)

    async def admit(self, user_id: str, kind: str, session_id: str, command_id: str | None) -> None:
        """Let the key stand for the session, and see that none of its kind is in the way.

        Before the id is claimed, so that a refused start does not keep it. Raises KeyReused,
        AlreadyActive.
        """
        if command_id is not None:
            bound = await self.bind(user_id, command_id, session_id)
            if bound != session_id:
                raise KeyReused(f"this key has started the session {bound}")
        await self._engine.refuse_rival(user_id, kind, session_id, command_id)

    async def bind(self, user_id: str, command_id: str, session_id: str) -> str:
        """Let the key stand for one session, also long after that has ended; gives that one."""
        return await self._sessions.bind(derived_id(user_id, "start", command_id), session_id)

    async def go_on(
        self, user_id: str, command_id: str, session_id: str, *, instead_of: str
    ) -> None:
        """Let the key stand for a session that runs, rather than for one that never began."""
        key = derived_id(user_id, "start", command_id)
        if await self._sessions.bind(key, session_id) == instead_of:
            await self._sessions.rebind(key, instead_of, session_id)

    async def bound(self, user_id: str, command_id: str | None) -> str | None:
        """The session that the key stands for; None for one that stands for none yet."""
        if command_id is None:
            return None
        return await self._sessions.bound(derived_id(user_id, "start", command_id))

    async def claim(
        self, session_id: str, user_id: str, known: Session | None, command_id: str | None
    ) -> None:
        """Reserve the id, also one of our making: nobody else shall get its credit.

        Raises IdTaken.
        """
        if not await self._sessions.claim(session_id, user_id, "live"):
            raise IdTaken(f"the id {session_id} is taken")
        # A finished session does not begin again, even when Redis has let go of it.
        ended = known is not None and known.terminal and command_id is None
        if ended or (known is None and await self._sessions.get(session_id) is not None):
            raise IdTaken(f"the session {session_id} has already ended")

    async def start(self, session: Session, command_id: str | None) -> Result:
        """Begin it. Raises AlreadyActive, IdTaken, KeyReused, Unavailable."""
        return await self._engine.start(session, command_id)
