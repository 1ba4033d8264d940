"""What the goal endpoints read and write."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from domain import catalogue
from domain.catalogue import Goal
from handlers.schemas.common import Schema, StrictInt, Text, Uuid
from handlers.schemas.paging import Cursor, PageQuery

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
        CategoryBody,
        load_default=lambda: {"name": catalogue.DEFAULT_CATEGORY, "color": DEFAULT_COLOR},
    )
    days_total = StrictInt(minimum=1, maximum=catalogue.DAYS_MAX, load_default=30)


class Change(Schema):
    """Fields to change: what is left out stays as it is, but not all can be left out."""

    @validates_schema
    def _require_some(self, data: Mapping[str, object], **_rest: Any) -> None:
        if not data:
            raise ValidationError("Nothing to change.")


class CategoryChange(Change):
    """What changes in the heading that a goal stands under."""

    name = Text(min=1, max=catalogue.NAME_MAX_CHARS)
    color = Text(max=7, validate=COLOR)


class GoalChange(Change):
    """What changes in a goal; `archived` puts it away, `active` takes it out again."""

    title = Text(min=1, max=catalogue.TITLE_MAX_CHARS)
    emoji = Text(max=catalogue.EMOJI_MAX_CHARS)
    category = fields.Nested(CategoryChange)
    days_total = StrictInt(minimum=1, maximum=catalogue.DAYS_MAX)
    status = Text(max=20, validate=validate.OneOf(catalogue.GOAL_STATUSES))


class Statuses(fields.String):
    """One status, or `all`; loaded as the list of statuses that are meant."""

    def __init__(self, known: tuple[str, ...], usual: tuple[str, ...]) -> None:
        """Take the statuses there are, and those that are meant when none is asked for."""
        self.known = known
        about = f"`all`, or one; without it {' and '.join(usual)}."
        super().__init__(
            load_default=lambda: usual,
            metadata={"enum": [*known, "all"], "description": about},
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        text = super()._deserialize(value, attr, data, **rest)
        if text not in (*self.known, "all"):
            raise ValidationError(f"One of: {', '.join((*self.known, 'all'))}.")
        return self.known if text == "all" else (text,)


class GoalQuery(PageQuery):
    """Which of the caller's goals; without `status`, all that are not archived."""

    cursor = Cursor("goals")
    status = Statuses(catalogue.GOAL_STATUSES, (catalogue.ACTIVE, catalogue.COMPLETED))


class CategoryView(Schema):
    """The heading that a goal stands under."""

    name = fields.String()
    color = fields.String()


class GoalView(Schema):
    """A goal; `days_completed` counts the user's days with focus in a completed session."""

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
