"""Which errors of Redis pass by themselves, and which are ours to mend."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import (
    BusyLoadingError,
    ConnectionError as RedisConnectionError,
    NoPermissionError,
    ResponseError,
    TimeoutError as RedisTimeoutError,
)

from config.settings import Settings
from domain.errors import Unavailable
from storage.redis.client import connect, faults, translated
from tests.stores import Stores

WRITE = "return redis.call('SET', KEYS[1], 'x')"
Way = Callable[[Any, str], Awaitable[object]]


async def plainly(redis: Any, key: str) -> object:
    return await redis.set(key, "x")


async def in_a_pipeline(redis: Any, key: str) -> object:
    return await redis.pipeline(transaction=False).set(key, "x").execute()


async def in_a_transaction(redis: Any, key: str) -> object:
    return await redis.pipeline(transaction=True).set(key, "x").execute()


async def in_a_script(redis: Any, key: str) -> object:
    return await redis.register_script(WRITE)(keys=[key])


WAYS: tuple[Way, ...] = (plainly, in_a_pipeline, in_a_transaction, in_a_script)


@asynccontextmanager
async def connection(url: str) -> AsyncIterator[Any]:
    redis = connect(url)
    try:
        yield redis
    finally:
        await redis.aclose()


@pytest.mark.parametrize(
    "error",
    [
        RedisConnectionError("max number of clients reached"),
        RedisTimeoutError("slow"),
        OSError("gone"),
        BusyLoadingError("loading"),
        ResponseError("BUSY Redis is busy running a script."),
        ResponseError("MISCONF Redis is configured to save RDB snapshots"),
        ResponseError("NOGROUP No such key 'o' or consumer group 'settle'"),
        ResponseError("UNBLOCKED force unblock from blocking operation"),
        ResponseError("Command # 1 (XLEN o) of pipeline caused error: NOREPLICAS Not enough"),
        ResponseError("Command # 1 (XLEN o) of pipeline caused error: ('MISCONF Redis is …',)"),
    ],
    ids=str,
)
def test_what_passes_by_itself_is_unavailable(error: Exception) -> None:
    with pytest.raises(Unavailable) as told, translated():
        raise error
    assert told.value.__cause__ is error


@pytest.mark.parametrize(
    "error",
    [
        ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value"),
        ResponseError("value is not an integer or out of range, says MISCONF nobody"),
        NoPermissionError("this user has no permissions"),
    ],
    ids=str,
)
def test_what_is_ours_to_mend_stays_what_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as told, translated():
        raise error
    assert told.value is error


@pytest.mark.gen_test
async def test_a_fault_in_a_script_stays_what_it_is(settings: Settings) -> None:
    assert settings.redis_url is not None
    async with connection(settings.redis_url) as redis:
        key = f"{settings.redis_prefix}:x"
        await redis.set(key, "text")
        for source in ("return nonsense()", "return redis.call('HGET', KEYS[1], 'f')"):
            with pytest.raises(ResponseError), translated():
                await redis.register_script(source)(keys=[key])


@pytest.mark.gen_test
async def test_a_redis_that_takes_no_writes_is_unavailable_in_every_way(
    own_stores: Stores,
) -> None:
    async with connection(own_stores.redis_url) as redis:

        async def refused() -> None:
            for way in WAYS:
                with pytest.raises(Unavailable), translated():
                    await way(redis, "k")

        for setting, value, usual in (("maxmemory", 1, 0), ("min-replicas-to-write", 1, 0)):
            await redis.config_set(setting, value)
            await refused()
            await redis.config_set(setting, usual)
        await redis.execute_command("REPLICAOF", "127.0.0.1", "1")
        await refused()
        await redis.config_set("replica-serve-stale-data", "no")
        with pytest.raises(Unavailable), translated():
            await redis.get("k")
        await redis.execute_command("REPLICAOF", "NO", "ONE")
        await plainly(redis, "k")


@pytest.mark.gen_test
async def test_a_redis_that_hides_its_settings_is_told_of_and_no_more(own_stores: Stores) -> None:
    async with connection(own_stores.redis_url) as redis:
        assert await faults(redis) == []
        await redis.execute_command(
            "ACL", "SETUSER", "narrow", "on", ">secret", "~*", "&*", "+@all", "-config"
        )
        narrow: Any = Redis.from_url(
            own_stores.redis_url, username="narrow", password="secret", decode_responses=True
        )
        (fault,) = await faults(narrow)
        await narrow.aclose()
    assert "cannot be inspected" in fault.detail
    assert not fault.fatal
