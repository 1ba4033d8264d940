"""Focus programs while MongoDB or Redis is away: sessions go on, days are credited later."""

import pytest

from config.settings import Settings
from tests.engines import until
from tests.fakes import DrivenClock
from tests.learner import FOCUS, MINUTE_MS, enrolled
from tests.person import Person, open_site
from tests.sockets import Socket
from tests.stores import Stores


@pytest.mark.gen_test(timeout=60)
async def test_a_session_that_ends_without_mongodb_completes_its_day_when_it_is_back(
    own_stores: Stores, impatient: Settings, clock: DrivenClock
) -> None:
    mongod = own_stores.embedded.mongod
    assert mongod is not None
    async with open_site(impatient, clock) as site:
        ada = site.person("ada")
        learner = await enrolled(ada)
        await learner.tick_all(1)
        await learner.reflect(1)
        device = await Socket(site.node, "ada").arrive()
        session_id = await learner.begin(1, 25)
        mongod.kill()
        clock.advance(20 * MINUTE_MS)

        ended = await learner.end(session_id)
        assert (ended["actual_duration_minutes"], ended["persisted"]) == (20, False)
        for answer in (
            await ada.get(f"{FOCUS}history/"),
            await ada.get(learner.path),
            await learner.tick(1, 0),
            await ada.post(
                f"{FOCUS}sessions/start/", {"duration_minutes": 25, "session_type": "custom"}
            ),
            # It has ended; what is said of it afterwards cannot be kept yet.
            await ada.post(
                f"{FOCUS}sessions/complete/", {"session_id": session_id, "productivity_rating": 4}
            ),
        ):
            assert (answer.status, answer.code) == (503, "unavailable"), answer
        assert (await ada.get(f"{FOCUS}sessions/active/")).body == {"active_session": None}

        mongod.spawn()
        await mongod.ready()

        async def told() -> bool:
            return any(one["event"] == "day_completed" for one in device.of_type("program"))

        await until(told, "word of the completed day")
        course = await learner.course()
        assert (course["current_day"], course["progress"]["total_focus_minutes"]) == (2, 20)
        rated = await learner.end(session_id, productivity_rating=4)
        assert "persisted" not in rated


async def listed(person: Person) -> str:
    return str((await person.get(f"{FOCUS}programs/")).body[0]["enrollment_status"])


@pytest.mark.gen_test(timeout=60)
async def test_without_redis_days_change_and_word_of_it_comes_later(
    own_stores: Stores, impatient: Settings, clock: DrivenClock
) -> None:
    redis_server = own_stores.embedded.redis
    assert redis_server is not None
    async with open_site(impatient, clock) as site:
        ada = site.person("ada")
        learner = await enrolled(ada)
        assert await listed(ada) == "in_progress"
        redis_server.kill()
        assert (await learner.tick(1, 0)).status == 200
        assert (await learner.post("programs/pause/")).status == 200
        # Without the kept list it is made anew.
        assert await listed(ada) == "paused"

        redis_server.spawn()
        await redis_server.ready()
        device = Socket(site.node, "ada")
        clock.advance(5_000)

        async def told() -> bool:
            return len(device.of_type("program")) == 2

        await until(told, "word of both changes")
        events = [one["event"] for one in device.of_type("program")]
        assert events == ["task_updated", "program_paused"]
        assert await listed(ada) == "paused"
