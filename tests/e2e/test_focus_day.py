"""A day of a focus program by a real process that is killed in the middle of the session."""

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nodes import Node, serving, wait_for

FOCUS = "/api/v1/focus/"


def post(node: Node, path: str, **told: object) -> dict[str, Any]:
    answer = node.ask("POST", f"{FOCUS}{path}", told)
    assert answer["http"] in (200, 201), answer
    return answer


def elapsed(node: Node, session_id: str, ms: int) -> None:
    """Wait until the session has run for so long."""

    def so_long() -> bool:
        return int(node.ask("GET", f"/api/v1/sessions/{session_id}/")["elapsed_ms"]) >= ms

    wait_for(so_long, f"{ms} ms of the session")


def begin(node: Node) -> tuple[int, str]:
    """A session on the first day that is paused after a second; enrolment and session."""
    number = post(node, "programs/enroll/", program_id=1)["enrollment_id"]
    post(node, "programs/start/", enrollment_id=number)
    session_id = post(
        node, "sessions/start/", enrollment_id=number, day_number=1, duration_minutes=1
    )["session_id"]
    post(node, "sessions/distraction/", session_id=session_id, distraction_note="Phone")
    elapsed(node, session_id, 1_000)
    post(node, "sessions/pause/", session_id=session_id)
    return number, session_id


def go_on(node: Node, number: int, session_id: str) -> None:
    """Find the session as it was left, and complete it after another second."""
    found = node.ask("GET", f"{FOCUS}sessions/active/")["active_session"]
    assert (found["session_id"], found["status"]) == (session_id, "paused")
    assert (found["program_id"], found["distraction_count"]) == (1, 1)
    post(node, "sessions/resume/", session_id=session_id)
    elapsed(node, session_id, 2_000)
    with node.socket() as socket:
        assert post(node, "sessions/complete/", session_id=session_id)["completed"] is True
        assert socket.next("program", event="focus_added")["enrollment_id"] == number


@pytest.mark.slow
def test_a_killed_server_loses_no_minute_of_a_day(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with serving(data_dir) as node:
        number, session_id = begin(node)
        node.kill()
    with serving(data_dir) as node:
        go_on(node, number, session_id)
        node.kill()
    with serving(data_dir) as node:
        course = node.ask("GET", f"{FOCUS}programs/{number}/")
        past = node.ask("GET", f"/api/v1/sessions/{session_id}/")

    assert course["progress"]["total_sessions"] == 1
    assert past["status"] == "completed"
    # Two stretches of about a second; the pause over the crash does not count.
    assert 2_000 <= past["elapsed_ms"] < 8_000
    assert past["focus"]["day_number"] == 1
