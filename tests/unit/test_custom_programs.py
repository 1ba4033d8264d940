"""The rules of custom programs: their content, their versions, the codes they are shared by."""

import math
from typing import Any

import pytest
from hypothesis import given, strategies as st
from marshmallow import ValidationError

from domain import custom_programs
from domain.custom_programs import (
    CODE_ALPHABET,
    CODE_CHARS,
    DAYS_MAX,
    FIELDS,
    changed,
    content,
    read_code,
    written,
)
from handlers.schemas.custom_programs import CustomProgramBody, Line, Listed
from handlers.schemas.programs import QUESTION_MAX_CHARS
from storage.mongo.program_records import program_from
from storage.mongo.program_seeds import built_in_programs, content_document

DAY = {"title": "Begin", "focus_duration": 1, "tasks": ["Sit down"]}
TOLD: dict[str, Any] = CustomProgramBody().load({"name": "Two", "days": [DAY, {**DAY}]})
CODES = st.text(CODE_ALPHABET, min_size=CODE_CHARS, max_size=CODE_CHARS)


def test_days_get_their_place_as_their_number() -> None:
    assert [day["day_number"] for day in content(TOLD)["days"]] == [1, 2]
    assert [*TOLD["days"][0]] == [
        *CustomProgramBody().load({"name": "x", "days": [DAY]})["days"][0]
    ]


def test_the_type_and_the_missing_picture_are_not_the_makers_to_say() -> None:
    told = TOLD | {"program_type": "14_day", "cover_image_url": "https://example.org/x.png"}

    assert content(told) == content(TOLD)
    assert {*content(TOLD)} == {*FIELDS, "program_type", "cover_image_url"}


def test_a_change_keeps_what_it_leaves_out_and_replaces_days_as_a_whole() -> None:
    before = content(TOLD)
    (day,) = CustomProgramBody().load({"name": "x", "days": [{**DAY, "title": "Only"}]})["days"]
    after = changed(before, {"days": [day]})

    assert changed(before, {}) == before
    assert {name for name in after if after[name] != before[name]} == {"days"}
    assert after["days"] == [{**day, "day_number": 1}]


def test_days_that_move_are_numbered_anew() -> None:
    before = content(TOLD | {"days": [{**DAY, "title": str(number)} for number in range(3)]})
    after = changed(before, {"days": before["days"][::-1]})

    assert [(day["day_number"], day["title"]) for day in after["days"]] == [
        (1, "2"), (2, "1"), (3, "0"),
    ]  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_makes_a_version_of_its_own(field: str) -> None:
    other: dict[str, Any] = {"is_pro_only": True, "objectives": ["x"], "days": TOLD["days"][:1]}
    before = content_document(1001, "ada", content(TOLD))
    after = content_document(1001, "ada", changed(before, {field: other.get(field, "other")}))

    assert after["version"] != before["version"]
    assert content_document(1001, "ada", changed(after, {field: TOLD[field]})) == before


def test_a_version_is_read_as_a_program_of_its_maker() -> None:
    program = program_from(content_document(1001, "ada", content(TOLD)))

    assert (program.type, program.duration_days, program.cover_image_url) == ("custom", 2, None)
    assert (program.open_to("ada"), program.open_to("bob")) == (True, False)


def test_built_in_programs_leave_the_numbers_of_custom_ones_free() -> None:
    ids = [program["program_id"] for program in built_in_programs()]

    assert max(ids) < custom_programs.FIRST_NUMBER


def test_what_comes_with_the_service_could_have_been_made_by_a_user() -> None:
    for program in built_in_programs():
        days = [
            {name: day[name] for name in day if name != "day_number"} for day in program["days"]
        ]
        told = {**{name: program[name] for name in FIELDS}, "days": days}

        assert CustomProgramBody().load(told) == told


def test_a_question_can_be_answered_whatever_its_length() -> None:
    assert custom_programs.LINE_MAX_CHARS <= QUESTION_MAX_CHARS


def test_a_code_has_64_bits_and_no_two_characters_alike() -> None:
    assert CODE_CHARS * math.log2(len(CODE_ALPHABET)) >= 64
    assert len({*CODE_ALPHABET}) == len(CODE_ALPHABET)
    for alike in ("0O", "1IL", "UV"):
        assert len({*alike} & {*CODE_ALPHABET}) <= 1, alike


@given(CODES)
def test_a_code_is_read_as_it_is_written(code: str) -> None:
    assert read_code(written(code)) == read_code(written(code).lower()) == read_code(code) == code


@given(st.one_of(st.text(max_size=20), CODES.map(lambda code: code[:-1])))
def test_what_is_no_code_is_none(text: str) -> None:
    found = read_code(text)

    assert found is None or (text.isascii() and found == text.replace("-", "").upper())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "2" * 15,
        "2" * 17,
        "2" * 15 + "0",
        "2" * 15 + "o",
        "2" * 15 + "\u017f",
        "ß" * 8,
        "2 " * 8,
    ],
)
def test_letters_that_only_look_like_those_of_a_code_are_none(text: str) -> None:
    assert read_code(text) is None


def test_a_code_is_written_in_groups() -> None:
    assert written("K7QM2X9TABCDEFGH") == "K7QM-2X9T-ABCD-EFGH"


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\u2800\u3164", "a\nb", "x" * 301, 5, None])
def test_a_line_is_refused_that_nobody_can_read(text: object) -> None:
    with pytest.raises(ValidationError):
        Line().deserialize(text)


@pytest.mark.parametrize("value", [[], ["x"] * 3, "xx", {"0": "x"}, None, [["x"]], [None]])
def test_a_list_has_its_length_and_its_items(value: object) -> None:
    with pytest.raises(ValidationError):
        Listed(Line(), min=1, max=2).deserialize(value)


def test_a_list_that_is_too_long_is_not_looked_into() -> None:
    with pytest.raises(ValidationError) as fault:
        CustomProgramBody().load({"name": "x", "days": [{}] * (DAYS_MAX + 1)})

    assert fault.value.messages == {"days": [f"More than {DAYS_MAX}."]}
