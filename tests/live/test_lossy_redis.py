"""Replies that get lost, connections that break, a Redis that is full: never twice, never half."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from config.settings import Settings
from domain.commands import Blur, Command, Complete, Distract, PauseCommand, Resume
from domain.errors import Unavailable
from storage import embedded
from storage.redis.bus import Bus, SilentBus
from storage.redis.client import RETRIES, subscriber
from storage.redis.keys import Keys
from tests.engines import Side, begun, side
from tests.fakes import DrivenClock
from tests.faultproxy import FaultProxy
from tests.timed import SECOND

USER = "u-1"
SCRIPT = b"EVALSHA"
TIMEOUT_S = 0.2


@asynccontextmanager
async def through_a_proxy(
    settings: Settings, clock: DrivenClock
) -> AsyncIterator[tuple[Side, FaultProxy]]:
    proxy = FaultProxy(str(settings.redis_url))
    async with (
        proxy.listening(),
        side(settings, clock, url=proxy.url, timeout_s=TIMEOUT_S) as lossy,
    ):
        # The script is known to Redis, and a connection is open.
        await lossy.engine.start(begun(clock(), id="first", user_id="somebody"))
        yield lossy, proxy


@pytest.mark.gen_test
@pytest.mark.parametrize("spoil", [FaultProxy.drop_replies, FaultProxy.cut_replies])
async def test_a_lost_reply_does_not_double_a_transition(
    settings: Settings, clock: DrivenClock, spoil: Callable[..., None]
) -> None:
    async with through_a_proxy(settings, clock) as (lossy, proxy):
        spoil(proxy, RETRIES, to=SCRIPT)
        started = await lossy.engine.start(begun(clock()), "c-0")
        clock.advance(SECOND)
        commands: list[Command] = [Distract("a"), PauseCommand(), Resume(), Complete()]
        for number, command in enumerate(commands):
            spoil(proxy, RETRIES, to=SCRIPT)
            result = await lossy.engine.execute(USER, "s-1", command)
            assert not result.repeated
            assert result.session.rev == number + 2

        assert started.event == "started"
        assert proxy.spoiled == 5 * RETRIES
        assert [entry_id for entry_id, _ in await lossy.events()] == [
            "1-0", "2-0", "3-0", "4-0", "5-0",
        ]  # fmt: skip
        assert await lossy.outbox_ids() == ["s-1"]


@pytest.mark.gen_test
async def test_a_command_whose_fate_is_unknown_is_answered_when_it_is_sent_again(
    settings: Settings, clock: DrivenClock
) -> None:
    async with through_a_proxy(settings, clock) as (lossy, proxy), side(settings, clock) as other:
        await lossy.engine.start(begun(clock()))
        proxy.cut_replies(RETRIES + 1, to=SCRIPT)
        with pytest.raises(Unavailable):
            await lossy.engine.execute(USER, "s-1", Distract("a"), command_id="c-1")
        proxy.cut_replies(RETRIES + 1, to=SCRIPT)
        with pytest.raises(Unavailable):
            await lossy.engine.start(begun(clock(), id="s-2", user_id="u-2"), "c-2")

        answers = [
            await each.engine.execute(USER, "s-1", Distract("a"), command_id="c-1")
            for each in (other, lossy)
        ]
        started = await other.engine.start(begun(clock(), id="s-2", user_id="u-2"), "c-2")

        assert [(answer.repeated, answer.session.rev) for answer in answers] == [(True, 2)] * 2
        assert answers[0].session.distraction_count == 1
        assert (started.repeated, started.session.id) == (True, "s-2")


@pytest.mark.gen_test
async def test_a_command_that_did_not_get_through_is_not_acknowledged(
    settings: Settings, clock: DrivenClock
) -> None:
    async with through_a_proxy(settings, clock) as (lossy, proxy):
        await lossy.engine.start(begun(clock()))
        proxy.refuse()
        with pytest.raises(Unavailable):
            await lossy.engine.execute(USER, "s-1", PauseCommand())
        known = lossy.registry.get("s-1")
        proxy.heal()
        stored = await lossy.store.find("s-1")

        assert stored is not None
        assert stored == known
        assert stored.status == "active"


@pytest.mark.gen_test
async def test_what_was_held_back_on_the_way_is_refused_by_its_rev(
    settings: Settings, clock: DrivenClock
) -> None:
    async with through_a_proxy(settings, clock) as (lossy, proxy), side(settings, clock) as other:
        await lossy.engine.start(begun(clock()))
        proxy.blackhole()
        with pytest.raises(Unavailable):
            await lossy.engine.execute(USER, "s-1", Blur())
        paused = await other.engine.execute(USER, "s-1", PauseCommand())
        proxy.heal()
        # Whatever still arrives of all the tries arrives before this answer.
        assert await lossy.redis.ping()

        assert await other.store.find("s-1") == paused.session
        assert len(await other.events()) == 2


@pytest.mark.gen_test
async def test_a_silent_subscription_is_noticed_and_made_again(settings: Settings) -> None:
    proxy = FaultProxy(str(settings.redis_url))
    heard, lost = asyncio.Queue[str](), asyncio.Queue[Exception]()
    subscriptions = asyncio.Queue[str]()

    async def connected() -> None:
        subscriptions.put_nowait("there is one")

    async with proxy.listening():
        redis = subscriber(proxy.url)
        keys = Keys(settings.redis_prefix)
        bus = Bus(redis, keys, silence_s=TIMEOUT_S)
        listening = asyncio.create_task(bus.run(heard.put_nowait, connected, lost.put_nowait))
        await subscriptions.get()
        proxy.blackhole()
        assert isinstance(await lost.get(), SilentBus)
        assert not bus.connected
        proxy.heal()
        await subscriptions.get()
        await redis.publish(keys.control, "news")
        assert await heard.get() == "news"
        # Silence alone, with answers to pings, is no loss.
        count = lost.qsize()
        await asyncio.sleep(3 * TIMEOUT_S)
        assert (bus.connected, lost.qsize()) == (True, count)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await redis.aclose()


@pytest.mark.gen_test
async def test_a_full_redis_refuses_a_transition_whole(
    settings: Settings, clock: DrivenClock, tmp_path: Path
) -> None:
    own = await embedded.start(tmp_path / "own", mongo=False)
    full = dataclasses.replace(settings, redis_url=own.redis_url)
    async with side(full, clock) as one:
        await one.engine.start(begun(clock()))
        before = await one.dump()
        await one.redis.config_set("maxmemory", 1)
        clock.advance(SECOND)
        for command in (PauseCommand(), Distract("a"), Complete()):
            with pytest.raises(Unavailable):
                await one.engine.execute(USER, "s-1", command, command_id="c-1")
        with pytest.raises(Unavailable):
            await one.engine.start(begun(clock(), id="s-2", user_id="u-2"))

        assert await one.dump() == before
        await one.redis.config_set("maxmemory", 0)
        done = await one.engine.execute(USER, "s-1", Complete(), command_id="c-1")

        assert (done.repeated, done.session.focused_ms) == (False, SECOND)
        assert await one.outbox_ids() == ["s-1"]
    await own.stop()
