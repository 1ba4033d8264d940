"""The proof of the books finds what is wrong, and nothing else."""

import pytest

from config.settings import Settings
from storage.mongo.audit import Audit, Difference, compare
from storage.mongo.client import Mongo
from tests.engines import side
from tests.fakes import DrivenClock
from tests.live.test_settling import end_some
from tests.settlers import settler


async def found(mongo: Mongo) -> list[Difference]:
    return [one async for one in Audit(mongo).differences()]


@pytest.mark.gen_test
async def test_every_kind_of_difference_is_named(settings: Settings, clock: DrivenClock) -> None:
    async with side(settings, clock) as one, settler(settings, clock, one) as mine:
        expected = await end_some(one, clock)
        await mine.writer.apply(await mine.fresh())
        mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
        audit = Audit(mongo)
        sound = [one async for one in audit.differences()]
        db, total = mongo.db, expected["u-1"]
        await db.users.update_one(
            {"_id": "u-1"}, {"$inc": {"xp_logic": 1}, "$set": {"life_level": 9}}
        )
        await db.ledger.update_one({"_id": "s-0"}, {"$inc": {"xp_energy": -2}})
        await db.sessions.delete_one({"_id": "s-2"})
        await db.days.update_many({"user_id": "u-3"}, {"$inc": {"xp_social": 3}})
        await db.ledger.insert_one({"_id": "stray", "user_id": "nobody", "xp_total": 5})
        wrong = await found(mongo)
        mongo.close()

    assert sound == []
    assert audit.users == len(expected)
    by_user = {user: {(one.field, one.book) for one in wrong if one.user_id == user}
               for user in (*expected, "nobody")}  # fmt: skip
    assert by_user["u-0"] == {("xp_energy", "ledger")}
    assert by_user["u-1"] == {
        ("xp_logic", "ledger"), ("xp_logic", "sessions"), ("xp_logic", "days"),
        ("life_level", "level"),
    }  # fmt: skip
    assert ("sessions_completed", "sessions") in by_user["u-2"]
    assert by_user["u-3"] == {("xp_social", "days")}
    assert by_user["nobody"] == {("xp_total", "ledger")}
    assert total > 0


def test_a_user_without_books_and_books_without_a_user() -> None:
    assert compare("u", {"users": {"_id": "u"}}) == []
    assert compare("u", {"ledger": {"xp_total": 1}}) == [
        Difference("u", "xp_total", 0, "ledger", 1)
    ]
