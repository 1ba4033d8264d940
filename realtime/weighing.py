"""Rates from a language model: what it is shown of a subject, and what its weights come to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

from domain.rating import Rating, Subject, normalised
from realtime.advice import AdviceNumbers, Advised, Answers, Inquiry, Patience, Unusable
from realtime.tasks import Tasks

WORDS_MAX_CHARS: Final = 200
CONFIDENCE: Final = 0.8
"""Of an answer that was checked for its form, but whose sense nobody knows."""


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
        """Ask once. Raises AdviceFailed, at the latest after `within_s`.

        Only an Unusable says that the adviser is well.
        """

    def close(self) -> None:
        """Open no further connections."""


class AdvisedEngine:
    """Rates by an adviser."""

    def __init__(
        self,
        adviser: Adviser,
        cache: Answers[Rating],
        tasks: Tasks,
        numbers: AdviceNumbers,
        clock: Callable[[], int],
        patience: Patience,
    ) -> None:
        """Take what `Advised` takes, and whom to ask."""
        self._adviser = adviser
        inquiry = Inquiry(about="rates", identity=adviser.identity, ask=self._ask)
        self._advised = Advised(inquiry, cache, tasks, numbers, clock, patience)

    async def rate(self, subject: Subject, user_id: str) -> Rating | None:
        """The model's answer, kept or fresh; None within 1.8 s if there is none."""
        return await self._advised.answer(cut(subject), user_id)

    def close(self) -> None:
        """Open no further connections."""
        self._adviser.close()

    async def _ask(self, subject: Subject, within_s: float) -> Rating:
        return _rating(await self._adviser.weigh(subject, within_s))


def cut(subject: Subject) -> Subject:
    """As much of the subject's words as a model is shown."""
    return replace(
        subject,
        activity=subject.activity[:WORDS_MAX_CHARS],
        activity_category=subject.activity_category[:WORDS_MAX_CHARS],
        goal=subject.goal[:WORDS_MAX_CHARS],
        goal_category=subject.goal_category[:WORDS_MAX_CHARS],
    )


def _rating(advice: Advice) -> Rating:
    """Rates within the budget. Raises Unusable for weights that cannot be used."""
    try:
        rates = normalised(advice.weights)
    except ValueError as error:
        raise Unusable("garbage") from error
    return Rating(rates=rates, engine="llm", confidence=CONFIDENCE, explanation=advice.explanation)
