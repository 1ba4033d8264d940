"""Life Level: how far a user's XP has carried them."""

from dataclasses import dataclass
from math import isqrt
from typing import Final

STEP_XP: Final = 1000
"""Level n+1 lies n times STEP_XP beyond level n."""


def life_level(xp_total: int) -> int:
    """The level that `xp_total` XP amount to; 1 at the start, never falling as XP grows."""
    return (1 + isqrt(1 + 8 * max(0, xp_total) // STEP_XP)) // 2


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a user stands on the way from one level to the next; all amounts in XP."""

    level: int
    level_xp: int
    """The total at which this level begins."""
    next_level_xp: int
    """The total at which the next one begins."""
    xp_total: int

    @property
    def xp_to_next(self) -> int:
        """What is missing to the next level."""
        return self.next_level_xp - max(0, self.xp_total)

    @property
    def progress(self) -> float:
        """The part of this level that is done, from 0 to under 1, rounded down to a thousandth."""
        done = max(0, self.xp_total) - self.level_xp
        return done * 1000 // (self.next_level_xp - self.level_xp) / 1000


def level_begins(level: int) -> int:
    """The total, in XP, at which a level begins."""
    return STEP_XP * level * (level - 1) // 2


def standing(xp_total: int) -> Standing:
    """Say what level a total amounts to and how far it is into it."""
    level = life_level(xp_total)
    return Standing(level, level_begins(level), level_begins(level + 1), xp_total)
