"""The vocabulary, parsed once and indexed: exact words, phrases, endings, likeness."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from domain.lexicon import forms
from domain.lexicon.likeness import Likeness, Near
from domain.lexicon.vocabulary import (
    english_creativity,
    english_energy,
    english_logic,
    english_phrases,
    english_physique,
    english_social,
    other_languages,
    persian_body,
    persian_heart,
    persian_mind,
    signs,
    silent,
)
from domain.lexicon.words import BOUNDARY, fold, is_rtl
from domain.rates import DIMENSIONS

LONGEST_PHRASE: Final = 4
AND: Final = "and"
_VOCABULARY: Final = (
    english_physique.WORDS,
    english_energy.WORDS,
    english_logic.WORDS,
    english_creativity.WORDS,
    english_social.WORDS,
    english_phrases.WORDS,
    persian_body.WORDS,
    persian_mind.WORDS,
    persian_heart.WORDS,
    other_languages.WORDS,
)
_SHORTEST_PART: Final = 5
_SHORTEST_PERSIAN_PART: Final = 3
_SHORTEST_JOINED: Final = 6
_SHORTEST_STEM: Final = 5
_DOUBLING: Final = ("ing", "ed", "er")
_DOUBLED: Final = re.compile("[^aeiou]*[aeiou][^aeiouwxy]").fullmatch
"""Short stems that double their last letter before these endings."""
_LONG_PART: Final = 6
_LONG_PERSIAN_PART: Final = 4
"""A part of a compound whose other part is unknown is at least so long."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a word or a phrase says."""

    weights: tuple[float, ...]
    """One for each of `DIMENSIONS`: 3 is a clear case, 1 a weak one."""
    role: str = ""
    """`verb`: what follows it counts less. `light`: what it is done to counts more."""


@dataclass(frozen=True, slots=True)
class Found:
    """An entry, and how surely it is the one that was meant, from 0 to 1."""

    entry: Entry
    certainty: float


def sections(table: str) -> Iterator[tuple[Entry, str]]:
    """The words of a table, each with what the heading above it says."""
    entry = Entry(())
    for line in table.splitlines():
        if line.endswith(":"):
            entry = _heading(line[:-1].split())
        else:
            for word in line.split():
                yield entry, word


def _heading(parts: list[str]) -> Entry:
    role = parts.pop() if len(parts) % 2 else ""
    told = dict(zip(parts[::2], parts[1::2], strict=True))
    if not set(told) <= set(DIMENSIONS):
        raise ValueError(f"no such dimension in heading {parts}")
    return Entry(tuple(float(told.get(name, 0)) for name in DIMENSIONS), role)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All tables in the form in which they are looked up. Nothing in it changes."""

    words: Mapping[str, Entry]
    phrases: Mapping[tuple[str, ...], Entry]
    openers: frozenset[str]
    """The first words of phrases, as roots."""
    members: frozenset[str]
    """All words of phrases, as roots."""
    endings: tuple[tuple[str, Entry], ...]
    fillers: frozenset[str]
    links: Mapping[str, str]
    silent: frozenset[str]
    likeness: Likeness
    written: Mapping[str, str]
    """Words as one writes them, where that is not how they are looked up."""

    @classmethod
    def load(cls) -> "Lexicon":
        """Parse and index the vocabulary. Raises ValueError for a heading it cannot read."""
        fillers = frozenset(fold(word) for word in silent.FILLERS.split())
        words: dict[str, Entry] = {}
        within: dict[str, None] = {}
        listed: dict[str, None] = {}
        written_as: dict[str, str] = {}
        phrases: dict[tuple[str, ...], Entry] = {}
        for table in _VOCABULARY:
            for entry, written in sections(table):
                parts = [part for part in fold(written).split("_") if part not in fillers]
                whole = "".join(parts)
                words.setdefault(whole, entry)
                if whole != written:
                    written_as.setdefault(whole, written.replace("_", " "))
                if len(parts) == 1 or is_rtl(whole):
                    listed[whole] = None
                if len(parts) > 1:
                    phrases.setdefault(tuple(map(forms.root, parts)), entry)
                    within.update(dict.fromkeys(parts))
        words.update({fold(sign[0]): entry for entry, sign in sections(signs.EMOJI)})
        return cls(
            words=words,
            phrases=phrases,
            openers=frozenset(phrase[0] for phrase in phrases),
            members=frozenset(map(forms.root, within)),
            endings=_endings(),
            fillers=fillers,
            links=_links(),
            silent=frozenset(fold(word) for word in silent.SILENT.split()),
            likeness=Likeness.of(listed | within),
            written=written_as,
        )

    def exact(self, key: str) -> Found | None:
        """The entry of a word in one of its forms."""
        entry = self.words.get(key)
        if entry is not None:
            return Found(entry, 1.0)
        if self.says_nothing(key):
            return None
        for form in forms.variants(key):
            if form in self.words:
                return Found(self.words[form], 0.95)
        return None

    def redoubled(self, key: str) -> str | None:
        """The word of which somebody doubled the last letter before the ending wrongly.

        `running` of `runing`, `writing` of `writting`.
        """
        if key in self.words or self.says_nothing(key):
            return None
        for ending in _DOUBLING:
            stem = key.removesuffix(ending)
            if stem == key or stem + "e" in self.words:
                continue
            whole = stem + stem[-1:] + ending
            if whole in self.words or (stem in self.words and _DOUBLED(stem)):
                return whole
            if stem[-2:-1] == stem[-1:] and stem[:-1] + ending in self.words:
                return None if self.exact(key) else stem[:-1] + ending
        return None

    def says_nothing(self, key: str) -> bool:
        """Whether a word is known to tell nothing."""
        return key in self.silent or key.removesuffix("s") in self.silent

    def joined(self, first: str, second: str) -> Found | None:
        """The entry of one word that somebody wrote as two: `foot ball`."""
        whole = first + second
        if len(whole) < _SHORTEST_JOINED or whole not in self.words:
            return None
        return Found(self.words[whole], 1.0)

    def composed(self, key: str) -> Found | None:
        """What the last or the first part of a compound says: `woodcarving`."""
        rtl = is_rtl(key)
        shortest = _SHORTEST_PERSIAN_PART if rtl else _SHORTEST_PART
        for cut in range(2, len(key) - shortest + 1):
            found = self.words.get(key[cut:])
            if found is not None and self._holds(key[cut:], key[:cut]):
                return Found(found, 0.75)
        for cut in range(len(key) - 2, shortest - 1, -1):
            found = self.words.get(key[:cut])
            if found is not None and self._holds(key[:cut], key[cut:]):
                return Found(found, 0.6)
        for ending, entry in self.endings:
            if key.endswith(ending) and len(key) > len(ending) + 1:
                return Found(entry, 0.75)
        return None

    def _holds(self, part: str, rest: str) -> bool:
        """Whether a part speaks for the whole: the rest is a word too, or the smaller part."""
        longer = _LONG_PERSIAN_PART if is_rtl(part) else _LONG_PART
        if len(part) >= longer and len(rest) < len(part):
            return True
        return rest in self.words or rest in self.silent or forms.root(rest) in self.members

    def respelled(self, key: str) -> Near | None:
        """The word that this one seems to be a misspelling of."""
        if not key.isalpha():
            return None
        near = self.likeness.nearest(key)
        stem = forms.root(key)
        if near is not None or stem == key or len(stem) < _SHORTEST_STEM:
            return near
        near = self.likeness.nearest(stem)
        return near if near is not None and near.slips == 1 else None


def _endings() -> tuple[tuple[str, Entry], ...]:
    tables = (signs.LATIN_ENDINGS, signs.PERSIAN_ENDINGS)
    listed = [(fold(word), entry) for table in tables for entry, word in sections(table)]
    return tuple(sorted(listed, key=lambda pair: -len(pair[0])))


def _links() -> dict[str, str]:
    links = {BOUNDARY: AND}
    for line in silent.LINKS.splitlines():
        name, _, listed = line.partition(":")
        links.update(dict.fromkeys(map(fold, listed.split()), name))
    return links
