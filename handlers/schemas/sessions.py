"""What the session endpoints read and write."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from domain.accounts import USER_ID_MAX_CHARS, is_user_id
from domain.rating import ENGINES
from handlers.schemas.common import COUNTERS, Instant, Schema, StrictInt, Text, Uuid

SESSION_ID = r"[A-Za-z0-9_-]{1,128}"
RESERVED_IDS = ("active", "calculate-rates")
"""Paths beside the sessions: a session of that name could not be reached."""
DAY_S = 86_400
MAX_XP = 10**12
MAX_SECONDS = 10**9
REASONS = ("manual", "auto", "abandoned", "timeout", "crash_recovered")


class SessionId(Text):
    """A session's id: 1 to 128 letters, digits, `-` and `_`."""

    def __init__(self, **rest: Any) -> None:
        form = validate.Regexp(SESSION_ID + r"\Z", error="Letters, digits, - and _ only.")
        free = validate.NoneOf(RESERVED_IDS, error="This name is reserved.")
        super().__init__(min=1, max=128, validate=[form, free], **rest)


class UserId(Text):
    """A user's id, as tokens carry it."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(min=1, max=USER_ID_MAX_CHARS, validate=_user_id, **rest)


def _user_id(text: str) -> None:
    if not is_user_id(text):
        raise ValidationError("Holds characters that do not print.")


class RatesBody(Schema):
    """What a session will be about."""

    activity_id = Uuid(required=True)
    goal_id = Uuid(required=True)


class RatesTable(Schema):
    """XP per focused second."""

    physique = fields.Float()
    energy = fields.Float()
    logic = fields.Float()
    creativity = fields.Float()
    social = fields.Float()


class RatesView(Schema):
    """The rates a session would have, who set them, and why."""

    rates = fields.Nested(RatesTable)
    engine = fields.String(validate=validate.OneOf(ENGINES))
    confidence = fields.Float(metadata={"description": "From 0, a guess, to 1, certain."})
    explanation = fields.String(metadata={"description": "One sentence for the user."})


class StartBody(Schema):
    """A session to start; for a service, one that runs elsewhere."""

    session_id = SessionId(metadata={"description": "Your id for it; made up if left out."})
    user_id = UserId(metadata={"description": "Your own; a service names anyone."})
    goal_id = Uuid(required=True)
    activity_id = Uuid(required=True)
    status = Text(max=20, validate=validate.OneOf(["active"]))
    started_at = Instant(metadata={"description": "Kept as your claim; the server's clock counts."})
    planned_duration_seconds = StrictInt(
        minimum=1,
        maximum=DAY_S,
        metadata={"description": "The session completes by itself after so much active time."},
    )
    device_platform = Text(min=1, max=10)


class StartedView(Schema):
    """The session that was started or registered."""

    id = fields.String()
    status = fields.String()
    session = fields.Dict(metadata={"description": "The whole live state, for a live session."})


class EndBody(Schema):
    """The end of a session; the totals count only when a service tells them."""

    status = Text(required=True, max=20, validate=validate.OneOf(["completed"]))
    user_id = UserId(metadata={"description": "For a session never registered."})
    ended_at = Instant()
    total_duration_seconds = StrictInt(minimum=0, maximum=MAX_SECONDS)
    focused_duration_seconds = StrictInt(minimum=0, maximum=MAX_SECONDS)
    xp_total = StrictInt(minimum=0, maximum=MAX_XP)
    xp_physique = StrictInt(minimum=0, maximum=MAX_XP)
    xp_energy = StrictInt(minimum=0, maximum=MAX_XP)
    xp_logic = StrictInt(minimum=0, maximum=MAX_XP)
    xp_creativity = StrictInt(minimum=0, maximum=MAX_XP)
    xp_social = StrictInt(minimum=0, maximum=MAX_XP)
    completed_reason = Text(max=20, validate=validate.OneOf(REASONS))
    device_platform = Text(min=1, max=10)


class CommandBody(Schema):
    """A command without details."""

    cmd_id = Text(
        min=1,
        max=128,
        metadata={"description": "Repeats of the command with this id change nothing."},
    )
    if_rev = StrictInt(minimum=1, metadata={"description": "Refuse if the session has moved on."})


class DistractionBody(CommandBody):
    """A distraction, and what it was."""

    note = Text(max=500, multiline=True, load_default="")


class FocusFacts(Schema):
    """What a focus session is for, and how its user rated it."""

    session_type = fields.String()
    enrollment_id = fields.Integer(allow_none=True)
    program_id = fields.Integer(allow_none=True)
    day_number = fields.Integer(allow_none=True)
    task_description = fields.String(allow_none=True)
    productivity_rating = fields.Integer(allow_none=True)
    notes = fields.String(allow_none=True)


class CustomerFacts(Schema):
    """What was done in the chat of a customer session."""

    class Meta(Schema.Meta):
        """Nothing else."""

        include = COUNTERS


class SessionView(Schema):
    """A session: its state, and what time makes of it.

    `focus` is null but for focus sessions, `customer` but for those of customers.
    """

    id = fields.String()
    kind = fields.String()
    status = fields.String()
    focused = fields.Boolean()
    epoch = fields.String(allow_none=True)
    rev = fields.Integer(allow_none=True)
    started_at = fields.String(allow_none=True)
    ended_at = fields.String(allow_none=True)
    completed_reason = fields.String(allow_none=True)
    since = fields.String(allow_none=True)
    elapsed_ms = fields.Integer(allow_none=True)
    focused_ms = fields.Integer(allow_none=True)
    remaining_ms = fields.Integer(allow_none=True)
    total_duration_seconds = fields.Integer(allow_none=True)
    focused_duration_seconds = fields.Integer(allow_none=True)
    xp_total = fields.Integer()
    xp_physique = fields.Integer()
    xp_energy = fields.Integer()
    xp_logic = fields.Integer()
    xp_creativity = fields.Integer()
    xp_social = fields.Integer()
    rates = fields.Nested(RatesTable, allow_none=True)
    planned_duration_seconds = fields.Integer(allow_none=True)
    ends_by = fields.String(allow_none=True)
    pause_count = fields.Integer()
    distraction_count = fields.Integer()
    goal_id = fields.String(allow_none=True)
    activity_id = fields.String(allow_none=True)
    device_platform = fields.String(allow_none=True)
    focus = fields.Nested(FocusFacts, allow_none=True)
    customer = fields.Nested(CustomerFacts, allow_none=True)
    server_time = fields.Integer(metadata={"description": "The server's clock, ms."})


class EndedView(SessionView):
    """An ended session; `persisted` says whether the history has it already."""

    persisted = fields.Boolean()


class ActiveView(Schema):
    """The caller's running and paused sessions; `stale` when Redis could not be asked."""

    results = fields.List(fields.Nested(SessionView))
    stale = fields.Boolean()


class HistoryActivity(Schema):
    """The activity of a past session."""

    id = fields.String()
    name = fields.String()
    emoji = fields.String()


class HistoryItem(Schema):
    """A past session."""

    id = fields.String()
    started_at = fields.String()
    ended_at = fields.String()
    total_duration_seconds = fields.Integer()
    focused_duration_seconds = fields.Integer()
    xp_total = fields.Integer()
    xp_physique = fields.Integer()
    xp_energy = fields.Integer()
    xp_logic = fields.Integer()
    xp_creativity = fields.Integer()
    xp_social = fields.Integer()
    completed_reason = fields.String(allow_none=True)
    activity = fields.Nested(HistoryActivity, allow_none=True)


class HistoryView(Schema):
    """One page of past sessions, newest first."""

    results = fields.List(fields.Nested(HistoryItem))
    next = fields.String(allow_none=True)
