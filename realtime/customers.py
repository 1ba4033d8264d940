"""Customer sessions: one running visit a user, kept up by what they do in the chat."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from domain.commands import Act, Complete
from domain.customer import KIND, Totals, Visit, visit_of
from domain.errors import AlreadyActive, Contended, NotFound, TooMany, WrongState
from domain.idempotency import new_id
from domain.rates import Rates
from domain.session import Session, fresh
from realtime.answers import CommandRequest, Result
from realtime.completing import Completions
from realtime.engine import Engine
from realtime.own import OwnSessions
from realtime.recent_visits import RecentVisits
from realtime.registry import Registry
from realtime.starting import Starts
from realtime.views import document_view
from storage.mongo.catalogue import Position
from storage.mongo.queues import Queues
from storage.mongo.visits import NEWEST, Visits, VisitsWanted, visit_from

NO_RATES: Final = Rates()
ATTEMPTS: Final = 4
PAUSE_MS: Final = 50
"""At most so long before another try, where several nodes change one visit at once."""
QUEUE_MAX: Final = 500
"""So many changes for one user wait on a node; more are told to come back."""
REFRESHED: Final = Act("session_refreshed")
COMPLETED: Final = ("completed",)
"""What the history of a user tells; who cancels a visit wants it not to count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLimits:
    """How long a customer session may go on, in ms."""

    max_ms: int
    idle_ms: int
    """Without activity."""


@dataclass(frozen=True, slots=True)
class Started:
    """A visit that has begun or goes on; `started_at` is in ms."""

    session_id: str
    started_at: int
    begun: bool = field(kw_only=True)
    """Whether by this request, or by the one that it repeats."""
    repeated: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A user's visits, newest first, and what all of them come to."""

    visits: tuple[Visit, ...]
    totals: Totals
    following: Position | None


@dataclass(frozen=True, kw_only=True)
class CustomerParts:
    """What customer sessions are served with."""

    engine: Engine
    own: OwnSessions
    starts: Starts
    completions: Completions
    visits: Visits
    registry: Registry


class CustomerSessions:
    """Starting, keeping up, ending and looking back. Raises Unavailable without Redis."""

    def __init__(
        self, parts: CustomerParts, clock: Callable[[], int], limits: CustomerLimits
    ) -> None:
        """`clock` is in ms."""
        self._engine = parts.engine
        self._own = parts.own
        self._starts = parts.starts
        self._completions = parts.completions
        self._visits = parts.visits
        self._registry = parts.registry
        self._recent = RecentVisits(parts.registry, parts.visits, clock)
        self._clock = clock
        self._limits = limits
        # Everybody without a token is one user with one visit: many at once is their usual case.
        self._queues = Queues(QUEUE_MAX)

    async def start(self, user_id: str, command_id: str | None = None) -> Started:
        """Begin a visit, or go on with the one that is running.

        A key stands for the visit that it began or went on with, also once that is over.
        Raises IdTaken for a key whose visit nobody remembers, Unavailable.
        """
        session_id = new_id(user_id, KIND, command_id)
        async with self._queues.turn(user_id):
            for _ in range(ATTEMPTS):
                started = await self._start(user_id, session_id, command_id)
                if started is not None:
                    return started
        raise Contended

    async def _start(self, user_id: str, session_id: str, command_id: str | None) -> Started | None:
        """Begin or go on, once; None if another tab was first, or the other visit has ended."""
        bound = await self._starts.bound(user_id, command_id)
        if bound is not None:
            known = await self._remembered(user_id, bound, begun=bound == session_id)
            if known is not None:
                return known
        running = await self._own.active(user_id)
        if running is None or running.id == session_id:
            return await self._begin(user_id, session_id, command_id)
        refreshed = await self._refresh(running)
        if refreshed is not None and command_id is not None:
            # Only now: a key must not stand for what had ended by the time it was to go on.
            await self._starts.go_on(user_id, command_id, running.id, instead_of=session_id)
        return refreshed

    async def _remembered(self, user_id: str, session_id: str, *, begun: bool) -> Started | None:
        """The visit that a key stands for, whatever has become of it; None if it never began."""
        known = await self._starts.known(user_id, session_id)
        if known is not None:
            return Started(known.id, known.started_at, begun=begun, repeated=True)
        try:
            past = visit_from(await self._own.past(user_id, session_id))
        except NotFound:
            return None
        return Started(past.id, past.started_at, begun=begun, repeated=True)

    async def _begin(self, user_id: str, session_id: str, command_id: str | None) -> Started | None:
        """Begin a visit that nobody remembers; None if another one has begun meanwhile."""
        try:
            await self._starts.admit(user_id, KIND, session_id, command_id)
            await self._starts.claim(session_id, user_id, None, command_id)
            result = await self._starts.start(self._fresh(user_id, session_id), command_id)
        except AlreadyActive:
            return None
        begun = result.session
        return Started(begun.id, begun.started_at, begun=True, repeated=result.repeated)

    def _fresh(self, user_id: str, session_id: str) -> Session:
        return fresh(
            self._clock(),
            id=session_id,
            kind=KIND,
            user_id=user_id,
            epoch=secrets.token_hex(8),
            rates=NO_RATES,
            max_ms=self._limits.max_ms,
            idle_ms=self._limits.idle_ms,
        )

    async def _refresh(self, running: Session) -> Started | None:
        """Go on with a running visit; None if it has ended meanwhile."""
        try:
            await self._insist(running.user_id, running.id, CommandRequest(REFRESHED, None, None))
        except (WrongState, NotFound):
            return None
        return Started(running.id, running.started_at, begun=False)

    async def update(
        self, user_id: str, session_id: str, activity: Act, command_id: str | None = None
    ) -> Session:
        """Count an activity. Raises NotFound, WrongState once the visit has ended, KeyReused."""
        if not await self._own.is_live(user_id, session_id):
            raise self._over(await self._own.past(user_id, session_id))
        request = CommandRequest(activity, command_id, None)
        return (await self.act(user_id, session_id, request)).session

    async def act(self, user_id: str, session_id: str, request: CommandRequest) -> Result:
        """Apply an activity to a session that Redis has.

        Raises as `Engine.execute`, and WrongState for a session that took as many keys as it can.
        """
        async with self._queues.turn(user_id):
            try:
                return await self._insist(user_id, session_id, request)
            except TooMany:
                # It remembers as many keys as it can; whoever starts anew is counted again.
                ended = await self._engine.execute(user_id, session_id, Complete())
                raise WrongState("the session took as many keys as it can", ended.session) from None

    async def _insist(self, user_id: str, session_id: str, request: CommandRequest) -> Result:
        """Apply an activity, also while other nodes apply others to the same visit."""
        for _ in range(ATTEMPTS):
            try:
                return await self._engine.execute(
                    user_id,
                    session_id,
                    request.command,
                    command_id=request.command_id,
                    if_rev=request.if_rev,
                )
            except Contended:
                await asyncio.sleep(secrets.randbelow(PAUSE_MS) / 1000)
        raise Contended

    async def end(
        self, user_id: str, session_id: str, command_id: str | None = None
    ) -> tuple[Visit, bool]:
        """End the visit; one that has ended already is told as it ended.

        Also tells whether MongoDB has it. Raises NotFound, WrongState for one that was
        canceled or voided.
        """
        if not await self._own.is_live(user_id, session_id):
            document = await self._own.past(user_id, session_id)
            if document["status"] != "completed":
                raise self._over(document)
            return visit_from(document), True
        result, persisted = await self._completions.complete(
            user_id, session_id, {}, command_id=command_id
        )
        return visit_of(result.session, result.now), persisted

    async def status(self, user_id: str) -> Visit | None:
        """The visit that is running, as of now."""
        session = await self._own.active(user_id)
        return None if session is None else visit_of(session, self._clock())

    async def history(self, user_id: str, *, limit: int, after: Position | None) -> Past:
        """A page of the user's visits; the first one begins with what is new besides."""
        new = await self._new(user_id)
        known = [visit.id for visit in new]
        wanted = VisitsWanted(user_ids=(user_id,), statuses=COMPLETED, but=known)
        past, following = await self._visits.page(wanted, NEWEST, limit=limit, after=after)
        totals = await self._visits.totals(wanted)
        for visit in new:
            totals = totals.plus(visit)
        shown = new if after is None else []
        return Past(visits=(*shown, *past), totals=totals, following=following)

    async def _new(self, user_id: str) -> list[Visit]:
        """What is not in MongoDB: the running visit, and such as have only just ended."""
        running = await self.status(user_id)
        recent = [visit for visit in await self._recent.list(user_id) if visit.status in COMPLETED]
        return [*([] if running is None else [running]), *NEWEST.sorted(recent)]

    async def cleanup(self, user_id: str | None) -> int:
        """End the visits whose time is over, of one user or (None) of all; how many it were.

        Deadlines do so anyway, so there is seldom anything left to do.
        """
        if user_id is None:
            found = self._registry.of_kind(KIND)
        else:
            running = await self._own.running(user_id)
            found = [] if running is None else [running]
        ended = 0
        for session in found:
            try:
                ended += (await self._engine.expire(session)).event is not None
            except NotFound:
                continue  # It has faded meanwhile.
        return ended

    def _over(self, document: Mapping[str, Any]) -> WrongState:
        view = document_view(document, self._clock())
        return WrongState(f"the session is {document['status']}", view)
