"""What a language model may answer; everything else is refused."""

import math
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from domain.rates import DIMENSIONS
from domain.week_words import SUMMARY_MAX_CHARS, is_plain
from handlers.schemas.common import Schema, Text

EXPLANATION_MAX_CHARS = 200
WEIGHT_MAX = 1_000_000


class Weight(fields.Float):
    """A finite number from 0 on; not a string and not a boolean."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> float:
        if type(value) not in (int, float) or not math.isfinite(value):
            raise ValidationError("Not a number.")
        if not 0 <= value <= WEIGHT_MAX:
            raise ValidationError("Out of range.")
        return float(value)


def _printable(text: str) -> None:
    if not text.isprintable():
        raise ValidationError("Holds characters that do not print.")


def _plain(text: str) -> None:
    if not is_plain(text):
        raise ValidationError("Not a line of plain text.")


class OpinionSchema(Schema):
    """Five weights and a sentence."""

    physique = Weight(required=True)
    energy = Weight(required=True)
    logic = Weight(required=True)
    creativity = Weight(required=True)
    social = Weight(required=True)
    explanation = Text(required=True, min=1, max=EXPLANATION_MAX_CHARS, validate=_printable)

    @validates_schema
    def not_all_zero(self, data: Mapping[str, Any], **_: Any) -> None:
        """Nothing could be shared out in no proportion."""
        if not any(data.get(name) for name in DIMENSIONS):
            raise ValidationError("All weights are 0.")


class SummarySchema(Schema):
    """A few sentences."""

    summary = Text(required=True, min=1, max=SUMMARY_MAX_CHARS, validate=_plain)
