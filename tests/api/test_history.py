"""The list of past sessions: what is in it, what is asked of it, whose it is."""

from typing import Any

import pytest

from storage.mongo.client import instant
from tests.fakes import START_MS
from tests.person import SESSIONS, Person, Site

pytestmark = pytest.mark.kept_database

NOBODYS = "00000000-0000-4000-8000-000000000000"
GOAL, ACTIVITY = NOBODYS.replace("0", "1"), NOBODYS.replace("0", "2")
BEGAN = "2049-03-22T04:26:40Z"


async def ids(person: Person, query: str = "") -> list[str]:
    """The sessions that are listed, by id."""
    answer = await person.get(f"{SESSIONS}?{query}")
    assert answer.status == 200, answer
    assert answer.body["next"] is None
    return [item["id"] for item in answer.body["results"]]


async def keep(site: Site, user_id: str, **sessions: dict[str, Any]) -> None:
    """Put past sessions of a user, an hour after one another, where settling puts them."""
    common = {"user_id": user_id, "kind": "xp", "status": "completed", "xp_total": 0}
    common |= {"completed_reason": "manual", "ended_at": instant(START_MS + 10**8)}
    documents = [
        {"_id": f"{user_id}-{name}", **common, "started_at": instant(START_MS + 3_600_000 * n)}
        | changes
        for n, (name, changes) in enumerate(sessions.items())
    ]
    async with site.mongo() as database:
        await database["sessions"].insert_many(documents)


@pytest.mark.gen_test
async def test_the_list_shows_what_a_session_came_to(site: Site, ada: Person) -> None:
    plan = await ada.plan()
    path = await ada.start(session_id="listed", **plan)
    site.clock.advance(60_000)
    running = await ada.get(SESSIONS)
    ended = await ada.complete(path)
    answer = await ada.get(SESSIONS.rstrip("/"))
    of_goal = await ada.get(f"/api/v1/goals/{plan['goal_id']}/sessions/")
    (item,) = answer.body["results"]

    assert ended["xp_total"] > 0
    assert running.body == {"results": [], "next": None}
    assert item == {
        "id": "listed",
        "kind": "xp",
        "status": "completed",
        "goal_id": plan["goal_id"],
        "started_at": BEGAN,
        "ended_at": "2049-03-22T04:27:40Z",
        "total_duration_seconds": 60,
        "focused_duration_seconds": 60,
        **{name: ended[name] for name in ended if name.startswith("xp_")},
        "completed_reason": "manual",
        "activity": {"id": plan["activity_id"], "name": "Drawing", "emoji": "🎨"},
    }
    (shown,) = of_goal.body["results"]
    assert shown == {name: item[name] for name in shown}
    assert item.keys() - shown.keys() == {"kind", "status", "goal_id"}


@pytest.mark.gen_test
async def test_every_filter_shows_what_fits_and_to_its_owner_alone(site: Site) -> None:
    fay, gil = site.person("fay"), site.person("gil")
    await keep(
        site,
        "fay",
        plain={},
        goal={"goal_id": GOAL},
        both={"goal_id": GOAL, "activity_id": ACTIVITY},
        focus={"kind": "focus"},
        lost={"completed_reason": "crash_recovered"},
        voided={"status": "voided"},
        canceled={"status": "canceled", "completed_reason": None},
        external={"status": "active", "source": "external"},
    )
    found = {
        "": ["lost", "focus", "both", "goal", "plain"],
        f"goal={GOAL}": ["both", "goal"],
        f"goal={GOAL.upper()}&activity={ACTIVITY}": ["both"],
        f"activity={NOBODYS}": [],
        "kind=focus": ["focus"],
        "kind=customer": [],
        "reason=crash_recovered": ["lost"],
        "reason=manual&kind=xp": ["both", "goal", "plain"],
        "status=voided": ["voided"],
        "status=canceled": ["canceled"],
        "status=all": ["canceled", "voided", "lost", "focus", "both", "goal", "plain"],
        f"to={BEGAN}": [],
        f"from={BEGAN}&to=2049-03-22T05:26:40Z": ["plain"],
        "from=2049-03-22T07:26:40.001Z": ["lost"],
        f"from={BEGAN}&to={BEGAN}": [],
    }
    for query, expected in found.items():
        assert await ids(fay, query) == [f"fay-{name}" for name in expected], query
        assert await ids(gil, query) == [], query
        assert await ids(site.person("root", "admin"), query) == [], query


@pytest.mark.gen_test
async def test_pages_go_on_where_the_last_one_ended_whatever_comes_in_between(site: Site) -> None:
    hal = site.person("hal")
    at = instant(START_MS)
    await keep(site, "hal", **{f"n{n}": {"started_at": at} for n in range(5)}, late={})
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = f"status=all&limit=2&cursor={cursor}" if cursor else "status=all&limit=2"
        answer = await hal.get(f"{SESSIONS}?{query}")
        seen += [item["id"] for item in answer.body["results"]]
        cursor = answer.body["next"]
        if len(seen) == 2:
            await keep(site, "hal", newest={"started_at": instant(START_MS + 10**9)})

    assert seen == ["hal-late", *(f"hal-n{n}" for n in reversed(range(5)))]


@pytest.mark.gen_test
async def test_what_cannot_be_asked_is_refused(ada: Person) -> None:
    faults = {
        "goal=7": "goal",
        "activity=x": "activity",
        "kind=other": "kind",
        "reason=bored": "reason",
        "status=active": "status",
        "from=yesterday": "from",
        "to=2049-03-22": "to",
        f"from={BEGAN}&to=2049-03-22T04:26:39Z": "to",
        "limit=0": "limit",
        "cursor=x": "cursor",
        "user_id=bob": "user_id",
        "kind=xp&kind=focus": "kind",
        "kind[$ne]=xp": "kind[$ne]",
    }
    for query, field in faults.items():
        for path in (SESSIONS, "/api/v1/exports/sessions.csv"):
            answer = await ada.get(f"{path}?{query}")
            assert (answer.status, answer.code) == (400, "invalid_input"), (path, query)
            if path == SESSIONS:
                assert list(answer.body["errors"]) == [field], query
