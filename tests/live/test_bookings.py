"""What surrounds a booking never stands in its way: timelines, leaderboards."""

import json
from typing import Any

import pytest
from redis.exceptions import ResponseError

from config.settings import Settings
from domain.commands import Blur, Complete, Focus
from domain.errors import Unavailable
from tests.engines import Side, begun, side
from tests.fakes import DrivenClock
from tests.settlers import Settler, check_books, settler
from tests.timed import MINUTE


async def ended(one: Side, clock: DrivenClock) -> str:
    """A session of a minute of focus and one away has just ended; the key of its events."""
    await one.engine.start(begun(clock()))
    for command in (Blur(), Focus(), Complete()):
        clock.advance(MINUTE // 2 if not isinstance(command, Focus) else MINUTE)
        await one.engine.execute("u-1", "s-1", command)
    return one.keys.session_events("s-1")


async def booked(mine: Settler) -> dict[str, Any]:
    """The timeline of the one session, after its entry has been applied at the first try."""
    await mine.writer.apply(await mine.fresh())
    assert (mine.writer.settled, mine.writer.repeated, mine.writer.buried) == (1, 0, 0)
    assert await mine.side.outbox_ids() == []
    assert set(await check_books(mine.db)) == {"u-1"}
    found = await mine.db.timelines.find_one({"_id": "s-1"})
    assert found is not None
    return dict(found)


@pytest.mark.gen_test
@pytest.mark.parametrize("fault", [Unavailable("not now"), ResponseError("WRONGTYPE")])
async def test_leaderboards_that_fail_are_owed_their_refresh(
    settings: Settings, clock: DrivenClock, fault: Exception
) -> None:
    async with side(settings, clock) as one, settler(settings, clock, one) as mine:
        await ended(one, clock)
        mine.boards.fault = fault
        await booked(mine)

        assert mine.boards.owed == [("u-1", clock())]
        assert await one.store.is_persisted("u-1", "s-1") is True


@pytest.mark.gen_test
async def test_a_timeline_is_kept_with_the_session(settings: Settings, clock: DrivenClock) -> None:
    async with side(settings, clock) as one, settler(settings, clock, one) as mine:
        await ended(one, clock)
        found = await booked(mine)

        assert found["whole"] is True
        assert [event["event"] for event in found["events"]] == [
            "started", "blurred", "focused", "completed",
        ]  # fmt: skip
        assert mine.boards.refreshed == [("u-1", clock())]


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "damage",
    ["not JSON", "7", "{}", '{"event": 1}', '{"segment": 7}', "[" * 2_000,
     '{"event":"paused","rev":2,"at":1,"segment":{"kind":"x"},"data":{}}'],
)  # fmt: skip
async def test_a_damaged_event_costs_what_came_before_it_and_no_xp(
    settings: Settings, clock: DrivenClock, damage: str
) -> None:
    async with side(settings, clock) as one, settler(settings, clock, one) as mine:
        key = await ended(one, clock)
        kept = await one.redis.xrange(key)
        await one.redis.delete(key)
        for entry_id, fields in kept:
            event = damage if entry_id.startswith("2-") else fields["event"]
            await one.redis.xadd(key, {"rev": fields["rev"], "event": event}, id=entry_id)
        found = await booked(mine)

        assert found["whole"] is False
        assert [event["rev"] for event in found["events"]] == [3, 4]
        document = await mine.db.sessions.find_one({"_id": "s-1"})
        assert document is not None
        assert sum(day["focused_ms"] for day in document["days"]) == MINUTE


@pytest.mark.gen_test
async def test_a_timeline_that_nobody_can_keep_is_left_out(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one, settler(settings, clock, one) as mine:
        key = await ended(one, clock)
        (last,) = await one.redis.xrevrange(key, count=1)
        event = json.loads(last[1]["event"]) | {"at": 2**70}
        await one.redis.xdel(key, last[0])
        await one.redis.xadd(key, {"rev": "4", "event": json.dumps(event)}, id="9-0")
        refused = await booked(mine)
    async with side(settings, clock) as one, settler(settings, clock, one) as mine:
        await mine.db.drop_collection("ledger")
        await mine.db.drop_collection("users")
        await one.redis.delete(one.keys.session("s-1"), key)
        await one.redis.delete(key)
        await ended(one, clock)
        await one.redis.delete(key)
        await one.redis.set(key, "no stream")
        unreadable = await booked(mine)

    for found in (refused, unreadable):
        assert (found["events"], found["whole"]) == ([], False)
