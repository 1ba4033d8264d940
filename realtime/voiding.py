"""Voiding: a completed session that shall not count after all."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from domain.errors import Unavailable, WrongState
from realtime.settling import Derived, Settlements, Teller, bring_up
from realtime.views import View, document_view, session_view
from storage.mongo.client import milliseconds
from storage.mongo.sessions import Sessions
from storage.mongo.settle import Ledger
from storage.redis.finished import FinishedSessions
from storage.redis.sessions import SessionStore


class Voiding:
    """Takes completed sessions back, everywhere. Raises Unavailable while a store is away."""

    def __init__(  # noqa: PLR0913 - collaborators
        self,
        *,
        store: SessionStore,
        finished: FinishedSessions,
        sessions: Sessions,
        ledger: Ledger,
        settlements: Settlements,
        derived: Derived,
        announcer: Teller,
        clock: Callable[[], int],
        wait_s: float,
    ) -> None:
        """`wait_s` bounds the wait for a session that has only just ended to be settled."""
        self._store = store
        self._finished = finished
        self._sessions = sessions
        self._ledger = ledger
        self._settlements = settlements
        self._derived = derived
        self._announcer = announcer
        self._clock = clock
        self._wait_s = wait_s

    async def void(self, user_id: str, session_id: str) -> View:
        """Undo the user's completed session; repeating changes nothing.

        Raises NotFound, WrongState for one that still runs, was canceled, or ended too long
        ago, and Unavailable also while the session has not reached MongoDB.
        """
        await self._await_settled(user_id, session_id)
        try:
            await self._ledger.void(session_id, user_id)
        except WrongState as refusal:
            document = await self._sessions.require(session_id, user_id)
            refusal.state = document_view(document, self._clock())
            raise
        document = await self._sessions.require(session_id, user_id)
        await bring_up(self._derived, user_id, milliseconds(document["ended_at"]))
        if document["kind"] == "focus":
            await self._announcer.tell(user_id)
        # Last, so that a repeat of a void that was cut short comes to it again.
        await self._finished.forget(user_id, session_id)
        return document_view(document, self._clock())

    async def _await_settled(self, user_id: str, session_id: str) -> None:
        session = await self._store.load(user_id, session_id)
        if session is None:
            return
        if not session.terminal:
            view = session_view(session, self._clock())
            raise WrongState("the session has not ended; cancel it instead", view)
        with self._settlements.watch(session_id) as settled:
            if await self._store.is_persisted(user_id, session_id) is not False:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(settled.wait(), self._wait_s)
        if await self._store.is_persisted(user_id, session_id) is False:
            raise Unavailable("the session has not been settled yet; try again shortly")
