"""XP totals, the ledger behind them, and taking a session back."""

import asyncio
import dataclasses
from typing import Any

import pytest

from domain.booking import VOID_WINDOW_MS, XP_FIELDS
from tests.person import SESSIONS, Person, Site

pytestmark = pytest.mark.kept_database

XP, LEDGER = "/api/v1/xp/", "/api/v1/xp/ledger/"
END = {"status": "completed"}


async def earned(site: Site, person: Person, seconds: int, **told: object) -> str:
    """A completed session of so many focused seconds; its path."""
    path = await person.start(**told)
    site.clock.advance(seconds * 1000)
    await person.complete(path)
    return path


async def streak(person: Person) -> tuple[Any, ...]:
    """The streak of a person, and the state of their last days."""
    told = (await person.get("/api/v1/streak/")).body
    return told["current"], told["longest"], [day["state"] for day in told["days"]]


def id_of(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]


async def held(site: Site, user_id: str) -> dict[str, Any]:
    """What the books hold of a user, but for the marks of time and the count of bookings."""
    async with site.mongo() as database:
        user = await database["users"].find_one({"_id": user_id})
        days = await database["days"].find({"user_id": user_id}).sort("_id").to_list(None)
    assert user is not None
    names = (*XP_FIELDS, "life_level", "sessions_completed")
    return {"user": {name: user[name] for name in names}, "days": days}


@pytest.mark.gen_test
async def test_totals_and_level_are_those_of_the_ledger(site: Site) -> None:
    eve = site.person("eve-totals")
    nothing = await eve.get(XP)
    for seconds in (400, 170):
        await earned(site, eve, seconds)
    told = await eve.get(XP)
    ledger = (await eve.get(LEDGER)).body

    assert nothing.body == {
        **dict.fromkeys(XP_FIELDS, 0),
        "life_level": 1,
        "level_xp": 0,
        "next_level_xp": 1000,
        "xp_to_next": 1000,
        "progress": 0.0,
        "sessions_completed": 0,
    }
    assert told.body["xp_total"] == 1140
    assert (
        told.body
        | {
            "life_level": 2,
            "level_xp": 1000,
            "next_level_xp": 3000,
            "xp_to_next": 1860,
            "progress": 0.07,
            "sessions_completed": 2,
        }
        == told.body
    )
    for name in XP_FIELDS:
        assert told.body[name] == sum(entry[name] for entry in ledger["results"])
    assert [entry["xp_total"] for entry in ledger["results"]] == [340, 800]
    assert ledger["next"] is None


@pytest.mark.gen_test
async def test_the_ledger_is_paged_and_ones_own(site: Site) -> None:
    eve, bob = site.person("eve-ledger"), site.person("bob-ledger")
    paths = [await earned(site, eve, 10, session_id=f"{n}{'x' * 127}") for n in range(3)]
    await eve.post(f"{paths[2]}void/")
    pages = [(await eve.get(f"{LEDGER}?limit=1")).body]
    while pages[-1]["next"]:
        pages.append((await eve.get(f"{LEDGER}?limit=1&cursor={pages[-1]['next']}")).body)
    seen = [page["results"][0] for page in pages]

    assert [(entry["type"], entry["session_id"][0]) for entry in seen] == [
        ("void", "2"),
        ("session", "2"),
        ("session", "1"),
        ("session", "0"),
    ]
    assert seen[0] == seen[1] | {
        "id": f"void:{seen[1]['id']}",
        "type": "void",
        "booked_at": seen[0]["booked_at"],
        **{name: -seen[1][name] for name in XP_FIELDS},
    }
    assert (await bob.get(LEDGER)).body == {"results": [], "next": None}
    assert (await bob.get(f"{LEDGER}?cursor={pages[2]['next']}")).body["results"] == []
    assert (await bob.get(f"{LEDGER}?cursor=None")).status == 400
    assert (await eve.get(f"{LEDGER}?limit=101")).status == 400


@pytest.mark.gen_test
async def test_a_void_leaves_the_books_as_if_the_session_had_never_been(site: Site) -> None:
    eve = site.person("eve-void")
    plan = await eve.plan()
    await earned(site, eve, 400, **plan)
    goal = f"/api/v1/goals/{plan['goal_id']}/"
    before, goal_before = await held(site, "eve-void"), (await eve.get(goal)).body
    site.clock.advance(86_400_000)
    streak_before = await streak(eve)
    path = await earned(site, eve, 7_200, **plan)
    between, streak_between = await held(site, "eve-void"), await streak(eve)
    voided = await eve.post(f"{path}void/")
    repeated = await eve.post(f"{path}void/")
    after = await held(site, "eve-void")

    assert between["user"]["life_level"] > before["user"]["life_level"]
    assert (voided.status, voided.body["status"], voided.body["xp_total"]) == (200, "voided", 14400)
    assert repeated.told == voided.told
    assert (streak_before[0], streak_between[0]) == (1, 2)
    assert await streak(eve) == streak_before
    assert after["user"] == before["user"]
    of_the_day = {key: value for key, value in after["days"][1].items() if isinstance(value, int)}
    assert set(of_the_day.values()) == {0}
    assert after["days"][:1] == before["days"]
    assert (await eve.get(goal)).body == goal_before
    history = (await eve.get(f"{goal}sessions/")).body["results"]
    assert id_of(path) not in [item["id"] for item in history]
    assert (await eve.get(path)).body["status"] == "voided"


@pytest.mark.gen_test
async def test_a_voided_session_stays_voided(site: Site) -> None:
    eve = site.person("eve-stays")
    plan = await eve.plan()
    path = await earned(site, eve, 60, **plan)
    await eve.post(f"{path}void/")
    commands = [await eve.post(f"{path}{name}/") for name in ("pause", "resume", "cancel")]
    completed = await eve.put(path, END)
    started = await eve.post(SESSIONS, {**plan, "session_id": id_of(path)})

    assert (await eve.get(path)).body["status"] == "voided"
    for answer in (*commands, completed):
        assert (answer.status, answer.code) == (409, "wrong_state")
        assert answer.body["state"]["status"] == "voided"
    assert (started.status, started.code) == (409, "id_taken")


@pytest.mark.gen_test
async def test_many_voids_at_once_are_one(site: Site) -> None:
    eve = site.person("eve-many")
    path = await earned(site, eve, 60)
    answers = await asyncio.gather(*(eve.post(f"{path}void/") for _ in range(12)))
    # Writers that met in the database may be told to come again.
    assert {answer.status for answer in answers} <= {200, 503}
    assert (await eve.post(f"{path}void/")).status == 200
    assert await site.totals("eve-many") == (0, 0, 2)


@pytest.mark.gen_test
async def test_only_a_completed_session_of_ones_own_can_be_voided_and_not_for_long(
    site: Site,
) -> None:
    eve, bob = site.person("eve-late"), site.person("bob-late")
    plan = await eve.plan()
    running = await eve.start(**plan)
    refused = [await eve.post(f"{running}void/")]
    await eve.post(f"{running}cancel/")
    refused += [await eve.post(f"{running}void/")]
    late = await earned(site, eve, 10, **plan)
    site.clock.advance(VOID_WINDOW_MS + 1)
    refused += [await eve.post(f"{late}void/")]
    path = await earned(site, eve, 10, **plan)
    strangers = [bob, site.person("root", "admin"), site.person("sync", "service")]
    unknown = await bob.post(f"{SESSIONS}unknown/void/")
    foreign = [await person.post(f"{path}void/") for person in strangers]
    site.clock.advance(VOID_WINDOW_MS)
    at_last = await eve.post(f"{path}void/")

    assert [(answer.status, answer.code) for answer in refused] == [(409, "wrong_state")] * 3
    states = [answer.body["state"]["status"] for answer in refused]
    assert states == ["active", "canceled", "completed"]
    for answer in foreign:
        assert (answer.status, answer.told) == (404, unknown.told)
    assert at_last.status == 200
    assert await site.totals("eve-late") == (20, 1, 4)


@pytest.mark.gen_test
async def test_an_external_session_is_voided_too_and_its_store_told_so(site: Site) -> None:
    eve, sync = site.person("eve-ext"), site.person("sync", "service")
    plan = await eve.plan()
    told = {
        **END,
        "user_id": "eve-ext",
        "ended_at": "2049-03-22T04:26:40Z",
        "focused_duration_seconds": 60,
        "xp_total": 120,
        "xp_logic": 120,
    }
    registered = {**plan, "session_id": "ext-1", "user_id": "eve-ext", "status": "active"}
    assert (await sync.post(SESSIONS, registered)).status == 200
    assert (await sync.put(f"{SESSIONS}ext-1/", told)).body["status"] == "completed"
    assert (await eve.post(f"{SESSIONS}ext-1/void/")).body["status"] == "voided"
    repeated = await sync.put(f"{SESSIONS}ext-1/", told)
    again = await sync.post(SESSIONS, registered)

    assert (repeated.body["status"], repeated.body["xp_total"]) == ("voided", 120)
    assert again.body == {"id": "ext-1", "status": "voided"}
    assert await site.totals("eve-ext") == (0, 0, 2)


@pytest.mark.gen_test
async def test_nobody_reads_xp_without_a_token(site: Site) -> None:
    nobody = dataclasses.replace(site.person("nobody"), bearer="")
    answers = [
        await nobody.get(XP),
        await nobody.get(LEDGER),
        await nobody.post(f"{SESSIONS}x/void/"),
    ]

    assert [(answer.status, answer.code) for answer in answers] == [(401, "not_authenticated")] * 3
