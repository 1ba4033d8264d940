"""The board of minutes of focus, and the badges beside the names."""

from typing import Any

import pytest

from domain.achievements import BY_CODE
from domain.instants import DAY_MS
from tests.api.test_leaderboards import ME, board, built, earn, joined
from tests.learner import MINUTE_MS, enrolled
from tests.person import Person, Site

SESSIONS = "/api/v1/focus/sessions/"


async def focus(person: Person, ms: int) -> str:
    """Complete a focus session of so many ms outside of any program; its id."""
    started = await person.post(
        f"{SESSIONS}start/", {"duration_minutes": 120, "session_type": "pomodoro"}
    )
    assert started.status == 201, started
    person.site.clock.advance(ms)
    session_id = str(started.body["session_id"])
    ended = await person.post(f"{SESSIONS}complete/", {"session_id": session_id})
    assert ended.status == 200, ended
    return session_id


def seen(rows: list[dict[str, Any]]) -> list[tuple[int, str, int]]:
    return [(row["rank"], row["name"], row["focus_minutes"]) for row in rows]


@pytest.mark.gen_test(timeout=30)
async def test_minutes_of_focus_have_a_board_of_their_own(site: Site) -> None:
    await built(site)
    ada, bob = await joined(site, "ada", name="Ada"), await joined(site, "bob", name="Bob")
    for person, ms in ((ada, 90_000), (ada, 90_000), (bob, 2 * MINUTE_MS + 1)):
        await focus(person, ms)
    await earn(bob, 30)
    canceled = await ada.post(
        f"{SESSIONS}start/", {"duration_minutes": 120, "session_type": "pomodoro"}
    )
    site.clock.advance(50 * MINUTE_MS)
    await ada.post(f"{SESSIONS}cancel/", {"session_id": canceled.body["session_id"]})

    for period in ("day", "week", "month", "all"):
        told = await board(bob, dimension="focus", period=period)
        assert (told["dimension"], told["size"]) == ("focus", 2)
        assert seen(told["results"]) == [(1, "Ada", 3), (2, "Bob", 2)]
        assert told["me"] == {"rank": 2, "focus_minutes": 2}
        assert seen(told["neighbours"]) == seen(told["results"])
        assert set(told["results"][0]) == {
            "rank", "name", "focus_minutes", "life_level", "badges", "you",
        }  # fmt: skip
    told = await board(bob)
    assert (told["size"], told["me"]) == (1, {"rank": 1, "xp": 60})


@pytest.mark.gen_test(timeout=30)
async def test_a_void_takes_the_minutes_back_and_the_day_decides_the_period(site: Site) -> None:
    await built(site)
    ada = await joined(site, "ada")
    await focus(ada, 3 * MINUTE_MS)
    site.clock.advance(DAY_MS)
    session_id = await focus(ada, 5 * MINUTE_MS + 30_000)
    before = [
        (await board(ada, dimension="focus", period=period))["me"]["focus_minutes"]
        for period in ("day", "all")
    ]
    for _ in range(2):
        assert (await ada.post(f"/api/v1/sessions/{session_id}/void/")).status == 200
    async with site.mongo() as database:
        user = await database["users"].find_one({"_id": "ada"})
        entry = await database["ledger"].find_one({"_id": f"void:{session_id}"})

    assert before == [5, 8]
    assert (await board(ada, dimension="focus", period="day"))["me"] is None
    assert (await board(ada, dimension="focus", period="all"))["me"]["focus_minutes"] == 3
    assert user is not None
    assert user["focus_ms"] == 3 * MINUTE_MS
    assert entry is not None
    assert entry["focus_ms"] == -(5 * MINUTE_MS + 30_000)


@pytest.mark.gen_test(timeout=30)
async def test_an_entry_from_before_there_was_such_a_board_is_voided_as_it_was(site: Site) -> None:
    ada = site.person("ada")
    session_id = await focus(ada, 3 * MINUTE_MS)
    async with site.mongo() as database:
        await database["ledger"].update_one({"_id": session_id}, {"$unset": {"focus_ms": 1}})
        await database["users"].update_one({"_id": "ada"}, {"$unset": {"focus_ms": 1}})
        assert (await ada.post(f"/api/v1/sessions/{session_id}/void/")).status == 200
        user = await database["users"].find_one({"_id": "ada"})

    assert user is not None
    assert user["focus_ms"] == 0


@pytest.mark.gen_test(timeout=30)
async def test_the_newest_achievements_stand_beside_the_names_of_those_who_take_part(
    site: Site,
) -> None:
    await built(site)
    ada, bob = await joined(site, "ada", name="Ada"), await joined(site, "bob", name="Bob")
    eve = site.person("eve")
    await earn(bob, 30)
    learner = await enrolled(ada)
    await learner.do(1)
    site.clock.advance(MINUTE_MS)
    await focus(ada, 90 * MINUTE_MS)
    await focus(eve, 5 * MINUTE_MS)
    async with site.mongo() as database:
        # One that a newer version has awarded is left to that version.
        later = {"_id": "later ada", "user_id": "ada", "code": "later", "enrollment_id": None}
        newest = await database["achievements"].find_one({"_id": "long_session ada"})
        assert newest is not None
        await database["achievements"].insert_one(later | {"earned_at": newest["earned_at"]})

    told = await board(eve, dimension="focus")
    (row,) = told["results"]
    # Those of the long session, and the first of the day that it followed.
    expected = ["undistracted", "long_session", "first_session"]
    assert row["name"] == "Ada"
    assert row["badges"] == [BY_CODE[code].icon for code in expected]
    (row,) = (await board(eve, dimension="total"))["results"]
    assert (row["name"], row["badges"], row["xp"]) == ("Bob", [], 60)

    await ada.ask("PATCH", ME, {"leaderboard": False})
    assert BY_CODE["long_session"].icon not in str(await board(eve, dimension="focus"))
