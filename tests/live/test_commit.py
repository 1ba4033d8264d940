"""The commit: one script for every transition, all of it or nothing, once."""

import asyncio
import json
from collections import Counter
from dataclasses import replace

import pytest

from config.settings import Settings
from domain.commands import Blur, Cancel, Command, Complete, Distract, Focus, PauseCommand, Resume
from domain.errors import AlreadyActive, Conflict, IdTaken, KeyReused, WrongState
from domain.session import seen
from domain.transitions import MAX_REV, begin, decide, expire
from realtime.answers import Result
from realtime.views import session_view
from storage.redis.commits import Commit, Committed, Refused
from tests.engines import begun, side
from tests.fakes import DrivenClock
from tests.timed import HOUR, MINUTE, SECOND

USER = "u-1"


@pytest.mark.gen_test
async def test_a_conflict_answers_with_the_newest_state(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        session = begun(clock())
        await one.engine.start(session)
        clock.advance(5 * SECOND)
        paused = (await one.engine.execute(USER, "s-1", PauseCommand())).session
        late = decide(session, Blur(), clock())
        stale = Commit(
            session=late.session, expected_rev=1, token="t", now=clock(), event=late.event
        )

        refused = await one.store.commit(stale)
        with pytest.raises(Conflict) as conflict:
            await one.engine.execute(USER, "s-1", Blur(), if_rev=1)

        assert refused == Refused("conflict", paused)
        assert conflict.value.state == paused
        assert len(await one.events()) == 2


@pytest.mark.gen_test
@pytest.mark.parametrize("last", [Complete(), Cancel()])
async def test_the_script_itself_refuses_to_touch_a_finished_session(
    settings: Settings, clock: DrivenClock, last: Command
) -> None:
    async with side(settings, clock) as one:
        await one.engine.start(begun(clock()))
        ended = (await one.engine.execute(USER, "s-1", last)).session
        before = await one.dump()
        undead = replace(ended, status="active", rev=ended.rev + 1, ended_at=None)
        wrong = Commit(session=undead, expected_rev=ended.rev, token="t", now=clock())
        again = replace(begun(clock()), epoch="e2")
        opening = Commit(
            session=again, expected_rev=0, token="u", now=clock(), event=begin(again).event
        )

        assert await one.store.commit(wrong) == Refused("terminal", ended)
        assert await one.store.commit(opening) == Refused("exists", ended)
        assert await one.dump() == before


@pytest.mark.gen_test
async def test_one_of_twenty_starts_on_two_engines_wins(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one, side(settings, clock) as two:
        starts = [
            (one, two)[n % 2].engine.start(begun(clock(), id=f"s-{n}", epoch=f"e{n}"))
            for n in range(20)
        ]
        answers = await asyncio.gather(*starts, return_exceptions=True)
        other_kind = await two.engine.start(begun(clock(), id="f-1", kind="focus"))

        won = [answer for answer in answers if isinstance(answer, Result)]
        lost = [answer for answer in answers if isinstance(answer, AlreadyActive)]
        assert (len(won), len(lost)) == (1, 19)
        assert all(error.state == won[0].session for error in lost)
        active = await one.store.active_of(USER)
        assert {known.id for known in active} == {won[0].session.id, other_kind.session.id}
        assert len(await one.redis.zrange(one.keys.active, 0, -1)) == 2


@pytest.mark.gen_test
async def test_a_start_meets_the_end_of_the_session_before_it(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        await one.engine.start(begun(clock(), planned_ms=MINUTE))
        clock.advance(MINUTE + SECOND)

        started = await one.engine.start(begun(clock(), id="s-2", epoch="e2"))

        assert started.event == "started"
        ended = await one.store.find("s-1")
        assert ended is not None
        assert (ended.completed_reason, ended.ended_at) == ("auto", clock() - SECOND)
        await one.check_live("s-1")
        await one.check_live("s-2")


@pytest.mark.gen_test
async def test_an_id_is_taken_once(settings: Settings, clock: DrivenClock) -> None:
    async with side(settings, clock) as one:
        await one.engine.start(begun(clock()))

        with pytest.raises(AlreadyActive):
            await one.engine.start(begun(clock(), epoch="e2"))
        with pytest.raises(IdTaken):
            await one.engine.start(begun(clock(), epoch="e3", user_id="u-2"))
        await one.engine.execute("u-1", "s-1", Complete())
        with pytest.raises(IdTaken):
            await one.engine.start(begun(clock(), epoch="e4"))


@pytest.mark.gen_test
async def test_the_same_token_is_applied_once(settings: Settings, clock: DrivenClock) -> None:
    async with side(settings, clock) as one:
        session = begun(clock())
        opening = Commit(
            session=session, expected_rev=0, token="aa", now=clock(), event=begin(session).event
        )
        paused = decide(session, PauseCommand(), clock.advance(SECOND))
        second = Commit(
            session=paused.session, expected_rev=1, token="bb", now=clock(), event=paused.event
        )

        replies = [await one.store.commit(commit) for commit in (opening, opening, second, second)]
        once_more = await one.store.commit(opening)

        assert replies == [Committed()] * 4
        assert once_more == Committed()
        assert await one.store.find("s-1") == paused.session
        assert [entry_id for entry_id, _ in await one.events()] == ["1-0", "2-0"]


def shown(result: Result) -> tuple[object, ...]:
    """What a caller sees of a result, first or repeated."""
    return result.event, result.now, session_view(result.session, result.now)


@pytest.mark.gen_test
async def test_a_command_id_is_answered_once_also_at_the_same_time_and_elsewhere(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one, side(settings, clock) as two:
        await one.engine.start(begun(clock()))
        clock.advance(SECOND)
        engines = [one.engine, two.engine] * 10
        answers = await asyncio.gather(
            *(each.execute(USER, "s-1", PauseCommand(), command_id="c-1") for each in engines)
        )
        clock.advance(SECOND)
        await one.engine.execute(USER, "s-1", Resume())
        late = await two.engine.execute(USER, "s-1", PauseCommand(), command_id="c-1")
        await one.engine.execute(USER, "s-1", Complete())
        after_the_end = await two.engine.execute(USER, "s-1", PauseCommand(), command_id="c-1")

        repeats = Counter(answer.repeated for answer in answers)
        assert repeats == {False: 1, True: 19}
        assert all(shown(answer) == shown(late) for answer in answers)
        assert late.event == "paused"
        assert after_the_end == late
        assert [json.loads(event)["event"] for _, event in await one.events()] == [
            "started", "paused", "resumed", "completed",
        ]  # fmt: skip


@pytest.mark.gen_test
async def test_a_command_id_belongs_to_one_command(settings: Settings, clock: DrivenClock) -> None:
    async with side(settings, clock) as one, side(settings, clock) as two:
        await one.engine.start(begun(clock()), "c-0")
        await one.engine.execute(USER, "s-1", Distract("a bird"), command_id="c-1")
        before = await one.dump()
        reused: list[tuple[Command, str]] = [
            (Distract("a cat"), "c-1"),
            (PauseCommand(), "c-1"),
            (Complete(), "c-0"),
        ]
        for command, command_id in reused:
            with pytest.raises(KeyReused):
                await two.engine.execute(USER, "s-1", command, command_id=command_id)
        with pytest.raises(KeyReused):
            await two.engine.start(begun(clock(), planned_ms=MINUTE), "c-0")

        assert await one.dump() == before


@pytest.mark.gen_test
async def test_a_repeated_command_finds_its_answer_whatever_the_rules_say_by_now(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        await one.engine.start(begun(clock(), rev=MAX_REV - 1))
        first = await one.engine.execute(USER, "s-1", Distract("a"), command_id="c-1")

        assert first.session.rev == MAX_REV
        again = await one.engine.execute(USER, "s-1", Distract("a"), command_id="c-1")

        assert again.repeated
        assert shown(again) == shown(first)


@pytest.mark.gen_test
async def test_every_end_has_one_outbox_entry_and_nothing_live_has_one(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one, side(settings, clock) as two:
        for n in range(4):
            await one.engine.start(begun(clock(), id=f"s-{n}", user_id=f"u-{n}"))
        await two.engine.execute("u-3", "s-3", PauseCommand())
        ends: list[Command] = [Complete(), Cancel(), Complete()]
        clock.advance(SECOND)
        await asyncio.gather(
            *(
                each.engine.execute(f"u-{n}", f"s-{n}", end)
                for n, end in enumerate(ends)
                for each in (one, two, one, two)
            )
        )

        assert sorted(await one.outbox_ids()) == ["s-0", "s-1", "s-2"]
        for n in range(4):
            await one.check_live(f"s-{n}")


@pytest.mark.gen_test
async def test_completing_and_canceling_at_once_ends_a_session_one_way(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one, side(settings, clock) as two:
        await one.engine.start(begun(clock()))
        commands: list[Command] = [Complete(), Cancel()] * 5
        answers = await asyncio.gather(
            *(
                (one, two)[n // 2 % 2].engine.execute(USER, "s-1", command)
                for n, command in enumerate(commands)
            ),
            return_exceptions=True,
        )

        kinds = Counter(type(answer) for answer in answers)
        assert kinds == {Result: 5, WrongState: 5}
        assert await one.outbox_ids() == ["s-1"]


@pytest.mark.gen_test
async def test_a_live_session_is_indexed_by_its_start_and_its_next_end(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        await one.engine.start(begun(clock(), planned_ms=25 * MINUTE, idle_ms=HOUR))
        await one.check_live()
        walk: list[Command] = [Blur(), PauseCommand(), Resume(), Distract("x"), Blur(), Focus()]
        for command in (*walk, Complete()):
            clock.advance(MINUTE)
            await one.engine.execute(USER, "s-1", command)
            await one.check_live()


@pytest.mark.gen_test
async def test_an_end_for_lack_of_evidence_is_refused_when_there_is_some(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        session = begun(clock())
        await one.engine.start(session)
        lively = seen(session, clock.advance(HOUR))
        await one.store.touch(one.keys, [lively])
        await one.check_live()
        gone = expire(session, clock.advance(4 * HOUR - 1))
        assert gone is not None
        blind = Commit(
            session=gone.session,
            expected_rev=1,
            token="t",
            now=clock(),
            event=gone.event,
            seen_guard=session.last_seen_at,
        )

        assert await one.store.commit(blind) == Refused("conflict", lively)
        assert await one.outbox_ids() == []


@pytest.mark.gen_test
async def test_older_evidence_and_evidence_for_another_rev_change_nothing(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        session = begun(clock())
        await one.engine.start(session)
        await one.store.touch(one.keys, [seen(session, clock() + HOUR)])
        before = await one.dump()

        await one.store.touch(one.keys, [seen(session, clock() + MINUTE)])
        await one.store.touch(one.keys, [replace(session, rev=2, last_seen_at=clock() + 2 * HOUR)])

        assert await one.dump() == before


@pytest.mark.gen_test
async def test_redis_may_forget_its_scripts_at_any_time(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        await one.engine.start(begun(clock()))
        for command in (PauseCommand(), Resume(), Complete()):
            await one.redis.script_flush()
            await one.engine.execute(USER, "s-1", command)

        assert len(await one.events()) == 4
        assert await one.outbox_ids() == ["s-1"]


@pytest.mark.gen_test
async def test_a_command_that_changes_nothing_is_still_answered_once(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        await one.engine.start(begun(clock()))
        first = await one.engine.execute(USER, "s-1", Focus(), command_id="c-1")
        await one.engine.execute(USER, "s-1", Blur())
        again = await one.engine.execute(USER, "s-1", Focus(), command_id="c-1")

        assert (first.event, first.session.rev) == (None, 1)
        assert again.repeated
        assert shown(again) == shown(first)
        assert isinstance(await one.store.answer(USER, "s-1", "c-1"), str)
        stored = await one.store.find("s-1")
        assert stored is not None
        assert not stored.focused


@pytest.mark.gen_test
async def test_a_timeline_that_does_not_fit_keeps_no_end_from_the_outbox(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        await one.engine.start(begun(clock()))
        await one.redis.xadd(one.keys.session_events("s-1"), {"rev": "99", "event": "{}"}, "99-0")
        await one.engine.execute("u-1", "s-1", Complete())

        assert await one.outbox_ids() == ["s-1"]
        assert [entry_id for entry_id, _ in await one.events()] == ["2-0"]
        await one.check_live()
