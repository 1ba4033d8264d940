"""Coming back: a client that proves what it has seen is shown what it has missed, or all of it."""

from typing import Any

import pytest

from config.settings import Settings
from domain.commands import Blur, Command, Complete, Distract, Focus, PauseCommand
from storage.redis.sessions import SessionStore
from tests.fakes import DrivenClock
from tests.raw_socket import RawSocket
from tests.watching import AT_WILL, Watched, watched

pytestmark = pytest.mark.kept_database


async def toggle(node: Watched, session_id: str, times: int) -> None:
    """Change the session so many times."""
    for number in range(times):
        command = Focus() if number % 2 else Blur()
        await node.node.parts.engine.execute("ada", session_id, command)


async def subscribe(socket: RawSocket, session_id: str, **proof: Any) -> dict[str, Any]:
    return await socket.ask({"type": "subscribe", "id": session_id, **proof})


@pytest.mark.gen_test
async def test_what_was_missed_is_shown_on_another_node_in_order_and_once(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as one, watched(settings, clock) as two:
        session_id = await one.start()
        socket, snapshot = await one.shown(session_id)
        epoch = snapshot["epoch"]
        await toggle(one, session_id, 2)
        seen = [await socket.next("event") for _ in range(2)]
        socket.reset()
        await toggle(one, session_id, 5)

        late = await two.socket(session_id=session_id)
        back = await subscribe(late, session_id, epoch=epoch, last_rev=seen[-1]["rev"])
        assert (back["recovered"], back["rev"], back["epoch"]) == (True, 8, epoch)
        assert [event["rev"] for event in back["events"]] == [4, 5, 6, 7, 8]
        assert [event["event"] for event in back["events"]][:2] == ["blurred", "focused"]
        assert back["snapshot"] == await two.ask("GET", f"sessions/{session_id}/")
        again = await subscribe(late, session_id, epoch=epoch, last_rev=8)
        assert (again["recovered"], again["events"]) == (True, [])
        await one.ask("POST", f"sessions/{session_id}/pause/")
        assert (await late.next("event"))["rev"] == 9


@pytest.mark.gen_test
async def test_without_proof_the_whole_state_is_shown(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock, **AT_WILL) as node:
        session_id = await node.start()
        socket, snapshot = await node.shown(session_id)
        await toggle(node, session_id, 3)
        epoch = snapshot["epoch"]
        unproven: list[dict[str, Any]] = [
            {}, {"epoch": epoch}, {"last_rev": 2}, {"epoch": "another", "last_rev": 2},
            {"epoch": epoch, "last_rev": 0}, {"epoch": epoch, "last_rev": 5},
            {"epoch": "", "last_rev": 2}, {"epoch": epoch, "last_rev": 2**62},
        ]  # fmt: skip
        for proof in unproven:
            back = await subscribe(socket, session_id, **proof)
            assert (back["recovered"], back["rev"], back["snapshot"]["rev"]) == (False, 4, 4)
            assert "events" not in back
        for wrong in ({"last_rev": -1}, {"last_rev": "2"}, {"epoch": 5}, {"last_rev": True}):
            refused = await subscribe(await node.socket(), session_id, **wrong)
            assert refused["errors"].keys() == wrong.keys()


@pytest.mark.gen_test
async def test_events_that_are_kept_no_longer_are_made_up_for_by_the_state(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        session_id = await node.start()
        _, snapshot = await node.shown(session_id)
        epoch = snapshot["epoch"]
        await toggle(node, session_id, 504)
        socket = await node.socket(session_id=session_id)

        gone = await subscribe(socket, session_id, epoch=epoch, last_rev=4)
        assert (gone["recovered"], gone["rev"]) == (False, 505)
        kept = await subscribe(socket, session_id, epoch=epoch, last_rev=5)
        assert [event["rev"] for event in kept["events"]] == list(range(6, 506))


@pytest.mark.gen_test
async def test_more_than_a_socket_can_take_is_made_up_for_by_the_state(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        session_id = await node.start()
        _, snapshot = await node.shown(session_id)
        for _ in range(260):
            await node.node.parts.engine.execute("ada", session_id, Distract("😀" * 500))
        socket = await node.socket(session_id=session_id)
        proof = {"epoch": snapshot["epoch"], "last_rev": 1}

        assert (await subscribe(socket, session_id, **proof))["recovered"] is False
        proof["last_rev"] = 200
        assert len((await subscribe(socket, session_id, **proof))["events"]) == 61


@pytest.mark.gen_test
async def test_a_finished_session_is_shown_from_redis_and_hours_later_from_mongodb(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        session_id = await node.start()
        _, snapshot = await node.shown(session_id)
        proof = {"epoch": snapshot["epoch"], "last_rev": 1}
        await node.advance(60_000)
        await node.ask("PUT", f"sessions/{session_id}/", {"status": "completed"})

        late, shown = await node.shown(session_id)
        assert (shown["rev"], shown["state"]["status"]) == (2, "completed")
        back = await subscribe(late, session_id, **proof)
        assert (back["recovered"], [event["event"] for event in back["events"]]) == (
            True, ["completed"],
        )  # fmt: skip

        async with node.redis() as redis:
            await redis.delete(*[key async for key in redis.scan_iter(node.key("*"))])
        await node.advance(7 * 3_600_000)
        later, kept = await node.shown(session_id)
        for name in ("id", "rev", "epoch", "status", "xp_total", "focused_ms", "ended_at"):
            assert kept["state"][name] == shown["state"][name], name
        back = await subscribe(later, session_id, **proof)
        assert (back["recovered"], back["rev"]) == (False, 2)
        assert back["snapshot"]["completed_reason"] == "manual"
        assert (await later.ask({"type": "pause"}))["code"] == "not_found"


@pytest.mark.gen_test
async def test_ended_sessions_are_shown_as_often_as_asked_and_not_followed(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock, **AT_WILL) as node:
        ended = await node.start()
        ada = await node.socket()
        await ada.ask({"type": "cancel", "id": ended})
        fresh = await node.socket()
        answers = [await subscribe(fresh, ended) for _ in range(3)]
        await node.until(lambda: not any(one.followed for one in node.node.parts.hub))

        assert [answer["snapshot"]["status"] for answer in answers] == ["canceled"] * 3


def meanwhile(
    node: Watched, monkeypatch: pytest.MonkeyPatch, read: str, session_id: str, command: Command
) -> None:
    """Change the session after the next read of the store, and let this node hear of it first."""
    parts = node.node.parts
    reader = getattr(SessionStore, read)

    async def read_then_change(*args: Any) -> Any:
        found = await reader(*args)
        monkeypatch.setattr(SessionStore, read, reader)
        told = parts.hub.events
        await parts.engine.execute("ada", session_id, command)
        await node.until(lambda: parts.hub.events > told)
        return found

    monkeypatch.setattr(SessionStore, read, read_then_change)


@pytest.mark.gen_test
async def test_a_change_while_a_session_is_looked_up_is_in_the_snapshot(
    settings: Settings, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(settings, clock, reconcile_s=3_600.0) as node:
        session_id = await node.start()
        meanwhile(node, monkeypatch, "load", session_id, PauseCommand())
        socket, seen = await node.shown(session_id)

        assert (seen["rev"], seen["state"]["status"]) == (2, "paused")
        await node.ask("POST", f"sessions/{session_id}/resume/")
        assert (await socket.next("event"))["rev"] == 3


@pytest.mark.gen_test
async def test_a_change_while_missed_events_are_read_is_among_them(
    settings: Settings, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(settings, clock, reconcile_s=3_600.0) as node:
        session_id = await node.start()
        await toggle(node, session_id, 1)
        socket, seen = await node.shown(session_id)
        meanwhile(node, monkeypatch, "events", session_id, Distract("door"))
        back = await subscribe(socket, session_id, epoch=seen["epoch"], last_rev=1)

        assert (back["recovered"], back["rev"]) == (True, 3)
        assert [event["rev"] for event in back["events"]] == [2, 3]


@pytest.mark.gen_test
async def test_an_end_while_sessions_are_listed_is_told_and_leaves_nothing_running(
    settings: Settings, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(settings, clock, reconcile_s=3_600.0) as node:
        session_id = await node.start()
        meanwhile(node, monkeypatch, "active_of", session_id, Complete())
        socket = await node.socket()
        told = await socket.next("snapshot", "event")

        assert told["state"]["status"] == "completed"
        assert node.node.parts.registry.get(session_id) is None
        assert node.held[2] == 0
