"""Tables as CSV that spreadsheets can open without harm; that of past sessions."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from domain.instants import iso_of
from domain.text import is_invisible, is_mark

CONTENT_TYPE: Final = "text/csv; charset=utf-8; header=present"
SENT: Final = "`text/csv` (RFC 4180), made while it is sent."
BOM: Final = "\ufeff".encode()
"""Without it spreadsheets take UTF-8 for something else."""
COLUMNS: Final = (
    "id", "kind", "status", "completed_reason", "started_at", "ended_at",
    "total_duration_seconds", "focused_duration_seconds", "xp_total", "xp_physique", "xp_energy",
    "xp_logic", "xp_creativity", "xp_social", "goal_id", "goal", "activity_id", "activity",
    "device_platform",
)  # fmt: skip
FORMULA: Final = frozenset("=+-@\N{MINUS SIGN}")
SEPARATORS: Final = re.compile("([;|\t\r\n])")
"""What some spreadsheets part cells at, whatever the file says. Quotes alone are no help there:
they only count at the beginning of what such a spreadsheet takes for a cell."""


def header(columns: Sequence[str] = COLUMNS) -> bytes:
    """The first line of the file, with what goes before it."""
    return BOM + _lines([columns])


def rows(documents: Iterable[Mapping[str, Any]]) -> bytes:
    """One line for each session."""
    return table(map(_values, documents))


def table(values: Iterable[Sequence[Any]]) -> bytes:
    """A line for each row, its texts made harmless."""
    return _lines([_cell(value) for value in row] for row in values)


def _values(document: Mapping[str, Any]) -> list[Any]:
    goal, activity = document.get("goal") or {}, document.get("activity") or {}
    named = {"id": document["_id"], "goal": goal.get("title"), "activity": activity.get("name")}
    named |= {name: iso_of(document.get(name)) for name in ("started_at", "ended_at")}
    return [named[name] if name in named else document.get(name) for name in COLUMNS]


def _cell(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value


def harmless(text: str) -> str:
    """The text, with an apostrophe before whatever a spreadsheet might take for a formula.

    Spreadsheets overlook what is invisible before it, and read full-width signs as plain ones.
    """
    guarded = "".join(f"'{part}" if _calculates(part) else part for part in SEPARATORS.split(text))
    return f"'{guarded}" if text[:1] in ("\t", "\r", "\n") else guarded


def _calculates(text: str) -> bool:
    seen = next((sign for sign in text if not (is_invisible(sign) or is_mark(sign))), "")
    return unicodedata.normalize("NFKC", seen)[:1] in FORMULA


def _lines(lines: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC).writerows(lines)
    return text.getvalue().encode()
