"""From a name to a score in each dimension: which word leads, and how far the others follow."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
_RESPELLED: Final = 0.8
_AFTER: Final[Mapping[str, float]] = MappingProxyType(
    {AND: 0.9, "with": 0.6, "about": 0.4, "for": 0.35, "place": 0.4, "to": 0.75, "aside": 0.2}
)
"""How much a part counts by the link before it, once an earlier part has said something."""
_OF_SOMEBODY: Final[Mapping[str, float]] = MappingProxyType({"with": 0.9, "place": 0.75})
"""The same where the part begins with a person or a company."""
_SOMEBODY: Final = Found(Entry((0.0, 0.0, 0.0, 0.0, 2.6)), 0.9)
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


@dataclass(frozen=True, slots=True)
class _Word:
    """A token with all that is known of it by itself."""

    text: str
    key: str
    """Respelled, if it was misspelt."""
    root: str
    found: Found | None
    certainty: float = 1.0
    """Below 1 if it was respelled."""


class _Reader:
    """One pass over the tokens of a text."""

    def __init__(self, lexicon: Lexicon, found: list[Token], guesses: int) -> None:
        self._lexicon = lexicon
        self._guesses = guesses
        # Fillers are dropped first, so that phrases are seen through them.
        kept = [token for token in found if token.key not in lexicon.fillers]
        self._words = [self._known(token) or self._guess(token) for token in kept[:_MOST_TOKENS]]

    def _known(self, token: Token) -> _Word | None:
        key, root = token.key, forms.root(token.key)
        found = None if key in self._lexicon.links else self._lexicon.exact(key)
        plain = key in self._lexicon.links or self._lexicon.says_nothing(key)
        if found is None and not plain and root not in self._lexicon.members:
            return None
        return _Word(token.text, key, root, found)

    def _guess(self, token: Token) -> _Word:
        key = token.key
        unknown = _Word(token.text, key, forms.root(key), None)
        if not self._guesses:
            return unknown
        self._guesses -= 1
        meant = self._lexicon.respelled(key)
        if meant is None:
            return replace(unknown, found=self._lexicon.composed(key))
        found = self._lexicon.exact(meant)
        if found is not None:
            found = replace(found, certainty=_RESPELLED)
        return _Word(token.text, meant, forms.root(meant), found, _RESPELLED)

    def parts(self) -> list[Part]:
        """The parts of the text in order, those without a unit too."""
        link, units, done = AND, list[Unit](), list[Part]()
        place = 0
        while place < len(self._words):
            unit, length = self._unit(place, link if not units else "")
            opened = None if unit else self._lexicon.links.get(self._words[place].key)
            place += length
            if unit is not None:
                units.append(unit)
            elif opened is not None:
                done.append(Part(link, tuple(units)))
                link, units = opened, []
        return [*done, Part(link, tuple(units))]

    def _unit(self, place: int, link: str) -> tuple[Unit | None, int]:
        """The unit that begins here, and how many words it or an unknown word takes."""
        word = self._words[place]
        found, length = self._phrase(place) or self._joined(place) or (word.found, 1)
        if found is None and link == "with" and self._is_name(word):
            found = _SOMEBODY
        if found is None:
            return None, 1
        text = " ".join(one.text for one in self._words[place : place + length])
        return Unit(text, found, is_rtl(word.key), sign=not word.key.isalnum()), length

    def _phrase(self, place: int) -> tuple[Found, int] | None:
        if self._words[place].root in self._lexicon.openers:
            for length in range(LONGEST_PHRASE, 1, -1):
                words = self._words[place : place + length]
                entry = self._lexicon.phrases.get(tuple(word.root for word in words))
                if entry is not None:
                    return Found(entry, min(word.certainty for word in words)), len(words)
        return None

    def _joined(self, place: int) -> tuple[Found, int] | None:
        keys = [word.key for word in self._words[place : place + 2]]
        apart = len(keys) == 1 or not self._lexicon.links.keys().isdisjoint(keys)
        found = None if apart else self._lexicon.joined(*keys)
        return None if found is None else (found, 2)

    def _is_name(self, word: _Word) -> bool:
        plain = word.key in self._lexicon.links or self._lexicon.says_nothing(word.key)
        return word.key.isalpha() and not plain
