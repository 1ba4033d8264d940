"""How the rating of sessions is put together."""

from typing import TYPE_CHECKING

from handlers.completions import ChatEndpoint, Completions
from handlers.metrics import Metrics
from handlers.numbers import RatingNumbers
from realtime.advice import AdvisedEngine, Patience
from realtime.parts import Parts
from realtime.rating import Rater
from storage.redis.rate_cache import RateCache

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from config.settings import Settings


def build_rater(settings: "Settings", redis: "Redis", parts: Parts, metrics: Metrics) -> Rater:
    """The engines in their order, with a language model if the settings name one."""
    numbers = RatingNumbers(metrics)
    if settings.llm_url is None:
        return Rater(numbers)
    assert settings.llm_model is not None
    endpoint = ChatEndpoint(
        url=settings.llm_url, model=settings.llm_model, api_key=settings.llm_api_key
    )
    engine = AdvisedEngine(
        Completions(endpoint),
        RateCache(redis, parts.keys, ttl_s=settings.llm_cache_ttl_s),
        parts.tasks,
        numbers,
        parts.now,
        Patience(try_s=settings.llm_timeout_s, retries=settings.llm_retries),
    )
    return Rater(numbers, engine)
