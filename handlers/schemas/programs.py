"""What the endpoints of focus programs take, and their short answers."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from domain.custom_programs import DAYS_MAX
from domain.programs import DayContent, Enrollment, Program
from handlers.schemas.common import Flag, Schema, StrictInt, Text

QUESTION_MAX_CHARS = 500
ANSWER_MAX_CHARS = 5_000
NOTES_MAX_CHARS = 2_000
CODE_MAX_CHARS = 64


class Number(StrictInt):
    """The number of an enrolment or a program."""

    def __init__(self, *, required: bool = True, **rest: Any) -> None:
        super().__init__(minimum=1, required=required, **rest)


class DayNumber(StrictInt):
    """The number of a day, from 1."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(minimum=1, maximum=DAYS_MAX, **rest)


class Rating(StrictInt):
    """From 1, the least, to 5."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(minimum=1, maximum=5, **rest)


class EnrollBody(Schema):
    """The program to enrol in, by its id or, if somebody shares it, by its code."""

    program_id = Number(required=False)
    share_code = Text(min=1, max=CODE_MAX_CHARS)

    @validates_schema
    def _require_one(self, data: Mapping[str, object], **_rest: Any) -> None:
        if not data:
            raise ValidationError("Give this, or a share_code.", "program_id")
        if len(data) > 1:
            raise ValidationError("Give this or a program_id, not both.", "share_code")


class EnrollmentBody(Schema):
    """One of the caller's enrolments."""

    enrollment_id = Number()


class TaskBody(EnrollmentBody):
    """A task, counted from 0, and whether it is done."""

    day_number = DayNumber(required=True)
    task_index = StrictInt(minimum=0, maximum=1_000, required=True)
    is_completed = Flag(required=True)


class ReflectionBody(EnrollmentBody):
    """An answer to a question."""

    day_number = DayNumber(required=True)
    question = Text(min=1, max=QUESTION_MAX_CHARS, required=True)
    answer = Text(min=1, max=ANSWER_MAX_CHARS, multiline=True, required=True)


class RatingBody(Schema):
    """How a day was; what is left out stays."""

    difficulty_rating = Rating()
    satisfaction_rating = Rating()
    notes = Text(max=NOTES_MAX_CHARS, multiline=True)

    @validates_schema
    def _require_some(self, data: Mapping[str, object], **_rest: Any) -> None:
        if not data:
            raise ValidationError("Nothing to keep.")


STANDING = ("can_access", "is_enrolled", "enrollment_id", "enrollment_status", "current_day")


class ContentDayView(Schema):
    """What a day of a program asks for."""

    day_number = fields.Integer()
    title = fields.String()
    description = fields.String()
    focus_duration = fields.Integer(metadata={"description": "Minutes."})
    tasks = fields.List(fields.String())
    tips = fields.List(fields.String())
    reflection_prompts = fields.List(fields.String())


class ProgramView(Schema):
    """A program, and how the caller stands to it."""

    id = fields.Integer()
    name = fields.String()
    program_type = fields.String()
    description = fields.String()
    duration_days = fields.Integer()
    objectives = fields.List(fields.String())
    is_pro_only = fields.Boolean()
    can_access = fields.Boolean()
    icon = fields.String()
    color = fields.String()
    cover_image_url = fields.String(allow_none=True)
    is_enrolled = fields.Boolean()
    enrollment_id = fields.Integer(allow_none=True)
    enrollment_status = fields.String(allow_none=True)
    current_day = fields.Integer(allow_none=True)


class ProgramContentView(ProgramView):
    """A program, to whoever may see it."""

    class Meta(Schema.Meta):
        """Without how the caller stands to it."""

        exclude = STANDING


class EnrolledView(Schema):
    """A new enrolment, or word of the one that there is."""

    enrolled = fields.Boolean()
    message = fields.String()
    enrollment_id = fields.Integer()
    program_name = fields.String()
    total_days = fields.Integer()


class StartedProgramView(Schema):
    """A program that is under way."""

    started = fields.Boolean()
    enrollment_id = fields.Integer()
    current_day = fields.Integer()


class StatusView(Schema):
    """What an enrolment has become."""

    enrollment_id = fields.Integer()
    status = fields.String()
    current_day = fields.Integer()


class TaskDoneView(Schema):
    """How many tasks of the day are done by now."""

    success = fields.Boolean()
    tasks_completed = fields.Integer()
    tasks_total = fields.Integer()


class ReflectedView(Schema):
    """How many reflections the day has, and whether it is complete."""

    success = fields.Boolean()
    reflections_count = fields.Integer()
    day_completed = fields.Boolean()


class RatedView(Schema):
    """How the user found a day."""

    success = fields.Boolean()
    difficulty_rating = fields.Integer(allow_none=True)
    satisfaction_rating = fields.Integer(allow_none=True)
    notes = fields.String()


def program_facts(program: Program) -> dict[str, Any]:
    """Lay out what a program is, whoever looks at it."""
    return {
        "id": program.id,
        "name": program.name,
        "program_type": program.type,
        "description": program.description,
        "duration_days": program.duration_days,
        "objectives": [*program.objectives],
        "is_pro_only": program.is_pro_only,
        "icon": program.icon,
        "color": program.color,
        "cover_image_url": program.cover_image_url,
    }


def content_view(day: DayContent) -> dict[str, Any]:
    """Lay a day out for `ContentDayView`."""
    return {
        "day_number": day.number,
        "title": day.title,
        "description": day.description,
        "focus_duration": day.focus_minutes,
        "tasks": day.tasks,
        "tips": day.tips,
        "reflection_prompts": day.reflection_prompts,
    }


def program_view(
    program: Program,
    enrollment: Enrollment | None,
    can_access: bool,  # noqa: FBT001
) -> dict[str, Any]:
    """Lay a program out for `ProgramView`, with the user's newest enrolment in it."""
    return {
        **program_facts(program),
        "can_access": can_access,
        "is_enrolled": enrollment is not None and enrollment.active,
        "enrollment_id": enrollment and enrollment.id,
        "enrollment_status": enrollment and enrollment.status,
        "current_day": enrollment and enrollment.current_day,
    }
