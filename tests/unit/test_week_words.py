"""What is told of a week, and which words about it are believed."""

from dataclasses import replace

import pytest

from domain.programs import DayRecord, Program, fresh_day
from domain.week_words import SUMMARY_MAX_CHARS, WeekFigures, figures_of, is_plain, keeps_to
from domain.weekly import WeekNames, week_names, weekly_review
from tests.learning import MINUTE, NOW, content

PROGRAM = Program(
    id=1,
    version="1",
    type="14_day",
    name="14-Day Focus Challenge",
    description="",
    duration_days=14,
    objectives=(),
    is_pro_only=False,
    icon="",
    color="",
    cover_image_url=None,
    owner="",
)
TITLES = ("Day 1: One Thing", "Day 2: A Place", "Day 3: Rhythm")
FIGURES = WeekFigures(
    week=1,
    days_completed=2,
    days_total=7,
    focus_minutes=1250,
    sessions=4,
    reflections=0,
    average_difficulty=3.5,
    average_satisfaction=None,
    streak_days=2,
    achievements=("Thirty Days", "Day One"),
    program=PROGRAM.name,
    completed_days=TITLES,
)


def day(number: int, *, done: bool) -> DayRecord:
    fresh = fresh_day(content(number))
    return replace(
        fresh,
        completed_at=NOW if done else None,
        focus_ms=10 * MINUTE,
        sessions=1,
        difficulty_rating=3 + number % 2,
        notes="in private",
    )


def test_figures_and_names_are_told_and_nothing_that_the_user_wrote() -> None:
    days = [day(1, done=True), day(2, done=False), day(3, done=True)]
    contents = [replace(content(n), title=title) for n, title in enumerate(TITLES, 1)]
    names = week_names(PROGRAM, contents, days)
    review = weekly_review(
        1, range(1, 8), days, streak=2, achievements=["first_day", "streak_3"], names=names
    )

    assert figures_of(review) == WeekFigures(
        week=1,
        days_completed=2,
        days_total=7,
        focus_minutes=30,
        sessions=3,
        reflections=0,
        average_difficulty=3.7,
        average_satisfaction=None,
        streak_days=2,
        achievements=("Day One", "Three in a Row"),
        program="14-Day Focus Challenge",
        completed_days=("Day 1: One Thing", "Day 3: Rhythm"),
    )


def test_the_names_in_a_program_that_a_user_wrote_are_not_told() -> None:
    theirs = replace(PROGRAM, name="How I get over it", owner="ada")

    assert week_names(theirs, [content(1)], [day(1, done=True)]) == WeekNames()


@pytest.mark.parametrize(
    "text",
    [
        "You completed 2 of 7 days in week 1.",
        "Two days, four sessions, and a streak of 2: one good week.",
        "In 4 sessions you focused for 1,250 minutes. Or 1250.",
        "You rated it 3.5, or 3.50, on average.",
        "No reflections yet: 0.",
        "The 14-Day Focus Challenge is under way, and Thirty Days is yours.",
        'You finished "Day 3: Rhythm". DAY 1 and Day 2 went before; rhythm came.',
        "It was a good week.",
    ],
)
def test_words_that_keep_to_the_figures_are_believed(text: str) -> None:
    assert keeps_to(FIGURES, text)


@pytest.mark.parametrize(
    "text",
    [
        "You completed 3 of 7 days.",
        "You completed five of 7 days.",
        "That is 29% of the week.",
        "You focused for 20 hours and 50 minutes.",
        "You focused for 1,251 minutes.",
        "You focused for 12,50 minutes.",
        "You rated it 3.6 on average.",
        "A 14-day challenge.",
        "Thirty sessions!",
        "You held out for 3 days, or 14 in all.",
        "Day 5 went well.",
        "Day 33 went well.",
        "A streak of \u0663 days.",
        "A streak of \u2462 days.",
        "Half of it is \u00bd.",
        "Twenty-two days.",
    ],
)
def test_a_number_that_was_not_told_is_not_believed(text: str) -> None:
    assert not keeps_to(FIGURES, text)


def test_names_that_are_not_told_excuse_nothing() -> None:
    bare = replace(FIGURES, program=None, completed_days=(), achievements=())

    assert not keeps_to(bare, "The 14-Day Focus Challenge goes on.")
    assert not keeps_to(bare, "Day 3 went well.")
    assert keeps_to(bare, "The program goes on.")


@pytest.mark.parametrize(
    "text", ["A", "You did it!", "Well done \u2013 caf\u00e9.", "x" * SUMMARY_MAX_CHARS]
)
def test_a_line_of_plain_text_is_plain(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "x" * (SUMMARY_MAX_CHARS + 1),
        "a\nb",
        "a\r",
        "a\u2028b",
        "a\tb",
        "so\u202ethat",
        "a <b>week</b>",
        "a > b",
        "`week`",
        "See HTTPS://example.org",
    ],
)
def test_markup_addresses_and_lines_are_not_plain(text: str) -> None:
    assert not is_plain(text)
