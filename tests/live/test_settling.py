"""From the outbox into MongoDB: once each, whatever happens on the way."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from config.settings import Settings
from domain.commands import Blur, Cancel, Command, Complete, PauseCommand
from domain.rates import Rates
from domain.session import Session
from realtime.tasks import Tasks
from storage.mongo.client import milliseconds
from storage.redis.codec import session_fields
from tests.engines import Side, begun, side, until
from tests.fakes import DrivenClock
from tests.settlers import check_books, settler
from tests.timed import HOUR, MINUTE, SECOND

USERS = 4


async def end_some(one: Side, clock: DrivenClock, count: int = 20) -> dict[str, int]:
    """End sessions of several users; returns the XP each user must have."""
    expected = dict.fromkeys((f"u-{n}" for n in range(USERS)), 0)
    for n in range(count):
        user, rates = f"u-{n % USERS}", Rates(1200, 600, n, 0, 199)
        await one.engine.start(begun(clock(), id=f"s-{n}", user_id=user, rates=rates))
        clock.advance(SECOND * n + 7)
        if n % 3 == 0:
            await one.engine.execute(user, f"s-{n}", Blur())
            clock.advance(MINUTE)
        last: Command = Cancel() if n % 5 == 4 else Complete()
        ended = (await one.engine.execute(user, f"s-{n}", last)).session
        assert ended.focused_ms == SECOND * n + 7
        expected[user] += 0 if n % 5 == 4 else rates.xp(ended.focused_ms).total
    return expected


@pytest.mark.gen_test(timeout=20)
async def test_entries_delivered_many_times_at_once_are_credited_once(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one, settler(settings, clock, one) as first:
        expected = await end_some(one, clock)
        entries = await first.fresh()
        async with settler(settings, clock, one) as second:
            deliveries = [each.writer.apply(entries) for each in (first, second, first, second)]
            await asyncio.gather(*deliveries)
            await second.writer.apply(entries)

            assert first.writer.settled + second.writer.settled == 20
            assert first.writer.repeated + second.writer.repeated == 80
            assert first.writer.buried + second.writer.buried == 0
        assert await check_books(first.db) == expected
        assert await one.outbox_ids() == []
        assert (await one.redis.xpending(one.keys.outbox, "settle"))["pending"] == 0


@pytest.mark.gen_test
async def test_a_crash_between_mongodb_and_redis_credits_once(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one, settler(settings, clock, one) as mine:
        expected = await end_some(one, clock, count=5)
        for entry in await mine.fresh("dead"):
            assert await mine.ledger.settle(entry.session())

        await mine.writer.take_over(one.keys, "living")

        assert (mine.writer.settled, mine.writer.repeated) == (0, 5)
        assert await check_books(mine.db) == {user: xp for user, xp in expected.items() if xp >= 0}
        assert await one.outbox_ids() == []


@pytest.mark.gen_test
async def test_the_pending_entries_of_a_dead_consumer_are_taken_over(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one, settler(settings, clock, one) as mine:
        expected = await end_some(one, clock, count=6)
        taken = await mine.fresh("dead")
        assert await mine.fresh("living") == []

        await mine.writer.take_over(one.keys, "living")

        assert len(taken) == mine.writer.settled == 6
        assert await check_books(mine.db) == expected


@pytest.mark.gen_test
async def test_a_document_holds_the_exact_session(settings: Settings, clock: DrivenClock) -> None:
    async with side(settings, clock) as one, settler(settings, clock, one) as mine:
        began = clock()
        await one.engine.start(begun(began, context={"goal_id": "g", "activity_id": "a"}))
        clock.advance(90_500)
        await one.engine.execute("u-1", "s-1", PauseCommand())
        clock.advance(HOUR)
        await one.engine.execute("u-1", "s-1", Complete({"device_platform": "ios"}))
        await mine.writer.apply(await mine.fresh())

        found = await mine.db.sessions.find_one({"_id": "s-1"})
        assert found is not None
        assert milliseconds(found["started_at"]) == began
        assert milliseconds(found["ended_at"]) == began + 90_500 + HOUR
        assert (found["active_ms"], found["focused_ms"]) == (90_500, 90_500)
        assert (found["total_duration_seconds"], found["focused_duration_seconds"]) == (90, 90)
        # 90.5 s at 1.2, 0.6 and 0.2 XP a second, each floored once.
        assert (found["xp_physique"], found["xp_energy"], found["xp_social"]) == (108, 54, 18)
        assert found["xp_total"] == 180
        assert (found["goal_id"], found["activity_id"]) == ("g", "a")
        assert found["device_platform"] == "ios"
        assert found["completed_reason"] == "manual"


@pytest.mark.gen_test
async def test_a_canceled_session_is_kept_and_earns_nothing(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one, settler(settings, clock, one) as mine:
        await one.engine.start(begun(clock()))
        clock.advance(HOUR)
        await one.engine.execute("u-1", "s-1", Cancel())
        await mine.writer.apply(await mine.fresh())

        found = await mine.db.sessions.find_one({"_id": "s-1"})
        assert found is not None
        assert (found["status"], found["xp_total"], found["focused_ms"]) == ("canceled", 0, HOUR)
        assert await check_books(mine.db) == {"u-1": 0}


@pytest.mark.gen_test
async def test_a_finished_session_fades_only_once_it_is_settled(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one, settler(settings, clock, one) as mine:
        await one.engine.start(begun(clock()), "c-1")
        await one.engine.execute("u-1", "s-1", Complete())
        names = [
            one.keys.session("s-1"),
            one.keys.session_events("s-1"),
            one.keys.commands("s-1"),
        ]
        before = [await one.redis.pttl(name) for name in names]
        entries = await mine.fresh()
        await mine.writer.apply(entries)

        after = [await one.redis.pttl(name) for name in names]
        assert before == [-1, -1, -1]
        assert all(0 < ttl <= settings.finished_ttl_s * 1000 for ttl in after)
        assert await one.redis.hget(names[0], "persisted") == "1"
        await one.check_live()


def poisons(session: Session) -> dict[str, dict[str, str]]:
    """Entries of all kinds that nobody can settle."""

    def record(**changes: Any) -> dict[str, str]:
        fields = session_fields(session) | changes
        return {"id": session.id, "record": json.dumps({"v": 1, "session": fields})}

    return {
        "no fields of ours": {"junk": "x"},
        "not JSON": {"id": "s-1", "record": "{"},
        "not an object": {"id": "s-1", "record": "[]"},
        "no session": {"id": "s-1", "record": '{"v":1,"session":[]}'},
        "a later record": {"id": "s-1", "record": '{"v":2,"session":{}}'},
        "a later session": record(v="2"),
        "another session": record(id="s-2"),
        "a live one": record(status="active"),
        "no end": record(ended_at=""),
        "an end beyond time": record(ended_at=str(10**20)),
        "more XP than fits": record(rate_logic=str(10**30)),
        "no counters": record(counters="[]"),
        "no context": record(context='"x"'),
        "too large": record(context=json.dumps({"note": "x" * 17_000_000})),
    }


@pytest.mark.gen_test(timeout=30)
async def test_poison_goes_to_the_dead_letters_and_holds_nobody_up(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one, settler(settings, clock, one) as mine:
        ended = replace(
            begun(clock(), id="s-poison"), status="completed", rev=2, ended_at=clock() + HOUR
        )
        bad = poisons(ended)
        for fields in bad.values():
            await one.redis.xadd(one.keys.outbox, fields)
        expected = await end_some(one, clock)
        for fields in bad.values():
            await one.redis.xadd(one.keys.outbox, fields)
        tasks = Tasks()
        running = tasks.spawn(mine.writer.run(one.keys, "me"), name="writer")

        async def is_empty() -> bool:
            return bool(await one.redis.xlen(one.keys.outbox) == 0)

        await until(is_empty, "an empty outbox")
        assert not running.done()
        await tasks.close()

        dead = await one.outbox.listing(dead=True)
        assert mine.writer.buried == len(dead) == 2 * len(bad)
        kept = [
            {
                name: letter.fields[name]
                for name in letter.fields
                if name in ("id", "record", "junk")
            }
            for letter in dead
        ]
        assert all(fields in kept for fields in bad.values())
        assert all(letter.fields["reason"] for letter in dead)
        assert all(int(letter.fields["buried_at"]) == clock() for letter in dead)
        assert await one.redis.hlen(one.keys.tries) == 0
        assert await check_books(mine.db) == expected
        assert await mine.db.ledger.count_documents({}) == 20


@pytest.mark.gen_test
async def test_dead_letters_can_be_tried_again_or_dropped(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one, settler(settings, clock, one) as mine:
        expected = await end_some(one, clock, count=4)
        entries = await mine.fresh()
        for entry in entries:
            await one.outbox.bury(entry, "by hand", clock())
        await one.outbox.bury(entries[0], "twice", clock())
        letters = await one.outbox.listing(dead=True)
        assert await one.outbox.depth(one.keys) == (0, 0, 4)

        assert await one.outbox.drop(letters[3].entry_id)
        assert not await one.outbox.drop(letters[3].entry_id)
        for letter in letters[:3]:
            assert await one.outbox.retry(letter.entry_id)
            assert not await one.outbox.retry(letter.entry_id)
        await mine.writer.apply(await mine.fresh())

        assert await one.outbox.depth(one.keys) == (0, 0, 0)
        dropped = letters[3].session().user_id
        del expected[dropped]
        assert await check_books(mine.db) == expected


@pytest.mark.gen_test(timeout=20)
async def test_a_lost_consumer_group_is_made_anew(settings: Settings, clock: DrivenClock) -> None:
    async with side(settings, clock) as one, settler(settings, clock, one) as mine:
        # A cancellation that meets the end of what it interrupts gets lost: Tasks insist.
        tasks = Tasks()
        tasks.spawn(mine.writer.run(one.keys, "me"), name="writer")
        await one.redis.delete(one.keys.outbox)
        expected = await end_some(one, clock, count=4)

        async def all_settled() -> bool:
            return mine.writer.settled == 4

        await until(all_settled, "four settled sessions")
        await tasks.close()
        assert await check_books(mine.db) == expected
