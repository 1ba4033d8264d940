"""What the endpoints of custom programs read and write."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from domain import catalogue, custom_programs
from domain.custom_programs import CustomProgram
from domain.instants import iso
from domain.text import is_invisible
from handlers.schemas.common import Flag, Schema, StrictInt, Text
from handlers.schemas.goals import COLOR, DEFAULT_COLOR, Change, Statuses
from handlers.schemas.paging import Cursor, PageQuery
from handlers.schemas.programs import (
    ContentDayView,
    ProgramContentView,
    content_view,
    program_facts,
)

LIST_NAME = "custom programs"
NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
VERSION = validate.Regexp(r"[0-9a-f]{16}\Z", error="Not a version.")
DEFAULT_ICON = "🎯"


class Line(Text):
    """One line of which something can be seen; others may be shown it."""

    def __init__(self, *, max: int = custom_programs.LINE_MAX_CHARS, **rest: Any) -> None:  # noqa: A002
        super().__init__(min=1, max=max, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        if all(map(is_invisible, text)):
            raise ValidationError("Nothing of it can be seen.")
        return text


class Listed(fields.List[Any]):
    """A list of `min` to `max` items."""

    def __init__(self, item: Any, *, min: int = 0, max: int, **rest: Any) -> None:  # noqa: A002
        super().__init__(item, validate=validate.Length(min=min, max=max), **rest)
        self.max_items = max

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> list[Any]:
        # The length comes first, so that no look at the items can be made expensive.
        if isinstance(value, list) and len(value) > self.max_items:
            raise ValidationError(f"More than {self.max_items}.")
        return super()._deserialize(value, attr, data, **rest)


class Description(Text):
    """Some lines about a program or a day."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(max=custom_programs.DESCRIPTION_MAX_CHARS, multiline=True, **rest)


class DayBody(Schema):
    """A day of a program; its number is its place in the list, from 1."""

    title = Line(max=custom_programs.TITLE_MAX_CHARS, required=True)
    description = Description(load_default="")
    focus_duration = StrictInt(
        minimum=1,
        maximum=custom_programs.FOCUS_MAX_MINUTES,
        required=True,
        metadata={"description": "Minutes."},
    )
    tasks = Listed(Line(), min=1, max=custom_programs.TASKS_MAX, required=True)
    tips = Listed(Line(), max=custom_programs.TIPS_MAX, load_default=list)
    reflection_prompts = Listed(Line(), max=custom_programs.PROMPTS_MAX, load_default=list)


def _days(**rest: Any) -> Listed:
    return Listed(fields.Nested(DayBody), min=1, max=custom_programs.DAYS_MAX, **rest)


class CustomProgramBody(Schema):
    """A new program."""

    name = Line(max=custom_programs.NAME_MAX_CHARS, required=True)
    description = Description(load_default="")
    objectives = Listed(Line(), max=custom_programs.OBJECTIVES_MAX, load_default=list)
    icon = Line(max=custom_programs.ICON_MAX_CHARS, load_default=DEFAULT_ICON)
    color = Text(max=7, validate=COLOR, load_default=DEFAULT_COLOR)
    is_pro_only = Flag(load_default=False)
    days = _days(required=True)


class CustomProgramChange(Change):
    """What changes in a program; `archived` puts it away, `active` takes it out again."""

    name = Line(max=custom_programs.NAME_MAX_CHARS)
    description = Description()
    objectives = Listed(Line(), max=custom_programs.OBJECTIVES_MAX)
    icon = Line(max=custom_programs.ICON_MAX_CHARS)
    color = Text(max=7, validate=COLOR)
    is_pro_only = Flag()
    days = _days(metadata={"description": "All of them, in place of all that there are."})
    status = Text(max=20, validate=validate.OneOf(catalogue.ACTIVITY_STATUSES))
    if_version = Text(
        max=16,
        validate=VERSION,
        metadata={"description": "The `version` that the change is meant for."},
    )

    @validates_schema
    def _require_some(self, data: Mapping[str, object], **_rest: Any) -> None:
        if not data.keys() - {"if_version"}:
            raise ValidationError("Nothing to change.")


class ProgramCursor(Cursor):
    """The `next` of an earlier page of programs, whose ids are numbers."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        position = super()._deserialize(value, attr, data, **rest)
        if not NUMBER.fullmatch(position.id):
            raise ValidationError("Not a cursor of this list.")
        return position


class CustomProgramQuery(PageQuery):
    """Which of the caller's programs; without `status`, those that are not archived."""

    cursor = ProgramCursor(LIST_NAME)
    status = Statuses(catalogue.ACTIVITY_STATUSES, (catalogue.ACTIVE,))


class SharedProgramView(ProgramContentView):
    """A program to somebody who has its code."""

    days = fields.List(fields.Nested(ContentDayView))


class ListedProgramView(ProgramContentView):
    """One of the caller's own programs; `share_code` is null while it is not shared."""

    status = fields.String()
    version = fields.String(metadata={"description": "Of its content; `if_version` takes it."})
    share_code = fields.String(allow_none=True)
    created_at = fields.String()
    updated_at = fields.String()


class CustomProgramView(ListedProgramView):
    """One of the caller's own programs with its days."""

    days = fields.List(fields.Nested(ContentDayView))


class CustomProgramsView(Schema):
    """One page of the caller's own programs; `next` is the cursor of the page that follows."""

    results = fields.List(fields.Nested(ListedProgramView))
    next = fields.String(allow_none=True)


class ShareView(Schema):
    """The code that others find the program under."""

    share_code = fields.String()


def listed_view(program: CustomProgram) -> dict[str, Any]:
    """Lay a program out for `ListedProgramView`."""
    code = program.share_code
    return {
        **program_facts(program.program),
        "status": program.status,
        "version": program.program.version,
        "share_code": None if code is None else custom_programs.written(code),
        "created_at": iso(program.created_at),
        "updated_at": iso(program.updated_at),
    }


def custom_program_view(program: CustomProgram) -> dict[str, Any]:
    """Lay a program out for `CustomProgramView`."""
    return {**listed_view(program), "days": [content_view(day) for day in program.days]}


def shared_program_view(program: CustomProgram) -> dict[str, Any]:
    """Lay a program out for `SharedProgramView`: nothing of its maker, and no code."""
    return {**program_facts(program.program), "days": [content_view(day) for day in program.days]}
