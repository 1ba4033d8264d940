"""One sentence for the user: which words, or which category, made the rates what they are."""

from dataclasses import dataclass
from typing import Final

from domain.lexicon.words import quotable

LONGEST: Final = 200
"""Characters of an explanation."""
_LONGEST_MEANT: Final = 30


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that says a dimension."""

    text: str
    """A word of the name unless `of` tells otherwise."""
    of: str = ""
    """`goal` or `category`."""
    meant: str = ""
    """What the word seems to be a misspelling of; empty if it is well spelt."""

    @property
    def named(self) -> str:
        """The cause within a sentence."""
        text = quotable(self.text)
        if self.of == "category":
            return f"the category {text}"
        return f"the goal's '{text}'" if self.of else f"'{text}'"

    @property
    def suggests(self) -> str:
        """The cause as the subject of a sentence, with its verb."""
        if not self.meant:
            return f"{self.named} suggests"
        return f"{self.named} reads like '{quotable(self.meant, _LONGEST_MEANT)}', which suggests"


def told(causes: dict[str, Cause]) -> str:
    """The explanation of one or two dimensions by their causes, the leading one first."""
    (leading, first), *others = causes.items()
    said = f"{first.suggests} {leading}"
    for dimension, cause in others:
        said += _also(said, first, dimension, cause)
    return f"{said[0].upper()}{said[1:]}."


def _also(said: str, first: Cause, dimension: str, cause: Cause) -> str:
    if cause == first:
        return f" and {dimension}"
    full = f"; {cause.suggests} {dimension}"
    if cause.of == first.of and not cause.meant:
        return f", '{quotable(cause.text)}' {dimension}"
    fits = len(said) + len(full) < LONGEST
    return full if fits else f"; {cause.named} suggests {dimension}"
