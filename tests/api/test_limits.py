"""Rate limits: on one real Redis, through two nodes, and without Redis."""

import asyncio

import pytest
from limits import parse
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from config.settings import Settings
from domain.errors import TooMany
from handlers.limits import REMEMBERED, Buckets, Limiter, network
from handlers.metrics import Metrics
from tests.fakes import DrivenClock
from tests.notes import NOWHERE, problem, running


def limiter(clock: DrivenClock, url: str, prefix: str, **rates: str) -> Limiter:
    return Limiter(
        redis_url=url,
        prefix=prefix,
        user=rates.get("user", ""),
        address=rates.get("address", ""),
        named={"login": rates.get("login", "")},
        clock=clock,
        metrics=Metrics(CollectorRegistry()),
    )


async def spend(limits: Limiter, times: int, *who: str) -> int:
    """Return how many of so many attempts passed."""
    passed = 0
    for _ in range(times):
        try:
            await limits.check("login", *who)
        except TooMany:
            continue
        passed += 1
    return passed


@pytest.fixture
def url(settings: Settings) -> str:
    assert settings.redis_url is not None
    return settings.redis_url


def test_two_nodes_count_together(url: str, settings: Settings, clock: DrivenClock) -> None:
    async def both() -> tuple[int, int, int]:
        one = limiter(clock, url, settings.redis_prefix, login="5/minute")
        two = limiter(clock, url, settings.redis_prefix, login="5/minute")
        passed = await spend(one, 3, "a"), await spend(two, 9, "a"), await spend(two, 1, "b")
        await one.close()
        await two.close()
        return passed

    assert asyncio.run(both()) == (3, 2, 1)


def test_a_refusal_names_the_wait_and_is_remembered(
    url: str, settings: Settings, clock: DrivenClock
) -> None:
    async def flood() -> TooMany:
        limits = limiter(clock, url, settings.redis_prefix, login="2/minute")
        assert await spend(limits, 50, "a") == 2
        with pytest.raises(TooMany) as refused:
            await limits.check("login", "a")
        await limits.close()
        return refused.value

    assert 1 <= asyncio.run(flood()).retry_after_s <= 30


def test_keys_stay_under_the_prefix_and_hide_who_is_counted(
    url: str, settings: Settings, clock: DrivenClock
) -> None:
    async def keys() -> list[bytes | str]:
        limits = limiter(clock, url, settings.redis_prefix, login="5/minute")
        await limits.check("login", "}evil:*\r\n", "x@example.org")
        redis = Redis.from_url(url)
        found = await redis.keys(f"{settings.redis_prefix}:*limits*")
        await redis.aclose()
        await limits.close()
        return found

    (key,) = asyncio.run(keys())
    assert "evil" not in str(key)
    assert "example" not in str(key)


def test_without_redis_a_node_counts_alone_and_says_so(clock: DrivenClock) -> None:
    async def alone() -> tuple[int, int]:
        limits = limiter(clock, NOWHERE, "x", login="5/minute")
        passed = await spend(limits, 20, "a")
        clock.advance(60_000)
        again = await spend(limits, 20, "a")
        await limits.close()
        return passed, again

    assert asyncio.run(alone()) == (5, 5)


def test_an_empty_limit_is_none(clock: DrivenClock) -> None:
    async def free() -> int:
        limits = limiter(clock, NOWHERE, "x")
        for _ in range(50):
            limits.check_address("192.0.2.1")
            await limits.check_user("u")
        return await spend(limits, 50, "a")

    assert asyncio.run(free()) == 50


def test_a_bucket_fills_with_time_and_never_overflows(clock: DrivenClock) -> None:
    bucket = Buckets(parse("2/10 seconds"), clock)

    assert [bucket.wait_ms("a") for _ in range(3)] == [0, 0, 5_000]
    clock.advance(4_999)
    assert bucket.wait_ms("a") == 1
    clock.advance(-60_000)
    assert bucket.wait_ms("a") > 0
    clock.advance(3_600_000)
    assert [bucket.wait_ms("a") for _ in range(3)] == [0, 0, 5_000]


def test_buckets_are_bounded(clock: DrivenClock) -> None:
    bucket = Buckets(parse("1/minute"), clock)
    for number in range(REMEMBERED + 1):
        bucket.wait_ms(str(number))

    assert bucket.wait_ms(str(REMEMBERED)) > 0
    assert bucket.wait_ms("0") == 0


def test_one_party_of_ipv6_is_its_64() -> None:
    assert network("2001:db8::1") == network("2001:db8::ffff") != network("2001:db8:0:1::1")
    assert network("192.0.2.1") == "192.0.2.1"
    assert network("unix") == "unix"


def test_an_address_over_its_limit_gets_429_everywhere_but_on_health() -> None:
    with running(rates={"address": "3/minute"}) as notes:
        codes = [notes.fetch("/nothing").code for _ in range(4)]
        refused = notes.fetch("/api/notes")

        assert codes == [404, 404, 404, 429]
        assert problem(refused)["code"] == "too_many_requests"
        assert refused.headers["Retry-After"] == "20"
        assert notes.fetch("/healthz").code == 200
        assert notes.fetch("/api/notes", "OPTIONS").code == 204


def test_a_user_over_its_limit_gets_429_with_or_without_redis() -> None:
    with running(rates={"user": "2/minute", "login": "1/minute"}) as notes:
        codes = [notes.fetch("/api/notes").code for _ in range(3)]
        other = notes.fetch("/api/notes", headers={"Authorization": "Bearer service"})

        assert codes == [200, 200, 429]
        assert other.code == 200
        assert [notes.fetch("/api/login", "POST", body=b"").code for _ in range(2)] == [200, 429]
        metrics = notes.fetch("/metrics").body
        assert b'sessiond_rate_limited_total{limit="user"} 1.0' in metrics
        assert b"sessiond_limiter_failures_total 6.0" in metrics


def test_a_forged_forwarding_header_does_not_change_the_address() -> None:
    with running(rates={"address": "2/minute"}) as notes:
        codes = [
            notes.fetch("/nothing", headers={"X-Forwarded-For": f"192.0.2.{i}"}).code
            for i in range(3)
        ]

        assert codes == [404, 404, 429]
