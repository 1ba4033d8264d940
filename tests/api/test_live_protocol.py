"""What a socket shows, what it is told, and what it answers."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from config.settings import Settings
from tests.fakes import DrivenClock
from tests.raw_socket import CLOSE, Frame, encode
from tests.watching import AT_WILL, Watched, bearer, watched

pytestmark = pytest.mark.kept_database

NUMBERS = (
    "elapsed_ms", "focused_ms", "remaining_ms", "xp_total", "xp_physique", "xp_energy",
    "xp_logic", "xp_creativity", "xp_social", "status", "focused", "id", "rev",
)  # fmt: skip


async def goal_and_activity(node: Watched) -> dict[str, str]:
    """What a start has to name."""
    session_id = await node.start()
    state = await node.ask("GET", f"sessions/{session_id}/")
    await node.ask("POST", f"sessions/{session_id}/cancel/")
    return {"goal_id": state["goal_id"], "activity_id": state["activity_id"]}


@pytest.mark.gen_test
async def test_a_snapshot_is_what_http_tells(settings: Settings, clock: DrivenClock) -> None:
    async with watched(settings, clock) as node:
        session_id = await node.start(planned_duration_seconds=1500)
        await node.advance(90_500)
        _, one = await node.shown(session_id)
        following_all = await node.socket()
        state = await node.ask("GET", f"sessions/{session_id}/")

        assert one["state"] == state
        assert state["elapsed_ms"] == 90_500
        known = {name: state[name] for name in ("id", "epoch", "rev")}
        assert one == {"type": "snapshot", **known, "state": state}
        assert await following_all.next() == one


@pytest.mark.gen_test
async def test_ticks_tell_what_the_session_amounts_to(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        session_id = await node.start(planned_duration_seconds=1500)
        socket, _ = await node.shown(session_id, query="?tick=0.2")
        clock.advance(61_250)
        tick = await socket.next("tick", where=lambda told: told["at"] == clock())
        state = await node.ask("GET", f"sessions/{session_id}/")

        assert {name: tick[name] for name in NUMBERS} == {name: state[name] for name in NUMBERS}
        assert tick["xp_total"] > 0
        await node.ask("POST", f"sessions/{session_id}/pause/")
        clock.advance(5_000)
        tick = await socket.next("tick", where=lambda told: told["at"] == clock())
        assert (tick["status"], tick["elapsed_ms"], tick["rev"]) == ("paused", 61_250, 2)


@pytest.mark.gen_test
async def test_the_pace_of_ticks_is_between_a_fifth_of_a_second_and_a_minute(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock, **AT_WILL) as node:
        session_id = await node.start()
        for bad in ("0.19", "60.1", "-1", "0", "nan", "inf", "x", "", "1e400"):
            head = (await node.dial(f"/ws/sessions/?tick={bad}", bearer(node.token()))).head
            assert (head.status, head.problem["code"]) == (400, "invalid_input"), bad
            assert "tick" in head.problem["errors"]
        await node.socket(query="?tick=0.2")
        slow, _ = await node.shown(session_id, query="?tick=60")
        answer = await slow.ask({"type": "tick_every", "seconds": 0.2, "ref": "r"})
        assert answer == {"type": "ack", "ref": "r", "tick_s": 0.2}
        ticks = [await slow.next("tick") for _ in range(3)]
        assert [tick["id"] for tick in ticks] == [session_id] * 3

        other, _ = await node.shown(session_id)
        for bad_value in (0.19, 60.5, True, "1"):
            refused = await other.ask({"type": "tick_every", "seconds": bad_value})
            assert refused["errors"].keys() == {"seconds"}
        assert (await other.ask({"type": "tick_every", "seconds": 60}))["tick_s"] == 60


@pytest.mark.gen_test
async def test_a_change_is_told_to_every_socket_that_follows(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        session_id = await node.start()
        one, _ = await node.shown(session_id)
        every = await node.socket()
        await every.next("snapshot", "event")
        stranger = await node.socket("bob")
        clock.advance(4_000)
        paused = await node.ask("POST", f"sessions/{session_id}/pause/")

        for socket in (one, every):
            event = await socket.next("event", where=lambda told: told["rev"] == 2)
            assert event["state"] == paused
            del event["state"]
            assert event == {
                "type": "event",
                "event": "paused",
                "id": session_id,
                "kind": "xp",
                "user_id": "ada",
                "epoch": paused["epoch"],
                "rev": 2,
                "at": clock(),
                "segment": {"kind": "focused", "from_ms": clock() - 4_000, "to_ms": clock()},
                "data": {},
            }
        assert (await stranger.ask({"type": "ping"}))["type"] == "pong"


@pytest.mark.gen_test
async def test_a_ping_is_answered_with_three_instants(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        socket = await node.socket()
        pong = await socket.ask({"type": "ping", "t0": 1_700_000_000_123, "ref": 5})
        told = {"t0": 1_700_000_000_123, "t1": clock(), "t2": clock()}
        assert pong == {"type": "pong", "ref": 5, **told}
        socket.say({"type": "ping"})
        assert (await socket.next())["t0"] is None


@pytest.mark.gen_test
async def test_a_node_that_goes_gives_advice_before_it_closes(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        sockets = [await node.socket(), await node.socket("bob")]
        await node.node.node.drain(0)

        for socket in sockets:
            advice = await socket.next()
            assert advice["type"] == "going_away"
            assert 100 <= advice["reconnect_in_ms"] < 2_000
            assert await socket.code() == 4001
        assert node.held == (0, 0, 0)


@pytest.mark.gen_test
async def test_a_whole_session_is_run_over_one_socket(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock, **AT_WILL) as node:
        plan = await goal_and_activity(node)
        socket = await node.socket()
        start = {"type": "start", **plan, "session_id": "mine", "planned_duration_seconds": 600}
        started = await socket.ask({**start, "device_platform": "web", "cmd_id": "c0"})
        assert (started["id"], started["rev"], started["event"]) == ("mine", 1, "started")
        assert started["state"]["planned_duration_seconds"] == 600

        steps: list[tuple[str, dict[str, Any], str | None]] = [
            ("pause", {}, "paused"), ("pause", {}, None), ("resume", {}, "resumed"),
            ("blur", {}, "blurred"), ("focus", {}, "focused"), ("touch", {}, None),
            ("distraction", {"note": "door\nbell"}, "distraction"), ("complete", {}, "completed"),
            ("complete", {}, None), ("touch", {}, None),
        ]  # fmt: skip
        rev, answer = 1, started
        for kind, details, event in steps:
            clock.advance(1_000)
            answer = await socket.ask({"type": kind, "id": "mine", **details})
            rev += event is not None
            assert (answer["type"], answer["event"], answer["rev"]) == ("ack", event, rev), kind
            assert answer["cmd_id"] is None
            assert answer["repeated"] is False
        assert answer["state"]["status"] == "completed"
        assert answer["state"]["focused_ms"] == 5_000
        refused = await socket.ask({"type": "pause", "id": "mine"})
        assert (refused["code"], refused["state"]["status"]) == ("wrong_state", "completed")
        assert (await socket.ask({"type": "cancel", "id": "mine"}))["code"] == "wrong_state"


@pytest.mark.gen_test
async def test_complete_says_whether_the_history_has_it_and_settled_says_when(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        session_id = await node.start()
        watching, _ = await node.shown(session_id)
        await node.advance(60_000)
        commanding, _ = await node.shown(session_id)
        done = await commanding.ask({"type": "complete"})
        assert (done["event"], done["persisted"]) == ("completed", True)

        assert (await watching.next("event"))["event"] == "completed"
        settled = await watching.next("settled")
        assert settled == {
            "type": "settled", "id": session_id, "xp_total": done["state"]["xp_total"]
        }  # fmt: skip
        # Nothing can happen to it any more, so nothing is held for it.
        assert node.held == (2, 0, 0)


@pytest.mark.gen_test
async def test_activity_counts_in_no_xp_session(settings: Settings, clock: DrivenClock) -> None:
    async with watched(settings, clock) as node:
        socket, _ = await node.shown(await node.start())
        refused = await socket.ask(
            {"type": "activity", "activity_type": "message_sent", "response_ms": 5}
        )
        assert refused["code"] == "wrong_state"


@pytest.mark.gen_test
async def test_a_repeated_command_is_answered_as_before_and_changes_nothing(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        socket, _ = await node.shown(await node.start())
        pause = {"type": "pause", "cmd_id": "c1"}
        first = await socket.ask({**pause, "ref": 1})
        clock.advance(30_000)
        await socket.ask({"type": "resume"})
        again = await socket.ask({**pause, "ref": 1})

        assert again == {**first, "repeated": True}
        refused = await socket.ask({"type": "blur", "cmd_id": "c1"})
        assert refused["code"] == "idempotency_key_reused"
        assert (await socket.ask({"type": "touch"}))["rev"] == 3


@pytest.mark.gen_test
async def test_a_repeated_start_is_the_same_session(settings: Settings, clock: DrivenClock) -> None:
    async with watched(settings, clock) as node:
        plan = await goal_and_activity(node)
        socket = await node.socket()
        start = {"type": "start", **plan, "cmd_id": "c1"}
        first = await socket.ask({**start, "ref": 1})
        again = await socket.ask({**start, "ref": 1})
        assert again == {**first, "repeated": True}

        other = await socket.ask({**start, "cmd_id": "c2"})
        assert (other["code"], other["state"]["id"]) == ("already_active", first["id"])


@pytest.mark.gen_test
async def test_a_stale_if_rev_is_answered_with_the_present_state(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        socket, _ = await node.shown(await node.start())
        assert (await socket.ask({"type": "blur", "if_rev": 1}))["rev"] == 2
        refused = await socket.ask({"type": "pause", "if_rev": 1})

        assert (refused["type"], refused["code"]) == ("error", "conflict")
        assert (refused["state"]["rev"], refused["state"]["focused"]) == (2, False)
        assert (await socket.ask({"type": "pause", "if_rev": 2}))["rev"] == 3


@pytest.mark.gen_test
async def test_on_a_one_session_socket_the_id_may_be_left_out(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        session_id = await node.start()
        one, _ = await node.shown(session_id)
        assert (await one.ask({"type": "pause"}))["id"] == session_id
        every = await node.socket()
        refused = await every.ask({"type": "resume"})
        assert (refused["code"], refused["errors"].keys()) == ("invalid_input", {"id"})


@pytest.mark.gen_test
async def test_a_session_started_elsewhere_appears_by_itself(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as one, watched(settings, clock) as two:
        socket = await one.socket(query="?tick=0.2")
        session_id = await two.start()
        event = await socket.next()

        assert (event["type"], event["event"], event["rev"]) == ("event", "started", 1)
        assert event["state"]["id"] == session_id
        assert (await socket.next("tick"))["id"] == session_id
        assert (await socket.ask({"type": "pause", "id": session_id}))["rev"] == 2


@pytest.mark.gen_test
async def test_a_session_that_is_not_there_or_not_yours_is_not_found(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        foreign = await node.start("bob")
        state = await node.ask("GET", f"sessions/{foreign}/", token=node.token("bob"))
        every = await node.socket()
        proof = {"type": "subscribe", "epoch": state["epoch"], "last_rev": 1}
        told: list[Frame] = []
        for session_id in (foreign, "unknown"):
            assert await (await node.socket(session_id=session_id)).code() == 4509
            told += [
                await every.ask({**frame, "id": session_id, "ref": 1})
                for frame in (proof, {"type": "pause"}, {"type": "complete"})
            ]
        assert {frame["code"] for frame in told} == {"not_found"}
        assert told[:3] == told[3:]
        head = (await node.dial("/ws/sessions/a$b/", bearer(node.token()))).head
        assert (head.status, head.problem["code"]) == (404, "not_found")

        await node.ask("POST", f"sessions/{foreign}/pause/", token=node.token("bob"))
        assert (await every.ask({"type": "ping"}))["type"] == "pong"
        assert node.held == (1, 0, 0)


@pytest.mark.gen_test
async def test_the_server_pings_and_hangs_up_on_who_does_not_answer(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock, ws_ping_s=0.5, ws_pong_timeout_s=0.4, **AT_WILL) as node:
        dead, alive = await node.socket(), await node.socket()
        dead.answers_pings = False
        while node.held[0] > 1:
            assert (await alive.ask({"type": "ping"}))["type"] == "pong"
            if dead.answers_pings:
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(0.01):
                    assert await dead.frame() == (CLOSE, b"\x03\xe8ping timed out")
                    dead.answers_pings = True
                    dead.send(encode(b"\x03\xe8", CLOSE))
