"""XP sessions: what has to be true before one starts, and whose totals count."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from domain.access import Caller
from domain.catalogue import Activity, Goal
from domain.commands import Cancel, Command
from domain.errors import Forbidden, InvalidInput, NotFound, WrongState
from domain.idempotency import new_id
from domain.rates import Rates
from domain.rating import Rating, Subject
from domain.session import Session, fresh
from realtime.answers import Result
from realtime.completing import Completions
from realtime.rating import Rater
from realtime.starting import Starts
from realtime.views import View, document_view
from storage.mongo.activities import Activities
from storage.mongo.goals import Goals
from storage.mongo.sessions import Sessions

Terms = tuple[Rates, str | int | None]
"""What a session earns, and the engine that said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """How long a session may go on."""

    max_ms: int
    abandon_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StartXp:
    """A request to start an XP session."""

    goal_id: str
    activity_id: str
    session_id: str | None = None
    started_at: int | None = None
    """When the client believes it began; kept, and worth nothing."""
    planned_ms: int | None = None
    device_platform: str | None = None


@dataclass(frozen=True, kw_only=True)
class XpParts:
    """What XP sessions are served with."""

    starts: Starts
    completions: Completions
    goals: Goals
    activities: Activities
    sessions: Sessions
    rater: Rater


class XpSessions:
    """Starting and completing XP sessions."""

    def __init__(self, parts: XpParts, clock: Callable[[], int], limits: SessionLimits) -> None:
        self._starts = parts.starts
        self._completions = parts.completions
        self._goals = parts.goals
        self._activities = parts.activities
        self._sessions = parts.sessions
        self._rater = parts.rater
        self._clock = clock
        self._limits = limits

    async def rates(self, user_id: str, goal_id: str, activity_id: str) -> Rating:
        """What a session of this goal and activity would earn, and why. Raises InvalidInput."""
        subject = await self._subject(user_id, goal_id, activity_id)
        return await self._rater.rate(subject, user_id)

    async def _subject(self, user_id: str, goal_id: str, activity_id: str) -> Subject:
        activity = goal = None
        unknown = {}
        try:
            activity = await self._activities.get(activity_id, user_id)
        except NotFound:
            unknown["activity_id"] = ["There is no such activity."]
        try:
            goal = await self._goals.get(goal_id, user_id)
        except NotFound:
            unknown["goal_id"] = ["There is no such goal."]
        if activity is None or goal is None:
            raise InvalidInput("the goal or the activity does not exist", unknown)
        _refuse_archived(goal, activity)
        return Subject(
            activity=activity.name,
            activity_category=activity.category,
            goal=goal.title,
            goal_category=goal.category.name,
            fixed=activity.rates,
        )

    async def start(
        self, caller: Caller, request: StartXp, command_id: str | None = None
    ) -> Result:
        """Start a live session of the caller; the server's clock and rates apply.

        Raises InvalidInput, IdTaken, AlreadyActive, KeyReused, Unavailable.
        """
        session_id = request.session_id or new_id(caller.user_id, "sessions", command_id)
        # A repeat earns what its first try earns, whatever has become of goal and activity.
        known = await self._starts.known(caller.user_id, session_id)
        about = known or await self._subject(caller.user_id, request.goal_id, request.activity_id)
        await self._starts.admit(caller.user_id, "xp", session_id, command_id)
        terms = await self._terms(about, caller.user_id)
        await self._starts.claim(session_id, caller.user_id, known, command_id)
        session = self._fresh(session_id, caller.user_id, terms, request)
        return await self._starts.start(session, command_id)

    async def _terms(self, about: Session | Subject, user_id: str) -> Terms:
        if isinstance(about, Session):
            return about.rates, about.context.get("rate_engine")
        rating = await self._rater.rate(about, user_id)
        return rating.rates, rating.engine

    def _fresh(self, session_id: str, user_id: str, terms: Terms, request: StartXp) -> Session:
        now, (rates, engine) = self._clock(), terms
        context: dict[str, str | int | None] = {
            "goal_id": request.goal_id,
            "activity_id": request.activity_id,
            "rate_engine": engine,
        }
        if request.device_platform is not None:
            context["device_platform"] = request.device_platform
        if request.started_at is not None:
            context["claimed_started_at"] = request.started_at
        return fresh(
            now,
            id=session_id,
            kind="xp",
            user_id=user_id,
            epoch=secrets.token_hex(8),
            rates=rates,
            planned_ms=request.planned_ms,
            max_ms=self._limits.max_ms,
            abandon_ms=self._limits.abandon_ms,
            context=context,
        )

    async def complete(
        self,
        caller: Caller,
        session_id: str,
        *,
        command_id: str | None = None,
        if_rev: int | None = None,
        device_platform: str | None = None,
    ) -> tuple[Result, bool]:
        """Complete the caller's live session, as `Completions.complete`."""
        context = {} if device_platform is None else {"device_platform": device_platform}
        return await self._completions.complete(
            caller.user_id, session_id, context, command_id=command_id, if_rev=if_rev
        )

    async def past(self, user_id: str, session_id: str) -> View:
        """The user's completed session as the history shows it.

        Raises NotFound, and WrongState for one that was canceled or that runs elsewhere.
        """
        return await self._past(user_id, session_id, "completed")

    async def commanded(self, user_id: str, session_id: str, command: Command) -> View:
        """Answer a command on a session that MongoDB alone holds.

        What is canceled can be canceled again. Raises NotFound, and WrongState for the rest.
        """
        return await self._past(
            user_id, session_id, "canceled" if isinstance(command, Cancel) else None
        )

    async def _past(self, user_id: str, session_id: str, wanted: str | None) -> View:
        document = await self._sessions.require(session_id, user_id)
        view, status = document_view(document, self._clock()), document["status"]
        if status == "active":
            raise WrongState("the session runs in an external store, which has to end it", view)
        if status != wanted:
            raise WrongState(f"the session is {status}; nothing can change it any more", view)
        return view


def _refuse_archived(goal: Goal, activity: Activity) -> None:
    archived = {}
    if activity.archived:
        archived["activity_id"] = ["This activity is archived."]
    if goal.archived:
        archived["goal_id"] = ["This goal is archived."]
    if archived:
        raise InvalidInput("the goal or the activity is archived", archived)


def require_own(caller: Caller, user_id: str | None) -> None:
    """Refuse a request that speaks for somebody else."""
    if user_id is not None and user_id != caller.user_id:
        raise Forbidden("user_id must be your own")
