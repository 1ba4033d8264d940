"""Days in a row: what adds, what breaks, what neither adds nor breaks."""

from datetime import UTC, date, datetime

import pytest

from domain.days import Calendar, Residence
from domain.streaks import DayState, Run, State, streak_of

HOUR_MS = 3_600_000
OSLO = Calendar([Residence(from_ms=0, time_zone="Europe/Oslo", day_start="04:00")])


def ms(text: str) -> int:
    """The epoch milliseconds of an instant written in UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def dates(month: str, *days: int) -> list[date]:
    return [date.fromisoformat(f"{month}-{day:02}") for day in days]


def moving(*moves: tuple[str, str]) -> Calendar:
    """The days of somebody who moves to these zones at these instants."""
    return Calendar(
        [Residence(from_ms=ms(at), time_zone=zone, day_start="00:00") for at, zone in moves]
    )


def test_today_keeps_a_streak_until_it_is_over() -> None:
    counted = dates("2026-11", 18, 19, 20)
    evening, last, over = ms("2026-11-21 20:00"), ms("2026-11-22 03:00") - 1, ms("2026-11-22 03:00")

    streak = streak_of(counted, OSLO, evening)
    assert (streak.current, streak.kept_until_ms) == (3, over)
    assert (streak.today.day, streak.today.counted) == (date(2026, 11, 21), False)
    assert (streak.today.from_ms, streak.today.to_ms) == (ms("2026-11-21 03:00"), over)
    assert streak_of(counted, OSLO, last).current == 3

    broken = streak_of(counted, OSLO, over)
    assert (broken.current, broken.run, broken.kept_until_ms) == (0, None, None)
    assert broken.longest == Run(3, date(2026, 11, 18), date(2026, 11, 20))


def test_what_counts_today_keeps_it_until_tomorrow_is_over() -> None:
    streak = streak_of(dates("2026-11", 20, 21), OSLO, ms("2026-11-21 20:00"))

    assert (streak.current, streak.today.counted) == (2, True)
    assert streak.kept_until_ms == ms("2026-11-23 03:00")


def test_nothing_done_is_no_streak() -> None:
    streak = streak_of([], OSLO, ms("2026-11-21 20:00"))

    assert (streak.current, streak.longest, streak.kept_until_ms) == (0, None, None)
    assert [each.state for each in streak.days] == ["open"] + 13 * ["missed"]


def test_the_longest_is_remembered_and_of_two_the_later() -> None:
    counted = dates("2026-10", 1, 2, 3) + dates("2026-11", 1, 2, 3, 20, 21)
    streak = streak_of(counted, OSLO, ms("2026-11-21 20:00"))

    assert streak.run == Run(2, date(2026, 11, 20), date(2026, 11, 21))
    assert streak.longest == Run(3, date(2026, 11, 1), date(2026, 11, 3))


def test_the_last_dates_are_explained_newest_first() -> None:
    streak = streak_of(dates("2026-11", 18, 20), OSLO, ms("2026-11-21 20:00"), shown=4)

    assert streak.days == (
        DayState(date(2026, 11, 21), "open", "This date is not over yet."),
        DayState(date(2026, 11, 20), "counted", "A session counts for this date."),
        DayState(date(2026, 11, 19), "missed", "No session counts for this date."),
        DayState(date(2026, 11, 18), "counted", "A session counts for this date."),
    )


def test_a_date_that_the_country_skipped_is_excused() -> None:
    apia = moving(("1970-01-01", "Pacific/Apia"))
    streak = streak_of(dates("2011-12", 28, 29, 31), apia, ms("2011-12-31 05:00"), shown=3)

    assert streak.run == Run(3, date(2011, 12, 28), date(2011, 12, 31))
    assert streak.days[1] == DayState(
        date(2011, 12, 30), "excused", "This date did not exist where you were."
    )
    before = streak_of(dates("2011-12", 28), apia, ms("2011-12-29 20:00"))
    assert before.kept_until_ms == ms("2011-12-30 10:00")
    done = streak_of(dates("2011-12", 28, 29), apia, ms("2011-12-29 20:00"))
    assert done.kept_until_ms == ms("2011-12-31 10:00")


@pytest.mark.parametrize(
    ("flown_at", "state"),
    [
        ("2025-06-10 22:59:59.999", "excused"),
        ("2025-06-10 23:00", "missed"),
        ("2025-06-11 01:00", "missed"),
    ],
)
def test_a_date_counts_against_nobody_who_lived_less_than_half_of_it(
    flown_at: str, state: State
) -> None:
    # In Pago Pago the 10th begins at 11:00 UTC; in Kiritimati it is over already.
    calendar = moving(("1970-01-01", "Pacific/Pago_Pago"), (flown_at, "Pacific/Kiritimati"))
    streak = streak_of(dates("2025-06", 8, 9), calendar, ms("2025-06-11 03:00"), shown=3)

    assert [each.state for each in streak.days] == ["open", state, "counted"]
    assert streak.current == (2 if state == "excused" else 0)
    if state == "excused":
        assert streak.days[1].reason == (
            "A change of zone left you 11 h 59 min of this date, less than 12 h."
        )


def test_days_of_23_and_25_hours_are_ordinary() -> None:
    oslo = moving(("1970-01-01", "Europe/Oslo"))

    for month, skipped, hours in (("2025-03", 30, 23), ("2025-10", 26, 25)):
        counted = dates(month, skipped - 1, skipped + 1)
        streak = streak_of(counted, oslo, ms(f"{month}-{skipped + 1} 12:00"), shown=2)
        assert oslo.lived_ms(date.fromisoformat(f"{month}-{skipped}")) == hours * HOUR_MS
        assert (streak.current, streak.days[1].state) == (1, "missed")


def test_a_tomorrow_done_before_flying_west_is_neither_lost_nor_doubled() -> None:
    calendar = moving(
        ("1970-01-01", "Pacific/Kiritimati"), ("2025-06-10 12:00", "Pacific/Pago_Pago")
    )
    # It is the 10th again, and something was done on the 11th.
    flown = ms("2025-06-10 13:00")
    with_gap, without = dates("2025-06", 8, 9, 11), dates("2025-06", 8, 9, 10, 11)

    streak = streak_of(with_gap, calendar, flown, shown=2)
    assert (streak.current, streak.today.day) == (3, date(2025, 6, 10))
    assert [each.state for each in streak.days] == ["open", "counted"]
    assert streak.kept_until_ms == ms("2025-06-11 11:00")
    late = streak_of(with_gap, calendar, ms("2025-06-11 11:00"))
    assert late.run == Run(1, date(2025, 6, 11), date(2025, 6, 11))
    assert late.longest == Run(2, date(2025, 6, 8), date(2025, 6, 9))

    streak = streak_of(without, calendar, flown)
    assert (streak.current, streak.kept_until_ms) == (4, ms("2025-06-13 11:00"))
    assert streak_of(without, calendar, ms("2025-06-11 12:00")).current == 4


def test_a_tomorrow_alone_is_lost_by_its_morrow_alone() -> None:
    calendar = moving(
        ("1970-01-01", "Pacific/Kiritimati"), ("2025-06-10 12:00", "Pacific/Pago_Pago")
    )
    streak = streak_of(dates("2025-06", 11), calendar, ms("2025-06-10 13:00"))

    assert (streak.current, streak.kept_until_ms) == (1, ms("2025-06-13 11:00"))


def test_two_dates_that_travel_left_open_are_open_until_they_are_lived() -> None:
    calendar = moving(
        ("1970-01-01", "Pacific/Kiritimati"), ("2025-06-10 10:30", "Pacific/Pago_Pago")
    )
    # Back from the first half hour of the 11th to the last of the 9th.
    counted, landed = dates("2025-06", 8, 11), ms("2025-06-10 10:45")

    streak = streak_of(counted, calendar, landed)
    assert (streak.today.day, streak.current) == (date(2025, 6, 9), 2)
    assert streak.kept_until_ms == ms("2025-06-10 11:00")


@pytest.mark.parametrize(
    ("counted", "now", "told"),
    [
        (
            dates("2026-11", 20),
            "2026-11-21 20:00",
            "1 day, 20 November. Do something before 04:00 on 22 November (Europe/Oslo) to keep it.",
        ),
        (
            dates("2026-11", 18, 19, 20),
            "2026-11-21 20:00",
            "3 days in a row, since 18 November. "
            "Do something before 04:00 on 22 November (Europe/Oslo) to keep it.",
        ),
        (
            dates("2025-12", 30, 31) + dates("2026-01", 1),
            "2026-01-01 20:00",
            "3 days in a row, since 30 December 2025. Today counts already; "
            "do something more before 04:00 on 3 January (Europe/Oslo) to keep it.",
        ),
        (
            [],
            "2026-11-21 20:00",
            "No days in a row at the moment. A session today begins a new streak.",
        ),
    ],
)
def test_it_is_told_in_a_sentence(counted: list[date], now: str, told: str) -> None:
    assert streak_of(counted, OSLO, ms(now)).explanation == told
