"""Refreshes that are owed are tried again, later and later, and none holds up another."""

from dataclasses import dataclass, field

import pytest

from domain.errors import Unavailable
from domain.instants import DAY_MS
from realtime.owed import PAUSE_MS, OwedRefreshes
from tests.fakes import DrivenClock

NOON = 20_000 * DAY_MS + DAY_MS // 2


@dataclass
class Books:
    """A refresh that fails for whom it is told to, with what it is told to."""

    faults: dict[str, Exception] = field(default_factory=dict)
    tried: list[tuple[str, int]] = field(default_factory=list)

    async def refresh(self, user_id: str, at_ms: int) -> None:
        self.tried.append((user_id, at_ms))
        if user_id in self.faults:
            raise self.faults[user_id]

    def since(self) -> list[str]:
        """Who was tried since the last look."""
        users = [user_id for user_id, _ in self.tried]
        self.tried.clear()
        return users


@pytest.mark.gen_test
async def test_what_is_owed_is_tried_until_it_is_done_with_longer_and_longer_pauses() -> None:
    books, clock = Books({"ada": Unavailable("away")}), DrivenClock()
    owed = OwedRefreshes(books.refresh, clock)
    owed.add("ada", NOON)
    for pause_ms in (1_000, 2_000, 4_000, 8_000):
        await owed.pay()
        assert books.since() == ["ada"]
        clock.advance(pause_ms - 1)
        await owed.pay()
        assert books.since() == []
        clock.advance(1)
    for _ in range(20):
        clock.advance(PAUSE_MS[1])
        await owed.pay()
    assert books.since() == ["ada"] * 20, "never later than after the longest pause"

    books.faults.clear()
    clock.advance(PAUSE_MS[1])
    await owed.pay()
    assert (books.since(), len(owed)) == (["ada"], 0)


@pytest.mark.gen_test
async def test_the_same_periods_are_owed_once_and_others_as_well() -> None:
    books = Books()
    owed = OwedRefreshes(books.refresh, DrivenClock())
    for at_ms in (NOON, NOON + 1, NOON - DAY_MS // 2, NOON + DAY_MS):
        owed.add("ada", at_ms)
    assert len(owed) == 2

    await owed.pay()

    assert [at_ms // DAY_MS for _, at_ms in books.tried] == [20_000, 20_001]


@pytest.mark.gen_test
async def test_one_that_cannot_be_done_holds_up_no_other() -> None:
    books, clock = Books({"ada": ValueError("damaged")}), DrivenClock()
    owed = OwedRefreshes(books.refresh, clock)
    owed.add("ada", NOON)
    owed.add("bob", NOON)
    await owed.pay()
    assert (books.since(), len(owed)) == (["ada", "bob"], 1)

    # A store that is away is asked once in a round, and by another user in the next.
    books.faults = {"ada": Unavailable("away")}
    owed.add("bob", NOON)
    clock.advance(PAUSE_MS[0])
    await owed.pay()
    assert books.since() == ["ada"]
    await owed.pay()
    assert (books.since(), len(owed)) == (["bob"], 1)


@pytest.mark.gen_test
async def test_what_fails_while_it_is_being_paid_stays_owed() -> None:
    owed: OwedRefreshes

    async def refresh(user_id: str, at_ms: int) -> None:
        if not again:
            again.append(at_ms)
            owed.add(user_id, at_ms)

    again: list[int] = []
    owed = OwedRefreshes(refresh, DrivenClock())
    owed.add("ada", NOON)
    await owed.pay()
    assert len(owed) == 1

    await owed.pay()
    assert len(owed) == 0
