"""The sentence that best says what somebody wants to reach."""

from collections.abc import Sequence
from typing import Final

from domain.okr.dashboard import Objective
from domain.okr.findings import Clause, is_refused, weigh
from domain.okr.reading import Sentence
from domain.okr.text import cut

_ASKED, _TOLD, _MEANT, _FIRST, _CHANGES, _COMPLAINS, _SHORT = 3.0, 2.0, 1.0, 1.0, 0.5, -2.0, -1.0
_LEAST: Final = 1.5
_FEW_WORDS: Final = 3
_SURE: Final = ((_ASKED + _TOLD, 0.8), (_ASKED, 0.6), (_TOLD, 0.45), (_LEAST, 0.3))
_NO_GOAL: Final = 0.2
"""How sure it is that there is none, where somebody said something."""


def objective(sentences: Sequence[Sentence]) -> tuple[Objective, float]:
    """The objective and how sure it is; an empty one if no sentence states a goal."""
    best, score = None, _LEAST
    for sentence in sentences:
        found = _score(sentence)
        if found > score or (best is None and found == score):
            best, score = sentence, found
    if best is None:
        return Objective(text="", order=None), _NO_GOAL if sentences else 0.0
    sure = next(sure for least, sure in _SURE if score >= least)
    return Objective(text=cut(best.text), order=best.order), sure


def _score(sentence: Sentence) -> float:
    if not sentence.can_be_found:
        return 0.0
    told = sentence.marked.has("goal") and sentence.role != "blockers"
    asked = sentence.role == "goal"
    changes = sentence.marked.has("reach", "up", "down", "win", "doubled")
    meant = sentence.role is None and changes and not sentence.marked.has("past", "be")
    if not (told or asked or meant) or is_refused(sentence, "goal"):
        return 0.0
    weight = weigh(Clause(sentence, 0, len(sentence.marked.tokens) - 1))
    return sum(
        points
        for points, holds in (
            (_ASKED, asked),
            (_TOLD, told),
            (_MEANT, meant),
            (_FIRST, asked and sentence.first),
            (_CHANGES, changes),
            (_COMPLAINS, weight.bad > weight.good),
            (_SHORT, len(sentence.marked.tokens) < _FEW_WORDS),
        )
        if holds
    )
