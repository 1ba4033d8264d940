"""Sessions that an external real-time store runs: noted, stored and credited once.

That store is the authority on their totals. It tells the start and the end in any
order, and repeats what was not answered.
"""

from collections.abc import Callable, Mapping
from typing import Any

from domain.errors import Conflict, IdTaken
from domain.external import require_possible
from realtime.settling import Derived, bring_up
from storage.mongo.client import milliseconds
from storage.mongo.records import external_document
from storage.mongo.sessions import Sessions
from storage.mongo.settle import Ledger
from storage.redis.sessions import SessionStore


class ExternalSessions:
    """The sync path of trusted back ends."""

    def __init__(
        self,
        store: SessionStore,
        sessions: Sessions,
        ledger: Ledger,
        derived: Derived,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._ledger = ledger
        self._derived = derived
        self._clock = clock

    async def register(self, user_id: str, session_id: str, told: Mapping[str, Any]) -> str:
        """Note a session that an external store runs; returns its status.

        Repeats change nothing, nor does a start of what the user runs or ran here. An end
        that came first, without saying whose it is, is credited now. Raises InvalidInput,
        and IdTaken for an id that is somebody else's.
        """
        require_possible(told, self._clock())
        if not await self._sessions.claim(session_id, user_id, "external"):
            return await self._status_here(user_id, session_id)
        document = await self._sessions.register_external(session_id, user_id, told)
        if document["status"] == "completed":
            await self._credit(document)
        return str(document["status"])

    async def _status_here(self, user_id: str, session_id: str) -> str:
        live = await self._store.load(user_id, session_id)
        if live is not None:
            return live.status
        document = await self._sessions.get(session_id, user_id)
        if document is None:
            raise IdTaken(f"the id {session_id} is taken")
        return str(document["status"])

    async def store(
        self, session_id: str, user_id: str | None, told: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Store the totals an external store tells, creating the session where it is missing.

        Credited once, and as soon as it is known whose session it is; repeats return what
        is stored. Raises InvalidInput, IdTaken for another user's id, and Conflict for a
        session that is live here.
        """
        require_possible(told, self._clock())
        known = await self._sessions.claimed_by(session_id) or await self._sessions.get(session_id)
        owner = user_id if known is None else known["user_id"] or user_id
        if user_id is not None and owner != user_id:
            raise IdTaken(f"the id {session_id} is another user's")
        live = None if owner is None else await self._store.load(owner, session_id)
        if live is not None and not live.terminal:
            raise Conflict("the session is live here, and its totals are the server's own", live)
        if not await self._sessions.claim(session_id, owner, "external"):
            raise IdTaken(f"the id {session_id} is taken")
        await self._keep(external_document(session_id, owner, told, self._clock()))
        return await self._sessions.require(session_id)

    async def _keep(self, document: dict[str, Any]) -> None:
        """Credit the end, or keep it until its start tells whose it is."""
        if document["user_id"] is None:
            await self._sessions.keep_external(document)
            return
        kept = await self._sessions.get(document["_id"])
        if kept is not None and kept["status"] == "completed":
            # What was told first counts, also if it was told without a user.
            document = {**kept, "user_id": document["user_id"]}
        await self._credit(document)

    async def _credit(self, document: dict[str, Any]) -> None:
        await self._ledger.credit(document)
        await bring_up(self._derived, document["user_id"], milliseconds(document["ended_at"]))
