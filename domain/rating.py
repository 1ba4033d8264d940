"""What a session will be about, and what a second of it is worth: the shape of an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.rates import BUDGET_MILLI_XP, DIMENSIONS, Rates

ENGINES: Final = ("fixed", "llm", "lexicon")
"""Who can set rates; the first that has an answer counts."""
GRAIN_MILLI_XP: Final = 100
"""Rates are multiples of it: one decimal on the wire, and ten seconds earn whole XP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An activity and the goal it serves, in the words of whoever named them."""

    activity: str
    activity_category: str = ""
    goal: str = ""
    goal_category: str = ""
    fixed: Rates | None = None
    """Rates that the activity's document prescribes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """Rates, who set them, and why."""

    rates: Rates
    engine: str
    """One of `ENGINES`."""
    confidence: float
    """From 0, a guess, to 1, certain; two decimals."""
    explanation: str
    """One English sentence for the user."""


def normalised(weights: Mapping[str, float]) -> Rates:
    """Spend the whole budget in proportion to the weights, in steps of `GRAIN_MILLI_XP`.

    Weights are per dimension; missing ones are 0. What is left by rounding down goes to
    the largest remainders, earlier dimensions first. Raises ValueError for a negative or
    unusable weight, or if all are 0.
    """
    known = [float(weights.get(name, 0)) for name in DIMENSIONS]
    total = sum(known)
    if min(known) < 0 or not 0 < total < float("inf"):
        raise ValueError("weights must be finite, not negative, and not all 0")
    steps = BUDGET_MILLI_XP // GRAIN_MILLI_XP
    exact = [steps * (weight / total) for weight in known]
    whole = [int(share) for share in exact]
    by_remainder = sorted(range(len(whole)), key=lambda place: whole[place] - exact[place])
    for place in by_remainder[: steps - sum(whole)]:
        whole[place] += 1
    spent = [GRAIN_MILLI_XP * share for share in whole]
    return Rates(**dict(zip(DIMENSIONS, spent, strict=True)))
