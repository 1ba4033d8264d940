"""Pages of a list: a limit, and an opaque cursor that says where the next page begins."""

import base64
import hashlib
from typing import Any

from marshmallow import ValidationError, fields

from handlers.schemas.common import LATEST_MS, QueryInt, Schema
from storage.mongo.catalogue import Position
from storage.mongo.client import instant, milliseconds

LIMIT_DEFAULT, LIMIT_MAX = 50, 100
CURSOR_MAX_CHARS = 400
CHECK_CHARS = 8
ID_MAX_CHARS = 160


class Cursor(fields.String):
    """The `next` of an earlier page; loaded as a `Position`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        try:
            return position_of(super()._deserialize(value, attr, data, **rest))
        except ValueError as fault:
            raise ValidationError("Not a cursor of this list.") from fault


class PageQuery(Schema):
    """Which page of a list, and how long."""

    limit = QueryInt(minimum=1, maximum=LIMIT_MAX, load_default=LIMIT_DEFAULT)
    cursor = Cursor(load_default=None)


def cursor_of(position: Position | None) -> str | None:
    """Write a position so that clients can pass it back but not make one up by accident."""
    if position is None:
        return None
    text = f"{milliseconds(position.created_at)}.{position.id}"
    return base64.urlsafe_b64encode(f"{_check(text)}.{text}".encode()).decode().rstrip("=")


def position_of(cursor: str) -> Position:
    """Read what `cursor_of` wrote; raises `ValueError` for anything else."""
    if len(cursor) > CURSOR_MAX_CHARS:
        raise ValueError("too long")
    padded = cursor + "=" * (-len(cursor) % 4)
    check, at_ms, item_id = base64.urlsafe_b64decode(padded.encode("ascii")).decode().split(".", 2)
    if check != _check(f"{at_ms}.{item_id}") or not 0 <= int(at_ms) <= LATEST_MS:
        raise ValueError("not of our making")
    if not 0 < len(item_id) <= ID_MAX_CHARS or not item_id.isprintable():
        raise ValueError("no id")
    position = Position(created_at=instant(int(at_ms)), id=item_id)
    if cursor_of(position) != cursor:
        raise ValueError("not in its one form")
    return position


def _check(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:CHECK_CHARS]
