"""What operators see while customers come, go on and leave between two pages."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from tornado.ioloop import IOLoop

from config.settings import Settings
from domain.commands import Complete
from domain.session import Counters, Session
from domain.transitions import decide
from realtime.customer_desk import CustomerDesk
from realtime.customer_lists import DeskQuery, Place
from realtime.registry import Registry
from storage.mongo.client import Mongo
from storage.mongo.records import live_document
from storage.mongo.user_search import UserSearch
from storage.mongo.visits import PATHS, Order, Visits
from tests.fakes import DrivenClock
from tests.timed import MINUTE, timed

ORDERS = [Order(by=by, descending=way) for by in PATHS for way in (True, False)]


@dataclass
class Desk:
    """A desk on a memory that the test fills."""

    mongo: Mongo
    clock: DrivenClock
    registry: Registry = field(default_factory=Registry)

    def __post_init__(self) -> None:
        users = UserSearch(self.mongo.db)
        self.desk = CustomerDesk(Visits(self.mongo.db), users, self.registry, self.clock)

    def come(self, number: int) -> Session:
        """Somebody begins a visit, and says something in it."""
        session = timed(
            kind="customer",
            id=f"{number:08x}",
            user_id=f"u-{number}",
            started_at=self.clock(),
            segment_started_at=self.clock(),
            clock=self.clock(),
            counters=Counters(messages=number % 3),
        )
        self.clock.advance(1_000)
        return self.registry.learn(session)

    def leave(self, session: Session) -> Session:
        """They end it; MongoDB does not know yet."""
        return self.registry.learn(decide(session, Complete(), self.clock()).session)

    async def settle(self, session: Session, *, told: bool = True) -> None:
        """MongoDB gets to know, and maybe the node does of that."""
        await self.mongo.db.sessions.insert_one(live_document(session))
        if told:
            self.registry.settled(session.id)

    async def page(
        self, order: Order, limit: int, after: Place | None = None, query: DeskQuery | None = None
    ) -> tuple[list[str], int, Place | None]:
        listing = await self.desk.page(query or DeskQuery(), order, limit=limit, after=after)
        return [row.visit.id for row in listing.rows], listing.total, listing.following

    async def table(self, order: Order) -> list[str]:
        return [
            row.visit.id async for rows in self.desk.batches(DeskQuery(), order) for row in rows
        ]


@pytest.fixture
def desk(io_loop: IOLoop, settings: Settings, clock: DrivenClock) -> Iterator[Desk]:
    mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
    yield Desk(mongo, clock)
    mongo.close()


@pytest.mark.gen_test
async def test_nobody_is_left_out_while_time_goes_on_and_people_leave(desk: Desk) -> None:
    running = [desk.come(number) for number in range(12)]
    for number in (20, 21, 22):
        await desk.settle(desk.leave(desk.come(number)))
    everybody = {f"{number:08x}" for number in (*range(12), 20, 21, 22)}
    for turn, order in enumerate(ORDERS):
        seen: list[str] = []
        place: Place | None = None
        for page in range(20):
            ids, total, place = await desk.page(order, 4, place)
            assert total == len(everybody)
            seen += ids
            if place is None:
                break
            desk.clock.advance(MINUTE)
            busier = running[page % 4]
            if not (newest := desk.registry.get(busier.id)):
                continue
            more = Counters(messages=newest.counters.messages + 5)
            desk.registry.learn(replace(newest, rev=newest.rev + 1, counters=more))
            if page == 1 and turn < 4:
                # One that was not shown yet leaves: it is to be shown among those that have.
                last = desk.registry.get(running[11 - turn].id)
                assert last is not None
                await desk.settle(desk.leave(last), told=turn % 2 == 0)
        assert set(seen) == everybody, order
        assert set(await desk.table(order)) == everybody
        assert len(await desk.table(order)) == len(everybody)


@pytest.mark.gen_test
async def test_who_has_just_left_is_in_the_list_before_mongodb_knows(desk: Desk) -> None:
    gone, here = desk.come(1), desk.come(2)
    left = desk.leave(gone)
    both = [here.id, gone.id]
    newest, running_first = Order(), Order(by="duration")

    for _ in range(3):
        for order in (newest, running_first):
            assert (await desk.page(order, 5))[:2] == (both, 2)
            assert await desk.table(order) == both
        ended = await desk.page(newest, 5, query=DeskQuery(state="ended"))
        active = await desk.page(newest, 5, query=DeskQuery(state="active"))
        assert (ended[:2], active[:2]) == (([gone.id], 1), ([here.id], 1))
        if await desk.mongo.db.sessions.count_documents({}) == 0:
            # The word of it is lost on its way here: it must not count twice.
            await desk.settle(left, told=False)


@pytest.mark.gen_test
async def test_pages_end_where_the_running_ones_do(desk: Desk) -> None:
    running = [desk.come(number) for number in range(4)]
    for number in (10, 11):
        await desk.settle(desk.leave(desk.come(number)))
    order = Order(by="messages")
    first = await desk.page(order, 4)
    assert first[0] == [one.id for one in reversed(running)]
    assert first[2] is not None
    assert first[2].running
    second = await desk.page(order, 4, first[2])
    assert (len(second[0]), second[2]) == (2, None)
    alone = await desk.page(order, 4, query=DeskQuery(state="active"))
    assert (len(alone[0]), alone[2]) == (4, None)


@pytest.mark.gen_test
async def test_a_table_is_made_in_small_parts_whatever_runs(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.customer_desk.BATCH", 4)
    for number in (0, 1):
        await desk.settle(desk.leave(desk.come(number)))
    for number in range(10, 31):
        desk.come(number)
    await desk.settle(desk.leave(desk.come(40)))
    everybody = [f"{number:08x}" for number in (40, *range(30, 9, -1), 1, 0)]
    for order in ORDERS:
        parts = [
            [row.visit.id for row in rows] async for rows in desk.desk.batches(DeskQuery(), order)
        ]
        assert max(map(len, parts)) <= 4, order
        told = [one for part in parts for one in part]
        assert sorted(told) == sorted(everybody), order
        if order.by == "started_at":
            assert told == (everybody if order.descending else everybody[::-1])
