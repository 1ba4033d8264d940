"""docs/analysis.md and the schema that checks results say the same."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from marshmallow import fields

from domain.okr import dashboard as okr
from handlers.schemas.okr import ENGINES, UNREAD, ResultSchema

TEXT = (Path(__file__).parents[2] / "docs" / "analysis.md").read_text(encoding="utf-8")
TICKED = re.compile(r"`([^`]+)`")


def rows() -> dict[str, set[str]]:
    """Member → what is between back-ticks of it."""
    rest = TEXT.partition("<!-- table: result -->\n")[2].partition("\n\n")[0]
    cells = [line.strip("|").split("|") for line in rest.splitlines()[2:]]
    return {member.strip(" `"): set(TICKED.findall(told)) for member, told in cells}


def inside(field: fields.Field[Any]) -> set[str]:
    """The members of what a member holds."""
    inner = field.inner if isinstance(field, fields.List) else field
    return set(inner.schema.fields) if isinstance(inner, fields.Nested) else set()


def test_the_members_are_those_of_the_schema() -> None:
    assert rows().keys() == ResultSchema().fields.keys()


@pytest.mark.parametrize(
    "member", ["engine", "objective", "key_results", "themes", "blockers", "sentiment", "unread"]
)
def test_what_a_member_holds_is_named(member: str) -> None:
    assert inside(ResultSchema().fields[member]) <= rows()[member]


def test_choices_and_limits_are_named() -> None:
    told = rows()

    assert set(get_args(okr.Language)) == told["language"]
    assert set(get_args(okr.Direction)) < told["key_results"]
    assert set(get_args(okr.Mood)) < told["sentiment"]
    assert set(ENGINES) < told["engine"]
    assert set(UNREAD) < told["unread"]
    for member, most in (
        ("key_results", okr.KEY_RESULTS_MAX),
        ("themes", okr.THEMES_MAX),
        ("blockers", okr.FINDINGS_MAX),
        ("next_steps", okr.STEPS_MAX),
    ):
        assert f"| `{member}` | at most {most}: " in TEXT
    assert f"Version **{okr.VERSION}**" in TEXT
