"""A node whose stores go away and come back: nothing acknowledged is lost, nothing is doubled."""

import asyncio
import uuid

import pytest

from config.settings import Settings
from storage.redis.keys import Keys
from tests.engines import until
from tests.fakes import DrivenClock
from tests.person import RATING, SESSIONS, Answer, Person, Site, open_site
from tests.settlers import check_books
from tests.stores import Stores
from tests.timed import MINUTE, SECOND

READY = "/readyz"
XP_OF_25_S = RATING.rates.xp(25 * SECOND).total


async def is_ready(person: Person) -> bool:
    return (await person.get(READY)).status == 200


def put_off(answer: Answer) -> bool:
    """Whether the caller is told to come back later, and when."""
    assert answer.status == 503, answer
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.code == "unavailable"
    assert answer.body["retryable"] is True
    return True


async def outbox_length(site: Site) -> int:
    async with site.redis() as redis:
        return int(await redis.xlen(Keys(site.settings.redis_prefix).all_shards()[0].outbox))


async def end_all(people: list[Person], paths: list[str]) -> list[Answer]:
    """Complete, complete, cancel, and let time run out; the answers."""
    paused = await people[0].post(f"{paths[0]}pause/", {})
    resumed = await people[0].post(f"{paths[0]}resume/", {})
    assert (paused.body["status"], resumed.body["status"]) == ("paused", "active")
    completed = [await people[n].put(paths[n], {"status": "completed"}) for n in range(2)]
    canceled = await people[2].post(f"{paths[2]}cancel/", {})
    await people[3].site.node.parts.deadlines.scan()
    return [*completed, canceled, await people[3].get(paths[3])]


async def books_once_drained(site: Site) -> dict[str, int]:
    """Every user's XP, checked against the ledger, when nothing waits any more."""

    async def is_drained() -> bool:
        return await outbox_length(site) == 0

    await until(is_drained, "a drained outbox")
    async with site.mongo() as database:
        return await check_books(database)


@pytest.mark.gen_test(timeout=40)
async def test_sessions_go_on_and_end_without_mongodb_and_are_all_booked_once_it_is_back(
    own_stores: Stores, impatient: Settings, clock: DrivenClock
) -> None:
    mongod = own_stores.embedded.mongod
    assert mongod is not None
    async with open_site(impatient, clock) as site:
        people = [site.person(f"u-{n}") for n in range(4)]
        paths = [await person.start() for person in people[:3]]
        paths.append(await people[3].start(planned_duration_seconds=30))
        plan = await people[0].plan()
        mongod.kill()
        clock.advance(MINUTE)

        ends = await end_all(people, paths)
        refused = await people[0].post(SESSIONS, plan)
        history = await people[0].get(f"/api/v1/goals/{plan['goal_id']}/sessions/")

        assert [(end.status, end.body["persisted"]) for end in ends[:2]] == [(200, False)] * 2
        # 60 s and 30 s at 2 XP a second; what was canceled is worth nothing.
        assert [end.body["xp_total"] for end in ends] == [120, 120, 0, 60]
        assert ends[3].body["completed_reason"] == "auto"
        assert put_off(refused)
        assert put_off(history)
        assert await is_ready(people[0])
        assert await outbox_length(site) == 4

        mongod.spawn()
        await mongod.ready()

        books = await books_once_drained(site)
        assert books == {"u-0": 120, "u-1": 120, "u-2": 0, "u-3": 60}
        await people[0].complete(paths[0])
        assert (await people[0].post(SESSIONS, plan)).status == 201


async def promises_nothing(ada: Person, bob: Person, of_ada: str, of_bob: str) -> None:
    """See what a node without Redis answers to commands and reads."""
    plan = {"goal_id": str(uuid.uuid4()), "activity_id": str(uuid.uuid4())}
    refused = await asyncio.gather(
        ada.post(f"{of_ada}resume/", {"cmd_id": "r-1"}),
        bob.post(f"{of_bob}pause/", {}),
        bob.put(of_bob, {"status": "completed"}),
        bob.post(f"{of_bob}cancel/", {}),
    )
    assert all(put_off(answer) for answer in refused)
    assert (await ada.post(SESSIONS, plan)).status != 201
    active = await ada.get(f"{SESSIONS}active/")
    assert (active.status, active.body["stale"]) == (200, True)
    shown = [(one["status"], one["focused_ms"]) for one in active.body["results"]]
    assert shown == [("paused", 20 * SECOND)]

    async def is_not_ready() -> bool:
        return not await is_ready(ada)

    await until(is_not_ready, "readiness withdrawn")


@pytest.mark.gen_test(timeout=40)
async def test_without_redis_nothing_is_promised_and_nothing_that_was_is_lost(
    own_stores: Stores, impatient: Settings, clock: DrivenClock
) -> None:
    redis_server = own_stores.embedded.redis
    assert redis_server is not None
    async with open_site(impatient, clock) as site:
        ada, bob, eve = (site.person(name) for name in ("ada", "bob", "eve"))
        of_ada, of_bob = await ada.start(), await bob.start(planned_duration_seconds=60)
        await eve.complete(await eve.start())
        clock.advance(20 * SECOND)
        paused = await ada.post(f"{of_ada}pause/", {"cmd_id": "p-1"})
        redis_server.kill()

        await promises_nothing(ada, bob, of_ada, of_bob)
        clock.advance(MINUTE)
        redis_server.spawn()
        await redis_server.ready()
        await until(lambda: is_ready(ada), "readiness")
        await site.node.parts.deadlines.scan()

        auto = (await bob.get(of_bob)).body
        assert (auto["completed_reason"], auto["focused_ms"]) == ("auto", MINUTE)
        now = (await ada.get(f"{SESSIONS}active/")).body
        assert (now["stale"], [one["rev"] for one in now["results"]]) == (False, [2])
        assert (await ada.post(f"{of_ada}pause/", {"cmd_id": "p-1"})).body == paused.body
        resumed = await ada.post(f"{of_ada}resume/", {"cmd_id": "r-1"})
        assert (resumed.body["status"], resumed.body["rev"]) == ("active", paused.body["rev"] + 1)
        clock.advance(5 * SECOND)
        assert (await ada.complete(of_ada))["focused_ms"] == 25 * SECOND
        assert await books_once_drained(site) == {"ada": XP_OF_25_S, "bob": 120, "eve": 0}
