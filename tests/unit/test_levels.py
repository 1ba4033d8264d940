"""Life Level."""

import pytest

from domain.levels import STEP_XP, life_level


@pytest.mark.parametrize(
    ("xp", "level"),
    [
        (0, 1),
        (999, 1),
        (1_000, 2),
        (2_999, 2),
        (3_000, 3),
        (5_999, 3),
        (6_000, 4),
        (10_000, 5),
        (-1, 1),
        (-1_000_000, 1),
    ],
)
def test_levels_lie_ever_further_apart(xp: int, level: int) -> None:
    assert life_level(xp) == level


@pytest.mark.parametrize("level", [2, 3, 10, 999, 10**6, 10**12])
def test_a_level_begins_at_its_xp_and_not_one_before(level: int) -> None:
    begins = sum_of_steps(level - 1)

    assert life_level(begins) == level
    assert life_level(begins - 1) == level - 1


def sum_of_steps(steps: int) -> int:
    """XP that so many steps take: 1 + 2 + … times STEP_XP."""
    return STEP_XP * steps * (steps + 1) // 2


def test_a_level_never_falls_as_xp_grows() -> None:
    levels = [life_level(xp) for xp in range(0, 300_000, 37)]

    assert levels == sorted(levels)
