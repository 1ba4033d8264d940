"""What administrators have of reviews: the questions, and who wants a meeting."""

from typing import Any

import pytest

from tests.person import Person, Site
from tests.reviewing import ANSWERS, CONTACT, REVIEW, anybody, begin

pytestmark = pytest.mark.kept_database


@pytest.mark.gen_test
async def test_administrators_settle_meetings_newest_first(site: Site) -> None:
    admin = site.person("admin", "admin")
    reviews = [await begin(site, CONTACT) for _ in range(3)]
    body = {"review_session_id": reviews[0].id}
    path = f"{REVIEW}session/meeting/request/"
    first = (await anybody(site).post(path, body)).body
    settled = await admin.ask(
        "PATCH", f"/api/admin/review/meetings/{first['id']}/", {"status": "CONFIRMED"}
    )
    second = await anybody(site).post(path, body)
    back = await admin.ask(
        "PATCH", f"/api/admin/review/meetings/{first['id']}/", {"status": "PENDING"}
    )
    listed = await anybody(site).get(f"{REVIEW}session/{reviews[0].id}/meeting/requests/")
    page = await admin.get("/api/admin/review/meetings/?limit=1&status=PENDING")

    assert (settled.status, settled.body["status"]) == (200, "CONFIRMED")
    assert second.status == 201
    assert (back.status, back.body["reason"]) == (400, "pending")
    assert [one["id"] for one in listed.body] == [second.body["id"], first["id"]]
    assert page.body["results"] == [second.body]


@pytest.mark.gen_test
async def test_meetings_of_all_are_paged(site: Site) -> None:
    admin = site.person("admin", "admin")
    made = []
    for _ in range(3):
        review = await begin(site, CONTACT)
        body = {"review_session_id": review.id}
        made.append((await anybody(site).post(f"{REVIEW}session/meeting/request/", body)).body)
    seen: list[Any] = []
    path = "/api/admin/review/meetings/?limit=2"
    cursor: str | None = ""
    while cursor is not None and len(seen) < 3:
        page = await admin.get(f"{path}&cursor={cursor}" if cursor else path)
        seen, cursor = [*seen, *page.body["results"]], page.body["next"]

    assert seen[:3] == made[::-1]
    for unknown in ("999999", "x", "1" * 40, "-1"):
        told = await admin.ask(
            "PATCH", f"/api/admin/review/meetings/{unknown}/", {"status": "CANCELED"}
        )
        assert told.status == 404


async def asked(admin: Person) -> dict[str, Any]:
    """The questions as they are."""
    answer = await admin.get("/api/admin/review/questions/")
    assert answer.status == 200
    return dict(answer.body)


async def put_back(admin: Person, before: dict[str, Any]) -> None:
    """Ask what was asked before; the database is that of the whole file."""
    questions = [{"id": one["id"], "prompt": one["prompt"]} for one in before["questions"]]
    answer = await admin.put("/api/admin/review/questions/", {"questions": questions})
    assert answer.status == 200


@pytest.mark.gen_test
async def test_other_questions_leave_a_running_review_alone(site: Site) -> None:
    admin = site.person("admin", "admin")
    before = await asked(admin)
    review = await begin(site)
    await review.answer(1)
    kept = [{"id": one["id"], "prompt": one["prompt"]} for one in before["questions"]]
    wanted = [kept[4], {"prompt": "What would you stop?"}, kept[2], kept[0], kept[3]]
    changed = await admin.put("/api/admin/review/questions/", {"questions": wanted})
    later = await anybody(site).post(f"{REVIEW}start/")

    assert changed.status == 200, changed
    assert changed.body["rev"] == before["rev"] + 1
    assert [one["id"] for one in changed.body["questions"]] == [5, 6, 3, 1, 4]
    assert [one["order"] for one in changed.body["questions"]] == [1, 2, 3, 4, 5]
    assert [one["id"] for one in changed.body["retired"]] == [2]
    assert later.body["next_question"]["id"] == 5
    assert (await review.next())["next_question"] == before["questions"][1]
    for question_id, text in zip((2, 3, 4, 5), ANSWERS[1:], strict=True):
        assert (await review.answer(question_id, text)).status == 201
    assert (await review.next())["completed"] is True
    await put_back(admin, before)


@pytest.mark.gen_test
async def test_two_administrators_do_not_overwrite_each_other(site: Site) -> None:
    admin = site.person("admin", "admin")
    before = await asked(admin)
    questions = [{"id": one["id"], "prompt": one["prompt"]} for one in before["questions"]]
    first = [{**questions[0], "prompt": "What do you want?"}, *questions[1:]]
    body = {"questions": first, "if_rev": before["rev"]}
    made = await admin.put("/api/admin/review/questions/", body)
    late = await admin.put(
        "/api/admin/review/questions/", {"questions": questions, "if_rev": before["rev"]}
    )
    same = await admin.put("/api/admin/review/questions/", {"questions": first})

    assert (late.status, late.code, late.body["state"]) == (409, "conflict", made.body)
    assert same.body == made.body
    await put_back(admin, before)


NO_QUESTIONNAIRES: list[Any] = [
    [],
    [{"prompt": "Why?"}] * 4,
    [{"prompt": "Why?"}] * 6,
    [{"id": 1, "prompt": "Why?"}] * 5,
    [{"id": 9_999, "prompt": "Why?"}, *[{"prompt": "Why?"}] * 4],
    [{"prompt": " "}, *[{"prompt": "Why?"}] * 4],
    [{"prompt": "x" * 501}, *[{"prompt": "Why?"}] * 4],
]


@pytest.mark.gen_test
async def test_a_questionnaire_has_five_questions(site: Site) -> None:
    admin = site.person("admin", "admin")
    before = await asked(admin)
    for questions in NO_QUESTIONNAIRES:
        refused = await admin.put("/api/admin/review/questions/", {"questions": questions})
        assert (refused.status, refused.code) == (400, "invalid_input"), questions
    assert await asked(admin) == before


@pytest.mark.gen_test
async def test_only_administrators_look_behind(site: Site) -> None:
    for role in ("user", "service"):
        person = site.person("somebody", role)
        for method, path, body in (
            ("GET", "questions/", None),
            ("PUT", "questions/", {"questions": []}),
            ("GET", "meetings/", None),
            ("PATCH", "meetings/1/", {"status": "CANCELED"}),
        ):
            answer = await person.ask(method, f"/api/admin/review/{path}", body)
            assert (answer.status, answer.code) == (403, "forbidden"), (role, path)
