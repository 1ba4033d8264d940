"""XP rates: how much a focused second is worth in each dimension.

A plain table over categories. Every row spends the same budget, so no choice
of category earns more than another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

DIMENSIONS: Final = ("physique", "energy", "logic", "creativity", "social")
BUDGET_MILLI_XP: Final = 2000
"""What one focused second earns over all dimensions, in milli-XP."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Milli-XP per focused second, in each dimension."""

    physique: int = 0
    energy: int = 0
    logic: int = 0
    creativity: int = 0
    social: int = 0

    def xp(self, focused_ms: int) -> "Xp":
        """What `focused_ms` are worth: one floor for each dimension, none before."""
        # Written out, because every tick of every session comes through here.
        return Xp(
            focused_ms * self.physique // 1_000_000,
            focused_ms * self.energy // 1_000_000,
            focused_ms * self.logic // 1_000_000,
            focused_ms * self.creativity // 1_000_000,
            focused_ms * self.social // 1_000_000,
        )

    def per_second(self) -> dict[str, float]:
        """The rates in XP per second, as the wire shows them."""
        return {name: getattr(self, name) / 1000 for name in DIMENSIONS}


@dataclass(frozen=True, slots=True)
class Xp:
    """Whole XP in each dimension."""

    physique: int = 0
    energy: int = 0
    logic: int = 0
    creativity: int = 0
    social: int = 0

    @property
    def total(self) -> int:
        """The sum of the five dimensions."""
        return self.physique + self.energy + self.logic + self.creativity + self.social

    def fields(self) -> dict[str, int]:
        """The total and the five dimensions, under the names the wire and the stores use."""
        dimensions = {f"xp_{name}": getattr(self, name) for name in DIMENSIONS}
        return {"xp_total": self.total, **dimensions}


BALANCED: Final = Rates(400, 400, 400, 400, 400)

_TABLE: Final[Mapping[str, Rates]] = MappingProxyType(
    {
        "physique": Rates(1200, 600, 0, 0, 200),
        "sport": Rates(1200, 600, 0, 0, 200),
        "fitness": Rates(1200, 600, 0, 0, 200),
        "health": Rates(700, 1000, 100, 100, 100),
        "energy": Rates(400, 1300, 100, 100, 100),
        "mindfulness": Rates(200, 1300, 200, 200, 100),
        "rest": Rates(200, 1500, 100, 100, 100),
        "logic": Rates(0, 200, 1400, 300, 100),
        "study": Rates(0, 200, 1400, 300, 100),
        "work": Rates(0, 300, 1100, 400, 200),
        "programming": Rates(0, 200, 1300, 500, 0),
        "creativity": Rates(100, 300, 200, 1300, 100),
        "drawing": Rates(100, 300, 200, 1300, 100),
        "music": Rates(200, 300, 300, 1100, 100),
        "writing": Rates(0, 200, 600, 1100, 100),
        "social": Rates(100, 400, 100, 200, 1200),
        "family": Rates(100, 500, 0, 200, 1200),
    }
)


def rates_for(*categories: str) -> Rates:
    """The row of the first category the table knows; the balanced row when it knows none."""
    for category in categories:
        row = _TABLE.get(category.strip().casefold())
        if row is not None:
            return row
    return BALANCED


def categories() -> tuple[str, ...]:
    """The categories the table knows."""
    return tuple(_TABLE)
