"""What a focused second is worth."""

from dataclasses import astuple, fields

import pytest

from domain.rates import (
    BALANCED,
    BUDGET_MILLI_XP,
    DIMENSIONS,
    Rates,
    Xp,
    categories,
    rates_for,
)


@pytest.mark.parametrize("category", [*categories(), "no such category"])
def test_every_category_spends_the_same_budget(category: str) -> None:
    row = astuple(rates_for(category))

    assert sum(row) == BUDGET_MILLI_XP == 2000
    assert all(rate >= 0 for rate in row)


def test_rates_and_xp_name_the_five_dimensions_in_order() -> None:
    assert DIMENSIONS == ("physique", "energy", "logic", "creativity", "social")
    assert tuple(field.name for field in fields(Rates)) == DIMENSIONS
    assert tuple(field.name for field in fields(Xp)) == DIMENSIONS


@pytest.mark.parametrize(
    ("asked", "row"),
    [
        (("physique",), Rates(1200, 600, 0, 0, 200)),
        (("programming",), Rates(0, 200, 1300, 500, 0)),
        (("  Study \n",), Rates(0, 200, 1400, 300, 100)),
        (("MUSIC",), Rates(200, 300, 300, 1100, 100)),
        (("unknown", "music"), Rates(200, 300, 300, 1100, 100)),
        (("music", "study"), Rates(200, 300, 300, 1100, 100)),
        (("", "music"), Rates(200, 300, 300, 1100, 100)),
        (("unknown", ""), BALANCED),
        ((), BALANCED),
    ],
)
def test_the_first_category_that_is_known_decides(asked: tuple[str, ...], row: Rates) -> None:
    assert rates_for(*asked) == row


def test_a_category_is_known_by_the_name_it_is_listed_under() -> None:
    assert len(categories()) == len(set(categories())) > 10
    assert all(name == name.strip().casefold() for name in categories())


@pytest.mark.parametrize(
    ("focused_ms", "xp"),
    [
        (0, Xp()),
        (833, Xp()),
        (834, Xp(1, 0, 0, 0, 0)),
        (999, Xp(1, 0, 0, 0, 0)),
        (1_000, Xp(1, 0, 0, 0, 0)),
        (1_667, Xp(2, 1, 0, 0, 0)),
        (5_000, Xp(6, 3, 0, 0, 1)),
        (60_000, Xp(72, 36, 0, 0, 12)),
        (43_200_000, Xp(51_840, 25_920, 0, 0, 8_640)),
    ],
)
def test_xp_has_one_floor_for_each_dimension(focused_ms: int, xp: Xp) -> None:
    assert Rates(1200, 600, 0, 0, 200).xp(focused_ms) == xp


def test_a_rate_too_small_for_a_second_still_earns_in_a_minute() -> None:
    assert Rates(logic=17).xp(58_823) == Xp()
    assert Rates(logic=17).xp(58_824) == Xp(logic=1)


def test_xp_stays_exact_where_floats_do_not() -> None:
    assert Rates(physique=999).xp(9_007_199_254_740_993) == Xp(physique=8_998_192_055_486)
    assert Rates(physique=1_000_000).xp(2**53 + 1) == Xp(physique=2**53 + 1)


def test_the_total_is_the_sum_of_the_dimensions() -> None:
    xp = Xp(1, 20, 300, 4_000, 50_000)

    assert xp.total == 54_321
    assert xp.fields() == {
        "xp_total": 54_321,
        "xp_physique": 1,
        "xp_energy": 20,
        "xp_logic": 300,
        "xp_creativity": 4_000,
        "xp_social": 50_000,
    }


def test_the_wire_shows_rates_in_xp_per_second() -> None:
    assert Rates(1200, 600, 0, 5, 200).per_second() == {
        "physique": 1.2,
        "energy": 0.6,
        "logic": 0.0,
        "creativity": 0.005,
        "social": 0.2,
    }
