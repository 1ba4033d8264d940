"""Analyses as clients know them: asking for one, and being told how it stands."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from domain import reviews
from domain.access import Caller
from domain.analysis import Analysis, AnalysisRule, Limits, Material, begun, overdue, triggered
from domain.analysis_views import Frame, ids_of, short, turn_frames
from domain.errors import Contended, NotFound, RuleViolated, Unavailable, reason_of
from domain.reviews import QUESTIONS, Reply, Review
from realtime.tasks import side_by_side
from storage.mongo.analyses import Analyses
from storage.mongo.reviews import ReviewBook
from storage.redis.analysis_news import AnalysisNews
from storage.redis.analysis_queue import AnalysisQueue

log = structlog.get_logger(__name__)

DUE_AT_ONCE: Final = 200
PARALLEL: Final = 16
ROUNDS: Final = 20
"""So many batches at a time, so that others come to their turn as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody wants to be analysed: a review's answers, or those that came along."""

    review_id: str | None
    session_id: str | None
    materials: tuple[Material, ...]


@dataclass(frozen=True, kw_only=True)
class AnalysisParts:
    """What analyses are kept, queued and told with."""

    analyses: Analyses
    queue: AnalysisQueue
    news: AnalysisNews


class AnalysisBook:
    """Changes analyses, tells of it, and sees that each one is looked after.

    What MongoDB has accepted holds, though queue and followers may hear of it later.
    """

    def __init__(self, parts: AnalysisParts, clock: Callable[[], int], limits: Limits) -> None:
        """`clock` is in ms."""
        self.analyses = parts.analyses
        self.limits = limits
        self.clock = clock
        self._illegible: set[str] = set()
        self._queue = parts.queue
        self._news = parts.news

    async def begin(self, analysis: Analysis) -> bool:
        """Add one, unless there is one of its id or review. Raises Unavailable."""
        added = await self.analyses.add(analysis)
        if added:
            await self._changed(analysis)
        return added

    async def change(self, analysis_id: str, rule: AnalysisRule) -> tuple[Analysis, Analysis]:
        """Apply a rule; before and after. Raises as `Analyses.change`."""
        before, after = await self.analyses.change(analysis_id, rule)
        if after.turn != before.turn:
            await self._changed(after)
        return before, after

    async def look_after(self) -> None:
        """See to all whose time has come: this is why none stays as it is for ever.

        Raises Unavailable.
        """
        for _ in range(ROUNDS):
            found = await self.analyses.due(DUE_AT_ONCE, but=self._illegible)
            for fault in await side_by_side(self._guarded, found, at_once=PARALLEL):
                if fault is not None:
                    raise fault
            if len(found) < DUE_AT_ONCE:
                return

    async def _guarded(self, analysis_id: str) -> None:
        """Look after one; what is wrong with it must not keep the others waiting."""
        try:
            await self._look_after(analysis_id)
        except (NotFound, Contended) as error:
            log.warning("analysis not looked after", reason=reason_of(error))
        except Unavailable:
            raise
        except Exception:
            # Of a newer version, maybe.
            log.exception("analysis cannot be read", analysis=short(analysis_id))
            self._illegible.add(analysis_id)

    async def _look_after(self, analysis_id: str) -> None:
        before, after = await self.analyses.change(analysis_id, overdue(self.limits))
        if after is not before:
            log.info(
                "analysis looked after",
                analysis=short(analysis_id),
                state=after.state,
                attempt=after.attempt,
                queued=after.queued,
            )
            if after.turn != before.turn:
                await self._changed(after)
            else:
                await self._put(after)

    async def tell(self, analysis: Analysis, frame: Frame) -> None:
        """Tell followers something in passing; whoever misses it misses nothing that lasts."""
        await self._tell(analysis, 0, [frame])

    async def _changed(self, analysis: Analysis) -> None:
        await self._tell(analysis, analysis.turn, [*turn_frames(analysis)])
        # One that waits for its time is put there when that has come.
        if analysis.state == "pending" and analysis.not_before <= self.clock():
            await self._put(analysis)

    async def _tell(self, analysis: Analysis, turn: int, frames: list[Frame]) -> None:
        try:
            await self._news.tell(ids_of(analysis), turn, frames)
        except Unavailable as error:
            log.warning("followers told later", analysis=short(analysis.id), reason=error.reason)

    async def _put(self, analysis: Analysis) -> None:
        try:
            await self._queue.put(analysis.id, analysis.ticket)
        except Unavailable as error:
            log.warning("analysis queued later", analysis=short(analysis.id), reason=error.reason)


class AnalysisDesk:
    """Where clients ask for analyses. Raises Unavailable while MongoDB is away."""

    def __init__(self, book: AnalysisBook, review_book: ReviewBook, *, by_token: bool) -> None:
        """`by_token` lets only its owner at a review and its analysis."""
        self._book = book
        self._reviews = review_book
        self._by_token = by_token

    async def admits(self, either_id: str, asker: Caller | None) -> bool:
        """Whether the id is that of a review, which the asker may see.

        Raises NotFound for what is somebody else's; and where tokens are required also for what
        is not there, since it may become somebody else's.
        """
        review = await self._review(either_id, asker)
        if review is not None:
            return True
        found = await self._book.analyses.find(either_id)
        if found is not None:
            await self._require(found, asker)
        elif self._by_token:
            raise NotFound("Session not found.")
        return False

    async def trigger(self, either_id: str, asker: Caller | None, request: Request) -> Analysis:
        """Begin an analysis, begin it anew, or join it; `either_id` is what the asker follows.

        Raises NotFound, RuleViolated.
        """
        target = request.review_id or request.session_id or either_id
        review = await self._review(target, asker)
        materials = request.materials
        if request.review_id is not None:
            if review is None:
                raise NotFound("Session not found.")
            materials = pulled(review)
        found = await self._book.analyses.find(target)
        if found is None:
            fresh = self._fresh(target, review, asker, materials)
            if await self._book.begin(fresh):
                return fresh
            # Somebody else has begun it at the same moment.
            found = await self._book.analyses.find(target)
        if found is None:
            raise Contended
        await self._require(found, asker)
        _, after = await self._book.change(found.id, triggered(materials, self._book.limits))
        return after

    def _fresh(
        self,
        target: str,
        review: Review | None,
        asker: Caller | None,
        materials: tuple[Material, ...],
    ) -> Analysis:
        return begun(
            target if review is None else str(uuid.uuid4()),
            review_id=None if review is None else review.id,
            owner=None if asker is None else asker.user_id,
            materials=materials,
            now=self._book.clock(),
            limits=self._book.limits,
        )

    async def _review(self, review_id: str, asker: Caller | None) -> Review | None:
        try:
            review = await self._reviews.get(review_id)
        except NotFound:
            return None
        reviews.require_access(review.owner, asker, by_token=self._by_token)
        return review

    async def _require(self, analysis: Analysis, asker: Caller | None) -> None:
        """Raise NotFound for somebody else's analysis, where tokens say whose it is."""
        if analysis.review_id is not None:
            await self._review(analysis.review_id, asker)
        else:
            reviews.require_access(analysis.owner, asker, by_token=self._by_token)


def pulled(review: Review) -> tuple[Material, ...]:
    """A review's answers as they are analysed. Raises RuleViolated while some are missing."""
    if review.next_question is not None:
        missing = review.next_question.id
        raise RuleViolated(f"Missing answer for question {missing}.", reason="not_completed")
    assert len(review.questions) == QUESTIONS
    answers = {answer.reply.question_id: answer.reply for answer in review.answers}
    return tuple(
        Material(
            order=question.order,
            question_id=question.id,
            prompt=question.prompt,
            answer=answers[question.id].text,
            audio_id=_audio_id(answers[question.id]),
        )
        for question in review.questions
    )


def _audio_id(reply: Reply) -> str | None:
    return None if reply.audio is None else reply.audio.id
