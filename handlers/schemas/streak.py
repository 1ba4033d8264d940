"""What the streak endpoint reads and writes."""

from collections.abc import Sequence
from typing import Any

from marshmallow import fields, validate

from domain.streaks import SHOWN_DEFAULT, DayState, Run, Streak
from handlers.schemas.common import Instant, QueryInt, Schema
from storage.mongo.client import Document

SHOWN_MAX = 366
STATES = ("counted", "open", "missed", "excused")
NOTHING: Document = {"focused_ms": 0, "sessions": 0, "xp_total": 0}


class StreakQuery(Schema):
    """How many dates to explain, today included."""

    days = QueryInt(
        minimum=1,
        maximum=SHOWN_MAX,
        load_default=SHOWN_DEFAULT,
        metadata={"description": "How many dates to explain, today included."},
    )


class RunView(Schema):
    """The longest streak there was, and its first and last date; null where there is none."""

    days = fields.Integer()
    first = fields.Date(data_key="from", allow_none=True)
    last = fields.Date(data_key="to", allow_none=True)


class TodayView(Schema):
    """The user's present date: when it began, and when it will be over."""

    day = fields.Date()
    counted = fields.Boolean()
    starts_at = Instant()
    ends_at = Instant()
    focused_seconds = fields.Integer()


class StreakDayView(Schema):
    """One date: what it means for the streak, why, and what was done on it."""

    day = fields.Date()
    state = fields.String(validate=validate.OneOf(STATES))
    reason = fields.String()
    focused_seconds = fields.Integer()
    sessions = fields.Integer()
    xp_total = fields.Integer()


class StreakView(Schema):
    """A streak; `days` has the newest date first, `kept_until` is null while there is none."""

    current = fields.Integer()
    longest = fields.Nested(RunView)
    today = fields.Nested(TodayView)
    kept_until = Instant(allow_none=True)
    explanation = fields.String()
    days = fields.List(fields.Nested(StreakDayView))


def streak_view(streak: Streak, done: Sequence[Document]) -> dict[str, object]:
    """Lay a streak out for `StreakView`; `done` holds what was done on its dates."""
    by_day = {entry["day"]: entry for entry in done}
    days = [_day_view(each, by_day.get(each.day.isoformat(), NOTHING)) for each in streak.days]
    today = streak.today
    return {
        "current": streak.current,
        "longest": _run_view(streak.longest),
        "today": {
            "day": today.day,
            "counted": today.counted,
            "starts_at": today.from_ms,
            "ends_at": today.to_ms,
            "focused_seconds": days[0]["focused_seconds"],
        },
        "kept_until": streak.kept_until_ms,
        "explanation": streak.explanation,
        "days": days,
    }


def _run_view(run: Run | None) -> dict[str, object]:
    if run is None:
        return {"days": 0, "first": None, "last": None}
    return {"days": run.days, "first": run.first, "last": run.last}


def _day_view(told: DayState, done: Document) -> dict[str, Any]:
    return {
        "day": told.day,
        "state": told.state,
        "reason": told.reason,
        "focused_seconds": done["focused_ms"] // 1000,
        "sessions": done["sessions"],
        "xp_total": done["xp_total"],
    }
