"""Customer sessions: one running visit a user, kept up by what they do in the chat."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.commands import Act, Complete
from domain.customer import KIND, Totals, Visit, visit_of
from domain.errors import AlreadyActive, NotFound, TooMany, Unavailable, WrongState
from domain.idempotency import new_id
from domain.rates import Rates
from domain.session import Session, fresh
from realtime.answers import Result
from realtime.completing import Completions
from realtime.engine import Engine
from realtime.own import OwnSessions
from realtime.registry import Registry
from realtime.starting import Starts
from realtime.views import document_view
from storage.mongo.catalogue import Position
from storage.mongo.queues import Queues
from storage.mongo.visits import Order, Visits, VisitsWanted, visit_from

NO_RATES: Final = Rates()
ATTEMPTS: Final = 3
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
        self._clock = clock
        self._limits = limits
        # Everybody without a token is one user with one visit: many at once is their usual case.
        self._queues = Queues(QUEUE_MAX)

    async def start(self, user_id: str, command_id: str | None = None) -> tuple[Session, bool]:
        """Begin a visit, or go on with the one that is running; whether it has just begun.

        Raises IdTaken for a key whose visit is long over, KeyReused.
        """
        session_id = new_id(user_id, KIND, command_id)
        async with self._queues.turn(user_id):
            for _ in range(ATTEMPTS):
                running = await self._own.active(user_id)
                if running is None or running.id == session_id:
                    try:
                        result = await self._begin(user_id, session_id, command_id)
                    except AlreadyActive:
                        continue  # Another tab was first, on another node.
                    return result.session, not result.repeated
                refreshed = await self._refresh(running)
                if refreshed is not None:
                    return refreshed, False
        raise Unavailable("too many changes at once; try again", retry_after_s=1)

    async def _begin(self, user_id: str, session_id: str, command_id: str | None) -> Result:
        known = await self._starts.known(user_id, session_id)
        await self._starts.admit(user_id, KIND, session_id, command_id)
        await self._starts.claim(session_id, user_id, known, command_id)
        session = fresh(
            self._clock(),
            id=session_id,
            kind=KIND,
            user_id=user_id,
            epoch=secrets.token_hex(8),
            rates=NO_RATES,
            max_ms=self._limits.max_ms,
            idle_ms=self._limits.idle_ms,
        )
        return await self._starts.start(session, command_id)

    async def _refresh(self, running: Session) -> Session | None:
        """Go on with a running visit; None if it has ended, or can only be ended."""
        try:
            return (await self._engine.execute(running.user_id, running.id, REFRESHED)).session
        except (WrongState, NotFound):
            return None
        except TooMany:
            # It has used up its changes, and must not keep its user out.
            await self._engine.execute(running.user_id, running.id, Complete())
            return None

    async def update(
        self, user_id: str, session_id: str, activity: Act, command_id: str | None = None
    ) -> Session:
        """Count an activity. Raises NotFound, WrongState once the visit has ended, KeyReused."""
        if not await self._own.is_live(user_id, session_id):
            raise self._over(await self._own.past(user_id, session_id))
        async with self._queues.turn(user_id):
            result = await self._engine.execute(
                user_id, session_id, activity, command_id=command_id
            )
        return result.session

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
        """A page of the user's visits; the first one begins with the running one besides."""
        running = await self.status(user_id)
        wanted = VisitsWanted(
            user_ids=(user_id,), statuses=COMPLETED, but=None if running is None else running.id
        )
        shown = [running] if running is not None and after is None else []
        past, following = await self._visits.page(wanted, Order(), limit=limit, after=after)
        totals = await self._visits.totals(wanted)
        return Past(
            visits=(*shown, *past),
            totals=totals if running is None else totals.plus(running),
            following=following,
        )

    async def cleanup(self, user_id: str | None) -> int:
        """End the visits whose time is over, of one user or (None) of all; how many it were.

        Deadlines do so anyway, so there is seldom anything left to do.
        """
        if user_id is None:
            found = [session for session in self._registry if session.kind == KIND]
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
