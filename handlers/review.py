"""Reviews: five questions, contact, meetings."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from tornado.web import stream_request_body

from domain.errors import InvalidInput, NotFound
from domain.idempotency import digest
from domain.reviews import Audio, Reply, require_open
from handlers.base import ApiHandler
from handlers.endpoint import Reply as Response, endpoint
from handlers.review_audio import audio_url
from handlers.schemas.common import UUID
from handlers.schemas.review import (
    AnswerBody,
    AnsweredView,
    AnswerForm,
    ContactBody,
    ContactStatusView,
    ContactView,
    MeetingBody,
    MeetingView,
    NextQuestionView,
    StartedReviewView,
    StartReviewBody,
    View,
    answer_view,
    meeting_view,
    question_view,
    review_view,
    standing_view,
)
from handlers.uploads import UploadHandler
from realtime.recording import FIELD, Take

UNKNOWN = {404: "No such review."}
BASE = r"/api/review"
SHORT_BYTES = 4_096
ANSWER_BYTES = 96 * 1024
"""Room for the longest answer, in any way of writing JSON."""


class ReviewHandler(ApiHandler):
    """What the family has in common."""

    group = "review"
    body_max_bytes = SHORT_BYTES

    async def limit(self, name: str) -> None:
        """Count this against a named limit of the caller, or of where they call from."""
        await self.services.limiter.check(name, self.party)


class ReviewStartHandler(ReviewHandler):
    """/api/review/start/"""

    @endpoint(
        summary="Begin a review, and get its first question",
        body=StartReviewBody,
        returns=StartedReviewView,
        access="open",
        status=HTTPStatus.CREATED,
    )
    async def post(self, *, phone_number: str, email: str) -> View:
        await self.limit("review")
        review = await self.services.reviews.start(self.asker, phone_number, email)
        return {
            "session": review_view(review),
            "next_question": question_view(review.next_question),
        }


class ReviewNextHandler(ReviewHandler):
    """/api/review/{session_id}/next/"""

    @endpoint(
        summary="The next question of a review",
        returns=NextQuestionView,
        access="open",
        statuses=UNKNOWN,
    )
    async def get(self, *, session_id: str) -> View:
        review = await self.services.reviews.get(review_id(session_id), self.asker)
        return standing_view(review)


@stream_request_body
class ReviewAnswerHandler(UploadHandler, ReviewHandler):
    """/api/review/{session_id}/answer/"""

    body_max_bytes = ANSWER_BYTES

    async def expect(self, path: Mapping[str, str]) -> Take:
        await self.limit("upload")
        known = review_id(path["session_id"])
        review = await self.services.reviews.get(known, self.asker)
        if "Idempotency-Key" not in self.request.headers:
            # Otherwise it may be a repeat, which is answered after the end too.
            require_open(review)
        await self.services.recorder.require_room(len(self.services.streams.uploads))
        return self.services.recorder.take(known, self.party)

    @endpoint(
        summary="Answer the next question, in writing, as a recording, or both",
        body=AnswerBody,
        form=AnswerForm,
        returns=AnsweredView,
        keyed=True,
        access="open",
        status=HTTPStatus.CREATED,
        statuses={
            400: "Not valid, out of order (`expected_question_id`), or the review is complete.",
            404: "No such review or question.",
            507: "No room for recordings.",
        },
    )
    async def post(self, *, session_id: str, question_id: int, answer_text: str) -> View:
        take = self.take
        if take is None and not answer_text.strip():
            raise InvalidInput(
                f"answer_text: Required without {FIELD}.",
                {"answer_text": [f"Required without {FIELD}."]},
            )
        known = review_id(session_id)
        # Before anybody takes the trouble to examine a recording.
        await self.services.reviews.expect(known, self.asker, question_id, key=self.idempotency_key)
        sent = {"question_id": question_id, "answer_text": answer_text}
        reply = Reply(
            question_id=question_id,
            text=answer_text,
            audio=None if take is None else await take.finish(),
            key=self.idempotency_key,
            digest=digest(sent | {"audio": take and take.digest}),
        )
        review, answer = await self.services.reviews.answer(known, self.asker, reply)
        if answer.reply.audio == reply.audio:
            self.take = None  # It is the answer's now: nothing is left to be given up.
        url = self._url(answer.reply.audio)
        return {**standing_view(review), "answer": answer_view(review, answer, url)}

    def _url(self, audio: Audio | None) -> str | None:
        return None if audio is None else audio_url(self, audio)


class ReviewContactHandler(ReviewHandler):
    """/api/review/session/contact/"""

    @endpoint(
        summary="Say how to reach whoever was asked",
        body=ContactBody,
        returns=ContactView,
        access="open",
        statuses=UNKNOWN,
    )
    async def post(self, *, review_session_id: str, email: str, phone_number: str) -> View:
        review = await self.services.reviews.set_contact(
            review_session_id, self.asker, email=email, phone_number=phone_number
        )
        return {
            "review_session_id": review.id,
            "email": review.email,
            "phone_number": review.phone_number,
        }


class ReviewContactStatusHandler(ReviewHandler):
    """/api/review/session/{review_session_id}/contact/"""

    @endpoint(
        summary="Whether and how whoever was asked can be reached",
        returns=ContactStatusView,
        access="open",
    )
    async def get(self, *, review_session_id: str) -> View:
        review = await self.services.reviews.get(review_id(review_session_id), self.asker)
        return {
            "review_session_id": review.id,
            "has_contact": review.has_contact,
            "email": review.email or None,
            "phone_number": review.phone_number or None,
        }


class MeetingRequestHandler(ReviewHandler):
    """/api/review/session/meeting/request/"""

    @endpoint(
        summary="Ask for a meeting; one that is pending is given again",
        body=MeetingBody,
        returns=MeetingView,
        access="open",
        status=HTTPStatus.CREATED,
        statuses={200: "One is pending.", **UNKNOWN},
    )
    async def post(self, *, review_session_id: str) -> Response:
        meeting, fresh = await self.services.reviews.request_meeting(review_session_id, self.asker)
        return Response(meeting_view(meeting), HTTPStatus.CREATED if fresh else HTTPStatus.OK)


class MeetingRequestsHandler(ReviewHandler):
    """/api/review/session/{review_session_id}/meeting/requests/"""

    @endpoint(
        summary="The meetings that a review asked for, newest first",
        returns=MeetingView,
        many=True,
        access="open",
    )
    async def get(self, *, review_session_id: str) -> list[View]:
        known = review_id(review_session_id)
        meetings = await self.services.reviews.meetings_of(known, self.asker)
        return [meeting_view(meeting) for meeting in meetings]


def review_id(text: str) -> str:
    """The id in its one form. Raises NotFound for what cannot be one."""
    if not UUID.fullmatch(text):
        raise NotFound("Session not found.")
    return text.lower()


ROUTES: tuple[tuple[str, Any], ...] = (
    (rf"{BASE}/start", ReviewStartHandler),
    (rf"{BASE}/session/contact", ReviewContactHandler),
    (rf"{BASE}/session/meeting/request", MeetingRequestHandler),
    (rf"{BASE}/session/(?P<review_session_id>[^/]+)/contact", ReviewContactStatusHandler),
    (
        rf"{BASE}/session/(?P<review_session_id>[^/]+)/meeting/requests",
        MeetingRequestsHandler,
    ),
    (rf"{BASE}/(?P<session_id>[^/]+)/next", ReviewNextHandler),
    (rf"{BASE}/(?P<session_id>[^/]+)/answer", ReviewAnswerHandler),
)
