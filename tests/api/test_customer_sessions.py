"""Customer sessions over HTTP: the documented answers, and what becomes of a visit."""

import uuid
from typing import Any

import pytest

from domain.instants import HOUR_MS, MINUTE_MS, iso
from tests.engines import until
from tests.person import SESSIONS, Answer, Person, Site
from tests.sockets import Socket

BASE = "/api/chat/sessions/"
pytestmark = pytest.mark.kept_database


async def begin(person: Person) -> str:
    answer = await person.post(f"{BASE}start/", {})
    assert answer.status == 201, answer
    return str(answer.body["session_id"])


async def update(person: Person, session_id: str, activity: str, **told: object) -> Answer:
    body = {"session_id": session_id, "activity_type": activity, **told}
    return await person.post(f"{BASE}update/", body)


async def end(person: Person, session_id: str) -> dict[str, Any]:
    answer = await person.post(f"{BASE}end/", {"session_id": session_id})
    assert answer.status == 200, answer
    return dict(answer.body)


async def history(person: Person, query: str = "") -> dict[str, Any]:
    answer = await person.get(f"{BASE}history/{query}")
    assert answer.status == 200, answer
    return dict(answer.body)


@pytest.fixture
def ada(site: Site) -> Person:
    """Somebody new: the tests of this file share a database."""
    return site.person(f"ada-{uuid.uuid4().hex[:8]}")


@pytest.mark.gen_test
async def test_a_visit_begins_as_the_document_has_it(site: Site, ada: Person) -> None:
    nothing = await ada.get(f"{BASE}status/")
    started = await ada.post(f"{BASE}start/", {})

    assert (nothing.status, nothing.body) == (
        200,
        {
            "has_active_session": False,
            "user": ada.user_id,
            "message": "No active session found",
        },
    )
    assert (started.status, started.body) == (
        201,
        {
            "session_id": str(uuid.UUID(started.body["session_id"])),
            "message": "New session started",
            "started_at": iso(site.clock()),
            "user": ada.user_id,
        },
    )


async def chat(ada: Person) -> tuple[str, Answer]:
    """A conversation of two messages and their answers; the visit, and the last update."""
    session_id = await begin(ada)
    ada.site.clock.advance(15 * MINUTE_MS + 30_000)
    await update(ada, session_id, "conversation_started")
    await update(ada, session_id, "message_sent")
    await update(ada, session_id, "response_received", response_time=1.5)
    await update(ada, session_id, "message_sent")
    return session_id, await update(ada, session_id, "response_received", response_time=0.9)


@pytest.mark.gen_test
async def test_a_visit_is_counted_as_the_document_has_it(site: Site, ada: Person) -> None:
    at = site.clock()
    session_id, updated = await chat(ada)
    status = await ada.get(f"{BASE}status/")

    counted = {
        "total_messages_sent": 2,
        "total_conversations": 1,
        "average_response_time": 1.2,
    }
    assert (updated.status, updated.body) == (
        200,
        {
            "session_id": session_id,
            "message": "Session updated - response_received",
            **counted,
        },
    )
    assert status.body == {
        "has_active_session": True,
        "session_id": session_id,
        "started_at": iso(at),
        "duration_minutes": 15.5,
        **counted,
        "user": ada.user_id,
    }


@pytest.mark.gen_test
async def test_a_visit_ends_as_the_document_has_it(site: Site, ada: Person) -> None:
    at = site.clock()
    session_id, _ = await chat(ada)
    site.clock.advance(14 * MINUTE_MS + 30_000)
    ended = await end(ada, session_id)
    past = await history(ada)

    span = {"started_at": iso(at), "ended_at": iso(at + 30 * MINUTE_MS), "duration_minutes": 30.0}
    counted = {"total_messages_sent": 2, "total_conversations": 1}
    assert ended == {
        "session_id": session_id,
        "message": "Session ended",
        **span,
        **counted,
    }
    assert past == {
        "user": ada.user_id,
        "total_sessions": 1,
        "sessions": [
            {
                "session_id": session_id,
                **span,
                "is_active": False,
                **counted,
                "average_response_time": 1.2,
            }
        ],
        "summary": {
            "total_duration_minutes": 30.0,
            **counted,
            "average_session_duration": 30.0,
        },
    }


@pytest.mark.gen_test
async def test_a_second_start_goes_on_with_the_running_visit(site: Site, ada: Person) -> None:
    session_id = await begin(ada)
    site.clock.advance(50 * MINUTE_MS)
    again = await ada.post(f"{BASE}start/", {})
    site.clock.advance(50 * MINUTE_MS)
    status = await ada.get(f"{BASE}status/")

    assert (again.status, again.body["session_id"], again.body["message"]) == (
        200, session_id, "Existing session refreshed",
    )  # fmt: skip
    # The refresh was activity: without it the visit would have ended after an hour.
    assert status.body["duration_minutes"] == 100.0
    assert status.body["average_response_time"] == 0.0


@pytest.mark.gen_test
async def test_an_hour_without_activity_ends_a_visit(site: Site, ada: Person) -> None:
    at = site.clock()
    session_id = await begin(ada)
    site.clock.advance(20 * MINUTE_MS)
    await update(ada, session_id, "message_sent")
    site.clock.advance(HOUR_MS + 12_345)
    status = await ada.get(f"{BASE}status/")
    late = await update(ada, session_id, "message_sent")
    ended = await end(ada, session_id)
    past = await ada.get(f"{SESSIONS}{session_id}/timeline/")

    assert status.body["has_active_session"] is False
    assert (late.status, late.code) == (409, "wrong_state")
    assert late.body["state"]["customer"]["total_messages_sent"] == 1
    assert (ended["ended_at"], ended["duration_minutes"]) == (iso(at + 80 * MINUTE_MS), 80.0)
    assert past.body["explanation"].startswith(
        f"It ended at {iso(at + 80 * MINUTE_MS)} because nothing was done in it for too long"
    )
    assert past.body["explanation"].endswith("Sessions of this kind earn no XP.")


@pytest.mark.gen_test
async def test_ending_again_tells_the_same(site: Site, ada: Person) -> None:
    session_id = await begin(ada)
    site.clock.advance(MINUTE_MS)
    first = await end(ada, session_id)
    site.clock.advance(MINUTE_MS)

    assert await end(ada, session_id) == first
    await site.let_go()
    assert await end(ada, session_id) == first
    gone = await update(ada, session_id, "message_sent")
    assert (gone.status, gone.body["state"]["status"]) == (409, "completed")


@pytest.mark.gen_test
async def test_a_key_starts_ends_and_counts_once(site: Site, ada: Person) -> None:
    started = [await ada.post(f"{BASE}start/", {}, Idempotency_Key="start") for _ in range(2)]
    session_id = started[0].body["session_id"]
    body = {"session_id": session_id, "activity_type": "message_sent"}
    counted = [
        (await ada.post(f"{BASE}update/", body, Idempotency_Key=key)).body["total_messages_sent"]
        for key in ("first", "first", "second")
    ]
    await end(ada, session_id)
    after = await ada.post(f"{BASE}start/", {}, Idempotency_Key="start")

    assert [answer.status for answer in started] == [201, 200]
    assert [answer.body["session_id"] for answer in started] == [session_id] * 2
    assert counted == [1, 1, 2]
    # The late repeat of a start is answered as it was, and starts nothing.
    assert (after.status, after.body["session_id"]) == (200, session_id)
    assert (await ada.get(f"{BASE}status/")).body["has_active_session"] is False


@pytest.mark.gen_test
async def test_the_history_is_paged_and_its_summary_counts_everything(
    site: Site, ada: Person
) -> None:
    ids = []
    for number in range(5):
        session_id = await begin(ada)
        site.clock.advance((number + 1) * MINUTE_MS)
        await update(ada, session_id, "message_sent")
        await end(ada, session_id)
        ids.append(session_id)
    running = await begin(ada)
    site.clock.advance(3 * MINUTE_MS)
    pages = [await history(ada, "?limit=2")]
    while "next" in pages[-1]:
        pages.append(await history(ada, f"?limit=2&cursor={pages[-1]['next']}"))

    shown = [one["session_id"] for page in pages for one in page["sessions"]]
    assert shown == [running, *reversed(ids)]
    assert [one["is_active"] for one in pages[0]["sessions"]] == [True, False, False]
    for page in pages:
        assert page["total_sessions"] == 6
        assert page["summary"] == {
            "total_duration_minutes": 18.0,
            "total_messages_sent": 5,
            "total_conversations": 0,
            "average_session_duration": 3.0,
        }


@pytest.mark.gen_test
async def test_a_canceled_visit_does_not_count(site: Site, ada: Person) -> None:
    session_id = await begin(ada)
    await ada.post(f"{SESSIONS}{session_id}/cancel/")
    refused = await ada.post(f"{BASE}end/", {"session_id": session_id})

    assert (refused.status, refused.code) == (409, "wrong_state")
    assert (await history(ada))["total_sessions"] == 0
    assert (await ada.post(f"{BASE}start/", {})).status == 201


@pytest.mark.gen_test
async def test_visits_count_for_no_day_and_no_xp(site: Site, ada: Person) -> None:
    session_id = await begin(ada)
    site.clock.advance(30 * MINUTE_MS)
    await end(ada, session_id)

    assert await site.totals(ada.user_id) == (0, 0, 1)
    assert (await ada.get("/api/v1/streak/")).body["current"] == 0
    await ada.post(f"{SESSIONS}{session_id}/void/")
    assert await site.totals(ada.user_id) == (0, 0, 2)
    assert (await history(ada))["total_sessions"] == 0


@pytest.mark.parametrize(
    ("path", "body", "faulty"),
    [
        ("start", {"session_id": "x"}, "session_id"),
        ("update", {}, "session_id"),
        ("update", {"session_id": "1", "activity_type": "message_sent"}, "session_id"),
        ("update", {"activity_type": "slept"}, "activity_type"),
        ("update", {"activity_type": "session_refreshed"}, "activity_type"),
        ("update", {"activity_type": "message_sent", "response_time": 1}, "response_time"),
        ("update", {"activity_type": "response_received", "response_time": "1"}, "response_time"),
        ("update", {"activity_type": "response_received", "response_time": -1}, "response_time"),
        ("update", {"activity_type": "response_received", "response_time": True}, "response_time"),
        ("update", {"activity_type": "response_received", "response_time": 86401}, "response_time"),
        ("update", {"activity_type": "message_sent", "messages": 7}, "messages"),
        ("end", {"token": 5}, "token"),
        ("cleanup", {"all": True}, "all"),
    ],
)
@pytest.mark.gen_test
async def test_bad_bodies_are_refused_and_count_nothing(
    ada: Person, path: str, body: dict[str, object], faulty: str
) -> None:
    session_id = await begin(ada)
    mine = {"session_id": session_id} if path in ("update", "end") and body else {}
    refused = await ada.post(f"{BASE}{path}/", {**mine, **body})

    assert (refused.status, refused.code) == (400, "invalid_input")
    assert faulty in refused.body["errors"]
    status = (await ada.get(f"{BASE}status/")).body
    assert (status["session_id"], status["total_messages_sent"]) == (session_id, 0)


@pytest.mark.gen_test
async def test_a_response_without_its_time_is_no_part_of_the_mean(ada: Person) -> None:
    session_id = await begin(ada)
    await update(ada, session_id, "response_received", response_time=0.25)
    await update(ada, session_id, "response_received", response_time=None)
    answer = await update(ada, session_id, "response_received", response_time=0)

    assert answer.body["average_response_time"] == 0.125


@pytest.mark.gen_test
async def test_visits_of_others_and_sessions_of_other_kinds_are_not_found(
    site: Site, ada: Person
) -> None:
    eve = site.person("eve")
    visit = await begin(ada)
    xp = str(uuid.uuid4())
    await ada.start(session_id=xp)
    before = (await ada.get(f"{BASE}status/")).body
    for person, session_id in ((eve, visit), (ada, xp), (ada, str(uuid.uuid4()))):
        for path in ("update", "end"):
            body = {"session_id": session_id}
            if path == "update":
                body["activity_type"] = "message_sent"
            answer = await person.post(f"{BASE}{path}/", body)
            assert (answer.status, answer.code) == (404, "not_found"), (session_id, path)

    assert (await ada.get(f"{BASE}status/")).body == before
    assert (await eve.get(f"{BASE}status/")).body["has_active_session"] is False
    assert (await history(eve))["sessions"] == []


@pytest.mark.gen_test
async def test_cleaning_up_ends_what_is_over_and_ones_own(site: Site, ada: Person) -> None:
    bob = site.person(f"bob-{ada.user_id}")
    for person in (ada, bob):
        await begin(person)
    early = await ada.post(f"{BASE}cleanup/", {})
    site.clock.advance(HOUR_MS)
    own = await ada.post(f"{BASE}cleanup/", {})
    all_others = await site.person("root", "admin").post(f"{BASE}cleanup/", {})

    assert early.body == {
        "message": "Cleaned up 0 expired sessions", "cleaned_sessions": 0, "user": ada.user_id,
    }  # fmt: skip
    # The node itself looks for deadlines all the time, and may have been first.
    assert own.body["cleaned_sessions"] in (0, 1)
    assert all_others.body["cleaned_sessions"] in (0, 1)
    for person in (ada, bob):
        assert (await person.get(f"{BASE}status/")).body["has_active_session"] is False


@pytest.mark.gen_test
async def test_activity_is_told_live(site: Site, ada: Person) -> None:
    socket = await Socket(site.node, ada.user_id).arrive()
    session_id = await begin(ada)
    await update(ada, session_id, "response_received", response_time=1.25)
    await end(ada, session_id)
    await socket.has(session_id, 3)

    told = socket.of_type("event")
    assert [event["event"] for event in told] == ["started", "activity", "completed"]
    assert told[1]["data"] == {"activity_type": "response_received", "response_ms": 1250}
    assert told[1]["state"]["customer"] == {
        "total_messages_sent": 0, "total_conversations": 0, "average_response_time": 1.25,
    }  # fmt: skip

    async def is_settled() -> bool:
        return bool(socket.of_type("settled"))

    await until(is_settled, "word of the visit in the history")
