"""Connections to Redis, with time-outs and retries that are chosen, not inherited."""

import re
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.exceptions import (
    ClusterDownError,
    ConnectionError as RedisConnectionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TimeoutError as RedisTimeoutError,
    TryAgainError,
)

from domain.errors import Unavailable

COMMAND_TIMEOUT_S: Final = 0.5
CONNECT_TIMEOUT_S: Final = 0.5
RETRIES: Final = 1
LUA: Final = Path(__file__).parent / "lua"

# What passes by itself. Of some the driver makes errors of their own; the others are told by
# their first word, before which the driver puts its own for a pipeline, and Redis 6 for a script.
PASSING: Final = (
    RedisConnectionError,
    RedisTimeoutError,
    OSError,
    ClusterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    TryAgainError,
)
PASSING_CODE: Final = re.compile(
    r"(?:^|pipeline caused error: (?:\(')?|@user_script: ?\d+: -?)"
    r"(?:BUSY|CLUSTERDOWN|MASTERDOWN|MISCONF|NOGROUP|NOREPLICAS|OOM|READONLY|TRYAGAIN|UNBLOCKED) "
)


def connect(
    url: str,
    *,
    connections: int = 64,
    timeout_s: float = COMMAND_TIMEOUT_S,
    decode: bool = True,
) -> Redis:
    """A client for short commands: bounded in number, in time and in retries.

    Without `decode` it gives bytes.

    Retries re-send a command whose reply was lost, so everything sent through
    this client must be harmless when it runs twice.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=timeout_s,
        socket_timeout=timeout_s,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        decode_responses=decode,
        retry=Retry(
            ExponentialWithJitterBackoff(base=0.02, cap=0.2),
            RETRIES,
            supported_errors=(RedisConnectionError, RedisTimeoutError),
        ),
    )
    return Redis.from_pool(pool)


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors that pass by themselves into Unavailable; those of our own making stay."""
    try:
        yield
    except PASSING as error:
        raise _unavailable() from error
    except ResponseError as error:
        if PASSING_CODE.search(str(error)):
            raise _unavailable() from error
        raise


def _unavailable() -> Unavailable:
    return Unavailable("the session store is out of reach; try again shortly")


class Script:
    """A Lua script from storage/redis/lua, sent by digest and re-loaded when Redis forgot it."""

    def __init__(self, redis: Redis, name: str) -> None:
        source = (LUA / f"{name}.lua").read_text(encoding="utf-8")
        self._registered = redis.register_script(source)

    async def __call__(self, keys: list[str], args: list[str]) -> Any:
        with translated():
            return await cast(Awaitable[Any], self._registered(keys=keys, args=args))


def subscriber(url: str) -> Redis:
    """A client for a subscription: it says so when it breaks, and leaves the rest to its user.

    The time-out is for coming to terms; whoever waits for messages says how long.
    """
    options = {} if url.startswith("unix:") else {"socket_keepalive": True}
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=COMMAND_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        **options,
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a Redis, in words for an operator."""

    detail: str
    fatal: bool
    """Whether it may throw sessions away while it runs."""


async def faults(redis: Redis) -> list[Fault]:
    """What is wrong with the Redis at hand. Raises Unavailable when it cannot be reached."""
    try:
        with translated():
            policy = (await redis.config_get("maxmemory-policy")).get("maxmemory-policy")
            append_only = (await redis.config_get("appendonly")).get("appendonly")
    except ResponseError as refused:
        return [_uninspected(str(refused))]
    if policy is None or append_only is None:
        return [_uninspected("CONFIG GET shows nothing")]
    found = []
    if policy != "noeviction":
        found.append(
            Fault(
                f"Redis has maxmemory-policy {policy} and may throw sessions away;"
                " set it to noeviction",
                fatal=True,
            )
        )
    if append_only != "yes":
        found.append(
            Fault("Redis has appendonly off; its restart loses running sessions", fatal=False)
        )
    return found


def _uninspected(reason: str) -> Fault:
    return Fault(
        f"Redis cannot be inspected ({reason});"
        " see to it that it has maxmemory-policy noeviction and appendonly yes",
        fatal=False,
    )
