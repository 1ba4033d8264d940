"""From a name to its parts: what each word or phrase says, and what no list has."""

from dataclasses import dataclass, replace
from typing import Final

from domain.lexicon import forms
from domain.lexicon.entries import AND, LONGEST_PHRASE, Entry, Found, Lexicon
from domain.lexicon.words import Token, is_rtl, tokens

_MOST_TOKENS: Final = 30
_RESPELLED: Final = 0.8
_SOMEBODY: Final = Found(Entry((0.0, 0.0, 0.0, 0.0, 2.6)), 0.9)
"""An unknown word after `with` is most likely a name."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A word or a phrase of a name that says something."""

    text: str
    """As it was typed."""
    found: Found
    rtl: bool
    sign: bool
    """Whether it is an emoji."""
    meant: str = ""
    """What it seems to be a misspelling of, if it does."""

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
class Reading:
    """What was made of a text."""

    parts: tuple[Part, ...]
    """In order; parts without a unit too."""
    strange: bool
    """Whether a word was left that is neither known nor known to say nothing."""


def read(lexicon: Lexicon, text: str, guesses: int) -> Reading:
    """Take a text apart; `guesses` unknown words are compared with the whole vocabulary."""
    return _Reader(lexicon, tokens(text), guesses).reading()


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
    meant: str = ""
    """The respelling, as one writes it."""


class _Reader:
    """One pass over the tokens of a text."""

    def __init__(self, lexicon: Lexicon, found: list[Token], guesses: int) -> None:
        self._lexicon = lexicon
        self._guesses = guesses
        # Fillers are dropped first, so that phrases are seen through them; quotes keep them.
        words, texts, passed = list[_Word](), list[str](), list[str]()
        for token in found:
            if len(words) == _MOST_TOKENS:
                break
            passed.append(token.text)
            if token.key not in lexicon.fillers:
                words.append(self._known(token) or self._guess(token))
                texts.append(" ".join(passed))
                passed = []
        self._words, self._texts = words, texts

    def _known(self, token: Token) -> _Word | None:
        key, root = token.key, forms.root(token.key)
        whole = self._lexicon.redoubled(key)
        if whole is not None:
            return self._respelled(token, whole)
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
        near = self._lexicon.respelled(key)
        if near is None:
            return replace(unknown, found=self._lexicon.composed(key))
        return self._respelled(token, near.word)

    def _respelled(self, token: Token, meant: str) -> _Word:
        found = self._lexicon.exact(meant)
        if found is not None:
            found = replace(found, certainty=_RESPELLED)
        spelled = self._lexicon.written.get(meant, meant)
        return _Word(token.text, meant, forms.root(meant), found, _RESPELLED, spelled)

    def reading(self) -> Reading:
        """All parts of the text, those without a unit too."""
        units, done, strange = list[Unit](), list[Part](), False
        link, opening, place = AND, "", 0
        while place < len(self._words):
            word = self._words[place]
            unit, length = self._unit(place, opening if link == "with" and not units else "")
            opened = None if unit else self._lexicon.links.get(word.key)
            place += length
            if unit is not None:
                units.append(unit)
            elif opened is not None:
                done.append(Part(link, tuple(units)))
                link, opening, units = opened, word.text, []
            else:
                strange = strange or not self._lexicon.says_nothing(word.key)
        return Reading((*done, Part(link, tuple(units))), strange)

    def _unit(self, place: int, company: str) -> tuple[Unit | None, int]:
        """The unit that begins here, and how many words it or an unknown word takes.

        `company` is the `with` before it, if it opens a part after one.
        """
        word = self._words[place]
        found, length = self._phrase(place) or self._joined(place) or (word.found, 1)
        words = self._words[place : place + length]
        typed = [word.text, *self._texts[place + 1 : place + length]]
        text = " ".join(typed)
        if found is None and company and self._is_name(word):
            found, text = _SOMEBODY, f"{company} {text}"
        if found is None:
            return None, 1
        meant = "" if found is _SOMEBODY else _respelling(typed, words)
        return Unit(text, found, is_rtl(word.key), not word.key.isalnum(), meant), length

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


def _respelling(typed: list[str], words: list[_Word]) -> str:
    """What was typed, with the misspelt words as they are written; empty if there is none."""
    if not any(word.meant for word in words):
        return ""
    return " ".join(
        text.removesuffix(word.text) + (word.meant or word.text)
        for text, word in zip(typed, words, strict=True)
    )
