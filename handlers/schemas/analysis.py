"""What clients send on the socket of an analysis."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from domain.okr.dashboard import ANSWERS
from domain.reviews import ANSWER_MAX_CHARS
from handlers.schemas.accounts import TOKEN_MAX_CHARS
from handlers.schemas.common import Few, Schema, StrictInt, Text, Uuid

PROMPT_MAX_CHARS = 2_000


class MaterialBody(Schema):
    """One answer to be analysed."""

    order = StrictInt(minimum=1, maximum=ANSWERS, required=True)
    question_id = StrictInt(minimum=1, load_default=None)
    prompt = Text(min=1, max=PROMPT_MAX_CHARS, multiline=True, required=True)
    answer = Text(min=1, max=ANSWER_MAX_CHARS, multiline=True, required=True)


class TriggerBody(Schema):
    """A review whose answers are to be analysed, or the answers themselves."""

    review_session_id = Uuid(load_default=None)
    session_id = Uuid(load_default=None)
    answers = Few(fields.Nested(MaterialBody), most=ANSWERS, load_default=None)

    @validates_schema
    def check_whole(self, data: Mapping[str, Any], **_rest: object) -> None:
        """Ask for a review or for all answers, and for one id."""
        review_id, session_id = data.get("review_session_id"), data.get("session_id")
        if review_id and session_id and review_id != session_id:
            raise ValidationError("Must be the same as `review_session_id`.", "session_id")
        answers = data.get("answers")
        if review_id is None and answers is None:
            raise ValidationError("Send `review_session_id`, or five answers.", "answers")
        if answers is not None:
            orders = sorted(answer["order"] for answer in answers)
            if orders != list(range(1, ANSWERS + 1)):
                raise ValidationError("Must have the orders 1 to 5, each once.", "answers")


class TokenBody(Schema):
    """Who asks, where tokens are required and none came with the handshake."""

    type = fields.String(required=True)
    token = Text(min=1, max=TOKEN_MAX_CHARS, required=True)
