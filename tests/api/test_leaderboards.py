"""Leaderboards over HTTP, on a whole node."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from config.settings import Settings
from tests.engines import until
from tests.fakes import DrivenClock
from tests.person import Person, Site, open_site

ME = "/api/v1/authentication/me/"
BOARD = "/api/v1/leaderboards/"


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


async def built(site: Site) -> None:
    """Wait until the node has built its leaderboards."""

    async def answers() -> bool:
        return (await site.person("somebody").get(BOARD)).status == 200

    await until(answers, "leaderboards")


async def joined(site: Site, user_id: str, **profile: object) -> Person:
    """Somebody who takes part."""
    person = site.person(user_id)
    answer = await person.ask("PATCH", ME, {"leaderboard": True, **profile})
    assert (answer.status, answer.body["leaderboard"]) == (200, True), answer
    return person


async def earn(person: Person, seconds: int) -> None:
    """Complete a session of so many seconds at 2 XP each, and wait for the boards to know."""
    path = await person.start()
    person.site.clock.advance(seconds * 1000)
    await person.complete(path)


async def board(person: Person, **query: object) -> dict[str, Any]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = await person.get(f"{BOARD}?{asked}")
    assert answer.status == 200, answer
    return dict(answer.body)


def seen(rows: list[dict[str, Any]]) -> list[tuple[int, str, int]]:
    return [(row["rank"], row["name"], row["xp"]) for row in rows]


async def contest(site: Site) -> list[Person]:
    """Five who take part, of whom the second and the third have earned the same."""
    await built(site)
    people = [await joined(site, f"user-{n}", name=f"P{n}") for n in range(5)]
    for person, seconds in zip(people, (40, 30, 30, 20, 10), strict=True):
        await earn(person, seconds)
    return people


@pytest.mark.gen_test(timeout=30)
async def test_places_and_neighbours_with_a_tie_and_at_both_ends(site: Site) -> None:
    people = await contest(site)
    first, second, third, _, last = people

    # Of equal XP, equal rank; the order of those two is that of Redis, and stays.
    told = await board(first, period="day", limit=3, around=1)
    assert seen(told["results"]) == [(1, "P0", 80), (2, "P2", 60), (2, "P1", 60)]
    assert [row["you"] for row in told["results"]] == [True, False, False]
    assert [*told][:4] == ["period", "dimension", "from", "to"]
    assert (told["size"], told["me"], told["opted_in"]) == (5, {"rank": 1, "xp": 80}, True)
    assert seen(told["neighbours"]) == [(1, "P0", 80), (2, "P2", 60)]
    told = await board(last, period="all", limit=1, around=2)
    assert seen(told["neighbours"]) == [(2, "P1", 60), (4, "P3", 40), (5, "P4", 20)]
    assert seen((await board(third, around=0))["neighbours"]) == [(2, "P2", 60)]

    xp = [(await person.get(ME)).body["xp_creativity"] for person in people]
    told = await board(second, dimension="creativity", around=1)
    assert xp[0] > xp[1] == xp[2] > xp[3] > 0
    assert seen(told["neighbours"]) == [(2, "P2", xp[2]), (2, "P1", xp[1]), (4, "P3", xp[3])]
    assert told["me"] == {"rank": 2, "xp": xp[1]}


@pytest.mark.gen_test(timeout=30)
async def test_who_takes_no_part_is_nowhere_and_may_look(site: Site) -> None:
    first, second, third, *_ = await contest(site)
    hidden = site.person("user-hidden")
    await hidden.ask("PATCH", ME, {"name": "Hidden"})
    await earn(hidden, 35)

    told = await board(hidden, period="month")
    assert (told["me"], told["neighbours"], told["opted_in"]) == (None, [], False)
    assert (told["size"], seen(told["results"])[:2]) == (5, [(1, "P0", 80), (2, "P2", 60)])
    assert set(told["results"][0]) == {"rank", "name", "xp", "life_level", "badges", "you"}
    assert "Hidden" not in str(told)
    assert "user-" not in str(told)
    assert (await board(site.person("user-unseen"), period="month")) == told

    # A name that is blank, and one who has left the books without leaving the set.
    await second.ask("PATCH", ME, {"name": " "})
    async with site.mongo() as database:
        await database["users"].delete_one({"_id": first.user_id})
    told = await board(third, period="month")
    assert seen(told["results"])[:2] == [(2, "P2", 60), (2, "Anonymous", 60)]


@pytest.mark.gen_test(timeout=30)
async def test_one_joins_and_leaves_at_once_and_a_void_takes_back(site: Site) -> None:
    await built(site)
    ada, bob = site.person("ada"), await joined(site, "bob", name="Bob")
    await earn(ada, 40)
    assert (await board(bob))["size"] == 0
    assert (await board(bob))["me"] is None

    for _ in range(2):
        await joined(site, "ada", name="Ada")
        assert seen((await board(ada))["results"]) == [(1, "Ada", 80)]
    for _ in range(2):
        answer = await ada.ask("PATCH", ME, {"leaderboard": False})
        assert answer.body["leaderboard"] is False
        for period in ("day", "week", "month", "all"):
            told = await board(ada, period=period)
            assert (told["size"], told["results"], told["opted_in"]) == (0, [], False)
    async with site.redis() as redis:
        assert await redis.keys(f"{site.settings.redis_prefix}:leaderboard:*") == []

    await joined(site, "ada")
    path = await ada.start()
    site.clock.advance(10_000)
    await ada.complete(path)
    assert (await board(ada))["me"] == {"rank": 1, "xp": 100}
    assert (await ada.post(f"{path}void/")).status == 200
    assert (await board(ada))["me"] == {"rank": 1, "xp": 80}


@pytest.mark.gen_test(timeout=30)
async def test_what_could_not_be_done_after_a_booking_the_node_does_by_itself(site: Site) -> None:
    await built(site)
    ada = await joined(site, "ada")
    await earn(ada, 40)
    async with site.redis() as redis:
        await redis.delete(*await redis.keys(f"{site.settings.redis_prefix}:leaderboard:*"))
    leaderboards = site.node.parts.leaderboards
    leaderboards.owe("ada", site.clock())

    async def paid() -> bool:
        return leaderboards.owed == 0 and (await board(ada))["me"] == {"rank": 1, "xp": 80}

    await until(paid, "what was owed")
    assert seen((await board(ada))["results"]) == [(1, "Anonymous", 80)]


@pytest.mark.gen_test
async def test_a_wrong_question_is_told_what_is_wrong(site: Site) -> None:
    ada = site.person("ada")
    for query, field in (
        ("period=year", "period"),
        ("dimension=xp_total", "dimension"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("around=11", "around"),
        ("around=-1", "around"),
        ("user_id=bob", "user_id"),
    ):
        answer = await ada.get(f"{BOARD}?{query}")
        assert (answer.status, answer.code, set(answer.body["errors"])) == (
            400,
            "invalid_input",
            {field},
        )
    for value in ("true", 1, None):
        answer = await ada.ask("PATCH", ME, {"leaderboard": value})
        assert (answer.status, set(answer.body["errors"])) == (400, {"leaderboard"})
    assert (await ada.get(ME)).body["leaderboard"] is False


@pytest.mark.gen_test(timeout=30)
async def test_periods_turn_at_midnight_in_utc(settings: Settings) -> None:
    # A Sunday, in the 53rd week of the year 2048.
    clock = DrivenClock(ms("2049-01-03T23:59:40"))
    zoned = dataclasses.replace(settings, abandon_after_s=3600)
    async with open_site(zoned, clock) as site:
        await built(site)
        ada = await joined(site, "ada", time_zone="Asia/Tokyo")
        await earn(ada, 10)
        before = {period: await board(ada, period=period) for period in ("day", "week", "month")}
        clock.advance(9_999)
        assert (await board(ada, period="week"))["me"] == {"rank": 1, "xp": 20}
        clock.advance(1)
        after = {period: await board(ada, period=period) for period in ("day", "week", "month")}
        await earn(ada, 60)

        spans = {name: (told["from"], told["to"]) for name, told in before.items()}
        assert spans == {
            "day": ("2049-01-03T00:00:00Z", "2049-01-04T00:00:00Z"),
            "week": ("2048-12-28T00:00:00Z", "2049-01-04T00:00:00Z"),
            "month": ("2049-01-01T00:00:00Z", "2049-02-01T00:00:00Z"),
        }
        assert [told["me"]["xp"] for told in before.values()] == [20, 20, 20]
        assert after["day"]["from"] == after["week"]["from"] == "2049-01-04T00:00:00Z"
        assert (after["day"]["me"], after["week"]["size"]) == (None, 0)
        assert after["month"]["me"] == {"rank": 1, "xp": 20}
        assert (await board(ada, period="week"))["me"] == {"rank": 1, "xp": 120}
        told = await board(ada, period="all")
        assert (told["from"], told["to"], told["me"]["xp"]) == (None, None, 140)
