# ruff: noqa: RUF001
"""What the words of a sentence say about it: each word gets the marks of the cues it belongs to.

Cues are kept as lists of words and phrases, one list for each mark. `delay/s/ed` is short for
three words, `مشکل*` stands for whatever begins so, and a phrase with a zero-width non-joiner is
also found when it is written as one word.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from domain.okr.text import fold

TOKENS_MAX: Final = 2_400
"""Words and signs of an answer that are read; 10,000 characters of prose have fewer."""
STEM_MIN, STEM_MAX = 3, 10

_TOKEN: Final = re.compile(
    "[0-9]+(?:[.,،][0-9]+)*+"
    "|[^\\W\\d_]+(?:'[^\\W\\d_]+)?"
    "|[-=]+>|[→⇒➔➜⟶]"
    '|[,،:;؛<>()\\[\\]%$€£¥₹#/+~=|"«»–—-]'
)

_PLURALS: Final = ("هایی", "های", "ها")

Marks = frozenset[str]
NO_MARKS: Final[Marks] = frozenset()


class Token(NamedTuple):
    """A word, a figure or a sign, and where it stands."""

    key: str
    start: int
    end: int


class Cue(NamedTuple):
    """Neighbouring words that say something; both ends belong to it."""

    marks: Marks
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Marked:
    """The words of a text and what they say."""

    tokens: Sequence[Token]
    marks: Sequence[Marks]
    """For each token, those of its cue."""
    cues: Sequence[Cue]
    said: Marks
    """All that they say together."""

    def has(self, *wanted: str) -> bool:
        """Whether any of the cues is one of these."""
        return not self.said.isdisjoint(wanted)

    def between(self, first: int, last: int) -> Iterator[Cue]:
        """The cues that lie within these tokens, the last one included."""
        return (cue for cue in self.cues if first <= cue.first and cue.last <= last)


def listed(words: str) -> frozenset[str]:
    """The words of a list that is written as a text."""
    return frozenset(words.split())


def tokens(key: str) -> list[Token]:
    """The tokens of a folded text."""
    return [Token(found[0], found.start(), found.end()) for found in _TOKEN.finditer(key)]


class _Node:
    """What may follow the words so far, and what they say if nothing does."""

    __slots__ = ("following", "marks")

    def __init__(self) -> None:
        self.marks: Marks = NO_MARKS
        self.following: dict[str, _Node] = {}


class Lexicon:
    """Lists of cues, ready to be looked up."""

    def __init__(self, *tables: Mapping[str, str]) -> None:
        self._root = _Node()
        self._stems: dict[str, Marks] = {}
        for table in tables:
            for mark, entries in table.items():
                for entry in entries.replace("\n", " ").split(","):
                    self._add(entry.strip(), mark)
        self._heads = {stem[:STEM_MIN] for stem in self._stems}

    def read(self, key: str, limit: int = TOKENS_MAX) -> Marked:
        """The tokens of a folded text with their marks; of two cues the longer one counts."""
        found = tokens(key)[:limit]
        words = [token.key for token in found]
        marks, cues, at = [NO_MARKS] * len(words), list[Cue](), 0
        known, heads = self._root.following, self._heads
        while at < len(words):
            if words[at] not in known and words[at][:STEM_MIN] not in heads:
                at += 1
                continue
            end, said = self._longest(words, at)
            if said:
                marks[at:end] = [said] * (end - at)
                cues.append(Cue(said, at, end - 1))
            at = end
        return Marked(found, marks, cues, NO_MARKS.union(*(cue.marks for cue in cues)))

    def _add(self, entry: str, mark: str) -> None:
        if entry.endswith("*"):
            stem = fold(entry[:-1])
            self._stems[stem] = self._stems.get(stem, NO_MARKS) | {mark}
            return
        for phrase in _spelled(entry):
            node = self._root
            for word in phrase:
                node = node.following.setdefault(word, _Node())
            node.marks |= {mark}

    def _longest(self, words: Sequence[str], at: int) -> tuple[int, Marks]:
        """Where the longest cue from here on ends, and what it says."""
        node, end, said = self._root.following.get(words[at]), at + 1, NO_MARKS
        for following in range(at + 1, len(words) + 1):
            if node is None:
                break
            if node.marks:
                end, said = following, node.marks
            if not node.following or following == len(words):
                break
            node = node.following.get(words[following])
        return end, said if end > at + 1 else said | self._stem(words[at])

    def _stem(self, word: str) -> Marks:
        if word[:STEM_MIN] not in self._heads:
            return NO_MARKS
        for length in range(min(len(word), STEM_MAX), STEM_MIN - 1, -1):
            if (marks := self._stems.get(word[:length])) is not None:
                return marks
        return NO_MARKS


def _spelled(entry: str) -> Iterator[tuple[str, ...]]:
    """The ways in which an entry is written, as tokens."""
    head, *endings = entry.split("/")
    for ending in ("", *endings):
        spelling = head + ending
        yield tuple(token.key for token in tokens(fold(spelling)))
        if "\u200c" in spelling:
            yield tuple(token.key for token in tokens(fold(spelling.replace("\u200c", ""))))


def joined(found: Sequence[Token], at: int, text: str) -> int:
    """The last token of a word that is written with zero-width non-joiners in it."""
    while at + 1 < len(found) and text[found[at].end : found[at + 1].start] == "\u200c":
        at += 1
    return at


def stem(word: str) -> str:
    """A folded word without the ending of a plural."""
    if not word.isascii():
        ending = next((end for end in _PLURALS if word.endswith(end)), "")
        return word.removesuffix(ending) if len(word) > len(ending) + 1 else word
    word = word.removesuffix("'s").removesuffix("'")
    if len(word) <= STEM_MIN or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > STEM_MIN + 1:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("ches", "shes", "xes", "sses", "zes")) else word[:-1]
