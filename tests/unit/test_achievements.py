"""Achievements: rules as data, each earned at its threshold and not below."""

import pytest

from domain.achievements import ACHIEVEMENTS, BY_CODE, Achievement, earned, session_figures
from domain.days import Calendar, Residence
from tests.learning import HOUR, MINUTE, UTC

MIDNIGHT = 1_800_057_600_000
OSLO = Calendar([Residence(from_ms=0, time_zone="Europe/Oslo", day_start="00:00")])


@pytest.mark.parametrize("rule", ACHIEVEMENTS, ids=lambda rule: rule.code)
def test_each_is_earned_at_its_threshold(rule: Achievement) -> None:
    at, below = {rule.metric: rule.at_least}, {rule.metric: rule.at_least - 1}

    assert rule in earned(at, ())
    assert rule not in earned(below, ())
    assert rule not in earned(at, {rule.code})


def test_codes_are_unique_and_nothing_earns_nothing() -> None:
    assert len(BY_CODE) == len(ACHIEVEMENTS)
    assert earned({}, ()) == []


def codes(calendar: Calendar, hour: float, minutes: int, distractions: int = 0) -> set[str]:
    figures = session_figures(
        calendar,
        started_at=MIDNIGHT + int(hour * HOUR),
        active_ms=minutes * MINUTE,
        distractions=distractions,
    )
    return {one.code for one in earned(figures, ())}


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        (0, {"night_owl"}), (3.99, {"night_owl"}), (4, {"early_bird"}), (6.99, {"early_bird"}),
        (7, set()), (12, set()), (21.99, set()), (22, {"night_owl"}), (23.99, {"night_owl"}),
    ],
)  # fmt: skip
def test_early_and_late_are_by_the_users_own_clock(hour: float, expected: set[str]) -> None:
    assert UTC.wall_at(MIDNIGHT).hour == 0
    assert codes(UTC, hour, 15) == expected
    # In January the clock of Oslo is an hour ahead.
    assert codes(OSLO, hour - 1, 15) == expected
    assert codes(UTC, hour, 14) == set()


def test_distractions_and_length() -> None:
    assert codes(UTC, 12, 24) == set()
    assert codes(UTC, 12, 25) == {"undistracted"}
    assert codes(UTC, 12, 25, distractions=1) == set()
    assert codes(UTC, 12, 90, distractions=1) == {"long_session"}
