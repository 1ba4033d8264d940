"""Enrolments, days and weeks, laid out for their schemas."""

from collections.abc import Sequence
from typing import Any

from domain.achievements import Achievement
from domain.instants import MINUTE_MS, iso, iso_if
from domain.programs import DayContent, DayRecord, Enrollment
from domain.weekly import WeeklyReview
from handlers.schemas.programs import content_view
from realtime.programs import Course
from storage.mongo.awards import Award


def course_view(course: Course, content: DayContent, day: DayRecord) -> dict[str, Any]:
    """Lay an enrolment and its present day out for `CourseView`."""
    enrollment, program = course.enrollment, course.program
    return {
        "enrollment_id": enrollment.id,
        "program": {
            "id": program.id,
            "name": program.name,
            "description": program.description,
            "duration_days": program.duration_days,
            "objectives": program.objectives,
        },
        "status": enrollment.status,
        "current_day": enrollment.current_day,
        "started_at": iso_if(enrollment.started_at),
        "progress": {
            "days_completed": len(enrollment.done),
            "completion_percentage": enrollment.completion_percentage,
            "total_focus_minutes": enrollment.focus_ms // MINUTE_MS,
            "total_sessions": enrollment.sessions,
            "current_streak": course.streak.current,
            "longest_streak": course.streak.longest.days if course.streak.longest else 0,
            "achievements": [achievement_view(award) for award in course.awards],
        },
        "current_day_info": {
            **content_view(content),
            "is_completed": day.completed_at is not None,
            "tasks_progress": {"completed": day.tasks_completed, "total": len(day.tasks)},
        },
    }


def day_view(enrollment: Enrollment, content: DayContent, day: DayRecord) -> dict[str, Any]:
    """Lay a day out for `DayView`."""
    figures = day.figures
    tasks = [
        {
            "text": task.text,
            "is_completed": task.completed_at is not None,
            "completed_at": iso_if(task.completed_at),
            "order": order,
        }
        for order, task in enumerate(day.tasks)
    ]
    reflections = [
        {"question": one.question, "answer": one.answer, "created_at": iso(one.at)}
        for one in day.reflections
    ]
    return {
        **content_view(content),
        "user_progress": {
            **{name: figures[name] for name in figures if name != "day_number"},
            "started_at": iso_if(enrollment.began(day.number)),
            "completed_at": iso_if(day.completed_at),
            "tasks": tasks,
            "reflections": reflections,
            "difficulty_rating": day.difficulty_rating,
            "satisfaction_rating": day.satisfaction_rating,
            "notes": day.notes,
        },
    }


def review_view(review: WeeklyReview, earned: Sequence[Award], summary: str) -> dict[str, Any]:
    """Lay a week out for `ReviewView`."""
    return {
        "week_number": review.week,
        "start_day": review.first_day,
        "end_day": review.last_day,
        "days_completed": review.days_completed,
        "total_days": review.total_days,
        "completion_rate": review.completion_rate,
        "total_focus_minutes": review.focus_minutes,
        "average_difficulty": review.average_difficulty,
        "average_satisfaction": review.average_satisfaction,
        "current_streak": review.current_streak,
        "achievements_earned": [achievement_view(award) for award in earned],
        "summary": summary,
    }


def past_course_view(course: Course) -> dict[str, Any]:
    """Lay an enrolment out for `PastCourseView`."""
    enrollment, program = course.enrollment, course.program
    completed = enrollment.status == "completed"
    return {
        "enrollment_id": enrollment.id,
        "program_name": program.name,
        "program_type": program.type,
        "status": enrollment.status,
        "started_at": iso_if(enrollment.started_at),
        "completed_at": iso_if(enrollment.ended_at) if completed else None,
        "current_day": enrollment.current_day,
        "total_days": enrollment.total_days,
        "completion_percentage": enrollment.completion_percentage,
        "total_focus_minutes": enrollment.focus_ms // MINUTE_MS,
        "current_streak": course.streak.current,
    }


def achievement_view(award: Award) -> dict[str, Any]:
    """Lay an achievement that was earned out for `AchievementView`."""
    return badge_view(award.achievement, award)


def badge_view(one: Achievement, award: Award | None) -> dict[str, Any]:
    """Lay an achievement out for `AchievementView`; `award` is None if it was not earned."""
    return {
        "code": one.code,
        "name": one.name,
        "description": one.description,
        "icon": one.icon,
        "earned_at": None if award is None else iso(award.earned_at),
    }
