"""How the rating of sessions and the summaries of weeks are put together."""

from typing import TYPE_CHECKING

from handlers.chat import ChatEndpoint
from handlers.completions import Completions
from handlers.metrics import Metrics
from handlers.numbers import RatingNumbers, SummaryNumbers
from handlers.summaries import Summarist
from realtime.advice import Patience
from realtime.parts import Parts
from realtime.rating import Rater
from realtime.summaries import AdvisedSummaries, Summaries
from realtime.weighing import AdvisedEngine
from storage.redis.rate_cache import RateCache
from storage.redis.summary_cache import SummaryCache

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from config.settings import Settings


def build_rater(settings: "Settings", redis: "Redis", parts: Parts, metrics: Metrics) -> Rater:
    """The engines in their order, with a language model if the settings name one."""
    numbers = RatingNumbers(metrics)
    endpoint = _endpoint(settings)
    if endpoint is None:
        return Rater(numbers)
    engine = AdvisedEngine(
        Completions(endpoint),
        RateCache(redis, parts.keys, ttl_s=settings.llm_cache_ttl_s),
        parts.tasks,
        numbers,
        parts.now,
        _patience(settings),
    )
    return Rater(numbers, engine)


def build_summaries(
    settings: "Settings", redis: "Redis", parts: Parts, metrics: Metrics
) -> Summaries:
    """Summaries by the same language model; it has a breaker and limits of its own for them."""
    numbers = SummaryNumbers(metrics)
    endpoint = _endpoint(settings)
    if endpoint is None:
        return Summaries(numbers)
    model = AdvisedSummaries(
        Summarist(endpoint),
        SummaryCache(redis, parts.keys, ttl_s=settings.llm_cache_ttl_s),
        parts.tasks,
        numbers,
        parts.now,
        _patience(settings),
    )
    return Summaries(numbers, model)


def _endpoint(settings: "Settings") -> ChatEndpoint | None:
    if settings.llm_url is None:
        return None
    assert settings.llm_model is not None
    return ChatEndpoint(
        url=settings.llm_url, model=settings.llm_model, api_key=settings.llm_api_key
    )


def _patience(settings: "Settings") -> Patience:
    return Patience(try_s=settings.llm_timeout_s, retries=settings.llm_retries)
