"""What the activity endpoints read and write."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from domain import catalogue
from domain.catalogue import Activity
from domain.rating import normalised
from handlers.schemas.common import Schema, Text, Uuid
from handlers.schemas.goals import COLOR, DEFAULT_COLOR, Change, Statuses
from handlers.schemas.paging import Cursor, PageQuery
from handlers.schemas.sessions import RatesTable


class Weight(fields.Float):
    """A JSON number from 0 on; not a string or a boolean."""

    def __init__(self) -> None:
        super().__init__(validate=validate.Range(min=0))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> float:
        if type(value) not in (int, float):
            raise ValidationError("Not a number.")
        return float(value)


class WeightsBody(Schema):
    """How the XP of a focused second is shared out; only the proportions count."""

    physique = Weight()
    energy = Weight()
    logic = Weight()
    creativity = Weight()
    social = Weight()

    @validates_schema
    def _require_proportions(self, data: Mapping[str, float], **_rest: Any) -> None:
        try:
            normalised(data)
        except ValueError as fault:
            raise ValidationError("Weights must be finite, not negative, not all 0.") from fault


def _weights() -> fields.Nested:
    about = "For administrators and services; null leaves it to the categories."
    return fields.Nested(WeightsBody, allow_none=True, metadata={"description": about})


class ActivityBody(Schema):
    """A new activity; its category, or its own rates, decide what a session of it earns."""

    name = Text(min=1, max=catalogue.NAME_MAX_CHARS, required=True)
    emoji = Text(max=catalogue.EMOJI_MAX_CHARS, load_default="⭐")
    category = Text(min=1, max=catalogue.NAME_MAX_CHARS, load_default=catalogue.DEFAULT_CATEGORY)
    color = Text(max=7, validate=COLOR, load_default=DEFAULT_COLOR)
    rates = _weights()


class ActivityChange(Change):
    """What changes in an activity; `archived` puts it away, `active` takes it out again."""

    name = Text(min=1, max=catalogue.NAME_MAX_CHARS)
    emoji = Text(max=catalogue.EMOJI_MAX_CHARS)
    category = Text(min=1, max=catalogue.NAME_MAX_CHARS)
    color = Text(max=7, validate=COLOR)
    status = Text(max=20, validate=validate.OneOf(catalogue.ACTIVITY_STATUSES))
    rates = _weights()


class ActivityQuery(Schema):
    """How to show an activity."""

    lang = Text(
        max=2,
        validate=validate.OneOf(catalogue.LANGUAGES),
        load_default=None,
        metadata={"description": "Language of the name; without it, what the browser accepts."},
    )


class ActivityListQuery(ActivityQuery, PageQuery):
    """Which activities; without `status`, those that are not archived."""

    cursor = Cursor("activities")
    status = Statuses(catalogue.ACTIVITY_STATUSES, (catalogue.ACTIVE,))
    scope = Text(
        max=6,
        validate=validate.OneOf(["mine", "shared", "all"]),
        load_default="all",
        metadata={"description": "The caller's own, those open to everybody, or both."},
    )
    category = Text(
        min=1,
        max=catalogue.NAME_MAX_CHARS,
        load_default=None,
        metadata={"description": "Only those of this category; case does not count."},
    )


class ActivityView(Schema):
    """An activity; `rates` is null where they follow from the categories."""

    id = Uuid()
    name = fields.String()
    emoji = fields.String()
    category = fields.String()
    color = fields.String()
    shared = fields.Boolean()
    archived = fields.Boolean()
    rates = fields.Nested(RatesTable, allow_none=True)


class ActivitiesView(Schema):
    """One page of activities; `next` is the cursor of the page that follows."""

    results = fields.List(fields.Nested(ActivityView))
    next = fields.String(allow_none=True)


def activity_view(activity: Activity, language: str = catalogue.LANGUAGES[0]) -> dict[str, object]:
    """Lay an activity out for `ActivityView`, with its name in this language if it has one."""
    return {
        "id": activity.id,
        "name": activity.named_in(language),
        "emoji": activity.emoji,
        "category": activity.category,
        "color": activity.color,
        "shared": activity.shared,
        "archived": activity.archived,
        "rates": None if activity.rates is None else activity.rates.per_second(),
    }
