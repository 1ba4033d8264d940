"""Completing a live session, and waiting a moment for it to be in the books."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from domain.commands import Complete
from domain.errors import Unavailable
from domain.session import Session
from realtime.answers import Result
from realtime.engine import Engine
from realtime.settling import Settlements
from storage.redis.sessions import SessionStore


class Completions:
    """Ends sessions as their users want it. `wait_s` bounds the wait for MongoDB."""

    def __init__(
        self, engine: Engine, store: SessionStore, settlements: Settlements, wait_s: float
    ) -> None:
        self._engine = engine
        self._store = store
        self._settlements = settlements
        self._wait_s = wait_s

    async def complete(
        self,
        user_id: str,
        session_id: str,
        context: Mapping[str, str | int | None],
        *,
        command_id: str | None = None,
        if_rev: int | None = None,
    ) -> tuple[Result, bool]:
        """Complete the user's live session; its totals are the server's own.

        Waits a moment for the session to reach MongoDB, so that the caller reads its
        own write; the answer says whether it has. Raises as Engine.execute.
        """
        with self._settlements.watch(session_id) as settled:
            result = await self._engine.execute(
                user_id, session_id, Complete(context), command_id=command_id, if_rev=if_rev
            )
            ended_before = result.event is None or result.repeated
            if ended_before and await self._is_persisted(result.session):
                return result, True
            with suppress(TimeoutError):
                await asyncio.wait_for(settled.wait(), self._wait_s)
            # The word of it may have been lost on the way, so the word alone does not decide.
            return result, settled.is_set() or await self._is_persisted(result.session)

    async def _is_persisted(self, session: Session) -> bool:
        try:
            told = await self._store.is_persisted(session.user_id, session.id)
        except Unavailable:
            return False
        # Only what has reached MongoDB fades from Redis.
        return told is None or told
