"""The strict fields: one spelling each, in and out."""

from typing import Any

import pytest
from hypothesis import given, strategies as st
from marshmallow import ValidationError, fields

from domain.instants import iso
from handlers.schemas import common
from handlers.schemas.common import (
    Instant,
    QueryInt,
    Schema,
    StrictInt,
    Text,
    Uuid,
    first_fault,
)

ID = "6f1d3b1e-0f3a-4c53-9a57-2d7c8f0f5a11"


@pytest.mark.parametrize(
    ("field", "value", "loaded"),
    [
        (StrictInt(), 5, 5),
        (QueryInt(), "-5", -5),
        (Text(max=3), "añ😀", "añ😀"),
        (Text(max=9, multiline=True), "a\n\tb", "a\n\tb"),
        (Text(), "", ""),
        (Uuid(), ID.upper(), ID),
        (Instant(), "2025-01-15T10:30:00Z", 1_736_937_000_000),
        (Instant(), "2025-01-15T10:30:00.1239Z", 1_736_937_000_123),
        (Instant(), "2025-01-15T14:00:00+03:30", 1_736_937_000_000),
        (Instant(allow_none=True), None, None),
    ],
)
def test_a_field_loads_its_one_spelling(
    field: fields.Field[Any], value: object, loaded: object
) -> None:
    assert field.deserialize(value) == loaded


@pytest.mark.parametrize(
    ("field", "values"),
    [
        (StrictInt(minimum=0, maximum=9), [True, "5", 5.0, -1, 10, None, [5], {"$gt": 0}]),
        (QueryInt(maximum=9), [5, "5.0", "\u0665", " 5", "05", "+5", "10", "", "9" * 5000, None]),
        (Text(min=1, max=3), ["", "  ", "abcd", 5, None, {"$ne": None}, "a\n", "\x7f", "\ud800"]),
        (Text(multiline=True), ["\v", "\x1b[31m", "\0"]),
        (Uuid(), [ID[:-1], ID.replace("-", ""), f"{{{ID}}}", f"{ID}\n", 5, None]),
        (
            Instant(),
            [
                "2025-01-15T10:30:00",
                "2025-01-15",
                "2025-02-30T00:00:00Z",
                "20250115T103000Z",
                "1969-12-31T23:59:59Z",
                "2025-01-15T25:00:00Z",
                "0001-01-01T00:00:00+23:59",
                "2025-01-15t10:30:00z",
                "2025-01-15T10:30:00+99:00",
                "٢٠٢٥-01-15T10:30:00Z",
            ],
        ),
        (Instant(), [5, None, "2025-01-15 10:30:00Z", "2025-01-15T10:30:00Z\n"]),
    ],
)
def test_a_field_refuses_every_other(field: fields.Field[Any], values: list[object]) -> None:
    for value in values:
        with pytest.raises(ValidationError):
            field.deserialize(value)


@given(st.integers(0, 253_402_300_799_999))
def test_an_instant_comes_back_as_it_went(at_ms: int) -> None:
    assert Instant().deserialize(iso(at_ms)) == at_ms


class Inner(Schema):
    """Inside."""

    a = StrictInt()


class Outer(Schema):
    """Outside."""

    inner = fields.Nested(Inner)
    at = Instant(allow_none=True)


def test_a_schema_refuses_what_it_does_not_name_at_any_level() -> None:
    with pytest.raises(ValidationError):
        Outer().load({"more": 1})
    with pytest.raises(ValidationError) as refused:
        Outer().load({"inner": {"b": 1}})

    assert first_fault(refused.value.messages_dict) == "inner.b: Unknown field."


def test_a_schema_dumps_instants_and_their_absence() -> None:
    assert Outer().dump({"at": None}) == {"at": None}
    assert Outer().dump({"at": 0}) == {"at": "1970-01-01T00:00:00Z"}


def test_more_validation_can_be_added_to_text() -> None:
    def no_x(value: str) -> None:
        if "x" in value:
            raise ValidationError("no x")

    with pytest.raises(ValidationError):
        Text(validate=no_x).deserialize("x")
    assert first_fault({"_schema": ["odd"]}) == "odd"
    assert common.Empty().load({}) == {}
