"""Nodes that share their stores: what happens on one is seen on the others."""

import asyncio
import dataclasses
import json
from typing import Any

import pytest

from config.settings import Settings
from domain.commands import Blur, Complete, PauseCommand, Resume
from domain.errors import Unavailable
from domain.session import progress
from domain.transitions import decide
from realtime.presence import Presence
from server import running
from storage.redis.commits import Commit
from storage.redis.keys import Keys
from tests.engines import Side, begun, side, until
from tests.fakes import DrivenClock
from tests.faultproxy import FaultProxy
from tests.sockets import Socket, caller_of
from tests.timed import HOUR, MINUTE, SECOND

USER = "u-1"


@pytest.mark.gen_test
async def test_a_session_is_followed_and_commanded_on_any_node(
    settings: Settings, clock: DrivenClock
) -> None:
    async with running(settings, now=clock) as a, running(settings, now=clock) as b:
        on_a, on_b = await Socket(a, USER).arrive(), await Socket(b, USER).arrive()
        stranger = await Socket(b, "u-2").arrive()
        await a.parts.engine.start(begun(clock()))
        await on_b.has("s-1", 1)
        clock.advance(10 * SECOND)
        await b.parts.engine.execute(USER, "s-1", PauseCommand(), if_rev=1)
        await a.parts.engine.execute(USER, "s-1", Resume())
        clock.advance(10 * SECOND)
        ended = await b.parts.engine.execute(USER, "s-1", Complete())
        for socket in (on_a, on_b):
            await socket.has("s-1", 4)

        told = [json.loads(event) for event in await a.parts.store.events(USER, "s-1")]
        for socket in (on_a, on_b):
            events = socket.of_type("event")
            assert [event["event"] for event in events] == [
                "started", "paused", "resumed", "completed",
            ]  # fmt: skip
            assert [{k: e[k] for k in e if k != "state"} for e in events] == told
            assert events[-1]["state"]["focused_ms"] == 20 * SECOND

            async def knows_of_mongodb(socket: Socket = socket) -> bool:
                return bool(socket.of_type("settled"))

            await until(knows_of_mongodb, "word of MongoDB")
            assert [notice["id"] for notice in socket.of_type("settled")] == ["s-1"]
        assert stranger.messages == []
        assert ended.session.completed_reason == "manual"
        assert len(a.parts.registry) == len(b.parts.registry) == 0


@pytest.mark.gen_test
async def test_events_of_rivals_come_once_each_and_in_order(
    settings: Settings, clock: DrivenClock
) -> None:
    async with running(settings, now=clock) as a, running(settings, now=clock) as b:
        sockets = [await Socket(node, USER).arrive() for node in (a, b)]
        await a.parts.engine.start(begun(clock()))
        for _ in range(10):
            clock.advance(SECOND)
            await asyncio.gather(
                *(
                    node.parts.engine.execute(USER, "s-1", command)
                    for node in (a, b)
                    for command in (PauseCommand(), Resume(), Blur())
                ),
                return_exceptions=True,
            )
        last = (await b.parts.engine.execute(USER, "s-1", Complete())).session.rev
        for socket in sockets:
            await socket.has("s-1", last)

            assert socket.shown("s-1") == list(range(1, last + 1))


@pytest.mark.gen_test
async def test_what_was_missed_while_the_subscription_was_down_is_shown(
    settings: Settings, clock: DrivenClock
) -> None:
    async with running(settings, now=clock) as node, side(settings, clock) as other:
        everything = await Socket(node, USER).arrive()
        await other.engine.start(begun(clock()))
        await everything.has("s-1", 1)
        assert await other.redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub") >= 1
        await other.engine.execute(USER, "s-1", PauseCommand())
        await other.engine.start(begun(clock(), id="f-1", kind="focus"))

        await everything.has("s-1", 2)
        await everything.has("f-1", 1)
        assert everything.shown("s-1") == [1, 2]
        known = {session.id: session.rev for session in node.parts.registry}
        assert known == {"s-1": 2, "f-1": 1}


@pytest.mark.gen_test
async def test_a_message_that_never_came_is_made_up_for(
    settings: Settings, clock: DrivenClock
) -> None:
    quick = dataclasses.replace(settings, reconcile_s=0.1)
    async with running(quick, now=clock) as node, side(settings, clock) as other:
        socket = await Socket(node, USER).arrive()
        session = begun(clock())
        await other.engine.start(session)
        await socket.has("s-1", 1)
        paused = decide(session, PauseCommand(), clock.advance(SECOND)).session
        # Without an event nothing is published.
        await other.store.commit(Commit(session=paused, expected_rev=1, token="t", now=clock()))

        await socket.has("s-1", 2)
        assert socket.messages[-1]["state"]["status"] == "paused"
        assert node.parts.registry.get("s-1") == paused


@pytest.mark.gen_test
async def test_a_fresh_node_knows_every_session_before_it_is_ready(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as other:
        crowd = [begun(clock(), id=f"s-{n}", user_id=f"u-{n}") for n in range(600)]
        await asyncio.gather(*(other.engine.start(session) for session in crowd))
        await other.redis.hset(other.keys.session("s-7"), "rev", "seven")
        async with running(settings, now=clock) as node:
            assert node.services.readiness() == {}
            known = {session.id: session for session in node.parts.registry}

        assert known == {session.id: session for session in crowd if session.id != "s-7"}


async def outage(settings: Settings, clock: DrivenClock, down_ms: int, other: Side) -> int:
    """Let a node live and die, and another come up later; the last heartbeat before that."""
    async with running(settings, now=clock):
        began = clock()
        for n, changes in enumerate(({}, {"planned_ms": 30 * SECOND}, {"planned_ms": HOUR})):
            session = begun(began, id=f"s-{n}", user_id=f"u-{n}", **changes)
            await other.engine.start(session)
        await other.engine.start(begun(began, id="s-3", user_id="u-3"))
        clock.advance(20 * SECOND)
        await other.engine.execute("u-3", "s-3", PauseCommand())
        clock.advance(40 * SECOND)

        async def has_beaten() -> bool:
            return bool(await other.redis.get(f"{settings.redis_prefix}:alive") == str(clock()))

        await until(has_beaten, "a heartbeat")
    alive_at = clock()
    clock.advance(down_ms)
    await other.engine.start(begun(clock(), id="late", user_id="late"))
    async with running(settings, now=clock) as node:
        await node.parts.deadlines.scan()
    return alive_at


@pytest.mark.gen_test
async def test_a_short_outage_is_bridged(settings: Settings, clock: DrivenClock) -> None:
    quick = dataclasses.replace(settings, heartbeat_s=0.1)
    async with side(settings, clock) as other:
        began = clock()
        await outage(quick, clock, 300 * SECOND, other)

        ids = [f"s-{n}" for n in range(4)]
        found = await other.store.load_many(other.keys, ids)
        statuses = [session.status for session in found]
        assert statuses == ["active", "completed", "active", "paused"]
        ended = (found[1].completed_reason, found[1].ended_at)
        assert ended == ("auto", began + 30 * SECOND)
        assert progress(found[0], clock()).focused_ms == clock() - began


@pytest.mark.gen_test
async def test_a_long_outage_ends_sessions_at_the_last_heartbeat(
    settings: Settings, clock: DrivenClock
) -> None:
    quick = dataclasses.replace(settings, heartbeat_s=0.1)
    async with side(settings, clock) as other:
        began = clock()
        alive_at = await outage(quick, clock, 300 * SECOND + 1, other)

        ends = []
        for n in range(4):
            session = await other.store.find(f"s-{n}")
            assert session is not None
            ends.append((session.completed_reason, session.ended_at, session.focused_ms))
            assert (await other.outbox_ids()).count(session.id) <= 1
        assert alive_at == began + MINUTE
        assert ends == [
            ("crash_recovered", alive_at, MINUTE),
            ("auto", began + 30 * SECOND, 30 * SECOND),
            ("crash_recovered", alive_at, MINUTE),
            ("crash_recovered", alive_at, 20 * SECOND),
        ]
        late = await other.store.find("late")
        assert late is not None
        assert late.status == "active"


@pytest.mark.gen_test
async def test_nodes_say_that_they_are_there(settings: Settings, clock: DrivenClock) -> None:
    quick = dataclasses.replace(settings, heartbeat_s=0.05)
    keys = Keys(settings.redis_prefix)
    async with side(settings, clock) as other:
        async with running(quick, now=clock) as a, running(quick, now=clock) as b:
            await Socket(a, USER).arrive()
            await a.parts.engine.start(begun(clock()))
            clock.advance(100)
            names = {a.parts.name, b.parts.name}

            async def all_have_told() -> bool:
                beats = await other.redis.zrange(keys.nodes, 0, -1, withscores=True)
                facts = [await other.redis.hgetall(keys.node(name)) for name in names]
                fresh = dict(beats) == dict.fromkeys(names, float(clock()))
                return fresh and [fact["sessions"] for fact in facts] == ["1", "1"]

            await until(all_have_told, "heartbeats of both")
            facts = await other.redis.hgetall(keys.node(a.parts.name))
            assert facts["id"] == a.parts.name
            assert (facts["state"], facts["sockets"]) == ("serving", "1")
            assert 0 < await other.redis.pttl(keys.node(a.parts.name)) <= 200
        assert await other.redis.exists(keys.nodes, *(keys.node(name) for name in names)) == 0
        assert await other.redis.get(keys.alive) == str(clock())


@pytest.mark.gen_test
async def test_the_cluster_heartbeat_never_goes_back(
    settings: Settings, clock: DrivenClock
) -> None:
    async with running(settings, now=clock) as node:
        await node.parts.nodes.beat("ahead", {"id": "ahead"}, clock() + HOUR, 1000)
        await node.parts.nodes.beat("behind", {"id": "behind"}, clock() - HOUR, 1000)

        assert await node.parts.nodes.alive_at() == clock() + HOUR


def display(session: Any, now: int) -> dict[str, str]:
    """What a dashboard shall read of the session."""
    at = progress(session, now)
    seconds = {"elapsed_seconds": at.elapsed_ms // 1000, "focused_seconds": at.focused_ms // 1000}
    return {name: str(value) for name, value in (seconds | at.xp.fields()).items()}


@pytest.mark.gen_test
async def test_live_values_in_redis_agree_with_the_rules(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        variants: list[dict[str, Any]] = [
            {}, {"planned_ms": 90 * SECOND}, {"max_ms": 70_700}, {"abandon_ms": 65_300},
            {"kind": "customer", "idle_ms": 40 * SECOND},
        ]  # fmt: skip
        for n, changes in enumerate(variants * 3):
            user = f"u-{n}"
            await one.engine.start(begun(clock(), id=f"s-{n}", user_id=user, **changes))
            clock.advance(777)
            if n >= len(variants):
                command = Blur() if n < 2 * len(variants) else PauseCommand()
                await one.engine.execute(user, f"s-{n}", command)
        ids = await one.store.active_ids(one.keys)
        for step_ms in (0, 1, 30_123, 35_456, 500_000):
            clock.advance(step_ms)
            assert await one.store.refresh(one.keys, ids, clock()) == len(ids)
            for session in await one.store.load_many(one.keys, ids):
                fields = await one.redis.hgetall(one.keys.session(session.id))
                wanted = display(session, clock())
                assert {name: fields[name] for name in wanted} == wanted, session
                assert fields["live_at"] == str(clock())


@pytest.mark.gen_test
async def test_one_node_refreshes_the_live_values_in_each_round(
    settings: Settings, clock: DrivenClock
) -> None:
    async with side(settings, clock) as one:
        leases = [await one.store.lease_refresh(one.keys, name, 60_000) for name in "aba"]

        assert leases == [True, False, False]


@pytest.mark.gen_test
async def test_evidence_outlives_an_outage_of_redis(settings: Settings, clock: DrivenClock) -> None:
    proxy = FaultProxy(str(settings.redis_url))
    async with (
        running(settings, now=clock) as node,
        proxy.listening(),
        side(settings, clock, url=proxy.url, timeout_s=0.2) as lossy,
    ):
        await node.parts.engine.start(begun(clock()))
        socket = await Socket(node, USER).arrive()
        keys = Keys(settings.redis_prefix)
        presence = Presence(lossy.store, node.parts.registry, keys, clock)
        clock.advance(MINUTE)
        presence.saw(socket.connection)
        proxy.refuse()
        with pytest.raises(Unavailable):
            await presence.flush()
        proxy.heal()

        await presence.flush()

        stored = await lossy.store.find("s-1")
        assert stored is not None
        assert stored.last_seen_at == clock()
        await lossy.check_live()


@pytest.mark.gen_test
async def test_complete_waits_until_its_own_record_is_in_mongodb(
    settings: Settings, clock: DrivenClock
) -> None:
    async with running(settings, now=clock) as a, running(settings, now=clock) as b:
        for n in range(4):
            await a.parts.engine.start(begun(clock(), id=f"s-{n}", user_id=f"u-{n}"))
            node = (a, b)[n % 2]
            _, persisted = await node.services.xp.complete(caller_of(f"u-{n}"), f"s-{n}")

            assert persisted
            assert await node.parts.sessions.get(f"s-{n}", f"u-{n}") is not None


@pytest.mark.gen_test
async def test_a_draining_node_sends_its_clients_elsewhere(
    settings: Settings, clock: DrivenClock
) -> None:
    async with running(settings, now=clock) as a, running(settings, now=clock) as b:
        sockets = [Socket(a, f"u-{n}") for n in range(3)]
        await a.node.drain(0.1)

        assert a.services.readiness() == {"node": "draining"}
        assert b.services.readiness() == {}
        for socket in sockets:
            assert [message["type"] for message in socket.messages] == ["going_away"]
            assert 100 <= socket.messages[0]["reconnect_in_ms"] < 2_000
            assert socket.closed == (4001, "going away")
