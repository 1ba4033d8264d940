"""Without MongoDB nobody is told that there is no past."""

import asyncio

import pytest

from config.settings import Settings
from tests.fakes import DrivenClock
from tests.person import SESSIONS, Person, open_site
from tests.stores import Stores, settings_on
from tests.timed import MINUTE


@pytest.mark.gen_test(timeout=40)
async def test_everything_about_the_past_is_put_off_while_mongodb_is_away(
    own_stores: Stores, tmp_path_factory: pytest.TempPathFactory, clock: DrivenClock
) -> None:
    settings: Settings = settings_on(own_stores, tmp_path_factory.mktemp("node"))
    mongod = own_stores.embedded.mongod
    assert mongod is not None
    async with open_site(settings, clock) as site:
        ada = site.person("ada")
        past = await ada.start()
        clock.advance(MINUTE)
        await ada.complete(past)
        url = (await ada.post("/api/v1/calendar/")).body["url"]
        live = await ada.start()
        mongod.kill()

        asked = [
            ("GET", f"{SESSIONS}?goal=00000000-0000-4000-8000-000000000000"),
            ("GET", f"{past}timeline/"),
            *(("GET", f"/api/v1/exports/sessions.{form}") for form in ("csv", "json")),
            *((method, "/api/v1/calendar/") for method in ("POST", "GET", "DELETE")),
        ]
        nobody = Person(site=site, user_id="", bearer="")
        # Each waits for MongoDB for two seconds.
        answers = await asyncio.gather(
            nobody.get(url), *(ada.ask(method, path) for method, path in asked)
        )
        answers.append(await ada.get("/api/v1/exports/sessions.ics"))
        running = await ada.get(f"{live}timeline/")

        for answer in answers:
            assert (answer.status, answer.code) == (503, "unavailable")
            assert int(answer.headers["Retry-After"]) >= 1
        assert running.status == 200
        assert [entry["event"] for entry in running.body["results"]] == ["started"]
        assert len(site.node.services.streams) == 0

        mongod.spawn()
        await mongod.ready()
        assert len((await ada.get(SESSIONS)).body["results"]) == 1
