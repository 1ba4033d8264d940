"""Reviews over HTTP: five questions in order, contact, meetings, as the document has them."""

import asyncio
import uuid
from typing import Any

import pytest

from domain.instants import iso
from tests.person import Site
from tests.reviewing import CONTACT, NOWHERE, REVIEW, anybody, begin

pytestmark = pytest.mark.kept_database


@pytest.mark.gen_test
async def test_a_review_begins_as_the_document_has_it(site: Site) -> None:
    answer = await anybody(site).post(f"{REVIEW}start/", {})

    assert answer.status == 201
    now = iso(site.clock())
    review_id = answer.body["session"]["id"]
    assert str(uuid.UUID(review_id)) == review_id
    assert answer.body == {
        "session": {
            "id": review_id,
            "phone_number": "",
            "email": "",
            "created_at": now,
            "updated_at": now,
            "completed_at": None,
        },
        "next_question": {"id": 1, "prompt": "Describe your main business goal.", "order": 1},
    }


@pytest.mark.gen_test
async def test_it_may_begin_without_a_body_and_with_contact(site: Site) -> None:
    bare = await anybody(site).post(f"{REVIEW}start/")
    known = await anybody(site).post(f"{REVIEW}start/", CONTACT)
    half = await anybody(site).post(f"{REVIEW}start/", {"email": " ", "phone_number": ""})

    assert (bare.status, known.status, half.status) == (201, 201, 201)
    assert known.body["session"]["phone_number"] == "+989121234567"
    assert known.body["session"]["email"] == "user@example.com"
    assert half.body["session"]["email"] == ""


@pytest.mark.gen_test
async def test_the_next_question_as_the_document_has_it(site: Site) -> None:
    review = await begin(site)
    await review.answer(1)

    told = await review.next()
    assert told == {
        "session": told["session"],
        "completed": False,
        "next_question": {"id": 2, "prompt": "What is blocking progress?", "order": 2},
    }
    assert told["session"]["id"] == review.id
    assert await review.next() == told


@pytest.mark.gen_test
async def test_an_answer_as_the_document_has_it(site: Site) -> None:
    review = await begin(site)
    await review.answer(1)
    site.clock.advance(5_000)
    answer = await review.answer(2, "Hiring bottlenecks.")

    assert answer.status == 201
    assert answer.body == {
        "session": answer.body["session"],
        "answer": {
            "id": answer.body["answer"]["id"],
            "question": {"id": 2, "prompt": "What is blocking progress?", "order": 2},
            "answer_text": "Hiring bottlenecks.",
            "audio_url": None,
            "created_at": iso(site.clock()),
        },
        "next_question": {"id": 3, "prompt": "What is working well?", "order": 3},
        "completed": False,
    }
    assert answer.body["session"]["updated_at"] == iso(site.clock())
    assert isinstance(answer.body["answer"]["id"], int)


@pytest.mark.gen_test
async def test_the_last_answer_completes_it(site: Site) -> None:
    review = await begin(site)
    last = await review.answer_all()

    assert (last["completed"], last["next_question"]) == (True, None)
    assert last["session"]["completed_at"] == iso(site.clock())
    told = await review.next()
    assert (told["completed"], told["next_question"]) == (True, None)


@pytest.mark.gen_test
async def test_answers_out_of_order_are_refused_and_change_nothing(site: Site) -> None:
    review = await begin(site)
    early = await review.answer(2)
    first = await review.answer(1)
    again = await review.answer(1)

    assert first.status == 201
    for refused, expected in ((early, 1), (again, 2)):
        assert (refused.status, refused.code) == (400, "rule_violated")
        assert refused.body["detail"] == "Answers must be submitted in order."
        assert refused.body["reason"] == "out_of_order"
        assert refused.body["expected_question_id"] == expected
    assert (await review.next())["next_question"]["id"] == 2


@pytest.mark.gen_test
async def test_a_completed_review_takes_no_answer(site: Site) -> None:
    review = await begin(site)
    last = await review.answer_all()
    site.clock.advance(1_000)
    refused = await review.answer(5)

    assert (refused.status, refused.body["reason"]) == (400, "completed")
    assert refused.body["detail"] == "Session already completed."
    assert (await review.next())["session"] == last["session"]


NO_ANSWERS: list[tuple[dict[str, Any], str]] = [
    ({"question_id": 1}, "answer_text"),
    ({"question_id": 1, "answer_text": ""}, "answer_text"),
    ({"question_id": 1, "answer_text": " \n\t"}, "answer_text"),
    ({"answer_text": "Yes."}, "question_id"),
    ({"question_id": "1", "answer_text": "Yes."}, "question_id"),
    ({"question_id": 1.0, "answer_text": "Yes."}, "question_id"),
    ({"question_id": 0, "answer_text": "Yes."}, "question_id"),
    ({"question_id": {"gt": 0}, "answer_text": "Yes."}, "question_id"),
    ({"question_id": 1, "answer_text": {"ne": None}}, "answer_text"),
    ({"question_id": 1, "answer_text": "x" * 10_001}, "answer_text"),
    ({"question_id": 1, "answer_text": "Yes.", "ai_score": 100}, "ai_score"),
    ({"question_id": 1, "answer_text": "Yes.", "audio_file": "x"}, "audio_file"),
]


@pytest.mark.gen_test
async def test_what_is_no_answer_is_named_by_its_field(site: Site) -> None:
    review = await begin(site)
    for body, field in NO_ANSWERS:
        refused = await anybody(site).post(f"{REVIEW}{review.id}/answer/", body)
        assert (refused.status, refused.code) == (400, "invalid_input"), body
        assert list(refused.body["errors"]) == [field], body
    assert (await review.next())["next_question"]["id"] == 1


PATHS: list[tuple[str, str, object]] = [
    ("GET", "{id}/next/", None),
    ("POST", "{id}/answer/", {"question_id": 1, "answer_text": "Yes."}),
    ("POST", "session/contact/", {**CONTACT, "review_session_id": NOWHERE}),
    ("GET", "session/{id}/contact/", None),
    ("POST", "session/meeting/request/", {"review_session_id": NOWHERE}),
    ("GET", "session/{id}/meeting/requests/", None),
]


@pytest.mark.gen_test
async def test_an_unknown_review_is_not_found(site: Site) -> None:
    for method, path, body in PATHS:
        for unknown in (NOWHERE, "75c6d5c2", "x" * 200, "%24ne"):
            target = REVIEW + path.format(id=unknown)
            answer = await anybody(site).ask(method, target, body)
            assert (answer.status, answer.code) == (404, "not_found"), (path, unknown)


@pytest.mark.gen_test
async def test_an_id_is_known_in_capitals_too(site: Site) -> None:
    review = await begin(site)

    told = await anybody(site).get(f"{REVIEW}{review.id.upper()}/next/")
    assert (told.status, told.body["session"]["id"]) == (200, review.id)


@pytest.mark.gen_test
async def test_a_question_that_is_not_asked_is_not_found(site: Site) -> None:
    review = await begin(site)
    answer = await review.answer(99)

    assert (answer.status, answer.body["detail"]) == (404, "Question not found.")


@pytest.mark.gen_test
async def test_two_tabs_that_answer_at_once_make_one_answer(site: Site) -> None:
    review = await begin(site)
    told = await asyncio.gather(*(review.answer(1, f"Tab {tab}.") for tab in range(20)))

    assert sorted(answer.status for answer in told) == [201] + [400] * 19
    assert {answer.body["reason"] for answer in told if answer.status == 400} == {"out_of_order"}
    async with site.mongo() as database:
        kept = await database["reviews"].find_one({"_id": review.id})
    assert kept is not None
    (made,) = (answer.body["answer"] for answer in told if answer.status == 201)
    assert [one["text"] for one in kept["answers"]] == [made["answer_text"]]


@pytest.mark.gen_test
async def test_a_repeat_under_the_same_key_gets_the_first_answer(site: Site) -> None:
    review = await begin(site)
    told = await asyncio.gather(
        *(review.answer(1, "Grow.", Idempotency_Key="k-1") for _ in range(5))
    )
    later = await review.answer(1, "Grow.", Idempotency_Key="k-1")
    other = await review.answer(1, "Shrink.", Idempotency_Key="k-1")

    assert [answer.status for answer in (*told, later)] == [201] * 6
    assert len({answer.raw for answer in (*told, later)}) == 1
    assert (other.status, other.code) == (422, "idempotency_key_reused")


@pytest.mark.gen_test
async def test_contact_as_the_document_has_it(site: Site) -> None:
    review = await begin(site)
    nothing = await anybody(site).get(f"{REVIEW}session/{review.id}/contact/")
    told = await anybody(site).post(
        f"{REVIEW}session/contact/", {**CONTACT, "review_session_id": review.id}
    )
    known = await anybody(site).get(f"{REVIEW}session/{review.id}/contact/")

    assert nothing.body == {
        "review_session_id": review.id,
        "has_contact": False,
        "email": None,
        "phone_number": None,
    }
    contact = {
        "review_session_id": review.id,
        "email": "user@example.com",
        "phone_number": "+989121234567",
    }
    assert (told.status, told.body) == (200, contact)
    assert (known.status, known.body) == (200, {**contact, "has_contact": True})


NO_CONTACT: list[tuple[dict[str, Any], str]] = [
    ({"phone_number": "021 8877 6655"}, "phone_number"),
    ({"phone_number": "+1 415 555 2671"}, "phone_number"),
    ({"phone_number": ""}, "phone_number"),
    ({"phone_number": None}, "phone_number"),
    ({"phone_number": 9121234567}, "phone_number"),
    ({"email": "user@"}, "email"),
    ({"email": ""}, "email"),
    ({"email": None}, "email"),
    ({"review_session_id": "75c6d5c2"}, "review_session_id"),
    ({"role": "admin"}, "role"),
]


@pytest.mark.gen_test
async def test_contact_that_leads_nowhere_is_refused(site: Site) -> None:
    review = await begin(site)
    for changes, field in NO_CONTACT:
        body = {**CONTACT, "review_session_id": review.id, **changes}
        refused = await anybody(site).post(f"{REVIEW}session/contact/", body)
        assert (refused.status, list(refused.body["errors"])) == (400, [field]), changes
    known = await anybody(site).get(f"{REVIEW}session/{review.id}/contact/")
    assert known.body["has_contact"] is False


@pytest.mark.gen_test
async def test_a_meeting_as_the_document_has_it(site: Site) -> None:
    review = await begin(site, CONTACT)
    asked = {"review_session_id": review.id}
    made = await anybody(site).post(f"{REVIEW}session/meeting/request/", asked)
    again = await anybody(site).post(f"{REVIEW}session/meeting/request/", asked)
    listed = await anybody(site).get(f"{REVIEW}session/{review.id}/meeting/requests/")

    meeting = {
        "id": made.body["id"],
        "review_session_id": review.id,
        "status": "PENDING",
        "email": "user@example.com",
        "phone_number": "+989121234567",
        "created_at": iso(site.clock()),
    }
    assert (made.status, made.body) == (201, meeting)
    assert (again.status, again.body) == (200, meeting)
    assert (listed.status, listed.body) == (200, [meeting])


@pytest.mark.gen_test
async def test_many_requests_at_once_make_one_meeting(site: Site) -> None:
    review = await begin(site, CONTACT)
    body = {"review_session_id": review.id}
    told = await asyncio.gather(
        *(anybody(site).post(f"{REVIEW}session/meeting/request/", body) for _ in range(20))
    )

    assert sorted(answer.status for answer in told) == [200] * 19 + [201]
    assert len({answer.body["id"] for answer in told}) == 1


@pytest.mark.parametrize(
    "told", [{}, {"email": "user@example.com"}, {"phone_number": "9121234567"}]
)
@pytest.mark.gen_test
async def test_a_meeting_needs_both_ways_of_contact(site: Site, told: dict[str, str]) -> None:
    review = await begin(site, told)
    body = {"review_session_id": review.id}
    refused = await anybody(site).post(f"{REVIEW}session/meeting/request/", body)
    known = await anybody(site).get(f"{REVIEW}session/{review.id}/contact/")

    assert (refused.status, refused.body["reason"]) == (400, "contact_missing")
    assert refused.body["detail"] == (
        "You should first add your phone and email to the review session."
    )
    assert known.body["has_contact"] is bool(told)


@pytest.mark.gen_test
async def test_a_corrected_number_reaches_a_meeting_that_is_pending(site: Site) -> None:
    review = await begin(site, CONTACT)
    body = {"review_session_id": review.id}
    made = await anybody(site).post(f"{REVIEW}session/meeting/request/", body)
    better = {**body, "email": "ada@example.com", "phone_number": "0935 123 4567"}
    await anybody(site).post(f"{REVIEW}session/contact/", better)
    again = await anybody(site).post(f"{REVIEW}session/meeting/request/", body)

    assert again.body == {
        **made.body,
        "email": "ada@example.com",
        "phone_number": "+989351234567",
    }


@pytest.mark.gen_test
async def test_null_is_as_good_as_no_contact(site: Site) -> None:
    begun = await anybody(site).post(f"{REVIEW}start/", {"phone_number": None, "email": None})

    assert begun.status == 201
    assert (begun.body["session"]["phone_number"], begun.body["session"]["email"]) == ("", "")
