"""Rates from the words of a subject. The formula is in the package's docstring."""

from dataclasses import dataclass
from typing import Final

from domain.lexicon import categories
from domain.lexicon.entries import Lexicon
from domain.lexicon.scoring import CLEAR, Saying, Score, score
from domain.lexicon.telling import Cause, told
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
_MISSPELT_CONFIDENCE: Final = 0.7
_MOST_CONFIDENCE: Final = 0.95
"""Unless every word that may mean something was recognised and leads to the same dimension."""
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
    if activity.sayings or goal.sayings:
        return _by_words(activity, goal, prior, size)
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


def _by_words(activity: Score, goal: Score, prior: _Prior, size: float) -> Rating:
    before = tuple(size * share for share in prior.shares)
    vector = tuple(
        named + _GOAL * aimed + already
        for named, aimed, already in zip(activity.vector, goal.vector, before, strict=True)
    )
    given = [(Cause(one.text, "", one.meant), one.vector) for one in activity.sayings]
    for one in goal.sayings:
        aimed_at = tuple(_GOAL * value for value in one.vector)
        given.append((Cause(one.text, "goal", one.meant), aimed_at))
    given.append((Cause(prior.category, "category"), before))
    return Rating(
        rates=blended(vector),
        engine=ENGINE,
        confidence=_confidence(activity, goal, vector),
        explanation=told({DIMENSIONS[place]: _cause(given, place) for place in _said(vector)}),
    )


def _confidence(activity: Score, goal: Score, vector: _Vector) -> float:
    """Certainty of the word, times its clearness, times the lead over the second dimension."""
    teller = activity if activity.sayings else goal
    second, first = sorted(vector)[-2:]
    clearness = 0.5 + 0.5 * min(1.0, max(teller.vector) / CLEAR)
    lead = 0.5 + 0.5 * (1 - second / first)
    source = 1.0 if activity.sayings else _GOAL_CONFIDENCE
    spelling = _MISSPELT_CONFIDENCE if teller.leading.meant else 1.0
    sure = teller.leading.certainty * spelling * clearness * lead * source
    leading = vector.index(first)
    agreed = all(_leads(saying, leading) for saying in teller.sayings) and not teller.strange
    return round(sure if agreed else min(sure, _MOST_CONFIDENCE), 2)


def _leads(saying: Saying, dimension: int) -> bool:
    return saying.vector[dimension] == max(saying.vector)


def _said(vector: _Vector) -> list[int]:
    """The places of the leading dimension, and of the second one if it is close."""
    first, second = sorted(range(len(vector)), key=lambda place: -vector[place])[:2]
    return [first, second] if vector[second] >= _SECOND * vector[first] else [first]


def _cause(given: list[tuple[Cause, _Vector]], dimension: int) -> Cause:
    """What adds most to a dimension."""
    return max(given, key=lambda one: one[1][dimension])[0]


def _prior(category: str) -> _Prior:
    """The table's row of a category; if it has none, what the category's own words say."""
    if categories.says_nothing(category):
        return _Prior()
    name = categories.known(category)
    if name is not None:
        row = rates_for(name)
    else:
        words = score(_LEXICON, category[:_ASIDE_TEXT], guesses=1)
        if not words.sayings:
            return _Prior()
        row = blended(words.vector)
    shares = tuple(getattr(row, name) / BUDGET_MILLI_XP for name in DIMENSIONS)
    return _Prior(quotable(category), row, shares)
