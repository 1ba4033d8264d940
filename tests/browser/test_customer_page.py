"""Front ends of customer sessions in a browser, on pages of another origin."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.pages import browser, origin
from tests.e2e.nodes import ROOT, serving, wait_for

CLASS = (ROOT / "examples" / "sessionManager.js").read_text()
BASE = "/api/chat/sessions/"
PAGE = """<!doctype html><title>Chat</title><link rel="icon" href="data:,"><script src="/sessionManager.js"></script><script>
const manager = new SessionManager();
manager.apiBase = manager.apiBase.replace(':8000', ':' + location.hash.slice(1));
</script>"""
FILES = {"/": PAGE, "/sessionManager.js": CLASS}


@pytest.mark.slow
def test_the_documented_class_runs_unchanged_on_a_page(tmp_path: Path) -> None:
    with (
        origin(FILES) as address,
        serving(tmp_path / "data", ALLOWED_ORIGINS=address) as node,
        browser() as chromium,
    ):
        page = chromium.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{address}/#{node.port}")
        page.evaluate("manager.initializeSession()")
        updated = page.evaluate("manager.update('message_sent')")
        begun = page.evaluate("manager.sessionId")
        page.reload()
        remembered = page.evaluate("manager.sessionId")
        page.evaluate("manager.initializeSession()")
        resumed = page.evaluate("manager.sessionId")
        ended = page.evaluate("manager.end()")
        history = page.evaluate("manager.getHistory()")

    # A browser would say so, had it kept an answer from the page.
    assert complaints == []
    assert updated["message"] == "Session updated - message_sent"
    assert begun == remembered == resumed == updated["session_id"] == ended["session_id"]
    assert (ended["message"], ended["total_messages_sent"]) == ("Session ended", 1)
    assert (history["user"], history["total_sessions"]) == ("demo_user", 1)


@pytest.mark.slow
def test_a_beacon_ends_the_visit_of_a_user(tmp_path: Path) -> None:
    with (
        origin(FILES) as address,
        serving(tmp_path / "data", ALLOWED_ORIGINS=address) as node,
        browser() as chromium,
    ):
        session_id = node.ask("POST", f"{BASE}start/", {})["session_id"]
        page = chromium.new_page()
        page.goto(f"{address}/#{node.port}")
        page.evaluate(
            """([session_id, token]) => {
                window.addEventListener('pagehide', () => navigator.sendBeacon(
                    `${manager.apiBase}/end/`, JSON.stringify({ session_id, token })));
            }""",
            [session_id, node.token],
        )
        assert node.ask("GET", f"{BASE}status/")["has_active_session"]
        page.close(run_before_unload=True)

        def ended() -> list[dict[str, Any]]:
            sessions = node.ask("GET", f"{BASE}history/")["sessions"]
            return [one for one in sessions if not one["is_active"]]

        past = wait_for(ended, "the end of the visit")

    assert [one["session_id"] for one in past] == [session_id]
