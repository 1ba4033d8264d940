"""The built-in activities in MongoDB: loaded once, kept up to date, never taken from anybody."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from config.settings import Settings
from domain.access import Caller
from server import running
from storage.mongo.activities import Activities
from storage.mongo.builtin import Loaded, built_in_activities, load_built_in
from storage.mongo.client import Mongo
from storage.mongo.indexes import ensure_indexes
from storage.mongo.program_seeds import built_in_programs
from tests.e2e.command_line import command
from tests.engines import until
from tests.fakes import DrivenClock
from tests.stores import Stores, settings_on

ROOT = Caller(
    user_id="root", roles=frozenset({"admin"}), token_id="t", family="", expires_at_ms=2**50
)


@pytest.fixture
def mongo(io_loop: IOLoop, settings: Settings) -> Iterator[Mongo]:
    assert settings.mongo_url is not None

    async def opened() -> Mongo:
        return Mongo(str(settings.mongo_url), settings.mongo_db)

    found = io_loop.run_sync(opened)
    yield found
    found.close()


async def contents(mongo: Mongo) -> list[dict[str, Any]]:
    return await mongo.db["activities"].find().sort("created_at", -1).to_list(None)


@pytest.mark.gen_test
async def test_loading_adds_and_updates_but_never_what_was_edited(
    mongo: Mongo, clock: DrivenClock
) -> None:
    documents = built_in_activities()
    edited, changed, away, *_, late = (dict(document) for document in documents)
    activities = Activities(mongo.db, clock)
    assert await load_built_in(mongo.db, documents[:-1]) == Loaded(
        added=len(documents) - 1, changed=0, kept=0
    )
    await activities.change(edited["_id"], ROOT, {"color": "#000000"})
    await activities.archive(away["_id"], ROOT)
    newer = [
        {**document, "name": f"{document['name']} 2", "seed": "newer"}
        if document["_id"] in (edited["_id"], changed["_id"], away["_id"])
        else document
        for document in documents
    ]

    loaded = await load_built_in(mongo.db, newer)
    again = await load_built_in(mongo.db, newer)
    held = {document["_id"]: document for document in await contents(mongo)}

    assert loaded == Loaded(added=1, changed=1, kept=len(documents) - 2)
    assert again == Loaded(added=0, changed=0, kept=len(documents))
    assert held[late["_id"]] == late
    assert held[changed["_id"]]["name"] == f"{changed['name']} 2"
    assert (held[edited["_id"]]["name"], held[edited["_id"]]["color"]) == (
        edited["name"],
        "#000000",
    )
    assert (held[away["_id"]]["name"], held[away["_id"]]["status"]) == (away["name"], "archived")
    # What the file no longer has stays: sessions name it.
    await load_built_in(mongo.db, [])
    assert len(await contents(mongo)) == len(documents)


@pytest.mark.gen_test
async def test_nodes_that_load_at_the_same_moment_load_once(mongo: Mongo) -> None:
    await ensure_indexes(mongo.db)
    documents = built_in_activities()
    results = await asyncio.gather(*(load_built_in(mongo.db, documents) for _ in range(5)))

    assert sum(result.added for result in results) == len(documents)
    assert await contents(mongo) == documents


@pytest.mark.gen_test
async def test_a_node_loads_them_at_its_start(
    settings: Settings, mongo: Mongo, clock: DrivenClock
) -> None:
    async with running(settings, now=clock):
        assert await contents(mongo) == built_in_activities()


@pytest.mark.gen_test(timeout=40)
async def test_a_node_that_starts_without_mongodb_loads_them_when_it_comes(
    own_stores: Stores, tmp_path: Path, clock: DrivenClock
) -> None:
    mongod, settings = own_stores.embedded.mongod, settings_on(own_stores, tmp_path)
    assert mongod is not None
    mongod.kill()
    async with running(settings, now=clock):
        mongod.spawn()
        await mongod.ready()
        mongo = Mongo(str(settings.mongo_url), settings.mongo_db)

        async def are_loaded() -> bool:
            return await contents(mongo) == built_in_activities()

        await until(are_loaded, "the built-in activities")
        mongo.close()


def test_the_command_line_loads_them(settings: Settings) -> None:
    urls = {"REDIS_URL": str(settings.redis_url), "MONGO_URL": str(settings.mongo_url)}
    more = {"MONGO_DB": settings.mongo_db, "DATA_DIR": str(settings.data_dir)}
    ran = [command("seed", **urls, **more) for _ in range(2)]
    count, programs = len(built_in_activities()), len(built_in_programs())

    assert programs == 2
    assert [result.stdout for result in ran] == [
        f"activities: {count} added, 0 changed, 0 kept\nprograms: 2 added, 0 changed, 0 kept\n"
        "questionnaires: 1 added, 0 changed, 0 kept\n",
        f"activities: 0 added, 0 changed, {count} kept\nprograms: 0 added, 0 changed, 2 kept\n"
        "questionnaires: 0 added, 0 changed, 1 kept\n",
    ]
