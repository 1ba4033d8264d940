"""Five answers as sentences, each with what its words say and what it was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from domain.okr import english, persian
from domain.okr.dashboard import AnswerText
from domain.okr.text import fold, sentences, tidy
from domain.okr.words import TOKENS_MAX, Cue, Lexicon, Marked

Role = Literal["blockers", "numbers", "goal", "steps", "strengths"]

LEXICON: Final = Lexicon(english.CUES, persian.CUES)
WORDS_OF_NOTHING: Final = 12
"""A longer sentence says something, even if it is made of small words."""

_FILLERS: Final = frozenset({"empty", "hollow", "now", "be", "neg", "nix", "very"})

_ASKED: Final[dict[Role, str]] = {
    "blockers": """block/s/ed/ing/er/ers, obstacle/s, challenge/s, barrier/s, problem/s, difficulty,
        difficulties, hinder/s/ing, in the way, holding you back, slows, slowing, stop/s, stopping,
        struggle/s, risk/s, weakness/es, pain, not working, not working well, issue/s, bottleneck/s,
        could be better, مانع, موانع, موانعی, مانعی, چالش*, مشکل*, ضعف, دغدغه*, ریسک*, جلوی, نقاط ضعف,
        خوب پیش نمی‌رود, گلوگاه*""",
    "numbers": """number/s, measure/s/d, measurable, metric/s, kpi/s, figure/s, indicator/s,
        key result, key results, how much, how many, quantify, target/s, success metrics,
        شاخص*, عدد, عددی, اعداد, ارقام, معیار*, سنجه*, اندازه‌گیری, سنجش, نتایج کلیدی, رقم""",
    "goal": """goal/s, objective/s, aim/s, achieve, ambition/s, vision, mission, purpose,
        want to reach, want to achieve, هدف*, اهداف, مقصود, چشم‌انداز, مأموریت, آرمان""",
    "steps": """next, plan/s, step/s, next step, next steps, 90 days, next 90 days, action/s,
        will you do, will do, actions, to do, going to do, task/s, who will, گام*, قدم*, برنامه*, اقدام*, ۹۰ روز,
        بعدی, ۹۰ روز آینده, خواهید کرد, چه کسی, انجام می‌دهید""",
    "strengths": """well, strength/s, proud, success/es, good, best, works, advantage/s, win/s, going well,
        working well, خوب, خوبی, قوت, نقاط قوت, نقطه قوت, موفق, موفقیت*, افتخار, مزیت*""",
}
"""What prompts ask for; of two that are asked for as often, the first one here counts."""

_PROMPTS: Final = Lexicon(dict(_ASKED.items()))
_TELLING: Final[dict[Role, tuple[str, ...]]] = {
    "blockers": ("bad", "block"),
    "goal": ("goal",),
    "steps": ("step",),
    "strengths": ("good", "strong"),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, shown and folded, and what is known about it."""

    order: int
    role: Role | None
    """What the answer that it stands in is about."""
    first: bool
    """Whether the answer begins with it."""
    text: str
    key: str
    marked: Marked

    @property
    def is_heading(self) -> bool:
        return self.key.endswith(":")

    @property
    def is_question(self) -> bool:
        return self.key.endswith(("?", "؟"))

    @property
    def says_nothing(self) -> bool:
        """Whether it is a way of saying "nothing", or of not answering."""
        marks = self.marked.marks
        if len(marks) > WORDS_OF_NOTHING or not self.marked.has("hollow"):
            return False
        return all(said & _FILLERS for said in _plain(self))

    @property
    def can_be_found(self) -> bool:
        """Whether it states anything."""
        return not (self.is_heading or self.is_question or self.says_nothing)


def read(answers: Sequence[AnswerText]) -> list[Sentence]:
    """The sentences of all answers, in their order."""
    found = list[Sentence]()
    for answer in sorted(answers, key=lambda answer: answer.order):
        texts, budget, marked = (
            sentences(answer.answer),
            TOKENS_MAX,
            list[tuple[str, str, Marked]](),
        )
        for text in texts:
            if budget > 0:
                marked.append((text, key := fold(text), LEXICON.read(key, budget)))
                budget -= len(marked[-1][2].tokens)
        role = _role(answer.prompt, [item for _, _, item in marked])
        found += [
            Sentence(answer.order, role, at == 0, text, key, item)
            for at, (text, key, item) in enumerate(marked)
        ]
    return found


def _role(prompt: str, marked: Sequence[Marked]) -> Role | None:
    """What the prompt asks for, else what most of the answer's cues speak of."""
    asked = _PROMPTS.read(fold(tidy(prompt[:1_000]))).cues
    counts = {role: sum(role in cue.marks for cue in asked) for role in _ASKED}
    if not any(counts.values()):
        cues = [cue for item in marked for cue in item.cues]
        counts = {role: _count(cues, telling) for role, telling in _TELLING.items()}
    most = max(counts, key=lambda role: counts[role])
    return most if counts[most] else None


def _count(cues: Sequence[Cue], telling: Sequence[str]) -> int:
    return sum(not cue.marks.isdisjoint(telling) for cue in cues)


def _plain(sentence: Sentence) -> list[frozenset[str]]:
    """The marks of its words, signs left out."""
    marked = zip(sentence.marked.tokens, sentence.marked.marks, strict=True)
    return [said for token, said in marked if token.key[0].isalnum()]
