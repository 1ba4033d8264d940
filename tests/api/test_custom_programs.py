"""Programs that users make: their whole life, their versions, what is refused."""

import asyncio
import json

import pytest

from domain.custom_programs import ACTIVE_PROGRAMS_MAX
from domain.instants import iso
from tests.learner import FOCUS, MINUTE_MS, Learner, enrolled, go_pro
from tests.maker import (
    CUSTOM,
    ENROLL,
    FIRST_DAY,
    PROGRAM,
    SECOND_DAY,
    edit,
    listed,
    made,
    path,
    share,
)
from tests.person import Answer, Person, Site

PRO_ONLY = (403, "Program requires Pro subscription")


def told(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body["detail"]


@pytest.mark.gen_test
async def test_a_program_is_made_and_shown_to_its_maker(site: Site, ada: Person) -> None:
    at = iso(site.clock())
    answer = await ada.post(CUSTOM, PROGRAM)
    program = answer.body
    whole = await ada.get(path(program))
    page = (await ada.get(CUSTOM)).body
    shown = await listed(ada)

    days = [
        {"day_number": 1, **FIRST_DAY},
        {"day_number": 2, "description": "", "tips": [], "reflection_prompts": [], **SECOND_DAY},
    ]
    facts = {name: PROGRAM[name] for name in PROGRAM if name != "days"}
    assert answer.status == 201
    assert program["id"] > 1000
    assert program == {
        "id": program["id"],
        "program_type": "custom",
        "duration_days": 2,
        "cover_image_url": None,
        **facts,
        "status": "active",
        "version": program["version"],
        "share_code": None,
        "created_at": at,
        "updated_at": at,
        "days": days,
    }
    assert (whole.status, whole.body) == (200, program)
    overview = {name: program[name] for name in program if name != "days"}
    assert page == {"results": [overview], "next": None}
    assert shown[program["id"]].items() >= facts.items()
    assert shown[program["id"]]["can_access"] is True
    assert shown[program["id"]]["is_enrolled"] is False


@pytest.mark.gen_test
async def test_a_name_and_a_day_are_all_that_it_needs(ada: Person) -> None:
    program = (await ada.post(CUSTOM, {"name": "Short", "days": [SECOND_DAY]})).body

    assert program.items() >= {
        "name": "Short", "description": "", "objectives": [], "icon": "🎯", "color": "#4187a2",
        "is_pro_only": False, "duration_days": 1,
    }.items()  # fmt: skip


@pytest.mark.gen_test
async def test_pages_follow_each_other_newest_first(ada: Person) -> None:
    ids = [(await made(ada, name=f"Program {number}"))["id"] for number in range(5)]
    found: list[int] = []
    query = "?limit=2"
    while query:
        page = (await ada.get(f"{CUSTOM}{query}")).body
        found += [one["id"] for one in page["results"]]
        query = f"?limit=2&cursor={page['next']}" if page["next"] else ""

    assert found == ids[::-1]


@pytest.mark.gen_test
async def test_a_repeated_request_makes_one_program(site: Site, ada: Person) -> None:
    answers = await asyncio.gather(
        *(ada.post(CUSTOM, PROGRAM, Idempotency_Key="k 1") for _ in range(10))
    )
    first = answers[0].body
    theirs = await site.person("bob").post(CUSTOM, PROGRAM, Idempotency_Key="k 1")
    other = await ada.post(CUSTOM, {**PROGRAM, "name": "Other"}, Idempotency_Key="k 1")
    await edit(ada, first, name="Changed")
    later = await ada.post(CUSTOM, PROGRAM, Idempotency_Key="k 1")

    assert {answer.status for answer in answers} == {201}
    assert all(answer.body == first for answer in answers)
    assert theirs.body["id"] != first["id"]
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert (later.status, later.body["id"], later.body["name"]) == (201, first["id"], "Changed")
    assert len((await ada.get(CUSTOM)).body["results"]) == 1


@pytest.mark.gen_test
async def test_a_repeat_finishes_what_the_first_request_left_half_done(
    site: Site, ada: Person
) -> None:
    first = (await ada.post(CUSTOM, PROGRAM, Idempotency_Key="k")).body
    async with site.mongo() as database:
        await database["programs"].delete_one({"_id": first["id"]})
    repeated = await ada.post(CUSTOM, PROGRAM, Idempotency_Key="k")

    assert (repeated.status, repeated.body) == (201, first)


@pytest.mark.gen_test(timeout=30)
async def test_a_user_has_at_most_a_hundred_that_are_not_archived(ada: Person) -> None:
    kept = await ada.post(CUSTOM, PROGRAM, Idempotency_Key="first")
    for _ in range(ACTIVE_PROGRAMS_MAX - 1):
        await made(ada)
    refused = await ada.post(CUSTOM, PROGRAM, Idempotency_Key="another")
    again = await ada.post(CUSTOM, PROGRAM, Idempotency_Key="first")
    assert (refused.status, refused.code) == (409, "wrong_state")
    assert (again.status, again.body["id"]) == (201, kept.body["id"])

    await ada.ask("DELETE", path(kept.body))
    made_room = await ada.post(CUSTOM, PROGRAM, Idempotency_Key="another")
    back = await edit(ada, kept.body, status="active")
    renamed = await edit(ada, kept.body, name="Still archived")
    assert made_room.status == 201
    assert (back.status, back.code) == (409, "wrong_state")
    assert (renamed.status, renamed.body["status"]) == (200, "archived")


@pytest.mark.gen_test
async def test_a_change_makes_a_version_and_what_is_left_out_stays(site: Site, ada: Person) -> None:
    program = await made(ada)
    site.clock.advance(1_000)
    renamed = (await edit(ada, program, name="Three")).body
    site.clock.advance(1_000)
    same = (await edit(ada, program, name="Three", icon=PROGRAM["icon"])).body
    longer = (await edit(ada, program, days=[SECOND_DAY, FIRST_DAY, SECOND_DAY])).body
    back = (await edit(ada, program, name=PROGRAM["name"], days=PROGRAM["days"])).body

    moved = {"name": "Three", "version": renamed["version"], "updated_at": renamed["updated_at"]}
    assert renamed == program | moved
    assert renamed["version"] != program["version"]
    assert renamed["updated_at"] > program["updated_at"]
    assert same == renamed
    assert [(day["day_number"], day["title"]) for day in longer["days"]] == [
        (1, "End"), (2, "Begin"), (3, "End"),
    ]  # fmt: skip
    assert (longer["duration_days"], longer["name"]) == (3, "Three")
    # Equal contents have equal versions.
    assert back == program | {"updated_at": back["updated_at"]}


@pytest.mark.gen_test
async def test_a_change_of_what_has_changed_meanwhile_conflicts(ada: Person) -> None:
    program = await made(ada)
    phone = await edit(ada, program, name="By phone", if_version=program["version"])
    tablet = await edit(ada, program, name="By tablet", if_version=program["version"])
    repeated = await edit(ada, program, name="By phone", if_version=program["version"])
    decided = await edit(ada, program, name="By tablet", if_version=phone.body["version"])

    assert phone.status == 200
    assert (tablet.status, tablet.code, tablet.body["state"]) == (409, "conflict", phone.body)
    assert (repeated.status, repeated.body) == (200, phone.body)
    assert (decided.status, decided.body["name"]) == (200, "By tablet")


@pytest.mark.gen_test
async def test_devices_that_edit_at_once_do_not_undo_each_other(ada: Person) -> None:
    program = await made(ada)
    wishes: list[dict[str, object]] = [
        {"name": "New"}, {"icon": "🌊"}, {"color": "#000000"}, {"objectives": []},
    ]  # fmt: skip
    free = await asyncio.gather(*(edit(ada, program, **wish) for wish in wishes))
    after = (await ada.get(path(program))).body
    bound = await asyncio.gather(
        *(edit(ada, program, name=f"{n}", if_version=after["version"]) for n in range(5))
    )

    assert [answer.status for answer in free] == [200] * 4
    assert all(after.items() >= wish.items() for wish in wishes)
    assert sorted(answer.status for answer in bound) == [200, 409, 409, 409, 409]
    (winner,) = (answer.body for answer in bound if answer.status == 200)
    assert (await ada.get(path(program))).body == winner


@pytest.mark.gen_test
async def test_whoever_is_on_the_way_keeps_the_version_they_began(ada: Person) -> None:
    program = await made(ada)
    learner = await enrolled(ada, program["id"])
    before = await learner.day(1)
    await edit(ada, program, name="Other", days=[{**SECOND_DAY, "title": "Only", "tasks": ["x"]}])

    assert await learner.day(1) == before
    assert (await learner.course())["program"]["name"] == PROGRAM["name"]
    assert (await learner.course())["program"]["duration_days"] == 2
    assert (await listed(ada))[program["id"]]["name"] == PROGRAM["name"]
    await learner.do(1)
    await learner.do(2)
    assert (await learner.course())["status"] == "completed"
    # Those who begin now begin the new one.
    assert (await listed(ada))[program["id"]]["name"] == "Other"
    anew = await enrolled(ada, program["id"])
    assert (await anew.course())["program"]["duration_days"] == 1
    assert (await anew.day(1))["title"] == "Only"
    history = (await ada.get(f"{FOCUS}history/")).body
    assert [(one["program_name"], one["total_days"]) for one in history] == [
        ("Other", 1), (PROGRAM["name"], 2),
    ]  # fmt: skip


@pytest.mark.gen_test
async def test_an_archived_program_goes_on_for_those_in_it_and_for_nobody_else(
    ada: Person,
) -> None:
    program, spare = await made(ada), await made(ada, name="Spare")
    learner = await enrolled(ada, program["id"])
    for _ in range(2):
        for gone in (program, spare):
            assert (await ada.ask("DELETE", path(gone))).status == 204

    async def ids(status: str) -> list[int]:
        return [one["id"] for one in (await ada.get(f"{CUSTOM}{status}")).body["results"]]

    assert await ids("") == []
    assert await ids("?status=archived") == await ids("?status=all") == [spare["id"], program["id"]]
    assert [*await listed(ada)] == [program["id"]]
    assert (await ada.get(path(program))).body["status"] == "archived"
    refused = await ada.post(ENROLL, {"program_id": program["id"]})
    assert told(refused) == (400, "Invalid program_id")
    await learner.do(1)
    await learner.do(2)
    assert (await learner.course())["status"] == "completed"

    back = await edit(ada, spare, status="active")
    assert (back.status, back.body["status"], back.body["version"]) == (
        200, "active", spare["version"],
    )  # fmt: skip
    assert [*await listed(ada)] == [program["id"], spare["id"]]
    assert (await enrolled(ada, spare["id"])).enrollment_id


@pytest.mark.gen_test
async def test_what_needs_pro_is_free_to_make_and_opens_to_those_who_pay(
    site: Site, ada: Person
) -> None:
    program = await made(ada, is_pro_only=True)
    assert (await listed(ada))[program["id"]]["can_access"] is False
    assert told(await ada.post(ENROLL, {"program_id": program["id"]})) == PRO_ONLY

    await go_pro(ada, for_ms=60 * MINUTE_MS)
    assert (await listed(ada))[program["id"]]["can_access"] is True
    learner = await enrolled(ada, program["id"])
    await learner.do(1)
    site.clock.advance(60 * MINUTE_MS)
    assert (await listed(ada))[program["id"]]["can_access"] is False
    assert told(await learner.tick(2, 0)) == PRO_ONLY
    # Making it free opens it to those who begin now; the version that was begun is as it was.
    await edit(ada, program, is_pro_only=False)
    assert told(await learner.tick(2, 0)) == PRO_ONLY
    assert (await learner.post("programs/abandon/")).status == 200
    assert isinstance(await enrolled(ada, program["id"]), Learner)


@pytest.mark.gen_test
async def test_the_list_of_programs_is_never_older_than_ones_own_change(ada: Person) -> None:
    assert await listed(ada) == {}
    program = await made(ada)
    number = program["id"]
    assert [*await listed(ada)] == [number]
    await edit(ada, program, name="Renamed", is_pro_only=True)
    shown = (await listed(ada))[number]
    assert (shown["name"], shown["can_access"]) == ("Renamed", False)
    await ada.ask("DELETE", path(program))
    assert await listed(ada) == {}
    await edit(ada, program, status="active")
    assert [*await listed(ada)] == [number]
    await edit(ada, program, status="archived")
    assert await listed(ada) == {}


@pytest.mark.gen_test
async def test_anothers_program_is_like_one_that_never_was(site: Site, ada: Person) -> None:
    program = await made(ada)
    for stranger in (site.person("bob"), site.person("root", "admin"), site.person("s", "service")):
        foreign = await stranger.post(ENROLL, {"program_id": program["id"]})
        unknown = await stranger.post(ENROLL, {"program_id": 999_999})

        assert told(foreign) == (400, "Invalid program_id")
        assert [*foreign.body["errors"]] == ["program_id"]
        assert foreign.told == unknown.told
        assert (await stranger.get(CUSTOM)).body == {"results": [], "next": None}
        assert await listed(stranger) == {}
        for odd in ("1", "0", "01001", "-1", "1e3", "x", "9" * 18, "9" * 30, "%00"):
            assert (await stranger.get(f"{CUSTOM}{odd}/")).status == 404, odd
    assert json.dumps(program) == json.dumps((await ada.get(path(program))).body)


@pytest.mark.gen_test(timeout=30)
async def test_versions_that_nobody_began_are_not_kept(site: Site, ada: Person) -> None:
    program = await made(ada)
    for n in range(6):
        changed = await edit(ada, program, name=f"Name {n}")
        assert changed.status == 200
        if n == 2:
            assert (
                await ada.post(f"{FOCUS}programs/enroll/", {"program_id": program["id"]})
            ).status == 201
    await asyncio.gather(*(edit(ada, program, name=f"Other {n}") for n in range(8)))
    async with site.mongo() as database:
        kept = await database["program_contents"].find({"program_id": program["id"]}).to_list(None)

    # The one that is current, and the one that Ada is in.
    assert len(kept) == 2
    assert {one["name"] for one in kept} >= {"Name 2"}
    course = (await ada.get(f"{FOCUS}history/")).body[0]
    assert course["program_name"] == "Name 2"
    assert (await ada.get(f"{FOCUS}programs/{course['enrollment_id']}/days/1/")).status == 200


@pytest.mark.gen_test(timeout=30)
async def test_enrolling_while_it_is_edited_leaves_nobody_without_days(
    site: Site, ada: Person
) -> None:
    program = await made(ada)
    people = [site.person(f"p-{n}") for n in range(6)]
    code = await share(ada, program)

    async def change(n: int) -> None:
        answer = await edit(ada, program, name=f"Edit {n}")
        assert answer.status in (200, 503), answer

    async def enrol(person: Person) -> None:
        for _ in range(50):
            answer = await person.post(ENROLL, {"share_code": code})
            if answer.status == 201:
                return
            # It has changed in between.
            assert answer.status in (409, 503), answer
        raise AssertionError("in vain, fifty times")

    await asyncio.gather(*(change(n) for n in range(12)), *(enrol(one) for one in people))
    for person in people:
        (course,) = (await person.get(f"{FOCUS}history/")).body
        assert (await person.get(f"{FOCUS}programs/{course['enrollment_id']}/")).status == 200
