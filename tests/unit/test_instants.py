"""Instants as the wire shows them."""

from datetime import datetime, timedelta, timezone

import pytest

from domain.instants import EPOCH, iso, iso_of


@pytest.mark.parametrize(
    ("at_ms", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (1_736_937_000_000, "2025-01-15T10:30:00Z"),
        (1_736_937_000_250, "2025-01-15T10:30:00.250Z"),
        (1_736_937_000_999, "2025-01-15T10:30:00.999Z"),
        (951_782_399_900, "2000-02-28T23:59:59.900Z"),
        (951_782_400_000, "2000-02-29T00:00:00Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_an_instant_is_utc_with_milliseconds_where_there_are_any(at_ms: int, text: str) -> None:
    assert iso(at_ms) == text


@pytest.mark.parametrize("at_ms", [0, 7, 999, 1_700_000_000_000, 1_709_210_096_789])
def test_the_text_means_the_same_instant(at_ms: int) -> None:
    back = datetime.fromisoformat(iso(at_ms)) - EPOCH

    assert (back.days * 86_400 + back.seconds) * 1_000 + back.microseconds // 1_000 == at_ms


def test_a_moment_that_may_be_missing() -> None:
    at = datetime(2025, 1, 15, 14, 0, 0, 250_999, tzinfo=timezone(timedelta(hours=3, minutes=30)))

    assert iso_of(at) == "2025-01-15T10:30:00.250Z"
    assert iso_of(None) is None
