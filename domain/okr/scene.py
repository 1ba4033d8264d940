"""A sentence with amounts, and how each amount stands: as things are, or as they should be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from domain.okr.dues import Span, due_spans
from domain.okr.noise import blanked, measuring
from domain.okr.reading import LEXICON, Sentence
from domain.okr.units import Amount, amounts
from domain.okr.words import NO_MARKS, Cue, Marked, Marks, listed

Stance = Literal["now", "goal", "past", "is", "none"]

WANTED: Final = frozenset({"goal", "should", "need"})
ACTIVE: Final = frozenset(
    {"reach", "up", "down", "better", "keep", "win", "hire", "doubled", "halved"}
)
_HABIT: Final = frozenset({"reach", "win", "hire", "keep"})
"""What somebody does every day, if "we" stands before it."""
_WISHING: Final = frozenset({"goal", "should"})
_COURSE: Final = frozenset({"up", "down"})
_VAGUE: Final = listed("improvement + growth رشد")
"""Of these words nobody knows in which direction they want a number to go."""
_LIMITS: Final = frozenset({"over", "under"})
_CLOSING: Final = frozenset({"be", "past"})
"""With these a Persian clause is over."""
_LEAD_MAX: Final = 6
_LISTING: Final = listed(", ، and و ;")
_LIST_MAX: Final = 5
_NEARBY: Final = frozenset({"win", "hire"})
"""What is done to the very next thing: "hire a designer, budget 50k" hires no 50k."""
_KEPT: Final = frozenset({"fewer", "stop", "staff"})
_SHARE: Final = ("of", "از", "کل")
"""Behind an amount, what it is a part of: "15% of turnover"."""
_COMMAS: Final = listed(", ; ، ؛")
_IS: Final = ("is", "are")
_MODAL: Final = listed("will would could can may might shall ll d")
PRONOUNS: Final = listed("we i you they it he she")
_BREAKS: Final = listed(", ; : ، ؛ ( ) and but و که")
_NEAR: Final = 3
LEADING: Final = WANTED | ACTIVE | {"link"}
_PATIENCE: Final = 2
"""Other words that may stand between a "not" and an amount."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A sentence without its dates and without figures that measure nothing."""

    sentence: Sentence
    marked: Marked
    amounts: Sequence[Amount]
    dues: Sequence[Span]

    def key(self, at: int) -> str:
        return self.marked.tokens[at].key if 0 <= at < len(self.marked.tokens) else ""

    def before(self, at: int) -> range:
        """The tokens between the amount before this one, or a "but", and this one."""
        return range(self.floor(self.amounts[at].first, at), self.amounts[at].first)

    def after(self, at: int) -> range:
        """The tokens behind this amount, up to a break or what leads to the next one."""
        begin = self.amounts[at].last + 1
        last = self._lead(at + 1) if at + 1 < len(self.amounts) else len(self.marked.tokens)
        for token in range(begin, last):
            marks = self.marked.marks[token]
            if self.key(token) in _BREAKS or "contrast" in marks:
                return range(begin, token)
            if marks & _CLOSING and not self.key(token).isascii():
                return range(begin, token + 1)
        return range(begin, last)

    def _lead(self, at: int) -> int:
        """Where the words begin that wish for an amount: the "should be" before it."""
        first = lead = self.amounts[at].first
        for token in range(first - 1, max(first - _LEAD_MAX, self.amounts[at - 1].last), -1):
            marks = self.marked.marks[token]
            if not marks & LEADING:
                break
            lead = token if marks & _WISHING else lead
        return lead

    def floor(self, first: int, at: int) -> int:
        """Where the clause begins that an amount stands in."""
        begin = self._begin(at - 1, first) if at else 0
        for token in range(first - 1, begin - 1, -1):
            if "contrast" in self.marked.marks[token]:
                return token + 1
        return begin

    def _begin(self, at: int, first: int) -> int:
        """Behind an amount, and behind the "today" or "is" that belongs to it."""
        behind = self.after(at)
        closed = "past" in said(self, behind[-1:]) and not self.key(behind.stop - 1).isascii()
        tells = said(self, behind) & {"now", "be"} or self.key(behind.start) in _SHARE or closed
        tells = tells and behind.stop < first
        return behind.stop if tells else behind.start

    def says(self, *wanted: str) -> bool:
        """Whether any word of the sentence says one of these."""
        return self.sentence.marked.has(*wanted)


def scene(sentence: Sentence) -> Scene:
    """The sentence, ready to be measured."""
    dues = due_spans(sentence.key)
    marked = _named(LEXICON.read(measuring(blanked(sentence.key, dues))))
    return Scene(sentence, marked, amounts(marked, sentence.text), dues)


def _named(marked: Marked) -> Marked:
    """The same, with words that a hyphen joins as parts of a name: "demo-to-close", "write-offs"."""
    found, marks = marked.tokens, list(marked.marks)
    for at in range(1, len(found) - 1):
        before, sign, behind = found[at - 1 : at + 2]
        glued = sign.key == "-" and before.end == sign.start and sign.end == behind.start
        if glued and before.key.isalpha() and behind.key.isalpha():
            for part in range(at - 1, at + 2):
                marks[part] = (marked.marks[part] & _KEPT) | {"name"}
    return replace(marked, marks=marks)


def said(place: Scene, tokens: range) -> Marks:
    """All that the words there say."""
    return frozenset[str]().union(*(place.marked.marks[at] for at in tokens))


def stance(place: Scene, at: int) -> Stance:
    """How an amount stands: the nearest word before it decides, else what follows."""
    before = _stance_before(place, place.before(at))
    if before != "now" and _is_stated(place, at):
        return "is"
    if before in ("now", "goal", "past"):
        return before
    after = _stance_after(place, place.after(at))
    if before == "is" and not said(place, place.after(at)) & WANTED:
        return "past" if after == "past" else "is"
    return after


def _is_stated(place: Scene, at: int) -> bool:
    """Whether an amount is said to be so now: "growth is 4%", "we bake 300 loaves"."""
    before, leading = place.before(at), said(place, place.before(at))
    if place.amounts[at].is_stated or leading & WANTED:
        return place.amounts[at].is_stated
    copula = next((token for token in reversed(before) if not _is_link_only(place, token)), None)
    first, behind = place.amounts[at].first, place.after(at)[:1]
    does = place.key(first - 2) in PRONOUNS and first - 2 in before and _is_plain(place, first - 1)
    if (does and not place.dues) or (copula is not None and place.key(copula) in _IS):
        return True
    persian = not place.key(place.amounts[at].last + 1).isascii()
    return persian and "reach" not in leading and bool(said(place, behind) & _CLOSING)


def _is_link_only(place: Scene, token: int) -> bool:
    marks = place.marked.marks[token]
    return "link" in marks and "be" not in marks


def _is_plain(place: Scene, token: int) -> bool:
    """Whether a word is any verb, no wish and no change."""
    marks = place.marked.marks[token]
    return (
        place.key(token).isalpha() and marks <= {"stop", "link"} and place.key(token) not in _MODAL
    )


def stance_in_list(place: Scene, at: int) -> Stance:
    """The same; the second of "we want 100 orders, 3% churn" stands as the first one does."""
    for back in range(_LIST_MAX):
        found = stance(place, at - back)
        gap = place.before(at - back)
        if found != "none" or at == back or not gap or len(gap) > 1:
            return found
        if place.key(gap.start) not in _LISTING:
            return found
    return "none"


def course(place: Scene, at: int, last: int) -> Marks:
    """Whether the verb at these amounts speaks of "up" or of "down"; the nearest one counts."""
    for token in (*reversed(place.before(at)), *place.after(last)):
        if place.key(token) in _BREAKS and token < place.amounts[at].first:
            continue
        found: Marks = place.marked.marks[token] & _COURSE
        if found and place.key(token) not in _VAGUE:
            return found
    return NO_MARKS


def is_denied(place: Scene, at: int) -> bool:
    """Whether a "not" stands before what is to be done with an amount, or behind it in Persian."""
    if "nix" in said(place, place.after(at)):
        return True
    patience = _PATIENCE
    for token in reversed(place.before(at)):
        marks = place.marked.marks[token]
        if "neg" in marks:
            return True
        patience -= marks.isdisjoint(LEADING | _LIMITS)
        if patience < 0:
            break
    return False


def _stance_before(place: Scene, tokens: range) -> Stance:
    found: Stance = "none"
    parted = False
    for token in reversed(tokens):
        marks = place.marked.marks[token]
        strong = _strong(marks)
        parted = parted or place.key(token) in _COMMAS
        if parted and strong == "goal" and marks & _NEARBY and not marks & WANTED:
            continue
        if strong == "goal" and marks & _HABIT and not marks & WANTED:
            strong = "is" if place.key(token - 1) in PRONOUNS else strong
        if strong in ("now", "goal", "past"):
            return strong
        if strong == "is":
            found = strong
    return found


def _stance_after(place: Scene, tokens: range) -> Stance:
    """In Persian the verb stands behind an amount; in English little does."""
    marks = said(place, tokens)
    if "past" in marks and not marks & WANTED:
        return "past"
    persian = any(not place.key(token).isascii() for token in tokens)
    near = tokens if persian else tokens[:_NEAR]
    marks = said(place, near)
    for wanted, found in _AFTER:
        if marks & wanted:
            return found
    return "none"


_BEFORE: Final[tuple[tuple[Marks, Stance], ...]] = (
    (frozenset({"now"}), "now"),
    (WANTED, "goal"),
    (frozenset({"past"}), "past"),
    (ACTIVE, "goal"),
    (frozenset({"be"}), "is"),
)
"""What words before an amount say; the first of these counts."""
_AFTER: Final[tuple[tuple[Marks, Stance], ...]] = (
    (frozenset({"now"}), "now"),
    (WANTED | ACTIVE | {"over", "under"}, "goal"),
    (frozenset({"be"}), "is"),
)


def _strong(marks: Marks) -> Stance:
    return next((found for wanted, found in _BEFORE if marks & wanted), "none")


def cues_of(place: Scene, *wanted: str) -> list[Cue]:
    """The cues of the sentence that say one of these."""
    return [cue for cue in place.marked.cues if not cue.marks.isdisjoint(wanted)]
