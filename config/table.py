"""The settings as the table of docs/settings.md: made from the declarations themselves."""

import dataclasses
import sys

from config.knobs import Knob, env_name, knob_of
from config.settings import Settings, plain


def markdown() -> str:
    """One row per setting: variable, default, accepted values, meaning."""
    head = ["| variable | default | accepted | meaning |", "|---|---|---|---|"]
    rows = [
        f"| `{env_name(field.name)}` | {_default(field.default, knob_of(field))}"
        f" | {_accepted(field, knob_of(field))} | {knob_of(field).meaning} |"
        for field in dataclasses.fields(Settings)
    ]
    return "\n".join([*head, *rows]) + "\n"


def _default(value: object, knob: Knob) -> str:
    if knob.shown is not None:
        return knob.shown
    if value is None or value == ():
        return "unset"
    return f"`{plain(value)}`"


def _accepted(field: "dataclasses.Field[object]", knob: Knob) -> str:
    if knob.choices:
        return ", ".join(f"`{choice}`" for choice in knob.choices)
    if knob.low is not None and knob.high is not None:
        unit = " s" if field.name.endswith("_s") and not field.name.endswith("_per_s") else ""
        return f"{knob.low:g}–{knob.high:.15g}{unit}"  # noqa: RUF001  # a range is set with a dash
    return "0, 1" if isinstance(field.default, bool) else ""


if __name__ == "__main__":
    sys.stdout.write(markdown())
