"""Somebody goes through whole programs, a day after the other, on a driven clock."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.instants import iso
from tests.learner import DAY_MS, FOCUS, MINUTE_MS, Learner, enrolled, go_pro, read
from tests.person import Person, Site

SEEDS = Path(__file__).parents[2] / "storage" / "mongo" / "seeds" / "programs"
NOON_MS = 12 * 60 * MINUTE_MS


def content(name: str) -> dict[str, Any]:
    """A program as it is written."""
    found: dict[str, Any] = json.loads((SEEDS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def to_noon(site: Site, *, days: int = 0) -> None:
    """Let it be noon in UTC, so many days later."""
    site.clock.advance(days * DAY_MS - site.clock() % DAY_MS + NOON_MS)


async def spend_day(learner: Learner, number: int) -> None:
    """A day with a distraction and ratings of its own, then on to the next noon."""
    await learner.do(number)
    rated = await learner.person.post(
        f"{learner.path}days/{number}/rating/",
        {"difficulty_rating": 1 + number % 5, "satisfaction_rating": 4, "notes": f"Day {number}"},
    )
    assert rated.body == {
        "success": True,
        "difficulty_rating": 1 + number % 5,
        "satisfaction_rating": 4,
        "notes": f"Day {number}",
    }
    to_noon(learner.person.site, days=1)


async def put_aside(learner: Learner) -> int:
    """Three whole dates in a pause, which do not break a streak; the days that are left of it."""
    assert (await learner.post("programs/pause/")).body["status"] == "paused"
    to_noon(learner.person.site, days=4)
    assert (await learner.post("programs/resume/")).body["status"] == "in_progress"
    return 0


async def codes(person: Person) -> list[str]:
    """What has been earned, in the order of the rules."""
    achievements = (await person.get(f"{FOCUS}achievements/")).body
    return [one["code"] for one in achievements if one["earned_at"] is not None]


def average(numbers: range) -> float:
    return round(sum(1 + number % 5 for number in numbers) / len(numbers), 1)


async def check_weeks(learner: Learner, minutes: list[int]) -> None:
    """Both weeks of a program that was gone through without a miss."""
    for week, numbers in ((1, range(1, 8)), (2, range(8, 15))):
        review = await learner.week(week)
        earned = {one["code"] for one in review.pop("achievements_earned")}
        total = sum(minutes[number - 1] for number in numbers)
        summary = review.pop("summary")
        assert review == {
            "week_number": week,
            "start_day": numbers[0],
            "end_day": numbers[-1],
            "days_completed": 7,
            "total_days": 7,
            "completion_rate": 100.0,
            "total_focus_minutes": total,
            "average_difficulty": average(numbers),
            "average_satisfaction": 4.0,
            "current_streak": 14,
        }
        assert f"You completed all 7 days of week {week}." in summary
        assert ("streak_7" in earned) == (week == 1)
        assert ("challenge_14" in earned) == (week == 2)


@pytest.mark.gen_test(timeout=60)
async def test_all_14_days_without_a_miss(site: Site, ada: Person) -> None:
    program = content("14-day")
    minutes = [day["focus_duration"] for day in program["days"]]
    to_noon(site, days=1)
    began = site.clock()
    learner = await enrolled(ada)
    for number in range(1, 15):
        course = await learner.course()
        assert (course["current_day"], course["status"]) == (number, "in_progress")
        assert course["progress"]["current_streak"] == number - 1
        await spend_day(learner, number)

    course = await learner.course()
    achieved = course["progress"].pop("achievements")
    assert (course["status"], course["current_day"]) == ("completed", 14)
    assert course["progress"] == {
        "days_completed": 14,
        "completion_percentage": 100.0,
        "total_focus_minutes": sum(minutes),
        "total_sessions": 14,
        "current_streak": 14,
        "longest_streak": 14,
    }
    expected = [
        "first_session", "focus_10h" if sum(minutes) >= 600 else None, "undistracted",
        "first_day", "streak_3", "streak_7", "reflections_10", "first_program", "challenge_14",
    ]  # fmt: skip
    expected = [code for code in expected if code is not None]
    assert await codes(ada) == expected
    assert {one["code"] for one in achieved} == set(expected)

    await check_weeks(learner, minutes)
    history = (await ada.get(f"{FOCUS}history/")).body
    assert history == [
        {
            "enrollment_id": learner.enrollment_id,
            "program_name": "14-Day Focus Challenge",
            "program_type": "14_day",
            "status": "completed",
            "started_at": iso(began),
            "completed_at": iso(began + 13 * DAY_MS + minutes[13] * MINUTE_MS),
            "current_day": 14,
            "total_days": 14,
            "completion_percentage": 100.0,
            "total_focus_minutes": sum(minutes),
            "current_streak": 14,
        }
    ]


@pytest.mark.gen_test(timeout=120)
async def test_all_30_days_with_a_miss_a_pause_and_two_days_on_one_date(  # noqa: PLR0915 - one life
    site: Site, ada: Person
) -> None:
    minutes = [day["focus_duration"] for day in content("30-day")["days"]]
    to_noon(site, days=1)
    await go_pro(ada, for_ms=60 * DAY_MS)
    learner = await enrolled(ada, 2)
    streaks = []
    for number in range(1, 31):
        if number == 6:
            # A date without anything breaks the streak.
            to_noon(site, days=1)
        if number == 20:
            # The second day of one date adds nothing to it.
            site.clock.advance(-DAY_MS)
        await learner.do(number)
        streaks.append((await learner.course())["progress"]["current_streak"])
        to_noon(site, days=1 if number != 10 else await put_aside(learner))

    assert streaks[:5] == [1, 2, 3, 4, 5]
    assert streaks[5:10] == [1, 2, 3, 4, 5]
    assert streaks[10:20] == [6, 7, 8, 9, 10, 11, 12, 13, 14, 14]
    assert streaks[20:] == [*range(15, 25)]
    course = await learner.course()
    assert (course["status"], course["current_day"]) == ("completed", 30)
    progress = course["progress"]
    assert (progress["current_streak"], progress["longest_streak"]) == (24, 24)
    assert (progress["total_focus_minutes"], progress["total_sessions"]) == (sum(minutes), 30)
    last = await learner.week(5)
    assert (last["start_day"], last["end_day"], last["total_days"]) == (29, 30, 2)
    assert (last["days_completed"], last["completion_rate"]) == (2, 100.0)
    assert last["total_focus_minutes"] == minutes[28] + minutes[29]
    assert (last["average_difficulty"], last["average_satisfaction"]) == (None, None)
    assert sum([(await learner.week(n))["total_focus_minutes"] for n in range(1, 6)]) == sum(
        minutes
    )
    assert {"mastery_30", "days_30", "first_program", "streak_7"} <= {*(await codes(ada))}
    assert "streak_30" not in await codes(ada)

    # The streak of a finished program stays as it was at its end.
    to_noon(site, days=100)
    assert (await learner.course())["progress"]["current_streak"] == 24
    assert (await learner.week(1))["current_streak"] == 24


@pytest.mark.gen_test(timeout=30)
async def test_after_completion_one_can_begin_again(site: Site, ada: Person) -> None:
    first = await enrolled(ada)
    for number in range(1, 15):
        await first.do(number)
    listed = (await ada.get(f"{FOCUS}programs/")).body[0]
    assert (listed["is_enrolled"], listed["enrollment_status"]) == (False, "completed")

    second = await enrolled(ada)
    assert second.enrollment_id > first.enrollment_id
    assert (await second.course())["progress"]["total_focus_minutes"] == 0
    assert (await first.course())["status"] == "completed"
    history = (await ada.get(f"{FOCUS}history/")).body
    assert [one["status"] for one in history] == ["in_progress", "completed"]
    # What holds for all of a user's programs is held once.
    await second.do(1)
    assert (await codes(ada)).count("first_day") == 1


@pytest.mark.gen_test
async def test_a_future_day_can_be_read_and_not_changed(site: Site, ada: Person) -> None:
    learner = await enrolled(ada)
    day = await learner.day(5)
    assert day["user_progress"]["started_at"] is None
    assert day["user_progress"]["tasks_total"] == len(day["user_progress"]["tasks"]) >= 3
    before = await site.contents()
    answers = [
        await learner.tick(5, 0),
        await learner.reflect(5),
        await learner.post("sessions/start/", day_number=5, duration_minutes=25),
        await ada.post(f"{learner.path}days/5/rating/", {"difficulty_rating": 1}),
    ]

    assert [(one.status, one.code) for one in answers] == [(409, "wrong_state")] * 4
    assert {one.body["detail"] for one in answers} == {"day 5 is still to come; day 1 is next"}
    assert await site.contents() == before


@pytest.mark.gen_test
async def test_days_weeks_and_tasks_that_are_not_there(ada: Person) -> None:
    learner = await enrolled(ada)
    for path in ("days/15/", "days/9999/", "weekly-review/3/", "days/0/", "weekly-review/0/"):
        answer = await ada.get(f"{learner.path}{path}")
        assert (answer.status, answer.code) == (404, "not_found"), path
    for answer in (
        await learner.tick(15, 0),
        await learner.reflect(15),
        await learner.post("sessions/start/", day_number=15, duration_minutes=25),
    ):
        assert (answer.status, answer.code) == (404, "not_found")
    answer = await learner.tick(1, 30)
    assert (answer.status, [*answer.body["errors"]]) == (400, ["task_index"])


@pytest.mark.gen_test
async def test_enrolling_again_finds_the_enrolment(ada: Person) -> None:
    learner = await enrolled(ada, begin=False)
    again = await ada.post(f"{FOCUS}programs/enroll/", {"program_id": 1})
    assert (again.status, again.body) == (
        200,
        {
            "enrolled": False,
            "message": "Already enrolled in this program",
            "enrollment_id": learner.enrollment_id,
        },
    )
    for program_id in (3, 10**15):
        answer = await ada.post(f"{FOCUS}programs/enroll/", {"program_id": program_id})
        assert (answer.status, answer.body["detail"]) == (400, "Invalid program_id")


@pytest.mark.gen_test
async def test_what_a_program_that_is_not_under_way_refuses(site: Site, ada: Person) -> None:
    learner = await enrolled(ada, begin=False)
    detail = {"the program has not been started"}
    for expected in (detail, {"the program is paused"}, {"the program is abandoned"}):
        answers = [
            await learner.tick(1, 0),
            await learner.reflect(1),
            await learner.post("sessions/start/", day_number=1, duration_minutes=25),
        ]
        assert [(one.status, one.code) for one in answers] == [(409, "wrong_state")] * 3
        assert {one.body["detail"] for one in answers} == expected
        if expected is detail:
            assert (await learner.post("programs/pause/")).status == 409
            assert (await learner.post("programs/start/")).status == 200
            assert (await learner.post("programs/pause/")).status == 200
        else:
            assert (await learner.post("programs/start/")).status == 409
            assert (await learner.post("programs/abandon/")).body["status"] == "abandoned"
    # Each is harmless when it is repeated; abandoned is for good.
    assert (await learner.post("programs/abandon/")).status == 200
    assert (await learner.post("programs/resume/")).status == 409
    assert (await learner.course())["status"] == "abandoned"
    assert (await read(ada, learner.path))["progress"]["days_completed"] == 0
    assert (await enrolled(ada)).enrollment_id != learner.enrollment_id


@pytest.mark.gen_test
async def test_the_order_in_which_a_day_is_fulfilled_does_not_matter(
    site: Site, ada: Person
) -> None:
    learner = await enrolled(ada)
    await learner.do(1)
    # Day 2: the reflection first, the tasks last.
    assert (await learner.reflect(2)).body["day_completed"] is False
    await learner.focus(2, 20)
    assert (await learner.course())["current_day"] == 2
    await learner.tick_all(2)
    assert (await learner.course())["current_day"] == 3
    # Day 3: the focus last, in two parts.
    await learner.tick_all(3)
    await learner.reflect(3)
    await learner.focus(3, 24)
    assert (await learner.course())["current_day"] == 3
    await learner.focus(3, 1)
    assert (await learner.course())["current_day"] == 4


@pytest.mark.gen_test
async def test_a_completed_day_stays_complete(ada: Person) -> None:
    learner = await enrolled(ada)
    await learner.do(1)
    refused = await learner.tick(1, 0, done=False)
    assert (refused.status, refused.code) == (409, "wrong_state")
    assert (await learner.tick(1, 0)).status == 200
    more = await learner.reflect(1, "One more thing.")
    assert more.body == {"success": True, "reflections_count": 2, "day_completed": True}
    await learner.focus(1, 10)
    day = (await learner.day(1))["user_progress"]
    assert (day["is_completed"], day["focus_minutes"]) == (True, 25)
    assert (await learner.course())["progress"]["days_completed"] == 1


@pytest.mark.gen_test
async def test_the_list_follows_what_changes_it(site: Site, ada: Person) -> None:
    async def shown() -> tuple[Any, ...]:
        one = (await ada.get(f"{FOCUS}programs/")).body[0]
        return one["is_enrolled"], one["enrollment_status"], one["current_day"]

    assert await shown() == (False, None, None)
    learner = await enrolled(ada, begin=False)
    assert await shown() == (True, "not_started", 1)
    await learner.post("programs/start/")
    assert await shown() == (True, "in_progress", 1)
    await learner.do(1)
    assert await shown() == (True, "in_progress", 2)
    await learner.post("programs/pause/")
    assert await shown() == (True, "paused", 2)
    await learner.post("programs/abandon/")
    assert await shown() == (False, "abandoned", 2)


@pytest.mark.gen_test
async def test_the_list_is_kept_for_ten_minutes(site: Site, ada: Person) -> None:
    await ada.get(f"{FOCUS}programs/")
    async with site.mongo() as database:
        await database["programs"].update_one({"_id": 1}, {"$set": {"status": "archived"}})
    site.clock.advance(10 * MINUTE_MS - 1)
    assert [one["id"] for one in (await ada.get(f"{FOCUS}programs/")).body] == [1, 2]
    site.clock.advance(1)
    assert [one["id"] for one in (await ada.get(f"{FOCUS}programs/")).body] == [2]


@pytest.mark.gen_test(timeout=30)
async def test_nobody_enrols_without_end(site: Site, ada: Person) -> None:
    learner = await enrolled(ada, begin=False)
    await learner.post("programs/abandon/")
    async with site.mongo() as database:
        kept = await database["enrollments"].find_one({})
        assert kept is not None
        await database["enrollments"].insert_many([{**kept, "_id": 10_000 + n} for n in range(498)])
    again = await enrolled(ada)
    assert len((await ada.get(f"{FOCUS}history/")).body) == 500
    await again.post("programs/abandon/")
    refused = await ada.post(f"{FOCUS}programs/enroll/", {"program_id": 1})

    assert (refused.status, refused.code) == (409, "wrong_state")
    assert refused.body["detail"] == "nobody can enrol more than 500 times"
