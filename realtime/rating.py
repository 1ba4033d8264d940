"""Who says what a session is worth: the first of several engines that has an answer."""

from typing import Protocol

from domain.lexicon import rate
from domain.rating import Rating, Subject


class RatingEngine(Protocol):
    """Somebody who can rate a subject."""

    async def rate(self, subject: Subject, user_id: str) -> Rating | None:
        """What the subject is worth to whoever asks; None without an answer. Raises nothing."""


class ModelEngine(RatingEngine, Protocol):
    """An engine with connections to the outside."""

    def close(self) -> None:
        """Open no further connections."""


class Fixed:
    """The rates that an activity prescribes."""

    async def rate(self, subject: Subject, user_id: str) -> Rating | None:
        """Certain, or None where nothing is prescribed."""
        if subject.fixed is None:
            return None
        return Rating(
            rates=subject.fixed,
            engine="fixed",
            confidence=1.0,
            explanation="This activity has rates of its own.",
        )


class Lexicon:
    """The word lists that sessiond brings along: at hand whatever happens."""

    async def rate(self, subject: Subject) -> Rating:
        """Always an answer."""
        return rate(subject)


class RatingNumbers(Protocol):
    """Where ratings are counted."""

    def rated(self, engine: str) -> None:
        """The engine had the answer."""


class Rater:
    """Asks one engine after the other; the lexicon comes last and always answers."""

    def __init__(self, numbers: RatingNumbers, model: ModelEngine | None = None) -> None:
        """Take a language model where one is configured."""
        self._numbers = numbers
        self._model = model
        self._engines: list[RatingEngine] = [Fixed(), *([model] if model else [])]
        self._last = Lexicon()

    async def rate(self, subject: Subject, user_id: str) -> Rating:
        """What the subject is worth, within two seconds, whoever fails. Raises nothing.

        The user is who asks; what they are says nothing about the worth.
        """
        found = await self._first_of(subject, user_id) or await self._last.rate(subject)
        self._numbers.rated(found.engine)
        return found

    async def _first_of(self, subject: Subject, user_id: str) -> Rating | None:
        for engine in self._engines:
            found = await engine.rate(subject, user_id)
            if found is not None:
                return found
        return None

    def close(self) -> None:
        """Let go of connections to the outside."""
        if self._model is not None:
            self._model.close()
