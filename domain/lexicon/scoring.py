"""From a name to a score in each dimension: which word leads, and how far the others follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from domain.lexicon import forms
from domain.lexicon.entries import AND, LONGEST_PHRASE, Entry, Found, Lexicon
from domain.lexicon.words import Token, is_rtl, tokens
from domain.rates import DIMENSIONS

CLEAR: Final = 3.0
"""The score of one clear word; no name scores more in its leading dimension."""
_MOST_TOKENS: Final = 30
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
_SOMEBODY: Final = Entry((0.0, 0.0, 0.0, 0.0, 2.6))
"""An unknown word after `with` is most likely a name."""
_SOCIAL: Final = DIMENSIONS.index("social")


@dataclass(frozen=True, slots=True)
class Unit:
    """A word or a phrase of a name that says something."""

    text: str
    found: Found
    rtl: bool
    sign: bool
    """Whether it is an emoji."""

    @property
    def weights(self) -> tuple[float, ...]:
        return tuple(weight * self.found.certainty for weight in self.found.entry.weights)

    @property
    def role(self) -> str:
        return self.found.entry.role


@dataclass(frozen=True, slots=True)
class Part:
    """Units between two links: `reading` and `guitars` of `reading about guitars`."""

    link: str
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What a text says."""

    vector: tuple[float, ...] = (0.0,) * len(DIMENSIONS)
    leading: str = ""
    """The word or phrase that says most of the leading dimension."""
    certainty: float = 0.0
    """How surely that word was recognised, from 0 to 1."""


def score(lexicon: Lexicon, text: str, guesses: int = GUESSES) -> Score:
    """Score a text in all dimensions; all are 0 if no word of it is known."""
    parts = [part for part in _Reader(lexicon, tokens(text), guesses).parts() if part.units]
    vector = [0.0] * len(DIMENSIONS)
    said: list[tuple[float, Unit, tuple[float, ...]]] = []
    for place, part in enumerate(parts):
        factor = _factor(part) if place else 1.0
        for unit, share in zip(part.units, _shares(part.units), strict=True):
            given = tuple(weight * share * factor for weight in unit.weights)
            said.append((share * factor, unit, given))
            vector = [sum(pair) for pair in zip(vector, given, strict=True)]
    top = max(vector)
    if not top:
        return Score()
    winner = vector.index(top)
    _, unit, _ = max(said, key=lambda one: one[2][winner])
    scale = CLEAR / top if top > CLEAR else 1.0
    return Score(tuple(scale * value for value in vector), unit.text, unit.found.certainty)


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


class _Reader:
    """One pass over the tokens of a text."""

    def __init__(self, lexicon: Lexicon, found: list[Token], guesses: int) -> None:
        self._lexicon = lexicon
        # Fillers are dropped first, so that phrases are seen through them.
        self._tokens = [token for token in found if token.key not in lexicon.fillers]
        del self._tokens[_MOST_TOKENS:]
        self._roots = [forms.root(token.key) for token in self._tokens]
        self._guesses = guesses

    def parts(self) -> list[Part]:
        """The parts of the text in order, those without a unit too."""
        link, units, done = AND, list[Unit](), list[Part]()
        place = 0
        while place < len(self._tokens):
            token = self._tokens[place]
            unit, length = self._unit(place, link if not units else "")
            place += length
            opened = None if unit else self._lexicon.links.get(token.key)
            if unit is not None:
                units.append(unit)
            elif opened is not None:
                done.append(Part(link, tuple(units)))
                link, units = opened, []
        return [*done, Part(link, tuple(units))]

    def _unit(self, place: int, link: str) -> tuple[Unit | None, int]:
        """The unit that begins here, and how many tokens it or the unknown word takes."""
        token = self._tokens[place]
        found, length = self._phrase(place)
        if found is None and token.key not in self._lexicon.links:
            found, length = self._word(place)
            if found is None and link == "with" and self._is_name(token):
                found = Found(_SOMEBODY, 0.9)
        if found is None:
            return None, 1
        text = " ".join(one.text for one in self._tokens[place : place + length])
        sign = not token.key.isalnum()
        return Unit(text, found, is_rtl(token.key), sign), length

    def _phrase(self, place: int) -> tuple[Found | None, int]:
        if self._roots[place] in self._lexicon.openers:
            for length in range(LONGEST_PHRASE, 1, -1):
                entry = self._lexicon.phrases.get(tuple(self._roots[place : place + length]))
                if entry is not None:
                    return Found(entry, 1.0), length
        return None, 1

    def _word(self, place: int) -> tuple[Found | None, int]:
        key = self._tokens[place].key
        if place + 1 < len(self._tokens):
            joined = self._lexicon.joined(key, self._tokens[place + 1].key)
            if joined is not None:
                return joined, 2
        found = self._lexicon.exact(key)
        if found is None and not self._lexicon.says_nothing(key):
            found = self._guess(key)
        return found, 1

    def _guess(self, key: str) -> Found | None:
        if not self._guesses:
            return None
        self._guesses -= 1
        return self._lexicon.similar(key) or self._lexicon.composed(key)

    def _is_name(self, token: Token) -> bool:
        return token.key.isalpha() and not self._lexicon.says_nothing(token.key)
