"""The proof of the books covers focus programs: their days, enrolments, sessions and totals."""

from typing import Any

import pytest

from config.settings import Settings
from storage.mongo.audit import Audit
from storage.mongo.client import Mongo
from storage.mongo.differences import Difference
from storage.mongo.focus_audit import compare_enrollment, compare_focus_totals
from tests.fakes import DrivenClock
from tests.learner import DAY_MS, FOCUS, MINUTE_MS, Learner, enrolled
from tests.person import Site, open_site

Told = set[tuple[str, str, int, str, int]]


async def lives(site: Site) -> tuple[Learner, Learner, str]:
    """Two who go through programs, with all that may happen on the way; a session of Bob's."""
    ada, bob = site.person("ada"), site.person("bob")
    finisher = await enrolled(ada)
    for number in range(1, 15):
        await finisher.do(number)
        site.clock.advance(DAY_MS)
    learner = await enrolled(bob)
    await learner.do(1)
    # The day is open again, and what came of it is gone.
    await learner.tick_all(2)
    await learner.reflect(2)
    for _ in range(2):
        voided = await learner.focus(2, (await learner.day(2))["focus_duration"])
        assert (await bob.post(f"/api/v1/sessions/{voided}/void/")).status == 200
    await learner.focus(2, 1)
    canceled = await learner.begin(2, 10)
    await bob.post(f"{FOCUS}sessions/cancel/", {"session_id": canceled})
    outside = await bob.post(
        f"{FOCUS}sessions/start/", {"duration_minutes": 5, "session_type": "pomodoro"}
    )
    site.clock.advance(5 * MINUTE_MS)
    session_id = str(outside.body["session_id"])
    await learner.end(session_id)
    await learner.post("programs/abandon/")
    await enrolled(bob)
    return finisher, learner, session_id


async def found(settings: Settings) -> tuple[Audit, list[Difference]]:
    mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
    audit = Audit(mongo)
    differences = [one async for one in audit.differences()]
    mongo.close()
    return audit, differences


def of(user_id: str, differences: list[Difference]) -> Told:
    return {
        (one.field, one.book, one.amount, one.other, one.other_amount)
        for one in differences
        if one.user_id == user_id
    }


@pytest.mark.gen_test(timeout=60)
async def test_the_books_of_programs_agree_until_somebody_touches_them(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock) as site:
        finisher, learner, session_id = await lives(site)
        audit, sound = await found(settings)
        async with site.mongo() as db:
            kept = await db["focus_totals"].find_one({"_id": "ada"})
            a, b = finisher.enrollment_id, learner.enrollment_id
            day = {"_id": f"{b}:2"}
            await db["focus_totals"].update_one(
                {"_id": "ada"}, {"$inc": {"reflections": 2, "program_30_day": 1}}
            )
            await db["enrollments"].update_one({"_id": a}, {"$pop": {"done": 1}})
            await db["program_days"].update_one(day, {"$inc": {"focus_ms": 7}})
            await db["sessions"].delete_one({"_id": session_id})
            await db["ledger"].update_one({"_id": session_id}, {"$inc": {"focus_ms": 1}})
        _, wrong = await found(settings)

    assert sound == []
    assert (audit.users, audit.sessions, audit.enrollments) == (2, 20, 3)
    assert kept is not None
    assert {name: kept[name] for name in kept if name not in ("_id", "focus_ms")} == {
        "sessions": 14, "counted_sessions": 14, "days": 14, "reflections": 14, "programs": 1, "program_14_day": 1,
    }  # fmt: skip
    assert of("ada", wrong) == {
        ("reflections", "focus_totals", 16, "program_days", 14),
        ("days", "focus_totals", 14, "enrollments", 13),
        ("program_30_day", "focus_totals", 1, "enrollments", 0),
        ("days", f"enrollment {a}", 13, f"program_days of {a}", 14),
    }
    minutes = [one for one in of("bob", wrong) if one[0] in ("focus_ms", "sessions")]
    total_ms = next(one[2] for one in minutes if one[1] == "focus_totals" and one[2] > 3)
    own_ms = total_ms - 5 * MINUTE_MS
    assert {one for one in minutes if session_id not in one[1]} == {
        ("focus_ms", "focus_totals", total_ms, "focus sessions", own_ms),
        ("sessions", "focus_totals", 3, "focus sessions", 2),
        ("focus_ms", "users", total_ms, "ledger", total_ms + 1),
        ("focus_ms", "users", total_ms, "sessions", own_ms),
        ("focus_ms", f"enrollment {b}", own_ms, f"program_days of {b}", own_ms + 7),
        ("focus_ms", f"program_day {b}:2", MINUTE_MS + 7, f"sessions of {b}:2", MINUTE_MS),
    }
    assert ("focus_ms", f"session {session_id}", 0, f"entry of {session_id}", 300_001) in minutes


def course(**changes: Any) -> dict[str, dict[str, Any]]:
    """An enrolment in two days, of which the second had a session, as the sources give it."""
    enrollment = {"user_id": "u", "total_days": 2, "focus_ms": 5, "sessions": 1, "done": []}
    day = {"day_number": 2, "focus_ms": 5, "sessions": 1, "completed": False}
    spent = {"day_number": 2, "user_id": "u", "focus_ms": 5, "sessions": 1}
    made: dict[str, dict[str, Any]] = {
        "enrollment": enrollment,
        "days": {"user_id": "u", "days": [day]},
        "sessions": {"spent": [spent]},
    }
    return made | changes


def spent(day_number: int, user_id: str = "u") -> dict[str, Any]:
    return {"day_number": day_number, "user_id": user_id, "focus_ms": 5, "sessions": 1}


@pytest.mark.parametrize(
    ("documents", "books"),
    [
        (course(), set()),
        # Sessions that name what is not theirs, or not there, were for no day.
        (course(sessions={"spent": [spent(2), spent(2, "v"), spent(3), spent(0)]}), set()),
        (course(sessions={}), {("program_day 1:2", "sessions of 1:2")}),
        (
            course(sessions={"spent": [spent(1)]}),
            {("program_day 1:1", "sessions of 1:1"), ("program_day 1:2", "sessions of 1:2")},
        ),
        (
            course(days={}),
            {("enrollment 1", "program_days of 1"), ("program_day 1:2", "sessions of 1:2")},
        ),
        (
            course(enrollment={}),
            {("enrollment 1", "program_days of 1"), ("program_day 1:2", "sessions of 1:2")},
        ),
    ],
)
def test_a_day_is_what_was_spent_on_it(
    documents: dict[str, dict[str, Any]], books: set[tuple[str, str]]
) -> None:
    told = compare_enrollment(1, documents)

    assert {(one.book, one.other) for one in told} == books
    assert {one.field for one in told} <= {"focus_ms", "sessions"}
    assert {one.user_id for one in told} <= {"u"}


def test_a_day_that_is_done_is_kept_as_completed() -> None:
    documents = course()
    documents["enrollment"]["done"] = [{"day": 2}]

    assert compare_enrollment(1, documents) == [
        Difference("u", "days", "enrollment 1", 1, "program_days of 1", 0)
    ]


def test_focus_without_totals_is_a_difference() -> None:
    assert compare_focus_totals("u", {"enrollments": {"programs": 1}}) == [
        Difference("u", "programs", "focus_totals", 0, "enrollments", 1)
    ]
