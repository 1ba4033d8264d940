"""Life Level: how far a user's XP has carried them."""

from math import isqrt
from typing import Final

STEP_XP: Final = 1000
"""Level n+1 lies n times STEP_XP beyond level n."""


def life_level(xp_total: int) -> int:
    """The level that `xp_total` XP amount to; 1 at the start, never falling as XP grows."""
    return (1 + isqrt(1 + 8 * max(0, xp_total) // STEP_XP)) // 2
