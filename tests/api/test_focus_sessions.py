"""Focus sessions over HTTP: in a program and outside of any, ended by hand and by time."""

import asyncio
from typing import Any

import pytest

from domain.instants import iso
from tests.engines import until
from tests.learner import FOCUS, MINUTE_MS, Learner, enrolled
from tests.person import SESSIONS, Answer, Person, Site

START = f"{FOCUS}sessions/start/"
POMODORO = {"duration_minutes": 25, "session_type": "pomodoro"}


async def begin(person: Person, **told: object) -> str:
    answer = await person.post(START, {**POMODORO, **told})
    assert answer.status == 201, answer
    return str(answer.body["session_id"])


async def command(person: Person, name: str, session_id: str, **told: object) -> Answer:
    return await person.post(f"{FOCUS}sessions/{name}/", {"session_id": session_id, **told})


async def active(person: Person) -> Any:
    return (await person.get(f"{FOCUS}sessions/active/")).body["active_session"]


async def live(person: Person, session_id: str) -> dict[str, Any]:
    answer = await person.get(f"{SESSIONS}{session_id}/")
    assert answer.status == 200, answer
    return dict(answer.body)


async def until_settled(person: Person, session_id: str) -> dict[str, Any]:
    """Wait until time has ended the session and MongoDB has it; the document."""
    async with person.site.mongo() as database:

        async def settled() -> bool:
            return await database["ledger"].count_documents({"_id": session_id}) == 1

        await until(settled, f"{session_id} in the books")
        document = await database["sessions"].find_one({"_id": session_id})
    assert document is not None
    return dict(document)


@pytest.mark.gen_test
async def test_a_pomodoro_belongs_to_no_program(site: Site, ada: Person) -> None:
    session_id = await begin(ada, task_description="Write the chapter")
    shown = await active(ada)
    state = await live(ada, session_id)
    site.clock.advance(25 * MINUTE_MS - 1)
    ended = await command(ada, "complete", session_id)

    assert (shown["session_type"], shown["program_id"]) == ("pomodoro", None)
    assert state["kind"] == "focus"
    assert state["focus"] == {
        "session_type": "pomodoro",
        "enrollment_id": None,
        "program_id": None,
        "day_number": None,
        "task_description": "Write the chapter",
        "productivity_rating": None,
        "notes": None,
    }
    assert (state["remaining_ms"], state["ends_by"]) == (
        25 * MINUTE_MS, iso(site.clock() + 1),
    )  # fmt: skip
    assert ended.body["actual_duration_minutes"] == 24


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ({}, ["duration_minutes"]),
        ({"duration_minutes": 0}, ["duration_minutes"]),
        ({"duration_minutes": 25.0}, ["duration_minutes"]),
        ({"duration_minutes": 721}, ["duration_minutes"]),
        ({"duration_minutes": 10**9}, ["duration_minutes"]),
        ({"duration_minutes": 25, "session_type": "nap"}, ["session_type"]),
        ({"duration_minutes": 25, "session_type": "program"}, ["day_number", "enrollment_id"]),
        ({"duration_minutes": 25, "enrollment_id": 1}, ["day_number"]),
        ({"duration_minutes": 25, "day_number": 1}, ["enrollment_id"]),
        ({**POMODORO, "enrollment_id": 1}, ["enrollment_id"]),
        ({**POMODORO, "enrollment_id": "1"}, ["enrollment_id"]),
        ({**POMODORO, "status": "completed"}, ["status"]),
        ({**POMODORO, "task_description": "x" * 501}, ["task_description"]),
    ],
)
@pytest.mark.gen_test
async def test_what_no_session_can_be_started_with(
    site: Site, ada: Person, told: dict[str, object], fields: list[str]
) -> None:
    answer = await ada.post(START, told)

    assert (answer.status, answer.code) == (400, "invalid_input")
    assert sorted(answer.body["errors"]) == fields
    assert await active(ada) is None


@pytest.mark.gen_test
async def test_one_focus_session_at_a_time(site: Site, ada: Person) -> None:
    session_id = await begin(ada)
    second = await ada.post(START, POMODORO)

    assert (second.status, second.code) == (400, "session_running")
    assert second.body["detail"] == "User already has an active session"
    assert second.body["state"]["id"] == session_id
    # Sessions of other kinds and of other people are not in the way.
    await ada.start()
    await begin(site.person("bob"))
    # Nor is one that time has ended, whether anybody has noticed or not.
    site.clock.advance(25 * MINUTE_MS)
    assert await active(ada) is None
    assert (await ada.post(START, POMODORO)).status == 201


@pytest.mark.gen_test
async def test_ten_devices_start_one_session(ada: Person) -> None:
    answers = await asyncio.gather(*(ada.post(START, POMODORO) for _ in range(10)))

    assert sorted(answer.status for answer in answers) == [201] + [400] * 9
    assert {answer.body.get("code") for answer in answers} == {None, "session_running"}


@pytest.mark.gen_test
async def test_a_start_under_a_key_is_done_once(site: Site, ada: Person) -> None:
    learner = await enrolled(ada)
    told = {"enrollment_id": learner.enrollment_id, "day_number": 1, "duration_minutes": 25}
    first = await ada.post(START, told, Idempotency_Key="one")
    site.clock.advance(MINUTE_MS)
    await learner.post("programs/pause/")
    again = await ada.post(START, told, Idempotency_Key="one")
    other = await ada.post(START, {**told, "duration_minutes": 30}, Idempotency_Key="one")
    await command(ada, "complete", first.body["session_id"])
    later = await ada.post(START, told, Idempotency_Key="one")

    assert (first.status, again.status, again.body) == (201, 200, first.body)
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert (later.status, later.body["session_id"]) == (200, first.body["session_id"])


@pytest.mark.gen_test
async def test_pausing_stops_the_timer_and_resuming_goes_on(site: Site, ada: Person) -> None:
    session_id = await begin(ada)
    site.clock.advance(10 * MINUTE_MS)
    paused = await command(ada, "pause", session_id)
    site.clock.advance(60 * MINUTE_MS)
    again = await command(ada, "pause", session_id)
    shown = await active(ada)
    resumed = await command(ada, "resume", session_id)
    site.clock.advance(15 * MINUTE_MS - 1)
    still = await live(ada, session_id)
    site.clock.advance(1)
    document = await until_settled(ada, session_id)

    assert (paused.status, paused.body) == (200, {"success": True, "message": "Session paused"})
    assert again.body == paused.body
    assert shown["status"] == "paused"
    assert resumed.body == {"success": True, "message": "Session resumed"}
    assert (still["status"], still["remaining_ms"]) == ("active", 1)
    assert (document["status"], document["completed_reason"]) == ("completed", "auto")
    assert document["active_ms"] == 25 * MINUTE_MS
    for name in ("pause", "resume", "distraction", "cancel"):
        refused = await command(ada, name, session_id)
        assert (refused.status, refused.code) == (409, "wrong_state"), name
        assert refused.body["state"]["status"] == "completed"


@pytest.mark.gen_test
async def test_time_that_ends_a_session_completes_the_day(site: Site, ada: Person) -> None:
    learner = await enrolled(ada)
    await learner.tick_all(1)
    await learner.reflect(1)
    ended_at = site.clock() + 15 * MINUTE_MS
    session_id = await learner.begin(1, 15)
    # The phone is off, and comes back an hour later.
    site.clock.advance(75 * MINUTE_MS)
    await until_settled(ada, session_id)

    assert (await learner.course())["current_day"] == 2
    day = (await learner.day(1))["user_progress"]
    assert (day["focus_minutes"], day["completed_at"]) == (15, iso(ended_at))
    assert (await learner.day(2))["user_progress"]["started_at"] == iso(ended_at)


@pytest.mark.gen_test
async def test_a_session_that_ended_by_itself_is_rated_afterwards(site: Site, ada: Person) -> None:
    session_id = await begin(ada)
    ended_at = site.clock() + 25 * MINUTE_MS
    site.clock.advance(40 * MINUTE_MS)
    rated = await command(
        ada, "complete", session_id, productivity_rating=4, notes="Great,\nvery focused"
    )
    document = await until_settled(ada, session_id)

    assert (rated.status, rated.body) == (
        200,
        {
            "completed": True,
            "session_id": session_id,
            "actual_duration_minutes": 25,
            "ended_at": iso(ended_at),
        },
    )
    assert document["completed_reason"] == "auto"
    assert document["context"]["productivity_rating"] == 4
    assert (await live(ada, session_id))["focus"]["productivity_rating"] == 4
    # Also long after Redis has let go of it; what is left out stays, the last word counts.
    await site.let_go()
    later = await command(ada, "complete", session_id, productivity_rating=5)
    assert later.body == rated.body
    shown = (await live(ada, session_id))["focus"]
    assert (shown["productivity_rating"], shown["notes"]) == (5, "Great,\nvery focused")
    assert (await site.totals("ada"))[1:] == (1, 1)


@pytest.mark.gen_test
async def test_completing_twice_counts_once(site: Site, ada: Person) -> None:
    learner = await enrolled(ada)
    session_id = await learner.begin(1, 25)
    site.clock.advance(20 * MINUTE_MS)
    told = {"session_id": session_id, "productivity_rating": 3}
    path = f"{FOCUS}sessions/complete/"
    answers = await asyncio.gather(*(ada.post(path, told) for _ in range(10)))

    assert {answer.status for answer in answers} == {200}
    assert len({str(answer.body) for answer in answers}) == 1
    assert (await learner.day(1))["user_progress"]["focus_minutes"] == 20
    assert (await learner.course())["progress"]["total_sessions"] == 1


@pytest.mark.gen_test
async def test_a_canceled_session_counts_nothing(site: Site, ada: Person) -> None:
    learner = await enrolled(ada)
    session_id = await learner.begin(1, 25)
    site.clock.advance(20 * MINUTE_MS)
    canceled = await command(ada, "cancel", session_id)
    again = await command(ada, "cancel", session_id)
    await until_settled(ada, session_id)
    completed = await command(ada, "complete", session_id, productivity_rating=5)

    assert canceled.body == {"success": True, "message": "Session canceled"}
    assert again.body == canceled.body
    assert (completed.status, completed.code) == (409, "wrong_state")
    assert (await learner.course())["progress"]["total_sessions"] == 0
    assert (await ada.get(f"{FOCUS}achievements/")).body[0]["earned_at"] is None
    await site.let_go()
    assert (await command(ada, "cancel", session_id)).body == canceled.body
    for name in ("complete", "pause"):
        refused = await command(ada, name, session_id)
        assert (refused.status, refused.code) == (409, "wrong_state"), name


@pytest.mark.gen_test
async def test_focus_earns_no_xp_and_a_date(site: Site, ada: Person) -> None:
    session_id = await begin(ada)
    # Who focuses on a task does not look at the timer.
    assert (await ada.post(f"{SESSIONS}{session_id}/blur/")).status == 200
    site.clock.advance(20 * MINUTE_MS)
    ended = await command(ada, "complete", session_id)
    state = await live(ada, session_id)
    story = (await ada.get(f"{SESSIONS}{session_id}/timeline/")).body
    streak = (await ada.get("/api/v1/streak/")).body

    assert ended.body["actual_duration_minutes"] == 20
    assert (state["xp_total"], state["elapsed_ms"], state["focused_ms"]) == (0, 20 * MINUTE_MS, 0)
    assert story["explanation"].endswith("Sessions of this kind earn no XP.")
    assert (streak["current"], streak["days"][0]["focused_seconds"]) == (1, 1200)
    assert (await site.totals("ada")) == (0, 1, 1)


@pytest.mark.gen_test
async def test_an_id_of_another_kind_or_none_is_not_found(site: Site, ada: Person) -> None:
    xp = (await ada.start()).split("/")[-2]
    for session_id in (xp, "never-was", "507f1f77bcf86cd799439011", "{s01}", "*", "a b"):
        for name in ("pause", "resume", "distraction", "complete", "cancel"):
            answer = await command(ada, name, session_id)
            assert (answer.status, answer.code) == (404, "not_found"), (name, session_id)
    assert (await live(ada, xp))["status"] == "active"
    await ada.complete(f"{SESSIONS}{xp}/")
    await site.let_go()
    assert (await command(ada, "complete", xp, productivity_rating=1)).status == 404


async def meddle(stranger: Person, learner: Learner, session_id: str) -> list[Answer]:
    """Everything that names somebody's things in a body."""
    theirs = Learner(stranger, learner.enrollment_id)
    return [
        await theirs.post("programs/start/"),
        await theirs.post("programs/pause/"),
        await theirs.post("programs/resume/"),
        await theirs.post("programs/abandon/"),
        await theirs.tick(1, 0),
        await theirs.reflect(1),
        await theirs.post("sessions/start/", day_number=1, duration_minutes=25),
        *[
            await command(stranger, name, session_id)
            for name in ("pause", "resume", "distraction", "complete", "cancel")
        ],
    ]


@pytest.mark.gen_test(timeout=30)
async def test_what_is_anothers_is_as_if_it_were_not_there(site: Site, ada: Person) -> None:
    learner = await enrolled(ada)
    done = await learner.focus(1, 10)
    running = await learner.begin(1, 25)
    for stranger in (site.person("bob"), site.person("root", "admin"), site.person("s", "service")):
        await stranger.get("/api/v1/authentication/me/")
        before = await site.contents()
        nothing = await meddle(stranger, Learner(ada, 999_999), "507f1f77bcf86cd799439011")
        for session_id in (done, running):
            answers = await meddle(stranger, learner, session_id)
            assert [one.status for one in answers] == [404] * len(answers)
            assert [one.told for one in answers] == [one.told for one in nothing]
        assert await site.contents() == before
