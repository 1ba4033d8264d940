"""The figures of customer sessions."""

import pytest
from hypothesis import given, strategies as st

from domain.commands import Complete
from domain.customer import (
    Totals,
    Visit,
    average_response_s,
    hours_of,
    minutes,
    percentile,
    visit_of,
)
from domain.instants import HOUR_MS, MINUTE_MS
from domain.session import Counters
from tests.timed import MINUTE, START, after, timed


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (0, 0.0), (2_999, 0.0), (3_000, 0.1), (8_999, 0.1), (9_000, 0.2), (60_000, 1.0),
        (930_000, 15.5), (86_400_000, 1440.0),
    ],
)  # fmt: skip
def test_minutes_have_one_decimal_rounded_half_up(ms: int, shown: float) -> None:
    assert minutes(ms) == shown


def test_the_mean_is_that_of_the_sums() -> None:
    assert average_response_s(Counters()) == 0.0
    assert average_response_s(Counters(responses=3, response_ms=1_000)) == 0.333
    assert average_response_s(Counters(responses=2, response_ms=2_400)) == 1.2


def test_percentiles_are_values_that_occurred() -> None:
    distribution = [(100, 1), (200, 2), (5_000, 1)]

    assert percentile([], 50) is None
    assert [percentile(distribution, percent) for percent in (1, 25, 26, 50, 75, 76, 100)] == [
        100, 100, 200, 200, 200, 5_000, 5_000,
    ]  # fmt: skip


@given(st.lists(st.integers(0, 50), min_size=1), st.integers(1, 100))
def test_a_percentile_is_not_exceeded_by_so_many(values: list[int], percent: int) -> None:
    counted = sorted({value: values.count(value) for value in values}.items())
    found = percentile(counted, percent)

    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)


def test_the_hours_of_a_span() -> None:
    assert [*hours_of(5, 5)] == [0]
    assert [*hours_of(HOUR_MS - 1, 2 * HOUR_MS + 1)] == [0, HOUR_MS, 2 * HOUR_MS]
    assert [*hours_of(HOUR_MS, 2 * HOUR_MS)] == [HOUR_MS]


def test_a_session_as_a_visit_while_it_runs_and_after() -> None:
    running = visit_of(timed(kind="customer"), START + 2 * MINUTE)
    ended = visit_of(after(timed(kind="customer"), (3, Complete())), START + 99 * MINUTE)

    assert (running.is_active, running.duration_ms, running.ended_at) == (True, 2 * MINUTE, None)
    assert (ended.is_active, ended.duration_ms, ended.reason) == (False, 3 * MINUTE, "manual")


def test_totals_grow_by_each_visit() -> None:
    visit = Visit(
        id="v",
        user_id="u",
        status="completed",
        started_at=0,
        ended_at=1,
        duration_ms=3 * MINUTE_MS,
        counters=Counters(messages=2, conversations=1),
    )
    totals = Totals().plus(visit).plus(visit)

    assert totals == Totals(2, 6 * MINUTE_MS, 4, 2)
    assert (totals.average_ms, Totals().average_ms) == (3 * MINUTE_MS, 0)
