"""Strict marshmallow fields: a value is what it claims to be, or it is refused."""

import re
import unicodedata
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import marshmallow
from marshmallow import ValidationError, fields, validate

from domain.booking import XP_FIELDS
from domain.errors import InvalidInput
from domain.instants import EPOCH, MILLISECOND, iso
from handlers.strict_json import INT64_MAX, INT64_MIN

LATEST_MS = 253_402_300_799_999  # the last one that can be written with four digits of year
INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
DIGITS = re.compile(r"-?(0|[1-9][0-9]{0,18})", re.ASCII)


CROWD = 20
"""So many members that no schema names are told one by one; more are refused unseen."""


class Schema(marshmallow.Schema):
    """Base of every schema: fields it does not name are refused."""

    class Meta:
        """Unknown fields are faults of the caller, not noise."""

        unknown = marshmallow.RAISE

    @marshmallow.pre_load
    def refuse_crowd(self, data: Any, **_rest: object) -> Any:
        """Refuse what has far too many members before any of them is looked at."""
        if isinstance(data, Mapping) and len(data) > len(self.fields) + CROWD:
            raise ValidationError("Has too many members.")
        return data


XP_AMOUNTS = {name: fields.Integer() for name in XP_FIELDS}
"""XP in all and in each dimension; as `include` of a schema's Meta it stands behind the rest."""


COUNTERS = {
    "total_messages_sent": fields.Integer(),
    "total_conversations": fields.Integer(),
    "average_response_time": fields.Float(
        metadata={"description": "Mean of all that were told, in seconds; 0 without any."}
    ),
}
"""What was done in a chat; to be included as `XP_AMOUNTS`."""


class Few(fields.List[Any]):
    """A list of at most `most` members: its length comes first, since each costs time."""

    def __init__(self, inner: fields.Field[Any], *, most: int, **rest: Any) -> None:
        super().__init__(inner, **rest)
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > self.most:
            raise ValidationError(f"Has more than {self.most} members.")
        return super()._deserialize(value, attr, data, **rest)


class Empty(Schema):
    """No fields at all."""


class StrictInt(fields.Integer):
    """A JSON integer within `minimum` and `maximum`; not a string, a float or a boolean."""

    def __init__(self, *, minimum: int = INT64_MIN, maximum: int = INT64_MAX, **rest: Any) -> None:
        super().__init__(strict=True, validate=_within(minimum, maximum), **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> int:
        if type(value) is not int:
            raise ValidationError("Not an integer.")
        return value


class QueryInt(fields.Integer):
    """An integer in a query string: ASCII digits, no sign but a minus, no leading zeros."""

    def __init__(self, *, minimum: int = INT64_MIN, maximum: int = INT64_MAX, **rest: Any) -> None:
        super().__init__(validate=_within(minimum, maximum), **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> int:
        if not isinstance(value, str) or not DIGITS.fullmatch(value):
            raise ValidationError("Not an integer.")
        return int(value)


class Seconds(fields.Float):
    """A time in seconds as a JSON number; not text or a boolean that might be meant so."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Not a number.")
        return float(value)


class Flag(fields.Boolean):
    """JSON's true or false; not a string or a number that might be meant so."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Not true or false.")
        return value


class Text(fields.String):
    """A string of `min` to `max` characters without control characters.

    `multiline` lets tabs and ends of lines through, the latter as line feeds. Text that must not be empty must not be blank.
    """

    def __init__(
        self,
        *,
        min: int = 0,  # noqa: A002 - reads as prose at the call
        max: int = 255,  # noqa: A002
        multiline: bool = False,
        **rest: Any,
    ) -> None:
        length = validate.Length(min=min, max=max)
        more = rest.pop("validate", ())
        super().__init__(validate=[length, *([more] if callable(more) else more)], **rest)
        self.min_chars, self.max_chars = min, max
        self.allowed = frozenset("\n\t") if multiline else frozenset()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("Not a string.")
        text = value
        if "\n" in self.allowed:
            # Forms of browsers end every line with both.
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        # The length comes first, so that no later look at the text can be made expensive.
        if len(text) > self.max_chars:
            raise ValidationError(f"Longer than {self.max_chars} characters.")
        if self.min_chars and not text.strip():
            raise ValidationError("Must not be blank.")
        if any(unicodedata.category(c) in ("Cc", "Cs") for c in text if c not in self.allowed):
            raise ValidationError("Holds control characters.")
        return text


class Uuid(fields.String):
    """A UUID in its 36-character form; loaded and dumped as lower-case text."""

    def __init__(self, **rest: Any) -> None:
        rest["metadata"] = {"format": "uuid", **rest.get("metadata", {})}
        super().__init__(**rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        if not isinstance(value, str) or not UUID.fullmatch(value):
            raise ValidationError("Not a UUID.")
        return str(uuid.UUID(value))


class Instant(fields.Field[int]):
    """An instant: ISO-8601 with a zone on the wire, integer ms since 1970 inside."""

    def __init__(self, **rest: Any) -> None:
        rest["metadata"] = {"example": "2025-01-15T10:30:00Z", **rest.get("metadata", {})}
        super().__init__(**rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> int:
        if not isinstance(value, str) or not INSTANT.fullmatch(value):
            raise ValidationError("Not an instant: write 2025-01-15T10:30:00Z.")
        try:
            elapsed = datetime.fromisoformat(value) - EPOCH
        except (ValueError, OverflowError) as fault:
            raise ValidationError("No such instant.") from fault
        if elapsed < timedelta(0):
            raise ValidationError("Before 1970.")
        if elapsed > LATEST_MS * MILLISECOND:
            raise ValidationError("After the year 9999.")
        return elapsed // MILLISECOND

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **rest: Any) -> str | None:
        return None if value is None else iso(value)


class SpanQuery(Schema):
    """A span of time in which sessions began."""

    from_ms = Instant(
        data_key="from", load_default=None, metadata={"description": "Started then or later."}
    )
    to_ms = Instant(data_key="to", load_default=None, metadata={"description": "Started before."})

    @marshmallow.validates_schema
    def check_order(self, data: Mapping[str, Any], **_rest: object) -> None:
        """Refuse a span that ends before it begins."""
        begin, end = data.get("from_ms"), data.get("to_ms")
        if begin is not None and end is not None and end < begin:
            raise ValidationError("Before `from`.", "to")


def checked(schema: marshmallow.Schema, sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, as the schema loads it. Raises InvalidInput."""
    try:
        return dict(cast(Mapping[str, Any], schema.load(sent)))
    except ValidationError as fault:
        errors: dict[str, Any] = cast(Any, fault).normalized_messages()
        raise InvalidInput(first_fault(errors), errors) from fault


def first_fault(errors: Mapping[str, object], path: str = "") -> str:
    """Say the first of marshmallow's messages in one line: `field: what is wrong`."""
    for key, fault in errors.items():
        where = path if key == "_schema" else f"{path}.{key}" if path else str(key)
        if isinstance(fault, Mapping):
            return first_fault(fault, where)
        message = fault[0] if isinstance(fault, list) and fault else fault
        return f"{where}: {message}" if where else str(message)
    return "The request is not valid."


def _within(minimum: int, maximum: int) -> validate.Range:
    return validate.Range(min=minimum, max=maximum)
