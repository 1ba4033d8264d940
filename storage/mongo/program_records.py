"""Programs, enrolments and their days as MongoDB documents."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from domain.programs import (
    DayContent,
    DayRecord,
    DoneDay,
    Enrollment,
    Program,
    ProgramPause,
    Reflection,
    Task,
)
from storage.mongo.client import Document, instant, instant_if, milliseconds, milliseconds_if


def content_id(program_id: int, version: str) -> str:
    """The id of one version of a program."""
    return f"{program_id}:{version}"


def day_id(enrollment_id: int, number: int) -> str:
    """The id of one day of an enrolment."""
    return f"{enrollment_id}:{number}"


def program_from(document: Mapping[str, Any]) -> Program:
    """Read a version of a program, with or without its days."""
    return Program(
        id=document["program_id"],
        version=document["version"],
        type=document["program_type"],
        name=document["name"],
        description=document["description"],
        duration_days=document["duration_days"],
        objectives=tuple(document["objectives"]),
        is_pro_only=document["is_pro_only"],
        icon=document["icon"],
        color=document["color"],
        cover_image_url=document["cover_image_url"],
        owner=document["owner"],
    )


def content_from(document: Mapping[str, Any]) -> DayContent:
    """Read a day of a program."""
    return DayContent(
        number=document["day_number"],
        title=document["title"],
        description=document["description"],
        focus_minutes=document["focus_duration"],
        tasks=tuple(document["tasks"]),
        tips=tuple(document["tips"]),
        reflection_prompts=tuple(document["reflection_prompts"]),
    )


def enrollment_document(enrollment: Enrollment) -> Document:
    """The whole enrolment; `active` is there for the index that allows one in each program."""
    return {
        "_id": enrollment.id,
        "user_id": enrollment.user_id,
        "program_id": enrollment.program_id,
        "version": enrollment.version,
        "status": enrollment.status,
        "active": enrollment.active,
        "rev": enrollment.rev,
        "total_days": enrollment.total_days,
        "enrolled_at": instant(enrollment.enrolled_at),
        "started_at": instant_if(enrollment.started_at),
        "ended_at": instant_if(enrollment.ended_at),
        "pauses": [
            {"from": instant(one.from_ms), "to": instant_if(one.to_ms)} for one in enrollment.pauses
        ],
        "done": [
            {"day": one.number, "at": instant(one.at), "on": one.on.isoformat()}
            for one in enrollment.done
        ],
        "focus_ms": enrollment.focus_ms,
        "sessions": enrollment.sessions,
    }


def enrollment_from(document: Mapping[str, Any]) -> Enrollment:
    """Read what `enrollment_document` wrote."""
    return Enrollment(
        id=document["_id"],
        user_id=document["user_id"],
        program_id=document["program_id"],
        version=document["version"],
        status=document["status"],
        rev=document["rev"],
        total_days=document["total_days"],
        enrolled_at=milliseconds(document["enrolled_at"]),
        started_at=milliseconds_if(document["started_at"]),
        ended_at=milliseconds_if(document["ended_at"]),
        pauses=tuple(
            ProgramPause(milliseconds(one["from"]), milliseconds_if(one["to"]))
            for one in document["pauses"]
        ),
        done=tuple(
            DoneDay(one["day"], milliseconds(one["at"]), date.fromisoformat(one["on"]))
            for one in document["done"]
        ),
        focus_ms=document["focus_ms"],
        sessions=document["sessions"],
    )


def day_document(enrollment: Enrollment, day: DayRecord) -> Document:
    """The whole record of a day."""
    return {
        "_id": day_id(enrollment.id, day.number),
        "enrollment_id": enrollment.id,
        "user_id": enrollment.user_id,
        "program_id": enrollment.program_id,
        "day_number": day.number,
        "target_ms": day.target_ms,
        "tasks": [
            {"text": task.text, "completed_at": instant_if(task.completed_at)} for task in day.tasks
        ],
        "focus_ms": day.focus_ms,
        "sessions": day.sessions,
        "reflections": [
            {"question": one.question, "answer": one.answer, "at": instant(one.at)}
            for one in day.reflections
        ],
        "difficulty_rating": day.difficulty_rating,
        "satisfaction_rating": day.satisfaction_rating,
        "notes": day.notes,
        "completed_at": instant_if(day.completed_at),
    }


def day_from(document: Mapping[str, Any]) -> DayRecord:
    """Read what `day_document` wrote."""
    return DayRecord(
        number=document["day_number"],
        target_ms=document["target_ms"],
        tasks=tuple(
            Task(task["text"], milliseconds_if(task["completed_at"])) for task in document["tasks"]
        ),
        focus_ms=document["focus_ms"],
        sessions=document["sessions"],
        reflections=tuple(
            Reflection(one["question"], one["answer"], milliseconds(one["at"]))
            for one in document["reflections"]
        ),
        difficulty_rating=document["difficulty_rating"],
        satisfaction_rating=document["satisfaction_rating"],
        notes=document["notes"],
        completed_at=milliseconds_if(document["completed_at"]),
    )
