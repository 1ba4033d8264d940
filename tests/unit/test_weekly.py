"""The figures of a week, and what is written of them."""

from dataclasses import replace

import pytest

from domain.programs import DayRecord, Reflection, fresh_day
from domain.weekly import WeeklyReview, composed, weekly_review
from tests.learning import MINUTE, NOW, content


def day(number: int, **changes: object) -> DayRecord:
    return replace(fresh_day(content(number)), **changes)  # type: ignore[arg-type]


def review(*days: DayRecord, streak: int = 0, achievements: tuple[str, ...] = ()) -> WeeklyReview:
    return weekly_review(1, range(1, 8), days, streak=streak, achievements=achievements)


def test_the_figures_of_the_document() -> None:
    ratings = [(3, 4), (3, 5), (4, 4), (3, 5), (3, None)]
    days = [
        day(
            n,
            completed_at=NOW,
            focus_ms=35 * MINUTE,
            sessions=1,
            difficulty_rating=hard,
            satisfaction_rating=good,
        )
        for n, (hard, good) in enumerate(ratings, 1)
    ]
    found = review(*days, streak=5)

    assert (found.days_completed, found.total_days, found.completion_rate) == (5, 7, 71.4)
    assert (found.focus_minutes, found.sessions) == (175, 5)
    assert (found.average_difficulty, found.average_satisfaction) == (3.2, 4.5)
    assert composed(found) == (
        "You completed 5 of 7 days of week 1; 2 to go. "
        "You focused for 2 hours 55 minutes in 5 sessions. "
        "You rated your days with difficulty 3.2 of 5 and satisfaction 4.5 of 5 on average. "
        "Your streak is 5 days."
    )


def test_minutes_are_rounded_down_once() -> None:
    days = [day(n, focus_ms=90_000, sessions=1) for n in (1, 2)]

    assert review(*days).focus_minutes == 3


def test_without_ratings_there_is_no_average() -> None:
    found = review(day(1, sessions=1, focus_ms=MINUTE))

    assert (found.average_difficulty, found.average_satisfaction) == (None, None)
    assert "rated" not in composed(found)


@pytest.mark.parametrize("days", [[], [day(1)]])
def test_nothing_to_sum_up_is_summed_up_in_no_words(days: list[DayRecord]) -> None:
    assert composed(review(*days)) == ""


def test_a_week_that_has_only_begun() -> None:
    assert composed(review(day(1, sessions=1, focus_ms=2 * MINUTE))) == (
        "Week 1 has its 7 days still to come. You focused for 2 minutes in 1 session."
    )


def test_a_whole_week_with_everything() -> None:
    days = [day(n, completed_at=NOW) for n in range(1, 8)]
    days[0] = replace(days[0], sessions=1, focus_ms=30_000, satisfaction_rating=4)
    days[1] = replace(days[1], reflections=(Reflection("How?", "Well.", NOW),))
    found = review(*days, streak=1, achievements=("first_day",))

    assert (found.completion_rate, found.reflections) == (100.0, 1)
    assert composed(found) == (
        "You completed all 7 days of week 1. You focused for less than a minute in 1 session. "
        "You rated your days with satisfaction 4.0 of 5 on average. You earned 1 achievement."
    )


def test_a_week_of_one_day() -> None:
    found = weekly_review(5, range(29, 30), [day(29, completed_at=NOW)], streak=0, achievements=())

    assert (found.first_day, found.last_day, found.week) == (29, 29, 5)
    assert composed(found) == "You completed all 1 day of week 5."
