"""What the goal endpoints read and write."""

from collections.abc import Mapping

from marshmallow import fields, validate

from domain import catalogue
from domain.catalogue import Goal
from handlers.schemas.common import Schema, StrictInt, Text, Uuid

COLOR = validate.Regexp(r"#[0-9a-fA-F]{6}\Z", error="Not a colour: write #rrggbb.")
DEFAULT_COLOR = "#4187a2"


class CategoryBody(Schema):
    """The heading that a goal stands under."""

    name = Text(min=1, max=catalogue.NAME_MAX_CHARS, required=True)
    color = Text(max=7, validate=COLOR, load_default=DEFAULT_COLOR)


class GoalBody(Schema):
    """A new goal."""

    title = Text(min=1, max=catalogue.TITLE_MAX_CHARS, required=True)
    emoji = Text(max=catalogue.EMOJI_MAX_CHARS, load_default="🎯")
    category = fields.Nested(
        CategoryBody, load_default=lambda: {"name": "General", "color": DEFAULT_COLOR}
    )
    days_total = StrictInt(minimum=1, maximum=catalogue.DAYS_MAX, load_default=30)


class CategoryView(Schema):
    """The heading that a goal stands under."""

    name = fields.String()
    color = fields.String()


class GoalView(Schema):
    """A goal; `days_completed` counts the user's days with a completed session."""

    id = Uuid()
    title = fields.String()
    emoji = fields.String()
    category = fields.Nested(CategoryView)
    user = fields.String()
    status = fields.String()
    days_total = fields.Integer()
    days_completed = fields.Integer()


class GoalsView(Schema):
    """One page of goals; `next` is the cursor of the page that follows."""

    results = fields.List(fields.Nested(GoalView))
    next = fields.String(allow_none=True)


def goal_view(goal: Goal, days: Mapping[str, int]) -> dict[str, object]:
    """Lay a goal out for `GoalView`; `days` holds completed days by goal."""
    return {
        "id": goal.id,
        "title": goal.title,
        "emoji": goal.emoji,
        "category": {"name": goal.category.name, "color": goal.category.color},
        "user": goal.user_id,
        "status": goal.status,
        "days_total": goal.days_total,
        "days_completed": days.get(goal.id, 0),
    }
