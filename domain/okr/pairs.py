# ruff: noqa: RUF001
"""Which amounts of a sentence belong together: where something stands, and where it should be."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal, NamedTuple

from domain.okr.metrics import name_key, own_words
from domain.okr.scene import LEADING, Scene, Stance, course, said, stance, stance_in_list
from domain.okr.units import Amount
from domain.okr.words import Marks, listed

How = Literal["linked", "told", "carried", "alone"]

_ARROWS: Final = listed("-> --> => → ⇒ ➔ ➜ ⟶")
_TO: Final = listed("to into به تا")
_FROM: Final = listed("from form از")
_INSTEAD: Final = listed("instead rather vs versus compared بجای جای")
_RANGES: Final = listed("- – — to تا or یا")
_AND: Final = ("and", "و")
_BETWEEN: Final = listed("between بین")
_TURNING: Final = listed("( up down from ,")
_HEDGES: Final = listed(
    """about around roughly approximately approx nearly almost at least over more than the a an some up down
    below under above less only just maybe say even ~ = : حدود تقریبا حداقل بیش از دست کم بالای زیر کمتر مرز رقم میزان
    عدد < >"""
)
_WAYS: Final = listed("up down")
_COMPARED: Final = listed("کمتر بیشتر بیش بالاتر پایینتر تر")
"""With an "از" behind them they say no more than "under" and "over"."""
_LEADING_ON: Final = LEADING | {"stop"}
_SHORT_GAP: Final = 4
_LONG_GAP: Final = 12
_THOUSAND: Final = 1_000
_CARRIED_MAX: Final = 10
"""A number that is so many times as large, or as small, has no scale carried over to it."""
_PERIODS: Final = {
    "second": listed("s sec secs second seconds ثانیه"),
    "minute": listed("min mins minute minutes دقیقه"),
    "hour": listed("h hr hrs hour hours ساعت"),
    "day": listed("day days روز"),
    "week": listed("week weeks هفته"),
    "month": listed("month months ماه"),
    "year": listed("year years سال"),
}
_CHANGING: Final = ("up", "down", "better", "reach", "keep", "goal", "should")


class Pair(NamedTuple):
    """Where something stands and where it should be, by their places among the amounts."""

    base: Amount | None
    goal: Amount
    at: int
    """The place of the first of the two."""
    how: How
    stance: Stance
    """Of the amount that stands alone."""


def pairs(place: Scene) -> Iterator[Pair]:
    """The amounts of a sentence, two by two where they belong together."""
    found, changes, at = list(place.amounts), place.says(*_CHANGING), 0
    while at < len(found):
        first = found[at]
        second = found[at + 1] if at + 1 < len(found) else None
        link = _link(place, at, changes=changes) if second and _alike(first, second) else None
        if second is None or link is None:
            yield Pair(None, first, at, "alone", stance_in_list(place, at))
            at += 1
            continue
        yield _joined(place, at, link)
        at += 2


_Link = Literal["forward", "backward", "told", "told backward", "range"]


def _joined(place: Scene, at: int, link: _Link) -> Pair:
    first, second = place.amounts[at], place.amounts[at + 1]
    if link == "range":
        down = "down" in said(place, place.before(at))
        least, most = sorted((_scaled(first, second), second), key=lambda amount: amount.value)
        end = most if down else least
        whole = replace(second, first=first.first, value=end.value)
        return Pair(None, whole, at, "alone", stance_in_list(place, at))
    if link in ("backward", "told backward"):
        first, second = second, first
    if _period(place, first) != _period(place, second) and "" not in (
        _period(place, first),
        _period(place, second),
    ):
        whole = replace(second, first=min(first.first, second.first))
        return Pair(None, whole, at, "alone", "goal")
    goal = _carried(first, second, course(place, at, at + 1))
    how: How = "linked" if link in ("forward", "backward") else "told"
    how = how if goal is second else "carried"
    return Pair(_scaled(first, goal), goal, at, how, "goal")


def _scaled(base: Amount, goal: Amount) -> Amount:
    """The first number of "from 1 to 2 million", in millions as well."""
    shares = base.multiplier == 1 < goal.multiplier and base.kind in ("bare", goal.kind)
    if not shares or base.value >= min(_THOUSAND, goal.value / goal.multiplier):
        return base
    return replace(base, value=round(base.value * goal.multiplier, 4), multiplier=goal.multiplier)


def _carried(base: Amount, goal: Amount, verb: Marks) -> Amount:
    """The second number of "350 thousand, should be 500", in thousands where that is likely."""
    bare = goal.kind == "bare" and goal.multiplier == 1 < base.multiplier
    scaled = replace(goal, value=round(goal.value * base.multiplier, 4))
    if not bare or not 1 / _CARRIED_MAX <= scaled.value / (base.value or 1) <= _CARRIED_MAX:
        return goal
    wrong = "down" if scaled.value > base.value else "up"
    return goal if wrong in verb else scaled


def _period(place: Scene, amount: Amount) -> str:
    """The unit of time that is counted; empty if none is."""
    words = place.sentence.key[amount.unit[0] : amount.unit[1]].split() if amount.unit else [""]
    return next((unit for unit, spelled in _PERIODS.items() if words[0] in spelled), "")


def _alike(first: Amount, second: Amount) -> bool:
    """Whether both can count the same."""
    if "times" in (first.kind, second.kind):
        return False
    return first.kind == second.kind or "bare" in (first.kind, second.kind)


def _link(place: Scene, at: int, *, changes: bool) -> _Link | None:
    first, second = place.amounts[at], place.amounts[at + 1]
    gap = [place.key(token) for token in range(first.last + 1, second.first)]
    if len(gap) > _LONG_GAP or not _same_name(place, first, second):
        return None
    if not _ARROWS.isdisjoint(gap):
        return "forward"
    link = _linked(place, at, gap, changes=changes)
    return link or _told(place, at, gap)


def _linked(place: Scene, at: int, gap: list[str], *, changes: bool) -> _Link | None:
    first = place.amounts[at]
    core = list(gap)
    while core and (core[-1] in _HEDGES - _FROM or not _COMPARED.isdisjoint(core[-2:-1])):
        core.pop()
    last = core[-1] if core else ""
    opening = {place.key(first.first - back) for back in (1, 2, 3)}
    if last in _TO:
        opened = bool(opening & _FROM) or last == "به" or not _WAYS.isdisjoint(core[-2:-1])
        if (opened and (last != "تا" or changes)) or (not opened and _is_named(place, first)):
            return "forward"
    if len(gap) == 1 and (gap[0] in _RANGES or (gap[0] in _AND and opening & _BETWEEN)):
        return "range"
    reverses = last in _FROM and (gap[0] in _TURNING or opening & _TO)
    return "backward" if reverses or not _INSTEAD.isdisjoint(gap) else None


def _is_named(place: Scene, amount: Amount) -> bool:
    """Whether a plain word stands right before an amount, as in "NPS 40 to 60"."""
    key, at = place.key(amount.first - 1), amount.first - 1
    return key == ":" or (key.isalpha() and place.marked.marks[at].isdisjoint(_LEADING_ON))


def _told(place: Scene, at: int, gap: list[str]) -> _Link | None:
    """By how both stand: one as it is, the other as it should be."""
    left, right = stance(place, at), stance(place, at + 1)
    if "(" not in gap and own_words(place, at + 1) - own_words(place, at) - name_key(
        place, place.amounts[at]
    ):
        return None
    if right == "goal" and (left in ("now", "is", "past") or len(gap) <= _SHORT_GAP):
        return "told" if left != "goal" else None
    if left == "now" and right == "none" and len(gap) <= _SHORT_GAP:
        return "told"
    asked = left == "none" and place.sentence.role in ("goal", "numbers")
    return "told backward" if right == "now" and (left == "goal" or asked) else None


def _same_name(place: Scene, first: Amount, second: Amount) -> bool:
    if first.kind != "things" or second.kind != "things" or not (first.name and second.name):
        return True
    if _period(place, first) and _period(place, second):
        return True
    return bool(name_key(place, first) & name_key(place, second))
