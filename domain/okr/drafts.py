"""Key results in the making: what several sentences say about one number is put together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from domain.okr.dashboard import KEY_RESULTS_MAX, NUMBER_MAX, Direction, KeyResult
from domain.okr.text import cut, fold
from domain.okr.words import stem, tokens

ACROSS: Final = 0.55
"""Sure of a baseline and a target that stand in two sentences."""
DOUBTED: Final = 0.35
"""Sure of what may well have been misread."""
LEAP: Final = 100
"""A number that becomes so many times as large, or as small, has probably been misread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a sentence says about a number; `is_goal` is whether something should be there."""

    metric: str
    baseline: float | None
    target: float | None
    kind: str
    unit: str | None
    direction: Direction
    due: str | None
    confidence: float
    order: int
    text: str
    is_goal: bool = True

    @property
    def lacks_baseline(self) -> bool:
        return self.is_goal and self.baseline is None and self.target is not None


def moved(baseline: float, target: float) -> Direction:
    """The direction from one number to another."""
    if baseline == target:
        return "maintain"
    return "increase" if baseline < target else "decrease"


def is_leap(baseline: float, target: float) -> bool:
    """Whether one number is many times the other."""
    least, most = sorted((abs(baseline), abs(target)))
    return 0 < least <= most / LEAP


def completed(sentences: Sequence[Sequence[Draft]]) -> list[Draft]:
    """The goals of one answer, with a baseline from another sentence where one gives it."""
    standing = _Standing(draft for found in sentences for draft in found if not draft.is_goal)
    goals = list[Draft]()
    for at, found in enumerate(sentences):
        for draft in found:
            if draft.lacks_baseline:
                base = standing.same_metric(draft) or _neighbour(sentences, at)
                goals.append(_with_baseline(draft, base) if base and _fits(draft, base) else draft)
            elif draft.is_goal:
                goals.append(draft)
    return [draft for draft in goals if draft.metric and _is_in_bounds(draft)]


def distinct(drafts: Sequence[Draft]) -> list[Draft]:
    """Each number once: the fullest of those about the same, with what only another one says."""
    kept = list[Draft]()
    for draft in drafts:
        twin = next((at for at, other in enumerate(kept) if _are_twins(draft, other)), None)
        if twin is None:
            kept.append(draft)
        else:
            less, more = sorted((draft, kept[twin]), key=_fullness)
            kept[twin] = replace(more, due=more.due or less.due)
    return kept


def finished(drafts: Sequence[Draft]) -> list[KeyResult]:
    """The key results, in their order; of more than fit, the surest."""
    surest = sorted(range(len(drafts)), key=lambda at: -drafts[at].confidence)[:KEY_RESULTS_MAX]
    return [
        KeyResult(
            text=cut(draft.text),
            metric=draft.metric,
            baseline=draft.baseline,
            target=draft.target,
            unit=draft.unit,
            direction=draft.direction,
            due=cut(draft.due) if draft.due else None,
            order=draft.order,
            confidence=round(draft.confidence, 2),
        )
        for draft in (drafts[at] for at in sorted(surest))
    ]


class _Standing:
    """Where things stand, to be found by a word of what is measured."""

    def __init__(self, drafts: Iterable[Draft]) -> None:
        self._by_word: dict[str, Draft] = {}
        for draft in drafts:
            for word in _words(draft):
                self._by_word.setdefault(word, draft)

    def same_metric(self, goal: Draft) -> Draft | None:
        """Where the same thing stands that a goal is about."""
        found = (self._by_word.get(word) for word in sorted(_words(goal)))
        return next((base for base in found if base and _is_same(goal, base)), None)


def _neighbour(sentences: Sequence[Sequence[Draft]], at: int) -> Draft | None:
    """What the sentence before or behind says, if both say one thing only and one has no name."""
    if len(sentences[at]) > 1:
        return None
    goal = sentences[at][0]
    for other in (at - 1, at + 1):
        found = sentences[other] if 0 <= other < len(sentences) else ()
        if len(found) == 1 and not found[0].is_goal and _are_alike(goal, found[0]):
            base = found[0]
            if bool(base.metric) != bool(goal.metric):
                return base
    return None


def _fits(goal: Draft, base: Draft) -> bool:
    """Whether the way from one to the other is the one that the goal speaks of."""
    assert goal.target is not None
    assert base.target is not None
    told = goal.direction in ("increase", "decrease")
    return not told or moved(base.target, goal.target) == goal.direction


def _with_baseline(goal: Draft, base: Draft) -> Draft:
    assert goal.target is not None
    assert base.target is not None
    texts = (goal.text,) if goal.text == base.text else (base.text, goal.text)
    return replace(
        goal,
        metric=base.metric or goal.metric,
        baseline=base.target,
        unit=goal.unit or base.unit,
        direction="maintain" if goal.direction == "maintain" else moved(base.target, goal.target),
        due=goal.due,
        text=" ".join(texts),
        confidence=min(DOUBTED if is_leap(base.target, goal.target) else ACROSS, goal.confidence),
    )


def _are_alike(one: Draft, other: Draft) -> bool:
    return one.kind == other.kind or "bare" in (one.kind, other.kind)


def _is_same(one: Draft, other: Draft) -> bool:
    left, right = _words(one), _words(other)
    return _are_alike(one, other) and (left <= right or right <= left)


def _are_twins(one: Draft, other: Draft) -> bool:
    if one.target != other.target or not _are_alike(one, other):
        return False
    if None not in (one.baseline, other.baseline) and one.baseline != other.baseline:
        return False
    left, right = _words(one), _words(other)
    return not left or not right or left <= right or right <= left


def _fullness(draft: Draft) -> tuple[bool, bool, float]:
    return draft.baseline is not None, draft.due is not None, draft.confidence


def _is_in_bounds(draft: Draft) -> bool:
    return all(abs(value or 0) <= NUMBER_MAX for value in (draft.baseline, draft.target))


def _words(draft: Draft) -> frozenset[str]:
    return frozenset(stem(token.key) for token in tokens(fold(draft.metric)))
