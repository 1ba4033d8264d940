"""Focus sessions: what has to be true before one starts, and what becomes of its rating."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from domain.commands import Cancel, Command
from domain.errors import (
    AlreadyActive,
    SessionRunning,
    Unavailable,
    WrongState,
)
from domain.idempotency import derived_id
from domain.instants import MINUTE_MS
from domain.program_rules import require_open
from domain.rates import Rates
from domain.session import Session, fresh, progress
from domain.text import refused
from realtime.answers import Result
from realtime.completing import Completions
from realtime.engine import Engine
from realtime.own import OwnSessions
from realtime.programs import FocusPrograms
from realtime.settling import Settlements
from realtime.starting import Starts
from realtime.views import document_view, session_view
from storage.mongo.client import milliseconds
from storage.mongo.sessions import Sessions

KIND: Final = "focus"
NO_RATES: Final = Rates()
"""A second is paid once: what runs beside an XP session earns none of its own."""
UNPLACED: Final = ("pomodoro", "custom")
"""Types of sessions outside any program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartFocus:
    """A request to start a focus session; on a day of a program, or outside any."""

    duration_minutes: int
    session_type: str
    enrollment_id: int | None = None
    day_number: int | None = None
    task_description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A completed session, as its user is told; `ended_at` is in ms."""

    session_id: str
    active_ms: int
    ended_at: int
    persisted: bool


@dataclass(frozen=True, kw_only=True)
class FocusParts:
    """What focus sessions are served with."""

    engine: Engine
    own: OwnSessions
    starts: Starts
    completions: Completions
    sessions: Sessions
    settlements: Settlements
    programs: FocusPrograms


class FocusSessions:
    """Starting, commanding and completing focus sessions. Raises Unavailable without Redis."""

    def __init__(
        self, parts: FocusParts, clock: Callable[[], int], *, max_ms: int, wait_s: float
    ) -> None:
        """`max_ms` is the hard limit of a session, `wait_s` the wait for one to be settled."""
        self._engine = parts.engine
        self._own = parts.own
        self._starts = parts.starts
        self._completions = parts.completions
        self._sessions = parts.sessions
        self._settlements = parts.settlements
        self._programs = parts.programs
        self._clock = clock
        self._max_ms = max_ms
        self._wait_s = wait_s

    async def start(
        self, user_id: str, request: StartFocus, command_id: str | None = None
    ) -> Result:
        """Start a session of the user.

        Raises NotFound, WrongState and Forbidden for a day that takes none, SessionRunning,
        InvalidInput, KeyReused.
        """
        if request.duration_minutes * MINUTE_MS > self._max_ms:
            limit = self._max_ms // MINUTE_MS
            raise refused("duration_minutes", f"At most {limit}.")
        session_id = self._new_id(user_id, command_id)
        known = await self._starts.known(user_id, session_id)
        # A repeat gets its first answer, whatever has become of the program.
        program_id = (
            known.context.get("program_id") if known else await self._program(user_id, request)
        )
        context = _context(request, program_id)
        try:
            await self._starts.admit(user_id, KIND, session_id, command_id)
            await self._starts.claim(session_id, user_id, known, command_id)
            session = self._fresh(session_id, user_id, request, context)
            return await self._starts.start(session, command_id)
        except AlreadyActive as rival:
            state = rival.state
            shown = session_view(state, self._clock()) if isinstance(state, Session) else None
            raise SessionRunning("User already has an active session", state=shown) from rival

    def _new_id(self, user_id: str, command_id: str | None) -> str:
        """24 hexadecimal digits, as an ObjectId has; the same ones for the same key."""
        if command_id is not None:
            return derived_id(user_id, "focus", command_id).replace("-", "")[:24]
        return f"{self._clock() // 1000:08x}{secrets.token_hex(8)}"

    async def _program(self, user_id: str, request: StartFocus) -> int | None:
        """The program that the session is for, if its day takes one."""
        if request.enrollment_id is None or request.day_number is None:
            return None
        enrollment = await self._programs.usable(user_id, request.enrollment_id)
        self._programs.require_day(enrollment, request.day_number)
        require_open(enrollment, request.day_number)
        return enrollment.program_id

    def _fresh(
        self,
        session_id: str,
        user_id: str,
        request: StartFocus,
        context: Mapping[str, str | int | None],
    ) -> Session:
        now = self._clock()
        return fresh(
            now,
            id=session_id,
            kind=KIND,
            user_id=user_id,
            epoch=secrets.token_hex(8),
            rates=NO_RATES,
            planned_ms=request.duration_minutes * MINUTE_MS,
            max_ms=self._max_ms,
            context=context,
        )

    async def active(self, user_id: str) -> Session | None:
        """The user's running or paused focus session."""
        return await self._own.active(user_id)

    async def command(
        self, user_id: str, session_id: str, command: Command, command_id: str | None = None
    ) -> int:
        """Apply a command; returns how many distractions the session has had.

        What is canceled can be canceled again. Raises NotFound, and WrongState for anything
        else once the session has ended.
        """
        if await self._own.is_live(user_id, session_id):
            result = await self._engine.execute(user_id, session_id, command, command_id=command_id)
            return result.session.distraction_count
        document = await self._own.past(user_id, session_id)
        if not (isinstance(command, Cancel) and document["status"] == "canceled"):
            raise self._over(document)
        return int(document["distraction_count"])

    async def complete(
        self,
        user_id: str,
        session_id: str,
        rating: Mapping[str, str | int],
        command_id: str | None = None,
    ) -> Ended:
        """Complete the session, or attach the rating to one that has completed already.

        Raises NotFound, and WrongState for one that was canceled or voided.
        """
        if not await self._own.is_live(user_id, session_id):
            return await self._rate_past(user_id, session_id, rating)
        result, persisted = await self._completions.complete(
            user_id, session_id, rating, command_id=command_id
        )
        session = result.session
        if result.event is None and rating:
            await self._attach(user_id, session_id, rating)
        assert session.ended_at is not None
        active_ms = progress(session, session.ended_at).elapsed_ms
        return Ended(
            session_id=session_id,
            active_ms=active_ms,
            ended_at=session.ended_at,
            persisted=persisted,
        )

    async def _rate_past(
        self, user_id: str, session_id: str, rating: Mapping[str, str | int]
    ) -> Ended:
        document = await self._own.past(user_id, session_id)
        if document["status"] != "completed":
            raise self._over(document)
        if rating:
            await self._sessions.rate(session_id, user_id, rating)
        return Ended(
            session_id=session_id,
            active_ms=document["active_ms"],
            ended_at=milliseconds(document["ended_at"]),
            persisted=True,
        )

    async def _attach(self, user_id: str, session_id: str, rating: Mapping[str, str | int]) -> None:
        """Keep the rating of a session that ended by itself, once MongoDB has it."""
        with self._settlements.watch(session_id) as settled:
            if await self._sessions.rate(session_id, user_id, rating):
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(settled.wait(), self._wait_s)
        if await self._sessions.rate(session_id, user_id, rating):
            return
        document = await self._sessions.get(session_id, user_id)
        if document is not None:
            raise self._over(document)
        raise Unavailable("the session has not been settled yet; try again shortly")

    def _over(self, document: Mapping[str, Any]) -> WrongState:
        view = document_view(document, self._clock())
        return WrongState(f"the session is {document['status']}", view)


def _context(request: StartFocus, program_id: str | int | None) -> dict[str, str | int | None]:
    told: dict[str, str | int | None] = {
        "session_type": request.session_type,
        "enrollment_id": request.enrollment_id,
        "program_id": program_id,
        "day_number": request.day_number,
        "task_description": request.task_description,
    }
    return {name: value for name, value in told.items() if value is not None}
