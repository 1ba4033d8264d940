"""What the history, exports and calendar endpoints read and write."""

from collections.abc import Mapping
from typing import Any, get_args

from marshmallow import fields, validate

from domain.session import Kind
from handlers.schemas.common import XP_AMOUNTS, Schema, SpanQuery, Text, Uuid
from handlers.schemas.paging import Cursor, PageQuery
from handlers.schemas.sessions import REASONS, HistoryItem
from realtime.views import View, history_view
from storage.mongo.history import EVERY_STATUS, PAST


class SelectionQuery(SpanQuery):
    """Which past sessions."""

    goal_id = Uuid(
        data_key="goal", load_default=None, metadata={"description": "Only those of this goal."}
    )
    activity_id = Uuid(
        data_key="activity",
        load_default=None,
        metadata={"description": "Only those of this activity."},
    )
    kind = Text(
        max=20,
        validate=validate.OneOf(get_args(Kind)),
        load_default=None,
        metadata={"description": "Only those of this kind."},
    )
    reason = Text(
        max=20,
        validate=validate.OneOf(REASONS),
        load_default=None,
        metadata={"description": "Only those that ended for this reason."},
    )
    status = Text(
        max=20,
        validate=validate.OneOf([*PAST, EVERY_STATUS]),
        load_default="completed",
        metadata={"description": "Only those of this status; `all` for every one."},
    )


class HistoryQuery(SelectionQuery, PageQuery):
    """Which past sessions, and which page of them."""

    cursor = Cursor("sessions")


class PastSession(HistoryItem):
    """A past session, of whatever kind and status."""

    kind = fields.String()
    status = fields.String()
    goal_id = fields.String(allow_none=True)


class PastSessionsView(Schema):
    """One page of past sessions, newest first."""

    results = fields.List(fields.Nested(PastSession))
    next = fields.String(allow_none=True)


class TimelineSegment(Schema):
    """The stretch of one condition that an event closed."""

    kind = fields.String()
    start = fields.String(data_key="from", attribute="from")
    end = fields.String(data_key="to", attribute="to")
    seconds = fields.Float()


class TimelineEntry(Schema):
    """An event, and what the session came to with it."""

    rev = fields.Integer(allow_none=True)
    at = fields.String()
    event = fields.String()
    segment = fields.Nested(TimelineSegment, allow_none=True)
    data = fields.Dict()
    focused_seconds = fields.Float()

    class Meta(Schema.Meta):
        """XP in all and in each dimension, up to and with this event."""

        include = XP_AMOUNTS


class TimelineView(Schema):
    """The story of a session; `whole` unless its first events are not kept any more."""

    id = fields.String()
    status = fields.String()
    explanation = fields.String()
    whole = fields.Boolean()
    results = fields.List(fields.Nested(TimelineEntry))


class FeedMadeView(Schema):
    """A new calendar feed; its addresses are told this once."""

    url = fields.String(metadata={"description": "Past sessions."})
    programs_url = fields.String(metadata={"description": "Programs that are going on."})
    created_at = fields.String()


class FeedView(Schema):
    """Whether there is a calendar feed, and since when."""

    active = fields.Boolean()
    created_at = fields.String(allow_none=True)


def past_session(document: Mapping[str, Any]) -> View:
    """Lay a past session out for `PastSession`."""
    return history_view(document) | {
        "kind": document["kind"],
        "status": document["status"],
        "goal_id": document.get("goal_id"),
    }
