"""docs/errors.md and the errors in the code say the same."""

import re
from pathlib import Path

from domain.errors import NotFound
from handlers.errors import Entry, catalogue, problem

DOCUMENT = Path(__file__).parents[2] / "docs" / "errors.md"
ROW = re.compile(r"^\| `(\w+)` \| (\d{3}) \| (.+?) \| (.+?) \| (yes|no) \|$", re.MULTILINE)


def row(entry: Entry) -> tuple[str, ...]:
    again = "yes" if entry.retryable else "no"
    return entry.code, str(entry.status), entry.meaning, entry.advice, again


def test_every_error_has_its_row_and_every_row_its_error() -> None:
    written = ROW.findall(DOCUMENT.read_text(encoding="utf-8"))

    assert written == [row(entry) for entry in catalogue()]


def test_no_two_errors_share_a_code() -> None:
    codes = [entry.code for entry in catalogue()]

    assert len(codes) == len(set(codes))


def test_further_members_never_hide_those_of_a_problem() -> None:
    told = problem(NotFound("x", status="forged", hint=1), request_id="r")

    assert (told.status, told.body["status"], told.body["hint"]) == (404, 404, 1)
