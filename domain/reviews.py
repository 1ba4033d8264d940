"""Reviews: five questions answered in order, by whoever holds the id of the review.

The wire contract is docs/reviews.md; the wording of refusals follows the back end it describes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final, Literal

from domain.access import Caller
from domain.audio import Kind
from domain.errors import NotFound, RuleViolated
from domain.text import refused

QUESTIONS: Final = 5
"""So many are asked; an analysis reads the answers in the orders 1 to 5."""
PROMPT_MAX_CHARS: Final = 500
ANSWER_MAX_CHARS: Final = 10_000

MeetingStatus = Literal["PENDING", "CONFIRMED", "COMPLETED", "CANCELED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and as which of the five."""

    id: int
    prompt: str
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """A recorded answer; whoever knows its id may listen to it."""

    id: str
    kind: Kind
    size_bytes: int
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What somebody answers: text, a recording, or both."""

    question_id: int
    text: str
    audio: Audio | None
    key: str | None
    """The Idempotency-Key it came with."""
    digest: str
    """Fingerprint of what was sent, to tell a repeat from another request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A reply that was accepted."""

    id: int
    reply: Reply
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One review: its questions stay as they were when it began; instants in ms."""

    id: str
    owner: str | None
    """Who began it, if they said; counts where tokens are required."""
    phone_number: str
    email: str
    questions: tuple[Question, ...]
    answers: tuple[Answer, ...] = ()
    created_at: int
    updated_at: int
    completed_at: int | None = None

    @property
    def next_question(self) -> Question | None:
        """The first one without an answer."""
        left = self.questions[len(self.answers) :]
        return left[0] if left else None

    def question_of(self, answer: Answer) -> Question:
        """What the answer answers."""
        return next(one for one in self.questions if one.id == answer.reply.question_id)

    @property
    def has_contact(self) -> bool:
        """Whether there is any way to reach them."""
        return bool(self.email or self.phone_number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A wish for a meeting, and how to reach who has it."""

    id: int
    review_id: str
    status: MeetingStatus
    email: str
    phone_number: str
    created_at: int


def require_access(owner: str | None, asker: Caller | None, *, by_token: bool) -> None:
    """Raise NotFound for somebody else's review or analysis, where tokens say whose it is.

    Otherwise, and for one that nobody's token began, whoever knows its id may have it.
    """
    if not by_token or owner is None:
        return
    if asker is None or not (asker.is_admin or asker.user_id == owner):
        raise NotFound("Session not found.")


def require_open(review: Review) -> None:
    """Raise RuleViolated unless something is left to answer."""
    if review.completed_at is not None or review.next_question is None:
        raise RuleViolated("Session already completed.", reason="completed")


def require_next(review: Review, question_id: int) -> None:
    """Raise NotFound for a question that is not asked here, RuleViolated for one out of order."""
    require_open(review)
    if question_id not in {question.id for question in review.questions}:
        raise NotFound("Question not found.")
    expected = review.next_question
    if expected is not None and expected.id != question_id:
        raise RuleViolated(
            "Answers must be submitted in order.",
            reason="out_of_order",
            expected_question_id=expected.id,
        )


def answered(review: Review, answer: Answer) -> Review:
    """The review with one more answer, complete after the last. Raises as `require_next`."""
    require_next(review, answer.reply.question_id)
    after = replace(
        review,
        answers=(*review.answers, answer),
        updated_at=max(review.updated_at, answer.created_at),
    )
    if after.next_question is None:
        after = replace(after, completed_at=after.updated_at)
    return after


def keyed(review: Review, key: str | None) -> Answer | None:
    """The answer that came earlier with this key."""
    if key is None:
        return None
    return next((one for one in review.answers if one.reply.key == key), None)


def require_contact(review: Review) -> None:
    """Raise RuleViolated unless both ways to reach them are known."""
    if not review.email or not review.phone_number:
        raise RuleViolated(
            "You should first add your phone and email to the review session.",
            reason="contact_missing",
        )


def renumbered(prompts: Sequence[tuple[int, str]]) -> tuple[Question, ...]:
    """Questions in the order in which they are to be asked, from 1 on."""
    return tuple(
        Question(id=id_, prompt=prompt, order=order)
        for order, (id_, prompt) in enumerate(prompts, 1)
    )


def reworded(
    known: Sequence[Question], wanted: Sequence[tuple[int | None, str]]
) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """The questions that are wanted, by id or as new ones, and those that are asked no more.

    Raises InvalidInput for an id that there is not, or that comes twice.
    """
    by_id = {question.id: question for question in known}
    ids = [id_ for id_, _ in wanted if id_ is not None]
    if len(set(ids)) != len(ids) or not set(ids) <= set(by_id):
        raise refused("questions", "Each `id` has to be that of a question, and only once.")
    fresh = count(max(by_id, default=0) + 1)
    active = renumbered([(next(fresh) if id_ is None else id_, text) for id_, text in wanted])
    left = sorted(set(by_id) - set(ids))
    return active, renumbered([(id_, by_id[id_].prompt) for id_ in left])
