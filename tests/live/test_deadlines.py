"""Deadlines: booked at their instant, fired once, with their lateness on record."""

import asyncio
import json
from typing import Any

import pytest

from config.settings import Settings
from domain.commands import Complete, PauseCommand
from domain.errors import WrongState
from domain.session import Session, next_due, seen
from storage.redis.keys import Keys
from tests.engines import Side, begun, side
from tests.fakes import DrivenClock
from tests.timed import HOUR, MINUTE, SECOND

USER = "u-1"


async def ended(one: Side, session_id: str = "s-1") -> tuple[Session, dict[str, Any]]:
    """The session, which has ended, and what its last event says of the end."""
    found = await one.store.find(session_id)
    assert found is not None
    assert found.terminal
    event = json.loads((await one.events(session_id))[-1][1])
    assert event["rev"] == found.rev
    assert event["at"] == found.ended_at
    return found, event["data"]


@pytest.mark.gen_test
@pytest.mark.parametrize("late_ms", [0, 1, 3 * SECOND, 72 * HOUR])
async def test_a_planned_end_is_booked_at_its_instant_however_late_it_is_noticed(
    settings: Settings, clock: DrivenClock, late_ms: int
) -> None:
    async with side(settings, clock) as one:
        began = clock()
        await one.engine.start(begun(began, planned_ms=25 * MINUTE))
        clock.advance(25 * MINUTE - 1)
        await one.deadlines.scan()
        await one.check_live()
        assert await one.outbox_ids() == []
        clock.advance(1 + late_ms)

        await one.deadlines.scan()

        session, data = await ended(one)
        due = began + 25 * MINUTE
        assert (session.completed_reason, session.ended_at) == ("auto", due)
        assert (session.active_ms, session.focused_ms) == (25 * MINUTE, 25 * MINUTE)
        told = {"due_at": due, "fired_at": due + late_ms, "late_ms": late_ms}
        assert data == told | {"completed_reason": "auto", "xp_total": 3000}
        assert one.late_s == [late_ms / 1000]
        assert await one.outbox_ids() == ["s-1"]
        await one.check_live()


@pytest.mark.gen_test
async def test_a_pause_moves_the_planned_end(settings: Settings, clock: DrivenClock) -> None:
    async with side(settings, clock) as one:
        began = clock()
        await one.engine.start(begun(began, planned_ms=25 * MINUTE))
        clock.advance(10 * MINUTE)
        await one.engine.execute(USER, "s-1", PauseCommand())
        clock.advance(60 * MINUTE)
        await one.deadlines.scan()
        await one.check_live()

        assert await one.redis.zscore(one.keys.deadlines, "s-1") == began + 12 * HOUR


@pytest.mark.gen_test
async def test_who_was_gone_earns_nothing_after_their_last_sign(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        session = begun(clock())
        await one.engine.start(session)
        last_seen = clock.advance(20 * MINUTE)
        await one.store.touch(one.keys, [seen(session, last_seen)])
        clock.advance(4 * HOUR + 17 * SECOND)

        await one.deadlines.scan()

        gone, data = await ended(one)
        assert (gone.completed_reason, gone.ended_at) == ("abandoned", last_seen)
        assert gone.focused_ms == 20 * MINUTE
        assert data["due_at"] == last_seen + 4 * HOUR
        assert data["late_ms"] == 17 * SECOND


@pytest.mark.gen_test
async def test_the_hard_limit_ends_running_and_paused_sessions(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        began = clock()
        for n in range(2):
            await one.engine.start(begun(began, id=f"s-{n}", user_id=f"u-{n}", abandon_ms=None))
        clock.advance(HOUR)
        await one.engine.execute("u-1", "s-1", PauseCommand())
        clock.advance(20 * HOUR)

        await one.deadlines.scan()

        for n, active_ms in ((0, 12 * HOUR), (1, HOUR)):
            session, _ = await ended(one, f"s-{n}")
            assert (session.completed_reason, session.ended_at) == ("timeout", began + 12 * HOUR)
            assert session.active_ms == active_ms


@pytest.mark.gen_test
async def test_two_nodes_scanning_at_once_fire_each_deadline_once(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one, side(settings, clock) as two:
        ids = [f"s-{n}" for n in range(30)]
        for n, session_id in enumerate(ids):
            session = begun(clock(), id=session_id, user_id=f"u-{n}", planned_ms=MINUTE)
            await one.engine.start(session)
        clock.advance(MINUTE + 250)

        await asyncio.gather(*(each.deadlines.scan() for each in (one, two, one, two)))

        assert sorted(await one.outbox_ids()) == sorted(ids)
        assert one.deadlines.fired + two.deadlines.fired == 30
        assert one.late_s + two.late_s == [0.25] * 30
        assert await one.redis.zcard(one.keys.deadlines) == 0


@pytest.mark.gen_test
async def test_hints_are_only_hints(settings: Settings, clock: DrivenClock) -> None:
    async with side(settings, clock) as one:
        early, done = begun(clock()), begun(clock(), id="s-2", user_id="u-2")
        await one.engine.start(early)
        await one.engine.start(done)
        await one.engine.execute("u-2", "s-2", Complete())
        wrong = {"s-1": clock() - 1, "s-2": clock() - 1, "nobody": clock() - 1}
        await one.redis.zadd(one.keys.deadlines, wrong)

        await one.deadlines.scan()

        hints = await one.redis.zrange(one.keys.deadlines, 0, -1, withscores=True)
        assert [(name, int(due)) for name, due in hints] == [("s-1", next_due(early))]
        assert one.deadlines.fired == 0
        assert len(await one.events()) == 1


@pytest.mark.gen_test
async def test_evidence_that_only_this_node_has_counts(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        session = begun(clock())
        await one.engine.start(session)
        lively = seen(session, clock.advance(3 * HOUR))
        one.registry.see(lively)
        clock.advance(2 * HOUR)

        await one.deadlines.scan()

        score = await one.redis.zscore(one.keys.deadlines, "s-1")
        assert score == next_due(lively)
        clock.advance(2 * HOUR)
        await one.deadlines.scan()
        gone, _ = await ended(one)
        assert gone.ended_at == lively.last_seen_at


@pytest.mark.gen_test
async def test_a_command_meets_the_deadline_first(settings: Settings, clock: DrivenClock) -> None:
    async with side(settings, clock) as one, side(settings, clock) as two:
        due = clock() + 25 * MINUTE
        await one.engine.start(begun(clock(), planned_ms=25 * MINUTE))
        clock.advance(25 * MINUTE + 5 * SECOND)

        with pytest.raises(WrongState) as refused:
            await one.engine.execute(USER, "s-1", PauseCommand())
        completed = await two.engine.execute(USER, "s-1", Complete())

        session, data = await ended(one)
        assert (session.completed_reason, session.ended_at) == ("auto", due)
        assert data["late_ms"] == 5 * SECOND
        assert refused.value.state == session
        assert (completed.session, completed.event) == (session, None)
        assert await one.outbox_ids() == ["s-1"]


@pytest.mark.gen_test
async def test_a_crowd_of_deadlines_is_worked_off_in_one_go(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        crowd = [
            begun(clock(), id=f"s-{n}", user_id=f"u-{n}", planned_ms=MINUTE) for n in range(250)
        ]
        await asyncio.gather(*(one.engine.start(session) for session in crowd))
        clock.advance(HOUR)

        await one.deadlines.scan()

        assert one.deadlines.fired == 250
        assert await one.redis.xlen(one.keys.outbox) == 250


@pytest.mark.gen_test
async def test_unreadable_sessions_do_not_hold_up_the_others(
    settings: Settings, clock: DrivenClock
) -> None:
    keys = Keys(settings.redis_prefix).shard_of("u")
    async with side(settings, clock) as one:
        for n in range(250):
            session = begun(clock() + n, id=f"s-{n}", user_id=f"u-{n}", planned_ms=MINUTE)
            await one.engine.start(session)
        for n in range(220):
            await one.redis.hset(keys.session(f"s-{n}"), "rev", "one")
        clock.advance(HOUR)

        await one.deadlines.scan()

        assert one.deadlines.fired == 30
        assert await one.redis.zcard(keys.deadlines) == 220
