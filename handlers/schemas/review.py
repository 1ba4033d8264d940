"""What the endpoints of reviews read and write."""

from typing import Any, get_args

from marshmallow import fields, post_load, validate

from domain import reviews
from domain.instants import iso, iso_if
from domain.reviews import Answer, Meeting, MeetingStatus, Question, Review
from handlers.schemas.accounts import Address
from handlers.schemas.common import Few, QueryInt, Schema, StrictInt, Text, Uuid
from handlers.schemas.paging import Cursor, PageQuery
from handlers.schemas.phones import MobileNumber
from storage.mongo.questionnaire import Questionnaire

View = dict[str, Any]
MEETINGS = "review meetings"


class StartReviewBody(Schema):
    """How to reach whoever begins, if they say so."""

    phone_number = MobileNumber(load_default="", allow_none=True)
    email = Address(optional=True, allow_none=True)

    @post_load
    def without_null(self, data: dict[str, Any], **_rest: object) -> dict[str, Any]:
        """Null is as good as nothing."""
        return {name: value or "" for name, value in data.items()}


class QuestionView(Schema):
    """A question."""

    id = fields.Integer()
    prompt = fields.String()
    order = fields.Integer()


class ReviewSessionView(Schema):
    """A review."""

    id = fields.String()
    phone_number = fields.String()
    email = fields.String()
    created_at = fields.String()
    updated_at = fields.String()
    completed_at = fields.String(allow_none=True)


class StartedReviewView(Schema):
    """A review that has begun."""

    session = fields.Nested(ReviewSessionView)
    next_question = fields.Nested(QuestionView, allow_none=True)


class NextQuestionView(Schema):
    """Where a review stands."""

    session = fields.Nested(ReviewSessionView)
    completed = fields.Boolean()
    next_question = fields.Nested(QuestionView, allow_none=True)


class AnswerText(Text):
    """What somebody answers in writing."""

    def __init__(self) -> None:
        super().__init__(max=reviews.ANSWER_MAX_CHARS, multiline=True, load_default="")


class AnswerBody(Schema):
    """An answer in writing."""

    question_id = StrictInt(minimum=1, required=True)
    answer_text = AnswerText()


class AnswerForm(Schema):
    """An answer in writing, as a recording, or both."""

    question_id = QueryInt(minimum=1, required=True)
    answer_text = AnswerText()
    audio_file = fields.Raw(
        dump_only=True,
        metadata={
            "type": "string",
            "format": "binary",
            "readOnly": False,
            "description": "Required if `answer_text` is blank. wav, mp3, m4a or mp4, ogg, webm,"
            " flac or aac, told by its content.",
        },
    )


class AnswerView(Schema):
    """An answer that was accepted."""

    id = fields.Integer()
    question = fields.Nested(QuestionView)
    answer_text = fields.String()
    audio_url = fields.String(allow_none=True)
    created_at = fields.String()


class AnsweredView(Schema):
    """An answer that was accepted, and what comes next."""

    session = fields.Nested(ReviewSessionView)
    answer = fields.Nested(AnswerView)
    next_question = fields.Nested(QuestionView, allow_none=True)
    completed = fields.Boolean()


class ContactBody(Schema):
    """How to reach somebody."""

    review_session_id = Uuid(required=True)
    email = Address()
    phone_number = MobileNumber(required=True, min=1)


class ContactView(Schema):
    """How they can be reached."""

    review_session_id = fields.String()
    email = fields.String()
    phone_number = fields.String()


class ContactStatusView(Schema):
    """Whether and how they can be reached."""

    review_session_id = fields.String()
    has_contact = fields.Boolean(metadata={"description": "Whether there is any of the two."})
    email = fields.String(allow_none=True)
    phone_number = fields.String(allow_none=True)


class MeetingBody(Schema):
    """Who asks for a meeting."""

    review_session_id = Uuid(required=True)


class MeetingView(Schema):
    """A meeting that somebody asked for."""

    id = fields.Integer()
    review_session_id = fields.String()
    status = fields.String(metadata={"enum": list(get_args(MeetingStatus))})
    email = fields.String()
    phone_number = fields.String()
    created_at = fields.String()


class MeetingsQuery(PageQuery):
    """Which meetings."""

    cursor = Cursor(MEETINGS)
    status = Text(
        max=20,
        validate=validate.OneOf(get_args(MeetingStatus)),
        load_default=None,
        metadata={"description": "Only those of this status."},
    )


class MeetingsView(Schema):
    """One page of meetings, newest first."""

    results = fields.List(fields.Nested(MeetingView))
    next = fields.String(allow_none=True)


class MeetingStatusBody(Schema):
    """How a meeting stands."""

    status = Text(max=20, validate=validate.OneOf(get_args(MeetingStatus)), required=True)


class WordingBody(Schema):
    """A question that is to be asked: a known one by its id, or a new one."""

    id = StrictInt(minimum=1, load_default=None, allow_none=True)
    prompt = Text(min=1, max=reviews.PROMPT_MAX_CHARS, required=True)


class QuestionsBody(Schema):
    """The questions of reviews that begin from now on, in order."""

    questions = Few(
        fields.Nested(WordingBody),
        most=reviews.QUESTIONS,
        required=True,
        validate=validate.Length(equal=reviews.QUESTIONS),
    )
    if_rev = StrictInt(
        minimum=1,
        load_default=None,
        metadata={"description": "Refuse if the questions have changed since."},
    )


class QuestionsView(Schema):
    """What is asked, and what was."""

    rev = fields.Integer()
    questions = fields.List(fields.Nested(QuestionView))
    retired = fields.List(fields.Nested(QuestionView))


def question_view(question: Question | None) -> View | None:
    """Lay a question out for `QuestionView`."""
    if question is None:
        return None
    return {"id": question.id, "prompt": question.prompt, "order": question.order}


def review_view(review: Review) -> View:
    """Lay a review out for `ReviewSessionView`."""
    return {
        "id": review.id,
        "phone_number": review.phone_number,
        "email": review.email,
        "created_at": iso(review.created_at),
        "updated_at": iso(review.updated_at),
        "completed_at": iso_if(review.completed_at),
    }


def standing_view(review: Review) -> View:
    """Lay out where a review stands, for `NextQuestionView`."""
    return {
        "session": review_view(review),
        "completed": review.next_question is None,
        "next_question": question_view(review.next_question),
    }


def answer_view(review: Review, answer: Answer, audio_url: str | None) -> View:
    """Lay an answer out for `AnswerView`."""
    return {
        "id": answer.id,
        "question": question_view(review.question_of(answer)),
        "answer_text": answer.reply.text,
        "audio_url": audio_url,
        "created_at": iso(answer.created_at),
    }


def meeting_view(meeting: Meeting) -> View:
    """Lay a meeting out for `MeetingView`."""
    return {
        "id": meeting.id,
        "review_session_id": meeting.review_id,
        "status": meeting.status,
        "email": meeting.email,
        "phone_number": meeting.phone_number,
        "created_at": iso(meeting.created_at),
    }


def questions_view(questionnaire: Questionnaire) -> View:
    """Lay the questions out for `QuestionsView`."""
    return {
        "rev": questionnaire.rev,
        "questions": [question_view(one) for one in questionnaire.active],
        "retired": [question_view(one) for one in questionnaire.retired],
    }
