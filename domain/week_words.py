"""A week in the words of somebody else: what they are told of it, and when they are believed."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Final

from domain.achievements import BY_CODE
from domain.weekly import WeeklyReview

SUMMARY_MAX_CHARS: Final = 600
MARKUP: Final = ("<", ">", "`", "http")
NUMBER: Final = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")
WORD: Final = re.compile(r"[a-z]+")
NUMBER_WORDS: Final = {
    word: Decimal(value)
    for value, word in enumerate(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"],
        start=2,
    )
} | {
    "zero": Decimal(0), "dozen": Decimal(12), "thirty": Decimal(30), "forty": Decimal(40),
    "fifty": Decimal(50), "sixty": Decimal(60), "seventy": Decimal(70), "eighty": Decimal(80),
    "ninety": Decimal(90), "hundred": Decimal(100), "thousand": Decimal(1000),
}  # fmt: skip
"""Not `one`, which mostly counts nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFigures:
    """What somebody outside is told of a week: figures and names of ours, no user's own words."""

    week: int
    days_completed: int
    days_total: int
    focus_minutes: int
    sessions: int
    reflections: int
    average_difficulty: float | None
    average_satisfaction: float | None
    streak_days: int
    achievements: tuple[str, ...]
    """Their names."""
    program: str | None
    completed_days: tuple[str, ...]
    """Their titles."""


def figures_of(review: WeeklyReview) -> WeekFigures:
    """What may be told of the week."""
    return WeekFigures(
        week=review.week,
        days_completed=review.days_completed,
        days_total=review.total_days,
        focus_minutes=review.focus_minutes,
        sessions=review.sessions,
        reflections=review.reflections,
        average_difficulty=review.average_difficulty,
        average_satisfaction=review.average_satisfaction,
        streak_days=review.current_streak,
        achievements=tuple(BY_CODE[code].name for code in review.achievements),
        program=review.names.program,
        completed_days=review.names.days,
    )


def is_plain(text: str) -> bool:
    """Whether it has the form of a summary: a line of printable text, no markup, no address."""
    folded = text.casefold()
    fits = len(text) <= SUMMARY_MAX_CHARS and bool(text.strip())
    return fits and text.isprintable() and not any(mark in folded for mark in MARKUP)


def keeps_to(figures: WeekFigures, text: str) -> bool:
    """Whether the text mentions no number that is not among the figures.

    Numbers inside of a name that was told belong to the name. A figure that is put into the
    wrong sentence is not noticed.
    """
    rest = _without(_names(figures), text.casefold())
    if any(c.isnumeric() and not c.isascii() for c in rest):
        return False
    told = {
        Decimal(str(value)) for value in asdict(figures).values() if type(value) in (int, float)
    }
    said = {Decimal(number.replace(",", "")) for number in NUMBER.findall(rest)}
    said |= {NUMBER_WORDS[word] for word in WORD.findall(rest) if word in NUMBER_WORDS}
    return said <= told


def _names(figures: WeekFigures) -> set[str]:
    """What the text may call things, also in part: "Day 3: Rhythm" is "Day 3" and "Rhythm"."""
    names = [figures.program or "", *figures.achievements, *figures.completed_days]
    return {part for name in names for part in (name, *name.split(": ")) if part}


def _without(names: Iterable[str], text: str) -> str:
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", " ", text)
    return text
