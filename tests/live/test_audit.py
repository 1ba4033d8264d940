"""The proof of the books finds what is wrong, and nothing else."""

from typing import Any

import pytest

from config.settings import Settings
from domain.booking import XP_FIELDS
from storage.mongo.audit import Audit, compare_records, compare_totals
from storage.mongo.client import Mongo
from storage.mongo.differences import Difference
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
    assert (audit.users, audit.sessions) == (len(expected), 20)
    assert total > 0
    told = {
        user: {(one.field, one.book, one.other) for one in wrong if one.user_id == user}
        for user in (*expected, "nobody")
    }
    assert told["u-0"] == {
        ("xp_energy", "users", "ledger"),
        ("xp_energy", "session s-0", "entry of s-0"),
    }
    assert told["u-1"] == {
        ("xp_logic", "users", "ledger"),
        ("xp_logic", "users", "sessions"),
        ("xp_logic", "users", "days"),
        ("life_level", "users", "curve"),
    }
    assert told["u-2"] >= {
        ("sessions_completed", "users", "sessions"),
        ("entries", "session s-2", "entry of s-2"),
    }
    assert told["u-3"] == {("xp_social", "users", "days")}
    assert told["nobody"] >= {("xp_total", "users", "ledger")}


def test_a_user_without_books_and_books_without_a_user() -> None:
    assert compare_totals("u", {"users": {"_id": "u"}}) == []
    assert compare_totals("u", {"ledger": {"xp_total": 1}}) == [
        Difference("u", "xp_total", "users", 0, "ledger", 1)
    ]


def record(status: str = "completed", xp: int = 5, user_id: str = "u") -> dict[str, Any]:
    return {"user_id": user_id, "status": status, **dict.fromkeys(XP_FIELDS, xp)}


@pytest.mark.parametrize(
    ("documents", "fields"),
    [
        ({"session": record(), "entry": record()}, set()),
        ({"session": record("canceled", 0), "entry": record(xp=0)}, set()),
        ({"session": record("voided"), "entry": record(), "void": record(xp=-5)}, set()),
        ({"session": record(), "entry": record(xp=6)}, set(XP_FIELDS)),
        ({"session": record()}, {"entries", *XP_FIELDS}),
        ({"entry": record()}, {"entries", *XP_FIELDS}),
        ({"session": record(), "entry": record(user_id="other")}, {"entries"}),
        ({"session": record("voided"), "entry": record()}, {"entries", *XP_FIELDS}),
        ({"session": record(), "entry": record(), "void": record(xp=-5)}, {"entries", *XP_FIELDS}),
        (
            {"session": record("voided"), "entry": record(), "void": record(xp=-4)},
            set(XP_FIELDS),
        ),
    ],
)
def test_an_entry_is_that_of_its_session(
    documents: dict[str, dict[str, Any]], fields: set[str]
) -> None:
    assert {one.field for one in compare_records("s", documents)} == fields
