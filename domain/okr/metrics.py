# ruff: noqa: RUF001
"""What an amount measures, in the words of the sentence."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from domain.okr.dashboard import METRIC_MAX_CHARS
from domain.okr.scene import ACTIVE, PRONOUNS, WANTED, Scene
from domain.okr.text import cut
from domain.okr.units import Amount
from domain.okr.words import Marks, listed, stem

WORDS_MAX: Final = 6
_SKIPPED_MAX: Final = 8

_CUES: Final = ACTIVE | {
    "goal",
    "should",
    "now",
    "be",
    "step",
    "past",
    "over",
    "under",
    "very",
    "cap",
}
_ENDING: Final = _CUES | {"contrast", "neg", "nix", "lack"}
_SKIPPED: Final = _CUES | {"link"}
_SIGNS: Final = frozenset(
    [":", "-", "=", "~", "(", "–", "—", ">", "<", ",", "،", "+", '"', "«", ")", "->"]
)
_CLOSED: Final = listed(
    """we i you they he she it us them me and or if that which who when while because so as then also will
    would can could do does did have has had by from at with this these those there let go goes going move get us
    be been most every each after before where both not see turn
    و که ما من تا از به با اگر این ان یا کنیم شود کند کنند چون اینکه باید شما بتوانیم می یک هم بعد قبل است رو را دهیم دهند کردن
    """
)
"""Words that no metric contains."""
_EDGES: Final = listed(
    """the of in for to a an our my your their on per its main new total is be some into through current only back
    در برای ها های ی ای را شدن کردن بودن عدد میزان مقدار مبلغ رقم سطح کل خود خودمان مان ماهی روزی سالی ساعتی هفته هفته‌ای هر"""
)
_KEPT_LAST: Final = listed("ها های هایی مان")
_COMPOUND: Final = frozenset({"rate", "rates", "ratio"})
_NOUNS: Final = {"growth": "", "رشد": "نرخ"}
"""Cues that are part of a name: growth behind any noun, رشد only behind نرخ."""
_BY_TIME: Final = listed(
    "days weeks months years year سال hours minutes seconds hour minute points h hr hrs min mins ms s sec secs pts pt ساعت روز دقیقه هفته ماه"
    " ton tons tonne tonnes kg kilo kilos litre litres liter liters gram grams meters metres km تن کیلو کیلوگرم گرم"
    " لیتر متر کیلومتر بار times"
)
_PERSIAN_VERB: Final = re.compile("(?:ب|می|نمی|درب|درمی|برمی)[\u0620-\u06d3]{2,8}م")
"""A verb in the first person: "بخریم", "میگیرم"."""
_NO_VERBS: Final = listed("بادام برام مریم میکروم بیستم میانگینم")
_MUTE: Final = _BY_TIME | listed("شب عید نوروز یلدا بهار تابستان پاییز زمستان گیرم گیریم")
"""Units and times alone are no metric."""
_LED: Final = ("to", "به")
"""What a verb leads to with it is a number to be reached, not a change."""
_MUCH: Final = 1_000
"""A sum of money that is as large speaks for itself; in tomans, the square of it."""
_SCALES: Final = _BY_TIME | listed("stars star ستاره نفر")
_NOT_COUNTED: Final = _BY_TIME | {
    "star",
    "stars",
    "ستاره",
    "more",
    "additional",
    "extra",
    "other",
    "بیشتر",
    "دیگر",
}
_COUNTING: Final = frozenset({"number", "count", "amount", "تعداد", "شمار"})


def is_time(place: Scene, amount: Amount) -> bool:
    """Whether an amount counts days, or pounds, and so says nothing of what."""
    name = amount.name
    return name is not None and all(place.key(at) in _BY_TIME for at in range(name[0], name[1] + 1))


def name_key(place: Scene, amount: Amount) -> frozenset[str]:
    """The words that name what is counted, as they compare."""
    if amount.name is None:
        return frozenset()
    return frozenset(stem(place.key(at)) for at in range(amount.name[0], amount.name[1] + 1))


def own_words(place: Scene, at: int) -> frozenset[str]:
    """The words before an amount that say what it measures, as they compare."""
    span = _before(place, place.before(at))
    return _stems(place, span) if span else frozenset()


def metric(place: Scene, at: int, counted: Sequence[Amount]) -> str:
    """What the amounts measure that begin at this place; empty if the sentence does not say."""
    before = _before(place, place.before(at))
    named = [amount for amount in counted if amount.name is not None]
    name = range(named[-1].name[0], named[-1].name[1] + 1) if named and named[-1].name else None
    if name and before and not _tells_more(place, before, named[-1], name):
        before = None
    if name and all(place.key(word) in _NOT_COUNTED for word in name):
        name = None
    behind = _after(place, max(amount.last for amount in counted) + 1) or (
        _after(place, min(amount.last for amount in counted) + 1) if len(counted) > 1 else None
    )
    return _text(place, before or name or behind) or _growth(place, at, counted)


def metric_around(place: Scene, first: int, last: int) -> str:
    """What is doubled or halved by the words there."""
    return _text(place, _after(place, last + 1) or _before(place, range(first)))


def _growth(place: Scene, at: int, counted: Sequence[Amount]) -> str:
    """How something is to change, where nothing says what; a sum of money speaks for itself."""
    if place.key(counted[-1].first - 1) in _LED:
        return ""
    around = (*place.before(at), *place.after(at))
    words = [token for token in around if place.marked.marks[token] & {"up", "down"}]
    if words and counted[-1].kind in ("percent", "times"):
        return _text(place, range(words[0], words[0] + 1))
    amount = counted[-1]
    sum_of_money = _text(place, range(amount.first, amount.last + 1))
    much = _MUCH if sum_of_money.isascii() else _MUCH**2
    speaks = amount.kind == "money" and len(counted) == 1 and amount.value >= much
    return sum_of_money if speaks else ""


def _tells_more(place: Scene, before: range, amount: Amount, name: range) -> bool:
    """Whether the words before an amount say more than what it counts, as with a time."""
    if amount.kind != "things":
        return _is_linked(place, amount) or not place.key(amount.first - 1).isalpha()
    words, head = _stems(place, before), {place.key(at) for at in name}
    timed = bool(head & _SCALES)
    return timed or bool(words & _stems(place, name)) or bool(words & _COUNTING)


def _is_linked(place: Scene, amount: Amount) -> bool:
    at = amount.first - 1
    return at >= 0 and bool(place.marked.marks[at] & _SKIPPED)


def _before(place: Scene, tokens: range) -> range | None:
    """The name that ends before the words and signs which lead to an amount."""
    end = tokens.stop
    for _ in range(_SKIPPED_MAX):
        if end <= tokens.start or not _leads(place, end - 1):
            break
        end -= 1
    start = end
    while start > tokens.start and end - start < WORDS_MAX and _names(place, start - 1, end):
        start -= 1
    return _trimmed(place, range(start, end))


def _leads(place: Scene, at: int) -> bool:
    key, marks = place.key(at), place.marked.marks[at]
    if "name" in marks:
        return False
    if key in _NOUNS and (_NOUNS[key] or place.key(at - 1)) == place.key(at - 1):
        return bool(place.marked.marks[at - 1] & _ENDING) if at else True
    return key in _SIGNS or bool(marks & _SKIPPED)


def _names(place: Scene, at: int, end: int) -> bool:
    key, marks = place.key(at), place.marked.marks[at]
    if at + 1 == end and key in _NOUNS:
        return True
    if _is_verb(place, at):
        return False
    if "win" in marks and at + 1 < end and (place.key(at + 1) in _COMPOUND or not key.isascii()):
        return True
    return _is_name(key, marks)


def _is_verb(place: Scene, at: int) -> bool:
    """Whether a word is what somebody does, or is done: "we lose", "want to bill", "are booked"."""
    if _PERSIAN_VERB.fullmatch(place.key(at)) and place.key(at) not in _NO_VERBS:
        return True
    if not at:
        return False
    before, earlier = place.key(at - 1), place.marked.marks[max(at - 2, 0)]
    wished = before == "to" and bool((earlier | place.marked.marks[at - 1]) & WANTED)
    done = before in ("is", "are") and place.key(at).endswith("ed")
    return wished or done or before in PRONOUNS


def _is_name(key: str, marks: Marks) -> bool:
    if "name" in marks:
        return True
    allowed = key not in _CLOSED and (key.isalpha() or key in ("-", "&", "/", "'"))
    return allowed and (marks.isdisjoint(_ENDING) or bool(marks & {"fewer"}))


def _after(place: Scene, begin: int) -> range | None:
    """The name behind an amount: of "20% more revenue", of "۲۰ درصد رشد فروش"."""
    tokens = place.marked.tokens
    start = begin
    while start < min(begin + _SKIPPED_MAX, len(tokens)) and _leads_on(place, start):
        start += 1
    end = start
    while end < min(start + WORDS_MAX, len(tokens)) and _goes_on(place, end):
        end += 1
    return _trimmed(place, range(start, end))


def _leads_on(place: Scene, at: int) -> bool:
    marks = place.marked.marks[at]
    return bool(marks & {"up", "down", "over", "under", "better"}) or place.key(at) in _EDGES


def _goes_on(place: Scene, at: int) -> bool:
    key, marks = place.key(at), place.marked.marks[at]
    return (
        key.isalpha()
        and _is_name(key, marks)
        and not _PERSIAN_VERB.fullmatch(key)
        and key not in ("to", "for", "in", "on", "در", "برای")
    )


def _trimmed(place: Scene, tokens: range) -> range | None:
    """Without small words at both ends; None if nothing else is there."""
    start, end = tokens.start, tokens.stop
    while start < end and not _stands_at_edge(place, start, first=True):
        start += 1
    while end > start and not _stands_at_edge(place, end - 1, first=False):
        end -= 1
    while start > 1 and _is_hyphened(place, start):
        start -= 2
    return range(start, end) if any(_tells(place, at) for at in range(start, end)) else None


def _is_hyphened(place: Scene, start: int) -> bool:
    """Whether a name goes on before its first word, as "no-show rate" does."""
    if start >= len(place.marked.tokens):
        return False
    before, sign, word = place.marked.tokens[start - 2 : start + 1]
    return sign.key == "-" and before.end == sign.start and sign.end == word.start


def _stands_at_edge(place: Scene, at: int, *, first: bool) -> bool:
    key = place.key(at)
    if not first and key in _KEPT_LAST:
        return True
    return key[0].isalnum() and key not in _EDGES


def _tells(place: Scene, at: int) -> bool:
    marks = place.marked.marks[at]
    return ("stop" not in marks or "fewer" in marks) and place.key(at) not in _MUTE


def _stems(place: Scene, tokens: Iterable[int]) -> frozenset[str]:
    return frozenset(stem(place.key(at)) for at in tokens if _tells(place, at))


def _text(place: Scene, tokens: range | None) -> str:
    if not tokens:
        return ""
    first, last = place.marked.tokens[tokens[0]], place.marked.tokens[tokens[-1]]
    return cut(place.sentence.text[first.start : last.end], METRIC_MAX_CHARS)
