"""Cursors of lists."""

from datetime import UTC, datetime

import pytest
from marshmallow import Schema, ValidationError

from handlers.schemas.activities import ActivityListQuery
from handlers.schemas.goals import GoalQuery
from handlers.schemas.history import HistoryQuery
from handlers.schemas.paging import cursor_of, page_query, position_of
from storage.mongo.catalogue import Position

POSITION = Position(created_at=datetime(2025, 1, 15, 10, 30, tzinfo=UTC), id="a-b.c")


def test_a_cursor_reads_back_as_its_position() -> None:
    cursor = cursor_of(POSITION, "goals")

    assert cursor is not None
    assert position_of(cursor, "goals") == POSITION
    assert cursor_of(None, "goals") is None


def test_no_changed_cursor_is_read() -> None:
    cursor = cursor_of(POSITION, "goals")
    assert cursor is not None

    for place in range(len(cursor)):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        with pytest.raises(ValueError):  # noqa: PT011 - any of them
            position_of(changed, "goals")


@pytest.mark.parametrize(
    "text", ["", "x", "....", "é", "\ud800", "A" * 401, '{"$gt":""}', "MS4yLjM"]
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        position_of(text, "goals")


def test_a_cursor_is_of_one_list() -> None:
    cursor = cursor_of(POSITION, "goals")
    assert cursor is not None

    with pytest.raises(ValueError, match="not of our making"):
        position_of(cursor, "activities")


def test_every_list_knows_its_own_cursors_and_no_others() -> None:
    queries: dict[str, type[Schema]] = {
        "goals": GoalQuery,
        "activities": ActivityListQuery,
        "sessions": HistoryQuery,
        "goal sessions": page_query("goal sessions"),
        "ledger": page_query("ledger"),
    }
    for name, query in queries.items():
        for other in queries:
            cursor = cursor_of(POSITION, other)
            if other == name:
                assert query().load({"cursor": cursor})["cursor"] == POSITION
            else:
                with pytest.raises(ValidationError, match="Not a cursor of this list"):
                    query().load({"cursor": cursor})
