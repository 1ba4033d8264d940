"""Customer and buddy sessions while a store is away, and on two nodes at once."""

import asyncio
import functools
from collections.abc import Awaitable

import pytest

from config.settings import Settings
from domain.instants import HOUR_MS, MINUTE_MS
from storage.mongo.audit import Audit
from storage.mongo.client import Mongo
from tests.buddies import SESSION, confirm, pair
from tests.engines import until
from tests.fakes import DrivenClock
from tests.person import Answer, Person, open_site
from tests.stores import Stores

CHAT = "/api/chat/sessions/"
ADMIN = "/api/admin/customer-sessions/"


async def begin(person: Person) -> str:
    answer = await person.post(f"{CHAT}start/", {})
    assert answer.status in (200, 201), answer
    return str(answer.body["session_id"])


async def send(person: Person, session_id: str, **headers: str) -> Answer:
    body = {"session_id": session_id, "activity_type": "message_sent"}
    return await person.post(f"{CHAT}update/", body, **headers)


async def all_put_off(*asked: Awaitable[Answer]) -> None:
    """See that every one of them is told to come back later."""
    for answer in await asyncio.gather(*asked):
        assert (answer.status, answer.code) == (503, "unavailable"), answer
        assert "Retry-After" in answer.headers


async def in_history(person: Person) -> dict[str, int]:
    """The visits of somebody that have ended, with their messages."""
    sessions = (await person.get(f"{CHAT}history/")).body["sessions"]
    return {
        one["session_id"]: one["total_messages_sent"] for one in sessions if not one["is_active"]
    }


async def has_one(person: Person) -> bool:
    """Whether there is a visit in the history, and a history."""
    answer = await person.get(f"{CHAT}history/")
    return answer.status == 200 and answer.body["total_sessions"] == 1


@pytest.mark.gen_test(timeout=40)
async def test_visits_go_on_without_mongodb_and_are_in_the_history_once_it_is_back(
    own_stores: Stores, impatient: Settings, clock: DrivenClock
) -> None:
    mongod = own_stores.embedded.mongod
    assert mongod is not None
    async with open_site(impatient, clock) as site:
        ada, bob, root = site.person("ada"), site.person("bob"), site.person("root", "admin")
        of_ada, of_bob = await begin(ada), await begin(bob)
        mongod.kill()
        counted = [await send(ada, of_ada) for _ in range(3)]
        refreshed = await ada.post(f"{CHAT}start/", {})
        end = {"session_id": of_ada}
        ended, again = [await ada.post(f"{CHAT}end/", end) for _ in range(2)]
        clock.advance(HOUR_MS)
        await site.node.parts.deadlines.scan()
        status = await bob.get(f"{CHAT}status/")

        assert [one.body["total_messages_sent"] for one in counted] == [1, 2, 3]
        assert refreshed.body["message"] == "Existing session refreshed"
        assert (ended.status, ended.body["persisted"]) == (200, False)
        assert again.body == ended.body
        assert status.body["has_active_session"] is False
        await all_put_off(
            ada.get(f"{CHAT}history/"),
            ada.post(f"{CHAT}start/", {}),
            root.get(ADMIN),
            root.get(f"{ADMIN}stats/"),
        )
        mongod.spawn()
        await mongod.ready()

        for person in (ada, bob):
            await until(functools.partial(has_one, person), f"the visit of {person.user_id}")
        assert await in_history(ada) == {of_ada: 3}
        assert await in_history(bob) == {of_bob: 0}


@pytest.mark.gen_test(timeout=40)
async def test_without_redis_no_message_is_counted_that_was_not_acknowledged(
    own_stores: Stores, impatient: Settings, clock: DrivenClock
) -> None:
    redis_server = own_stores.embedded.redis
    assert redis_server is not None
    async with open_site(impatient, clock) as site:
        ada = site.person("ada")
        session_id = await begin(ada)
        await send(ada, session_id, Idempotency_Key="first")
        redis_server.kill()
        await all_put_off(
            send(ada, session_id, Idempotency_Key="second"), ada.get(f"{CHAT}status/")
        )
        redis_server.spawn()
        await redis_server.ready()

        async def is_ready() -> bool:
            return (await ada.get("/readyz")).status == 200

        await until(is_ready, "readiness")
        for key in ("second", "first", "second"):
            answer = await send(ada, session_id, Idempotency_Key=key)
            assert answer.status == 200
        assert (await ada.get(f"{CHAT}status/")).body["total_messages_sent"] == 2


@pytest.mark.gen_test(timeout=40)
async def test_buddies_wait_for_mongodb_and_nothing_of_them_is_lost(
    own_stores: Stores, impatient: Settings, clock: DrivenClock
) -> None:
    mongod = own_stores.embedded.mongod
    assert mongod is not None
    async with open_site(impatient, clock) as site:
        two = await pair(site)
        session_id, unused = await two.appoint(), await two.appoint()
        clock.advance(HOUR_MS)
        first = await confirm(two.ada, session_id, Idempotency_Key="a")
        mongod.kill()
        await all_put_off(
            confirm(two.bob, session_id, Idempotency_Key="b"),
            two.bob.get(f"{SESSION}{session_id}/"),
            two.ada.post(SESSION, two.wish()),
        )
        mongod.spawn()
        await mongod.ready()

        async def confirmed() -> bool:
            return (await confirm(two.bob, session_id, Idempotency_Key="b")).status == 200

        await until(confirmed, "the second confirmation")
        assert first.status == 200
        assert (await confirm(two.ada, session_id, Idempotency_Key="a")).status == 200
        assert (await two.seen(session_id))["status"] == "completed"
        clock.advance(49 * HOUR_MS)
        await site.node.parts.buddy_deadlines.scan()
        assert (await two.seen(unused))["status"] == "expired"


@pytest.mark.gen_test(timeout=30)
async def test_one_visit_on_two_nodes_is_counted_once(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock) as site, open_site(settings, clock) as elsewhere:
        here = site.person("ada")
        there = here.at(elsewhere)
        starts = await asyncio.gather(*(one.post(f"{CHAT}start/", {}) for one in [here, there] * 5))
        session_id = starts[0].body["session_id"]
        # More at once than the tries that a change has: each waits a little, and none is refused.
        updates = await asyncio.gather(*(send(one, session_id) for one in [here, there] * 20))
        clock.advance(5 * MINUTE_MS)
        ends = await asyncio.gather(
            *(one.post(f"{CHAT}end/", {"session_id": session_id}) for one in [here, there] * 5)
        )
        past = await there.get(f"{CHAT}history/")
        listed = (await elsewhere.person("root", "admin").get(ADMIN)).body

    assert {one.body["session_id"] for one in starts} == {session_id}
    assert sorted(one.status for one in starts) == [200] * 9 + [201]
    assert {one.status for one in updates} == {200}
    assert {one.raw for one in ends} == {ends[0].raw}
    assert ends[0].body["total_messages_sent"] == 40
    assert past.body["summary"]["total_messages_sent"] == 40
    assert [row["session_id"] for row in listed["results"]] == [session_id]


@pytest.mark.gen_test
async def test_the_books_agree_on_visits_that_count_for_nothing(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock) as site:
        ada = site.person("ada")
        ids = []
        for _ in range(3):
            ids.append(await begin(ada))
            await send(ada, ids[-1])
            clock.advance(MINUTE_MS)
            await ada.post(f"{CHAT}end/", {"session_id": ids[-1]})
        await ada.post(f"/api/v1/sessions/{ids[-1]}/void/")
        await ada.complete(await ada.start())
        mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
        audit = Audit(mongo)
        wrong = [one async for one in audit.differences()]
        mongo.close()

        assert wrong == []
        assert audit.sessions == 4
        assert (await ada.get("/api/v1/xp/")).body["sessions_completed"] == 1
