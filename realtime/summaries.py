"""The written summary of a week: in the words of a language model, else from the figures."""

from collections.abc import Callable
from typing import Protocol

from domain.week_words import WeekFigures, figures_of, keeps_to
from domain.weekly import WeeklyReview, composed
from realtime.advice import AdviceNumbers, Advised, Answers, Inquiry, Patience, Unusable
from realtime.tasks import Tasks


class Writer(Protocol):
    """Somebody outside who writes summaries: slow, fallible, and not to be trusted."""

    @property
    def identity(self) -> str:
        """Model and wording of the question; with another one, answers may differ."""

    async def write(self, figures: WeekFigures, within_s: float) -> str:
        """Ask once for a few plain sentences. Raises AdviceFailed, at the latest after `within_s`.

        Only an Unusable says that the writer is well.
        """

    def close(self) -> None:
        """Open no further connections."""


class AdvisedSummaries:
    """Summaries by a writer, if they keep to the figures."""

    def __init__(
        self,
        writer: Writer,
        cache: Answers[str],
        tasks: Tasks,
        numbers: AdviceNumbers,
        clock: Callable[[], int],
        patience: Patience,
    ) -> None:
        """Take what `Advised` takes, and whom to ask."""
        self._writer = writer
        inquiry = Inquiry(about="summaries", identity=writer.identity, ask=self._ask)
        self._advised = Advised(inquiry, cache, tasks, numbers, clock, patience)

    async def summary(self, figures: WeekFigures, user_id: str) -> str | None:
        """The model's words, kept or fresh; None within 1.8 s if there are none."""
        return await self._advised.answer(figures, user_id)

    def close(self) -> None:
        """Open no further connections."""
        self._writer.close()

    async def _ask(self, figures: WeekFigures, within_s: float) -> str:
        text = await self._writer.write(figures, within_s)
        if not keeps_to(figures, text):
            raise Unusable("invented")
        return text


class SummaryNumbers(Protocol):
    """Where summaries are counted."""

    def summarised(self, engine: str) -> None:
        """A summary by `llm`, or `composed`."""


class Summaries:
    """Writes summaries; always has an answer."""

    def __init__(self, numbers: SummaryNumbers, model: AdvisedSummaries | None = None) -> None:
        """Take a language model where one is configured."""
        self._numbers = numbers
        self._model = model

    async def summary(self, review: WeeklyReview, user_id: str) -> str:
        """A few sentences on the week, within two seconds, whoever fails. Raises nothing.

        Empty for a week without anything. The user is who asks; they are nowhere in the words.
        """
        if not review.eventful:
            return ""
        written = None
        if self._model is not None:
            written = await self._model.summary(figures_of(review), user_id)
        self._numbers.summarised("composed" if written is None else "llm")
        return composed(review) if written is None else written

    def close(self) -> None:
        """Let go of connections to the outside."""
        if self._model is not None:
            self._model.close()
