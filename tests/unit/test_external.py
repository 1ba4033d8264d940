"""What an external store may tell, and what is made of what it leaves out."""

from typing import Any

import pytest

from domain.errors import InvalidInput
from domain.external import require_possible
from storage.mongo.client import instant
from storage.mongo.records import with_times

NOW = 1_800_000_000_000
DAY_MS, HOUR_MS = 86_400_000, 3_600_000
MONTH_S = 30 * 86_400


def faults(told: dict[str, Any]) -> list[str]:
    """The fields that are refused."""
    try:
        require_possible(told, NOW)
    except InvalidInput as refused:
        return list(refused.errors)
    return []


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"started_at": 946_684_799_999}, "started_at"),
        ({"ended_at": NOW + DAY_MS + 1}, "ended_at"),
        ({"total_duration_seconds": MONTH_S + 1}, "total_duration_seconds"),
        ({"focused_duration_seconds": 3_200_000}, "focused_duration_seconds"),
        (
            {"total_duration_seconds": 60, "focused_duration_seconds": 61},
            "focused_duration_seconds",
        ),
        ({"xp_total": 5, "xp_logic": 4}, "xp_total"),
        ({"xp_total": 5}, "xp_total"),
    ],
)
def test_what_cannot_be_is_refused_by_name(told: dict[str, Any], field: str) -> None:
    assert faults(told) == [field]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"started_at": NOW + DAY_MS, "ended_at": 946_684_800_000},
        {"total_duration_seconds": MONTH_S, "focused_duration_seconds": MONTH_S},
        {"xp_logic": 4},
        {"xp_total": 4, "xp_logic": 1, "xp_social": 3},
    ],
)
def test_what_can_be_is_accepted(told: dict[str, Any]) -> None:
    assert faults(told) == []


@pytest.mark.parametrize(
    ("total_s", "focused_s", "began_ms", "expected"),
    [
        (3600, 3200, NOW - 2 * HOUR_MS, (HOUR_MS, 3_200_000)),
        (3600, None, NOW - 2 * HOUR_MS, (HOUR_MS, HOUR_MS)),
        (None, 3200, NOW - 2 * HOUR_MS, (3_200_000, 3_200_000)),
        (None, None, NOW - 2 * HOUR_MS, (2 * HOUR_MS, 2 * HOUR_MS)),
        (None, None, NOW - 90 * DAY_MS, (30 * DAY_MS, 30 * DAY_MS)),
        (None, None, NOW + HOUR_MS, (0, 0)),
        (None, None, None, (0, 0)),
        (0, 0, NOW - HOUR_MS, (0, 0)),
    ],
)
def test_times_that_were_not_told_follow_from_those_that_were(
    total_s: int | None, focused_s: int | None, began_ms: int | None, expected: tuple[int, int]
) -> None:
    document = {
        "ended_at": instant(NOW),
        "started_at": None if began_ms is None else instant(began_ms),
        "total_duration_seconds": total_s,
        "focused_duration_seconds": focused_s,
    }
    timed = with_times(document)

    assert (timed["active_ms"], timed["focused_ms"]) == expected
