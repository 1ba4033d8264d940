"""Rates from a language model: asked through anything that fails, and never waited for long.

A good answer is kept by what was asked. Everything else, from a hung connection to an
answer that makes no sense, ends in no answer, in bounded time.
"""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Final, Protocol

import structlog

from domain.errors import Unavailable
from domain.rating import Rating, Subject, normalised
from realtime.breaker import Breaker, CircuitOpen, State
from realtime.tasks import Tasks

log = structlog.get_logger(__name__)

ASKED_WITHIN_S: Final = 1.6
"""From the question to the model's answer, all tries and the look into the cache included."""
CACHE_S: Final = 0.2
"""For one look into the cache, and for keeping an answer there."""
WORTH_S: Final = 0.25
"""With less time left, no further try is begun."""
WAIT_S: Final = ASKED_WITHIN_S + CACHE_S
IN_FLIGHT: Final = 8
WORDS_MAX_CHARS: Final = 200
CONFIDENCE: Final = 0.8
"""Of an answer that was checked for its form, but whose sense nobody knows."""


class AdviceFailed(Exception):
    """There is no usable answer."""

    def __init__(self, cause: str, *, again: bool = False) -> None:
        """Take a word for operators, and whether another try may help."""
        super().__init__(cause)
        self.cause = cause
        self.again = again


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What the model made of a subject."""

    weights: Mapping[str, float]
    explanation: str


class Adviser(Protocol):
    """Somebody outside who weighs subjects: slow, fallible, and not to be trusted."""

    @property
    def identity(self) -> str:
        """Model and wording of the question; with another one, answers may differ."""

    async def weigh(self, subject: Subject, within_s: float) -> Advice:
        """Ask once. Raises AdviceFailed, at the latest after `within_s`."""

    def close(self) -> None:
        """Open no further connections."""


class Answers(Protocol):
    """Answers kept by the digest of their question. Both raise Unavailable."""

    async def get(self, digest: str) -> Rating | None:
        """The kept answer, if there is a legible one."""

    async def put(self, digest: str, rating: Rating) -> None:
        """Keep an answer."""


class AdviceNumbers(Protocol):
    """Where failures are counted."""

    def failed(self, cause: str) -> None:
        """A question remained without an answer."""

    def breaker(self, state: State) -> None:
        """The breaker changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often and how long the model is asked."""

    try_s: float = 1.5
    retries: int = 1
    backoff_s: float = 0.1
    """Upper bound of the first pause; it doubles with each try."""
    within_s: float = ASKED_WITHIN_S
    in_flight: int = IN_FLIGHT


class AdvisedEngine:
    """Rates by an adviser, with a cache before it and a breaker around it."""

    def __init__(
        self,
        adviser: Adviser,
        cache: Answers,
        tasks: Tasks,
        numbers: AdviceNumbers,
        clock: Callable[[], int],
        patience: Patience,
    ) -> None:
        """Take the node's tasks, which own the questions, and its clock, ms."""
        self._adviser = adviser
        self._cache = cache
        self._tasks = tasks
        self._numbers = numbers
        self._patience = patience
        self._breaker = Breaker(clock, self._breaker_changed)
        self._asked: dict[str, asyncio.Task[Rating | None]] = {}
        self._in_flight = 0

    async def rate(self, subject: Subject) -> Rating | None:
        """The model's answer, kept or fresh; None within 1.8 s if there is none."""
        subject = cut(subject)
        digest = digest_of(self._adviser.identity, subject)
        task = self._asked.get(digest)
        if task is None:
            task = self._tasks.spawn(self._answer(digest, subject), name="rates from a model")
            self._asked[digest] = task
            task.add_done_callback(lambda _: self._asked.pop(digest, None))
        # The question is everybody's who asks the same: one who leaves does not end it.
        await asyncio.wait({task}, timeout=WAIT_S)
        if not task.done() or task.cancelled() or task.exception() is not None:
            return None
        return task.result()

    def close(self) -> None:
        """Open no further connections."""
        self._adviser.close()

    async def _answer(self, digest: str, subject: Subject) -> Rating | None:
        deadline = asyncio.get_running_loop().time() + self._patience.within_s
        kept = await self._kept(digest)
        if kept is not None:
            return kept
        try:
            rating = await self._ask(subject, deadline)
        except CircuitOpen:
            self._numbers.failed("breaker")
            return None
        except (AdviceFailed, TimeoutError) as failure:
            cause = failure.cause if isinstance(failure, AdviceFailed) else "timeout"
            self._numbers.failed(cause)
            log.warning("no rates from the model", cause=cause)
            return None
        await self._keep(digest, rating)
        return rating

    async def _ask(self, subject: Subject, deadline: float) -> Rating:
        if self._in_flight >= self._patience.in_flight:
            raise AdviceFailed("busy")
        self._in_flight += 1
        try:
            with self._breaker.attempt():
                async with asyncio.timeout_at(deadline):
                    return _rating(await self._tries(subject, deadline))
        finally:
            self._in_flight -= 1

    async def _tries(self, subject: Subject, deadline: float) -> Advice:
        number = 0
        while True:
            # The adviser's own limit is the earlier one, so that it can end in good order.
            left_s = max(0.95 * _until(deadline), 0.001)
            try:
                return await self._adviser.weigh(subject, min(self._patience.try_s, left_s))
            except AdviceFailed as failure:
                pause_s = _jitter(self._patience.backoff_s * 2**number)
                too_late = _until(deadline) - pause_s < WORTH_S
                if not failure.again or number == self._patience.retries or too_late:
                    raise
            number += 1
            await asyncio.sleep(pause_s)

    async def _kept(self, digest: str) -> Rating | None:
        try:
            async with asyncio.timeout(CACHE_S):
                return await self._cache.get(digest)
        except (Unavailable, TimeoutError):
            log.warning("rates cannot be looked up: Redis is out of reach")
            return None

    async def _keep(self, digest: str, rating: Rating) -> None:
        try:
            async with asyncio.timeout(CACHE_S):
                await self._cache.put(digest, rating)
        except (Unavailable, TimeoutError):
            log.warning("rates cannot be kept: Redis is out of reach")

    def _breaker_changed(self, state: State) -> None:
        self._numbers.breaker(state)
        log.warning("the breaker of the model changed", state=state)


def cut(subject: Subject) -> Subject:
    """As much of the subject's words as a model is shown."""
    return replace(
        subject,
        activity=subject.activity[:WORDS_MAX_CHARS],
        activity_category=subject.activity_category[:WORDS_MAX_CHARS],
        goal=subject.goal[:WORDS_MAX_CHARS],
        goal_category=subject.goal_category[:WORDS_MAX_CHARS],
    )


def digest_of(identity: str, subject: Subject) -> str:
    """SHA-256 of who is asked and what about: equal for equal questions."""
    question = json.dumps([identity, asdict(subject)], sort_keys=True)
    return hashlib.sha256(question.encode()).hexdigest()


def _rating(advice: Advice) -> Rating:
    """Rates within the budget. Raises AdviceFailed for weights that cannot be used."""
    try:
        rates = normalised(advice.weights)
    except ValueError as error:
        raise AdviceFailed("garbage") from error
    return Rating(rates=rates, engine="llm", confidence=CONFIDENCE, explanation=advice.explanation)


def _until(deadline: float) -> float:
    """Seconds of the loop's time that are left."""
    return deadline - asyncio.get_running_loop().time()


def _jitter(most_s: float) -> float:
    """A random part of it, so that those who failed together do not come back together."""
    return most_s * secrets.randbelow(1000) / 1000
