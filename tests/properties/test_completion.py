"""Completion, whatever comes in between: each session is in the books exactly once.

Real stores. A plan is drawn: which sessions are delivered or voided, by which of two
writers, in which order and how often, and at which step each try dies. Whatever the plan,
once the rest has been delivered the books hold one entry of each session, one more of each
that was voided, and everything that is summed from them agrees.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings as options, strategies as st

from config.settings import Settings
from domain.booking import void_id
from domain.commands import Blur, Complete, Focus
from domain.errors import NotFound, Unavailable
from domain.program_rules import reflect, start, update_task
from domain.rates import Rates
from domain.session import Session, progress
from realtime.settling import OutboxWriter, Settlements
from realtime.voiding import Voiding
from storage.mongo.audit import Audit
from storage.mongo.awards import Awards
from storage.mongo.client import Mongo
from storage.mongo.enrollments import Enrollments
from storage.mongo.indexes import ensure_indexes
from storage.mongo.program_changes import ProgramBook
from storage.mongo.program_records import program_from
from storage.mongo.program_seeds import content_document, put_content
from storage.mongo.sessions import Sessions
from storage.mongo.settle import Ledger
from storage.redis.finished import FinishedSessions
from storage.redis.keys import Keys
from storage.redis.outbox import Entry, Outbox
from tests.engines import Side, begun, side, until
from tests.fakes import DrivenClock
from tests.settlers import Boards

COUNT: Final = 3
FOCUS: Final = 1
"""Which of the sessions is one of a focus program."""
DAY_MS: Final = 86_400_000
STEPS: Final = ("before", "inside", "booked", "refreshed", "let go")


class Crash(BaseException):
    """The process is gone; nothing may catch this."""


@dataclass(frozen=True)
class Try:
    """One attempt to get a session into the books, or back out of them."""

    session: int
    voids: bool
    writer: int
    dies: str | None
    together: bool
    """Whether the other writer tries the same at the same time."""


DAY: Final = {
    "day_number": 1,
    "title": "Day 1: Begin",
    "description": "A minute.",
    "focus_duration": 1,
    "tasks": ["Sit down"],
    "tips": [],
    "reflection_prompts": [],
}
PROGRAM: Final = content_document(
    1001,
    "somebody",
    {
        "program_type": "custom",
        "name": "Short",
        "description": "Two days of a minute.",
        "objectives": [],
        "is_pro_only": False,
        "icon": "🎯",
        "color": "#3B82F6",
        "cover_image_url": None,
        "days": [DAY, {**DAY, "day_number": 2}],
    },
)
TRIES: Final = st.builds(
    Try,
    session=st.integers(0, COUNT - 1),
    voids=st.booleans(),
    writer=st.integers(0, 1),
    dies=st.sampled_from([None, None, *STEPS]),
    together=st.booleans(),
)


@dataclass
class Killer:
    """Ends a process at the step that the plan names, and notes what it got done."""

    at: str | None = None
    ids: dict[tuple[str, int], str] = field(default_factory=dict)
    """Sessions by their user and their end, ms."""
    journal: list[tuple[str, str]] = field(default_factory=list)
    """Bookings and refreshes, in order, with the session they were about."""

    def reach(self, step: str) -> None:
        if self.at == step:
            raise Crash(step)


class MortalLedger(Ledger):
    """A ledger whose process may die before, during or after its transaction."""

    def __init__(self, mongo: Mongo, clock: DrivenClock, killer: Killer) -> None:
        super().__init__(mongo, clock)
        self.killer = killer

    async def settle(self, session: Session, events: Any = ()) -> bool:
        return await self._mortal(super().settle(session, events), session.id)

    async def void(self, session_id: str, user_id: str) -> bool:
        return await self._mortal(super().void(session_id, user_id), session_id)

    async def _mortal(self, booking: Coroutine[Any, Any, bool], session_id: str) -> bool:
        try:
            self.killer.reach("before")
        except Crash:
            booking.close()
            raise
        fresh = await booking
        if fresh:
            self.killer.journal.append(("booked", session_id))
        self.killer.reach("booked")
        return fresh

    async def _book(self, *arguments: Any) -> None:
        await super()._book(*arguments)
        self.killer.reach("inside")

    async def _undo(self, *arguments: Any) -> None:
        await super()._undo(*arguments)
        self.killer.reach("inside")


class MortalOutbox(Outbox):
    """An outbox whose process may die once an entry is off."""

    killer: Killer

    async def settle(self, *arguments: Any) -> None:
        await super().settle(*arguments)
        self.killer.reach("let go")


class MortalBoards(Boards):
    """Leaderboards whose process may die once they are refreshed."""

    def __init__(self, killer: Killer) -> None:
        super().__init__()
        self.killer = killer

    async def refresh(self, user_id: str, at_ms: int) -> None:
        await super().refresh(user_id, at_ms)
        self.killer.journal.append(("refreshed", self.killer.ids[user_id, at_ms]))
        self.killer.reach("refreshed")


ENDINGS: Final = (Crash, Unavailable, NotFound)
"""How a try may end that is not done; what counts is how the stores look afterwards."""


def causes(outcome: BaseException | None) -> list[BaseException]:
    """The exceptions in an outcome, out of their groups."""
    if isinstance(outcome, BaseExceptionGroup):
        return [cause for inner in outcome.exceptions for cause in causes(inner)]
    return [] if outcome is None else [outcome]


class World:
    """Two writers on real stores, and sessions for them to settle."""

    def __init__(self, one: Side, keys: Keys, mongo: Mongo, clock: DrivenClock) -> None:
        self.one, self.mongo, self.clock = one, mongo, clock
        self.killer = Killer()
        self.boards = MortalBoards(self.killer)
        self.made = 0
        self.book = ProgramBook(mongo, timeout_s=5)
        outbox = MortalOutbox(one.redis, one.redis, keys, finished_ttl_ms=3_600_000)
        ledger = MortalLedger(mongo, clock, self.killer)
        outbox.killer = self.killer
        self.writers = [
            OutboxWriter(
                outbox,
                one.store,
                ledger,
                self.boards,
                clock,
                announcer=self.boards,
                attempts=99,
                claim_idle_ms=0,
            )
            for _ in range(2)
        ]
        self.voiding = Voiding(
            announcer=self.boards,
            store=one.store,
            finished=FinishedSessions(one.redis, keys),
            sessions=Sessions(mongo.db, clock),
            ledger=ledger,
            settlements=Settlements(),
            derived=self.boards,
            clock=clock,
            wait_s=0,
        )

    async def ended(self) -> list[Session]:
        """Sessions of one new user that have all ended within minutes, one of them at midnight."""
        self.made += 1
        self.clock.advance(DAY_MS - self.clock() % DAY_MS - COUNT * 75_000)
        made = []
        for n in range(COUNT):
            user, name = f"u-{self.made}", f"s-{self.made}-{n}"
            kind = await self._on_a_day(user) if n == FOCUS else {}
            await self.one.engine.start(begun(self.clock(), id=name, user_id=user, **kind))
            for command in (Blur(), Focus()):
                self.clock.advance(50_000 + n)
                await self.one.engine.execute(user, name, command)
            self.clock.advance(50_000 + n)
            session = (await self.one.engine.execute(user, name, Complete())).session
            assert session.ended_at is not None
            self.killer.ids[user, session.ended_at] = name
            made.append(session)
        return made

    async def _on_a_day(self, user: str) -> dict[str, Any]:
        """What makes a session one of the first day of a program, where only focus is missing."""
        program, now = program_from(PROGRAM), self.clock()
        enrollment, _ = await self.book.enroll(user, program, now)
        for rule in (start, update_task(0, done=True)):
            await self.book.change(user, enrollment.id, None, rule, now)
        context = {"enrollment_id": enrollment.id, "program_id": 1001, "day_number": 1}
        return {"kind": "focus", "rates": Rates(), "context": context}

    async def reflect(self, session: Session) -> None:
        """Add the reflection that the session's day needs, once."""
        (enrollment,) = await Enrollments(self.mongo.db).of_user(session.user_id)
        rule, now = reflect("How?", "Well."), self.clock()
        await self.book.change(session.user_id, enrollment.id, 1, rule, now)

    async def check_program(self, session: Session) -> None:
        """The day has the session's focus, and is complete, unless that was taken back."""
        db, user = self.mongo.db, session.user_id
        assert session.ended_at is not None
        counts = await db.sessions.count_documents({"_id": session.id, "status": "completed"})
        focus_ms = counts * progress(session, session.ended_at).elapsed_ms
        (enrollment,) = await Enrollments(db).of_user(user)
        day = (await Enrollments(db).days(enrollment, [1]))[1]
        assert (enrollment.focus_ms, enrollment.sessions) == (focus_ms, counts)
        assert (day.focus_ms, day.sessions) == (focus_ms, counts)
        assert [one.number for one in enrollment.done] == [1] * counts
        assert (day.completed_at is not None) == bool(counts)
        totals = await Awards(db).totals(user)
        assert (totals["counted_sessions"], totals["days"], totals["reflections"]) == (
            counts,
            counts,
            1,
        )
        known = await db.users.find_one({"_id": user})
        assert known is not None
        assert totals["focus_ms"] == known["focus_ms"] == focus_ms
        codes = {award.achievement.code for award in await Awards(db).of_user(user)}
        assert ({"first_session", "first_day"} <= codes) == bool(counts)

    async def attempt(self, one: Try, session: Session, entry: Entry) -> None:
        """Let a try run until it is done, refused, or dead."""
        self.killer.at = one.dies
        tried = [self.void(session)] if one.voids else []
        if not one.voids or one.together:
            tried.append(self.deliver(one.writer, entry))
        if one.together:
            tried.append(self.deliver(1 - one.writer, entry))
        outcomes = await asyncio.gather(*tried, return_exceptions=True)
        self.killer.at = None
        for outcome in outcomes:
            assert all(isinstance(cause, ENDINGS) for cause in causes(outcome)), outcome

    async def deliver(self, writer: int, entry: Entry) -> None:
        """Let a writer apply the entry."""
        await self.writers[writer].apply([entry])

    async def void(self, session: Session) -> None:
        """Let the user take the session back."""
        await self.voiding.void(session.user_id, session.id)

    async def _drained(self) -> bool:
        await self.writers[0].take_over(self.one.keys, "living")
        return await self.one.outbox_ids() == []

    async def check(self, sessions: list[Session]) -> None:
        """Deliver what is left and repeat what was not answered; then everything has to agree."""
        await until(self._drained, "the outbox is empty")
        db, total, journal = self.mongo.db, 0, self.killer.journal
        for session in sessions:
            assert session.ended_at is not None
            document = await db.sessions.find_one({"_id": session.id})
            assert document is not None
            ids = {"$in": [session.id, void_id(session.id)]}
            entries = await db.ledger.find({"_id": ids}).to_list(None)
            xp = progress(session, session.ended_at).xp.total
            voided = document["status"] == "voided"
            if voided:
                await self.void(session)
                assert await self.one.store.load(session.user_id, session.id) is None
            assert sorted(entry["xp_total"] for entry in entries) == ([-xp, xp] if voided else [xp])
            assert sum(day["xp_total"] for day in document["days"]) == xp
            done = [step for step, about in journal if about == session.id]
            # A writer that MongoDB did not answer in time may have booked and not know it.
            unknown = sum(writer.failures for writer in self.writers)
            assert 1 + voided - unknown <= done.count("booked") <= 1 + voided
            assert done[-1] == "refreshed"
            total += 0 if voided else xp
        await self.check_program(sessions[FOCUS])
        user = await db.users.find_one({"_id": sessions[0].user_id})
        assert user is not None
        assert user["xp_total"] == total > -1
        assert [one async for one in Audit(self.mongo).differences()] == []


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@given(plan=st.lists(TRIES, max_size=8), late=st.integers(0, 8))
@options(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_order_repetition_and_crash_gives_one_entry(
    runner: asyncio.Runner, settings: Settings, clock: DrivenClock, plan: list[Try], late: int
) -> None:
    """`late` says before which try the reflection comes, without which no day is complete."""

    async def run() -> None:
        keys = Keys(settings.redis_prefix, settings.redis_shards)
        mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
        await ensure_indexes(mongo.db)
        try:
            async with side(settings, clock) as one:
                await one.outbox.ensure_group(one.keys)
                await put_content(mongo.db, PROGRAM)
                world = World(one, keys, mongo, clock)
                world.made = clock() // 1000
                sessions = await world.ended()
                taken = await one.outbox.read(one.keys, "dead", count=100, block_ms=1)
                by_id = {entry.session_id: entry for entry in taken}
                for place, one_try in enumerate(plan):
                    if place == late:
                        await world.reflect(sessions[FOCUS])
                    session = sessions[one_try.session]
                    await world.attempt(one_try, session, by_id[session.id])
                await world.reflect(sessions[FOCUS])
                await world.check(sessions)
        finally:
            mongo.close()

    runner.run(run())
