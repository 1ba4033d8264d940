"""Days of programs as iCalendar (RFC 5545): each one an event that lasts all day."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import timedelta
from typing import Final

from icalendar import Event

from domain.days import ONE_DAY
from domain.instants import EPOCH
from domain.timeline import whole_minutes
from handlers import icalendars
from handlers.exports import chunked, framed
from handlers.icalendars import printable
from realtime.program_views import CalendarDay

DONE, OPEN = "\N{CHECK MARK}", "\N{WHITE CIRCLE}"
EVENTS: Final = 3
"""Days in a chunk: with the longest texts making it takes a few milliseconds."""


def program_calendar(
    batches: AsyncGenerator[Sequence[CalendarDay], None], name: str
) -> AsyncGenerator[bytes, None]:
    """The days as an iCalendar object of this name."""
    days = chunked(batches, EVENTS)
    return framed(days, icalendars.header(name), events, icalendars.END)


def events(days: Iterable[CalendarDay]) -> bytes:
    """An event for each day."""
    return b"".join(bytes(_event(day).to_ical()) for day in days)


def _event(day: CalendarDay) -> Event:
    course, planned = day.course, day.planned
    event = Event()
    event.add("uid", f"program-{course.enrollment.id}-{planned.number}@sessiond")
    # What is open moves on with every date, also if nobody does anything.
    stamp_ms = day.made_at if planned.done_at is None else planned.done_at
    event.add("dtstamp", EPOCH + timedelta(seconds=stamp_ms // 1000))
    event.add("sequence", course.enrollment.rev)
    event.add("dtstart", planned.on)
    event.add("dtend", planned.on + ONE_DAY)
    event.add("summary", printable(day.content.title))
    event.add("description", _description(day))
    event.add("categories", [printable(course.program.name)])
    event.add("status", "TENTATIVE" if planned.done_at is None else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _description(day: CalendarDay) -> str:
    course, record = day.course, day.record
    place = f"day {day.planned.number} of {course.enrollment.total_days}"
    lines = [f"{course.program.name}, {place}", *day.content.description.splitlines()]
    if record.target_ms:
        lines.append(f"Focus: {whole_minutes(record.target_ms)}")
    lines += [f"{DONE if task.completed_at else OPEN} {task.text}" for task in record.tasks]
    return "\n".join(map(printable, lines))
