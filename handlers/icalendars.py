"""Past sessions as iCalendar (RFC 5545), an event at a time."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from icalendar import Calendar, Event

from domain.text import UNFIT_CATEGORIES
from domain.timeline import duration

CONTENT_TYPE: Final = "text/calendar; charset=utf-8"
END: Final = b"END:VCALENDAR\r\n"
PROPERTIES: Final = {
    "prodid": "-//sessiond//sessions//EN",
    "version": "2.0",
    "calscale": "GREGORIAN",
    "method": "PUBLISH",
}


def header(name: str = "Sessions") -> bytes:
    """All that stands before the events of a calendar of this name; `END` stands after them."""
    calendar = Calendar()
    for key, value in {**PROPERTIES, "x-wr-calname": printable(name)}.items():
        calendar.add(key, value)
    return bytes(calendar.to_ical()).removesuffix(END)


def events(documents: Iterable[Mapping[str, Any]]) -> bytes:
    """An event for each session."""
    return b"".join(bytes(_event(document).to_ical()) for document in documents)


def _event(document: Mapping[str, Any]) -> Event:
    begin, end = _span(document)
    event = Event()
    event.add("uid", f"{document['_id']}@sessiond")
    # The same at every reading: what has ended does not change.
    event.add("dtstamp", end)
    event.add("dtstart", begin)
    if end > begin:
        event.add("dtend", end)
    event.add("summary", _summary(document))
    event.add("description", _description(document))
    event.add("status", "CONFIRMED" if document["status"] == "completed" else "CANCELLED")
    event.add("transp", "TRANSPARENT")
    return event


def _span(document: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """Start and end in whole seconds, as calendars have them."""
    end: datetime = document["ended_at"]
    lasted = timedelta(seconds=document.get("total_duration_seconds") or 0)
    begin: datetime = document.get("started_at") or end - lasted
    return begin.replace(microsecond=0), end.replace(microsecond=0)


def _summary(document: Mapping[str, Any]) -> str:
    activity = document.get("activity")
    if not activity:
        return "Session"
    return printable(f"{activity['emoji']} {activity['name']}").strip()


def _description(document: Mapping[str, Any]) -> str:
    focused_s = (document.get("focused_ms") or 0) // 1000
    lines = [f"{document.get('xp_total', 0)} XP", f"Focused: {duration(1000 * focused_s)}"]
    ended = document.get("completed_reason") or document["status"]
    lines.append(f"Ended: {ended}")
    if document.get("goal"):
        lines.append(f"Goal: {printable(document['goal']['title'])}")
    return "\n".join(lines)


def printable(text: str) -> str:
    """The text as one line, without what calendars could stumble over."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in UNFIT_CATEGORIES)
