"""Misspelt words: candidates that share many trigrams, confirmed by their edit distance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from domain.lexicon.words import is_rtl

_CANDIDATES: Final = 5
_LEAST_DICE: Final = 0.3
_LEAST_DICE_TWICE: Final = 0.35
"""Trigrams in common by Dice's coefficient; two slips need more of them."""
_SHORTEST: Final = 4
_ONE_LETTER_FROM: Final = 5
_ANY_SLIP_FROM: Final = 6
_TWO_SLIPS_FROM: Final = 9
_TELLING_TWICE: Final = 7
"""Two slips need so many letters besides a common ending, too."""
_MOST_SLIPS: Final = 2
_LONGEST: Final = 24
"""No word of the vocabulary is longer, so longer words are not looked for."""
_VOWELS: Final = frozenset("aeiouy")
_ENDINGS: Final = ("ing", "ed", "er")
"""What half the words end in is no sign of likeness, so it does not count for the length."""


def grams(word: str) -> set[str]:
    """The trigrams of a word, its ends marked."""
    padded = f"^{word}$"
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


@dataclass(frozen=True, slots=True)
class Near:
    """A word of the vocabulary that somebody probably meant."""

    word: str
    slips: int
    """How many letters apart from what was typed: 1 or 2."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """An inverted index from an initial and a trigram to the words that have both."""

    words: tuple[str, ...]
    sizes: tuple[int, ...]
    postings: Mapping[str, tuple[int, ...]]
    jumbled: Mapping[str, tuple[str, ...]]
    """By their sorted letters: swapped letters leave a short word few trigrams to share."""

    @classmethod
    def of(cls, words: Iterable[str]) -> "Likeness":
        """Index these words; the short ones are left out, since much is like them."""
        kept = tuple(word for word in words if len(word) >= _SHORTEST)
        postings: dict[str, list[int]] = {}
        jumbled: dict[str, tuple[str, ...]] = {}
        sizes = []
        for place, word in enumerate(kept):
            parts = grams(word)
            sizes.append(len(parts))
            letters = "".join(sorted(word))
            jumbled[letters] = (*jumbled.get(letters, ()), word)
            for part in parts:
                postings.setdefault(word[0] + part, []).append(place)
        frozen = {part: tuple(places) for part, places in postings.items()}
        return cls(kept, tuple(sizes), frozen, jumbled)

    def nearest(self, word: str) -> Near | None:
        """The word that this one is most probably a misspelling of, if any is near enough."""
        if not _SHORTEST <= len(word) <= _LONGEST:
            return None
        for same_letters in self.jumbled.get("".join(sorted(word)), ()):
            if distance(word, same_letters) == 1:
                return Near(same_letters, 1)
        twice = None
        for dice, meant in self._candidates(word):
            slips = misspelt(word, meant)
            if slips == 1:
                return Near(meant, slips)
            if slips is not None and twice is None and dice >= _LEAST_DICE_TWICE:
                twice = Near(meant, slips)
        return twice

    def _candidates(self, word: str) -> list[tuple[float, str]]:
        """The words most alike by Dice's coefficient of their trigrams, the most alike first."""
        parts = grams(word)
        shared: dict[int, int] = {}
        # Hardly anybody mistypes the first letter, unless by swapping it with the second.
        for initial in {word[0], word[1]}:
            for part in parts:
                for place in self.postings.get(initial + part, ()):
                    shared[place] = shared.get(place, 0) + 1
        scored = [
            (-2 * count / (len(parts) + self.sizes[place]), place)
            for place, count in shared.items()
            if count > 1 and abs(len(self.words[place]) - len(word)) <= _MOST_SLIPS
        ]
        scored.sort()
        return [
            (-dice, self.words[place])
            for dice, place in scored[:_CANDIDATES]
            if -dice >= _LEAST_DICE
        ]


def misspelt(word: str, meant: str) -> int | None:
    """How many slips lead from `meant` to `word`; None if it is another word.

    The shorter the word, the less is forgiven: swapped or doubled letters from four letters
    on, a letter too many or too few and a wrong vowel from five (in Persian, which writes no
    short vowels, a letter from four), any one slip from six, two from nine. A common ending
    hardly counts.
    """
    slips = distance(word, meant)
    if slips == 1 and (sorted(word) == sorted(meant) or _undoubled(word) == _undoubled(meant)):
        return slips
    if word[0] != meant[0] or slips > _MOST_SLIPS:
        return None
    length = min(len(word), len(meant))
    if slips == _MOST_SLIPS:
        long = max(len(word), len(meant)) >= _TWO_SLIPS_FROM
        return slips if long and _telling(word, meant) >= _TELLING_TWICE else None
    return slips if _forgiven(word, meant, length) else None


def _forgiven(word: str, meant: str, length: int) -> bool:
    least = _SHORTEST if is_rtl(word) else _ONE_LETTER_FROM
    if len(word) < len(meant):
        return length >= least
    if len(word) > len(meant):
        return _telling(word, meant) >= least
    wrong_vowel = length >= _ONE_LETTER_FROM and _vowel_differs(word, meant)
    return wrong_vowel or _telling(word, meant) >= _ANY_SLIP_FROM


def _telling(word: str, meant: str) -> int:
    """The length of the shorter word without an ending that both have."""
    length = min(len(word), len(meant))
    for ending in _ENDINGS:
        if word.endswith(ending) and meant.endswith(ending):
            # A letter for the ending: `runing` says more than `run`.
            return length - len(ending) + 1
    return length


def _undoubled(word: str) -> str:
    return "".join(one for one, after in zip(word, word[1:] + " ", strict=True) if one != after)


def _vowel_differs(word: str, meant: str) -> bool:
    pairs = zip(word, meant, strict=True)
    return all({one, other} <= _VOWELS for one, other in pairs if one != other)


def distance(word: str, meant: str) -> int:
    """Letters to insert, drop, replace or swap with a neighbour (optimal string alignment).

    Counted up to one more than `_MOST_SLIPS`; what is further apart is so many.
    """
    word, meant = _apart(word, meant)
    before: list[int] = []
    last = list(range(len(meant) + 1))
    for row, letter in enumerate(word, 1):
        line = [row]
        for column, wanted in enumerate(meant, 1):
            best = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != wanted))
            swap = row > 1 and column > 1 and letter == meant[column - 2]
            if swap and word[row - 2] == wanted:
                best = min(best, before[column - 2] + 1)
            line.append(best)
        if min(line) > _MOST_SLIPS:
            return _MOST_SLIPS + 1
        before, last = last, line
    return min(last[-1], _MOST_SLIPS + 1)


def _apart(word: str, meant: str) -> tuple[str, str]:
    """Two words without what they begin with alike and end with alike."""
    start, shorter = 0, min(len(word), len(meant))
    while start < shorter and word[start] == meant[start]:
        start += 1
    end = 0
    while end < shorter - start and word[-1 - end] == meant[-1 - end]:
        end += 1
    return word[start : len(word) - end], meant[start : len(meant) - end]
