# ruff: noqa: RUF001
"""What is spoken of again and again: words and pairs of words, plural and singular as one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.okr.dashboard import NAME_MAX_CHARS, THEMES_MAX, Theme
from domain.okr.reading import Sentence
from domain.okr.text import cut
from domain.okr.words import Marked, Marks, Token, joined, listed, stem

_WORD_MIN: Final = 3
_RECURS: Final = 2
_TELLING: Final = 2
"""How many words stand for an answer in which nothing recurs."""
_LONG: Final = 12
_MUTE: Final = listed(
    """stop goal should need reach up down better keep win hire past now be step contrast neg nix lack very
    little over under relief doubled halved"""
)
_SPEAKING: Final = frozenset({"fewer", "bad", "block", "staff"})
"""Marks of words that are a theme although they are cues as well."""
_SUFFIXES: Final = ("ان", "مان", "شان", "ات")
"""Endings that are dropped where the word without them occurs, too."""

_PLURALS: Final = ("ها", "های")

_Key = tuple[str, ...]


@dataclass(slots=True)
class _Tally:
    """Where a word or a pair occurs, and how it is written."""

    first: int
    mentions: int = 0
    orders: set[int] = field(default_factory=set)
    spellings: Counter[str] = field(default_factory=Counter)


def themes(sentences: Sequence[Sentence]) -> list[Theme]:
    """The themes, those of most answers first; a word or two if nothing recurs."""
    tallies = _tallies(sentences)
    ranked = sorted(tallies, key=lambda key: _rank(key, tallies[key]))
    chosen, covered = list[_Key](), Counter[str]()
    for key in ranked:
        tally = tallies[key]
        if tally.mentions < _RECURS or len(chosen) == THEMES_MAX:
            break
        if tally.mentions - max(covered[word] for word in key) >= _RECURS:
            chosen.append(key)
            for word in key:
                covered[word] += tally.mentions
    if not chosen:
        single = [key for key in tallies if len(key) == 1]
        chosen = sorted(single, key=lambda key: (-min(len(key[0]), _LONG), tallies[key].first))
        chosen = chosen[:_TELLING]
    return [_theme(tallies[key]) for key in chosen]


def content(sentence: Sentence) -> frozenset[str]:
    """The words of a sentence that carry its meaning, as they compare."""
    return speaking(sentence.marked)


def speaking(marked: Marked) -> frozenset[str]:
    """The same of any text that was read."""
    pairs = zip(marked.tokens, marked.marks, strict=True)
    return frozenset(stem(token.key) for token, marks in pairs if _speaks(token, marks))


def _tallies(sentences: Sequence[Sentence]) -> dict[_Key, _Tally]:
    found: dict[_Key, _Tally] = {}
    known = {token.key for sentence in sentences for token in sentence.marked.tokens}
    for sentence in sentences:
        for key, spelling in _mentioned(sentence, known):
            tally = found.get(key)
            if tally is None:
                tally = found[key] = _Tally(len(found))
            tally.mentions += 1
            tally.orders.add(sentence.order)
            tally.spellings[spelling] += 1
    return found


def _mentioned(sentence: Sentence, known: set[str]) -> Iterator[tuple[_Key, str]]:
    """Each telling word of a sentence, and each pair of neighbours."""
    before: tuple[str, int, int] | None = None
    for word, first, last in _words(sentence, known):
        start, end = sentence.marked.tokens[first].start, sentence.marked.tokens[last].end
        yield (word,), sentence.text[start:end]
        if before is not None and before[0] != word and before[2] == first:
            yield (before[0], word), sentence.text[before[1] : end]
        before = (word, start, last + 1 + _has_suffix(sentence, last + 1))


def _words(sentence: Sentence, known: set[str]) -> Iterator[tuple[str, int, int]]:
    """The telling words, each with its first and its last token; joined words are one."""
    marked, at = sentence.marked, 0
    while at < len(marked.tokens):
        first, last = at, joined(marked.tokens, at, sentence.text)
        at = last + 1
        if first == last:
            if _speaks(marked.tokens[first], marked.marks[first]):
                yield _folded(marked.tokens[first].key, known), first, last
            continue
        while last > first and "stop" in marked.marks[last]:
            last -= 1
        if all(_speaks(marked.tokens[part], marked.marks[part]) for part in range(first, last + 1)):
            keys = (marked.tokens[part].key for part in range(first, last + 1))
            yield " ".join(_folded(key, known) for key in keys), first, last


def _has_suffix(sentence: Sentence, at: int) -> bool:
    tokens = sentence.marked.tokens
    return at < len(tokens) and tokens[at].key in _PLURALS


def _speaks(token: Token, marks: Marks) -> bool:
    if len(token.key) < _WORD_MIN or not token.key[0].isalpha():
        return False
    return marks.isdisjoint(_MUTE) or ("stop" not in marks and not marks.isdisjoint(_SPEAKING))


def _folded(key: str, known: set[str]) -> str:
    word = stem(key)
    for suffix in _SUFFIXES if not key.isascii() else ():
        bare = word.removesuffix(suffix)
        if bare != word and len(bare) >= _WORD_MIN and bare in known:
            return bare
    return word


def _rank(key: _Key, tally: _Tally) -> tuple[int, int, int, int]:
    return -len(tally.orders), -tally.mentions, -len(key), tally.first


def _theme(tally: _Tally) -> Theme:
    often = max(tally.spellings.values())
    names = [name for name, times in tally.spellings.items() if times == often]
    name = next((name for name in names if name == name.lower()), names[0])
    return Theme(
        name=cut(name, NAME_MAX_CHARS),
        mentions=tally.mentions,
        orders=tuple(sorted(tally.orders)),
    )
