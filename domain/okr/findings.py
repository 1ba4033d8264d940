# ruff: noqa: RUF001
"""What is in the way and what goes well, as somebody says it: clause by clause, a "not" heard."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from domain.okr.dashboard import FINDINGS_MAX, Finding
from domain.okr.reading import Sentence
from domain.okr.text import cut
from domain.okr.words import Cue, Marked, listed

REACH: Final = 4
"""How many words a "not" before something reaches."""
REACH_BACK: Final = 5
"""How many words a Persian verb reaches back."""
_CLAUSE_MIN_WORDS: Final = 2
_BREAKS: Final = listed(", ; ، ؛ : ( ) و که and because so که چون that")
_BAD: Final = frozenset({"bad", "block"})
_GOOD: Final = frozenset({"good", "strong"})
_EDGE: Final = " ,،;؛:-–—("
_WANTED: Final = frozenset({"goal", "step", "should"})
_NOTS: Final = listed("not isn't aren't don't doesn't never won't")
_DESCRIBING: Final = listed(
    "best good great excellent strong talented loyal skilled experienced reliable بهترین"
)
_REFUSING: Final = _NOTS - {"not", "never"}
_BURDENS: Final = frozenset({"burden", "loss"})
_VERB_REACH: Final = 2
"""How many words a "not" may stand behind what it denies."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence, or what stands on one side of its "but"; both ends belong to it."""

    sentence: Sentence
    first: int
    last: int

    @property
    def text(self) -> str:
        tokens = self.sentence.marked.tokens
        if self.first == 0 and self.last == len(tokens) - 1:
            return self.sentence.text
        begin = 0 if self.first == 0 else tokens[self.first].start
        end = tokens[self.last].end
        if self.last == len(tokens) - 1:
            end = len(self.sentence.text)
        return self.sentence.text[begin:end].strip(_EDGE)

    def says(self, *wanted: str) -> bool:
        """Whether any of its cues is one of these."""
        return any(not cue.marks.isdisjoint(wanted) for cue in self.cues())

    def cues(self) -> Iterator[Cue]:
        return self.sentence.marked.between(self.first, self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """How much of a clause speaks of what is bad and of what is good."""

    bad: int = 0
    good: int = 0
    denied: int = 0
    """What is bad, and said not to be so, or to be over."""


def clauses(sentence: Sentence) -> list[Clause]:
    """The sides of a sentence; one, if a side would be a single word."""
    marks, start, found = sentence.marked.marks, 0, list[Clause]()
    if not sentence.marked.has("contrast"):
        return [Clause(sentence, 0, len(marks) - 1)]
    parting = "," if marks and "contrast" in marks[0] else ""
    for at, said in enumerate(marks):
        if "contrast" in said or sentence.marked.tokens[at].key.replace("،", ",") == parting:
            if at - start >= _CLAUSE_MIN_WORDS:
                found.append(Clause(sentence, start, at - 1))
            start = at + 1
    if len(marks) - start >= _CLAUSE_MIN_WORDS:
        found.append(Clause(sentence, start, len(marks) - 1))
    return found or [Clause(sentence, 0, len(marks) - 1)]


def polarity(clause: Clause) -> Iterator[tuple[Cue, int]]:
    """The cues that judge, each with -1 for what is bad, 1 for good and 0 for what is denied."""
    said = clause.sentence.marked.said
    if said.isdisjoint(_BAD | _GOOD):
        return
    judging = [cue for cue in clause.cues() if cue.marks & (_BAD | _GOOD)]
    for cue in judging:
        is_bad = bool(cue.marks & _BAD) and not ("relief" in cue.marks and cue.marks & _GOOD)
        if _is_denied(clause, cue):
            yield cue, 0 if is_bad else -1
        elif is_bad:
            yield cue, 0 if _is_relieved(clause, cue) else -1
        elif clause.sentence.role != "blockers" or not _belongs(clause, cue):
            yield cue, 1


def _belongs(clause: Clause, cue: Cue) -> bool:
    """Whether a good word only describes somebody who is spoken of: "our best baker is 63"."""
    tokens, marks = clause.sentence.marked.tokens, clause.sentence.marked.marks
    if tokens[cue.first].key not in _DESCRIBING or cue.last + 1 >= clause.last:
        return False
    had = any("be" in marks[at] for at in range(clause.first, cue.first))
    return not had and tokens[cue.last + 1].key.isalpha() and "stop" not in marks[cue.last + 1]


def weigh(clause: Clause) -> Weight:
    """How much is bad and good; "we do not have" is bad if nothing else is said."""
    signs = [sign for _, sign in polarity(clause)]
    bad, good, denied = signs.count(-1), signs.count(1), signs.count(0)
    if not signs and clause.says("lack"):
        bad, denied = (0, 1) if _is_spared(clause) else (1, 0)
    return Weight(bad=bad, good=good, denied=denied)


def blockers(sentences: Sequence[Sentence]) -> list[Finding]:
    """What is in the way."""
    return _found(clause for clause in _all(sentences) if _blocks(clause))


def strengths(sentences: Sequence[Sentence]) -> list[Finding]:
    """What goes well."""
    return _found(clause for clause in _all(sentences) if _strengthens(clause))


def _loses(clause: Clause, weight: Weight) -> bool:
    """Whether somebody tells of a loss, whatever good words they have for what is lost."""
    if clause.says("step", "relief"):
        return False
    return clause.says("loss") or (
        clause.says("lack") and not weight.denied and not _is_spared(clause)
    )


def _is_spared(clause: Clause) -> bool:
    """Whether what they do not have is a burden: "we have no debt", "nobody left"."""
    lacked = False
    for cue in clause.cues():
        lacked = lacked or "lack" in cue.marks
        if lacked and cue.marks & _BURDENS:
            return True
        if not lacked and "loss" in cue.marks:
            return False
    return clause.says("burden")


def is_refused(sentence: Sentence, mark: str) -> bool:
    """Whether a plan or a goal is denied: "we won't", "is not our goal", "nothing yet"."""
    marked = sentence.marked
    if not marked.has("neg", "nix"):
        return False
    said = [cue for cue in marked.cues if mark in cue.marks]
    if said:
        return all(_stands_denied(marked, cue, mark) for cue in said)
    keys = [token.key for token in marked.tokens]
    if mark == "goal" and marked.has("refused"):
        return True
    opens = mark == "step" and bool(keys) and "neg" in marked.marks[0]
    ends = any("nix" in marks for marks in marked.marks[-_VERB_REACH:])
    return opens or ends or not _REFUSING.isdisjoint(keys)


def _stands_denied(marked: Marked, cue: Cue, mark: str) -> bool:
    """Whether a "not" stands right beside a cue, or at the end of a Persian sentence."""
    back, nots = (3, _NOTS - {"never"}) if mark == "goal" else (1, _NOTS)
    around = marked.tokens[max(0, cue.first - back) : cue.last + 1 + _VERB_REACH]
    if marked.tokens[cue.first].key.isascii():
        return any(token.key in nots for token in around)
    return any("nix" in marks for marks in marked.marks[-_VERB_REACH:])


def _all(sentences: Sequence[Sentence]) -> Iterator[Clause]:
    for sentence in sentences:
        if sentence.can_be_found and sentence.role != "numbers":
            yield from clauses(sentence)


def _blocks(clause: Clause) -> bool:
    weight, sentence = weigh(clause), clause.sentence
    if sentence.role == "blockers":
        plain = _loses(clause, weight) or not (weight.good or _plans(clause))
        plain = plain and not weight.denied
        return weight.bad > weight.good or (bool(weight.bad) and not weight.denied) or plain
    if sentence.role in ("goal", "steps") and sentence.marked.has(*_WANTED):
        return False
    return weight.bad > weight.good


def _strengthens(clause: Clause) -> bool:
    weight, sentence = weigh(clause), clause.sentence
    if sentence.role == "strengths":
        gone = _is_side(clause) and _loses(clause, weight)
        plain = not weight.bad and not _plans(clause)
        return (weight.good > weight.bad or plain) and not gone
    if sentence.role in ("goal", "steps", "blockers") and sentence.marked.has(*_WANTED):
        return False
    if sentence.role == "blockers" and (_loses(clause, weight) or clause.says("loss")):
        return False
    stated = sentence.role not in ("goal", "steps") or sentence.marked.has("be", "now", "past")
    return stated and weight.good > weight.bad


def _is_side(clause: Clause) -> bool:
    """Whether something else is said on the other side of a "but"."""
    return clause.last - clause.first + 1 < len(clause.sentence.marked.tokens)


def _plans(clause: Clause) -> bool:
    """Whether somebody says there what they want or are going to do."""
    return clause.says("goal", "step")


def _is_denied(clause: Clause, cue: Cue) -> bool:
    ahead, behind = _around(cue, REACH, REACH_BACK)
    return _near(clause, ahead, "neg") or _near(clause, behind, "nix")


def _is_relieved(clause: Clause, cue: Cue) -> bool:
    """Whether somebody reduces or solves it, or did."""
    ahead, behind = _around(cue, REACH, REACH)
    return _near(clause, ahead, "relief") or _near(clause, behind, "relief")


def _around(cue: Cue, ahead: int, behind: int) -> tuple[range, range]:
    first, last = cue.first - 1, cue.last + 1
    return range(first, first - ahead, -1), range(last, last + behind)


def _near(clause: Clause, tokens: range, mark: str) -> bool:
    """Whether a word there says so, and no break and no failing stands between."""
    marked = clause.sentence.marked
    if mark not in marked.said:
        return False
    for at in tokens:
        if not clause.first <= at <= clause.last or marked.tokens[at].key in _BREAKS:
            return False
        if mark in marked.marks[at]:
            return mark != "relief" or not _fails(clause, at)
    return False


def _fails(clause: Clause, at: int) -> bool:
    """Whether the word there is itself denied: "we cannot fix"."""
    around: Iterable[tuple[int, str]] = (
        (at - 2, "neg"),
        (at - 1, "neg"),
        (at + 1, "nix"),
        (at + 2, "nix"),
    )
    marks = clause.sentence.marked.marks
    return any(clause.first <= near <= clause.last and mark in marks[near] for near, mark in around)


def _found(told: Iterable[Clause]) -> list[Finding]:
    """Each once, in the order of the text, as many as fit."""
    found: dict[str, Finding] = {}
    for clause in told:
        text = cut(clause.text)
        if text and text.casefold() not in found:
            found[text.casefold()] = Finding(text=text, order=clause.sentence.order)
    return list(found.values())[:FINDINGS_MAX]
