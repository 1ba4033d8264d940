"""docs/settings.md says what the code does."""

from pathlib import Path

from config.table import markdown

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_table_of_the_document_is_that_of_the_code() -> None:
    rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("|")]

    assert rows == markdown().splitlines(), "run: python -m config.table"
