"""Cursors of lists."""

from datetime import UTC, datetime

import pytest

from handlers.schemas.paging import cursor_of, position_of
from storage.mongo.catalogue import Position

POSITION = Position(created_at=datetime(2025, 1, 15, 10, 30, tzinfo=UTC), id="a-b.c")


def test_a_cursor_reads_back_as_its_position() -> None:
    cursor = cursor_of(POSITION)

    assert cursor is not None
    assert position_of(cursor) == POSITION
    assert cursor_of(None) is None


def test_no_changed_cursor_is_read() -> None:
    cursor = cursor_of(POSITION)
    assert cursor is not None

    for place in range(len(cursor)):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        with pytest.raises(ValueError):  # noqa: PT011 - any of them
            position_of(changed)


@pytest.mark.parametrize(
    "text", ["", "x", "....", "é", "\ud800", "A" * 401, '{"$gt":""}', "MS4yLjM"]
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        position_of(text)
