"""What to do next: what somebody says they will do, then what the review leaves open."""

from collections.abc import Container, Iterator, Sequence
from typing import Final, NamedTuple

from domain.okr.dashboard import STEPS_MAX, Finding, KeyResult, Step
from domain.okr.findings import Clause, is_refused, weigh
from domain.okr.reading import LEXICON, Sentence
from domain.okr.text import cut, fold
from domain.okr.themes import content, speaking

_LEFT_OPEN_MIN: Final = 2
"""Places that are kept for what is left open, however much somebody means to do."""
_OF_A_KIND: Final = 2
_PERSIAN_DIGITS: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


class _Wording(NamedTuple):
    """The engine's own sentences in one language."""

    told: str
    decide: str
    decide_why: str
    measure: str
    measure_why: str
    date: str
    date_why: str
    number: str
    number_why: str


_ENGLISH: Final = _Wording(
    told="You said so in answer {order}.",
    decide="Decide who removes this blocker: {what}",
    decide_why="You named it in answer {order}, and no step mentions it.",
    measure="Find out where “{what}” stands today.",
    measure_why="Answer {order} says where it should be, not where it is.",
    date="Set a date for “{what}”.",
    date_why="Answer {order} does not say by when.",
    number="Name one number that shows that you have reached your goal.",
    number_why="No answer has a number that is to be reached.",
)
_PERSIAN: Final = _Wording(
    told="این را در پاسخ {order} گفته‌اید.",
    decide="مشخص کنید چه کسی این مانع را برطرف می‌کند: {what}",
    decide_why="این مانع در پاسخ {order} آمده و هیچ گامی به آن نمی‌پردازد.",
    measure="ببینید «{what}» امروز چقدر است.",
    measure_why="پاسخ {order} می‌گوید به کجا باید برسد، نه اینکه اکنون کجاست.",
    date="برای «{what}» تاریخ تعیین کنید.",
    date_why="پاسخ {order} نمی‌گوید تا چه زمانی.",
    number="یک عدد نام ببرید که نشان دهد به هدف رسیده‌اید.",
    number_why="در هیچ پاسخی عددی نیست که باید به آن رسید.",
)


def next_steps(
    sentences: Sequence[Sentence],
    blockers: Sequence[Finding],
    key_results: Sequence[KeyResult],
    *,
    in_persian: bool,
) -> tuple[list[Step], int]:
    """The steps, and how many of them somebody said they would take."""
    if not any(not sentence.says_nothing for sentence in sentences):
        return [], 0
    wording = _PERSIAN if in_persian else _ENGLISH
    planned = [sentence for sentence in sentences if _is_planned(sentence)]
    told = {
        cut(sentence.text): _step("{what}", wording.told, sentence.text, sentence.order)
        for sentence in planned
    }
    left = [
        *_unmentioned(wording, planned, blockers),
        *_unmeasured(wording, key_results, told),
    ]
    kept = list(told.values())[: STEPS_MAX - min(_LEFT_OPEN_MIN, len(left))]
    return [*kept, *left][:STEPS_MAX], len(kept)


def _is_planned(sentence: Sentence) -> bool:
    if not sentence.can_be_found or _is_complaint(sentence) or is_refused(sentence, "step"):
        return False
    will = sentence.marked.has("step")
    if sentence.role == "steps":
        return will or not sentence.marked.has("past", "lack")
    return will and sentence.role not in ("goal", "numbers")


def _is_complaint(sentence: Sentence) -> bool:
    weight = weigh(Clause(sentence, 0, len(sentence.marked.tokens) - 1))
    return weight.bad > weight.good and not sentence.marked.has("relief")


def _unmentioned(
    wording: _Wording, planned: Sequence[Sentence], blockers: Sequence[Finding]
) -> Iterator[Step]:
    """The blockers that share no word with any step."""
    words = frozenset[str]().union(*(content(sentence) for sentence in planned))
    open_ones = [
        finding
        for finding in blockers
        if words.isdisjoint(speaking(LEXICON.read(fold(finding.text))))
    ]
    for finding in open_ones[:_OF_A_KIND]:
        yield _step(wording.decide, wording.decide_why, finding.text, finding.order)


def _unmeasured(
    wording: _Wording, key_results: Sequence[KeyResult], told: Container[str]
) -> Iterator[Step]:
    """What key results lack: a number to start from, a date, or being there at all."""
    if not key_results:
        yield Step(text=wording.number, reason=wording.number_why)
    unknown = [one for one in key_results if one.baseline is None and one.text not in told]
    for result in unknown[:_OF_A_KIND]:
        yield _step(wording.measure, wording.measure_why, result.metric, result.order)
    for result in [one for one in key_results if one.due is None][:_OF_A_KIND]:
        yield _step(wording.date, wording.date_why, result.metric, result.order)


def _step(text: str, reason: str, what: str, order: int) -> Step:
    number = str(order)
    if not reason.isascii():
        number = number.translate(_PERSIAN_DIGITS)
    return Step(text=cut(text.replace("{what}", what)), reason=reason.replace("{order}", number))
