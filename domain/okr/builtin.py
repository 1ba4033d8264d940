"""The engine that is always there: it reads by rule, offline, and says how little it is sure of.

It never raises, whatever the text, and its time grows with the length of the answers alone.
"""

from collections.abc import Sequence
from typing import Final

from domain.okr.dashboard import (
    AnswerText,
    Confidence,
    Dashboard,
    Finding,
    KeyResult,
    Language,
    Theme,
)
from domain.okr.drafts import completed, distinct, finished
from domain.okr.findings import blockers, strengths
from domain.okr.measures import drafts
from domain.okr.objective import objective
from domain.okr.reading import Role, Sentence, read
from domain.okr.steps import next_steps
from domain.okr.text import cut, language, mostly_persian
from domain.okr.themes import themes
from domain.okr.tone import sentiment

HIGHEST: Final = 0.8
"""Rules are never surer than that."""
_DRAFTS_MAX: Final = 24
"""Numbers of one answer that are looked at."""
_NONE_FOUND: Final = 0.2
"""Where something was read, and nothing of the kind was in it."""
_ASKED_FOR, _BY_WORDS = 0.7, 0.45
_RECURRING, _SELDOM = 0.6, 0.3
_STEPS_TOLD, _STEPS_BY_RULE = 0.7, 0.4
_TONE_LEAST, _TONE_STEP, _TONE_MOST = 0.2, 0.05, 0.65
_UNREAD_SCRIPT: Final = 0.25
"""What is left of it all in a language that the engine does not know."""


def analyse(answers: Sequence[AnswerText]) -> Dashboard:
    """The dashboard of five answers; everything in it is empty if all of them are blank."""
    sentences = read(answers)
    spoken = language([sentence.text for sentence in sentences])
    goal, goal_sure = objective(sentences)
    results = _key_results(sentences)
    found = themes([sentence for sentence in sentences if not sentence.says_nothing])
    telling = [sentence for sentence in sentences if not _gave(sentence, results)]
    in_the_way, going_well = blockers(telling), strengths(telling)
    tone, judged = sentiment(sentences)
    steps, told = next_steps(
        sentences,
        in_the_way,
        results,
        in_persian=mostly_persian([sentence.text for sentence in sentences]),
    )
    sure = {
        "objective": goal_sure,
        "key_results": _mean(results),
        "themes": _themes_sure(found),
        "blockers": _found_sure(sentences, in_the_way, "blockers"),
        "strengths": _found_sure(sentences, going_well, "strengths"),
        "sentiment": min(_TONE_MOST, _TONE_LEAST + _TONE_STEP * judged),
        "next_steps": (_STEPS_TOLD if told else _STEPS_BY_RULE) if steps else _NONE_FOUND,
    }
    return Dashboard(
        language=spoken,
        objective=goal,
        key_results=results,
        themes=found,
        blockers=in_the_way,
        strengths=going_well,
        sentiment=tone,
        next_steps=steps,
        confidence=_confidence(sure, sentences, spoken),
    )


def _key_results(sentences: Sequence[Sentence]) -> list[KeyResult]:
    """What is to be reached, of all answers, each number once."""
    by_order: dict[int, list[Sentence]] = {}
    for sentence in sentences:
        by_order.setdefault(sentence.order, []).append(sentence)
    found = []
    for group in by_order.values():
        budget, read_so_far = _DRAFTS_MAX, []
        for sentence in group:
            some = list(drafts(sentence))[:budget]
            read_so_far.append(some)
            budget -= len(some)
            if not budget:
                break
        found += completed(read_so_far)
    return finished(distinct(found))


def _gave(sentence: Sentence, results: Sequence[KeyResult]) -> bool:
    """Whether a key result was read from it: a goal is neither in the way nor a strength."""
    return any(one.order == sentence.order and cut(sentence.text) in one.text for one in results)


def _confidence(
    sure: dict[str, float], sentences: Sequence[Sentence], spoken: Language
) -> Confidence:
    """Two decimals each; nothing where nothing was read."""
    factor = _UNREAD_SCRIPT if spoken == "other" else 1.0
    factor = factor if sentences else 0.0
    return Confidence(
        **{part: round(min(HIGHEST, value) * factor, 2) for part, value in sure.items()}
    )


def _mean(results: Sequence[KeyResult]) -> float:
    if not results:
        return _NONE_FOUND
    return sum(result.confidence for result in results) / len(results)


def _themes_sure(found: Sequence[Theme]) -> float:
    if not found:
        return _NONE_FOUND
    return _RECURRING if found[0].mentions > 1 else _SELDOM


def _found_sure(sentences: Sequence[Sentence], found: Sequence[Finding], role: Role) -> float:
    """Surer where an answer was asked for just that, also that there is none."""
    asked = {sentence.order for sentence in sentences if sentence.role == role}
    if not found:
        return _BY_WORDS if asked else _NONE_FOUND
    return _ASKED_FOR if any(finding.order in asked for finding in found) else _BY_WORDS
