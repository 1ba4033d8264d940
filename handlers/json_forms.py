"""What a language model is told of the form of its answer: the JSON Schema of a schema of ours.

Only what "strict" answers know of: objects whose members are all required, lists, plain types,
null, and lists of choices. What is narrower is checked when the answer is there.
"""

from typing import Any

from marshmallow import Schema, fields, validate


def form_of(schema: Schema) -> dict[str, Any]:
    """Describe an object with all of its members."""
    members = {field.data_key or name: _form(field) for name, field in schema.fields.items()}
    return {
        "type": "object",
        "properties": members,
        "required": [*members],
        "additionalProperties": False,
    }


def _form(field: fields.Field[Any]) -> dict[str, Any]:
    match field:
        case fields.Nested():
            return form_of(field.schema)
        case fields.List():
            return {"type": "array", "items": _form(field.inner)}
        case fields.Integer():
            told: dict[str, Any] = {"type": "integer"}
        case fields.Float():
            told = {"type": "number"}
        case fields.String():
            told = {"type": "string"}
        case _:
            raise TypeError(f"{type(field).__name__} cannot be asked for")
    choices = [one.choices for one in field.validators if isinstance(one, validate.OneOf)]
    if choices:
        told["enum"] = [*choices[0]]
    if field.allow_none:
        told = {"anyOf": [told, {"type": "null"}]}
    return told
