"""The sync path: a service tells of sessions that an external store runs."""

import asyncio

import pytest

from tests.person import SESSIONS, Person, Site

PATH = f"{SESSIONS}k57convex/"
TOTALS = {
    "total_duration_seconds": 3600,
    "focused_duration_seconds": 3200,
    "xp_total": 28000,
    "xp_physique": 16000,
    "xp_energy": 3200,
    "xp_logic": 0,
    "xp_creativity": 8000,
    "xp_social": 800,
    "completed_reason": "manual",
}
END = {"status": "completed", "ended_at": "2025-01-15T12:00:00Z", "device_platform": "web"} | TOTALS


@pytest.fixture
def sync(site: Site) -> Person:
    return site.person("convex", "service")


async def beginning(ada: Person, session_id: str = "k57convex") -> dict[str, str]:
    """What the service tells of a start."""
    told = {
        "session_id": session_id,
        "user_id": ada.user_id,
        "status": "active",
        "started_at": "2025-01-15T10:30:00Z",
        "device_platform": "web",
    }
    return told | await ada.plan()


async def history(ada: Person, told: dict[str, str]) -> list[dict[str, object]]:
    answer = await ada.get(f"/api/v1/goals/{told['goal_id']}/sessions/")
    return list(answer.body["results"])


@pytest.mark.gen_test
async def test_a_start_and_an_end_are_stored_as_told(site: Site, ada: Person, sync: Person) -> None:
    told = await beginning(ada)
    for path in (SESSIONS, SESSIONS.rstrip("/")):
        started = await sync.post(path, told)
        assert (started.status, started.body) == (200, {"id": "k57convex", "status": "active"})
    running = await ada.get(PATH)
    for path in (PATH, PATH.rstrip("/")):
        ended = await sync.put(path, END)
        assert ended.status == 200
        assert ended.body == ended.body | TOTALS | {"id": "k57convex", "status": "completed"}
    again = await sync.post(SESSIONS, told)

    assert running.body == running.body | {"status": "active", "xp_total": 0, "ended_at": None}
    assert again.body == {"id": "k57convex", "status": "completed"}
    assert await site.totals("ada") == (28000, 1, 1)
    me = (await ada.get("/api/v1/authentication/me/")).body
    assert (me["xp_creativity"], me["life_level"]) == (8000, 8)
    activity = {"id": told["activity_id"], "name": "Drawing", "emoji": "🎨"}
    times = {"started_at": "2025-01-15T10:30:00Z", "ended_at": "2025-01-15T12:00:00Z"}
    assert await history(ada, told) == [
        {"id": "k57convex", **times, **TOTALS, "activity": activity}
    ]


@pytest.mark.gen_test
async def test_an_end_without_its_start_makes_the_session(
    site: Site, ada: Person, sync: Person
) -> None:
    ended = await sync.put(PATH, {**END, "user_id": "ada"})

    assert ended.status == 200
    assert await site.totals("ada") == (28_000, 1, 1)
    told = await beginning(ada)
    assert (await sync.post(SESSIONS, told)).body == {"id": "k57convex", "status": "completed"}
    (past,) = await history(ada, told)
    assert past == past | TOTALS | {"started_at": "2025-01-15T10:30:00Z"}
    assert await site.totals("ada") == (28_000, 1, 1)


@pytest.mark.gen_test
async def test_an_end_that_does_not_say_whose_it_is_waits_for_its_start(
    site: Site, ada: Person, sync: Person
) -> None:
    told = await beginning(ada)
    for _ in range(2):
        ended = await sync.put(PATH, END)
        assert (ended.status, ended.body["xp_total"]) == (200, 28_000)
    other = {**END, "xp_physique": 0, "xp_total": 12_000}
    assert (await sync.put(PATH, other)).body["xp_total"] == 28_000
    assert await site.totals("ada") == (0, 0, 0)
    squatted = await ada.post(SESSIONS, {**await ada.plan(), "session_id": "k57convex"})
    assert (squatted.status, squatted.code) == (409, "id_taken")

    for _ in range(2):
        assert (await sync.post(SESSIONS, told)).body == {"id": "k57convex", "status": "completed"}
    (past,) = await history(ada, told)
    assert past == past | TOTALS
    assert await site.totals("ada") == (28_000, 1, 1)


@pytest.mark.gen_test
async def test_an_end_without_a_user_is_credited_when_a_repeat_names_one(
    site: Site, ada: Person, sync: Person
) -> None:
    await sync.put(PATH, END)
    await asyncio.gather(*(sync.put(PATH, {**END, "user_id": "ada"}) for _ in range(10)))
    strange = await sync.put(PATH, {**END, "user_id": "bob"})

    assert await site.totals("ada") == (28_000, 1, 1)
    assert (strange.status, strange.code) == (409, "id_taken")


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "told", [{"xp_total": 28_001}, {"xp_logic": 1}, {"xp_total": 5, "xp_physique": 0}]
)
async def test_a_total_that_is_not_the_sum_of_its_parts_is_refused(
    site: Site, sync: Person, told: dict[str, int]
) -> None:
    answer = await sync.put(PATH, {**END, "user_id": "ada", **told})

    assert (answer.status, list(answer.body["errors"])) == (400, ["xp_total"])
    assert await site.totals("ada") == (0, 0, 0)


@pytest.mark.gen_test
async def test_repeats_with_other_totals_change_nothing(
    site: Site, ada: Person, sync: Person
) -> None:
    await sync.post(SESSIONS, await beginning(ada))
    first = await sync.put(PATH, END)
    before = await site.contents()
    site.clock.advance(1_000)
    more = {**END, "xp_total": 99_000, "xp_physique": 87_000, "user_id": "ada"}
    second = await sync.put(PATH, more, Idempotency_Key="other")
    other_start = {**await beginning(ada), "started_at": "2024-01-01T00:00:00Z"}
    await sync.post(SESSIONS, other_start)
    after = await site.contents()

    assert second.body | {"server_time": 0} == first.body | {"server_time": 0}
    assert {name: after[name] for name in ("sessions", "ledger", "users", "session_ids")} == {
        name: before[name] for name in ("sessions", "ledger", "users", "session_ids")
    }


@pytest.mark.gen_test(timeout=15)
async def test_many_at_once_credit_once(site: Site, ada: Person, sync: Person) -> None:
    told = await beginning(ada)
    starts = [sync.post(SESSIONS, told) for _ in range(5)]
    ends = [sync.put(PATH, {**END, "user_id": "ada"}) for _ in range(20)]
    answers = await asyncio.gather(*starts, *ends)

    assert [answer.status for answer in answers] == [200] * 25
    assert {answer.body["xp_total"] for answer in answers[5:]} == {28000}
    assert await site.totals("ada") == (28000, 1, 1)
    assert len(await history(ada, told)) == 1


@pytest.mark.gen_test(timeout=15)
async def test_many_sessions_of_one_user_at_once_add_up(
    site: Site, ada: Person, sync: Person
) -> None:
    body = {**END, "user_id": "a newcomer"}
    answers = await asyncio.gather(*(sync.put(f"{SESSIONS}s{n}", body) for n in range(20)))

    assert [answer.status for answer in answers] == [200] * 20
    assert await site.totals("a newcomer") == (20 * 28000, 20, 20)


@pytest.mark.gen_test
async def test_a_session_that_runs_here_is_not_overwritten(
    site: Site, ada: Person, sync: Person
) -> None:
    path = await ada.start(session_id="k57convex")
    site.clock.advance(10_000)
    start = await sync.post(SESSIONS, await beginning(ada))
    other = await sync.post(SESSIONS, {**await beginning(ada), "user_id": "bob"})
    live = await sync.put(PATH, END)
    named = await sync.put(PATH, {**END, "user_id": "bob"})
    ended = await ada.complete(path)
    finished = [await sync.put(PATH, END), await sync.post(SESSIONS, await beginning(ada))]
    await site.let_go()
    finished += [await sync.put(PATH, END), await sync.post(SESSIONS, await beginning(ada))]

    assert start.body == {"id": "k57convex", "status": "active"}
    assert (other.status, other.code) == (409, "id_taken")
    assert (live.status, live.code) == (409, "conflict")
    assert live.body["state"]["xp_total"] == 20
    assert (named.status, named.code) == (409, "id_taken")
    assert [answer.status for answer in finished] == [409, 200, 409, 200]
    assert {finished[0].code, finished[2].code} == {"id_taken"}
    assert finished[1].body == finished[3].body == {"id": "k57convex", "status": "completed"}
    assert ended["xp_total"] == 20
    assert await site.totals("ada") == (20, 1, 1)
    assert await site.totals("bob") == (0, 0, 0)


@pytest.mark.gen_test
async def test_an_id_that_we_made_is_not_given_to_another_user(
    site: Site, ada: Person, sync: Person
) -> None:
    path = await ada.start()
    session_id = path.split("/")[-2]
    stolen = await sync.put(path, {**END, "user_id": "bob"})
    start = await sync.post(SESSIONS, {**await beginning(ada, session_id), "user_id": "bob"})
    site.clock.advance(10_000)

    assert (stolen.status, start.status) == (409, 409)
    assert (await ada.complete(path))["xp_total"] == 20
    assert await site.totals("ada") == (20, 1, 1)


@pytest.mark.gen_test
async def test_a_user_cannot_end_what_an_external_store_runs(
    site: Site, ada: Person, sync: Person
) -> None:
    told = await beginning(ada)
    await sync.post(SESSIONS, told)
    ended = await ada.put(PATH, END)
    paused = await ada.post(f"{PATH}pause/")
    started = await ada.post(SESSIONS, {**await ada.plan(), "session_id": "k57convex"})
    stranger = await site.person("bob").put(PATH, END)

    for answer in (ended, paused):
        assert (answer.status, answer.code) == (409, "wrong_state")
        assert answer.body["state"]["status"] == "active"
    assert stranger.status == 404
    assert (started.status, started.code) == (409, "id_taken")
    assert await site.totals("ada") == (0, 0, 0)
    await sync.put(PATH, END)
    assert (await ada.put(PATH, {"status": "completed"})).body["xp_total"] == 28000


@pytest.mark.gen_test
async def test_a_service_names_the_session_and_its_user(ada: Person, sync: Person) -> None:
    told = await beginning(ada)
    for name in ("session_id", "user_id"):
        answer = await sync.post(SESSIONS, {key: told[key] for key in told if key != name})
        assert (answer.status, list(answer.body["errors"])) == (400, [name])
    answer = await sync.post(SESSIONS, {"goal_id": told["goal_id"]})
    assert (answer.status, list(answer.body["errors"])) == (400, ["activity_id"])


@pytest.mark.gen_test
async def test_totals_that_are_left_out_are_nothing(site: Site, ada: Person, sync: Person) -> None:
    bare = await sync.put(PATH, {"status": "completed", "user_id": "ada"})
    body = {"status": "completed", "user_id": "ada", "xp_logic": 5, "xp_social": 7}
    summed = await sync.put(f"{SESSIONS}two/", body)

    assert bare.body == bare.body | {"xp_total": 0, "ended_at": "2049-03-22T04:26:40Z"}
    assert bare.body["total_duration_seconds"] is None
    assert summed.body["xp_total"] == 12
    assert await site.totals("ada") == (12, 2, 2)


@pytest.mark.gen_test
async def test_far_instants_are_kept_or_refused(ada: Person, sync: Person) -> None:
    told = await beginning(ada)
    for number, instant in enumerate(("2049-03-23T04:26:40Z", "2000-01-01T00:00:00Z")):
        start = {**told, "session_id": f"far{number}", "started_at": instant}
        assert (await sync.post(SESSIONS, start)).status == 200
        end = {**END, "ended_at": instant}
        assert (await sync.put(f"{SESSIONS}far{number}", end)).body["ended_at"] == instant
    for instant in (
        "9999-12-31T23:59:59.999Z",
        "9999-12-31T23:59:59-23:59",
        "2049-03-23T04:26:41Z",
        "1999-12-31T23:59:59Z",
        "1969-12-31T23:59:59Z",
        "2025-02-30T00:00:00Z",
    ):
        start, end = {**told, "started_at": instant}, {**END, "user_id": "ada", "ended_at": instant}
        for answer in (await sync.post(SESSIONS, start), await sync.put(f"{SESSIONS}x/", end)):
            assert (answer.status, answer.code) == (400, "invalid_input"), instant
    await ada.ask("PATCH", "/api/v1/authentication/me/", {"time_zone": "Pacific/Kiritimati"})
    assert (await ada.get(f"/api/v1/goals/{told['goal_id']}/")).status == 200
    page = f"/api/v1/goals/{told['goal_id']}/sessions/?limit=1"
    first = (await ada.get(page)).body
    second = await ada.get(f"{page}&cursor={first['next']}")
    assert second.status == 200
    assert [one["id"] for one in first["results"] + second.body["results"]] == ["far0", "far1"]


@pytest.mark.gen_test
async def test_a_user_id_that_no_token_could_have_is_refused(ada: Person, sync: Person) -> None:
    told = await beginning(ada)
    for user_id in ("", " ", "a\u200bb", "a\u2028b", "x" * 129, 7, None, {"$ne": ""}):
        start = await sync.post(SESSIONS, {**told, "user_id": user_id})
        end = await sync.put(PATH, {**END, "user_id": user_id})
        assert (start.status, end.status) == (400, 400), user_id
