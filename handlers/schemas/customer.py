"""What the endpoints of customer sessions read and write."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from domain.customer import Totals, Visit, minutes
from handlers.schemas.common import COUNTERS, Schema, Seconds, Text, Uuid
from handlers.schemas.paging import Cursor, PageQuery
from realtime.views import visit_view

ACTIVITIES = ("message_sent", "conversation_started", "response_received")
RESPONSE_MAX_S = 86_400
TOKEN_CHARS = 8192
VISITS = "customer sessions"


class VisitBody(Schema):
    """A customer session of the caller."""

    session_id = Uuid(required=True)


class EndVisitBody(VisitBody):
    """The customer session to end; a page that closes cannot send headers, but a token here."""

    token = Text(
        min=1,
        max=TOKEN_CHARS,
        metadata={"description": "An access token, instead of the header."},
    )


class ChatActivityBody(VisitBody):
    """Something that the customer did in the chat."""

    activity_type = Text(required=True, max=30, validate=validate.OneOf(ACTIVITIES))
    response_time = Seconds(
        allow_none=True,
        validate=validate.Range(0, RESPONSE_MAX_S),
        metadata={"description": "Seconds; only of `response_received`."},
    )

    @validates_schema
    def check_response(self, data: Mapping[str, Any], **_rest: object) -> None:
        """Refuse a response time of what is no response."""
        told = data.get("response_time") is not None
        if told and data.get("activity_type") != "response_received":
            raise ValidationError("Only with response_received.", "response_time")


class VisitsQuery(PageQuery):
    """Which page of the history; the running session comes before the first one."""

    cursor = Cursor(VISITS)


class StartedVisitView(Schema):
    """A customer session that has begun, or goes on."""

    session_id = fields.String()
    message = fields.String()
    started_at = fields.String()
    user = fields.String()


class UpdatedVisitView(Schema):
    """A customer session after an activity."""

    session_id = fields.String()
    message = fields.String()

    class Meta(Schema.Meta):
        """With all that was done so far."""

        include = COUNTERS


class EndedVisitView(Schema):
    """A customer session that has ended; `persisted` is there only where it is false."""

    session_id = fields.String()
    message = fields.String()
    started_at = fields.String()
    ended_at = fields.String()
    duration_minutes = fields.Float()
    total_messages_sent = fields.Integer()
    total_conversations = fields.Integer()
    persisted = fields.Boolean()


class VisitStatusView(Schema):
    """The running customer session; without one there are only `user` and `message` besides."""

    has_active_session = fields.Boolean()
    session_id = fields.String()
    started_at = fields.String()
    duration_minutes = fields.Float()
    total_messages_sent = fields.Integer()
    total_conversations = fields.Integer()
    average_response_time = fields.Float()
    user = fields.String()
    message = fields.String()


class VisitView(Schema):
    """A customer session in a list."""

    session_id = fields.String()
    started_at = fields.String()
    ended_at = fields.String(allow_none=True)
    is_active = fields.Boolean()
    duration_minutes = fields.Float()

    class Meta(Schema.Meta):
        """With all that was done in it."""

        include = COUNTERS


class SummaryView(Schema):
    """What all customer sessions of a user come to; durations are in minutes."""

    total_duration_minutes = fields.Float()
    total_messages_sent = fields.Integer()
    total_conversations = fields.Integer()
    average_session_duration = fields.Float()


class VisitHistoryView(Schema):
    """Customer sessions of the caller, newest first; `next` is there only if there are more."""

    user = fields.String()
    total_sessions = fields.Integer()
    sessions = fields.List(fields.Nested(VisitView))
    summary = fields.Nested(SummaryView)
    next = fields.String()


class CleanedView(Schema):
    """How many expired customer sessions were ended."""

    message = fields.String()
    cleaned_sessions = fields.Integer()
    user = fields.String()


def ended_view(visit: Visit) -> dict[str, Any]:
    """Lay an ended visit out for `EndedVisitView`."""
    return {**visit_view(visit), "message": "Session ended"}


def summary_view(totals: Totals) -> dict[str, Any]:
    """Lay the sums of visits out for `SummaryView`."""
    return {
        "total_duration_minutes": minutes(totals.duration_ms),
        "total_messages_sent": totals.messages,
        "total_conversations": totals.conversations,
        "average_session_duration": minutes(totals.average_ms),
    }
