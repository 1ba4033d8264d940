"""The engine: the only thing that applies a rule to a live session.

Decide on a state, commit if nobody was first, else look again and decide anew.
There is no owner and no lock: the compare-and-set in the commit is the fence, so
any node may act on any session, and what it acknowledges is in Redis.
"""

import secrets
from collections.abc import Callable
from typing import Final

from domain.commands import Command, Outcome
from domain.errors import (
    AlreadyActive,
    Conflict,
    Contended,
    IdTaken,
    NotFound,
    SessionError,
)
from domain.session import Session, seen
from domain.transitions import begin, decide, expire, recover
from realtime.answers import CommandRequest, Result, StartRequest, answer_to, answered
from realtime.registry import Registry
from storage.redis.commits import (
    Commit,
    CommitResult,
    Committed,
    Refused,
    Repeated,
    SlotTaken,
)
from storage.redis.sessions import SessionStore

ATTEMPTS: Final = 5


class Engine:
    """Applies commands and deadlines. Everything raises Unavailable when Redis is away."""

    def __init__(self, store: SessionStore, registry: Registry, clock: Callable[[], int]) -> None:
        self._store = store
        self._registry = registry
        self._clock = clock
        self.commits = 0
        self.conflicts = 0

    async def start(self, session: Session, command_id: str | None = None) -> Result:
        """Begin a session that was put together for now.

        Raises AlreadyActive (with the running session), IdTaken, KeyReused.
        """
        request = StartRequest(session, command_id)
        for _ in range(ATTEMPTS):
            result = await self._begin(session, request)
            if result is not None:
                return result
        raise Contended

    async def _begin(self, session: Session, request: StartRequest) -> Result | None:
        """Begin once; None if the session in the way has ended by now."""
        reply = await self._commit(begin(session), 0, session.started_at, request)
        match reply:
            case Committed():
                self._registry.learn(session)
                return Result(session, "started", session.started_at)
            case Repeated(answer):
                return answered(answer, request.fingerprint)
            case SlotTaken(other_id):
                await self._clear_slot(session, other_id)
                return None
            case Refused(_, known):
                if known is None or known.user_id != session.user_id or known.terminal:
                    raise IdTaken(f"the id {session.id} is taken")
                raise _already_active(known)

    async def refuse_rival(
        self, user_id: str, kind: str, session_id: str, command_id: str | None
    ) -> None:
        """Raise AlreadyActive if the user's session of this kind is another one.

        A start that was answered before is left to its kept answer.
        """
        for other in await self._store.active_of(user_id):
            if other.kind != kind or other.id == session_id:
                continue
            if command_id and await self._store.answer(user_id, session_id, command_id):
                return
            await self._refuse_beside(other)

    async def _clear_slot(self, session: Session, other_id: str) -> None:
        """Make room for the session in its user's slot, if there may be. Raises AlreadyActive."""
        other = await self._store.load(session.user_id, other_id)
        if other is None:
            # What the slot points to was lost; it must not keep the user out for ever.
            await self._store.free(session.user_id, session.kind, other_id)
        else:
            await self._refuse_beside(other)

    async def _refuse_beside(self, other: Session) -> None:
        """Raise AlreadyActive, unless a deadline that has passed ends the other session."""
        newest = (await self.expire(other)).session
        if not newest.terminal:
            raise _already_active(newest)

    async def execute(
        self,
        user_id: str,
        session_id: str,
        command: Command,
        *,
        command_id: str | None = None,
        if_rev: int | None = None,
    ) -> Result:
        """Apply a command to the user's own session.

        Raises NotFound, Conflict for a stale `if_rev`, KeyReused, and what the rules raise;
        conflicts carry the present state.
        """
        request = CommandRequest(command, command_id, if_rev)
        session = self._registry.get(session_id)
        if session is None or session.user_id != user_id:
            session = await self._load(user_id, session_id)
        for _ in range(ATTEMPTS):
            result = await self._attempt(session, request)
            if isinstance(result, Result):
                return result
            session = result
        raise Contended

    async def _attempt(self, session: Session, request: CommandRequest) -> Result | Session:
        """Decide once; returns the result, or the newer state to decide on."""
        now = self._clock()
        passed = expire(session, now)
        if passed is not None:
            return await self._expire(session, passed, now)
        if session.terminal or request.is_stale(session):
            kept = await self._answered_before(session, request)
            instead = kept or await self._agreed(session, request)
            if instead is not session:
                return instead
        decided = await self._decide(session, request, now)
        if isinstance(decided, Result):
            return decided
        return await self._conclude(session, decided, now, request)

    async def _decide(
        self, session: Session, request: CommandRequest, now: int
    ) -> Outcome | Result:
        """Apply the rules; what they refuse may have been accepted before."""
        try:
            return decide(session, request.command, now)
        except SessionError as refused:
            kept = await self._answered_before(session, request)
            if kept is not None:
                return kept
            if isinstance(refused, Conflict):
                refused.state = session
            raise

    async def _conclude(
        self, session: Session, outcome: Outcome, now: int, request: CommandRequest
    ) -> Result | Session:
        if session.terminal:
            return Result(session, None, now)
        reply = await self._commit(outcome, session.rev, now, request)
        match reply:
            case Committed():
                self._registry.learn(outcome.session)
                event = outcome.event
                return Result(outcome.session, None if event is None else event.type, now)
            case Repeated(answer):
                return answered(answer, request.fingerprint)
            case Refused():
                return self._moved_on(session.id, reply.session)
            case SlotTaken():
                raise AssertionError(reply)

    async def _answered_before(self, session: Session, request: CommandRequest) -> Result | None:
        """The answer to the same command, if it was accepted before the state moved on."""
        if request.command_id is None:
            return None
        answer = await self._store.answer(session.user_id, session.id, request.command_id)
        return None if answer is None else answered(answer, request.fingerprint)

    async def _agreed(self, session: Session, request: CommandRequest) -> Session:
        """The state that `if_rev` speaks of, read anew if need be. Raises Conflict."""
        if not request.is_stale(session):
            return session
        newest = await self._load(session.user_id, session.id)
        if request.is_stale(newest):
            raise Conflict(f"the session is at rev {newest.rev}, not {request.if_rev}", newest)
        return newest

    async def expire(self, session: Session) -> Result:
        """End the session if its time has come; no event if it has not, or others were first.

        Raises NotFound.
        """
        known = self._registry.get(session.id)
        if known is not None and known.rev == session.rev:
            session = seen(session, known.last_seen_at)
        now = self._clock()
        passed = expire(session, now)
        if passed is None:
            return Result(session, None, now)
        after = await self._expire(session, passed, now)
        return Result(after, "completed" if after is passed.session else None, now)

    async def recover(self, session: Session, alive_at: int, bridged_ms: int) -> Session:
        """End the session as lost with the cluster, if it is; as `expire`."""
        now = self._clock()
        lost = recover(session, alive_at, bridged_ms, now)
        return session if lost is None else await self._expire(session, lost, now)

    async def _expire(self, session: Session, outcome: Outcome, now: int) -> Session:
        reply = await self._commit(outcome, session.rev, now, None, session.last_seen_at)
        match reply:
            case Committed():
                self._registry.learn(outcome.session)
                return outcome.session
            case Refused():
                return self._moved_on(session.id, reply.session)
            case _:
                raise AssertionError(reply)

    def _moved_on(self, session_id: str, newest: Session | None) -> Session:
        self.conflicts += 1
        if newest is None:
            self._registry.forget(session_id)
            raise NotFound("there is no such session")
        self._registry.learn(newest)
        return newest

    async def _commit(
        self,
        outcome: Outcome,
        expected_rev: int,
        now: int,
        request: CommandRequest | StartRequest | None,
        seen_guard: int | None = None,
    ) -> CommitResult:
        self.commits += 1
        return await self._store.commit(
            Commit(
                session=outcome.session,
                expected_rev=expected_rev,
                token=secrets.token_hex(6),
                now=now,
                event=outcome.event,
                command_id=request.command_id if request else None,
                answer=answer_to(outcome, now, request.fingerprint)
                if request and request.command_id
                else "",
                seen_guard=seen_guard,
            )
        )

    async def _load(self, user_id: str, session_id: str) -> Session:
        session = await self._store.load(user_id, session_id)
        if session is None:
            raise NotFound("there is no such session")
        self._registry.learn(session)
        return session


def _already_active(session: Session) -> AlreadyActive:
    return AlreadyActive(
        f"a session of kind {session.kind} is already active: {session.id}", session
    )
