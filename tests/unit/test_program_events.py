"""Days of programs as iCalendar and CSV: well formed, told in full, a few at a time."""

import csv
import io
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st
from icalendar import Calendar

from domain.program_plans import PlannedDay
from domain.programs import DayContent, DoneDay, Enrollment, Program, Task, fresh_day
from handlers import icalendars, spreadsheets
from handlers.program_events import EVENTS, events, program_calendar
from handlers.schemas.focus_exports import DAY_COLUMNS, day_row
from realtime.program_views import CalendarDay, Enrolled, WorkedDay

ON = date(2026, 11, 21)
AT = 1_795_255_200_250
MADE = AT + 86_400_000
STAMP = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def enrolled(name: str = "Year of Focus") -> Enrolled:
    program = Program(
        id=9, version="1", type="custom", name=name, description="", duration_days=366,
        objectives=(), is_pro_only=False, icon="", color="", cover_image_url=None, owner="",
    )  # fmt: skip
    enrollment = Enrollment(
        id=7, user_id="u", program_id=9, version="1", status="in_progress", rev=12,
        total_days=366, enrolled_at=0,
    )  # fmt: skip
    return Enrolled(enrollment, program)


def day(number: int = 3, *, done: bool = False, **content: Any) -> CalendarDay:
    fields: dict[str, Any] = {
        "title": "Day 3: Finding Your Rhythm", "description": "Plan, focus, rest.",
        "focus_minutes": 90, "tasks": ("Plan", "Focus"), "tips": (), "reflection_prompts": (),
    }  # fmt: skip
    asked = DayContent(number=number, **(fields | content))
    record = fresh_day(asked)
    tasks = tuple(
        Task(task.text, AT if done or not n else None) for n, task in enumerate(record.tasks)
    )
    return CalendarDay(
        course=enrolled(content.get("title", "Year of Focus")),
        planned=PlannedDay(number, ON, AT if done else None),
        content=asked,
        record=type(record)(number=number, target_ms=record.target_ms, tasks=tasks),
        made_at=MADE,
    )


def read(data: bytes) -> list[Any]:
    return list(Calendar.from_ical(icalendars.header() + data + icalendars.END).walk("VEVENT"))


def test_an_event_lasts_all_day_and_tells_what_is_asked() -> None:
    data = events([day()])
    (event,) = read(data)

    assert b"\r\nDTSTART;VALUE=DATE:20261121\r\nDTEND;VALUE=DATE:20261122\r\n" in data
    assert str(event["uid"]) == "program-7-3@sessiond"
    assert event["sequence"] == 12
    assert event["dtstamp"].dt == STAMP + timedelta(days=1)
    assert str(event["summary"]) == "Day 3: Finding Your Rhythm"
    assert str(event["description"]).splitlines() == [
        "Year of Focus, day 3 of 366",
        "Plan, focus, rest.",
        "Focus: 1 hour 30 minutes",
        "✓ Plan",
        "○ Focus",
    ]
    assert [str(one) for one in event["categories"].cats] == ["Year of Focus"]
    assert (str(event["status"]), str(event["transp"])) == ("TENTATIVE", "TRANSPARENT")


def test_what_is_done_is_certain_and_stays_as_it_was() -> None:
    (event,) = read(events([day(done=True)]))

    assert str(event["status"]) == "CONFIRMED"
    assert event["dtstamp"].dt == STAMP
    assert str(event["description"]).splitlines()[-2:] == ["✓ Plan", "✓ Focus"]


def test_a_day_without_focus_or_description_says_nothing_of_them() -> None:
    (event,) = read(events([day(focus_minutes=0, description="", tasks=("One",))]))

    assert str(event["description"]).splitlines() == ["Year of Focus, day 3 of 366", "✓ One"]


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_no_text_breaks_out_of_its_line(text: str) -> None:
    data = events([day(title=text, description=text, tasks=(text,))])
    lines = data.split(b"\r\n")

    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in b"".join(lines)
    assert b"\r" not in b"".join(lines)
    assert b"\0" not in data
    assert lines.count(b"BEGIN:VEVENT") == lines.count(b"END:VEVENT") == 1
    (event,) = read(data)
    assert str(event["uid"]) == "program-7-3@sessiond"
    head = icalendars.header(text).split(b"\r\n")
    assert [line.partition(b":")[0] for line in head if not line.startswith(b" ")] == [
        b"BEGIN", b"VERSION", b"PRODID", b"CALSCALE", b"METHOD", b"X-WR-CALNAME", b"",
    ]  # fmt: skip


@pytest.mark.gen_test
@pytest.mark.parametrize("sizes", [(), (1,), (60, 60, 60, 60, 60, 60, 6)])
async def test_a_year_comes_a_few_days_at_a_time(sizes: tuple[int, ...]) -> None:
    async def batches() -> AsyncGenerator[Sequence[CalendarDay], None]:
        number = 0
        for size in sizes:
            yield [day(number + n) for n in range(1, size + 1)]
            number += size

    chunks = [chunk async for chunk in program_calendar(batches(), "Focus")]
    whole = Calendar.from_ical(b"".join(chunks))

    assert all(chunks)
    assert max(chunk.count(b"BEGIN:VEVENT") for chunk in chunks) <= EVENTS
    assert [str(event["uid"]) for event in whole.walk("VEVENT")] == [
        f"program-7-{n}@sessiond" for n in range(1, sum(sizes) + 1)
    ]
    assert str(whole["x-wr-calname"]) == "Focus"


@given(st.text(st.characters(codec="utf-8"), max_size=100))
def test_a_row_has_all_columns_and_no_formula(text: str) -> None:
    asked = DayContent(
        number=3, title=text, description="", focus_minutes=25, tasks=("a",), tips=(),
        reflection_prompts=(),
    )  # fmt: skip
    worked = WorkedDay(
        course=enrolled(text), title=text, record=fresh_day(asked), done=DoneDay(3, AT, ON)
    )
    row = day_row(worked)
    data = spreadsheets.header(DAY_COLUMNS) + spreadsheets.table([[*row.values()]])
    head, cells = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)

    assert tuple(row) == DAY_COLUMNS == tuple(head)
    told = dict(zip(head, cells, strict=True))
    assert told["program"] == told["title"] == spreadsheets.harmless(text)
    assert (told["completed_on"], told["completed_at"]) == (
        "2026-11-21",
        "2026-11-21T10:00:00.250Z",
    )
    assert told["difficulty_rating"] == ""
