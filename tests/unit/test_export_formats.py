"""Past sessions as CSV, JSON and iCalendar: whole, well formed, and harmless."""

import csv
import io
import json
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st
from icalendar import Calendar

from handlers import exports, icalendars, spreadsheets
from handlers.spreadsheets import harmless
from storage.mongo.client import Document

BEGAN = datetime(2026, 11, 21, 10, 30, 0, 250_000, tzinfo=UTC)
STAMP = b"20261121T103000Z"


def past(**changes: Any) -> Document:
    """A past session as the history gives it."""
    xp = {"xp_total": 50, "xp_physique": 1, "xp_energy": 2, "xp_logic": 3, "xp_creativity": 44}
    return {
        "_id": "tour-1",
        "kind": "xp",
        "status": "completed",
        "completed_reason": "manual",
        "started_at": BEGAN,
        "ended_at": BEGAN + timedelta(minutes=25),
        "total_duration_seconds": 1500,
        "focused_duration_seconds": 1500,
        "focused_ms": 1_500_000,
        **xp,
        "xp_social": 0,
        "goal_id": "g",
        "goal": {"_id": "g", "title": "Learn to draw", "emoji": "🎯"},
        "activity_id": "a",
        "activity": {"_id": "a", "name": "Drawing", "emoji": "✏️"},
        "device_platform": "web",
    } | changes


async def batches(*sizes: int) -> AsyncGenerator[Sequence[Document], None]:
    """Batches of so many sessions."""
    for size in sizes:
        yield [past(_id=f"s-{n}") for n in range(size)]


async def whole(chunks: AsyncGenerator[bytes, None]) -> bytes:
    """All of a body, of chunks that are not empty."""
    found = [chunk async for chunk in chunks]
    assert all(found)
    return b"".join(found)


def read_csv(data: bytes) -> list[list[str]]:
    """The rows of a file, as a program reads them."""
    text = data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def read_ics(data: bytes) -> list[Any]:
    """The events of a file."""
    return list(Calendar.from_ical(data).walk("VEVENT"))


def test_a_row_has_a_cell_for_each_column() -> None:
    data = spreadsheets.header() + spreadsheets.rows([past()])
    head, row = read_csv(data)

    assert data.startswith(b'\xef\xbb\xbf"id","kind",')
    assert data.endswith(b',"web"\r\n')
    assert dict(zip(head, row, strict=True)) == {
        **{name: str(value) for name, value in past().items() if name in head},
        "id": "tour-1",
        "started_at": "2026-11-21T10:30:00.250Z",
        "ended_at": "2026-11-21T10:55:00.250Z",
        "goal": "Learn to draw",
        "activity": "Drawing",
    }


def test_what_is_not_known_is_empty() -> None:
    unknown = {"goal": None, "activity": None, "started_at": None, "completed_reason": None}
    (row,) = read_csv(spreadsheets.rows([past(**unknown, device_platform=None)]))

    assert [row[spreadsheets.COLUMNS.index(name)] for name in unknown] == ["", "", "", ""]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "  =1", "\u00a0-1", "\u200b=1",
        "\ufeff@x", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", " \uff1d1", "\u22121", "\ufe621",
        "\u207c1", "-dash-id_7", "\ufe0f=1", "\u034f+1", "\u3164-1", "\u115f\u1160@x", "\u2800=1",
        "\u180b=1", "\u0301=1", "\u20dd=1", "\U000e0100=1", "\uffa0=1", "\ue000=1", "\u0903=1",
        "\ufe0f \u3164\u200f\u0301=1",
    ],
)  # fmt: skip
def test_no_text_becomes_a_formula(text: str) -> None:
    named = {"title": text, "name": text, "emoji": ""}
    session = past(_id=text, goal=named, activity=named, device_platform=text, xp_total=-5)
    (row,) = read_csv(spreadsheets.rows([session]))
    cells = dict(zip(spreadsheets.COLUMNS, row, strict=True))

    assert harmless(text) == f"'{text}"
    for name in ("id", "goal", "activity", "device_platform"):
        assert cells[name] == f"'{text}", name
    assert cells["xp_total"] == "-5"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a;=1;b;+2", "a;'=1;b;'+2"),
        ("a;\u3164 @x", "a;'\u3164 @x"),
        ('a";-1', "a\";'-1"),
        ("a\t=1", "a\t'=1"),
        ("\t=1", "'\t'=1"),
        ("a|=1", "a|'=1"),
        ("a\r\n=1", "a\r\n'=1"),
        ("=1;2", "'=1;2"),
    ],
)
def test_nor_does_a_piece_of_it_whatever_separates_the_cells(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_every_text_is_quoted_and_no_number_is() -> None:
    data = spreadsheets.header() + spreadsheets.rows([past(goal=None, xp_total=-5)])
    head, row, rest = data.decode("utf-8-sig").split("\r\n")

    assert rest == ""
    assert head == ",".join(f'"{name}"' for name in spreadsheets.COLUMNS)
    assert row == (
        '"tour-1","xp","completed","manual","2026-11-21T10:30:00.250Z","2026-11-21T10:55:00.250Z",'
        '1500,1500,-5,1,2,3,44,0,"g","","a","Drawing","web"'
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a=1",
        "a, =1",
        "a;b",
        "a; ;",
        "\u0301",
        "e\u0301=1",
        "1-2",
        "'=1",
        "é",
        "(=1)",
        "🎨 -x",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=5))
def test_any_title_comes_back_from_its_cell(titles: list[str]) -> None:
    data = spreadsheets.rows(past(goal={"title": title}) for title in titles)
    place = spreadsheets.COLUMNS.index("goal")

    assert [row[place] for row in read_csv(data)] == [harmless(title) for title in titles]


@pytest.mark.gen_test
@pytest.mark.parametrize("sizes", [(), (1,), (100,), (250, 3)])
async def test_every_format_is_whole_whatever_there_is(sizes: tuple[int, ...]) -> None:
    ids = [f"s-{n}" for size in sizes for n in range(size)]
    table = await whole(exports.framed(batches(*sizes), spreadsheets.header(), spreadsheets.rows))
    array = await whole(exports.json_array(batches(*sizes)))
    events = read_ics(await whole(exports.calendar(batches(*sizes))))

    assert [row[0] for row in read_csv(table)] == ["id", *ids]
    assert [item["id"] for item in json.loads(array)] == ids
    assert [str(event["uid"]) for event in events] == [f"{each}@sessiond" for each in ids]


def test_an_event_tells_what_and_when() -> None:
    text = icalendars.header() + icalendars.events([past()]) + icalendars.END
    (event,) = read_ics(text)

    assert b"\r\nVERSION:2.0\r\n" in text
    assert b"\r\nPRODID:" in text
    assert b"\r\nDTSTART:" + STAMP + b"\r\n" in text
    assert event["dtstart"].dt == BEGAN.replace(microsecond=0)
    assert event["dtend"].dt - event["dtstart"].dt == timedelta(minutes=25)
    assert str(event["uid"]) == "tour-1@sessiond"
    assert str(event["summary"]) == "✏️ Drawing"
    assert str(event["description"]) == (
        "50 XP\nFocused: 25 minutes\nEnded: manual\nGoal: Learn to draw"
    )
    assert str(event["status"]) == "CONFIRMED"


def test_an_event_without_start_or_length_or_name_is_valid() -> None:
    nameless = past(started_at=None, activity=None, goal=None, status="voided")
    short = past(ended_at=BEGAN + timedelta(milliseconds=300))
    text = icalendars.header() + icalendars.events([nameless, short]) + icalendars.END
    first, second = read_ics(text)

    assert first["dtstart"].dt == BEGAN.replace(microsecond=0)
    assert str(first["summary"]) == "Session"
    assert str(first["status"]) == "CANCELLED"
    assert "dtend" not in second


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_no_title_breaks_out_of_its_line(title: str) -> None:
    goal = {"_id": "g", "title": title, "emoji": ""}
    activity = {"_id": "a", "name": title, "emoji": "🎨"}
    data = icalendars.events([past(goal=goal, activity=activity)])
    lines = data.split(b"\r\n")

    assert all(len(line) <= 75 for line in lines)
    assert b"\r" not in b"".join(lines)
    assert b"\n" not in b"".join(lines)
    assert b"\0" not in data
    assert lines.count(b"BEGIN:VEVENT") == lines.count(b"END:VEVENT") == 1
    (event,) = read_ics(icalendars.header() + data + icalendars.END)
    assert str(event["uid"]) == "tour-1@sessiond"
    assert str(event["description"]).startswith("50 XP\nFocused: 25 minutes\nEnded: manual\nGoal: ")
