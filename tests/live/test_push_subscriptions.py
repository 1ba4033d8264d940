"""Browsers belong to one user at a time, and to a bounded number of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from config.settings import Settings
from domain.push_endpoints import SUBSCRIPTIONS_MAX, accept_subscription
from storage.mongo.client import Mongo, instant
from storage.mongo.indexes import ensure_indexes
from storage.mongo.push_subscriptions import PushSubscriptions
from tests.fakes import DrivenClock
from tests.push_stub import HOST, Browser, text


@asynccontextmanager
async def collection(
    settings: Settings, clock: DrivenClock
) -> AsyncIterator[tuple[PushSubscriptions, Mongo]]:
    mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
    await ensure_indexes(mongo.db)
    try:
        yield PushSubscriptions(mongo.db, clock), mongo
    finally:
        mongo.close()


@pytest.mark.gen_test
async def test_a_browser_that_changes_hands_is_the_new_users(
    settings: Settings, clock: DrivenClock
) -> None:
    shared = Browser().subscription()
    async with collection(settings, clock) as (browsers, _):
        first = await browsers.add("ada", shared)
        clock.advance(1_000)
        again = await browsers.add("ada", shared)
        await browsers.add("bob", shared)
        (bobs,) = await browsers.of_user("bob")

        assert await browsers.of_user("ada") == []
        assert first == again
        assert (bobs.subscription, bobs.created_at) == (shared, clock())
        assert bobs.subscription.host == HOST


@pytest.mark.gen_test
async def test_a_browser_that_subscribes_anew_is_told_with_its_new_keys(
    settings: Settings, clock: DrivenClock
) -> None:
    old, new = Browser(name="one"), Browser(name="one")
    async with collection(settings, clock) as (browsers, mongo):
        await browsers.add("ada", old.subscription())
        for _ in range(3):
            await browsers.failed(old.subscription())
        await browsers.add("ada", new.subscription())
        # Somebody has just learned that the old one is gone.
        await browsers.drop(old.subscription())
        (kept,) = await mongo.db["push_subscriptions"].find().to_list(None)

        assert (kept["auth"], kept["failures"]) == (text(new.secret), 0)
        assert "expires_at" not in kept


@pytest.mark.gen_test
async def test_a_user_has_at_most_so_many_and_the_one_renewed_longest_ago_goes(
    settings: Settings, clock: DrivenClock
) -> None:
    names = [f"b{number:02}" for number in range(SUBSCRIPTIONS_MAX + 2)]
    async with collection(settings, clock) as (browsers, _):
        await browsers.add("bob", Browser(name="bobs").subscription())
        for name in names[:SUBSCRIPTIONS_MAX]:
            clock.advance(1)
            await browsers.add("ada", Browser(name=name).subscription())
        clock.advance(1)
        await browsers.add("ada", Browser(name=names[0]).subscription())
        for name in names[SUBSCRIPTIONS_MAX:]:
            clock.advance(1)
            await browsers.add("ada", Browser(name=name).subscription())
        kept = await browsers.of_user("ada")

        found = {one.subscription.endpoint.rpartition("/")[2] for one in kept}
        assert found == set(names) - {"b01", "b02"}
        assert len(await browsers.of_user("bob")) == 1


@pytest.mark.gen_test
async def test_only_its_user_removes_a_browser(settings: Settings, clock: DrivenClock) -> None:
    mine = Browser().subscription()
    async with collection(settings, clock) as (browsers, _):
        await browsers.add("ada", mine)
        await browsers.remove("bob", mine.endpoint)
        still = await browsers.of_user("ada")
        for _ in range(2):
            await browsers.remove("ada", mine.endpoint)

        assert (len(still), await browsers.of_user("ada")) == (1, [])


@pytest.mark.gen_test
async def test_a_subscription_that_names_its_end_is_kept_no_longer(
    settings: Settings, clock: DrivenClock
) -> None:
    told = Browser().to_json()
    async with collection(settings, clock) as (browsers, mongo):
        ending = accept_subscription(told["endpoint"], told["keys"], clock() + 5, (HOST,))
        await browsers.add("ada", ending)
        (kept,) = await mongo.db["push_subscriptions"].find().to_list(None)
        (seen,) = await browsers.of_user("ada")
        indexes = await mongo.db["push_subscriptions"].index_information()

        assert kept["expires_at"] == instant(clock() + 5)
        assert seen.subscription == ending
        assert indexes["expiry"]["expireAfterSeconds"] == 0


@pytest.mark.gen_test
async def test_many_requests_of_one_browser_leave_one_subscription(
    settings: Settings, clock: DrivenClock
) -> None:
    mine = Browser().subscription()
    async with collection(settings, clock) as (browsers, mongo):
        calls = (browsers.add(f"u-{number % 2}", mine) for number in range(10))
        await asyncio.gather(*calls, return_exceptions=True)

        assert await mongo.db["push_subscriptions"].count_documents({}) == 1
