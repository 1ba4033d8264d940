"""User documents as somebody else may have left them: days go on, and nothing is raised."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from storage.mongo.users import calendar_of

AT_MS = round(datetime(2025, 6, 10, 20, 30, tzinfo=UTC).timestamp() * 1000)
LATER = datetime(2025, 6, 1, tzinfo=UTC)
OSLO = {"from": datetime(1970, 1, 1, tzinfo=UTC), "time_zone": "Europe/Oslo", "day_start": "23:00"}


@pytest.mark.parametrize(
    ("document", "day"),
    [
        # In Tokyo it is half past five in the morning of the 11th.
        ({"time_zone": "Asia/Tokyo", "day_start": "04:00"}, "2025-06-11"),
        ({"time_zone": "Asia/Tokyo", "day_start": "25:00"}, "2025-06-11"),
        ({"time_zone": "Asia/Tokyo", "day_start": None}, "2025-06-11"),
        ({"time_zone": "Asia/Tokyo", "day_start": 6}, "2025-06-11"),
        ({"time_zone": "Mars/Olympus", "day_start": "04:00"}, "2025-06-10"),
        ({"time_zone": None, "day_start": "21:00"}, "2025-06-09"),
        ({"time_zone": ["Asia/Tokyo"], "day_start": {"hour": 4}}, "2025-06-10"),
        # In Oslo it is half past ten in the evening of the 10th, which begins at eleven.
        ({"residences": [OSLO]}, "2025-06-09"),
        ({"residences": [OSLO | {"day_start": "x"}]}, "2025-06-10"),
        ({"residences": [OSLO | {"time_zone": 1}]}, "2025-06-09"),
        ({"residences": [OSLO, {"from": LATER, "time_zone": "Asia/Tokyo"}]}, "2025-06-11"),
        ({"residences": [OSLO, {"from": "2025", "time_zone": "Asia/Tokyo"}]}, "2025-06-09"),
        ({"residences": [OSLO, {}, None, 7, "Asia/Tokyo"]}, "2025-06-09"),
        ({"residences": [{}], "time_zone": "Asia/Tokyo"}, "2025-06-11"),
        ({"residences": "Asia/Tokyo"}, "2025-06-10"),
        ({"residences": {"from": LATER}}, "2025-06-10"),
        ({"residences": 7, "time_zone": "Asia/Tokyo"}, "2025-06-11"),
    ],
)
def test_what_is_damaged_in_a_document_counts_as_midnight_or_utc(
    document: dict[str, Any], day: str
) -> None:
    calendar = calendar_of(document)

    assert calendar.day_of(AT_MS) == date.fromisoformat(day)
    assert sum(calendar.split(AT_MS, AT_MS + 3_600_000).values()) == 3_600_000
