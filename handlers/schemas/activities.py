"""What the activity endpoints read and write."""

from marshmallow import fields

from domain import catalogue
from handlers.schemas.common import Schema, Text, Uuid
from handlers.schemas.goals import COLOR, DEFAULT_COLOR


class ActivityBody(Schema):
    """A new activity; its category decides what a session of it earns."""

    name = Text(min=1, max=catalogue.NAME_MAX_CHARS, required=True)
    emoji = Text(max=catalogue.EMOJI_MAX_CHARS, load_default="⭐")
    category = Text(min=1, max=catalogue.NAME_MAX_CHARS, required=True)
    color = Text(max=7, validate=COLOR, load_default=DEFAULT_COLOR)


class ActivityView(Schema):
    """An activity."""

    id = Uuid()
    name = fields.String()
    emoji = fields.String()
    category = fields.String()
    color = fields.String()


class ActivitiesView(Schema):
    """One page of activities; `next` is the cursor of the page that follows."""

    results = fields.List(fields.Nested(ActivityView))
    next = fields.String(allow_none=True)
