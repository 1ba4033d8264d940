"""The tone of all answers together: what is praised against what is complained of."""

from collections.abc import Sequence
from typing import Final

from domain.okr.dashboard import Mood, Sentiment
from domain.okr.findings import Clause, clauses, polarity
from domain.okr.reading import Sentence

_STRONG: Final = frozenset({"good", "bad"})
_MILD: Final = 0.5
"""What a word counts that tells of a strength or a blocker, and judges by the way only."""
_DENIED: Final = 0.5
"""What "no problems" counts as praise."""
_VERY, _LITTLE = 1.5, 0.5
_DOUBT: Final = 1.0
"""Keeps a single word from being the whole truth."""
_CLEAR: Final = 1.0
"""How much of each side it takes to be mixed."""
_BALANCE: Final = 0.5
"""The least share of the weaker side in the stronger one, to be mixed."""
_THRESHOLD: Final = 0.15


def sentiment(sentences: Sequence[Sentence]) -> tuple[Sentiment, int]:
    """The tone, and how many words it rests on."""
    weights = [
        weight
        for sentence in sentences
        if not (sentence.is_heading or sentence.is_question)
        for clause in clauses(sentence)
        for weight in _weights(clause)
    ]
    praise = sum(weight for weight in weights if weight > 0)
    blame = -sum(weight for weight in weights if weight < 0)
    if not weights:
        return Sentiment(label="neutral", score=0.0), 0
    score = round((praise - blame) / (praise + blame + _DOUBT), 2) + 0.0
    return Sentiment(label=_label(praise, blame, score), score=score), len(weights)


def _label(praise: float, blame: float, score: float) -> Mood:
    weaker, stronger = sorted((praise, blame))
    if weaker >= _CLEAR and weaker >= stronger * _BALANCE:
        return "mixed"
    if abs(score) < _THRESHOLD:
        return "neutral"
    return "positive" if score > 0 else "negative"


def _weights(clause: Clause) -> list[float]:
    found = list[float]()
    marks = clause.sentence.marked.marks
    for cue, sign in polarity(clause):
        weight = 1.0 if cue.marks & _STRONG else _MILD
        beside = marks[cue.first - 1] if cue.first > clause.first else frozenset[str]()
        if "very" in beside:
            weight *= _VERY
        elif "little" in beside:
            weight *= _LITTLE
        found.append(weight * sign if sign else weight * _DENIED)
    return found
