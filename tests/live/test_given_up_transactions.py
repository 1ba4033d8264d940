"""A transaction that was given up while MongoDB hung is in nobody's way afterwards."""

import asyncio

import pytest

from config.settings import Settings
from domain.commands import Complete
from domain.errors import Unavailable
from domain.session import Session
from domain.transitions import decide
from storage.mongo.client import Mongo
from storage.mongo.indexes import ensure_indexes
from storage.mongo.settle import Ledger
from tests.engines import begun, until
from tests.fakes import DrivenClock
from tests.faultproxy import FaultProxy
from tests.settlers import check_books
from tests.timed import MINUTE

SHORT_S = 0.3


def ended(clock: DrivenClock, session_id: str, user_id: str) -> Session:
    session = begun(clock(), id=session_id, user_id=user_id)
    return decide(session, Complete(), clock() + MINUTE).session


async def hung(ledger: Ledger, proxy: FaultProxy, session: Session) -> None:
    """Let a booking get as far as its first write, and then lose the server from sight."""
    proxy.drop_replies(1, to=b"earned_at")
    lost = proxy.spoiled + 1

    async def is_lost() -> bool:
        return proxy.spoiled == lost

    booking = asyncio.ensure_future(ledger.settle(session))
    await until(is_lost, "the write is done and nobody knows")
    proxy.blackhole()
    with pytest.raises(Unavailable):
        await booking
    # What was held back never arrives: neither does the end of the transaction.
    proxy.rst()
    proxy.heal()


@pytest.mark.gen_test(timeout=20)
async def test_the_next_try_ends_what_the_last_one_left_open(
    settings: Settings, clock: DrivenClock
) -> None:
    proxy = FaultProxy(str(settings.mongo_url))
    async with proxy.listening():
        url = f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true"
        direct = Mongo(str(settings.mongo_url), settings.mongo_db)
        await ensure_indexes(direct.db)
        direct.close()
        mongo = Mongo(url, settings.mongo_db, patience_s=SHORT_S)
        try:
            ledger = Ledger(mongo, clock, timeout_s=2 * SHORT_S)
            assert await ledger.settle(ended(clock, "before", "u-1"))
            await hung(ledger, proxy, ended(clock, "hung", "u-1"))

            assert await ledger.settle(ended(clock, "hung", "u-1"))
            assert await ledger.settle(ended(clock, "after", "u-1"))
            assert await check_books(mongo.db) == {"u-1": 3 * 2 * 60}
        finally:
            mongo.close()


@pytest.mark.gen_test(timeout=20)
async def test_nobody_is_given_the_session_of_what_was_given_up(
    settings: Settings, clock: DrivenClock
) -> None:
    mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
    try:
        await ensure_indexes(mongo.db)
        ledger = Ledger(mongo, clock, timeout_s=SHORT_S)
        assert await ledger.settle(ended(clock, "before", "u-1"))
        # Somebody else is at the user's totals, for longer than anybody waits.
        async with await mongo.client.start_session() as other:
            other.start_transaction()
            await mongo.db.users.update_one({"_id": "u-1"}, {"$set": {"name": "U"}}, session=other)
            with pytest.raises(Unavailable):
                await ledger.settle(ended(clock, "late", "u-1"))
            await other.abort_transaction()
        given_up = {str(one) for _, one in ledger._transactions._given_up}  # noqa: SLF001
        # More than the driver keeps: one of them would have it.
        opened = [await mongo.client.start_session() for _ in range(20)]
        ids = {str(session.session_id) for session in opened}
        for session in opened:
            await session.end_session()

        assert len(given_up) == 1
        assert given_up.isdisjoint(ids)
        assert await ledger.settle(ended(clock, "late", "u-1"))
    finally:
        mongo.close()
