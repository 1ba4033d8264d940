"""Rates that a language model gave, kept by a digest of what it was asked."""

from dataclasses import asdict
from typing import Any

from redis.asyncio import Redis

from domain.rates import BUDGET_MILLI_XP, DIMENSIONS, Rates
from domain.rating import GRAIN_MILLI_XP, Rating
from storage.redis.answer_cache import AnswerCache
from storage.redis.keys import Keys


class RateCache(AnswerCache[Rating]):
    """The strings `<prefix>:rates:<digest>`; raises Unavailable while Redis is away."""

    def __init__(self, redis: Redis, keys: Keys, *, ttl_s: int) -> None:
        super().__init__(redis, keys.rates, ttl_s=ttl_s)

    def _dump(self, answer: Rating) -> dict[str, Any]:
        return {
            "rates": asdict(answer.rates),
            "confidence": answer.confidence,
            "explanation": answer.explanation,
        }

    def _load(self, kept: dict[str, Any]) -> Rating | None:
        """Read an entry; None unless it is whole and within the budget."""
        rates, confidence, said = kept["rates"], float(kept["confidence"]), kept["explanation"]
        sound = 0 <= confidence <= 1 and said.isprintable() and _is_budget(rates)
        rating = Rating(rates=Rates(**rates), engine="llm", confidence=confidence, explanation=said)
        return rating if sound else None


def _is_budget(rates: dict[str, Any]) -> bool:
    values = list(rates.values())
    steps = all(
        type(value) is int and value >= 0 and value % GRAIN_MILLI_XP == 0 for value in values
    )
    return set(rates) == set(DIMENSIONS) and steps and sum(values) == BUDGET_MILLI_XP
