"""How an enrolment, its days and its weeks are shown."""

from marshmallow import fields

from handlers.schemas.common import Schema
from handlers.schemas.programs import ContentDayView


class AchievementView(Schema):
    """An achievement of the caller."""

    code = fields.String()
    name = fields.String()
    description = fields.String()
    icon = fields.String()
    earned_at = fields.String(allow_none=True)


class ProgramFacts(Schema):
    """The program of an enrolment."""

    id = fields.Integer()
    name = fields.String()
    description = fields.String()
    duration_days = fields.Integer()
    objectives = fields.List(fields.String())


class ProgressView(Schema):
    """What an enrolment has come to; streaks are dates in a row with a completed day."""

    days_completed = fields.Integer()
    completion_percentage = fields.Float()
    total_focus_minutes = fields.Integer()
    total_sessions = fields.Integer()
    current_streak = fields.Integer()
    longest_streak = fields.Integer()
    achievements = fields.List(fields.Nested(AchievementView))


class TasksProgress(Schema):
    """How many tasks are done."""

    completed = fields.Integer()
    total = fields.Integer()


class CurrentDayView(ContentDayView):
    """The day that is next to be completed."""

    is_completed = fields.Boolean()
    tasks_progress = fields.Nested(TasksProgress)


class CourseView(Schema):
    """An enrolment with its program, its progress and its present day."""

    enrollment_id = fields.Integer()
    program = fields.Nested(ProgramFacts)
    status = fields.String()
    current_day = fields.Integer()
    started_at = fields.String(allow_none=True)
    progress = fields.Nested(ProgressView)
    current_day_info = fields.Nested(CurrentDayView)


class TaskView(Schema):
    """A task of a day."""

    text = fields.String()
    is_completed = fields.Boolean()
    completed_at = fields.String(allow_none=True)
    order = fields.Integer()


class ReflectionView(Schema):
    """What the user answered to a question."""

    question = fields.String()
    answer = fields.String()
    created_at = fields.String()


class DayProgressView(Schema):
    """What the caller has done on a day."""

    is_completed = fields.Boolean()
    started_at = fields.String(allow_none=True)
    completed_at = fields.String(allow_none=True)
    tasks = fields.List(fields.Nested(TaskView))
    tasks_completed = fields.Integer()
    tasks_total = fields.Integer()
    focus_minutes = fields.Integer()
    target_focus_minutes = fields.Integer()
    reflections = fields.List(fields.Nested(ReflectionView))
    difficulty_rating = fields.Integer(allow_none=True)
    satisfaction_rating = fields.Integer(allow_none=True)
    notes = fields.String()


class DayView(ContentDayView):
    """A day of a program, and what the caller has done on it."""

    user_progress = fields.Nested(DayProgressView)

    class Meta(Schema.Meta):
        """The tasks stand in the progress."""

        exclude = ("tasks",)


class ReviewView(Schema):
    """A week of a program."""

    week_number = fields.Integer()
    start_day = fields.Integer()
    end_day = fields.Integer()
    days_completed = fields.Integer()
    total_days = fields.Integer()
    completion_rate = fields.Float(metadata={"description": "Completed days in a hundred."})
    total_focus_minutes = fields.Integer()
    average_difficulty = fields.Float(
        allow_none=True, metadata={"description": "Of the rated days; null if there is none."}
    )
    average_satisfaction = fields.Float(
        allow_none=True, metadata={"description": "Of the rated days; null if there is none."}
    )
    current_streak = fields.Integer()
    achievements_earned = fields.List(fields.Nested(AchievementView))
    summary = fields.String()


class PastCourseView(Schema):
    """An enrolment, past or present."""

    enrollment_id = fields.Integer()
    program_name = fields.String()
    program_type = fields.String()
    status = fields.String()
    started_at = fields.String(allow_none=True)
    completed_at = fields.String(allow_none=True)
    current_day = fields.Integer()
    total_days = fields.Integer()
    completion_percentage = fields.Float()
    total_focus_minutes = fields.Integer()
    current_streak = fields.Integer()
