"""What anybody may ask for without limit is answered from an index."""

from typing import Any

import pytest

from config.settings import Settings
from storage.mongo.client import Mongo
from storage.mongo.custom_programs import OwnPrograms
from storage.mongo.indexes import ensure_indexes
from storage.mongo.users import Users
from tests.fakes import DrivenClock


async def profiled(mongo: Mongo, collection: str) -> list[dict[str, Any]]:
    """How the reads of a collection since the profiler was switched on were answered."""
    found = mongo.db["system.profile"].find({"ns": f"{mongo.db.name}.{collection}", "op": "query"})
    return [each async for each in found]


@pytest.mark.gen_test(timeout=20)
async def test_neither_a_login_nor_a_share_code_scans_a_collection(
    settings: Settings, clock: DrivenClock
) -> None:
    mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
    try:
        await ensure_indexes(mongo.db)
        users, own = Users(mongo.db, clock), OwnPrograms(mongo, clock, timeout_s=5)
        await users.create(email="ada@example.com", password_hash="x")
        for n in range(50):
            await users.provision(f"user-{n}")
            await mongo.db["programs"].insert_one(
                {"_id": 2000 + n, "owner": "o", "status": "active"}
            )
        await mongo.db.command("profile", 2)
        known = await users.by_email("ada@example.com")
        assert await users.by_email("bob@example.com") is None
        assert await own.shared("K7QM2X9TK7QM2X9T") is None
        await mongo.db.command("profile", 0)
        reads = await profiled(mongo, "users") + await profiled(mongo, "programs")

        assert known is not None
        assert len(reads) == 3
        assert {one["planSummary"].split()[0] for one in reads} == {"IXSCAN"}
        assert sum(one["docsExamined"] for one in reads) == 1
    finally:
        mongo.close()
