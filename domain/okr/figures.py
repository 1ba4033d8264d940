"""The numbers of a sentence, in digits and in words; nothing that is doubtful."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from domain.okr.words import Token

DIGITS_MAX: Final = 15
"""A figure that is longer is no measure."""
MULTIPLIERS_MAX: Final = 2
"""As in "two hundred thousand"."""

MULTIPLIERS: Final = {
    **dict.fromkeys(
        ("k", "thousand", "thousands", "grand", "هزار", "هزارتا", "هزاره", "هزارتاست"), 1e3
    ),
    **dict.fromkeys(("m", "mn", "mm", "mil", "mln", "mio", "million", "millions"), 1e6),
    **dict.fromkeys(("میلیون", "ملیون", "میلیونی", "میلیونه"), 1e6),
    **dict.fromkeys(
        ("b", "bn", "billion", "billions", "میلیارد", "ملیارد", "میلیاردی", "میلیارده"), 1e9
    ),
    **dict.fromkeys(("trillion", "تریلیون"), 1e12),
    **dict.fromkeys(("lakh", "lakhs"), 1e5),
    **dict.fromkeys(("crore", "crores"), 1e7),
    "hundred": 1e2,
}
_GLUED_ONLY: Final = frozenset({"m", "b", "mm", "mil"})
"""Apart from a figure, these are metres, or anything."""


def _in_steps(words: str, first: int, step: int = 1) -> dict[str, int]:
    """The words of a list, each with a number that is one step larger."""
    return {word: first + step * at for at, word in enumerate(words.split())}


NUMBER_WORDS: Final = {
    **_in_steps("two three four five six seven eight nine ten eleven twelve thirteen fourteen", 2),
    **_in_steps("fifteen sixteen seventeen eighteen nineteen", 15),
    **_in_steps("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10),
    **_in_steps("دو سه چهار پنج شش هفت هشت", 2),
    **_in_steps("ده یازده دوازده سیزده چهارده پانزده شانزده هفده هجده نوزده", 10),
    **_in_steps("بیست سی چهل پنجاه شصت هفتاد هشتاد نود", 20, 10),
    **_in_steps("صد دویست سیصد چهارصد پانصد ششصد هفتصد هشتصد نهصد", 100, 100),
    "شیش": 6,
}
_ONE: Final = {"one": 1, "یک": 1, "نه": 9}
"""Numbers only behind a larger one; alone they are an article and a no."""
_ARTICLE: Final = ("a", "one", "یک")
_THOUSAND: Final = "هزار"
"""Needs no number before it."""
_JOINERS: Final = ("و", "and", "-")

_THOUSANDS: Final = re.compile(
    "[0-9]{1,3}(?:[,،][0-9]{3})+(?:\\.[0-9]+)?|[0-9]{1,3}(?:\\.[0-9]{3}){2,}"
)
_PLAIN: Final = re.compile("(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?")
_TRIPLE: Final = re.compile("[0-9]{3}")
_HEAD: Final = re.compile("[1-9][0-9]{0,2}")


class Number(NamedTuple):
    """A number and where it stands among the tokens; the end is the token behind it."""

    value: float
    multiplier: float
    first: int
    end: int
    is_plain: bool
    """Whether it is nothing but digits, as a year is."""


class _Group(NamedTuple):
    value: float
    multiplier: float
    end: int
    in_words: bool


def number_at(tokens: Sequence[Token], at: int) -> Number | None:
    """The number that begins there; None where none does, or what follows makes it doubtful."""
    group = _group(tokens, at)
    if group is None:
        return None
    total, floor, end = group.value * group.multiplier, group.multiplier, group.end
    while floor > 1 and _key(tokens, end) in _JOINERS:
        more = _group(tokens, end + 1)
        if more is None or not _continues(more, floor):
            break
        total, floor, end = total + more.value * more.multiplier, more.multiplier, more.end
    if _is_number(_key(tokens, end)):
        return None
    plain = not group.in_words and end == at + 1 and tokens[at].key.isdigit()
    return Number(round(total, 4), group.multiplier, at, end, plain)


def _continues(more: _Group, floor: float) -> bool:
    if more.multiplier > 1:
        return more.multiplier < floor and more.value * more.multiplier < floor
    return more.in_words and more.value < floor


def _group(tokens: Sequence[Token], at: int) -> _Group | None:
    key = _key(tokens, at)
    if key[:1].isdigit():
        value, end = _figure(tokens, at)
        in_words = False
    else:
        value, end = _spelled_out(tokens, at)
        in_words = True
    if value is None:
        return None
    multiplier = 1.0
    for _ in range(MULTIPLIERS_MAX):
        times = MULTIPLIERS.get(word := _key(tokens, end))
        if times is None or (word in _GLUED_ONLY and tokens[end].start != tokens[end - 1].end):
            break
        multiplier, end = multiplier * times, end + 1
    return _Group(value, multiplier, end, in_words)


def _figure(tokens: Sequence[Token], at: int) -> tuple[float | None, int]:
    """What digits say, with separators of thousands; None if they are no number."""
    text, end = tokens[at].key, at + 1
    if _HEAD.fullmatch(text):
        while _TRIPLE.fullmatch(_key(tokens, end)) and tokens[end].start == tokens[end - 1].end + 1:
            text, end = text + tokens[end].key, end + 1
    if len(text) > DIGITS_MAX:
        return None, end
    if _THOUSANDS.fullmatch(text):
        decimal = text.count(".") == 1
        return float(re.sub("[,،]" if decimal else "[,،.]", "", text)), end
    return (float(text) if _PLAIN.fullmatch(text) else None), end


def _spelled_out(tokens: Sequence[Token], at: int) -> tuple[float | None, int]:
    """What number words say: of hundreds, tens and ones, each once and in this order."""
    first = _key(tokens, at)
    if first == _THOUSAND:
        return 1.0, at
    if first in _ARTICLE and _key(tokens, at + 1) in MULTIPLIERS:
        return 1.0, at + 1
    value = NUMBER_WORDS.get(first)
    if value is None:
        return None, at
    total, slot, end = float(value), _slot(value), at + 1
    while slot > 1:
        joined = end + 1 if _key(tokens, end) in _JOINERS else end
        key = _key(tokens, joined)
        more = NUMBER_WORDS.get(key) or _ONE.get(key, 0)
        if not 0 < more < slot:
            break
        total, slot, end = total + more, _slot(more), joined + 1
    return total, end


def _slot(value: int) -> int:
    """What may be added to a number word is smaller: twenty leaves room for ones."""
    if value % 100 == 0:
        return 100
    return 10 if value % 10 == 0 and value > 10 else 1  # noqa: PLR2004


def _is_number(key: str) -> bool:
    return key[:1].isdigit() or key in NUMBER_WORDS


def _key(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].key if 0 <= at < len(tokens) else ""
