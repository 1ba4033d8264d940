"""The result of an analysis: an OKR dashboard, in the words of the person who was asked.

The shape is version 1 of what clients are shown (docs/analysis.md). An engine fills it in; what
an engine cannot know, who it was and which answers nobody could read, is added by the caller.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

VERSION: Final = 1
"""Grows when a member changes its meaning or goes away; new members do not raise it."""

ANSWERS: Final = 5
"""A review has so many questions, in the orders 1 to 5."""

KEY_RESULTS_MAX: Final = 8
THEMES_MAX: Final = 8
FINDINGS_MAX: Final = 8
STEPS_MAX: Final = 6
TEXT_MAX_CHARS: Final = 300
METRIC_MAX_CHARS: Final = 120
UNIT_MAX_CHARS: Final = 40
NUMBER_MAX: Final = 1e15
NAME_MAX_CHARS: Final = 60

Direction = Literal["increase", "decrease", "reach", "maintain"]
Mood = Literal["positive", "neutral", "negative", "mixed"]
Language = Literal["en", "fa", "mixed", "other"]
PARTS: Final = (
    "objective",
    "key_results",
    "themes",
    "blockers",
    "strengths",
    "sentiment",
    "next_steps",
)
"""The parts that an engine says its confidence in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerText:
    """One answer as an engine reads it; `answer` is blank where nobody could read it."""

    order: int
    """1 to 5."""
    question_id: int
    prompt: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What somebody wants to reach; `text` is empty and `order` None where none was found."""

    text: str
    order: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyResult:
    """Something that can be measured; a number that the text does not say is None."""

    text: str
    """The sentence that it was read from."""
    metric: str
    """What is measured."""
    baseline: float | None
    target: float | None
    unit: str | None
    """"%", "$", "customers", "تومان"; as the text has it."""
    direction: Direction
    due: str | None
    """When, in the words of the text."""
    order: int
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """What is spoken of; `orders` are the answers that do."""

    name: str
    mentions: int
    orders: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A blocker or a strength, and the answer that it stands in."""

    text: str
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentiment:
    """The tone of all answers: `score` from -1 to 1."""

    label: Mood
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something to do next, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """How sure the engine is of each part: from 0, a guess, to 1, certain; two decimals."""

    objective: float
    key_results: float
    themes: float
    blockers: float
    strengths: float
    sentiment: float
    next_steps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """What an engine found."""

    language: Language
    objective: Objective
    key_results: Sequence[KeyResult]
    themes: Sequence[Theme]
    blockers: Sequence[Finding]
    strengths: Sequence[Finding]
    sentiment: Sentiment
    next_steps: Sequence[Step]
    confidence: Confidence
