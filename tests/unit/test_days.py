"""Days in the user's own zone."""

from datetime import UTC, date, datetime

import pytest

from domain.days import distinct_days, local_day


@pytest.mark.parametrize(
    ("at", "zone", "day_start", "day"),
    [
        (datetime(2025, 1, 15, 22, 0, tzinfo=UTC), "UTC", "00:00", date(2025, 1, 15)),
        (datetime(2025, 1, 15, 22, 0, tzinfo=UTC), "Asia/Tehran", "00:00", date(2025, 1, 16)),
        (datetime(2025, 1, 15, 22, 0, tzinfo=UTC), "Asia/Tehran", "04:00", date(2025, 1, 15)),
        (datetime(2025, 1, 16, 0, 30, tzinfo=UTC), "Asia/Tehran", "04:00", date(2025, 1, 16)),
        (datetime(2025, 1, 15, 2, 0, tzinfo=UTC), "America/New_York", "00:00", date(2025, 1, 14)),
        # The night of 30 March 2025 has no 02:30 in Oslo: 03:00 follows 01:59.
        (datetime(2025, 3, 30, 0, 59, tzinfo=UTC), "Europe/Oslo", "02:30", date(2025, 3, 29)),
        (datetime(2025, 3, 30, 1, 0, tzinfo=UTC), "Europe/Oslo", "02:30", date(2025, 3, 30)),
        # The night of 26 October has 02:30 twice; both come before a day that starts at three.
        (datetime(2025, 10, 26, 1, 30, tzinfo=UTC), "Europe/Oslo", "03:00", date(2025, 10, 25)),
    ],
)
def test_an_instant_belongs_to_the_day_of_its_user(
    at: datetime, zone: str, day_start: str, day: date
) -> None:
    assert local_day(at, zone, day_start) == day


def test_two_sessions_of_one_day_count_once() -> None:
    starts = [datetime(2025, 1, 15, hour, tzinfo=UTC) for hour in (1, 9, 23)]

    assert distinct_days(starts, "UTC", "00:00") == 1
    assert distinct_days(starts, "UTC", "04:00") == 2
    assert distinct_days([], "UTC", "00:00") == 0
