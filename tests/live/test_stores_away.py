"""A node whose stores go away and come back: nothing acknowledged is lost, nothing is doubled."""

import asyncio
import dataclasses
from pathlib import Path

import pytest

from config.settings import Settings
from storage.redis.keys import Keys
from tests.engines import until
from tests.fakes import DrivenClock
from tests.person import SESSIONS, Answer, Person, Site, open_site
from tests.settlers import check_books
from tests.stores import Stores, settings_on
from tests.timed import MINUTE, SECOND

READY = "/readyz"


@pytest.fixture
def impatient(own_stores: Stores, tmp_path: Path) -> Settings:
    """Settings on stores of the test's own, for a node that notices quickly."""
    return dataclasses.replace(
        settings_on(own_stores, tmp_path), heartbeat_s=0.2, reconcile_s=0.5, complete_wait_s=0.1
    )


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


@pytest.mark.gen_test(timeout=40)
async def test_sessions_go_on_and_end_without_mongodb_and_are_all_booked_once_it_is_back(
    own_stores: Stores, impatient: Settings, clock: DrivenClock
) -> None:
    mongod = own_stores.embedded.mongod
    assert mongod is not None
    async with open_site(impatient, clock) as site:
        people = [site.person(f"u-{n}") for n in range(4)]
        paths = [await person.start() for person in people]
        plan = await people[0].plan()
        timed = await people[3].put(paths[3], {"status": "completed"})
        assert timed.status == 200
        paths[3] = await people[3].start(planned_duration_seconds=30)
        mongod.kill()

        clock.advance(MINUTE)
        paused = await people[0].post(f"{paths[0]}pause/", {})
        resumed = await people[0].post(f"{paths[0]}resume/", {})
        assert (paused.body["status"], resumed.body["status"]) == ("paused", "active")
        ends = [
            await person.put(path, {"status": "completed"})
            for person, path in zip(people[:2], paths[:2], strict=True)
        ]
        canceled = await people[2].post(f"{paths[2]}cancel/", {})
        await site.node.parts.deadlines.scan()
        shown = await people[3].get(paths[3])
        refused = await people[0].post(SESSIONS, plan)
        history = await people[0].get(f"/api/v1/goals/{plan['goal_id']}/sessions/")

        assert [(end.status, end.body["persisted"], end.body["status"]) for end in ends] == [
            (200, False, "completed")
        ] * 2
        assert [end.body["xp_total"] for end in ends] == [120, 120]
        assert canceled.body["status"] == "canceled"
        assert shown.body["completed_reason"] == "auto"
        assert put_off(refused)
        assert put_off(history)
        assert await is_ready(people[0])
        waiting = await outbox_length(site)
        assert waiting == 4

        mongod.spawn()
        await mongod.ready()

        async def is_drained() -> bool:
            return await outbox_length(site) == 0

        await until(is_drained, "a drained outbox")
        async with site.mongo() as database:
            books = await check_books(database)
        assert books["u-0"] == ends[0].body["xp_total"]
        assert books["u-1"] == ends[1].body["xp_total"]
        assert books["u-2"] == 0
        assert books["u-3"] == shown.body["xp_total"] + timed.body["xp_total"]
        repeated = await people[0].put(paths[0], {"status": "completed"})
        assert (repeated.status, repeated.body["persisted"]) == (200, True)
        started = await people[0].post(SESSIONS, plan)
        assert started.status == 201


@pytest.mark.gen_test(timeout=40)
async def test_without_redis_nothing_is_promised_and_nothing_that_was_is_lost(
    own_stores: Stores, impatient: Settings, clock: DrivenClock
) -> None:
    redis_server = own_stores.embedded.redis
    assert redis_server is not None
    async with open_site(impatient, clock) as site:
        ada, bob, eve = (site.person(name) for name in ("ada", "bob", "eve"))
        of_ada, of_bob = await ada.start(), await bob.start(planned_duration_seconds=60)
        done = await eve.complete(await eve.start())
        clock.advance(20 * SECOND)
        paused = await ada.post(f"{of_ada}pause/", {"cmd_id": "p-1"})
        assert paused.status == 200
        plan = await eve.plan()
        redis_server.kill()

        clock.advance(10 * SECOND)
        refused = await asyncio.gather(
            ada.post(f"{of_ada}resume/", {"cmd_id": "r-1"}),
            bob.post(f"{of_bob}pause/", {}),
            bob.put(of_bob, {"status": "completed"}),
            bob.post(f"{of_bob}cancel/", {}),
            eve.post(SESSIONS, plan),
        )
        assert all(put_off(answer) for answer in refused)
        active = await ada.get(f"{SESSIONS}active/")
        assert active.status == 200
        assert active.body["stale"] is True
        assert [(one["status"], one["focused_ms"]) for one in active.body["results"]] == [
            ("paused", 20_000)
        ]

        async def is_not_ready() -> bool:
            return not await is_ready(ada)

        await until(is_not_ready, "readiness withdrawn")
        clock.advance(60 * SECOND)
        redis_server.spawn()
        await redis_server.ready()
        await until(lambda: is_ready(ada), "readiness")

        async def bob_has_ended() -> bool:
            return bool((await bob.get(of_bob)).body["status"] == "completed")

        await until(bob_has_ended, "the planned end")
        auto = (await bob.get(of_bob)).body
        assert (auto["completed_reason"], auto["focused_ms"]) == ("auto", 60_000)
        now = await ada.get(f"{SESSIONS}active/")
        assert now.body["stale"] is False
        assert [one["rev"] for one in now.body["results"]] == [paused.body["rev"]]
        again = await ada.post(f"{of_ada}pause/", {"cmd_id": "p-1"})
        assert again.body == paused.body
        resumed = await ada.post(f"{of_ada}resume/", {"cmd_id": "r-1"})
        assert (resumed.body["status"], resumed.body["rev"]) == ("active", paused.body["rev"] + 1)
        clock.advance(5 * SECOND)
        ended = await ada.put(of_ada, {"status": "completed"})
        assert ended.body["focused_ms"] == 25_000

        async def all_are_booked() -> bool:
            return await outbox_length(site) == 0

        await until(all_are_booked, "a drained outbox")
        async with site.mongo() as database:
            books = await check_books(database)
        assert books == {
            "ada": ended.body["xp_total"],
            "bob": auto["xp_total"],
            "eve": done["xp_total"],
        }
