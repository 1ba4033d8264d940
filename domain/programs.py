"""Focus programs: what is to be done on each day, and how far one user has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from domain.instants import MINUTE_MS

Status = Literal["not_started", "in_progress", "paused", "completed", "abandoned"]
ProgramType = Literal["14_day", "30_day", "custom"]

ACTIVE: Final[frozenset[Status]] = frozenset({"not_started", "in_progress", "paused"})
"""An enrolment in one of these can still come to something; a user has one such in a program."""
WEEK_DAYS: Final = 7
ENROLLMENTS_MAX: Final = 500
"""So often a user can enrol, in all programs together."""
AT_ONCE_MAX: Final = 50
"""So many programs a user can be going through at the same time."""
REFLECTIONS_KEPT: Final = 50
"""So many reflections a day takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayContent:
    """What one day of a program asks for."""

    number: int
    title: str
    description: str
    focus_minutes: int
    tasks: tuple[str, ...]
    tips: tuple[str, ...]
    reflection_prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program in one version; its days are read one at a time."""

    id: int
    version: str
    """Of its content: an enrolment keeps the one it began with."""
    type: ProgramType
    name: str
    description: str
    duration_days: int
    objectives: tuple[str, ...]
    is_pro_only: bool
    icon: str
    color: str
    cover_image_url: str | None
    owner: str
    """Who made it; empty for one that comes with the service."""

    def open_to(self, user_id: str) -> bool:
        """Whether the user may enrol without being invited."""
        return self.owner in ("", user_id)


@dataclass(frozen=True, slots=True)
class DoneDay:
    """A completed day of a program: when, and on which of the user's own dates."""

    number: int
    at: int
    on: date


@dataclass(frozen=True, slots=True)
class ProgramPause:
    """A stretch (ms) in which the program was put aside; `to_ms` is None while it is."""

    from_ms: int
    to_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment:
    """One user in one program. Instants are ms."""

    id: int
    user_id: str
    program_id: int
    version: str
    status: Status
    rev: int
    """Grows by one with every change, also of its days."""
    total_days: int
    enrolled_at: int
    started_at: int | None = None
    ended_at: int | None = None
    """When it was completed or abandoned."""
    pauses: tuple[ProgramPause, ...] = ()
    done: tuple[DoneDay, ...] = ()
    """By number; a voided session may have opened one again before later ones."""
    focus_ms: int = 0
    sessions: int = 0
    """Completed focus sessions on any of its days."""

    @property
    def active(self) -> bool:
        """Whether it can still come to something."""
        return self.status in ACTIVE

    @property
    def current_day(self) -> int:
        """The first day that is not completed; the last one when all are."""
        numbers = {day.number for day in self.done}
        return next((n for n in range(1, self.total_days) if n not in numbers), self.total_days)

    @property
    def completion_percentage(self) -> float:
        """Completed days in a hundred, to one decimal."""
        return round(100 * len(self.done) / self.total_days, 1)

    def began(self, number: int) -> int | None:
        """When a day became the current one; None if it never was."""
        if number == 1:
            return self.started_at
        return next((day.at for day in self.done if day.number == number - 1), None)

    def day_at(self, at: int) -> int:
        """The day that was to be completed just before an instant, ms."""
        after = [day.number for day in self.done if day.at >= at]
        return min(after, default=self.current_day)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do on a day; `completed_at` (ms) is None until it is done."""

    text: str
    completed_at: int | None = None


@dataclass(frozen=True, slots=True)
class Reflection:
    """What the user answered to a question."""

    question: str
    answer: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRecord:
    """What one user did on one day of a program."""

    number: int
    target_ms: int
    tasks: tuple[Task, ...]
    focus_ms: int = 0
    sessions: int = 0
    reflections: tuple[Reflection, ...] = ()
    difficulty_rating: int | None = None
    satisfaction_rating: int | None = None
    notes: str = ""
    completed_at: int | None = None

    @property
    def tasks_completed(self) -> int:
        return sum(task.completed_at is not None for task in self.tasks)

    @property
    def fulfilled(self) -> bool:
        """Whether all that a day asks for is there: tasks, focus, and a reflection."""
        enough = self.tasks_completed == len(self.tasks) and self.focus_ms >= self.target_ms
        return enough and bool(self.reflections)

    @property
    def figures(self) -> Mapping[str, Any]:
        """What a glance at the day shows."""
        return {
            "day_number": self.number,
            "is_completed": self.completed_at is not None,
            "tasks_completed": self.tasks_completed,
            "tasks_total": len(self.tasks),
            "focus_minutes": self.focus_ms // MINUTE_MS,
            "target_focus_minutes": self.target_ms // MINUTE_MS,
            "reflections_count": len(self.reflections),
        }


def fresh_day(content: DayContent) -> DayRecord:
    """The record of a day on which nothing has been done."""
    return DayRecord(
        number=content.number,
        target_ms=content.focus_minutes * MINUTE_MS,
        tasks=tuple(Task(text) for text in content.tasks),
    )


def weeks_of(total_days: int) -> int:
    """How many weeks a program has; the last one may be short."""
    return -(-total_days // WEEK_DAYS)


def days_of_week(week: int, total_days: int) -> range:
    """The day numbers of a week, from 1."""
    first = (week - 1) * WEEK_DAYS + 1
    return range(first, min(first + WEEK_DAYS - 1, total_days) + 1)
