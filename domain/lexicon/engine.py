"""Rates from the words of a subject. The formula is in the package's docstring."""

from dataclasses import dataclass
from typing import Final

from domain.lexicon import categories
from domain.lexicon.entries import Lexicon
from domain.lexicon.scoring import CLEAR, Score, score
from domain.lexicon.words import quotable
from domain.rates import BALANCED, BUDGET_MILLI_XP, DIMENSIONS, Rates, rates_for
from domain.rating import Rating, Subject, normalised

ENGINE: Final = "lexicon"
_GOAL: Final = 0.25
_PRIOR: Final = 0.5 * CLEAR
_GOAL_PRIOR: Final = 0.25 * CLEAR
_FLOOR: Final = 0.1
_SHARPNESS: Final = 1.5
_SECOND: Final = 0.6
"""A dimension with this part of the leading one's score is named beside it."""
_ASIDE_TEXT: Final = 100
"""Characters of a goal or a category that are looked at."""
_GOAL_CONFIDENCE: Final = 0.6
_CATEGORY_CONFIDENCE: Final = 0.4
_LEXICON: Final = Lexicon.load()

_Vector = tuple[float, ...]
_NOTHING: Final[_Vector] = (0.0,) * len(DIMENSIONS)


@dataclass(frozen=True, slots=True)
class _Prior:
    """What a category says by itself."""

    category: str = ""
    rates: Rates = BALANCED
    shares: _Vector = _NOTHING
    """Parts of the budget; all 0 without a category."""


def rate(subject: Subject) -> Rating:
    """Rate a subject by its words, else by its categories, else alike in all dimensions.

    Never raises, whatever the words are. The rates spend exactly the budget.
    """
    activity, goal = (
        score(_LEXICON, subject.activity),
        score(_LEXICON, subject.goal[:_ASIDE_TEXT], guesses=1),
    )
    prior, size = _prior(subject.activity_category), _PRIOR
    if not prior.category:
        prior, size = _prior(subject.goal_category), _GOAL_PRIOR
    if activity.leading or goal.leading:
        return _by_words(activity, goal, tuple(size * share for share in prior.shares))
    if prior.category:
        return Rating(
            rates=prior.rates,
            engine=ENGINE,
            confidence=_CATEGORY_CONFIDENCE,
            explanation=f"No word was recognised; the category {prior.category} decides.",
        )
    return Rating(
        rates=BALANCED,
        engine=ENGINE,
        confidence=0.0,
        explanation="Nothing was recognised; all dimensions alike.",
    )


def blended(vector: _Vector) -> Rates:
    """The rates of a score: a floor for each dimension, the rest by sharpened shares."""
    sharp = [value**_SHARPNESS for value in vector]
    total = sum(sharp)
    open_part = 1 - _FLOOR * len(DIMENSIONS)
    weights = [_FLOOR + open_part * value / total for value in sharp]
    return normalised(dict(zip(DIMENSIONS, weights, strict=True)))


def _by_words(activity: Score, goal: Score, prior: _Vector) -> Rating:
    vector = tuple(
        named + _GOAL * aimed + before
        for named, aimed, before in zip(activity.vector, goal.vector, prior, strict=True)
    )
    return Rating(
        rates=blended(vector),
        engine=ENGINE,
        confidence=_confidence(activity, goal, vector),
        explanation=_explanation(activity, goal, vector),
    )


def _confidence(activity: Score, goal: Score, vector: _Vector) -> float:
    """Certainty of the word, times its clearness, times the lead over the second dimension."""
    teller = activity if activity.leading else goal
    second, first = sorted(vector)[-2:]
    clearness = 0.5 + 0.5 * min(1.0, max(teller.vector) / CLEAR)
    lead = 0.5 + 0.5 * (1 - second / first)
    source = 1.0 if activity.leading else _GOAL_CONFIDENCE
    return round(teller.certainty * clearness * lead * source, 2)


def _explanation(activity: Score, goal: Score, vector: _Vector) -> str:
    teller, whose = (activity, "") if activity.leading else (goal, "The goal's ")
    order = sorted(range(len(DIMENSIONS)), key=lambda place: -vector[place])
    leading, following = order[0], order[1]
    said = DIMENSIONS[leading]
    if vector[following] >= _SECOND * vector[leading]:
        said = f"{said} and {DIMENSIONS[following]}"
    word = quotable(teller.leading)
    if teller.vector[leading] == max(teller.vector):
        return f"{whose}'{word}' suggests {said}."
    return f"{whose}'{word}' is not clear; goal and category suggest {said}."


def _prior(category: str) -> _Prior:
    """The table's row of a category; if it has none, what the category's own words say."""
    name = categories.known(category)
    if name is not None:
        row = rates_for(name)
    else:
        words = score(_LEXICON, category[:_ASIDE_TEXT], guesses=1)
        if not words.leading:
            return _Prior()
        row = blended(words.vector)
    shares = tuple(getattr(row, name) / BUDGET_MILLI_XP for name in DIMENSIONS)
    return _Prior(quotable(category), row, shares)
