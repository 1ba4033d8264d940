"""Answers of a language model, kept by a digest of what it was asked."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from storage.redis.client import translated
from storage.redis.codec import compact

VERSION: Final = 1

Answer = TypeVar("Answer")


class AnswerCache(ABC, Generic[Answer]):
    """Strings under keys of one sort; raises Unavailable while Redis is away."""

    def __init__(self, redis: Redis, key: Callable[[str], str], *, ttl_s: int) -> None:
        """Take what makes a key of a digest."""
        self._redis = redis
        self._key = key
        self._ttl_s = ttl_s

    async def get(self, digest: str) -> Answer | None:
        """The answer kept under the digest; None also for one that cannot be read."""
        try:
            with translated():
                text: Any = await self._redis.get(self._key(digest))
        except (ResponseError, UnicodeDecodeError):
            # Of another type, or no text at all: whatever it is, it is no entry of ours.
            return None
        return None if text is None else self._answer(text)

    async def put(self, digest: str, answer: Answer) -> None:
        """Keep the answer; a repeat writes the same again."""
        body = compact({"v": VERSION, **self._dump(answer)})
        with translated():
            await self._redis.set(self._key(digest), body, ex=self._ttl_s)

    def _answer(self, text: str) -> Answer | None:
        try:
            kept = json.loads(text)
            return self._load(kept) if kept["v"] == VERSION else None
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return None

    @abstractmethod
    def _dump(self, answer: Answer) -> dict[str, Any]:
        """The members of an entry."""

    @abstractmethod
    def _load(self, kept: dict[str, Any]) -> Answer | None:
        """The answer in an entry; None unless it is a good one.

        May raise what reading a JSON value of any other form raises.
        """
