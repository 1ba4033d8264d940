"""Reviews: starting, answering, contact, meetings, and the questions that are asked."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain import reviews
from domain.access import Caller
from domain.errors import Conflict
from domain.reviews import Answer, Meeting, MeetingStatus, Question, Reply, Review, reworded
from storage.mongo.catalogue import Position
from storage.mongo.meetings import Meetings
from storage.mongo.questionnaire import Questionnaire, Questionnaires
from storage.mongo.reviews import ReviewBook


@dataclass(frozen=True, kw_only=True)
class ReviewParts:
    """What reviews are served with."""

    book: ReviewBook
    questionnaires: Questionnaires
    meetings: Meetings


class Reviews:
    """What whoever holds a review's id may do. Raises Unavailable while MongoDB is away."""

    def __init__(self, parts: ReviewParts, clock: Callable[[], int], *, by_token: bool) -> None:
        """`clock` is in ms; `by_token` lets only its owner at a review."""
        self._book = parts.book
        self._questionnaires = parts.questionnaires
        self._meetings = parts.meetings
        self._clock = clock
        self._by_token = by_token

    async def start(self, asker: Caller | None, phone_number: str, email: str) -> Review:
        """Begin a review of the questions that are asked now."""
        now = self._clock()
        review = Review(
            # Random, always: knowing it is what admits to the review.
            id=str(uuid.uuid4()),
            owner=None if asker is None else asker.user_id,
            phone_number=phone_number,
            email=email,
            questions=(await self._questionnaires.get()).active,
            created_at=now,
            updated_at=now,
        )
        await self._book.create(review)
        return review

    async def get(self, review_id: str, asker: Caller | None) -> Review:
        """The review as it is. Raises NotFound, also for somebody else's."""
        review = await self._book.get(review_id)
        reviews.require_access(review.owner, asker, by_token=self._by_token)
        return review

    async def expect(
        self, review_id: str, asker: Caller | None, question_id: int, *, key: str | None
    ) -> None:
        """Raise what forbids to answer this question now, unless it may be a repeat."""
        review = await self.get(review_id, asker)
        if key is None or reviews.keyed(review, key) is None:
            reviews.require_next(review, question_id)

    async def answer(
        self, review_id: str, asker: Caller | None, reply: Reply
    ) -> tuple[Review, Answer]:
        """Answer the next question. Raises as `ReviewBook.answer`."""
        await self.get(review_id, asker)
        return await self._book.answer(review_id, reply)

    async def set_contact(
        self, review_id: str, asker: Caller | None, *, email: str, phone_number: str
    ) -> Review:
        """Write down how to reach them. Raises NotFound."""
        await self.get(review_id, asker)
        return await self._book.set_contact(review_id, email, phone_number)

    async def request_meeting(self, review_id: str, asker: Caller | None) -> tuple[Meeting, bool]:
        """Ask for a meeting; one that is pending is given again. Whether it is new.

        Raises NotFound, RuleViolated.
        """
        review = await self.get(review_id, asker)
        reviews.require_contact(review)
        meeting = Meeting(
            id=0,
            review_id=review_id,
            status="PENDING",
            email=review.email,
            phone_number=review.phone_number,
            created_at=self._clock(),
        )
        return await self._meetings.request(meeting)

    async def meetings_of(self, review_id: str, asker: Caller | None) -> Sequence[Meeting]:
        """The review's meetings, newest first. Raises NotFound."""
        await self.get(review_id, asker)
        return await self._meetings.of_review(review_id)

    async def meetings(
        self, status: MeetingStatus | None, *, limit: int, after: Position | None
    ) -> tuple[list[Meeting], Position | None]:
        """A page of everybody's meetings, newest first."""
        return await self._meetings.newest(status, limit=limit, after=after)

    async def settle_meeting(self, meeting_id: int, status: MeetingStatus) -> Meeting:
        """Say how a meeting stands. Raises NotFound, RuleViolated."""
        return await self._meetings.set_status(meeting_id, status)

    async def questionnaire(self) -> Questionnaire:
        """What reviews ask that begin now."""
        return await self._questionnaires.get()

    async def reword(
        self, wanted: Sequence[tuple[int | None, str]], if_rev: int | None
    ) -> Questionnaire:
        """Ask other questions from now on; reviews that are going on keep theirs.

        Raises InvalidInput for an id that there is not, and Conflict with the questionnaire as
        it is.
        """
        before = await self._questionnaires.get()
        if if_rev not in (None, before.rev):
            raise Conflict(f"The questions are at revision {before.rev}.", before)
        known: tuple[Question, ...] = (*before.active, *before.retired)
        active, retired = reworded(known, wanted)
        if (active, retired) == (before.active, before.retired):
            return before
        return await self._questionnaires.replace(before, active, retired)
