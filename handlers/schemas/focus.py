"""What the endpoints of focus sessions read and write."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from handlers.schemas.common import Schema, StrictInt, Text
from handlers.schemas.programs import NOTES_MAX_CHARS, DayNumber, Rating

TYPES = ("program", "pomodoro", "custom")
MINUTES_MAX = 1_440
NOTE_MAX_CHARS = 500
TASK_MAX_CHARS = 500


class StartFocusBody(Schema):
    """A session to start: on a day of a program, or outside any."""

    enrollment_id = StrictInt(minimum=1)
    day_number = DayNumber()
    duration_minutes = StrictInt(
        minimum=1,
        maximum=MINUTES_MAX,
        required=True,
        metadata={"description": "The session completes by itself after so much active time."},
    )
    session_type = Text(
        max=20,
        validate=validate.OneOf(TYPES),
        metadata={
            "description": "Without it `program` where there is an enrolment, else `custom`."
        },
    )
    task_description = Text(max=TASK_MAX_CHARS)

    @validates_schema
    def _require_a_place(self, data: Mapping[str, Any], **_rest: Any) -> None:
        placed = [name for name in ("enrollment_id", "day_number") if name in data]
        of_program = data.get("session_type", "program" if placed else "custom") == "program"
        if of_program and len(placed) < 2:  # noqa: PLR2004 - both
            missing = {"enrollment_id", "day_number"} - set(placed)
            raise ValidationError({name: ["Missing data for required field."] for name in missing})
        if placed and not of_program:
            fault = "Only sessions of type program are for a day."
            raise ValidationError({name: [fault] for name in placed})


class FocusSessionBody(Schema):
    """One of the caller's focus sessions."""

    session_id = Text(min=1, max=128, required=True)


class FocusDistractionBody(FocusSessionBody):
    """A distraction, and what it was."""

    distraction_note = Text(max=NOTE_MAX_CHARS, multiline=True, load_default="")


class FocusCompleteBody(FocusSessionBody):
    """The end of a session, and how it was."""

    productivity_rating = Rating(allow_none=True)
    notes = Text(max=NOTES_MAX_CHARS, multiline=True, allow_none=True)


class StartedFocusView(Schema):
    """A session that has begun."""

    session_id = fields.String()
    started_at = fields.String()
    planned_duration_seconds = fields.Integer()
    status = fields.String()


class ActiveFocusView(StartedFocusView):
    """A session that is running or paused."""

    session_type = fields.String()
    program_id = fields.Integer(allow_none=True)
    distraction_count = fields.Integer()


class FocusActiveView(Schema):
    """The caller's running or paused focus session, if there is one."""

    active_session = fields.Nested(ActiveFocusView, allow_none=True)


class DoneView(Schema):
    """A command that was done."""

    success = fields.Boolean()
    message = fields.String()


class FocusDistractedView(Schema):
    """How many distractions the session has had."""

    success = fields.Boolean()
    distraction_count = fields.Integer()


class FocusCompletedView(Schema):
    """A completed session."""

    completed = fields.Boolean()
    session_id = fields.String()
    actual_duration_minutes = fields.Integer()
    ended_at = fields.String()
    persisted = fields.Boolean(
        metadata={"description": "Only there, and false, while MongoDB does not have it yet."}
    )
