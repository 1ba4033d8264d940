"""Leaderboards on real stores: set from the books, lost, rolled back, raced for, rebuilt."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from redis.asyncio import Redis

from config.settings import Settings
from domain.booking import XP_FIELDS
from domain.errors import Unavailable
from domain.leaderboards import ALL, BOARDS, periods_at, periods_kept
from domain.rates import DIMENSIONS
from handlers.cli import parser
from handlers.operator import COMMANDS
from realtime.leaderboards import BATCH, Leaderboards, Rankings
from storage.mongo.client import Database, Mongo, instant
from storage.mongo.indexes import ensure_indexes
from storage.mongo.standings import Standings
from storage.redis.client import connect
from storage.redis.keys import Keys
from storage.redis.leaderboards import Boards
from storage.redis.nodes import Nodes
from tests.fakes import DrivenClock

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


# A Monday, the first of a month, after a year of 53 weeks: 2049-02-01.
NOW = ms("2049-02-01T10:00")


@dataclass(kw_only=True)
class Table:
    """Leaderboards, and the books they are made of, kept by hand."""

    leaderboards: Leaderboards
    rankings: Rankings
    boards: Boards
    redis: Redis
    keys: Keys
    db: Database
    clock: DrivenClock
    entries: int = 0

    async def people(self, *names: str, member: bool | None = True) -> None:
        """Add users who take part, or do not, or never said."""
        chosen = {} if member is None else {"leaderboard": member}
        totals = dict.fromkeys(XP_FIELDS, 0)
        await self.db.users.insert_many(
            [{"_id": name, "name": name.title(), **totals, **chosen} for name in names]
        )

    async def choose(self, name: str, *, member: bool) -> None:
        await self.db.users.update_one({"_id": name}, {"$set": {"leaderboard": member}})

    async def book(self, name: str, at_ms: int, xp: int, focus_ms: int | None = None) -> None:
        """Book XP of logic and a seventh as much of energy, as settling and voiding do.

        Entries from before there were focus sessions say nothing of these.
        """
        earned = dict.fromkeys(XP_FIELDS, 0) | {"xp_logic": xp, "xp_energy": xp // 7}
        earned["xp_total"] = sum(earned[f"xp_{dimension}"] for dimension in DIMENSIONS)
        earned |= {} if focus_ms is None else {"focus_ms": focus_ms}
        self.entries += 1
        entry = {"_id": f"e{self.entries}", "user_id": name, "earned_at": instant(at_ms)}
        added = {"$inc": earned | {"settled": 1}}

        async def both(session: Any) -> None:
            await self.db.ledger.insert_one(entry | earned, session=session)
            await self.db.users.update_one({"_id": name}, added, session=session)

        async with await self.db.client.start_session() as session:
            await session.with_transaction(both)

    async def scores(self, period: str, board: str = "total") -> dict[str, int]:
        """The set as it is in Redis."""
        return await self._held(self.keys.leaderboard(period, board))

    async def everything(self) -> dict[str, dict[str, int]]:
        """All sets that are in Redis."""
        prefix = f"{self.keys.prefix}:leaderboard:"
        found = [str(key) async for key in self.redis.scan_iter(f"{prefix}*", count=1000)]
        return {key.removeprefix(prefix): await self._held(key) for key in found}

    async def _held(self, key: str) -> dict[str, int]:
        held: Any = await self.redis.zrange(key, 0, -1, withscores=True)
        return {name: int(xp) for name, xp in held}


@asynccontextmanager
async def table(settings: Settings, now_ms: int = NOW) -> AsyncIterator[Table]:
    """Leaderboards of a database and a prefix of the test's own."""
    mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
    await ensure_indexes(mongo.db)
    redis, clock = connect(str(settings.redis_url)), DrivenClock(now_ms)
    keys = Keys(settings.redis_prefix)
    standings, boards = Standings(mongo), Boards(redis, keys)
    nodes = Nodes(redis, keys)
    try:
        yield Table(
            leaderboards=Leaderboards(standings, boards, nodes.incarnation, clock),
            rankings=Rankings(standings, boards, clock),
            boards=boards,
            redis=redis,
            keys=keys,
            db=mongo.db,
            clock=clock,
        )
    finally:
        await redis.aclose()
        mongo.close()


@pytest.mark.gen_test
async def test_scores_are_the_sums_of_the_ledger_in_each_period(settings: Settings) -> None:
    async with table(settings) as one:
        await one.people("ada")
        january = ms("2049-01-31T23:59:59.999")
        for at, xp in ((NOW, 70), (ms("2049-02-01"), 7), (january, 700), (ms("2048-05-01"), 1)):
            await one.book("ada", at, xp)
            await one.leaderboards.refresh("ada", at)

        assert await one.scores("day:2049-02-01") == {"ada": 88}
        assert await one.scores("week:2049-W05", "logic") == {"ada": 77}
        assert await one.scores("month:2049-02", "energy") == {"ada": 11}
        assert await one.scores("day:2049-01-31") == {"ada": 800}
        assert await one.scores("week:2049-W04", "energy") == {"ada": 100}
        assert await one.scores("month:2049-01") == {"ada": 800}
        assert await one.scores("all", "logic") == {"ada": 778}
        assert await one.scores("all", "social") == {}
        # Of a day long gone nothing is kept, of its month it is.
        assert await one.scores("day:2048-05-01") == {}
        assert await one.scores("month:2048-05") == {"ada": 1}
        left_ms = await one.redis.pttl(one.keys.leaderboard("day:2049-02-01", "total"))
        seconds, _ = await one.redis.time()
        assert abs(left_ms + seconds * 1000 - ms("2049-02-10")) < 10_000
        assert await one.redis.pttl(one.keys.leaderboard("all", "total")) == -1


@pytest.mark.gen_test
async def test_minutes_of_focus_are_whole_ones_of_all_sessions_together(
    settings: Settings,
) -> None:
    async with table(settings) as one:
        await one.people("ada", "bob")
        for at, focus_ms in ((NOW, 90_000), (NOW + 5, 90_000), (NOW - DAY_MS, 60_000), (NOW, 0)):
            await one.book("ada", at, 0, focus_ms)
            await one.leaderboards.refresh("ada", at)
        await one.book("bob", NOW, 7, 59_999)
        await one.leaderboards.refresh("bob", NOW)

        assert await one.scores("day:2049-02-01", "focus") == {"ada": 3}
        assert await one.scores("day:2049-01-31", "focus") == {"ada": 1}
        assert await one.scores("week:2049-W05", "focus") == {"ada": 3}
        assert await one.scores("all", "focus") == {"ada": 4}
        assert await one.scores("all") == {"bob": 8}

        await one.book("ada", NOW, 0, -90_000)
        await one.leaderboards.refresh("ada", NOW)
        assert await one.scores("month:2049-02", "focus") == {"ada": 1}
        assert await one.scores("all", "focus") == {"ada": 2}
        before = await one.everything()
        for key in before:
            await one.redis.delete(f"{one.keys.prefix}:leaderboard:{key}")
        await one.leaderboards.rebuild()
        assert await one.everything() == before


@pytest.mark.gen_test
async def test_an_inverse_entry_takes_everything_back(settings: Settings) -> None:
    async with table(settings) as one:
        await one.people("ada", "bob")
        for name, xp in (("ada", 70), ("bob", 14)):
            await one.book(name, NOW, xp)
            await one.leaderboards.refresh(name, NOW)
        before = await one.everything()
        await one.book("ada", NOW, 21)
        await one.leaderboards.refresh("ada", NOW)
        await one.book("ada", NOW, -21)
        await one.leaderboards.refresh("ada", NOW)
        assert await one.everything() == before

        await one.book("ada", NOW, -70)
        await one.leaderboards.refresh("ada", NOW)
        assert {name for held in (await one.everything()).values() for name in held} == {"bob"}


@pytest.mark.gen_test
async def test_who_leaves_leaves_every_set_and_who_never_came_was_never_there(
    settings: Settings,
) -> None:
    async with table(settings) as one:
        await one.people("ada")
        await one.people("eve", member=None)
        for at in (NOW, NOW - DAY_MS, NOW - 20 * DAY_MS, NOW + HOUR_MS):
            for name in ("ada", "eve"):
                await one.book(name, at, 70)
                await one.leaderboards.refresh(name, at)
        assert {name for held in (await one.everything()).values() for name in held} == {"ada"}

        await one.choose("ada", member=False)
        await one.leaderboards.refresh("ada", NOW)
        assert await one.everything() == {}
        # A writer that died after its write left this behind; whoever repeats its work ends it.
        await one.boards.put(
            {"ada": {(p.name, board): 5 for p in periods_kept(NOW) for board in BOARDS}},
            periods_kept(NOW),
        )
        await one.leaderboards.refresh("ada", NOW)
        assert await one.everything() == {}

        await one.choose("ada", member=True)
        await one.leaderboards.refresh("ada", NOW)
        await one.leaderboards.refresh("ada", NOW)
        assert await one.scores("all") == {"ada": 320}
        assert await one.scores("week:2049-W05") == {"ada": 160}


@pytest.mark.gen_test(timeout=30)
async def test_nodes_that_race_leave_the_truth_behind(settings: Settings) -> None:
    async with table(settings) as one, table(settings) as two:
        await one.people("ada", "bob")
        two.entries = 1_000

        async def work(at: Table, name: str, *, leaving: bool = False) -> None:
            for number in range(6):
                if leaving:
                    await at.choose(name, member=number % 2 == 1)
                else:
                    await at.book(name, NOW + number, 7)
                await at.leaderboards.refresh(name, NOW + number)

        # Bookings of one user are made one after the other, their refreshes meet.
        await asyncio.gather(
            work(one, "ada"),
            work(two, "ada", leaving=True),
            work(two, "bob"),
            *(one.leaderboards.refresh("bob", NOW) for _ in range(8)),
        )
        assert await one.scores("all") == {"ada": 48, "bob": 48}
        assert await one.scores("day:2049-02-01", "energy") == {"ada": 6, "bob": 6}
        await two.choose("ada", member=False)
        await two.leaderboards.refresh("ada", NOW)
        assert await one.scores("month:2049-02") == {"bob": 48}


@pytest.mark.gen_test(timeout=30)
async def test_what_redis_lost_is_rebuilt_as_it_was(settings: Settings) -> None:
    async with table(settings) as one:
        names = [f"u{number:04}" for number in range(BATCH + 30)]
        await one.people(*names)
        await one.people("gone", "left", member=False)
        gone_by = (NOW - DAY_MS, NOW - 7 * DAY_MS, NOW - 300 * DAY_MS, NOW - 1_000 * DAY_MS)
        for at in (NOW, *gone_by, NOW + DAY_MS):
            for name in (*names[:: BATCH // 4], "left"):
                await one.book(name, at, 700)
                await one.leaderboards.refresh(name, at)
        before = await one.everything()
        assert before["week:2049-W05:total"].keys() == set(names[:: BATCH // 4])
        assert before["month:2048-04:logic"] == dict.fromkeys(names[:: BATCH // 4], 700)

        for key in [key async for key in one.redis.scan_iter(f"{one.keys.prefix}:*")]:
            await one.redis.delete(key)
        # An older copy of Redis remembers who has left since, and scores that are no more.
        kept = periods_kept(NOW)
        stale = {(p.name, board): 9 for p in kept for board in BOARDS}
        await one.boards.put(dict.fromkeys(("left", "ghost", names[1]), stale), kept)
        done = await one.leaderboards.rebuild()

        assert (done.users, done.removed) == (len(names), 2)
        assert await one.everything() == before


@pytest.mark.gen_test
async def test_each_life_of_redis_is_healed_once_and_by_one_node(settings: Settings) -> None:
    async with table(settings) as one, table(settings) as two:
        await one.people("ada")
        await one.book("ada", NOW, 7)
        with pytest.raises(Unavailable, match="being built"):
            await one.rankings.show("ada", "all", "total", limit=10, around=2)

        await asyncio.gather(one.leaderboards.heal(), two.leaderboards.heal())
        complete = await one.boards.mark()
        assert complete.startswith("built ")
        assert await one.scores("all") == {"ada": 8}
        assert (await one.rankings.show("ada", "all", "total", limit=10, around=2)).size == 1

        await one.redis.delete(one.keys.leaderboard("all", "total"))
        await one.leaderboards.heal()
        assert await one.scores("all") == {}, "once in a life is enough"
        await one.redis.set(one.keys.leaderboards, "built before")
        await one.leaderboards.heal()
        assert await one.scores("all") == {"ada": 8}
        assert await one.boards.mark() == complete

        assert not await one.boards.turn("built before", "building x", 1)
        assert await one.boards.turn(complete, "building x", 60_000)
        assert await one.boards.turn(complete, "building x", 60_000), "a repeat finds itself"
        await two.leaderboards.heal()
        assert await one.boards.mark() == "building x"


@pytest.mark.gen_test
async def test_the_command_sets_everything_and_says_how_much(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async with table(settings) as one:
        await one.people("ada", "bob")
        await one.people("eve", member=None)
        for name in ("ada", "eve"):
            await one.book(name, NOW, 7)
        await one.boards.put({"eve": {("all", board): 1 for board in BOARDS}}, [ALL])

        assert (
            await COMMANDS["rebuild-leaderboards"](
                parser().parse_args(["rebuild-leaderboards"]), settings, 0
            )
            == 0
        )

        assert capsys.readouterr().out == "2 users set, 1 removed\n"
        assert await one.scores("all") == {"ada": 8}


@pytest.mark.gen_test
async def test_without_a_store_there_is_no_answer(settings: Settings) -> None:
    nowhere: Any = connect("redis://127.0.0.1:1/0")
    async with table(settings) as one:
        await one.people("ada")
        boards = Boards(nowhere, one.keys)
        mongo = Mongo(str(settings.mongo_url), settings.mongo_db)
        rankings = Rankings(Standings(mongo), boards, one.clock)

        for asked in (
            rankings.show("ada", "day", "total", limit=1, around=0),
            boards.remove(["ada"], periods_at(NOW)),
            boards.turn("", "x"),
        ):
            with pytest.raises(Unavailable):
                await asked
        mongo.close()
    await nowhere.aclose()
