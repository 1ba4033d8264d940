"""What cannot be a custom program, a change of one, or a page of them."""

from typing import Any

import pytest

from domain.custom_programs import DAYS_MAX
from handlers.schemas.custom_programs import LIST_NAME
from handlers.schemas.paging import cursor_of
from storage.mongo.catalogue import Position
from storage.mongo.client import instant
from tests.maker import CUSTOM, FIRST_DAY, PROGRAM, SECOND_DAY, edit, made, path
from tests.person import Person


def day(**changes: object) -> dict[str, object]:
    """Two days, the second of them with these changes."""
    return {"days": [SECOND_DAY, {**SECOND_DAY, **changes}]}


BAD_DAYS: list[tuple[dict[str, Any], str]] = [
    (day(title=""), "title"),
    (day(title="\u200b\u2060"), "title"),
    (day(title="two\nlines"), "title"),
    (day(title="x" * 121), "title"),
    (day(description="x" * 2001), "description"),
    (day(description=None), "description"),
    (day(focus_duration=0), "focus_duration"),
    (day(focus_duration=721), "focus_duration"),
    (day(focus_duration=1.0), "focus_duration"),
    (day(focus_duration=True), "focus_duration"),
    (day(focus_duration="25"), "focus_duration"),
    (day(tasks=[]), "tasks"),
    (day(tasks=["x"] * 11), "tasks"),
    (day(tasks=["x", " "]), "tasks"),
    (day(tasks=["x" * 301]), "tasks"),
    (day(tasks=[["x"]]), "tasks"),
    (day(tasks="Sit down"), "tasks"),
    (day(tasks={"0": "x"}), "tasks"),
    (day(tips=["x"] * 11), "tips"),
    (day(tips=None), "tips"),
    (day(reflection_prompts=["x"] * 11), "reflection_prompts"),
    (day(reflection_prompts=["a\tb"]), "reflection_prompts"),
    (day(day_number=2), "day_number"),
]
BAD_PROGRAMS: list[tuple[dict[str, Any], str]] = [
    ({"name": " "}, "name"),
    ({"name": "x" * 101}, "name"),
    ({"name": None}, "name"),
    ({"description": 5}, "description"),
    ({"objectives": ["x"] * 11}, "objectives"),
    ({"objectives": [None]}, "objectives"),
    ({"icon": ""}, "icon"),
    ({"icon": "🎯" * 17}, "icon"),
    ({"color": "green"}, "color"),
    ({"is_pro_only": 1}, "is_pro_only"),
    ({"days": []}, "days"),
    ({"days": [SECOND_DAY] * (DAYS_MAX + 1)}, "days"),
    ({"days": {"1": SECOND_DAY}}, "days"),
    ({"days": ["Sit down"]}, "days"),
    ({"cover_image_url": "https://example.org/x.png"}, "cover_image_url"),
    ({"program_type": "14_day"}, "program_type"),
    ({"status": "archived"}, "status"),
    ({"owner": "bob"}, "owner"),
    ({"id": 1}, "id"),
    ({"share_code": "K7QM"}, "share_code"),
    ({"version": "0" * 16}, "version"),
]


@pytest.mark.gen_test
async def test_what_cannot_be_a_program_is_refused_field_by_field(ada: Person) -> None:
    program = await made(ada)
    for changes, field in BAD_DAYS:
        for answer in (
            await ada.post(CUSTOM, {**PROGRAM, **changes}),
            await edit(ada, program, **changes),
        ):
            assert (answer.status, answer.code) == (400, "invalid_input"), changes
            assert [*answer.body["errors"]["days"]["1"]] == [field], changes
    for changes, field in BAD_PROGRAMS:
        answer = await ada.post(CUSTOM, {**PROGRAM, **changes})
        assert (answer.status, [*answer.body["errors"]]) == (400, [field]), changes
    for missing in ("name", "days"):
        answer = await ada.post(
            CUSTOM, {name: PROGRAM[name] for name in PROGRAM if name != missing}
        )
        assert [*answer.body["errors"]] == [missing]
    assert (await ada.get(CUSTOM)).body["results"] == [
        {name: program[name] for name in program if name != "days"}
    ]


@pytest.mark.gen_test
async def test_a_change_of_nothing_known_is_refused(ada: Person) -> None:
    program = await made(ada)
    for changes in (
        {},
        {"if_version": program["version"]},
        {"if_version": "newest", "name": "x"},
        {"status": "shared"},
        {"program_type": "custom"},
        {"name": None},
    ):
        assert (await edit(ada, program, **changes)).status == 400, changes
    assert (await ada.get(path(program))).body == program


@pytest.mark.gen_test
async def test_a_year_of_days_fits_and_what_is_larger_than_a_request_may_be_does_not(
    ada: Person,
) -> None:
    longest = await made(ada, days=[SECOND_DAY] * DAYS_MAX)
    heavy = {**FIRST_DAY, "tasks": ["x" * 300] * 10}
    refused = await ada.post(CUSTOM, {**PROGRAM, "days": [heavy] * 100})

    assert longest["duration_days"] == DAYS_MAX
    assert [day["day_number"] for day in longest["days"]] == [*range(1, DAYS_MAX + 1)]
    assert (refused.status, refused.code) == (413, "too_large")


@pytest.mark.gen_test
async def test_pages_that_are_none_are_refused(ada: Person) -> None:
    forged = [
        cursor_of(Position(created_at=instant(1), id=number), LIST_NAME)
        for number in ("x", "-1", "1.5", "9" * 30, "٣")
    ]
    foreign = cursor_of(Position(created_at=instant(1), id="1001"), "goals")
    for query in (
        *(f"cursor={cursor}" for cursor in (*forged, foreign)),
        "limit=0", "status=shared", "owner=bob",
    ):  # fmt: skip
        assert (await ada.get(f"{CUSTOM}?{query}")).status == 400, query
