"""Programs, enrolments and days for tests of the rules."""

from dataclasses import replace
from typing import Any

from domain.days import Calendar, Residence
from domain.program_rules import Change, Focus, Moment, Rule, add_focus, reflect, update_task
from domain.programs import DayContent, DayRecord, Enrollment, fresh_day

NOW = 1_800_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
UTC = Calendar([Residence(from_ms=0, time_zone="UTC", day_start="00:00")])


def content(number: int, *, minutes: int = 25, tasks: int = 2) -> DayContent:
    """A day that asks for so many minutes and tasks."""
    return DayContent(
        number=number,
        title=f"Day {number}: Test",
        description="A day.",
        focus_minutes=minutes,
        tasks=tuple(f"Task {n}" for n in range(tasks)),
        tips=("Breathe.",),
        reflection_prompts=("How was it?",),
    )


def enrollment(**changes: Any) -> Enrollment:
    """Somebody's enrolment in a program of three days, under way."""
    usual: dict[str, Any] = {
        "id": 7,
        "user_id": "ada",
        "program_id": 1,
        "version": "v",
        "status": "in_progress",
        "rev": 1,
        "total_days": 3,
        "enrolled_at": NOW,
        "started_at": NOW,
    }
    return Enrollment(**usual | changes)


class Course:
    """An enrolment and its days, changed by rules alone."""

    def __init__(self, **changes: Any) -> None:
        self.enrollment = enrollment(**changes)
        self.days = {n: fresh_day(content(n)) for n in range(1, self.enrollment.total_days + 1)}
        self.now = NOW

    def apply(self, rule: Rule, number: int | None = None) -> Change:
        """What the rule makes of the day (or the current one), kept."""
        day = self.days[number or self.enrollment.current_day]
        change = rule(self.enrollment, day, Moment(self.now, UTC))
        rev = self.enrollment.rev + bool(change.events)
        self.enrollment = replace(change.enrollment, rev=rev)
        self.days[day.number] = change.day
        return change

    def day(self, number: int) -> DayRecord:
        return self.days[number]

    def do(self, number: int) -> Change:
        """All that the day asks for, the focus last."""
        for index in range(len(self.days[number].tasks)):
            self.apply(update_task(index, done=True), number)
        self.apply(reflect("How?", "Well."), number)
        return self.apply(add_focus(focus(25, self.now)), number)


def focus(minutes: int, ended_at: int = NOW) -> Focus:
    """A session of so many minutes."""
    return Focus(active_ms=minutes * MINUTE, ended_at=ended_at)
