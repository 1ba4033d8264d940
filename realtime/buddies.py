"""Buddy sessions: appointing, confirming, calling off, moving, notes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain import buddy
from domain.access import Caller
from domain.buddy import (
    BuddyChange,
    BuddyRule,
    BuddySession,
    Challenge,
    Match,
    Part,
    side_of,
)
from domain.buddy_views import buddy_view
from domain.errors import Conflict, Forbidden, Unprocessable
from realtime.announcing import Announcer
from storage.mongo.buddies import Buddies, Challenges, Matches
from storage.mongo.catalogue import Position

View = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A session to be made."""

    match_id: str
    user1_challenge_id: str
    user2_challenge_id: str
    venue_name: str
    scheduled_at: int


@dataclass(frozen=True, kw_only=True)
class BuddyParts:
    """What buddy sessions are served with."""

    buddies: Buddies
    challenges: Challenges
    matches: Matches
    announcer: Announcer


class BuddySessions:
    """What participants, services and operators do. Raises Unavailable while MongoDB is away."""

    def __init__(self, parts: BuddyParts, clock: Callable[[], int], *, window_ms: int) -> None:
        """`clock` is in ms; `window_ms` is how long after its time a session can be confirmed."""
        self._buddies = parts.buddies
        self._challenges = parts.challenges
        self._matches = parts.matches
        self._announcer = parts.announcer
        self._clock = clock
        self._window_ms = window_ms

    async def add_challenge(self, challenge: Challenge, digest: str) -> Challenge:
        """Add a challenge, once per id. Raises KeyReused."""
        return await self._challenges.create(challenge, digest)

    async def list_challenges(
        self, *, limit: int, after: Position | None
    ) -> tuple[list[Challenge], Position | None]:
        """A page of all challenges, newest first."""
        return await self._challenges.newest(limit=limit, after=after)

    async def add_match(self, match: Match, digest: str) -> Match:
        """Let two people meet, once per id. Raises KeyReused."""
        return await self._matches.create(match, digest)

    async def list_matches(
        self, user_id: str | None, *, limit: int, after: Position | None
    ) -> tuple[list[Match], Position | None]:
        """A page of all matches, or of somebody's, newest first."""
        return await self._matches.newest(user_id, limit=limit, after=after)

    async def schedule(
        self, caller: Caller, session_id: str, wanted: Appointment, digest: str
    ) -> tuple[View, bool]:
        """Appoint a session, once per id; whether it is new.

        Raises NotFound for a match that there is not, Forbidden for somebody else's,
        Unprocessable for challenges that there are not, RuleViolated for a time that is not
        ahead unless a trusted caller says so, and KeyReused.
        """
        now = self._clock()
        match = await self._matches.get(wanted.match_id)
        if not caller.is_service and caller.user_id not in match.users:
            raise Forbidden("Access denied: you take no part in this match.")
        # A repeat is answered also once its time is past.
        if not await self._buddies.exists(session_id):
            await self._require_challenges(wanted)
            if not caller.is_service:
                buddy.require_ahead(wanted.scheduled_at, now)
        session = BuddySession(
            id=session_id,
            match_id=match.id,
            user1=Part(user_id=match.user1_id, challenge_id=wanted.user1_challenge_id),
            user2=Part(user_id=match.user2_id, challenge_id=wanted.user2_challenge_id),
            venue_name=wanted.venue_name,
            scheduled_at=wanted.scheduled_at,
            window_ms=self._window_ms,
            created_at=now,
            changed_at=now,
        )
        session, fresh = await self._buddies.create(session, digest, caller.user_id)
        await self._tell(session)
        return await self._view(session), fresh

    async def _require_challenges(self, wanted: Appointment) -> None:
        told = {
            name: getattr(wanted, name) for name in ("user1_challenge_id", "user2_challenge_id")
        }
        known = await self._challenges.known([*told.values()])
        faults = {
            name: ["There is no such challenge."] for name, id_ in told.items() if id_ not in known
        }
        if faults:
            raise Unprocessable("A challenge does not exist.", faults)

    async def get(self, caller: Caller, session_id: str) -> View:
        """A session, to one of the two. Raises NotFound, Forbidden."""
        session = await self._buddies.get(session_id)
        side_of(session, caller.user_id)
        return await self._view(session)

    async def mine(
        self, user_id: str, status: str | None, *, limit: int, after: Position | None
    ) -> tuple[list[View], Position | None]:
        """A page of the user's sessions, the latest appointment first."""
        sessions, following = await self._buddies.of_user(user_id, status, limit=limit, after=after)
        people = await self._buddies.people(sessions)
        now = self._clock()
        return [buddy_view(session, people, now) for session in sessions], following

    async def confirm(
        self, caller: Caller, session_id: str, buddy_id: str | None, command_id: str | None
    ) -> BuddySession:
        """Say that the buddy has done their challenge. Raises as `domain.buddy.confirm`."""
        session = await self._buddies.get(session_id)
        side = side_of(session, caller.user_id)
        rule = buddy.confirm(side, buddy_id, command_id)
        return (await self._change(session, rule, caller)).session

    async def cancel(self, caller: Caller, session_id: str) -> View:
        """Call it off. Raises as `domain.buddy.cancel`, NotFound, Forbidden."""
        rule = buddy.cancel(trusted=caller.is_service)
        return await self._moved(caller, session_id, rule)

    async def reschedule(
        self, caller: Caller, session_id: str, at: int, venue_name: str | None
    ) -> View:
        """Appoint another time. Raises as `domain.buddy.reschedule`, NotFound, Forbidden."""
        rule = buddy.reschedule(at, venue_name, trusted=caller.is_service)
        return await self._moved(caller, session_id, rule)

    async def _moved(self, caller: Caller, session_id: str, rule: BuddyRule) -> View:
        session = await self._buddies.get(session_id)
        if not caller.is_service:
            side_of(session, caller.user_id)
        return await self._view((await self._change(session, rule, caller)).session)

    async def write_notes(
        self, caller: Caller, session_id: str, notes: str, if_rev: int | None
    ) -> BuddySession:
        """Replace the notes. Raises NotFound, Forbidden, and Conflict with the state as shown."""
        session = await self._buddies.get(session_id)
        side_of(session, caller.user_id)
        try:
            change = await self._change(session, buddy.write_notes(notes, if_rev), caller)
        except Conflict as conflict:
            if isinstance(conflict.state, BuddySession):
                conflict.state = await self._view(conflict.state)
            raise
        return change.session

    async def _change(self, session: BuddySession, rule: BuddyRule, caller: Caller) -> BuddyChange:
        change = await self._buddies.change(session.id, rule, caller.user_id)
        if change.events:
            await self._tell(change.session)
        return change

    async def _tell(self, session: BuddySession) -> None:
        await asyncio.gather(*(self._announcer.tell(user_id) for user_id in session.users))

    async def _view(self, session: BuddySession) -> View:
        return buddy_view(session, await self._buddies.people([session]), self._clock())
