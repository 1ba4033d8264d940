"""The real servers under the tests, and settings that keep tests apart on them."""

import asyncio
import dataclasses
import secrets
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from motor.motor_asyncio import AsyncIOMotorClient
from redis.asyncio import Redis

from config.settings import Settings
from storage.embedded import Embedded, start

JWT_SECRET = "a secret for tests alone, longer than thirty-two bytes"
VAPID_PRIVATE_KEY = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
"""One that everybody knows: it stands in the example of RFC 8291."""
OPLOG_MB = 16


class Janitor:
    """Removes what tests leave, while others run: dropping a database takes a tenth of a second."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._removals: list[Future[None]] = []

    def forget(self, settings: Settings) -> None:
        """Remove the database and the keys of these settings, soon."""
        self._removals.append(self._thread.submit(asyncio.run, forget(settings)))

    def finish(self) -> None:
        """Wait for the end of it, and raise what went wrong."""
        self._thread.shutdown()
        for removal in self._removals:
            removal.result()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where the servers of this test run listen; `embedded` to stop and start them."""

    redis_url: str
    mongo_url: str
    embedded: Embedded
    janitor: "Janitor"


def running_stores(directory: Path) -> Iterator[Stores]:
    """Servers in this directory, stopped after the `yield`."""
    embedded = asyncio.run(start(directory, oplog_mb=OPLOG_MB))
    assert embedded.redis_url is not None
    assert embedded.mongo_url is not None
    janitor = Janitor()
    yield Stores(
        redis_url=embedded.redis_url,
        mongo_url=embedded.mongo_url,
        embedded=embedded,
        janitor=janitor,
    )
    janitor.finish()
    asyncio.run(embedded.stop())


def settings_on(stores: Stores, data_dir: Path) -> Settings:
    """Settings on these stores under a fresh name; `dataclasses.replace` for variants."""
    name = f"t{secrets.token_hex(6)}"
    return Settings(
        port=0,
        data_dir=data_dir / "data",
        redis_url=stores.redis_url,
        mongo_url=stores.mongo_url,
        redis_prefix=name,
        mongo_db=name,
        jwt_secret=JWT_SECRET,
        vapid_private_key=VAPID_PRIVATE_KEY,
        log_level="warning",
        # Most tests are about something else; those that are not ask for workers.
        analysis_workers=0,
    )


async def forget(settings: Settings) -> None:
    """Remove the database and the keys of these settings."""
    assert settings.redis_url is not None
    redis = Redis.from_url(settings.redis_url)
    keys = [key async for key in redis.scan_iter(f"{settings.redis_prefix}:*", count=1000)]
    if keys:
        await redis.unlink(*keys)
    await redis.aclose()
    mongo: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(settings.mongo_url)
    await mongo.drop_database(settings.mongo_db)
    mongo.close()
