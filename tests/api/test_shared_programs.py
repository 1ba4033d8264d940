"""Programs that others share: the code, who it lets in, and what becomes of them."""

import asyncio
from typing import Any

import pytest

from config.settings import Settings
from domain.custom_programs import CODE_ALPHABET, read_code
from handlers.base import shown_path
from storage.mongo.client import Mongo
from storage.mongo.custom_programs import OwnPrograms
from tests.fakes import DrivenClock
from tests.learner import FOCUS, go_pro
from tests.maker import CUSTOM, ENROLL, PROGRAM, SHARED, edit, let_in, listed, made, path, share
from tests.person import Answer, Person, Site, open_site

NOBODYS = "2222-2222-2222-2222"


@pytest.fixture
def bob(site: Site) -> Person:
    return site.person("bob")


async def answers(person: Person, code: str) -> list[tuple[int, str]]:
    """What the code opens: looking, and enrolling."""
    looked = await person.get(f"{SHARED}{code}/")
    enrolled = await person.post(ENROLL, {"share_code": code})
    return [(one.status, one.body.get("code", "")) for one in (looked, enrolled)]


CLOSED = [(404, "not_found"), (400, "invalid_input")]
OPEN = [(200, ""), (201, "")]


@pytest.mark.gen_test
async def test_somebody_with_the_code_sees_the_program_and_enrols(ada: Person, bob: Person) -> None:
    program = await made(ada)
    code = await share(ada, program)
    shown = await bob.get(f"{SHARED}{code}/")
    enrolled = await bob.post(ENROLL, {"share_code": code})
    again = await bob.post(ENROLL, {"share_code": code.lower().replace("-", "")})

    facts = ("id", "program_type", "duration_days", "cover_image_url", *PROGRAM)
    assert (shown.status, shown.body) == (200, {name: program[name] for name in facts})
    number = enrolled.body["enrollment_id"]
    assert (enrolled.status, enrolled.body) == (
        201,
        {
            "enrolled": True,
            "enrollment_id": number,
            "program_name": PROGRAM["name"],
            "total_days": 2,
        },
    )
    assert (again.status, again.body) == (
        200,
        {
            "enrolled": False,
            "message": "Already enrolled in this program",
            "enrollment_id": number,
        },
    )
    mine = (await listed(bob))[program["id"]]
    assert (mine["is_enrolled"], mine["enrollment_id"]) == (True, number)
    assert (await listed(ada))[program["id"]]["is_enrolled"] is False


@pytest.mark.gen_test
async def test_a_shared_program_is_gone_through_to_its_end(ada: Person, bob: Person) -> None:
    program = await made(ada)
    learner = await let_in(bob, await share(ada, program))
    for number, day in enumerate(program["days"], 1):
        before = await learner.day(number)
        assert [task["text"] for task in before["user_progress"]["tasks"]] == day["tasks"]
        assert {name: before[name] for name in ("title", "description", "tips")} == {
            name: day[name] for name in ("title", "description", "tips")
        }
        assert before["user_progress"]["target_focus_minutes"] == 1
        await learner.do(number)

    course = await learner.course()
    assert (course["status"], course["progress"]["completion_percentage"]) == ("completed", 100.0)
    assert course["progress"]["total_focus_minutes"] == 2
    shown = (await listed(bob))[program["id"]]
    assert (shown["is_enrolled"], shown["enrollment_status"]) == (False, "completed")
    (past,) = (await bob.get(f"{FOCUS}history/")).body
    assert (past["program_type"], past["completion_percentage"]) == ("custom", 100.0)
    assert (await learner.week(1))["days_completed"] == 2


@pytest.mark.gen_test
async def test_a_code_is_long_legible_and_stays_the_same(ada: Person, bob: Person) -> None:
    program, other = await made(ada), await made(ada)
    code = await share(ada, program)
    assert [len(part) for part in code.split("-")] == [4, 4, 4, 4]
    assert set(code) <= {*CODE_ALPHABET, "-"}
    assert await share(ada, program) == code
    assert (await ada.get(path(program))).body["share_code"] == code
    assert [one["share_code"] for one in (await ada.get(CUSTOM)).body["results"]] == [None, code]
    assert await share(ada, other) != code

    for spelling in (code.lower(), code.replace("-", ""), f"--{code.lower()}-"):
        assert (await bob.get(f"{SHARED}{spelling}/")).status == 200, spelling
    for wrong in (NOBODYS, code[:-1], f"{code}2", "0000-0000-0000-0000", "x", "%C5%BF" * 16, "%24"):
        assert (await bob.get(f"{SHARED}{wrong}/")).status == 404, wrong


@pytest.mark.gen_test
async def test_an_ended_code_is_dead_and_those_inside_go_on(ada: Person, bob: Person) -> None:
    program = await made(ada)
    code = await share(ada, program)
    learner = await let_in(bob, code)
    for _ in range(2):
        assert (await ada.ask("DELETE", f"{path(program)}share/")).status == 204

    assert await answers(ada, code) == await answers(bob, code) == CLOSED
    refused = await bob.post(ENROLL, {"share_code": code})
    assert (refused.body["detail"], [*refused.body["errors"]]) == (
        "Invalid share_code", ["share_code"],
    )  # fmt: skip
    # Being enrolled lets nobody in by its id either.
    by_id = await bob.post(ENROLL, {"program_id": program["id"]})
    assert (by_id.status, by_id.body["detail"]) == (400, "Invalid program_id")
    await learner.do(1)
    fresh = await share(ada, program)
    assert fresh != code
    assert await answers(bob, code) == CLOSED
    assert await answers(bob, fresh) == [(200, ""), (200, "")]


@pytest.mark.gen_test
async def test_the_code_of_an_archived_program_rests(ada: Person, bob: Person) -> None:
    program = await made(ada)
    code = await share(ada, program)
    learner = await let_in(bob, code)
    await ada.ask("DELETE", path(program))

    assert await answers(ada.site.person("cleo"), code) == CLOSED
    refused = await ada.post(f"{path(program)}share/")
    assert (refused.status, refused.code) == (409, "wrong_state")
    assert [*await listed(bob)] == [program["id"]]
    await learner.do(1)
    await edit(ada, program, status="active")
    assert await share(ada, program) == code
    assert await answers(ada.site.person("cleo"), code) == OPEN


@pytest.mark.gen_test
async def test_many_shares_at_once_give_one_code(ada: Person) -> None:
    program = await made(ada)
    codes = await asyncio.gather(*(share(ada, program) for _ in range(20)))

    assert len({*codes}) == 1
    assert (await ada.get(path(program))).body["share_code"] == codes[0]


@pytest.mark.gen_test
async def test_a_code_that_another_program_has_is_not_given_again(site: Site, ada: Person) -> None:
    first, second = await made(ada), await made(ada)
    taken = read_code(await share(ada, first))
    assert taken is not None
    drawn = iter([taken, taken, "K7QM2X9TK7QM2X9T"])
    mongo = Mongo(str(site.settings.mongo_url), site.settings.mongo_db)
    own = OwnPrograms(mongo, site.clock, timeout_s=5)
    code = await own.share(second["id"], "ada", lambda: next(drawn))
    mongo.close()

    assert code == "K7QM2X9TK7QM2X9T"


@pytest.mark.gen_test
async def test_enrolling_takes_an_id_or_a_code_and_nothing_else(ada: Person) -> None:
    for told, field in (
        ({}, "program_id"),
        ({"program_id": None}, "program_id"),
        ({"program_id": "1"}, "program_id"),
        ({"program_id": 0}, "program_id"),
        ({"program_id": 1, "share_code": NOBODYS}, "share_code"),
        ({"share_code": None}, "share_code"),
        ({"share_code": ""}, "share_code"),
        ({"share_code": 2222}, "share_code"),
        ({"share_code": "2" * 65}, "share_code"),
        ({"share_code": NOBODYS}, "share_code"),
        ({"share_code": "\u017f" * 16}, "share_code"),
        ({"code": NOBODYS}, "code"),
    ):
        answer = await ada.post(ENROLL, told)
        assert (answer.status, [*answer.body["errors"]]) == (400, [field]), told


@pytest.mark.gen_test
async def test_pro_is_asked_of_whoever_comes_with_a_code(ada: Person, bob: Person) -> None:
    await go_pro(ada)
    code = await share(ada, await made(ada, is_pro_only=True))
    refused = await bob.post(ENROLL, {"share_code": code})
    looked = await bob.get(f"{SHARED}{code}/")

    assert (refused.status, refused.body["detail"]) == (403, "Program requires Pro subscription")
    assert (looked.status, looked.body["is_pro_only"]) == (200, True)
    await go_pro(bob)
    assert (await bob.post(ENROLL, {"share_code": code})).status == 201


@pytest.mark.gen_test
async def test_those_inside_see_their_version_and_those_who_left_see_nothing(
    ada: Person, bob: Person
) -> None:
    cleo = ada.site.person("cleo")
    program = await made(ada, days=PROGRAM["days"][:1])
    code = await share(ada, program)
    stays, leaves, completes = [
        await let_in(person, code) for person in (bob, cleo, ada.site.person("dan"))
    ]
    await completes.do(1)
    await ada.ask("DELETE", f"{path(program)}share/")
    await edit(ada, program, name="Private by now", is_pro_only=True)
    assert (await leaves.post("programs/abandon/")).status == 200

    assert await listed(leaves.person) == {}
    for inside in (stays, completes):
        shown = (await listed(inside.person))[program["id"]]
        assert (shown["name"], shown["can_access"]) == (PROGRAM["name"], True)
    history = (await cleo.get(f"{FOCUS}history/")).body
    assert [one["program_name"] for one in history] == [PROGRAM["name"]]
    # What became pro-only later stays free for whoever has begun.
    await stays.do(1)


@pytest.mark.gen_test
async def test_guessing_is_limited_for_each_user(settings: Settings, clock: DrivenClock) -> None:
    async with open_site(settings, clock, rate_share="4/hour") as site:
        ada, bob = site.person("ada"), site.person("bob")
        code = await share(ada, await made(ada))
        tries: list[Answer] = []
        for _ in range(2):
            tries.append(await bob.get(f"{SHARED}{NOBODYS}/"))
            tries.append(await bob.post(ENROLL, {"share_code": "short"}))
        refused: list[Any] = [
            await bob.get(f"{SHARED}{code}/"),
            await bob.post(ENROLL, {"share_code": code}),
        ]

        assert [one.status for one in tries] == [404, 400, 404, 400]
        for answer in refused:
            assert (answer.status, answer.code) == (429, "too_many_requests")
            assert int(answer.headers["Retry-After"]) > 0
        assert (await bob.post(ENROLL, {"program_id": 1})).status == 201
        assert await answers(site.person("cleo"), code) == OPEN


def test_a_code_does_not_reach_the_log() -> None:
    assert shown_path(f"{SHARED}{NOBODYS}/") == f"{SHARED}*"
    assert shown_path("/api/v1/focus/programs/shared%2F2222") == "/api/v1/focus/programs/shared/*"
