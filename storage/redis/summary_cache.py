"""Summaries that a language model wrote, kept by a digest of the figures it was told."""

from typing import Any

from redis.asyncio import Redis

from domain.week_words import is_plain
from storage.redis.answer_cache import AnswerCache
from storage.redis.keys import Keys


class SummaryCache(AnswerCache[str]):
    """The strings `<prefix>:summaries:<digest>`; raises Unavailable while Redis is away."""

    def __init__(self, redis: Redis, keys: Keys, *, ttl_s: int) -> None:
        super().__init__(redis, keys.summaries, ttl_s=ttl_s)

    def _dump(self, answer: str) -> dict[str, Any]:
        return {"summary": answer}

    def _load(self, kept: dict[str, Any]) -> str | None:
        summary = kept["summary"]
        return summary if isinstance(summary, str) and is_plain(summary) else None
