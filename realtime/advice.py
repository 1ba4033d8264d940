"""Answers from a language model: asked through anything that fails, and never waited for long.

A good answer is kept by what was asked. Everything else, from a hung connection to an
answer that makes no sense, ends in no answer, in bounded time. What is asked, and which
answer is a good one, is said by whoever uses it: see `weighing` and `summaries`.
"""

import asyncio
import hashlib
import json
import secrets
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

import structlog

from domain.errors import Unavailable
from realtime.breaker import Breaker, CircuitOpen, State
from realtime.tasks import Tasks

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

log = structlog.get_logger(__name__)

ASKED_WITHIN_S: Final = 1.6
"""From the question to the model's answer, all tries and the look into the cache included."""
CACHE_S: Final = 0.2
"""For one look into the cache, and for keeping an answer there."""
WORTH_S: Final = 0.25
"""With less time left, no further try is begun."""
WAIT_S: Final = ASKED_WITHIN_S + CACHE_S
IN_FLIGHT: Final = 8
EACH: Final = 2
"""Questions that are asked at the same time: in all, and for one user."""

Question = TypeVar("Question", bound="DataclassInstance")
Answer = TypeVar("Answer")


class AdviceFailed(Exception):
    """There is no usable answer."""

    def __init__(self, cause: str, *, again: bool = False) -> None:
        """Take a word for operators, and whether another try may help."""
        super().__init__(cause)
        self.cause = cause
        self.again = again


class Unusable(AdviceFailed):
    """Whoever was asked is there and answers, but this is no advice: another try would not help."""

    def __init__(self, cause: str) -> None:
        """Take a word for operators."""
        super().__init__(cause)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry(Generic[Question, Answer]):
    """A sort of question, and who answers it: slow, fallible, and not to be trusted."""

    about: str
    """A word for operators."""
    identity: str
    """Model and wording of the question; with another one, answers may differ."""
    ask: Callable[[Question, float], Awaitable[Answer]]
    """Ask once. Raises AdviceFailed, at the latest after so many seconds.

    Only an Unusable says that who was asked is well.
    """


class Answers(Protocol[Answer]):
    """Answers kept by the digest of their question. Both raise Unavailable."""

    async def get(self, digest: str) -> Answer | None:
        """The kept answer, if there is a legible one."""

    async def put(self, digest: str, answer: Answer) -> None:
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
    each: int = EACH


class Advised(Generic[Question, Answer]):
    """Asks one sort of question, with a cache before it and a breaker around it."""

    def __init__(
        self,
        inquiry: Inquiry[Question, Answer],
        cache: Answers[Answer],
        tasks: Tasks,
        numbers: AdviceNumbers,
        clock: Callable[[], int],
        patience: Patience,
    ) -> None:
        """Take the node's tasks, which own the questions, and its clock, ms."""
        self._inquiry = inquiry
        self._cache = cache
        self._tasks = tasks
        self._numbers = numbers
        self._patience = patience
        self._breaker = Breaker(clock, self._breaker_changed, _is_well)
        self._asked: dict[str, asyncio.Task[Answer | None]] = {}
        self._in_flight: Counter[str] = Counter()

    async def answer(self, question: Question, user_id: str) -> Answer | None:
        """The model's answer, kept or fresh; None within 1.8 s if there is none. Raises nothing.

        The user is who asks; they are not part of the question.
        """
        began = asyncio.get_running_loop().time()
        digest = digest_of(self._inquiry.identity, question)
        if digest not in self._asked:
            kept = await self._guarded(lambda: self._kept(digest))
            if kept is not None:
                return kept
        task = self._asked.get(digest)
        if task is None:
            if not self._has_room(user_id):
                self._failed("busy")
                return None
            task = self._begin(digest, question, user_id, began + self._patience.within_s)
        # The question is everybody's who asks the same: one who leaves does not end it.
        await asyncio.wait({task}, timeout=max(0, _until(began + WAIT_S)))
        return task.result() if task.done() and not task.cancelled() else None

    def _has_room(self, user_id: str) -> bool:
        in_all, own = self._in_flight.total(), self._in_flight[user_id]
        return in_all < self._patience.in_flight and own < self._patience.each

    def _begin(
        self, digest: str, question: Question, user_id: str, deadline: float
    ) -> asyncio.Task[Answer | None]:
        answering = self._guarded(lambda: self._answer(digest, question, deadline))
        task = self._tasks.spawn(answering, name=f"{self._inquiry.about} from a model")
        self._asked[digest] = task
        self._in_flight[user_id] += 1

        def ended(_: object) -> None:
            del self._asked[digest]
            self._in_flight[user_id] -= 1
            if not self._in_flight[user_id]:
                del self._in_flight[user_id]

        task.add_done_callback(ended)
        return task

    async def _answer(self, digest: str, question: Question, deadline: float) -> Answer | None:
        try:
            with self._breaker.attempt():
                async with asyncio.timeout_at(deadline):
                    answer = await self._tries(question, deadline)
        except (CircuitOpen, AdviceFailed, TimeoutError) as failure:
            self._failed(_cause(failure))
            return None
        await self._guarded(lambda: self._keep(digest, answer))
        return answer

    def _failed(self, cause: str) -> None:
        self._numbers.failed(cause)
        if cause != "breaker":
            log.warning("no answer from the model", about=self._inquiry.about, cause=cause)

    async def _guarded(self, step: Callable[[], Awaitable[Answer | None]]) -> Answer | None:
        """What the step answers; None for a fault of our own, which costs nobody anything."""
        try:
            return await step()
        except Exception as error:  # noqa: BLE001 - there is another answer
            self._numbers.failed("error")
            # Only what it is and where it was: its message may repeat the words of a user.
            what = type(error).__name__
            log.error("a question to the model broke off", error=what, at=_at(error))  # noqa: TRY400
            return None

    async def _tries(self, question: Question, deadline: float) -> Answer:
        number = 0
        while True:
            # The limit of a try is the earlier one, so that it can end in good order.
            left_s = max(0.95 * _until(deadline), 0.001)
            try:
                return await self._inquiry.ask(question, min(self._patience.try_s, left_s))
            except AdviceFailed as failure:
                pause_s = _jitter(self._patience.backoff_s * 2**number)
                too_late = _until(deadline) - pause_s < WORTH_S
                if not failure.again or number == self._patience.retries or too_late:
                    raise
            number += 1
            await asyncio.sleep(pause_s)

    async def _kept(self, digest: str) -> Answer | None:
        try:
            async with asyncio.timeout(CACHE_S):
                return await self._cache.get(digest)
        except (Unavailable, TimeoutError):
            log.warning(
                "answers cannot be looked up: Redis is out of reach", about=self._inquiry.about
            )
            return None

    async def _keep(self, digest: str, answer: Answer) -> None:
        try:
            async with asyncio.timeout(CACHE_S):
                await self._cache.put(digest, answer)
        except (Unavailable, TimeoutError):
            log.warning("answers cannot be kept: Redis is out of reach", about=self._inquiry.about)

    def _breaker_changed(self, state: State) -> None:
        self._numbers.breaker(state)
        log.warning("the breaker of the model changed", about=self._inquiry.about, state=state)


def digest_of(identity: str, question: "DataclassInstance") -> str:
    """SHA-256 of who is asked and what about: equal for equal questions."""
    asked = json.dumps([identity, asdict(question)], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


def _is_well(error: Exception) -> bool | None:
    """What an exception tells of the model; None for a fault of our own."""
    if isinstance(error, Unusable):
        return True
    return False if isinstance(error, AdviceFailed | TimeoutError) else None


def _cause(failure: CircuitOpen | AdviceFailed | TimeoutError) -> str:
    """A word for operators."""
    if isinstance(failure, AdviceFailed):
        return failure.cause
    return "breaker" if isinstance(failure, CircuitOpen) else "timeout"


def _at(error: Exception) -> str:
    """Where it was raised: file and line."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename}:{last.lineno}"


def _until(deadline: float) -> float:
    """Seconds of the loop's time that are left."""
    return deadline - asyncio.get_running_loop().time()


def _jitter(most_s: float) -> float:
    """A random part of it, so that those who failed together do not come back together."""
    return most_s * secrets.randbelow(1000) / 1000
