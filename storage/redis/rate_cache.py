"""Rates that a language model gave, kept by a digest of what it was asked."""

import json
from dataclasses import asdict
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from domain.rates import BUDGET_MILLI_XP, DIMENSIONS, Rates
from domain.rating import GRAIN_MILLI_XP, Rating
from storage.redis.client import translated
from storage.redis.codec import compact
from storage.redis.keys import Keys

VERSION: Final = 1


class RateCache:
    """The strings `<prefix>:rates:<digest>`; raises Unavailable while Redis is away."""

    def __init__(self, redis: Redis, keys: Keys, *, ttl_s: int) -> None:
        self._redis = redis
        self._keys = keys
        self._ttl_s = ttl_s

    async def get(self, digest: str) -> Rating | None:
        """The rating kept under the digest; None also for one that cannot be read."""
        try:
            with translated():
                text: Any = await self._redis.get(self._keys.rates(digest))
        except (ResponseError, UnicodeDecodeError):
            # Of another type, or no text at all: whatever it is, it is no entry of ours.
            return None
        return None if text is None else _rating(text)

    async def put(self, digest: str, rating: Rating) -> None:
        """Keep the rating; a repeat writes the same again."""
        body = compact(
            {
                "v": VERSION,
                "rates": asdict(rating.rates),
                "confidence": rating.confidence,
                "explanation": rating.explanation,
            }
        )
        with translated():
            await self._redis.set(self._keys.rates(digest), body, ex=self._ttl_s)


def _rating(text: str) -> Rating | None:
    """Read an entry; None unless it is whole, of this version, and within the budget."""
    try:
        kept = json.loads(text)
        if kept["v"] != VERSION:
            return None
        rates, confidence, said = kept["rates"], float(kept["confidence"]), kept["explanation"]
        sound = 0 <= confidence <= 1 and said.isprintable() and _is_budget(rates)
        rating = Rating(rates=Rates(**rates), engine="llm", confidence=confidence, explanation=said)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return rating if sound else None


def _is_budget(rates: dict[str, Any]) -> bool:
    values = list(rates.values())
    steps = all(
        type(value) is int and value >= 0 and value % GRAIN_MILLI_XP == 0 for value in values
    )
    return set(rates) == set(DIMENSIONS) and steps and sum(values) == BUDGET_MILLI_XP
