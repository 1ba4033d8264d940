"""What the statistics endpoint writes, and how a row of the export of days is laid out."""

from typing import Any, Final

from marshmallow import fields

from domain.instants import MINUTE_MS, iso
from handlers.schemas.common import Schema
from realtime.program_views import FocusStatistics, WorkedDay

DAY_COLUMNS: Final = (
    "enrollment_id", "program", "program_type", "day_number", "title", "completed_on",
    "completed_at", "tasks_completed", "tasks_total", "focus_minutes", "target_focus_minutes",
    "sessions", "reflections", "difficulty_rating", "satisfaction_rating", "notes",
)  # fmt: skip


class FocusStatisticsView(Schema):
    """What all focus of the caller has come to, in programs and outside of them."""

    total_sessions = fields.Integer(metadata={"description": "Completed focus sessions."})
    total_focus_minutes = fields.Integer()
    days_completed = fields.Integer(metadata={"description": "Days of programs."})
    programs_completed = fields.Integer()
    reflections = fields.Integer()
    achievements = fields.Integer()
    current_streak = fields.Integer(
        metadata={"description": "Dates in a row with a completed day, of whatever program."}
    )
    longest_streak = fields.Integer()


def statistics_view(statistics: FocusStatistics) -> dict[str, int]:
    """Lay totals out for `FocusStatisticsView`."""
    return {
        "total_sessions": statistics.sessions,
        "total_focus_minutes": statistics.focus_ms // MINUTE_MS,
        "days_completed": statistics.days,
        "programs_completed": statistics.programs,
        "reflections": statistics.reflections,
        "achievements": statistics.achievements,
        "current_streak": statistics.current_streak,
        "longest_streak": statistics.longest_streak,
    }


def day_row(day: WorkedDay) -> dict[str, Any]:
    """Lay a day out as a row, in the order of `DAY_COLUMNS`."""
    course, record, done = day.course, day.record, day.done
    return {
        "enrollment_id": course.enrollment.id,
        "program": course.program.name,
        "program_type": course.program.type,
        "day_number": record.number,
        "title": day.title,
        "completed_on": None if done is None else done.on.isoformat(),
        "completed_at": None if done is None else iso(done.at),
        "tasks_completed": record.tasks_completed,
        "tasks_total": len(record.tasks),
        "focus_minutes": record.focus_ms // MINUTE_MS,
        "target_focus_minutes": record.target_ms // MINUTE_MS,
        "sessions": record.sessions,
        "reflections": len(record.reflections),
        "difficulty_rating": record.difficulty_rating,
        "satisfaction_rating": record.satisfaction_rating,
        "notes": record.notes,
    }
