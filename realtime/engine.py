"""The engine: the only thing that applies a rule to a live session.

Decide on a state, commit if nobody was first, else look again and decide anew.
There is no owner and no lock: the compare-and-set in the commit is the fence, so
any node may act on any session, and what it acknowledges is in Redis.
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final

from domain.commands import (
    Act,
    Blur,
    Cancel,
    Command,
    Complete,
    Distract,
    Event,
    Focus,
    Outcome,
    PauseCommand,
    Resume,
    Touch,
    begin,
    decide,
    expire,
    recover,
)
from domain.errors import AlreadyActive, Conflict, IdTaken, KeyReused, NotFound, Unavailable
from domain.session import Session, seen
from realtime.registry import Registry
from storage.redis.codec import compact, session_fields, session_from
from storage.redis.sessions import (
    Commit,
    Committed,
    Refused,
    Repeated,
    SessionStore,
    SlotTaken,
)

ATTEMPTS: Final = 5

NAMES: Final[dict[type[Command], str]] = {
    PauseCommand: "pause",
    Resume: "resume",
    Focus: "focus",
    Blur: "blur",
    Distract: "distraction",
    Act: "activity",
    Complete: "complete",
    Cancel: "cancel",
    Touch: "touch",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a command: the state after it, and when that was."""

    session: Session
    event: str | None
    """The type of the event it caused; None when it changed nothing."""
    now: int
    repeated: bool = False
    """Whether this is the kept answer to an earlier command of the same id."""


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
        fingerprint = _fingerprint("start", dict(session.context))
        outcome = begin(session)
        reply = await self._commit(outcome, 0, session.started_at, command_id, fingerprint)
        match reply:
            case Committed():
                self._registry.learn(session)
                return Result(session, "started", session.started_at)
            case Repeated(answer):
                return _answered(answer, fingerprint)
            case SlotTaken(other_id):
                other = await self._store.load(session.user_id, other_id)
                raise AlreadyActive(
                    f"a session of kind {session.kind} is already active: {other_id}", other
                )
            case Refused():
                raise IdTaken(f"the id {session.id} is taken")

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
        fingerprint = _fingerprint(
            NAMES[type(command)], {f.name: getattr(command, f.name) for f in fields(command)}
        )
        session = self._registry.get(session_id)
        if session is None or session.user_id != user_id:
            session = await self._load(user_id, session_id)
        for _ in range(ATTEMPTS):
            result = await self._attempt(session, command, command_id, if_rev, fingerprint)
            if isinstance(result, Result):
                return result
            if result is None:
                raise NotFound("there is no such session")
            session = result
        raise Unavailable("too many changes at once; try again", retry_after_s=1)

    async def _attempt(
        self,
        session: Session,
        command: Command,
        command_id: str | None,
        if_rev: int | None,
        fingerprint: str,
    ) -> Result | Session | None:
        """Decide once; returns the result, or the newer state to decide on (None: it is gone)."""
        now = self._clock()
        if command_id is not None and (session.terminal or if_rev not in (None, session.rev)):
            # Before refusing, see whether it is the repeat of a command that was accepted.
            answer = await self._store.answer(session.user_id, session.id, command_id)
            if answer is not None:
                return _answered(answer, fingerprint)
        passed = expire(session, now)
        if passed is not None:
            return await self._expire(session, passed, now)
        if if_rev is not None and if_rev != session.rev:
            newest = await self._load(session.user_id, session.id)
            if newest.rev == session.rev:
                raise Conflict(f"the session is at rev {newest.rev}, not {if_rev}", newest)
            return newest
        try:
            outcome = decide(session, command, now)
        except Conflict as refused:
            refused.state = session
            raise
        if session.terminal or (outcome.event is None and isinstance(command, Touch)):
            self._registry.see(outcome.session)
            return Result(outcome.session, None, now)
        reply = await self._commit(outcome, session.rev, now, command_id, fingerprint)
        match reply:
            case Committed():
                self._registry.learn(outcome.session)
                return Result(outcome.session, outcome.event and outcome.event.type, now)
            case Repeated(answer):
                return _answered(answer, fingerprint)
            case Refused(_, newest):
                return self._moved_on(session.id, newest)
            case SlotTaken():
                raise AssertionError(reply)

    async def expire(self, session: Session) -> Session | None:
        """End the session if its time has come; the state after it, None if it is gone."""
        known = self._registry.get(session.id)
        if known is not None and known.rev == session.rev:
            session = seen(session, known.last_seen_at)
        now = self._clock()
        passed = expire(session, now)
        if passed is None:
            return session
        return await self._expire(session, passed, now)

    async def recover(self, session: Session, alive_at: int) -> Session | None:
        """End the session as lost with the cluster, if it is; the state after it."""
        now = self._clock()
        lost = recover(session, alive_at, now)
        if lost is None:
            return session
        return await self._expire(session, lost, now)

    async def _expire(self, session: Session, outcome: Outcome, now: int) -> Session | None:
        reply = await self._commit(
            outcome, session.rev, now, None, "", seen_guard=session.last_seen_at
        )
        match reply:
            case Committed():
                self._registry.learn(outcome.session)
                return outcome.session
            case Refused(_, newest):
                return self._moved_on(session.id, newest)
            case _:
                raise AssertionError(reply)

    def _moved_on(self, session_id: str, newest: Session | None) -> Session | None:
        self.conflicts += 1
        if newest is None:
            self._registry.forget(session_id)
        else:
            self._registry.learn(newest)
        return newest

    async def _commit(
        self,
        outcome: Outcome,
        expected_rev: int,
        now: int,
        command_id: str | None,
        fingerprint: str,
        seen_guard: int | None = None,
    ) -> Committed | Repeated | Refused | SlotTaken:
        self.commits += 1
        answer = "" if command_id is None else _answer(outcome, now, fingerprint)
        return await self._store.commit(
            Commit(
                session=outcome.session,
                expected_rev=expected_rev,
                token=secrets.token_hex(6),
                now=now,
                event=outcome.event,
                command_id=command_id,
                answer=answer,
                seen_guard=seen_guard,
            )
        )

    async def _load(self, user_id: str, session_id: str) -> Session:
        session = await self._store.load(user_id, session_id)
        if session is None:
            raise NotFound("there is no such session")
        self._registry.learn(session)
        return session


def _fingerprint(name: str, arguments: dict[str, Any]) -> str:
    body = json.dumps([name, arguments], sort_keys=True, default=dict)
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def _answer(outcome: Outcome, now: int, fingerprint: str) -> str:
    event: Event | None = outcome.event
    return compact(
        {
            "fingerprint": fingerprint,
            "now": now,
            "event": event and event.type,
            "state": session_fields(outcome.session),
        }
    )


def _answered(answer: str, fingerprint: str) -> Result:
    kept = json.loads(answer)
    if kept["fingerprint"] != fingerprint:
        raise KeyReused("this command id was used for another command")
    return Result(session_from(kept["state"]), kept["event"], kept["now"], repeated=True)
