"""Whatever JSON arrives in whatever field, the answer is a success or a precise refusal."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from tornado.ioloop import IOLoop

from tests.person import ACTIVITY, GOAL, SESSIONS, Person, Site

EXAMPLES = 200
FIELDS = (
    "session_id", "user_id", "goal_id", "activity_id", "status", "started_at", "ended_at",
    "planned_duration_seconds", "device_platform", "total_duration_seconds", "xp_total",
    "xp_logic", "focused_duration_seconds", "completed_reason", "cmd_id", "if_rev", "note",
    "title", "name", "emoji", "category", "color", "days_total", "$set", "__proto__", "a.b", "",
)  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.text(st.characters(min_codepoint=0xD7FF, max_codepoint=0xE000), max_size=2)
    | st.datetimes().map(lambda at: f"{at.isoformat()}Z")
    | st.sampled_from(["active", "completed", "auto", "web", "ada", "s-1", "#4187a2"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.sampled_from(["$gt", "name"]), inner, max_size=3)
    ),
    max_leaves=5,
)
BODIES = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6) | VALUES
COMMANDS = ("pause", "resume", "focus", "blur", "distraction")


def test_no_json_breaks_the_server(io_loop: IOLoop, site: Site, ada: Person) -> None:
    bob, sync = site.person("bob"), site.person("convex", "service")
    plan = io_loop.run_sync(ada.plan)
    io_loop.run_sync(lambda: ada.start(session_id="s-1"))
    his = io_loop.run_sync(lambda: bob.start(session_id="s-2"))
    places: list[tuple[Person, str, str, dict[str, Any]]] = [
        (ada, "POST", SESSIONS, plan),
        (sync, "POST", SESSIONS, {**plan, "session_id": "e-1", "user_id": "ada"}),
        (ada, "PUT", f"{SESSIONS}s-1/", {"status": "completed"}),
        (sync, "PUT", f"{SESSIONS}e-1/", {"status": "completed", "user_id": "ada"}),
        *((bob, "POST", f"{his}{command}/", {}) for command in COMMANDS),
        (ada, "POST", f"{SESSIONS}calculate-rates/", plan),
        (ada, "POST", "/api/v1/goals/", GOAL),
        (ada, "POST", "/api/v1/activities/", ACTIVITY),
        (ada, "PATCH", f"/api/v1/goals/{plan['goal_id']}/", {"title": "Other"}),
        (ada, "PATCH", f"/api/v1/activities/{plan['activity_id']}/", {"name": "Other"}),
    ]

    @given(place=st.sampled_from(places), body=BODIES, fill=st.booleans())
    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    def send(place: tuple[Person, str, str, dict[str, Any]], body: Any, *, fill: bool) -> None:
        person, method, path, good = place
        sent = {**good, **body} if fill and isinstance(body, dict) else body
        raw = json.dumps(sent).encode()
        answer = io_loop.run_sync(lambda: person.ask(method, path, raw))
        assert answer.status < 500, (path, raw, answer)
        if answer.status >= 400:
            assert answer.code in {
                "invalid_input",
                "forbidden",
                "not_found",
                "conflict",
                "wrong_state",
                "already_active",
                "id_taken",
            }

    send()
    xp, completed, entries = io_loop.run_sync(lambda: site.totals("ada"))
    assert completed <= entries
    assert xp >= 0
