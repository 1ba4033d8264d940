"""The content of the focus programs: what people read, day by day."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

Told = dict[str, Any]

SEEDS: Final = Path(__file__).parents[2] / "storage" / "mongo" / "seeds" / "programs"
FILES: Final = {"14_day": SEEDS / "14-day.json", "30_day": SEEDS / "30-day.json"}
DAYS: Final = {"14_day": 14, "30_day": 30}

PROGRAM_KEYS: Final = [
    "id",
    "program_type",
    "name",
    "description",
    "objectives",
    "is_pro_only",
    "icon",
    "color",
    "cover_image_url",
    "days",
]
DAY_KEYS: Final = [
    "day_number",
    "title",
    "description",
    "focus_duration",
    "tasks",
    "tips",
    "reflection_prompts",
]
COUNTS: Final = {"tasks": (3, 5), "tips": (2, 4), "reflection_prompts": (2, 3)}
"""How many of each a day has, at least and at most."""
LENGTHS: Final = {
    "title": 80,
    "description": 600,
    "tasks": 120,
    "tips": 200,
    "reflection_prompts": 200,
}
"""How many characters each text of a day may have."""

FOCUS: Final = re.compile(r"Focus session: \d+ minutes|Focus sessions: \d+( \+ \d+){1,2} minutes")
LONGEST_STRETCH: Final = 50  # minutes; longer focus is split into several sessions
SENTENCE_END: Final = re.compile(r'[.?!]"?(?= |$)')
YES_OR_NO: Final = re.compile(r"(Did|Do|Does|Is|Are|Was|Were|Has|Have|Had|Can|Could|Will|Would)\b")


@pytest.fixture(params=FILES)
def program(request: pytest.FixtureRequest) -> Told:
    """Each program, as its file tells it."""
    return read(request.param)


def read(program_type: str) -> Told:
    """The program of this type."""
    told: Told = json.loads(FILES[program_type].read_text(encoding="utf-8"))
    return told


def texts_of(day: Told) -> Iterator[tuple[str, str]]:
    """Each text of a day, with the key it stands under."""
    for key in LENGTHS:
        told = day[key]
        for text in [told] if isinstance(told, str) else told:
            yield key, text


def all_texts(program: Told) -> list[str]:
    """All texts that people read of a program."""
    own = [program["name"], program["description"], *program["objectives"]]
    return own + [text for day in program["days"] for _, text in texts_of(day)]


def focus_tasks(day: Told) -> list[str]:
    """The tasks of a day that name a focus session."""
    return [task for task in day["tasks"] if "focus session" in task.lower()]


def stretches(day: Told) -> list[int]:
    """The minutes of each focus session that the tasks of a day name."""
    return [int(minutes) for task in focus_tasks(day) for minutes in re.findall(r"\d+", task)]


def minutes_of(program: Told) -> list[int]:
    """The focus minutes of each day."""
    return [day["focus_duration"] for day in program["days"]]


def repeated(texts: Sequence[str], *, times: int = 1) -> list[str]:
    """The texts that are there more than so many times."""
    return [text for text, found in Counter(texts).items() if found > times]


@pytest.mark.parametrize(
    ("program_type", "told"),
    [
        (
            "14_day",
            {
                "id": 1,
                "name": "14-Day Focus Challenge",
                "is_pro_only": False,
                "icon": "🎯",
                "color": "#3B82F6",
                "cover_image_url": None,
            },
        ),
        (
            "30_day",
            {
                "id": 2,
                "name": "30-Day Focus Mastery",
                "is_pro_only": True,
                "icon": "🚀",
                "color": "#10B981",
                "cover_image_url": None,
            },
        ),
    ],
)
def test_a_program_is_the_one_that_the_apps_know(program_type: str, told: Told) -> None:
    expected = {"program_type": program_type, **told}

    assert read(program_type).items() >= expected.items()


@pytest.mark.parametrize(
    ("program_type", "description", "objective"),
    [
        ("14_day", "Build consistent focus habits", "Develop daily focus routine"),
        ("30_day", "Transform your productivity", "Master deep work techniques"),
    ],
)
def test_a_program_opens_with_the_words_that_the_apps_know(
    program_type: str, description: str, objective: str
) -> None:
    program = read(program_type)

    assert program["description"].startswith(description)
    assert program["objectives"][0] == objective


@pytest.mark.parametrize("program_type", FILES)
def test_files_are_plain_text_with_two_spaces_of_indentation(program_type: str) -> None:
    plain = json.dumps(read(program_type), ensure_ascii=False, indent=2) + "\n"

    assert FILES[program_type].read_bytes() == plain.encode()


def test_there_are_no_other_programs() -> None:
    assert set(SEEDS.glob("*.json")) == set(FILES.values())


def test_a_program_has_its_keys_in_order(program: Told) -> None:
    assert list(program) == PROGRAM_KEYS


def test_each_day_has_its_keys_in_order(program: Told) -> None:
    assert [day["day_number"] for day in program["days"] if list(day) != DAY_KEYS] == []


def test_days_are_numbered_from_one_to_the_last(program: Told) -> None:
    last = DAYS[program["program_type"]]

    assert [day["day_number"] for day in program["days"]] == list(range(1, last + 1))


def test_titles_start_with_the_number_of_their_day(program: Told) -> None:
    for day in program["days"]:
        assert re.fullmatch(rf"Day {day['day_number']}: \S.*", day["title"])


@pytest.mark.parametrize("key", ["title", "description"])
def test_no_day_repeats_the_title_or_the_description_of_another(program: Told, key: str) -> None:
    told = [day[key].removeprefix(f"Day {day['day_number']}: ") for day in program["days"]]

    assert repeated(told) == []


def test_no_task_but_the_focus_session_is_on_more_than_two_days(program: Told) -> None:
    tasks = [task for day in program["days"] for task in day["tasks"] if not FOCUS.fullmatch(task)]

    assert repeated(tasks, times=2) == []


@pytest.mark.parametrize("key", ["tips", "reflection_prompts"])
def test_no_tip_or_prompt_is_told_twice(program: Told, key: str) -> None:
    assert repeated([text for day in program["days"] for text in day[key]]) == []


def test_the_two_programs_share_nothing_but_the_form_of_focus_sessions() -> None:
    challenge, mastery = (set(all_texts(read(program_type))) for program_type in FILES)

    assert {text for text in challenge & mastery if not FOCUS.fullmatch(text)} == set()


@pytest.mark.parametrize("key", COUNTS)
def test_a_day_has_neither_too_little_nor_too_much(program: Told, key: str) -> None:
    least, most = COUNTS[key]

    for day in program["days"]:
        assert least <= len(day[key]) <= most, day["title"]


def test_a_day_lists_nothing_twice(program: Told) -> None:
    for day in program["days"]:
        assert repeated([text for _, text in texts_of(day)]) == []


def test_a_program_has_four_to_six_objectives(program: Told) -> None:
    assert 4 <= len(set(program["objectives"])) == len(program["objectives"]) <= 6


def test_texts_of_days_keep_to_their_lengths(program: Told) -> None:
    told = [pair for day in program["days"] for pair in texts_of(day)]

    assert [text for key, text in told if len(text) > LENGTHS[key]] == []


def test_texts_of_a_program_keep_to_their_lengths(program: Told) -> None:
    assert len(program["description"]) <= 400
    assert [text for text in program["objectives"] if len(text) > 120] == []


def test_texts_are_printable_and_tidily_spaced(program: Told) -> None:
    for text in all_texts(program):
        assert text
        assert text.isprintable()
        assert text == " ".join(text.split())


def test_descriptions_have_two_to_four_sentences(program: Told) -> None:
    for text in [program["description"], *(day["description"] for day in program["days"])]:
        assert text.endswith(".")
        assert 2 <= len(SENTENCE_END.findall(text)) <= 4, text


@pytest.mark.parametrize("key", ["tasks", "tips"])
def test_tasks_and_tips_end_without_a_full_stop(program: Told, key: str) -> None:
    assert [text for day in program["days"] for text in day[key] if text.endswith(".")] == []


def test_prompts_are_questions_that_yes_or_no_does_not_answer(program: Told) -> None:
    for day in program["days"]:
        for prompt in day["reflection_prompts"]:
            assert prompt.endswith("?")
            assert not YES_OR_NO.match(prompt), prompt


def test_exactly_one_task_of_a_day_names_its_focus_session(program: Told) -> None:
    for day in program["days"]:
        (task,) = focus_tasks(day)
        assert FOCUS.fullmatch(task)


def test_the_focus_session_takes_the_minutes_of_its_day(program: Told) -> None:
    assert [sum(stretches(day)) for day in program["days"]] == minutes_of(program)


def test_only_focus_that_is_too_long_for_one_session_is_split(program: Told) -> None:
    for day in program["days"]:
        assert (len(stretches(day)) > 1) is (day["focus_duration"] > LONGEST_STRETCH)
        assert max(stretches(day)) <= LONGEST_STRETCH


@pytest.mark.parametrize(
    ("program_type", "first", "last"), [("14_day", 15, 45), ("30_day", 25, 90)]
)
def test_focus_grows_from_the_first_day_to_the_last(
    program_type: str, first: int, last: int
) -> None:
    minutes = minutes_of(read(program_type))

    assert (minutes[0], minutes[-1]) == (first, last)


def test_focus_never_falls_but_at_the_end_of_a_week(program: Told) -> None:
    usual = [day["focus_duration"] for day in program["days"] if day["day_number"] % 7]

    assert usual == sorted(usual)


def test_a_week_ends_lighter_but_never_below_the_first_day(program: Told) -> None:
    minutes = minutes_of(program)

    for place in range(6, len(minutes), 7):
        assert minutes[0] <= minutes[place] < minutes[place - 1]


def test_the_third_day_is_the_one_that_the_apps_know() -> None:
    day = read("14_day")["days"][2]

    assert day["title"] == "Day 3: Finding Your Rhythm"
    assert day["description"].startswith("Continue building your focus muscle")
    assert day["focus_duration"] == 25


def test_the_third_day_has_the_tasks_that_the_apps_know() -> None:
    tasks = read("14_day")["days"][2]["tasks"]

    assert len(tasks) == 3
    assert tasks[:2] == ["Complete morning planning (5 min)", "Focus session: 25 minutes"]


def test_the_third_day_begins_its_tips_and_prompts_as_the_apps_know() -> None:
    day = read("14_day")["days"][2]

    assert day["tips"][0] == "Start with your most important task"
    assert day["reflection_prompts"][0] == "What's the biggest win from today?"
