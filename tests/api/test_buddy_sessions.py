"""Buddy sessions over HTTP: appointing, confirming, calling off, notes."""

import itertools
import uuid
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from domain.instants import HOUR_MS, iso
from tests.buddies import SESSION, WINDOW_MS, Pair, confirm, pair
from tests.person import Person, Site

NUMBER = itertools.count(1)
NOWHERE = "00000000-0000-4000-8000-000000000000"
pytestmark = pytest.mark.kept_database


@pytest.fixture
def two(io_loop: IOLoop, site: Site) -> Pair:
    """Two of whom no other test of this file knows."""
    made: Pair = io_loop.run_sync(lambda: pair(site, f"-{uuid.uuid4().hex[:8]}"))
    return made


async def reason(person: Person, path: str, body: object = None) -> Any:
    """Which rule forbids it."""
    answer = await person.post(f"{SESSION}{path}/", {} if body is None else body)
    assert (answer.status, answer.code) == (400, "rule_violated"), answer
    return answer.body["reason"]


@pytest.mark.gen_test
async def test_a_session_as_the_document_has_it(site: Site, two: Pair) -> None:
    at = site.clock() + HOUR_MS
    made = await two.ada.post(SESSION, two.wish())
    session_id = made.body["session_id"]
    seen = await two.seen(session_id)

    assert made.status == 201
    assert {name: made.body[name] for name in seen} == seen
    assert (made.body["success"], made.body["message"]) == (True, "Session scheduled")
    assert seen == {
        "id": str(uuid.UUID(session_id)),
        "match_id": two.match_id,
        "venue_name": "Library",
        "scheduled_time": iso(at),
        "status": "scheduled",
        "notes": None,
        "participants": {
            "user1": {
                "id": two.ada.user_id,
                "name": two.ada.user_id,
                "challenge": {
                    "id": two.challenges[0],
                    "title": "Say hello",
                    "description": "",
                    "points": 3,
                    "difficulty": "beginner",
                },
                "confirmed": False,
            },
            "user2": {
                "id": two.bob.user_id,
                "name": two.bob.user_id,
                "challenge": {
                    "id": two.challenges[1],
                    "title": "Ask the way",
                    "description": "",
                    "points": 5,
                    "difficulty": "beginner",
                },
                "confirmed": False,
            },
        },
        "reputation_preview": {"user1_delta": 3, "user2_delta": 5},
        "completed_at": None,
        "confirm_by": iso(at + WINDOW_MS),
        "rev": 1,
        "created_at": iso(site.clock()),
    }


@pytest.mark.gen_test
async def test_both_confirm_and_it_is_completed(site: Site, two: Pair) -> None:
    session_id = await two.begun()
    first = await confirm(two.bob, session_id)
    half = await two.seen(session_id)
    site.clock.advance(1_000)
    second = await two.ada.post(
        f"{SESSION}{session_id}/confirm/", {"buddy_user_id": two.bob.user_id}
    )
    done = await two.seen(session_id)

    assert (first.status, first.body) == (
        200,
        {
            "success": True,
            "message": "Completion confirmed",
            "session_status": "scheduled",
            "both_confirmed": False,
        },
    )
    # Bob's word is about Ada.
    people = half["participants"]
    assert (people["user1"]["confirmed"], people["user2"]["confirmed"]) == (True, False)
    assert (second.status, second.body) == (
        200,
        {
            "success": True,
            "message": "Both confirmed: session completed",
            "session_status": "completed",
            "both_confirmed": True,
        },
    )
    assert (done["status"], done["completed_at"]) == ("completed", iso(site.clock()))
    assert await reason(two.ada, f"{session_id}/confirm") == "already_confirmed"


@pytest.mark.gen_test
async def test_rules_of_confirming(site: Site, two: Pair) -> None:
    session_id = await two.appoint()
    site.clock.advance(HOUR_MS - 1)
    early = await two.ada.post(f"{SESSION}{session_id}/confirm/", {})
    assert (early.status, early.body["reason"]) == (400, "too_early")
    assert early.body["detail"] == "Cannot confirm before the scheduled time."
    site.clock.advance(1)
    for whom in (two.ada.user_id, "somebody"):
        body = {"buddy_user_id": whom}
        assert await reason(two.ada, f"{session_id}/confirm", body) == "not_your_buddy"
    assert (await confirm(two.ada, session_id)).status == 200
    assert await reason(two.ada, f"{session_id}/confirm") == "already_confirmed"
    assert (await two.seen(session_id))["rev"] == 2


@pytest.mark.gen_test
async def test_a_repeat_of_a_confirmation_under_its_key_is_one(two: Pair) -> None:
    session_id = await two.begun()
    answers = [await confirm(two.ada, session_id, Idempotency_Key="k") for _ in range(3)]

    assert [answer.status for answer in answers] == [200] * 3
    assert (await two.seen(session_id))["rev"] == 2
    assert (await confirm(two.ada, session_id, Idempotency_Key="l")).status == 400


@pytest.mark.gen_test
async def test_a_start_under_a_key_is_made_once(site: Site, two: Pair) -> None:
    wish = two.wish()
    made = await two.ada.post(SESSION, wish, Idempotency_Key="k")
    site.clock.advance(2 * HOUR_MS)
    # By now its time is past; the repeat is answered all the same.
    again = await two.ada.post(SESSION, wish, Idempotency_Key="k")
    other = await two.ada.post(SESSION, two.wish(venue_name="Park"), Idempotency_Key="k")

    assert (made.status, again.status, again.body["id"]) == (201, 200, made.body["id"])
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert len((await two.bob.get(SESSION)).body["results"]) == 1


@pytest.mark.gen_test
async def test_the_past_is_for_services(site: Site, two: Pair) -> None:
    past = two.wish(-HOUR_MS)
    refused = await two.ada.post(SESSION, past)
    imported = await two.service.post(SESSION, past)

    assert (refused.status, refused.code, refused.body["reason"]) == (
        400, "rule_violated", "in_the_past",
    )  # fmt: skip
    assert imported.status == 201
    assert (await confirm(two.ada, imported.body["id"])).status == 200


@pytest.mark.gen_test
async def test_calling_off_and_moving(site: Site, two: Pair) -> None:
    session_id = await two.appoint()
    later = iso(site.clock() + 3 * HOUR_MS)
    moved = await two.bob.post(
        f"{SESSION}{session_id}/reschedule/", {"scheduled_time": later, "venue_name": "Park"}
    )
    again = await two.bob.post(f"{SESSION}{session_id}/reschedule/", {"scheduled_time": later})

    assert (moved.status, moved.body) == (200, await two.seen(session_id))
    assert (moved.body["scheduled_time"], moved.body["venue_name"]) == (later, "Park")
    assert (again.status, again.body["rev"]) == (200, moved.body["rev"])
    body = {"scheduled_time": iso(site.clock())}
    assert await reason(two.ada, f"{session_id}/reschedule", body) == "in_the_past"

    off = [await two.ada.post(f"{SESSION}{session_id}/cancel/", {}) for _ in range(2)]
    assert [(one.status, one.body["status"], one.body["rev"]) for one in off] == [
        (200, "canceled", 3),
    ] * 2  # fmt: skip
    assert off[0].body["reputation_preview"] == {"user1_delta": 0, "user2_delta": 0}
    assert await reason(two.ada, f"{session_id}/confirm") == "canceled"
    body = {"scheduled_time": later + "x"}
    invalid = await two.ada.post(f"{SESSION}{session_id}/reschedule/", body)
    assert (invalid.status, invalid.code) == (422, "unprocessable")


@pytest.mark.gen_test
async def test_who_did_not_come_cannot_call_it_off_afterwards(site: Site, two: Pair) -> None:
    session_id = await two.begun()
    later = {"scheduled_time": iso(site.clock() + HOUR_MS)}

    assert await reason(two.ada, f"{session_id}/cancel") == "already_begun"
    assert await reason(two.ada, f"{session_id}/reschedule", later) == "already_begun"
    moved = await two.service.post(f"{SESSION}{session_id}/reschedule/", later)
    assert (moved.status, moved.body["scheduled_time"]) == (200, later["scheduled_time"])
    site.clock.advance(2 * HOUR_MS)
    off = await two.service.post(f"{SESSION}{session_id}/cancel/", {})
    assert off.body["status"] == "canceled"


@pytest.mark.gen_test
async def test_notes_of_two_who_write(two: Pair) -> None:
    session_id = await two.appoint()
    path = f"{SESSION}{session_id}/notes/"
    first = await two.ada.ask("PATCH", path, {"notes": " <b>Bring</b> tea & <script>x</script>\n"})
    second = await two.bob.ask("PATCH", path, {"notes": "Bring cake", "if_rev": 2})
    stale = await two.ada.ask("PATCH", path, {"notes": "Bring water", "if_rev": 2})
    repeated = await two.bob.ask("PATCH", path, {"notes": "Bring cake", "if_rev": 2})

    assert (first.status, first.body) == (
        200,
        {"success": True, "message": "Notes updated", "updated_notes": "Bring tea &", "rev": 2},
    )
    assert (second.status, second.body["rev"]) == (200, 3)
    assert (stale.status, stale.code) == (409, "conflict")
    assert stale.body["state"] == await two.seen(session_id)
    assert stale.body["state"]["notes"] == "Bring cake"
    assert (repeated.status, repeated.body["rev"]) == (200, 3)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scheduled_time": "9999-12-31T23:59:59.999Z"}, "scheduled_time"),
        ({"match_id": "x"}, "match_id"),
        ({"user1_challenge_id": NOWHERE}, "user1_challenge_id"),
        ({"user2_challenge_id": NOWHERE}, "user2_challenge_id"),
        ({"user2_challenge_id": None}, "user2_challenge_id"),
        ({"venue_name": ""}, "venue_name"),
        ({"venue_name": "x" * 201}, "venue_name"),
        ({"venue_name": "two\nlines"}, "venue_name"),
        ({"scheduled_time": "tomorrow"}, "scheduled_time"),
        ({"scheduled_time": "2026-13-01T00:00:00Z"}, "scheduled_time"),
        ({"scheduled_time": "2026-12-01T00:00:00"}, "scheduled_time"),
        ({"scheduled_time": 1795241066021}, "scheduled_time"),
        ({"status": "completed"}, "status"),
        ({"$set": 1}, None),
    ],
)
@pytest.mark.gen_test
async def test_impossible_bodies_are_422(
    two: Pair, change: dict[str, Any], field: str | None
) -> None:
    answer = await two.ada.post(SESSION, {**two.wish(), **change})

    assert (answer.status, answer.code) == (422, "unprocessable")
    assert field is None or field in answer.body["errors"]
    assert (await two.ada.get(SESSION)).body["results"] == []


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"a": NaN}'])
@pytest.mark.gen_test
async def test_what_is_not_json_is_422_too(two: Pair, body: bytes) -> None:
    answer = await two.ada.post(SESSION, body)

    assert (answer.status, answer.code) == (422, "unprocessable")


@pytest.mark.parametrize(
    "body",
    [{}, {"notes": None}, {"notes": 5}, {"notes": "x" * 2001}, {"notes": "x", "if_rev": "1"}],
)
@pytest.mark.gen_test
async def test_impossible_notes_are_422(two: Pair, body: dict[str, Any]) -> None:
    session_id = await two.appoint()
    answer = await two.ada.ask("PATCH", f"{SESSION}{session_id}/notes/", body)

    assert (answer.status, answer.code) == (422, "unprocessable")
    assert (await two.seen(session_id))["rev"] == 1


@pytest.mark.gen_test
async def test_notes_of_the_full_length_are_taken(two: Pair) -> None:
    session_id = await two.appoint()
    kept = await two.ada.ask("PATCH", f"{SESSION}{session_id}/notes/", {"notes": "ü" * 2_000})
    assert (kept.status, kept.body["updated_notes"]) == (200, "ü" * 2_000)


@pytest.mark.gen_test
async def test_the_callers_sessions_in_pages(site: Site, two: Pair) -> None:
    ids = [await two.appoint(hours * HOUR_MS) for hours in (3, 1, 2)]
    await two.ada.post(f"{SESSION}{ids[1]}/cancel/", {})
    latest_first = [ids[0], ids[2], ids[1]]
    page = (await two.bob.get(f"{SESSION}?limit=2")).body
    rest = (await two.bob.get(f"{SESSION}?limit=2&cursor={page['next']}")).body

    assert [one["id"] for one in (*page["results"], *rest["results"])] == latest_first
    assert rest["next"] is None
    assert page["results"][0] == await two.seen(ids[0])
    canceled = (await two.ada.get(f"{SESSION}?status=canceled")).body["results"]
    assert [one["id"] for one in canceled] == [ids[1]]
    assert (await two.ada.get(f"{SESSION}?status=lost")).status == 422
    assert (await site.person("eve").get(SESSION)).body["results"] == []


@pytest.mark.gen_test
async def test_names_are_those_of_accounts_and_nothing_else_of_them(site: Site) -> None:
    nobody = Person(site=site, user_id="", bearer="")
    email = f"zoe{next(NUMBER)}@example.org"
    told = {"email": email, "password": "correct horse", "name": "Zoë"}
    account = (await nobody.post("/api/v1/authentication/register/", told)).body
    two = await pair(site, f"-{uuid.uuid4().hex[:8]}")
    match = {"user1_id": account["user"]["id"], "user2_id": two.bob.user_id}
    match_id = (await two.service.post("/api/matches/", match)).body["id"]
    session = await two.bob.post(SESSION, two.wish(match_id=match_id))

    assert session.body["participants"]["user1"]["name"] == "Zoë"
    assert email not in session.raw.decode()
