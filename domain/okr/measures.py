"""What a sentence says about numbers: where something should be, and where it stands."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

from domain.okr.dashboard import UNIT_MAX_CHARS, Direction
from domain.okr.drafts import DOUBTED, Draft, is_leap, moved
from domain.okr.figures import NUMBER_WORDS
from domain.okr.metrics import is_time, metric, metric_around, name_key
from domain.okr.pairs import How, Pair, pairs
from domain.okr.reading import Sentence
from domain.okr.scene import Scene, course, cues_of, is_denied, said, scene
from domain.okr.text import cut, fold
from domain.okr.units import Amount
from domain.okr.words import listed, tokens

Limit = Literal["most", "least"]

_SURE: Final[dict[How, float]] = {"linked": 0.8, "told": 0.7, "carried": 0.55, "alone": 0.6}
_DOUBLED: Final = 0.5
_TOUCHING: Final = frozenset({"goal", "should", "step"})
_DIRECTIONS: Final[tuple[tuple[str, Direction], ...]] = (
    ("keep", "maintain"),
    ("halved", "decrease"),
    ("down", "decrease"),
    ("doubled", "increase"),
    ("up", "increase"),
    ("under", "decrease"),
)
_HIRING: Final = frozenset({"hire", "reach", "up", "goal", "win"})
_RAISING: Final = frozenset({"win", "up"})
"""To raise a number is to increase it, to raise money is not."""
_OWNED: Final = listed("my our their your his her these those all")
"""What they stand before is there already: "my 2 kids"."""
_MORE: Final = listed("more another additional extra بیشتر دیگر اضافه اضافی")
_SOLD: Final = listed("sell selling close closing بفروشیم بفروشم ببندیم تعطیل")
_DEALS: Final = listed("deal deals sale sales contract contracts client clients قرارداد")
"""What is closed when it is won."""
_LED: Final = listed("to به")
_PLAIN: Final = frozenset({"stop", "link", "fewer", "name", "staff", "empty"})
_WHO: Final = listed("we i you they he she it ما من او")
_NAMED_MIN: Final = 2
_NEAR: Final = 4
_FEW: Final = 10
_SHORT: Final = 12
_MULTIPLES_MAX: Final = 4
"""Things to be doubled that one sentence may name."""


def drafts(sentence: Sentence) -> Iterator[Draft]:
    """What one sentence says, in order; a draft that is no goal tells where things stand."""
    if not (sentence.marked.has("doubled", "halved") or _may_count(sentence)):
        return
    place = scene(sentence)
    wants = sentence.marked.has(*_TOUCHING)
    silent = sentence.role in ("strengths", "blockers") and not wants
    gone = sentence.marked.has("past") and not wants
    found = list[Draft]()
    for pair in pairs(place):
        draft = _of_pair(place, pair, gone=gone, silent=silent)
        if draft is not None:
            found.append(draft)
    if not found and not gone and not silent:
        found += _of_multiples(place)
    yield from found


def _may_count(sentence: Sentence) -> bool:
    words = (token.key for token in sentence.marked.tokens)
    return any(word[0].isdigit() or word in NUMBER_WORDS for word in words)


def _of_pair(place: Scene, pair: Pair, *, gone: bool, silent: bool) -> Draft | None:
    counted = [pair.goal] if pair.base is None else [pair.base, pair.goal]
    named = metric(place, pair.at, counted)
    if pair.base is not None:
        doubtful = gone or silent or _contradicts(place, pair)
        return None if doubtful else _draft(place, pair, named, _sure_of(pair))
    sure = 0.0 if silent or gone else _sureness(place, pair)
    if sure:
        return _draft(place, pair, named, sure)
    stands = pair.stance in ("now", "is", "past", "none") and pair.goal.kind != "times"
    return replace(_draft(place, pair, named, 0.0), is_goal=False) if stands else None


def _sure_of(pair: Pair) -> float:
    """How sure a pair is; a number that becomes a hundred times as large is doubted."""
    assert pair.base is not None
    return DOUBTED if is_leap(pair.base.value, pair.goal.value) else _SURE[pair.how]


def _contradicts(place: Scene, pair: Pair) -> bool:
    """Whether the verb speaks of another direction, or a goal of "more" is not meant as a total."""
    assert pair.base is not None
    goal = pair.goal
    more = any(place.key(at) in _MORE for at in range(goal.first - 1, goal.last + 2))
    if _is_capped(place, pair):
        return _limit(place, pair) is None
    verb = course(place, pair.at, pair.at + 1)
    wrong = "down" if pair.goal.value > pair.base.value else "up"
    return (more and pair.how == "told") or wrong in verb


def _sureness(place: Scene, pair: Pair) -> float:
    """How sure it is that an amount which stands alone is one to be reached; 0 if it is none."""
    goal, marks = pair.goal, said(place, place.before(pair.at))
    step = place.key(goal.first - 1) == "by" and goal.kind != "percent"
    owned = step or place.key(goal.first - 1) in _OWNED or (goal.is_staff and not marks & _HIRING)
    if _is_capped(place, pair):
        return _SURE["alone"] if _limit(place, pair) else 0.0
    if owned or _is_removed(place, pair) or is_denied(place, pair.at):
        return 0.0
    multiple = goal.kind == "times"
    if pair.stance == "goal" or (pair.stance == "none" and multiple):
        return _DOUBLED if multiple else _SURE["alone"]
    return DOUBTED if pair.stance == "none" and _is_bare_goal(place, pair) else 0.0


def _is_removed(place: Scene, pair: Pair) -> bool:
    """Whether so many things are to go: "drop the three smallest clients", "sell two fields"."""
    goal, name = pair.goal, pair.goal.name
    if goal.kind != "things" or name is None:
        return False
    at = goal.first - 1 - (place.key(goal.first - 1) == "the")
    if at >= 0 and "down" in place.marked.marks[at] and place.key(at) not in _LED:
        return True
    few = goal.value < _FEW and goal.last <= name[1]
    verbs = {place.key(word) for word in (max(at, 0), *place.after(pair.at))}
    return few and not verbs.isdisjoint(_SOLD) and place.key(name[1]) not in _DEALS


def _is_bare_goal(place: Scene, pair: Pair) -> bool:
    """Whether an amount without any verb is one to be reached: "10k users", "by June 50 customers"."""
    goal, sentence = pair.goal, place.sentence
    limited = bool(said(place, place.before(pair.at)) & {"over", "under"})
    told = place.says("now", "past", "be") or (not limited and place.says("bad", "block"))
    twice = sum(name_key(place, one) == name_key(place, goal) for one in place.amounts) > 1
    vague = (goal.name is not None and twice) or (
        is_time(place, goal) and not (limited or place.dues)
    )
    if goal.is_staff or told or vague:
        return False
    asked = sentence.role in ("goal", "numbers")
    leads = not any(place.key(at).isalpha() for at in place.before(pair.at))
    if place.dues or limited or (asked and _is_led_to(place, pair)):
        return asked or sentence.role is None or (leads and sentence.role == "steps")
    if sentence.role == "goal":
        return len(place.marked.tokens) <= _SHORT
    named = goal.name is not None and goal.kind != "percent"
    short = len(place.marked.tokens) <= _SHORT
    return sentence.role == "numbers" and leads and named and short


def _is_led_to(place: Scene, pair: Pair) -> bool:
    """Whether nothing but a name and a "to" stands before an amount: "wishlists to 100k"."""
    before = place.before(pair.at)
    if len(before) < _NAMED_MIN or pair.goal.kind == "things":
        return False
    plain = all(place.marked.marks[at] <= _PLAIN and place.key(at) not in _WHO for at in before)
    return plain and place.key(before[-1]) in _LED


def _draft(place: Scene, pair: Pair, named: str, sure: float) -> Draft:
    base, goal = pair.base, pair.goal
    multiple = goal.kind == "times"
    return Draft(
        metric=named,
        baseline=base.value if base else None,
        target=None if multiple else goal.value,
        kind=base.kind if base and goal.kind == "bare" else goal.kind,
        unit=None if multiple else _unit(place, goal) or (_unit(place, base) if base else None),
        direction=_direction(place, pair, named),
        due=_due(place, goal, base),
        confidence=sure,
        order=place.sentence.order,
        text=place.sentence.text,
    )


def _unit(place: Scene, amount: Amount) -> str | None:
    if amount.kind == "percent":
        return "%"
    text = place.sentence.text[amount.unit[0] : amount.unit[1]] if amount.unit else ""
    return cut(text, UNIT_MAX_CHARS) or None


def _direction(place: Scene, pair: Pair, named: str) -> Direction:
    base, goal = pair.base, pair.goal
    if base is not None:
        direction = moved(base.value, goal.value)
        kept = (("most", "increase"), ("least", "decrease"))
        return "maintain" if (_limit(place, pair), direction) in kept else direction
    if _is_capped(place, pair):
        return "maintain"
    marks = said(place, place.before(pair.at)) | said(place, place.after(pair.at))
    if place.marked.marks[max(goal.first - 1, 0)] >= _RAISING:
        marks -= _RAISING
    told = next((direction for mark, direction in _DIRECTIONS if mark in marks), None)
    if told is None and "better" in marks:
        return "decrease" if _better_lower(place, named) else "increase"
    return told or ("increase" if goal.kind == "times" else "reach")


def _limit(place: Scene, pair: Pair) -> Limit | None:
    """Whether an amount is one that should not be passed: "under 5%", "must not exceed 2%"."""
    ends = (amount.last for amount in place.amounts[pair.at :])
    at = pair.at + next(back for back, last in enumerate(ends) if last == pair.goal.last)
    near = said(place, place.before(at)[-_NEAR:]) | said(place, place.after(at)[:_NEAR])
    if not _is_capped(place, pair):
        return "most" if "under" in near else "least" if "over" in near else None
    return (
        "most" if near & {"over", "up", "reach"} else "least" if near & {"under", "down"} else None
    )


def _is_capped(place: Scene, pair: Pair) -> bool:
    """Whether the sentence says that something must not be, and no verb tells what: "lose 5"."""
    for at in range(pair.goal.first - 1, -1, -1):
        marks = place.marked.marks[at]
        if marks & {"cap", "bad"}:
            return "cap" in marks
    return False


def _better_lower(place: Scene, named: str) -> bool:
    """Whether less of what is measured is better, as with costs."""
    words = {token.key for token in tokens(fold(named))}
    marked = zip(place.marked.tokens, place.marked.marks, strict=True)
    return any("fewer" in marks and token.key in words for token, marks in marked)


def _due(place: Scene, goal: Amount, base: Amount | None) -> str | None:
    """The nearest time behind the amount, else the last one before it."""
    first = goal if base is None or goal.first < base.first else base
    start = place.marked.tokens[first.first].start
    behind = [due for due in place.dues if due.start >= start]
    due = behind[0] if behind else place.dues[-1] if place.dues else None
    return place.sentence.text[due.start : due.end] if due else None


def _of_multiples(place: Scene) -> Iterator[Draft]:
    """What is to be doubled or halved: there is no number for it."""
    for cue in cues_of(place, "doubled", "halved")[:_MULTIPLES_MAX]:
        named = metric_around(place, cue.first, cue.last)
        if named and not place.amounts:
            yield Draft(
                metric=named,
                baseline=None,
                target=None,
                kind="times",
                unit=None,
                direction="decrease" if "halved" in cue.marks else "increase",
                due=_first_due(place),
                confidence=_DOUBLED,
                order=place.sentence.order,
                text=place.sentence.text,
            )


def _first_due(place: Scene) -> str | None:
    return place.sentence.text[place.dues[0].start : place.dues[0].end] if place.dues else None
