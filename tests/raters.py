"""Raters on fakes: a model that answers as it is told, a cache that can fail."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from domain.errors import Unavailable
from domain.rates import Rates
from domain.rating import Rating, Subject
from realtime.advice import Patience
from realtime.breaker import State
from realtime.rating import Rater
from realtime.tasks import Tasks
from realtime.weighing import Advice, AdvisedEngine
from tests.fakes import DrivenClock

DRAWING = Subject(activity="Drawing", activity_category="Creativity", goal="A comic")
WEIGHTS: dict[str, float] = {"physique": 0, "energy": 1, "logic": 2, "creativity": 17, "social": 0}
GOOD = Advice(weights=WEIGHTS, explanation="Mostly invention.")
ADVISED = Rating(
    rates=Rates(0, 100, 200, 1700, 0),
    engine="llm",
    confidence=0.8,
    explanation="Mostly invention.",
)
OFFERED_S = 5.0
Answer = TypeVar("Answer")


@dataclass(kw_only=True)
class Oracle:
    """An adviser that answers as it is told."""

    identity: str = "oracle 1"
    answers: list[Advice | Exception] = field(default_factory=list)
    asked: list[Subject] = field(default_factory=list)
    within_s: list[float] = field(default_factory=list)
    gate: asyncio.Event | None = None
    come: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    async def weigh(self, subject: Subject, within_s: float) -> Advice:
        self.asked.append(subject)
        self.within_s.append(within_s)
        self.come.set()
        if self.gate is not None:
            await self.gate.wait()
        answer = self.answers.pop(0) if self.answers else GOOD
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed = True


@dataclass(kw_only=True)
class Shelf(Generic[Answer]):
    """A cache in memory that can be away, or hang."""

    kept: dict[str, Answer] = field(default_factory=dict)
    away: bool = False
    hangs: bool = False
    get_fault: Exception | None = None
    put_fault: Exception | None = None

    async def _reach(self, fault: Exception | None) -> None:
        if fault is not None:
            raise fault
        if self.away:
            raise Unavailable("away")
        if self.hangs:
            await asyncio.Event().wait()

    async def get(self, digest: str) -> Answer | None:
        await self._reach(self.get_fault)
        return self.kept.get(digest)

    async def put(self, digest: str, answer: Answer) -> None:
        await self._reach(self.put_fault)
        self.kept[digest] = answer


@dataclass(kw_only=True)
class Tally:
    """Counts what would be metrics."""

    engines: list[str] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    states: list[State] = field(default_factory=list)

    def rated(self, engine: str) -> None:
        self.engines.append(engine)

    def failed(self, cause: str) -> None:
        self.causes.append(cause)

    def breaker(self, state: State) -> None:
        self.states.append(state)


@dataclass(kw_only=True)
class Bench:
    """A rater on fakes."""

    oracle: Oracle = field(default_factory=Oracle)
    shelf: Shelf[Rating] = field(default_factory=Shelf)
    tally: Tally = field(default_factory=Tally)
    tasks: Tasks = field(default_factory=Tasks)
    clock: DrivenClock = field(default_factory=DrivenClock)
    patience: Patience = field(default_factory=lambda: Patience(retries=0, backoff_s=0.001))

    def __post_init__(self) -> None:
        model = AdvisedEngine(
            self.oracle, self.shelf, self.tasks, self.tally, self.clock, self.patience
        )
        self.rater = Rater(self.tally, model)

    async def rate(self, subject: Subject = DRAWING, user_id: str = "ada") -> Rating:
        """Rate, and fail if it takes much longer than promised."""
        async with asyncio.timeout(OFFERED_S):
            return await self.rater.rate(subject, user_id)

    def ask(self, subject: Subject = DRAWING, user_id: str = "ada") -> asyncio.Task[Rating]:
        """Rate in the background."""
        return self.tasks.spawn(self.rate(subject, user_id), name="asking")


def numbered(number: int) -> Subject:
    return replace(DRAWING, goal=f"comic {number}")
