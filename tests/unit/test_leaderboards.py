"""Periods, ranks and names; and that refreshes which race leave the truth behind."""

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given, settings, strategies as st

from domain.errors import Unavailable
from domain.leaderboards import (
    ALL,
    BOARDS,
    Membership,
    Period,
    Place,
    Standing,
    period_at,
    periods_at,
    periods_kept,
    places,
)
from realtime import leaderboards
from realtime.leaderboards import RENEWALS, Leaderboards

DAY_MS = 86_400_000


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("kind", "at", "name", "first", "following", "expires"),
    [
        ("day", "2026-11-21T23:59:59.999", "2026-11-21", "2026-11-21", "2026-11-22", "2026-11-30"),
        ("day", "2026-11-22", "2026-11-22", "2026-11-22", "2026-11-23", "2026-12-01"),
        ("week", "2026-11-22T23:59", "2026-W47", "2026-11-16", "2026-11-23", "2026-12-28"),
        ("week", "2027-01-03T23:59", "2026-W53", "2026-12-28", "2027-01-04", "2027-02-08"),
        ("week", "2027-01-04", "2027-W01", "2027-01-04", "2027-01-11", "2027-02-15"),
        ("week", "2024-12-30", "2025-W01", "2024-12-30", "2025-01-06", "2025-02-10"),
        ("month", "2026-12-31T23:59", "2026-12", "2026-12-01", "2027-01-01", "2028-02-01"),
        ("month", "2024-02-29", "2024-02", "2024-02-01", "2024-03-01", "2025-04-01"),
    ],
)
def test_a_period_of_utc(
    kind: str, at: str, name: str, first: str, following: str, expires: str
) -> None:
    expected = Period(f"{kind}:{name}", ms(first), ms(following), ms(expires))

    assert period_at(kind, ms(at)) == expected
    assert period_at(kind, ms(first)) == period_at(kind, ms(following) - 1) == expected
    assert expected.kept(ms(expires) - 1)
    assert not expected.kept(ms(expires))


@given(st.integers(ms("2000-01-01"), ms("2100-01-01")), st.integers(-500, 1))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_no_period_that_is_kept_is_forgotten(now: int, days: int) -> None:
    kept = periods_kept(now)

    assert all(period.kept(now) for period in kept)
    assert {p for p in periods_at(now + days * DAY_MS) if p.kept(now)} <= set(kept)
    assert len(set(kept)) == len(kept) < 45


def test_equal_xp_is_an_equal_rank_and_a_rank_counts_who_is_better() -> None:
    entries = [("d", 9), ("c", 7), ("b", 7), ("a", 3)]

    assert [place.rank for place in places(entries, 0, 0)] == [1, 2, 2, 4]
    # The same board, seen from the second of the two with equal XP on.
    assert places(entries[2:], 2, 1) == (Place(2, "b", 7), Place(4, "a", 3))
    assert places([], 0, 0) == ()


class Turn:
    """What a coroutine waits for so that another may have its turn."""

    def __await__(self) -> Generator[None]:
        yield


@dataclass
class World:
    """One user's books, their scores, and what stands between: steps that may interleave."""

    now: int
    settled: int = 0
    member: bool | None = None
    earned: list[tuple[int, int]] = field(default_factory=list)
    scores: dict[tuple[str, str], int] = field(default_factory=dict)

    def book(self, at: int, xp: int) -> None:
        self.settled += 1
        self.earned.append((at, xp))

    def truth(self, periods: Iterable[Period]) -> dict[tuple[str, str], int]:
        """The user's XP in each set of these periods."""
        return {
            (period.name, board): sum(xp for at, xp in self.earned if within(period, at))
            for period in periods
            for board in BOARDS
        }

    async def read(self, users: Collection[str], periods: list[Period]) -> dict[str, Standing]:
        await Turn()
        found = Standing(Membership(self.settled, self.member), self.truth(periods))
        return dict.fromkeys(users, found)

    async def memberships(self, users: Collection[str]) -> dict[str, Membership]:
        await Turn()
        return dict.fromkeys(users, Membership(self.settled, self.member))

    async def put(
        self, xp: Mapping[str, Mapping[tuple[str, str], int]], periods: Iterable[Period]
    ) -> None:
        """Key by key, as in a pipeline between whose commands those of others may come."""
        for period in periods:
            await Turn()
            for board in BOARDS:
                self.scores[period.name, board] = xp["ada"][period.name, board]

    async def remove(self, users: Collection[str], periods: Iterable[Period]) -> None:
        assert [*users] == ["ada"]
        for period in periods:
            await Turn()
            for board in BOARDS:
                self.scores.pop((period.name, board), None)

    async def members(self, _period: Period, _board: str) -> AsyncIterator[list[str]]:
        yield ["ada"]


def within(period: Period, at: int) -> bool:
    if period.from_ms is None or period.to_ms is None:
        return True
    return period.from_ms <= at < period.to_ms


async def incarnation() -> str:
    return "one"


def keeper(world: World) -> Leaderboards:
    return Leaderboards(cast(Any, world), cast(Any, world), incarnation, lambda: world.now)


NOW = ms("2027-01-04T00:00:01")
EARNED = (NOW, NOW - 2_000, NOW - DAY_MS * 4, NOW - DAY_MS * 400)
"""This week; the one before, W53; the month before; and a time of which only `all` is kept."""
CHANGES = st.one_of(
    st.tuples(st.just("book"), st.sampled_from(EARNED), st.integers(1, 9)),
    st.tuples(st.just("void"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("choose"), st.booleans(), st.just(0)),
    st.tuples(st.just("die"), st.integers(0, 9), st.just(0)),
)
STEPS = st.tuples(st.just("step"), st.integers(0, 9), st.integers(1, 3))
QUIET = st.tuples(st.just("step"), st.just(0), st.just(200))
"""Nothing else happens until the refreshers have all but finished."""
SCENES = st.lists(
    st.tuples(CHANGES, st.one_of(STEPS, st.just(("step", 0, 0)), QUIET)), min_size=3, max_size=25
)


@dataclass
class Play:
    """Refreshers at work, each stepped by hand; one that dies is begun anew by another node."""

    world: World
    running: list[tuple[int, Coroutine[Any, Any, None]]] = field(default_factory=list)

    def begin(self, at: int) -> None:
        worker = keeper(self.world).refresh("ada", at)
        worker.send(None)
        self.running.append((at, worker))

    def rest(self, order: Any) -> None:
        """Let everybody finish, in any order."""
        try:
            while self.running:
                self.step(order.randrange(10))
        finally:
            for _, worker in self.running:
                worker.close()

    def step(self, number: int) -> None:
        at, worker = self.running[number % len(self.running)]
        try:
            worker.send(None)
        except (StopIteration, Unavailable) as end:
            self.running.remove((at, worker))
            if isinstance(end, Unavailable):
                self.begin(at)

    def act(self, what: str, which: Any, amount: int) -> None:
        """Do what was drawn; the numbers of those that are not there count around."""
        world = self.world
        if what == "book":
            world.book(which, amount)
            self.begin(which)
        elif what == "void" and world.earned:
            at, given = world.earned[which % len(world.earned)]
            world.book(at, -given)
            self.begin(at)
        elif what == "choose":
            world.member = which
            # A user who comes back is not where they were, but in the present periods.
            self.begin(NOW)
        elif what == "die" and self.running:
            at, worker = self.running.pop(which % len(self.running))
            worker.close()
            self.begin(at)
        elif what == "step":
            for _ in range(amount):
                if self.running:
                    self.step(which)


@given(SCENES, st.randoms())
@settings(max_examples=400, derandomize=True, deadline=None)
def test_at_rest_the_scores_are_the_truth_and_who_left_is_nowhere(
    scenes: list[tuple[tuple[str, Any, int], tuple[str, Any, int]]], order: Any
) -> None:
    world = World(now=NOW)
    play = Play(world)
    for change, steps in scenes:
        play.act(*change)
        play.act(*steps)
    play.rest(order)

    # Sets of times gone by are those that bookings since the user's coming have touched.
    present = world.truth(periods_at(NOW))
    if world.member:
        assert {place: world.scores.get(place, 0) for place in present} == present
        older = [period for period in periods_kept(NOW) if period is not ALL]
        truth = world.truth(older)
        assert {place: truth[place] for place in world.scores if place in truth} == {
            place: xp for place, xp in world.scores.items() if place in truth
        }
    else:
        assert world.scores == {}


def test_who_never_took_part_costs_one_read() -> None:
    world = World(now=NOW)
    world.book(NOW, 5)
    worker = keeper(world).refresh("ada", NOW)
    worker.send(None)

    with pytest.raises(StopIteration):
        worker.send(None)
    assert world.scores == {}


def test_a_user_who_never_rests_is_left_to_a_later_try() -> None:
    world = World(now=NOW, member=True)
    worker = keeper(world).refresh("ada", NOW)

    def for_ever() -> None:
        while True:
            worker.send(None)
            world.settled += 1

    with pytest.raises(Unavailable):
        for_ever()


@dataclass
class Marked:
    """Empty boards with their mark, which somebody else may turn at one of its renewals."""

    usurped_at: int | None = None
    held: str = ""
    renewals: int = 0
    turned: asyncio.Event = field(default_factory=asyncio.Event)

    async def mark(self) -> str:
        return self.held

    async def turn(self, believed: str, becomes: str, _ttl_ms: int | None = None) -> bool:
        if believed == becomes:
            self.renewals += 1
            if self.renewals == self.usurped_at:
                self.held = "building somebody else"
            self.turned.set()
        if self.held != believed:
            return False
        self.held = becomes
        return True

    async def members(self, _period: Period, _board: str) -> AsyncIterator[list[str]]:
        nobody: tuple[list[str], ...] = ()
        for found in nobody:
            yield found


@dataclass
class Slow:
    """Books without anybody, which take so many renewals of the mark to say so."""

    marked: Marked
    renewals: int

    async def members(self, _after: str, _limit: int) -> list[str]:
        while self.marked.renewals < self.renewals:
            self.marked.turned.clear()
            await self.marked.turned.wait()
        return []


async def heal(marked: Marked, renewals: int) -> None:
    books: Any = Slow(marked, renewals)
    await Leaderboards(books, cast(Any, marked), incarnation, lambda: NOW).heal()


@pytest.fixture
def quick_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims that are soon to be renewed, so that no test need last a minute."""
    monkeypatch.setattr(leaderboards, "CLAIM_MS", 5 * RENEWALS)


@pytest.mark.gen_test
@pytest.mark.usefixtures("quick_claims")
async def test_a_builder_keeps_its_claim_however_long_a_batch_takes() -> None:
    marked = Marked()
    await heal(marked, 4 * RENEWALS)

    assert marked.held == "built one"


@pytest.mark.gen_test
@pytest.mark.usefixtures("quick_claims")
async def test_a_builder_that_was_replaced_stops_in_the_middle_of_a_batch() -> None:
    marked = Marked(usurped_at=3)
    with pytest.raises(Unavailable, match="taken over"):
        await heal(marked, 1_000_000)

    assert marked.held == "building somebody else"
