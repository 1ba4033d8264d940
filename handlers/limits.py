"""Rate limits: who may ask how often.

Two kinds, chosen so that no request costs more than one round trip to Redis:

* per address, for every request: a token bucket in this process. It works before anyone is
  authenticated, needs no Redis, and each node guards itself (n nodes let n times as much pass).
* per user, and the named ones such as `login`: the `limits` library on Redis, one count for all
  nodes. Once Redis has refused somebody, the answer is kept until it expires, so a flood of
  refused requests stays here.

While Redis does not answer, its limits fall back to buckets in this process, with a warning and
a metric: a lost Redis must not lock everybody out, nor open the login to guessing.
"""

import hashlib
import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from domain.errors import TooMany
from handlers.metrics import Metrics

REDIS_TIMEOUT_S = 0.25
REDIS_CONNECTIONS = 32
REDIS_REST_MS = 1_000
REMEMBERED = 10_000
IPV6_PREFIX = 64

log = structlog.get_logger(__name__)


class Buckets:
    """Token buckets by name, the least recently used forgotten first."""

    def __init__(self, item: RateLimitItem, clock: Callable[[], int]) -> None:
        self._size = item.amount
        self._ms_per_token = item.get_expiry() * 1000 / item.amount
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait_ms(self, name: str) -> int:
        """Take a token and return 0, or return the ms until there is one."""
        now = self._clock()
        level, at = self._levels.pop(name, (float(self._size), now))
        level = min(self._size, level + max(0, now - at) / self._ms_per_token)
        wait = 0 if level >= 1 else math.ceil((1 - level) * self._ms_per_token)
        self._levels[name] = (level if wait else level - 1, now)
        if len(self._levels) > REMEMBERED:
            self._levels.popitem(last=False)
        return wait


class SharedLimit:
    """One limit that all nodes count together."""

    def __init__(
        self,
        item: RateLimitItem,
        counter: SlidingWindowCounterRateLimiter,
        clock: Callable[[], int],
    ) -> None:
        self._item = item
        self._counter = counter
        self._clock = clock
        self._refused_until: OrderedDict[str, int] = OrderedDict()
        self.local = Buckets(item, clock)

    async def wait_ms(self, name: str) -> int:
        """Count one hit and return 0, or return the ms to wait; raises StorageError."""
        left = self._refused_until.get(name, 0) - self._clock()
        if left > 0:
            return left
        self._refused_until.pop(name, None)
        if await self._counter.hit(self._item, name):
            return 0
        self._refused_until[name] = self._clock() + self._spacing_ms()
        if len(self._refused_until) > REMEMBERED:
            self._refused_until.popitem(last=False)
        return self._spacing_ms()

    def _spacing_ms(self) -> int:
        # The window slides, so room for one more comes after one share of it, on average.
        return max(1_000, math.ceil(self._item.get_expiry() * 1000 / self._item.amount))


class Limiter:
    """All limits of one node; an empty text switches a limit off."""

    def __init__(  # noqa: PLR0913 - one place to wire them, by keyword
        self,
        *,
        redis_url: str,
        prefix: str,
        user: str,
        address: str,
        frames: str = "",
        named: Mapping[str, str],
        clock: Callable[[], int],
        metrics: Metrics,
    ) -> None:
        """Take limits as the `limits` library writes them ("600/minute"); `clock` in ms."""
        self._pool = BlockingConnectionPool.from_url(
            redis_url,
            max_connections=REDIS_CONNECTIONS,
            timeout=REDIS_TIMEOUT_S,
            socket_timeout=REDIS_TIMEOUT_S,
            socket_connect_timeout=REDIS_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        # The address is only parsed; the connections come from the pool, which knows unix://.
        storage = RedisStorage(
            "async+redis://pool:6379",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix=f"{prefix}:limits",
            connection_pool=self._pool,  # type: ignore[arg-type]
        )
        counter = SlidingWindowCounterRateLimiter(storage)
        shared = {"user": user, **named}
        self._shared = {
            name: SharedLimit(parse(text), counter, clock) for name, text in shared.items() if text
        }
        self._address = Buckets(parse(address), clock) if address else None
        self._frames = Buckets(parse(frames), clock) if frames else None
        self._clock = clock
        self._metrics = metrics
        self._redis_rests_until_ms = 0

    def check_address(self, address: str) -> None:
        """Count a request of this address; raises TooMany."""
        if self._address is not None:
            self._refuse("address", self._address.wait_ms(network(address)))

    def check_frames(self, address: str) -> None:
        """Count a frame on a socket that anybody may open; raises TooMany."""
        if self._frames is not None:
            self._refuse("frames", self._frames.wait_ms(network(address)))

    async def check_user(self, user_id: str) -> None:
        """Count a request of this user; raises TooMany."""
        await self.check("user", user_id)

    async def check_guest(self, address: str) -> None:
        """Count a request of somebody without a token; raises TooMany.

        By address: all of them are one user, and one must not use up what the others have.
        """
        await self.check("user", "guest", network(address))

    async def check(self, limit: str, *who: str) -> None:
        """Count against a named limit for whoever `who` names; raises TooMany."""
        shared = self._shared.get(limit)
        if shared is None:
            return
        # Hashed, because what comes from outside must not shape a key.
        name = f"{limit}-{hashlib.sha256(chr(0).join(who).encode()).hexdigest()[:32]}"
        self._refuse(limit, await self._wait_ms(shared, limit, name))

    async def _wait_ms(self, shared: SharedLimit, limit: str, name: str) -> int:
        if self._clock() >= self._redis_rests_until_ms:
            try:
                return await shared.wait_ms(name)
            except StorageError as fault:
                self._redis_rests_until_ms = self._clock() + REDIS_REST_MS
                log.warning("limiter_without_redis", limit=limit, fault=str(fault))
        self._metrics.limiter_failures.inc()
        return shared.local.wait_ms(name)

    def _refuse(self, limit: str, wait_ms: int) -> None:
        if wait_ms:
            self._metrics.refused.labels(limit).inc()
            seconds = math.ceil(wait_ms / 1000)
            raise TooMany(f"Too many requests; try again in {seconds} s.", retry_after_s=seconds)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._pool.disconnect()


def network(address: str) -> str:
    """Return what one party holds: an IPv4 address, or the /64 around an IPv6 address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 4:  # noqa: PLR2004
        return address
    return str(ipaddress.ip_network((ip, IPV6_PREFIX), strict=False))
