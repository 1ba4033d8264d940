"""Pause, resume, focus, blur, distraction and cancel over HTTP, and what they do to XP."""

import asyncio

import pytest

from tests.person import RATING, SESSIONS, Person, Site

COMMANDS = ("pause", "resume", "focus", "blur", "distraction", "cancel")


@pytest.mark.gen_test
async def test_away_and_paused_time_earns_nothing(site: Site, ada: Person) -> None:
    path = await ada.start()
    shown = []
    for step in ("blur", "focus", "pause", "resume", "blur", "pause", "focus", "resume"):
        site.clock.advance(10_000)
        body = (await ada.post(f"{path}{step}")).body
        shown.append((body["status"], body["focused"], body["rev"], body["xp_total"]))
    site.clock.advance(10_500)
    ended = await ada.complete(path)

    assert shown == [
        ("active", False, 2, 20),
        ("active", True, 3, 20),
        ("paused", True, 4, 40),
        ("active", True, 5, 40),
        ("active", False, 6, 60),
        ("paused", False, 7, 60),
        # Looking at a paused session changes nothing; resuming is what brings the client back.
        ("paused", False, 7, 60),
        ("active", True, 8, 60),
    ]
    # 90.5 s, of which 30 s paused: 10 s before the first resume, 20 s before the second.
    assert ended == ended | {
        "total_duration_seconds": 60,
        "elapsed_ms": 60_500,
        "focused_duration_seconds": 40,
        "focused_ms": 40_500,
        "pause_count": 2,
        **RATING.rates.xp(40_500).fields(),
        "ended_at": "2049-03-22T04:28:10.500Z",
    }


@pytest.mark.gen_test
async def test_a_command_that_asks_for_what_is_so_changes_nothing(site: Site, ada: Person) -> None:
    path = await ada.start()
    site.clock.advance(10_000)
    for step, rev in (("resume", 1), ("focus", 1), ("pause", 2), ("pause", 2), ("blur", 2)):
        answer = await ada.post(f"{path}{step}/")
        assert (answer.status, answer.body["rev"]) == (200, rev), step


@pytest.mark.gen_test
async def test_a_distraction_is_counted_and_keeps_its_note(site: Site, ada: Person) -> None:
    path = await ada.start()
    site.clock.advance(1_000)
    await ada.post(f"{path}distraction/", {"note": "the cat 🐈\nagain"})
    body = (await ada.post(f"{path}distraction/")).body
    await ada.complete(path)
    async with site.mongo() as database:
        kept = await database["sessions"].find_one({})

    assert (body["distraction_count"], body["rev"], body["status"]) == (2, 3, "active")
    assert kept is not None
    assert [item["note"] for item in kept["distractions"]] == ["the cat 🐈\nagain", ""]


@pytest.mark.gen_test
async def test_a_repeated_command_is_answered_as_before(site: Site, ada: Person) -> None:
    path = await ada.start()
    for number, told in enumerate(({"cmd_id": "c1"}, None)):
        key = {} if told else {"Idempotency_Key": "c2"}
        first = await ada.post(f"{path}pause/", told, **key)
        site.clock.advance(10_000)
        await ada.post(f"{path}resume/")
        second = await ada.post(f"{path}pause/", told, **key)
        other = await ada.post(f"{path}blur/", told, **key)

        assert first.raw == second.raw
        assert first.body["rev"] == 2 + 2 * number
        assert (other.status, other.code) == (422, "idempotency_key_reused")
    live = (await ada.get(path)).body
    assert (live["rev"], live["status"], live["pause_count"]) == (5, "active", 2)
    ended = await ada.complete(path)
    late = await ada.post(f"{path}pause/", {"cmd_id": "c1"})
    assert ended["total_duration_seconds"] == 0
    assert (late.status, late.body["rev"]) == (200, 2)


@pytest.mark.gen_test
async def test_a_decision_on_an_old_state_is_refused_with_the_new_one(
    site: Site, ada: Person
) -> None:
    path = await ada.start()
    await ada.post(f"{path}pause/", {"if_rev": 1})
    site.clock.advance(5_000)
    for step in COMMANDS:
        stale = await ada.post(f"{path}{step}/", {"if_rev": 1})
        assert (stale.status, stale.code) == (409, "conflict"), step
        assert stale.body["state"] == (await ada.get(path)).body
        assert (await ada.post(f"{path}{step}/", {"if_rev": 99})).code == "conflict"
    resumed = await ada.post(f"{path}resume/", {"if_rev": 2, "cmd_id": "r"})
    again = await ada.post(f"{path}resume/", {"if_rev": 2, "cmd_id": "r"})

    assert (resumed.status, resumed.body["rev"]) == (200, 3)
    assert again.raw == resumed.raw


@pytest.mark.gen_test
async def test_two_tabs_with_the_same_state_make_one_change(ada: Person) -> None:
    path = await ada.start()
    answers = await asyncio.gather(
        *(ada.post(f"{path}distraction/", {"if_rev": 1}) for _ in range(10))
    )

    assert sorted(answer.status for answer in answers) == [200] + [409] * 9
    assert (await ada.get(path)).body["distraction_count"] == 1


@pytest.mark.gen_test
async def test_an_ended_session_takes_no_command(site: Site, ada: Person) -> None:
    for ending in ("complete", "cancel"):
        path = await ada.start()
        if ending == "complete":
            await ada.complete(path)
        else:
            first = await ada.post(f"{path}cancel/")
            assert (await ada.post(f"{path}cancel/")).raw == first.raw
        state = (await ada.get(path)).body
        for step in COMMANDS:
            answer = await ada.post(f"{path}{step}/")
            if (ending, step) != ("cancel", "cancel"):
                assert (answer.status, answer.code) == (409, "wrong_state"), (ending, step)
                assert answer.body["state"] == state
        assert (await ada.get(path)).body == state
    assert await site.totals("ada") == (0, 1, 2)


@pytest.mark.gen_test(timeout=15)
async def test_pausing_a_hundred_times_earns_what_one_stretch_does(site: Site, ada: Person) -> None:
    path = await ada.start()
    for _ in range(100):
        site.clock.advance(733)
        await ada.post(f"{path}pause/")
        site.clock.advance(911)
        await ada.post(f"{path}resume/")
    many = await ada.complete(path)
    path = await ada.start()
    site.clock.advance(73_300)
    one = await ada.complete(path)
    names = ("elapsed_ms", "focused_ms", "xp_total", "xp_physique", "xp_creativity", "xp_social")

    assert {name: many[name] for name in names} == {name: one[name] for name in names}
    assert one["xp_total"] == RATING.rates.xp(73_300).total
    assert many["pause_count"] == 100


@pytest.mark.gen_test
async def test_history_pages_follow_each_other_newest_first(site: Site, ada: Person) -> None:
    plan, bob = await ada.plan(), site.person("bob")
    made = []
    for number in range(7):
        path = await ada.start(**plan, session_id=f"s{number}")
        site.clock.advance(number % 2 * 1_000)
        await ada.complete(path)
        made.append((site.clock() - number % 2 * 1_000, f"s{number}"))
    await ada.post(f"{await ada.start(**plan)}cancel/")
    await ada.complete(await ada.start())
    await bob.complete(await bob.start())
    await ada.start(**plan)
    path = f"/api/v1/goals/{plan['goal_id']}/sessions"
    whole, following, pages = await ada.get(f"{path}/"), f"{path}?limit=3", 0
    found: list[dict[str, object]] = []
    while following:
        page = (await ada.get(following)).body
        pages, found = pages + 1, found + page["results"]
        following = f"{path}/?limit=3&cursor={page['next']}" if page["next"] else ""

    assert [one["id"] for one in found] == [name for _, name in sorted(made, reverse=True)]
    assert pages == 3
    assert whole.body == {"results": found, "next": None}
    assert (await bob.get(path)).told == (await bob.get(path.replace(path[14:20], "ffffff"))).told
    assert (await bob.get(path)).status == 404


@pytest.mark.gen_test
async def test_the_active_list_shows_what_runs_now(site: Site, ada: Person) -> None:
    listed = f"{SESSIONS}active/"
    empty = await ada.get(listed)
    path = await ada.start()
    await ada.post(f"{path}pause/")
    site.clock.advance(5_000)
    paused = await ada.get(listed)
    others = await site.person("bob").get(listed)
    await ada.post(f"{path}cancel/")
    gone = await ada.get(listed)

    assert empty.body == others.body == gone.body == {"results": [], "stale": False}
    assert [one["status"] for one in paused.body["results"]] == ["paused"]
