"""Pages of a list: a limit, and an opaque cursor that says where the next page begins."""

import base64
import hashlib
from typing import Any

import marshmallow
from marshmallow import ValidationError, fields

from handlers.schemas.common import LATEST_MS, QueryInt, Schema
from storage.mongo.catalogue import Position
from storage.mongo.client import instant, milliseconds

LIMIT_DEFAULT, LIMIT_MAX = 50, 100
CURSOR_MAX_CHARS = 400
CHECK_CHARS = 8
ID_MAX_CHARS = 160


class Cursor(fields.String):
    """The `next` of an earlier page of one list; loaded as a `Position`."""

    def __init__(self, list_name: str) -> None:
        """Take the name of the list, as `cursor_of` is told it; clients do not see it."""
        about = {"description": "The `next` of the page before; without it the first page."}
        super().__init__(load_default=None, metadata=about)
        self.list_name = list_name

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        try:
            return position_of(super()._deserialize(value, attr, data, **rest), self.list_name)
        except ValueError as fault:
            raise ValidationError("Not a cursor of this list.") from fault


class PageQuery(Schema):
    """How long a page is; every list adds the `Cursor` that says which one."""

    limit = QueryInt(
        minimum=1,
        maximum=LIMIT_MAX,
        load_default=LIMIT_DEFAULT,
        metadata={"description": "How many at most."},
    )


def page_query(list_name: str) -> type[marshmallow.Schema]:
    """Make the query of a list of which nothing but pages can be asked for."""
    return PageQuery.from_dict({"cursor": Cursor(list_name)}, name=f"PageQuery of {list_name}")


def cursor_of(position: Position | None, list_name: str) -> str | None:
    """Write a position in a list so that it can be passed back, but not made up by accident."""
    if position is None:
        return None
    text = f"{milliseconds(position.created_at)}.{position.id}"
    checked = f"{_check(text, list_name)}.{text}"
    return base64.urlsafe_b64encode(checked.encode()).decode().rstrip("=")


def position_of(cursor: str, list_name: str) -> Position:
    """Read what `cursor_of` wrote of the same list; raises `ValueError` for anything else."""
    if len(cursor) > CURSOR_MAX_CHARS:
        raise ValueError("too long")
    padded = cursor + "=" * (-len(cursor) % 4)
    check, at_ms, item_id = base64.urlsafe_b64decode(padded.encode("ascii")).decode().split(".", 2)
    if check != _check(f"{at_ms}.{item_id}", list_name) or not 0 <= int(at_ms) <= LATEST_MS:
        raise ValueError("not of our making")
    if not 0 < len(item_id) <= ID_MAX_CHARS or not item_id.isprintable():
        raise ValueError("no id")
    position = Position(created_at=instant(int(at_ms)), id=item_id)
    if cursor_of(position, list_name) != cursor:
        raise ValueError("not in its one form")
    return position


def _check(text: str, list_name: str) -> str:
    return hashlib.sha256(f"{list_name}\n{text}".encode()).hexdigest()[:CHECK_CHARS]
