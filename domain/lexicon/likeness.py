"""Misspelt words: candidates that share many trigrams, confirmed by their edit distance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_CANDIDATES: Final = 5
_LEAST_DICE: Final = 0.25
_SHORTEST: Final = 4
_VOWEL_FROM: Final = 5
_ANY_SLIP_FROM: Final = 6
_TWO_SLIPS_FROM: Final = 7
_MOST_SLIPS: Final = 2
_LONGEST: Final = 24
"""No word of the vocabulary is longer, so longer words are not looked for."""
_VOWELS: Final = frozenset("aeiouy")


def grams(word: str) -> set[str]:
    """The trigrams of a word, its ends marked."""
    padded = f"^{word}$"
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


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

    def nearest(self, word: str) -> str | None:
        """The word that this one is most probably a misspelling of, if any is near enough."""
        if not _SHORTEST <= len(word) <= _LONGEST:
            return None
        for same_letters in self.jumbled.get("".join(sorted(word)), ()):
            if distance(word, same_letters) == 1:
                return same_letters
        twice = None
        for meant in self._candidates(word):
            slips = misspelt(word, meant)
            if slips == 1:
                return meant
            if slips is not None and twice is None:
                twice = meant
        return twice

    def _candidates(self, word: str) -> list[str]:
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
        return [self.words[place] for dice, place in scored[:_CANDIDATES] if -dice >= _LEAST_DICE]


def misspelt(word: str, meant: str) -> int | None:
    """How many slips lead from `meant` to `word`; None if it is another word.

    The shorter the word, the less is forgiven: swapped or missing letters from four
    letters on, a wrong vowel from five, any one slip from six, two from seven.
    """
    slips = distance(word, meant)
    if slips == 1 and sorted(word) == sorted(meant):
        return slips
    length = min(len(word), len(meant))
    if word[0] != meant[0] or slips > _MOST_SLIPS:
        return None
    if slips == _MOST_SLIPS:
        return slips if length >= _TWO_SLIPS_FROM else None
    missing = len(word) != len(meant) and length >= _SHORTEST
    wrong_vowel = length >= _VOWEL_FROM and _vowel_differs(word, meant)
    return slips if missing or wrong_vowel or length >= _ANY_SLIP_FROM else None


def _vowel_differs(word: str, meant: str) -> bool:
    pairs = zip(word, meant, strict=False)
    return all({one, other} <= _VOWELS for one, other in pairs if one != other)


def distance(word: str, meant: str) -> int:
    """Letters to insert, drop, replace or swap with a neighbour (optimal string alignment)."""
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
        before, last = last, line
    return last[-1]
