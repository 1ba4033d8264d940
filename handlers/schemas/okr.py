"""The result of an analysis, version 1: what engines may say, and what clients are shown."""

import math
from collections.abc import Mapping
from typing import Any, get_args

import marshmallow
from marshmallow import ValidationError, fields, pre_load, validate

from domain.okr import dashboard as okr
from domain.okr.dashboard import (
    ANSWERS,
    NUMBER_MAX,
    VERSION,
    Confidence,
    Dashboard,
    Direction,
    Finding,
    KeyResult,
    Language,
    Mood,
    Objective,
    Sentiment,
    Step,
    Theme,
)
from domain.okr.text import cut
from handlers.schemas.common import Schema, StrictInt, Text

ENGINES = ("builtin", "llm")
UNREAD = (
    "empty",
    "no_transcription",
    "transcription_failed",
    "recording_missing",
    "silence",
)
MENTIONS_MAX = 100_000
DECIMALS = 2


class Number(fields.Float):
    """A finite JSON number within `low` and `high`; not a string and not a boolean."""

    def __init__(self, low: float = -NUMBER_MAX, high: float = NUMBER_MAX, **rest: Any) -> None:
        super().__init__(validate=validate.Range(low, high), **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> float:
        if type(value) not in (int, float) or not math.isfinite(value):
            raise ValidationError("Not a number.")
        return float(value)


class Share(Number):
    """From 0 to 1, with two decimals."""

    def __init__(self, low: float = 0.0, **rest: Any) -> None:
        super().__init__(low, 1.0, required=True, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> float:
        return round(super()._deserialize(value, attr, data, **rest), DECIMALS)


def _order(**rest: Any) -> StrictInt:
    return StrictInt(minimum=1, maximum=ANSWERS, required=True, **rest)


def _text(most: int = okr.TEXT_MAX_CHARS, **rest: Any) -> Text:
    return Text(min=1, max=most, required=True, **rest)


def _several(schema: type[Schema], most: int) -> fields.List[Any]:
    return fields.List(fields.Nested(schema), required=True, validate=validate.Length(max=most))


def _one_of(choices: Any) -> Text:
    return Text(max=20, required=True, validate=validate.OneOf(get_args(choices)))


class ObjectiveSchema(Schema):
    """What somebody wants to reach; without text and order where none was found."""

    text = Text(max=okr.TEXT_MAX_CHARS, required=True)
    order = _order(allow_none=True)


class KeyResultSchema(Schema):
    """Something that can be measured; numbers that nobody said are null."""

    text = _text()
    metric = _text(okr.METRIC_MAX_CHARS)
    baseline = Number(required=True, allow_none=True)
    target = Number(required=True, allow_none=True)
    unit = _text(okr.UNIT_MAX_CHARS, allow_none=True)
    direction = _one_of(Direction)
    due = _text(okr.NAME_MAX_CHARS, allow_none=True)
    order = _order()
    confidence = Share()


class ThemeSchema(Schema):
    """What is spoken of, how often, and in which answers."""

    name = _text(okr.NAME_MAX_CHARS)
    mentions = StrictInt(minimum=1, maximum=MENTIONS_MAX, required=True)
    orders = fields.List(_order(), required=True, validate=validate.Length(min=1, max=ANSWERS))


class FindingSchema(Schema):
    """A blocker or a strength, and the answer that it stands in."""

    text = _text()
    order = _order()


class SentimentSchema(Schema):
    """The tone of all answers."""

    label = _one_of(Mood)
    score = Share(-1.0)


class StepSchema(Schema):
    """Something to do next, and why."""

    text = _text()
    reason = _text()


class ConfidenceSchema(Schema):
    """How sure the engine is of each part."""

    objective = Share()
    key_results = Share()
    themes = Share()
    blockers = Share()
    strengths = Share()
    sentiment = Share()
    next_steps = Share()


class DashboardSchema(Schema):
    """What an engine finds."""

    language = _one_of(Language)
    objective = fields.Nested(ObjectiveSchema, required=True)
    key_results = _several(KeyResultSchema, okr.KEY_RESULTS_MAX)
    themes = _several(ThemeSchema, okr.THEMES_MAX)
    blockers = _several(FindingSchema, okr.FINDINGS_MAX)
    strengths = _several(FindingSchema, okr.FINDINGS_MAX)
    sentiment = fields.Nested(SentimentSchema, required=True)
    next_steps = _several(StepSchema, okr.STEPS_MAX)
    confidence = fields.Nested(ConfidenceSchema, required=True)


class SpokenDashboardSchema(DashboardSchema):
    """What a language model says: what is merely too long is cut, all else as strict as ever."""

    @pre_load
    def fit(self, data: Any, **_rest: object) -> Any:
        """Cut lists and texts to what fits, and make one line of each text."""
        return fitted(self, data)


def fitted(schema: marshmallow.Schema, told: Any) -> Any:
    """The members cut to the limits of their fields; what is of another type stays as it is."""
    if not isinstance(told, Mapping):
        return told
    known = {name: field for name, field in schema.fields.items() if name in told}
    return {**told, **{name: _fitted(field, told[name]) for name, field in known.items()}}


def _fitted(field: fields.Field[Any], told: Any) -> Any:
    match field:
        case fields.List() if isinstance(told, list):
            most = [one.max for one in field.validators if isinstance(one, validate.Length)]
            return [_fitted(field.inner, one) for one in told[: most[0] if most else None]]
        case fields.Nested():
            return fitted(field.schema, told)
        case Text() if isinstance(told, str):
            return cut(" ".join(told.split()), field.max_chars)
    return told


class EngineSchema(Schema):
    """Who found it."""

    name = Text(max=20, required=True, validate=validate.OneOf(ENGINES))
    model = Text(min=1, max=200, required=True, allow_none=True)


class UnreadSchema(Schema):
    """An answer that nobody could read, and why."""

    order = _order()
    question_id = StrictInt(minimum=1, required=True)
    reason = Text(max=40, required=True, validate=validate.OneOf(UNREAD))


class ResultSchema(DashboardSchema):
    """A whole result."""

    version = StrictInt(minimum=VERSION, maximum=VERSION, required=True)
    engine = fields.Nested(EngineSchema, required=True)
    unread = _several(UnreadSchema, ANSWERS)


RESULT = ResultSchema()


def checked_result(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let a result pass that keeps to its schema. Raises ValueError."""
    faults = RESULT.validate(result)
    if faults:
        # Which member, and not what it says: that is somebody's own.
        raise ValueError(f"the result does not keep to its schema: {sorted(map(str, faults))}")
    return result


def dashboard_of(told: Mapping[str, Any]) -> Dashboard:
    """What `DashboardSchema` loaded, as the domain has it."""
    return Dashboard(
        language=told["language"],
        objective=Objective(**told["objective"]),
        key_results=[KeyResult(**one) for one in told["key_results"]],
        themes=[Theme(**{**one, "orders": tuple(one["orders"])}) for one in told["themes"]],
        blockers=[Finding(**one) for one in told["blockers"]],
        strengths=[Finding(**one) for one in told["strengths"]],
        sentiment=Sentiment(**told["sentiment"]),
        next_steps=[Step(**one) for one in told["next_steps"]],
        confidence=Confidence(**told["confidence"]),
    )
