"""The flow of the first day, call by call as it is documented."""

from typing import Any

import pytest

from domain.instants import iso
from tests.learner import FOCUS, MINUTE_MS
from tests.person import Person


async def see_and_enrol(ada: Person) -> tuple[list[dict[str, Any]], int]:
    """The programs as they are listed, and the number of the enrolment."""
    # 1. User sees available programs
    programs = (await ada.get(f"{FOCUS}programs/")).body

    assert [[*program] for program in programs] == [
        ["id", "name", "program_type", "description", "duration_days", "objectives",
         "is_pro_only", "can_access", "icon", "color", "cover_image_url", "is_enrolled",
         "enrollment_id", "enrollment_status", "current_day"],
    ] * 2  # fmt: skip
    assert programs[0].items() >= {
        "id": 1, "name": "14-Day Focus Challenge", "program_type": "14_day", "duration_days": 14,
        "is_pro_only": False, "can_access": True, "icon": "🎯", "color": "#3B82F6",
        "cover_image_url": None, "is_enrolled": False, "enrollment_id": None,
        "enrollment_status": None, "current_day": None,
    }.items()  # fmt: skip
    assert programs[1].items() >= {
        "id": 2, "name": "30-Day Focus Mastery", "program_type": "30_day", "duration_days": 30,
        "is_pro_only": True, "can_access": False, "icon": "🚀", "color": "#10B981",
    }.items()  # fmt: skip

    # 2. User enrolls in 14-day program
    enrolled = await ada.post(f"{FOCUS}programs/enroll/", {"program_id": 1})
    number = enrolled.body["enrollment_id"]

    assert enrolled.status == 201
    assert enrolled.body == {
        "enrolled": True,
        "enrollment_id": number,
        "program_name": "14-Day Focus Challenge",
        "total_days": 14,
    }
    assert type(number) is int

    # 3. User starts the program
    started = await ada.post(f"{FOCUS}programs/start/", {"enrollment_id": number})

    assert (started.status, started.body) == (
        200, {"started": True, "enrollment_id": number, "current_day": 1},
    )  # fmt: skip
    return programs, number


async def view_and_tick(ada: Person, number: int) -> None:
    """Day 1 as it lies ahead, and its tasks done."""
    # 4. User views Day 1 details
    day = (await ada.get(f"{FOCUS}programs/{number}/days/1/")).body
    target = day["focus_duration"]

    assert [*day] == [
        "day_number", "title", "description", "focus_duration", "tips", "reflection_prompts",
        "user_progress",
    ]  # fmt: skip
    tasks = day["user_progress"].pop("tasks")
    assert day["user_progress"] == {
        "is_completed": False,
        "started_at": iso(ada.site.clock()),
        "completed_at": None,
        "tasks_completed": 0,
        "tasks_total": len(tasks),
        "focus_minutes": 0,
        "target_focus_minutes": target,
        "reflections": [],
        "difficulty_rating": None,
        "satisfaction_rating": None,
        "notes": "",
    }
    assert tasks[0] == {
        "text": tasks[0]["text"], "is_completed": False, "completed_at": None, "order": 0,
    }  # fmt: skip

    # 5. User completes task 1 (and the others)
    for done, task in enumerate(tasks, 1):
        ada.site.clock.advance(MINUTE_MS)
        updated = await ada.post(
            f"{FOCUS}tasks/update/",
            {
                "enrollment_id": number,
                "day_number": 1,
                "task_index": task["order"],
                "is_completed": True,
            },
        )
        assert (updated.status, updated.body) == (
            200, {"success": True, "tasks_completed": done, "tasks_total": len(tasks)},
        )  # fmt: skip


async def focus(ada: Person, number: int) -> None:
    """A session of 25 minutes with a distraction."""
    # 6. User starts focus session
    at = ada.site.clock()
    session = await ada.post(
        f"{FOCUS}sessions/start/",
        {"enrollment_id": number, "day_number": 1, "duration_minutes": 25},
    )
    session_id = session.body["session_id"]

    assert session.status == 201
    assert session.body == {
        "session_id": session_id,
        "started_at": iso(at),
        "planned_duration_seconds": 1500,
        "status": "active",
    }
    assert len(session_id) == 24
    int(session_id, 16)

    # 7. User logs distraction (optional)
    ada.site.clock.advance(5 * MINUTE_MS)
    distracted = await ada.post(
        f"{FOCUS}sessions/distraction/",
        {"session_id": session_id, "distraction_note": "Phone call"},
    )

    assert (distracted.status, distracted.body) == (200, {"success": True, "distraction_count": 1})
    assert (await ada.get(f"{FOCUS}sessions/active/")).body == {
        "active_session": {
            "session_id": session_id,
            "started_at": iso(at),
            "planned_duration_seconds": 1500,
            "status": "active",
            "session_type": "program",
            "program_id": 1,
            "distraction_count": 1,
        }
    }

    # 8. User completes focus session
    ada.site.clock.advance(20 * MINUTE_MS)
    completed = await ada.post(
        f"{FOCUS}sessions/complete/", {"session_id": session_id, "productivity_rating": 4}
    )

    assert (completed.status, completed.body) == (
        200,
        {
            "completed": True,
            "session_id": session_id,
            "actual_duration_minutes": 25,
            "ended_at": iso(at + 25 * MINUTE_MS),
        },
    )
    assert (await ada.get(f"{FOCUS}sessions/active/")).body == {"active_session": None}


async def reflect(ada: Person, number: int) -> None:
    """The reflection that completes the day."""
    # 9. User adds reflection
    reflected = await ada.post(
        f"{FOCUS}reflections/add/",
        {
            "enrollment_id": number,
            "day_number": 1,
            "question": "What's the biggest win?",
            "answer": "I stayed focused for 25 minutes!",
        },
    )

    assert (reflected.status, reflected.body) == (
        200, {"success": True, "reflections_count": 1, "day_completed": True},
    )  # fmt: skip


async def see_day_2(ada: Person, number: int, programs: list[dict[str, Any]], began: int) -> None:
    """The overview after day 1."""
    # 10. Day marked as complete, user advances to Day 2
    course = (await ada.get(f"{FOCUS}programs/{number}/")).body
    info = course.pop("current_day_info")
    achievements = course["progress"].pop("achievements")

    assert course == {
        "enrollment_id": number,
        "program": {
            name: programs[0][name]
            for name in ("id", "name", "description", "duration_days", "objectives")
        },
        "status": "in_progress",
        "current_day": 2,
        "started_at": iso(began),
        "progress": {
            "days_completed": 1,
            "completion_percentage": 7.1,
            "total_focus_minutes": 25,
            "total_sessions": 1,
            "current_streak": 1,
            "longest_streak": 1,
        },
    }
    # It is half past four in the morning.
    assert [one["code"] for one in achievements] == ["first_session", "early_bird", "first_day"]
    assert info["day_number"] == 2
    assert [*info] == [
        "day_number", "title", "description", "focus_duration", "tasks", "tips",
        "reflection_prompts", "is_completed", "tasks_progress",
    ]  # fmt: skip
    assert info["tasks_progress"] == {"completed": 0, "total": len(info["tasks"])}
    done = (await ada.get(f"{FOCUS}programs/{number}/days/1/")).body["user_progress"]
    assert (done["is_completed"], done["completed_at"]) == (True, iso(ada.site.clock()))
    listed = (await ada.get(f"{FOCUS}programs/")).body[0]
    assert (listed["is_enrolled"], listed["enrollment_id"], listed["enrollment_status"]) == (
        True, number, "in_progress",
    )  # fmt: skip
    assert listed["current_day"] == 2


@pytest.mark.gen_test
async def test_the_first_day_of_the_14_day_program(ada: Person) -> None:
    began = ada.site.clock()
    programs, number = await see_and_enrol(ada)
    await view_and_tick(ada, number)
    await focus(ada, number)
    await reflect(ada, number)
    await see_day_2(ada, number, programs, began)
    progress = (await ada.get(f"{FOCUS}programs/{number}/")).body["progress"]
    assert (progress["days_completed"], progress["total_sessions"]) == (1, 1)
