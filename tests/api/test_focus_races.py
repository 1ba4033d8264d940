"""Many devices at one day, sessions taken back, and word of it on every socket."""

import asyncio
from typing import Any

import pytest

from config.settings import Settings
from domain import program_rules
from storage.mongo.client import Mongo
from storage.mongo.program_changes import ProgramBook
from tests.engines import until
from tests.fakes import DrivenClock
from tests.learner import FOCUS, MINUTE_MS, enrolled
from tests.person import SESSIONS, Person, Site, open_site
from tests.sockets import Socket

DEVICES = 20


async def void(person: Person, session_id: str) -> dict[str, Any]:
    answer = await person.post(f"{SESSIONS}{session_id}/void/")
    assert answer.status == 200, answer
    return dict(answer.body)


async def achieved(person: Person) -> set[str]:
    found = (await person.get(f"{FOCUS}achievements/")).body
    return {one["code"] for one in found if one["earned_at"] is not None}


async def books(site: Site) -> dict[str, Any]:
    """What MongoDB holds of Ada's programs."""
    names = ("enrollments", "program_days", "achievements", "focus_totals", "announcements")
    async with site.mongo() as database:
        return {name: await database[name].find().sort("_id", 1).to_list(None) for name in names}


@pytest.mark.gen_test(timeout=60)
async def test_twenty_devices_hammer_one_day(site: Site, ada: Person) -> None:
    learner = await enrolled(ada)
    tasks = len((await learner.day(1))["user_progress"]["tasks"])
    session_id = await learner.begin(1, 25)
    site.clock.advance(20 * MINUTE_MS)

    async def device(n: int) -> list[int]:
        statuses = [(await learner.tick(1, (index + n) % tasks)).status for index in range(tasks)]
        statuses.append((await learner.reflect(1, "It went well.")).status)
        statuses.append(
            (await ada.post(f"{FOCUS}sessions/complete/", {"session_id": session_id})).status
        )
        return statuses

    answers = await asyncio.gather(*(device(n) for n in range(DEVICES)))

    assert {status for statuses in answers for status in statuses} == {200}
    course, day = await learner.course(), (await learner.day(1))["user_progress"]
    assert (course["current_day"], course["progress"]["days_completed"]) == (2, 1)
    assert course["progress"]["total_sessions"] == 1
    assert course["progress"]["total_focus_minutes"] == day["focus_minutes"] == 20
    assert (day["tasks_completed"], len(day["reflections"])) == (tasks, 1)
    kept = await books(site)
    (totals,) = kept["focus_totals"]
    assert totals == {
        "_id": "ada", "sessions": 1, "counted_sessions": 1, "focus_ms": 20 * MINUTE_MS, "days": 1,
        "reflections": 1,
    }  # fmt: skip
    assert kept["announcements"] == []
    # Started, each task, the reflection, the focus: every change once.
    assert kept["enrollments"][0]["rev"] == 1 + 1 + tasks + 2


@pytest.mark.gen_test(timeout=60)
async def test_twenty_devices_finish_a_program_together(site: Site, ada: Person) -> None:
    learner = await enrolled(ada)
    for number in range(1, 14):
        await learner.do(number)
    tasks = (await learner.day(14))["user_progress"]["tasks_total"]
    await learner.focus(14, 60)
    await learner.reflect(14)
    for index in range(tasks - 1):
        await learner.tick(14, index)
    answers = await asyncio.gather(*(learner.tick(14, tasks - 1) for _ in range(DEVICES)))

    assert {(one.status, one.body["tasks_completed"]) for one in answers} == {(200, tasks)}
    assert (await learner.course())["status"] == "completed"
    # The answer to the last reflection was lost, and it comes once more.
    again = await learner.reflect(14)
    assert again.body == {"success": True, "reflections_count": 1, "day_completed": True}
    assert (await learner.reflect(14, "Something else.")).status == 409


@pytest.mark.gen_test(timeout=30)
async def test_ten_devices_enrol_once(site: Site, ada: Person) -> None:
    body = {"program_id": 1}
    answers = await asyncio.gather(*(ada.post(f"{FOCUS}programs/enroll/", body) for _ in range(10)))

    assert sorted(answer.status for answer in answers) == [200] * 9 + [201]
    assert len({answer.body["enrollment_id"] for answer in answers}) == 1
    assert len((await ada.get(f"{FOCUS}history/")).body) == 1


@pytest.mark.gen_test
async def test_a_voided_session_is_as_if_it_had_never_been(site: Site, ada: Person) -> None:
    learner = await enrolled(ada)
    await learner.tick_all(1)
    await learner.reflect(1)
    before = await books(site)
    seen = await learner.course(), await learner.day(1), await learner.week(1)
    session_id = await learner.focus(1, 30)
    assert (await learner.course())["current_day"] == 2
    assert await achieved(ada) == {"first_session", "undistracted", "first_day", "early_bird"}
    await void(ada, session_id)
    await void(ada, session_id)

    after = await books(site)
    assert after["enrollments"][0].pop("rev") == before["enrollments"][0].pop("rev") + 2
    assert after["focus_totals"][0] == before["focus_totals"][0] | {
        "sessions": 0, "counted_sessions": 0, "focus_ms": 0, "days": 0,
    }  # fmt: skip
    del before["focus_totals"], after["focus_totals"]
    assert after == before
    assert (await learner.course(), await learner.day(1), await learner.week(1)) == seen
    # And again, for good.
    await learner.focus(1, 15)
    assert (await learner.course())["current_day"] == 2
    assert "first_day" in await achieved(ada)


@pytest.mark.parametrize("last", ["reflection", "task"])
@pytest.mark.gen_test
async def test_what_something_else_completed_goes_with_the_session_it_needed(
    site: Site, ada: Person, last: str
) -> None:
    learner = await enrolled(ada)
    tasks = (await learner.day(1))["user_progress"]["tasks_total"]
    for index in range(tasks - (last == "task")):
        await learner.tick(1, index)
    session_id = await learner.focus(1, 30)
    await learner.reflect(1)
    await learner.tick(1, tasks - 1)
    assert {"first_day", "first_session"} <= await achieved(ada)
    await void(ada, session_id)

    assert (await learner.course())["current_day"] == 1
    assert await achieved(ada) == set()
    assert (await learner.course())["progress"]["achievements"] == []


@pytest.mark.gen_test
async def test_voiding_what_the_day_does_not_need_leaves_it_complete(
    site: Site, ada: Person
) -> None:
    learner = await enrolled(ada)
    await learner.do(1)
    session_id = await learner.focus(1, 25)
    await void(ada, session_id)

    course = await learner.course()
    assert (course["current_day"], course["progress"]["total_focus_minutes"]) == (2, 15)
    assert {"first_session", "first_day"} <= await achieved(ada)
    assert "undistracted" not in await achieved(ada)


@pytest.mark.gen_test
async def test_voiding_opens_a_finished_program_unless_another_has_begun(
    site: Site, ada: Person
) -> None:
    learner = await enrolled(ada)
    for number in range(1, 14):
        await learner.do(number)
    await learner.tick_all(14)
    await learner.reflect(14)
    session_id = await learner.focus(14, 60)
    assert (await learner.course())["status"] == "completed"
    assert "challenge_14" in await achieved(ada)
    await void(ada, session_id)
    course = await learner.course()
    assert (course["status"], course["current_day"]) == ("in_progress", 14)
    assert "challenge_14" not in await achieved(ada)

    session_id = await learner.focus(14, 60)
    second = await enrolled(ada)
    await void(ada, session_id)
    course = await learner.course()
    assert (course["status"], course["progress"]["days_completed"]) == ("completed", 14)
    assert (await second.course())["status"] == "in_progress"
    assert "challenge_14" in await achieved(ada)


@pytest.mark.gen_test
async def test_a_session_that_ends_after_the_program_was_given_up_counts_as_focus_alone(
    site: Site, ada: Person
) -> None:
    learner = await enrolled(ada)
    await learner.tick_all(1)
    await learner.reflect(1)
    session_id = await learner.begin(1, 15)
    await learner.post("programs/abandon/")
    site.clock.advance(15 * MINUTE_MS)
    await learner.end(session_id)

    course = await learner.course()
    assert (course["status"], course["current_day"]) == ("abandoned", 1)
    assert course["progress"]["total_focus_minutes"] == 15


@pytest.mark.gen_test
async def test_every_device_is_told_of_day_and_achievements(site: Site, ada: Person) -> None:
    devices = [await Socket(site.node, "ada").arrive() for _ in range(2)]
    others = [Socket(site.node, "bob"), Socket(site.node, "ada", follows_all=False)]
    learner = await enrolled(ada)
    await learner.tick_all(1)
    session_id = await learner.focus(1, 15)
    await learner.reflect(1)
    await void(ada, session_id)

    async def told() -> bool:
        return all(len(one.of_type("achievement_withdrawn")) >= 1 for one in devices)

    await until(told, "the last word")
    tasks = len((await learner.day(1))["user_progress"]["tasks"])
    for device in devices:
        frames = device.of_type("program")
        assert [frame["event"] for frame in frames] == [
            "program_enrolled",
            "program_started", *["task_updated"] * tasks, "focus_added", "reflection_added",
            "day_completed", "focus_removed", "day_reopened",
        ]  # fmt: skip
        revs = [frame["rev"] for frame in frames]
        assert revs == sorted(revs)
        assert {frame["enrollment_id"] for frame in frames} == {learner.enrollment_id}
        completed = frames[-3]
        assert (completed["current_day"], completed["days_completed"]) == (2, 1)
        assert completed["day"] == {
            "day_number": 1,
            "is_completed": True,
            "tasks_completed": tasks,
            "tasks_total": tasks,
            "focus_minutes": 15,
            "target_focus_minutes": 15,
            "reflections_count": 1,
        }
        earned = [frame["code"] for frame in device.of_type("achievement")]
        assert earned == ["first_session", "early_bird", "first_day"]
        assert "xp_total" in device.of_type("settled")[0]
    assert all(not one.of_type("program") and not one.of_type("achievement") for one in others)


@pytest.mark.gen_test(timeout=20)
async def test_what_a_node_could_not_tell_another_tells(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock) as one:
        ada = one.person("ada")
        learner = await enrolled(ada)
        await ada.get(f"{FOCUS}programs/")
        # The first node dies between the change and the word of it.
        async with one.mongo() as database:
            mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
            book = ProgramBook(mongo, timeout_s=5)
            await book.change("ada", learner.enrollment_id, None, program_rules.pause, clock())
            mongo.close()
            waiting = database["announcements"]
            assert await waiting.count_documents({"user_id": "ada"}) == 1
            listed = (await ada.get(f"{FOCUS}programs/")).body[0]
            assert listed["enrollment_status"] == "in_progress"

            async with open_site(settings, clock) as other:
                device = await Socket(other.node, "ada").arrive()
                clock.advance(5_000)

                async def told() -> bool:
                    return bool(device.of_type("program"))

                await until(told, "word of the pause")
                assert device.of_type("program")[0]["event"] == "program_paused"
                listed = (await other.person("ada").get(f"{FOCUS}programs/")).body[0]
                assert listed["enrollment_status"] == "paused"
            assert await waiting.count_documents({}) == 0
