"""A reminder that is due becomes one notice, whoever and how many notice it."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from config.settings import Settings
from domain.errors import Unavailable
from domain.instants import DAY_MS
from domain.notices import Notice
from domain.reminders import LATE_MS
from storage.mongo.users import Users
from tests.fakes import DrivenClock
from tests.notifiers import Notifier, notice, notifier

HOUR = 3_600_000


@dataclass
class Wishes:
    """Who is to be reminded; notes whom it was asked about."""

    nothing: set[str] = field(default_factory=set)
    faults: dict[str, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def reminder(self, user_id: str, now_ms: int) -> Notice | None:
        self.asked.append(user_id)
        if user_id in self.faults:
            raise self.faults[user_id]
        return None if user_id in self.nothing else notice(now_ms, user_id, f"do it, {user_id}")


async def settle_in(node: Notifier, clock: DrivenClock, *names: str, zone: str = "UTC") -> None:
    """Let users live somewhere, each with a browser of their name."""
    users = Users(node.db, clock)
    for name in names:
        await users.provision(name)
        await users.update_profile(name, {"time_zone": zone})
        await node.subscribe(name, name)


def to_time(clock: DrivenClock, time: str, zone: str = "UTC") -> None:
    """Move the clock to when the wall clock of a zone shows this next."""
    hour, minute = map(int, time.split(":"))
    now = datetime.fromtimestamp(clock() / 1000, ZoneInfo(zone))
    passed = ((now.hour - hour) * 60 + now.minute - minute) * 60 + now.second
    clock.advance((-passed % 86_400) * 1000)


@pytest.mark.gen_test
async def test_a_reminder_comes_every_day_at_its_time(
    settings: Settings, clock: DrivenClock
) -> None:
    async with notifier(settings, clock) as node:
        await settle_in(node, clock, "ada", zone="Asia/Kathmandu")
        to_time(clock, "07:59", "Asia/Kathmandu")
        chosen = await node.push.reminding.choose("ada", enabled=True, time="08:00")
        told = []
        for _ in range(3):
            await node.push.reminding.send_due()
            await node.work()
            told.append(len(node.courier.sent))
            clock.advance(60_000)
        for _ in range(2):
            clock.advance(DAY_MS)
            await node.push.reminding.send_due()
            await node.work()

        assert chosen.next_at is not None
        assert told == [0, 1, 1]
        assert node.courier.sent == [("ada", "Time to focus")] * 3


@pytest.mark.gen_test
async def test_many_nodes_that_see_it_send_it_once(settings: Settings, clock: DrivenClock) -> None:
    names = [f"u-{number}" for number in range(30)]
    async with notifier(settings, clock) as one, notifier(settings, clock) as two:
        await settle_in(one, clock, *names)
        for name in names:
            await one.push.reminding.choose(name, enabled=True, time="08:00")
        to_time(clock, "08:00")
        await asyncio.gather(*(node.push.reminding.send_due() for node in (one, two, one, two)))
        await asyncio.gather(one.work(), two.work())

        assert sorted(one.courier.sent + two.courier.sent) == [
            (name, "Time to focus") for name in sorted(names)
        ]
        waiting = await one.db["reminders"].find().to_list(None)
        assert {each["next_at"].hour for each in waiting} == {8}


@pytest.mark.gen_test
async def test_a_node_that_dies_before_it_has_moved_a_reminder_doubles_nothing(
    settings: Settings, clock: DrivenClock
) -> None:
    async with notifier(settings, clock) as node:
        await settle_in(node, clock, "ada")
        chosen = await node.push.reminding.choose("ada", enabled=True, time="08:00")
        to_time(clock, "08:00")
        key = f"reminder:ada:{chosen.next_at}"
        await node.push.notices.add(notice(clock(), title="by the dead"), key=key)
        await node.work()
        await node.push.reminding.send_due()
        await node.work()

        assert node.courier.sent == [("ada", "by the dead")]
        assert (await node.push.reminding.chosen("ada")).next_at == clock() + DAY_MS


@pytest.mark.gen_test
async def test_who_has_done_everything_is_left_in_peace(
    settings: Settings, clock: DrivenClock
) -> None:
    wishes = Wishes(nothing={"ada"})
    async with notifier(settings, clock, wanted=wishes) as node:
        await settle_in(node, clock, "ada", "bob")
        for name in ("ada", "bob"):
            await node.push.reminding.choose(name, enabled=True, time="08:00")
        to_time(clock, "08:00")
        await node.push.reminding.send_due()
        await node.work()
        asked = sorted(wishes.asked)
        await node.push.reminding.send_due()

        assert node.courier.sent == [("bob", "do it, bob")]
        assert asked == sorted(wishes.asked) == ["ada", "bob"]


@pytest.mark.gen_test
async def test_one_that_is_far_too_late_is_left_out(settings: Settings, clock: DrivenClock) -> None:
    async with notifier(settings, clock) as node:
        await settle_in(node, clock, "ada", "bob")
        await node.push.reminding.choose("ada", enabled=True, time="08:00")
        await node.push.reminding.choose("bob", enabled=True, time="09:00")
        to_time(clock, "09:00")
        clock.advance(LATE_MS)
        await node.push.reminding.send_due()
        await node.work()

        assert node.courier.sent == [("bob", "Time to focus")]
        for name, at in (("ada", DAY_MS - 2 * HOUR), ("bob", DAY_MS - HOUR)):
            assert (await node.push.reminding.chosen(name)).next_at == clock() + at


@pytest.mark.gen_test
async def test_one_that_nobody_can_answer_for_holds_up_no_other_and_stays_due(
    settings: Settings, clock: DrivenClock
) -> None:
    wishes = Wishes(faults={"ada": RuntimeError("a bug")})
    async with notifier(settings, clock, wanted=wishes) as node:
        await settle_in(node, clock, "ada", "bob")
        for name in ("ada", "bob"):
            await node.push.reminding.choose(name, enabled=True, time="08:00")
        to_time(clock, "08:00")
        await node.push.reminding.send_due()
        await node.work()
        first = list(node.courier.sent)
        wishes.faults = {"ada": Unavailable("not now")}
        with pytest.raises(Unavailable):
            await node.push.reminding.send_due()
        wishes.faults = {}
        await node.push.reminding.send_due()
        await node.work()

        assert first == [("bob", "do it, bob")]
        assert node.courier.sent == [("bob", "do it, bob"), ("ada", "do it, ada")]


@pytest.mark.gen_test
async def test_a_reminder_that_is_off_or_whose_user_is_gone_never_comes(
    settings: Settings, clock: DrivenClock
) -> None:
    wishes = Wishes()
    async with notifier(settings, clock, wanted=wishes) as node:
        await settle_in(node, clock, "ada")
        await node.push.reminding.choose("ada", enabled=True, time="08:00")
        off = await node.push.reminding.choose("ada", enabled=False, time="09:30")
        await node.push.reminding.choose("nobody", enabled=True, time="08:00")
        to_time(clock, "08:00")
        await node.push.reminding.send_due()
        gone = await node.push.reminding.chosen("nobody")

        assert wishes.asked == []
        assert (off.enabled, off.time, off.next_at) == (False, "09:30", None)
        assert await node.push.reminding.chosen("ada") == off
        assert (gone.enabled, gone.next_at) == (False, None)


@pytest.mark.gen_test
async def test_a_reminder_moves_with_its_user(settings: Settings, clock: DrivenClock) -> None:
    async with notifier(settings, clock) as node:
        await settle_in(node, clock, "ada", zone="UTC")
        to_time(clock, "12:00")
        await node.push.reminding.choose("ada", enabled=True, time="08:00")
        users = Users(node.db, clock)
        moved = []
        for zone in ("Asia/Tokyo", "America/New_York", "UTC"):
            user = await users.update_profile("ada", {"time_zone": zone})
            assert user is not None
            await node.push.reminding.follow(user)
            at = (await node.push.reminding.chosen("ada")).next_at
            assert at is not None
            moved.append((at - clock()) // HOUR)

        # At noon in UTC it is nine in the evening in Tokyo, and eight on the dot in New York.
        assert moved[0] == 11
        assert moved[1] in (24, 1)
        assert moved[2] == 20
