"""What the numbers of a sentence count: per cent, money, or things with a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from domain.okr.figures import NUMBER_WORDS, Number, number_at
from domain.okr.words import Marked, Token, joined, listed

AMOUNTS_MAX: Final = 16
"""Amounts of one sentence that are looked at."""

Kind = Literal["percent", "money", "things", "times", "bare"]

_SIGNS: Final = frozenset("$€£¥₹")
_CODES: Final = frozenset(
    {"us", "usd", "eur", "gbp", "cad", "aud", "chf", "irr", "inr", "aed", "rs"}
)
_CURRENCIES: Final = _CODES | listed(
    """dollar dollars euro euros pound pounds toman tomans rial rials rupees dirham dirhams bucks
    تومان تومن تومانی تومنه تومانه دلاره ریال دلار یورو پوند درهم لیر دلاری"""
)
_PERCENT: Final = frozenset({"%", "percent", "pct", "درصد", "درصدی", "درصده", "pp"}) | listed(
    "precent persent percents procent perecnt"
)
_TIMES: Final = frozenset({"x", "fold", "برابر", "برابری"})
_STARTERS: Final = ("a", "one", "یک", "هزار")
"""Words that begin a number with another one behind them only."""
_CLASSIFIERS: Final = listed("تا عدد دستگاه")
_GLUED: Final = listed("h hr hrs min mins ms s sec secs kg gb mb tb km pts pt")
_QUALIFIERS: Final = listed(
    """new more additional extra other further active paying paid monthly daily weekly qualified
    happy total unique registered loyal net recurring repeat returning first good
    تا عدد دستگاه جدید فعال بیشتر ثابت وفادار راضی ماهانه روزانه پولی تازه دیگر اضافه فعالِ اضافی جدیدی"""
)
_RATES: Final = ("a", "an", "per", "each", "every", "/", "در", "هر")
_PERIODS: Final = listed(
    """day week month year hour minute quarter night user customer order visit visitor person employee
    روز هفته ماه سال ساعت دقیقه فصل"""
)
_COPULAS: Final = listed("میلیونه میلیارده هزاره درصده تومنه تومانه دلاره تاست هزارتاست هست")
"""Units and scales with a spoken "is" at their end."""
_EVERY: Final = listed("daily weekly monthly yearly annually hourly روزانه ماهانه هفتگی سالانه")
_STOPPING: Final = listed(
    "goal should reach up down keep win hire past now be step contrast neg nix link doubled over under"
)
_MEASURES: Final = listed(
    """days weeks months years hours minutes seconds hour minute times people points نفر ساعت روز هفته دقیقه
    ماه سال بار"""
)
"""Stop words that may nevertheless be counted."""
_PLURALS: Final = frozenset({"people", "men", "women", "children", "staff", "leads"})
_YEARS: Final = (range(1900, 2101), range(1390, 1421))
_NEAR_YEARS: Final = (range(2015, 2041), range(1390, 1421))
_BEFORE_YEARS: Final = listed("in by since during until year of fy till سال در")
_NAME_MAX: Final = 4
_LONG_WORD: Final = 4
_FROM: Final = ("from", "از")
_TO: Final = ("to", "به")
_CHANGING: Final = listed("from to reach reaching hit از به")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A number with what it counts; `first` and `last` are tokens that belong to it."""

    value: float
    multiplier: float
    first: int
    last: int
    kind: Kind
    unit: tuple[int, int] | None
    """The characters that name the unit; None for per cent as for no unit at all."""
    name: tuple[int, int] | None = None
    """The tokens behind the number that name what is counted, both included."""
    is_staff: bool = False
    is_stated: bool = False
    """Whether its unit says that it is so."""


def amounts(marked: Marked, text: str) -> list[Amount]:
    """The amounts of a sentence, in order; the text is the sentence as it is shown."""
    found, at = list[Amount](), 0
    while at < len(marked.tokens) and len(found) < AMOUNTS_MAX:
        number = _number(marked.tokens, at)
        if number is None:
            at += 1
            continue
        amount = _amount(marked, number, text)
        if amount is not None:
            found.append(amount)
        at = max(number.end, amount.last + 1 if amount else 0)
    return found


def _number(tokens: Sequence[Token], at: int) -> Number | None:
    key = tokens[at].key
    if not (key[0].isdigit() or key in NUMBER_WORDS or key in _STARTERS):
        return None
    return None if _is_part_of_name(tokens, at) else number_at(tokens, at)


def _is_part_of_name(tokens: Sequence[Token], at: int) -> bool:
    """Whether it is glued to a word, as in Q3, B2B and GPT-4."""
    before = tokens[at - 1] if at else None
    if before is None or before.end != tokens[at].start or before.key in _CODES:
        return False
    if before.key == "-" and at > 1:
        earlier = tokens[at - 2]
        return (
            earlier.end == before.start
            and earlier.key.isalpha()
            and earlier.key not in NUMBER_WORDS
        )
    return before.key.isalpha()


def _amount(marked: Marked, number: Number, text: str) -> Amount | None:
    tokens = marked.tokens
    first, negative, sign = _prefix(tokens, number.first)
    suffix = _suffix(tokens, number.end, sign)
    if suffix is None:
        return None
    kind, unit, end = suffix
    name = _name(marked, end, whole=kind != "bare")
    if kind == "bare" and name is not None:
        head = _head(tokens, name)
        last = joined(tokens, head, text)
        name = (name[0], max(name[1], last))
        kind, unit, end = "things", (tokens[head].start, tokens[last].end), name[1] + 1
    if number.is_plain and _is_year(tokens, number, kind):
        return None
    rated = _rated(tokens, end)
    if rated > end and kind == "things" and unit is not None:
        unit = (unit[0], tokens[rated - 1].end)
    staff = name is not None and any(
        "staff" in marked.marks[at] for at in range(name[0], name[1] + 1)
    )
    return Amount(
        value=-number.value if negative else number.value,
        multiplier=number.multiplier,
        first=first,
        last=rated - 1,
        kind=kind,
        unit=unit,
        name=name,
        is_staff=staff,
        is_stated=any(token.key in _COPULAS for token in tokens[number.first : rated]),
    )  # fmt: skip


def _prefix(tokens: Sequence[Token], at: int) -> tuple[int, bool, int | None]:
    """Where the amount begins, whether it is negative, and the token of a sign before it."""
    first, sign = at, None
    negative = _is_minus(tokens, first)
    first -= negative
    if _is_sign(tokens, first - 1):
        first = sign = first - 1
        if not negative and _is_minus(tokens, first):
            first, negative = first - 1, True
    return first, negative, sign


def _is_minus(tokens: Sequence[Token], first: int) -> bool:
    if not first or tokens[first - 1].key not in ("-", "منفی", "minus"):
        return False
    sign = tokens[first - 1]
    apart = first == 1 or tokens[first - 2].end < sign.start
    return sign.key != "-" or (apart and sign.end == tokens[first].start)


def _is_sign(tokens: Sequence[Token], at: int) -> bool:
    """Whether it is a sign of money or per cent that does not belong to a number before it."""
    if at < 0 or not (
        tokens[at].key in _SIGNS or tokens[at].key in _CODES or tokens[at].key == "%"
    ):
        return False
    return not (at and tokens[at - 1].end == tokens[at].start and tokens[at - 1].key[0].isdigit())


def _suffix(
    tokens: Sequence[Token], at: int, sign: int | None
) -> tuple[Kind, tuple[int, int] | None, int] | None:
    """What stands behind the number, and where it ends; None if that makes it no amount."""
    key, following = _key(tokens, at), _key(tokens, at + 1)
    if key in _PERCENT or (key, following) in (("per", "cent"), ("percentage", "points")):
        return "percent", None, at + 1 + (key in ("per", "percentage"))
    if key in _SIGNS or key in _CURRENCIES:
        return "money", (tokens[at].start, tokens[at].end), at + 1
    if sign is not None:
        return *_signed(tokens[sign]), at
    is_multiple = key in _TIMES or (key, following) == ("-", "fold")
    return ("times", None, at + 1 + (key == "-")) if is_multiple else _glued(tokens, at)


def _signed(sign: Token) -> tuple[Kind, tuple[int, int] | None]:
    """What a sign before a number makes of it."""
    return ("percent", None) if sign.key == "%" else ("money", (sign.start, sign.end))


def _glued(tokens: Sequence[Token], at: int) -> tuple[Kind, tuple[int, int] | None, int] | None:
    key = _key(tokens, at)
    if key == "+" or not key or tokens[at].start != tokens[at - 1].end:
        return "bare", None, at + (key == "+")
    if key in _GLUED:
        return "things", (tokens[at].start, tokens[at].end), at + 1
    hyphened = key == "-" and _key(tokens, at + 1).isalpha()
    compound = hyphened and tokens[at + 1].start == tokens[at].end
    doubtful = key.isalpha() and key.isascii() and len(key) < _LONG_WORD
    return None if compound or doubtful else ("bare", None, at)


def _name(marked: Marked, start: int, *, whole: bool) -> tuple[int, int] | None:
    """The tokens from there on that name what is counted; `whole` asks for all of them."""
    tokens = marked.tokens
    start += _key(tokens, start) in _CLASSIFIERS
    end = start
    while end < min(start + _NAME_MAX, len(tokens)) and _can_name(marked, end):
        end += 1
    core = [at for at in range(start, end) if tokens[at].key not in _QUALIFIERS]
    if not core or (whole and not tokens[core[0]].key.isascii()):
        return None
    if whole:
        return start, core[-1]
    if not tokens[core[0]].key.isascii():
        last = core[0]
        while last + 1 < end and _describes(tokens[last + 1].key):
            last += 1
        return start, last
    plural = [at for at in core if _is_plural(tokens[at].key)]
    last = (plural or core)[0]
    while last + 1 in plural and tokens[last + 1].key in _PLURALS:
        last += 1
    return start, last


def _head(tokens: Sequence[Token], name: tuple[int, int]) -> int:
    """The token of a name that is the unit: the last one in English, the first one in Persian."""
    core = [at for at in range(name[0], name[1] + 1) if tokens[at].key not in _QUALIFIERS]
    return core[-1] if tokens[core[0]].key.isascii() else core[0]


def _can_name(marked: Marked, at: int) -> bool:
    key, marks = marked.tokens[at].key, marked.marks[at]
    if "name" in marks:
        return True
    if key in _QUALIFIERS or key in _MEASURES:
        return True
    if not key.isalpha() or key in NUMBER_WORDS:
        return False
    return "stop" not in marks and marks.isdisjoint(_STOPPING)


def _describes(key: str) -> bool:
    return key in _QUALIFIERS or (key.endswith("ی") and len(key) >= _LONG_WORD)


def _is_plural(key: str) -> bool:
    return key in _PLURALS or (key.endswith("s") and len(key) >= _LONG_WORD and key[-2] != "s")


def _rated(tokens: Sequence[Token], end: int) -> int:
    """Where the amount ends, with "a day" or "در ماه" behind it."""
    if _key(tokens, end) in _EVERY:
        return end + 1
    return end + 2 if _key(tokens, end) in _RATES and _key(tokens, end + 1) in _PERIODS else end


def _is_year(tokens: Sequence[Token], number: Number, kind: Kind) -> bool:
    """Whether a plain number is rather a year, by its size and the word before it."""
    before = _key(tokens, number.first - 1)
    near = _is_in(number, _NEAR_YEARS)
    if before in _FROM and _key(tokens, number.end) in _TO:
        other = number_at(tokens, number.end + 1)
        near = near and other is not None and _is_in(other, _NEAR_YEARS)
    if kind == "things":
        return near and before not in _CHANGING
    return kind == "bare" and (near or (before in _BEFORE_YEARS and _is_in(number, _YEARS)))


def _is_in(number: Number, years: Sequence[range]) -> bool:
    return number.is_plain and any(int(number.value) in some for some in years)


def _key(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].key if 0 <= at < len(tokens) else ""
