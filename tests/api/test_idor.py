"""Somebody else's things: on every path they are as if they had never been.

The operations are those of the router. A new path with an id in it fails here until the
test knows what stands behind that id.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from tornado.ioloop import IOLoop

from config.settings import Settings
from handlers.openapi import document
from handlers.routes import every_route
from tests.downloads import download
from tests.engines import until
from tests.fakes import DrivenClock
from tests.learner import enrolled
from tests.maker import made, share
from tests.person import ACTIVITY, GOAL, SESSIONS, Answer, Person, Site, open_site

ARGUMENT: Final = re.compile(r"\{(\w+)\}")
UNKNOWN: Final = {
    "session_id": "never-was",
    "goal_id": "00000000-0000-4000-8000-000000000000",
    "activity_id": "00000000-0000-4000-8000-000000000000",
    "enrollment_id": "999999",
    "day_number": "1",
    "week_number": "1",
    "program_id": "999999",
}
ELSEWHERE: Final = {"token", "code"}
"""Arguments that are secrets themselves; test_calendar and test_shared_programs have those."""
TELLING: Final = ("goal_id", "activity_id", "session_id", "code")
"""Ids that stand nowhere by chance."""
PROGRAM_NAME: Final = "Learning to say nothing"
BY_ROLE: Final = (
    "/api/v1/users/",
    "/api/session/",
    "/api/admin/",
    "/api/review/",
    "/media/review/",
)
"""What is open to services or administrators alone, of any user (tests/api/test_subscriptions.py
and test_review_admin.py have that), what answers strangers with 403, as its contract wants it
(test_buddy_access.py), and what is for whoever knows its id (test_review_access.py)."""
BODIES: Final[dict[tuple[str, str], dict[str, object]]] = {
    ("PUT", "/api/v1/sessions/{session_id}/"): {"status": "completed"},
    ("POST", "/api/v1/sessions/{session_id}/distraction/"): {"note": "x"},
    ("POST", "/api/v1/focus/programs/{enrollment_id}/days/{day_number}/rating/"): {"notes": "x"},
    ("PATCH", "/api/v1/focus/programs/custom/{program_id}/"): {"name": "Mine now"},
    ("PATCH", "/api/v1/goals/{goal_id}/"): {"title": "Mine now"},
    ("PATCH", "/api/v1/activities/{activity_id}/"): {"name": "Mine now"},
}
TOTALS: Final = ("PUT", "/api/v1/sessions/{session_id}/")
"""A service stores totals of sessions it knows by id; tests/api/test_session_sync.py has that."""


@pytest.fixture
def site(io_loop: IOLoop, settings: Settings, clock: DrivenClock) -> Iterator[Site]:
    """A node that leaves what is shown of live sessions alone, which must stay as it is."""
    running = open_site(settings, clock, live_refresh_s=300.0)
    yield io_loop.run_sync(running.__aenter__)
    io_loop.run_sync(lambda: running.__aexit__(None, None, None))


def operations() -> list[tuple[str, str]]:
    paths: Any = document(every_route())["paths"]
    return sorted((method.upper(), path) for path, item in paths.items() for method in item)


def with_ids() -> list[tuple[str, str]]:
    return [
        (method, path)
        for method, path in operations()
        if set(ARGUMENT.findall(path)) - ELSEWHERE and not path.startswith(BY_ROLE)
    ]


async def ask(person: Person, operation: tuple[str, str], ids: dict[str, str]) -> Answer:
    method, path = operation
    target = ARGUMENT.sub(lambda found: ids[found[1]], path)
    return await person.ask(method, target, BODIES.get(operation))


async def drained(site: Site) -> bool:
    """Whether all that has ended is in MongoDB; nobody waits for a canceled session."""
    async with site.redis() as redis:
        return not await redis.xlen(f"{site.settings.redis_prefix}:{{0}}:outbox")


async def possessions(ada: Person) -> list[dict[str, str]]:
    """What Ada has: a goal, an activity, programs, and sessions in each of their states."""
    learner = await enrolled(ada)
    await learner.do(1)
    course = {"enrollment_id": str(learner.enrollment_id), "day_number": "1", "week_number": "1"}
    program = await made(ada, name=PROGRAM_NAME)
    course |= {"program_id": str(program["id"]), "code": await share(ada, program)}
    goal = (await ada.post("/api/v1/goals/", GOAL)).body["id"]
    activity = (await ada.post("/api/v1/activities/", ACTIVITY)).body["id"]
    plan = {"goal_id": goal, "activity_id": activity}
    paths = []
    for ending in ("complete", "cancel", None):
        path = await ada.start(**plan)
        ada.site.clock.advance(60_000)
        if ending == "complete":
            await ada.complete(path)
        elif ending == "cancel":
            await ada.post(f"{path}cancel/")
        paths.append(path)
    plan |= course
    await until(lambda: drained(ada.site), "the outbox is empty")
    return [plan | {"session_id": path.split("/")[-2]} for path in paths]


@pytest.mark.gen_test(timeout=60)
async def test_nobody_reaches_anothers_things_by_their_ids(site: Site, ada: Person) -> None:
    owned = await possessions(ada)
    before = await site.contents()
    strangers = [site.person("bob"), site.person("root", "admin"), site.person("sync", "service")]
    tried = 0
    for operation in with_ids():
        assert {*ARGUMENT.findall(operation[1])} <= UNKNOWN.keys(), operation
        for stranger in strangers:
            if operation == TOTALS and "service" in stranger.roles:
                continue
            unknown = await ask(stranger, operation, UNKNOWN)
            assert (unknown.status, unknown.code) == (404, "not_found"), (operation, unknown)
            for ids in owned:
                foreign = await ask(stranger, operation, ids)
                assert (foreign.status, foreign.told) == (404, unknown.told), (operation, ids)
                tried += 1

    after = await site.contents()
    # The strangers themselves have become known; nothing else has changed.
    users = [user for user in after["users"] if user["_id"] not in ("bob", "root", "sync")]
    assert after | {"users": users} == before
    assert tried > 100


@pytest.mark.gen_test(timeout=60)
async def test_no_list_shows_anothers_things(site: Site, ada: Person) -> None:
    owned = await possessions(ada)
    hers = {ids[name] for ids in owned for name in TELLING} | {GOAL["title"], PROGRAM_NAME}
    bob = site.person("bob")

    async def built() -> bool:
        return (await bob.get("/api/v1/leaderboards/")).status == 200

    await until(built, "the leaderboards")
    for method, path in operations():
        if method == "GET" and not ARGUMENT.search(path) and path.startswith("/api/v1/"):
            answer = await download(bob, path)
            assert answer.code == 200, path
            shown = {one for one in hers if str(one).encode() in answer.body}
            assert shown == set(), path
    filters = [f"goal={owned[0]['goal_id']}", f"activity={owned[0]['activity_id']}"]
    for narrowed in filters:
        assert (await bob.get(f"{SESSIONS}?{narrowed}")).body["results"] == []
