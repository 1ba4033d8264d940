"""From a name to a score in each dimension: which word leads, and how far the others follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from domain.lexicon.entries import AND, Lexicon
from domain.lexicon.reading import Part, Unit, read
from domain.rates import DIMENSIONS

CLEAR: Final = 3.0
"""The score of one clear word; no name scores more in its leading dimension."""
GUESSES: Final = 3
"""Unknown words of one text that are compared with the vocabulary: it takes long."""
_FOLLOWS: Final = 0.6
_UNDER_VERB: Final = 0.45
_LIGHT: Final = 0.5
_EMOJI: Final = 0.6
_AFTER: Final[Mapping[str, float]] = MappingProxyType(
    {AND: 0.9, "with": 0.6, "about": 0.4, "for": 0.35, "place": 0.4, "to": 0.75, "aside": 0.2}
)
"""How much a part counts by the link before it, once an earlier part has said something."""
_OF_SOMEBODY: Final[Mapping[str, float]] = MappingProxyType({"with": 0.9, "place": 0.75})
"""The same where the part begins with a person or a company."""
_SOCIAL: Final = DIMENSIONS.index("social")


@dataclass(frozen=True, slots=True)
class Saying:
    """What one word or phrase of a text adds to its score."""

    text: str
    """As it was typed."""
    meant: str
    """What it seems to be a misspelling of; empty if it is well spelt."""
    certainty: float
    """How surely it was recognised, from 0 to 1."""
    vector: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What a text says."""

    vector: tuple[float, ...] = (0.0,) * len(DIMENSIONS)
    sayings: tuple[Saying, ...] = ()
    """What says it, in order; empty if no word is known."""
    strange: bool = False
    """Whether a word was left that is neither known nor known to say nothing."""

    @property
    def leading(self) -> Saying:
        """The word or phrase that says most of the leading dimension; there must be one."""
        winner = self.vector.index(max(self.vector))
        return max(self.sayings, key=lambda saying: saying.vector[winner])


def score(lexicon: Lexicon, text: str, guesses: int = GUESSES) -> Score:
    """Score a text in all dimensions; all are 0 if no word of it is known."""
    reading = read(lexicon, text, guesses)
    given: list[tuple[Unit, float]] = []
    for part in reading.parts:
        if part.units:
            factor = _factor(part) if given else 1.0
            shares = zip(part.units, _shares(part.units), strict=True)
            given += [(unit, share * factor) for unit, share in shares]
    top = max((sum(column) for column in zip(*map(_weighed, given), strict=True)), default=0.0)
    if not top:
        return Score()
    scale = min(1.0, CLEAR / top)
    sayings = tuple(_saying(unit, scale * share) for unit, share in given)
    columns = zip(*(saying.vector for saying in sayings), strict=True)
    return Score(tuple(map(sum, columns)), sayings, reading.strange)


def _saying(unit: Unit, share: float) -> Saying:
    vector = _weighed((unit, share))
    return Saying(unit.text, unit.meant, unit.found.certainty, vector)


def _weighed(given: tuple[Unit, float]) -> tuple[float, ...]:
    unit, share = given
    return tuple(share * weight for weight in unit.weights)


def _factor(part: Part) -> float:
    somebody = part.units[0].weights[_SOCIAL] > 0
    return (_OF_SOMEBODY if somebody else _AFTER).get(part.link, _AFTER[part.link])


def _shares(units: tuple[Unit, ...]) -> list[float]:
    """How much each unit of a part counts.

    The head counts in full: a leading verb, else in Persian the first word and elsewhere
    the last. A light verb counts half, and is no head.
    """
    able = [place for place, unit in enumerate(units) if unit.role != "light" and not unit.sign]
    first = units[0]
    if first.role == "verb":
        return [1.0] + [_UNDER_VERB] * (len(units) - 1)
    head = (able[0] if first.rtl else able[-1]) if able else -1
    return [_share(unit, leads=place == head) for place, unit in enumerate(units)]


def _share(unit: Unit, *, leads: bool) -> float:
    if leads:
        return 1.0
    if unit.role == "light":
        return _LIGHT
    return _EMOJI if unit.sign else _FOLLOWS
