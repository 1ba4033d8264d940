"""Reviews and meetings as MongoDB documents."""

from collections.abc import Mapping
from typing import Any

from domain.reviews import Answer, Audio, Meeting, Question, Reply, Review
from storage.mongo.client import Document, instant, instant_if, milliseconds, milliseconds_if


def review_document(review: Review) -> Document:
    """The whole review with its questions and answers."""
    return {
        "_id": review.id,
        "owner": review.owner,
        "phone_number": review.phone_number,
        "email": review.email,
        "questions": [question_document(question) for question in review.questions],
        "answers": [_answer_document(answer) for answer in review.answers],
        "created_at": instant(review.created_at),
        "updated_at": instant(review.updated_at),
        "completed_at": instant_if(review.completed_at),
    }


def review_from(document: Mapping[str, Any]) -> Review:
    """Read what `review_document` wrote."""
    return Review(
        id=document["_id"],
        owner=document["owner"],
        phone_number=document["phone_number"],
        email=document["email"],
        questions=tuple(question_from(one) for one in document["questions"]),
        answers=tuple(_answer_from(one) for one in document["answers"]),
        created_at=milliseconds(document["created_at"]),
        updated_at=milliseconds(document["updated_at"]),
        completed_at=milliseconds_if(document["completed_at"]),
    )


def question_document(question: Question) -> Document:
    """A question as one review, or the questionnaire, keeps it."""
    return {"id": question.id, "prompt": question.prompt, "order": question.order}


def question_from(document: Mapping[str, Any]) -> Question:
    """Read what `question_document` wrote."""
    return Question(id=document["id"], prompt=document["prompt"], order=document["order"])


def meeting_document(meeting: Meeting) -> Document:
    """The whole meeting."""
    return {
        "_id": meeting.id,
        "review_id": meeting.review_id,
        "status": meeting.status,
        "email": meeting.email,
        "phone_number": meeting.phone_number,
        "created_at": instant(meeting.created_at),
    }


def meeting_from(document: Mapping[str, Any]) -> Meeting:
    """Read what `meeting_document` wrote."""
    return Meeting(
        id=document["_id"],
        review_id=document["review_id"],
        status=document["status"],
        email=document["email"],
        phone_number=document["phone_number"],
        created_at=milliseconds(document["created_at"]),
    )


def _answer_document(answer: Answer) -> Document:
    reply, audio = answer.reply, answer.reply.audio
    return {
        "id": answer.id,
        "question_id": reply.question_id,
        "text": reply.text,
        "audio": audio and _audio_document(audio),
        "key": reply.key,
        "digest": reply.digest,
        "created_at": instant(answer.created_at),
    }


def _answer_from(document: Mapping[str, Any]) -> Answer:
    audio = document["audio"]
    reply = Reply(
        question_id=document["question_id"],
        text=document["text"],
        audio=audio and _audio_from(audio),
        key=document["key"],
        digest=document["digest"],
    )
    created_at = milliseconds(document["created_at"])
    return Answer(id=document["id"], reply=reply, created_at=created_at)


def _audio_document(audio: Audio) -> Document:
    return {
        "id": audio.id,
        "kind": audio.kind,
        "size_bytes": audio.size_bytes,
        "duration_ms": audio.duration_ms,
    }


def _audio_from(document: Mapping[str, Any]) -> Audio:
    return Audio(
        id=document["id"],
        kind=document["kind"],
        size_bytes=document["size_bytes"],
        duration_ms=document["duration_ms"],
    )
