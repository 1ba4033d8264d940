"""Past sessions as CSV that spreadsheets can open without harm."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from domain.instants import iso_of

BOM: Final = "\ufeff".encode()
"""Without it spreadsheets take UTF-8 for something else."""
COLUMNS: Final = (
    "id", "kind", "status", "completed_reason", "started_at", "ended_at",
    "total_duration_seconds", "focused_duration_seconds", "xp_total", "xp_physique", "xp_energy",
    "xp_logic", "xp_creativity", "xp_social", "goal_id", "goal", "activity_id", "activity",
    "device_platform",
)  # fmt: skip
FORMULA: Final = frozenset("=+-@\N{MINUS SIGN}")
BLANK: Final = ("Zs", "Zl", "Zp", "Cc", "Cf")


def header() -> bytes:
    """The first line of the file, with what goes before it."""
    return BOM + _lines([COLUMNS])


def rows(documents: Iterable[Mapping[str, Any]]) -> bytes:
    """One line for each session."""
    return _lines([_cell(value) for value in _values(document)] for document in documents)


def _values(document: Mapping[str, Any]) -> list[Any]:
    goal, activity = document.get("goal") or {}, document.get("activity") or {}
    named = {"id": document["_id"], "goal": goal.get("title"), "activity": activity.get("name")}
    named |= {name: iso_of(document.get(name)) for name in ("started_at", "ended_at")}
    return [named[name] if name in named else document.get(name) for name in COLUMNS]


def _cell(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value


def harmless(text: str) -> str:
    """The text, behind an apostrophe if a spreadsheet might take it for a formula.

    Spreadsheets overlook blanks before it, and read full-width signs as plain ones.
    """
    if text[:1] in ("\t", "\r", "\n"):
        return f"'{text}"
    seen = next((sign for sign in text if unicodedata.category(sign) not in BLANK), "")
    return f"'{text}" if unicodedata.normalize("NFKC", seen)[:1] in FORMULA else text


def _lines(lines: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode()
