"""What must not happen however a caller, a neighbour or a store behaves."""

from typing import Any

import pytest

from config.settings import Settings
from domain.commands import Distract, PauseCommand, Resume, Touch
from domain.errors import TooMany, Unavailable
from domain.session import KEPT_NOTES_BYTES
from server import running
from storage.redis import commits
from storage.redis.nodes import Nodes
from tests.engines import begun, side, until
from tests.fakes import DrivenClock
from tests.settlers import check_books, settler
from tests.sockets import Socket
from tests.timed import HOUR, MINUTE, SECOND

USER = "u-1"


@pytest.mark.gen_test
async def test_answers_and_notes_cannot_fill_redis(
    settings: Settings, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "ANSWERS_KEPT", 20)
    async with side(settings, clock) as one:
        await one.engine.start(begun(clock()))
        for number in range(20):
            command = Distract("😀" * 500) if number < 15 else Resume()
            await one.engine.execute(USER, "s-1", command, command_id=f"c-{number}")
        answers = await one.redis.hgetall(one.keys.commands("s-1"))
        with pytest.raises(TooMany):
            await one.engine.execute(USER, "s-1", Resume(), command_id="one too many")

        session = await one.store.load(USER, "s-1")
        assert session is not None
        assert sum(len(item.note.encode()) for item in session.distractions) <= KEPT_NOTES_BYTES
        assert session.distraction_count == 15
        assert max(map(len, answers.values())) < 2_000
        # What was answered is answered again, and the session can go on without ids.
        again = await one.engine.execute(USER, "s-1", Resume(), command_id="c-19")
        assert again.repeated
        assert (await one.engine.execute(USER, "s-1", PauseCommand())).event == "paused"


@pytest.mark.gen_test
async def test_a_node_that_comes_up_slowly_ends_nothing_in_a_healthy_cluster(
    settings: Settings, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(settings, now=clock) as healthy:
        await healthy.parts.engine.start(begun(clock()))
        load = type(healthy.node)._load  # noqa: SLF001 - to be slowed down

        async def slowly(node: Any) -> None:
            await load(node)
            if node is not healthy.node:
                clock.advance(6 * MINUTE)
                await healthy.parts.nodes.beat("healthy", {"id": "healthy"}, clock(), 60_000)

        monkeypatch.setattr(type(healthy.node), "_load", slowly)
        async with running(settings, now=clock) as late:
            assert late.node.recovered == 0
            assert [session.id for session in late.parts.registry] == ["s-1"]


@pytest.mark.gen_test
@pytest.mark.parametrize("garbage", ['{"state":{},"event":5}', "[]", "7", '{"state":1,"event":{}}'])
async def test_garbage_on_the_channel_is_counted_and_the_node_listens_on(
    settings: Settings, clock: DrivenClock, garbage: str
) -> None:
    async with running(settings, now=clock) as node, side(settings, clock) as one:
        await one.redis.publish(one.keys.channel, garbage)
        await one.engine.start(begun(clock()))

        async def heard() -> bool:
            return len(node.parts.registry) == 1

        await until(heard, "the start of the session")
        assert node.node.messages_refused == 1


@pytest.mark.gen_test
async def test_a_listener_that_breaks_is_begun_anew(
    settings: Settings, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(settings, now=clock) as node, side(settings, clock) as one:

        def fail(_: object) -> None:
            monkeypatch.undo()
            raise RuntimeError("a bug of ours")

        monkeypatch.setattr(node.parts.hub, "tell", fail)
        await one.engine.start(begun(clock(), id="s-0", user_id="u-0"))

        async def listens() -> bool:
            return node.parts.tasks.failures == 1 and node.parts.bus.connected

        await until(listens, "a new subscription")
        await one.engine.start(begun(clock()))

        async def heard() -> bool:
            return len(node.parts.registry) == 2

        await until(heard, "the second start")
        assert node.node.readiness() == {}


@pytest.mark.gen_test
async def test_an_older_redis_replaces_what_nodes_remember(
    settings: Settings, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(settings, now=clock) as node, side(settings, clock) as one:
        socket = await Socket(node, USER).arrive()
        await node.parts.engine.start(begun(clock()))
        await socket.has("s-1", 1)
        old = await one.redis.hgetall(one.keys.session("s-1"))
        clock.advance(10 * SECOND)
        await node.parts.engine.execute(USER, "s-1", PauseCommand())
        await socket.has("s-1", 2)
        await one.redis.hset(one.keys.session("s-1"), mapping=old)

        async def another(_: Nodes) -> str:
            return "another life"

        monkeypatch.setattr(Nodes, "incarnation", another)
        await one.redis.client_kill_filter(_type="pubsub")

        async def believes_redis() -> bool:
            known = node.parts.registry.get("s-1")
            shown = socket.of_type("snapshot")
            return bool(known and known.status == "active" and shown and shown[-1]["rev"] == 1)

        await until(believes_redis, "the older state")
        assert (await node.parts.engine.execute(USER, "s-1", PauseCommand())).session.rev == 2


@pytest.mark.gen_test
async def test_a_touch_is_in_redis_when_it_is_acknowledged(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        await one.engine.start(begun(clock()))
        clock.advance(HOUR)
        result = await one.engine.execute(USER, "s-1", Touch())

        assert (result.event, result.session.rev) == (None, 1)
        assert await one.redis.hget(one.keys.session("s-1"), "last_seen_at") == str(clock())
        assert await one.redis.zscore(one.keys.deadlines, "s-1") == clock() + 4 * HOUR


@pytest.mark.gen_test
@pytest.mark.parametrize("damage", [{"active_ms": ""}, {"rate_logic": "x"}, {"v": "2"}])
async def test_one_odd_hash_keeps_no_other_from_live_values(
    settings: Settings, clock: DrivenClock, damage: dict[str, str]
) -> None:
    async with side(settings, clock) as one:
        for number in range(3):
            await one.engine.start(begun(clock(), id=f"s-{number}", user_id=f"u-{number}"))
        await one.redis.hset(one.keys.session("s-1"), mapping=damage)
        clock.advance(10 * SECOND)

        assert await one.store.refresh(one.keys, ["s-0", "s-1", "s-2"], clock()) == 2
        seconds = [
            await one.redis.hget(one.keys.session(f"s-{n}"), "elapsed_seconds") for n in range(3)
        ]
        assert seconds == ["10", "0", "10"]


@pytest.mark.gen_test
async def test_a_slot_that_points_nowhere_keeps_nobody_out(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        await one.redis.hset(one.keys.user(USER), "xp", "lost")
        await one.engine.start(begun(clock()))

        assert await one.redis.hgetall(one.keys.user(USER)) == {"xp": "s-1"}
        await one.check_live()


@pytest.mark.gen_test
async def test_an_entry_that_resists_does_not_hold_up_the_others(
    settings: Settings, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.settling.PAUSE_S", (0.001, 0.002))
    async with side(settings, clock) as one, settler(settings, clock, one) as books:
        for number in range(3):
            await one.engine.start(
                begun(clock(), id=f"s-{number}", user_id=f"u-{number}", planned_ms=MINUTE)
            )
        clock.advance(HOUR)
        await one.deadlines.scan()
        settle = books.ledger.settle

        async def resist(session: Any, events: Any) -> bool:
            if session.id == "s-1":
                raise Unavailable("not this one")
            return await settle(session, events)

        monkeypatch.setattr(books.ledger, "settle", resist)
        assert await books.writer.apply(await books.fresh()) == 2
        assert await one.outbox_ids() == ["s-1"]

        monkeypatch.undo()
        await books.writer.take_over(one.keys, "another")
        assert await one.outbox_ids() == []
        assert set(await check_books(books.db)) == {"u-0", "u-1", "u-2"}


@pytest.mark.gen_test
async def test_redis_alone_says_whether_an_ended_session_has_arrived(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        await one.engine.start(begun(clock()))

        assert await one.store.is_persisted(USER, "s-1") is False
        await one.redis.hset(one.keys.session("s-1"), "persisted", "1")
        assert await one.store.is_persisted(USER, "s-1") is True
        await one.redis.delete(one.keys.session("s-1"))
        assert await one.store.is_persisted(USER, "s-1") is None
