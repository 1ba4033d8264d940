"""One session through everything: sockets, a crash, a restart, MongoDB, by a real process."""

import datetime
import signal
import time
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from config.settings import Settings
from tests.e2e.nodes import (
    SESSIONS,
    Message,
    Node,
    Socket,
    alive,
    on_stores,
    serving,
    wait_for,
    xp_of,
)


def instant(text: str) -> int:
    """Epoch milliseconds of an ISO instant."""
    at = datetime.datetime.fromisoformat(text)
    return round(at.timestamp() * 1000)


def focused_ms(events: list[Message]) -> int:
    """The focused time that the events of a session tell of."""
    segments = [event["segment"] for event in events if event["segment"]]
    return sum(one["to_ms"] - one["from_ms"] for one in segments if one["kind"] == "focused")


def history(node: Node, goal_id: str) -> Message:
    """The one past session of the goal."""
    answer = node.ask("GET", f"/api/v1/goals/{goal_id}/sessions/")
    assert len(answer["results"]) == 1
    found: Message = answer["results"][0]
    return found


def begin_and_pause(node: Node) -> tuple[Message, list[Message]]:
    """Start a session, see it tick, pause it; the session and its events."""
    with node.socket() as socket:
        session = node.start()
        started = socket.next("event", event="started", id=session["id"])
        first = socket.next("tick", id=session["id"])
        second = socket.next("tick", id=session["id"])
        assert 0 < first["elapsed_ms"] < second["elapsed_ms"]
        assert second["elapsed_ms"] == second["at"] - started["at"]
        assert second["xp_total"] == xp_of(second["focused_ms"])["xp_total"]
        paused = socket.say("pause", id=session["id"], if_rev=1, cmd_id="pause-1")
        assert (paused["rev"], paused["event"]) == (2, "paused")
        return session, [m for m in socket.messages if m["type"] == "event"]


def come_back(socket: Socket, session: Message) -> list[Message]:
    """Recover what was missed since rev 1, and go on; the events since."""
    told = {"id": session["id"], "epoch": session["epoch"]}
    snapshot = socket.next("snapshot", **told)
    assert snapshot["state"]["status"] == "paused"
    socket.send("subscribe", last_rev=1, **told)
    recovered = socket.next("subscribed", id=session["id"])
    assert recovered["recovered"] is True
    assert [event["rev"] for event in recovered["events"]] == [2]
    repeated = socket.say("pause", id=session["id"], cmd_id="pause-1")
    assert (repeated["repeated"], repeated["rev"]) == (True, 2)
    socket.say("resume", id=session["id"], if_rev=2)
    socket.next("tick", id=session["id"], rev=3)
    events: list[Message] = recovered["events"]
    return events + [m for m in socket.messages if m["type"] == "event"]


def test_a_session_survives_kill_9_and_is_booked_to_the_millisecond(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with serving(data_dir) as node:
        session, before = begin_and_pause(node)
        node.kill()
    with serving(data_dir) as node, node.socket() as socket:
        after = come_back(socket, session)
        path = f"{SESSIONS}{session['id']}/"
        done = node.ask("PUT", path, {"status": "completed", "xp_total": 10**9})
        events = [*before[:1], *after, socket.next("event", event="completed")]
        past = history(node, session["goal_id"])

    assert [event["event"] for event in events] == ["started", "paused", "resumed", "completed"]
    assert [event["rev"] for event in events] == [1, 2, 3, 4]
    at = [event["at"] for event in events]
    spent_ms = (at[1] - at[0]) + (at[3] - at[2])
    assert spent_ms == focused_ms(events)
    assert (done["http"], done["persisted"], done["rev"]) == (200, True, 4)
    assert (done["focused_ms"], done["elapsed_ms"]) == (spent_ms, spent_ms)
    assert past | xp_of(spent_ms) == past
    assert past["total_duration_seconds"] == past["focused_duration_seconds"] == spent_ms // 1000
    assert (instant(past["started_at"]), instant(past["ended_at"])) == (at[0], at[3])
    assert (past["id"], past["completed_reason"]) == (session["id"], "manual")


def test_an_end_that_passes_while_the_server_is_down_is_booked_at_its_instant(
    tmp_path: Path,
) -> None:
    data_dir = tmp_path / "data"
    with serving(data_dir) as node:
        session = node.start(planned_duration_seconds=1)
        node.kill()
    due = instant(session["started_at"]) + 1_000
    wait_for(lambda: time.time_ns() > due * 1_000_000, "the planned end")
    with serving(data_dir) as node:
        path = f"{SESSIONS}{session['id']}/"
        wait_for(lambda: node.ask("GET", path)["status"] == "completed", "the end")
        wait_for(
            lambda: node.ask("GET", f"/api/v1/goals/{session['goal_id']}/sessions/")["results"],
            "the history",
        )
        past = history(node, session["goal_id"])
        assert past["completed_reason"] == "auto"
        assert instant(past["ended_at"]) == due
        assert past["total_duration_seconds"] == past["focused_duration_seconds"] == 1
        assert past["xp_total"] == xp_of(1_000)["xp_total"] == 1


def test_sigterm_sends_the_clients_away_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as node, node.socket() as socket:
        session = node.start()
        socket.next("event", event="started")
        pids = node.store_pids()
        assert len(pids) == 2
        assert all(alive(pid) for pid in pids)

        node.process.send_signal(signal.SIGTERM)

        advice = socket.next("going_away")
        assert 0 < advice["reconnect_in_ms"] < 10_000
        with pytest.raises(ConnectionClosed) as closed:
            socket.next("nothing more")
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, session["status"]) == (4001, "active")
        assert node.process.wait(timeout=10) == 0
        assert not any(alive(pid) for pid in pids)
        assert "Traceback" not in node.said()


def test_a_second_process_sees_and_serves_the_same_session(
    settings: Settings, tmp_path: Path
) -> None:
    shared = on_stores(settings, tmp_path)
    a_dir, b_dir = tmp_path / "a", tmp_path / "b"
    with (
        serving(a_dir, **shared | {"DATA_DIR": str(a_dir)}) as a,
        serving(b_dir, **shared | {"DATA_DIR": str(b_dir)}) as b,
        b.socket() as on_b,
    ):
        session = a.start()
        session_id = session["id"]
        started = on_b.next("event", event="started", id=session_id)
        on_b.next("tick", id=session_id)
        on_b.say("pause", id=session_id, if_rev=1)
        assert a.ask("GET", f"{SESSIONS}{session_id}/")["status"] == "paused"
        with a.socket() as on_a:
            assert on_a.next("snapshot", id=session_id)["rev"] == 2
            on_a.say("resume", id=session_id, if_rev=2)
            on_b.next("event", event="resumed")
            a.kill()
        on_b.next("tick", id=session_id)

        done = b.ask("PUT", f"{SESSIONS}{session_id}/", {"status": "completed"})

        on_b.next("event", event="completed")
        events = [m for m in on_b.messages if m["type"] == "event"]
        assert [event["rev"] for event in events] == [1, 2, 3, 4]
        assert done["focused_ms"] == focused_ms(events)
        assert events[0]["at"] == started["at"]
        assert done["persisted"] is True
        assert history(b, session["goal_id"])["xp_total"] == xp_of(focused_ms(events))["xp_total"]
