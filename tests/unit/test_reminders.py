"""Reminders come when the user's wall clock shows the time, whatever clocks do that night."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from domain.errors import InvalidInput
from domain.reminders import Reminder, accept_time, next_at


def ms(zone: str, text: str, fold: int = 0) -> int:
    """The instant at which the wall clock of the zone shows this, the first or second time."""
    at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return int(at.timestamp() * 1000)


def following(zone: str, time: str, now: int, count: int) -> list[str]:
    """The next reminders, as the wall clock shows them."""
    shown = []
    for _ in range(count):
        now = next_at(time, zone, now)
        shown.append(datetime.fromtimestamp(now / 1000, ZoneInfo(zone)).isoformat())
    return shown


def test_the_next_one_is_today_or_tomorrow() -> None:
    eight = ms("Europe/Oslo", "2026-11-21T08:00")

    assert next_at("08:00", "Europe/Oslo", eight - 1) == eight
    assert next_at("08:00", "Europe/Oslo", eight) == eight + 86_400_000
    assert next_at("08:00", "Europe/Oslo", eight - 3_600_000) == eight


@pytest.mark.parametrize(
    ("zone", "time", "after", "shown"),
    [
        (
            "Europe/Oslo", "02:30", "2026-03-28T12:00",
            ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"],
        ),
        (
            "Europe/Oslo", "03:00", "2026-03-28T12:00",
            ["2026-03-29T03:00:00+02:00", "2026-03-30T03:00:00+02:00"],
        ),
        (
            "Europe/Oslo", "02:30", "2026-10-24T12:00",
            ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"],
        ),
        (
            "Australia/Lord_Howe", "02:15", "2026-10-03T12:00",
            ["2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"],
        ),
        (
            "Africa/Cairo", "00:30", "2026-04-23T12:00",
            ["2026-04-24T01:00:00+03:00", "2026-04-25T00:30:00+03:00"],
        ),
        (
            "Asia/Kathmandu", "08:00", "2026-11-21T12:00",
            ["2026-11-22T08:00:00+05:45", "2026-11-23T08:00:00+05:45"],
        ),
    ],
)  # fmt: skip
def test_a_time_that_is_skipped_or_comes_twice_reminds_once(
    zone: str, time: str, after: str, shown: list[str]
) -> None:
    assert following(zone, time, ms(zone, after), 2) == shown


def test_the_second_time_on_the_clock_is_tomorrows() -> None:
    between = ms("Europe/Oslo", "2026-10-25T02:45", fold=0)
    second = ms("Europe/Oslo", "2026-10-25T02:45", fold=1)

    tomorrow = ms("Europe/Oslo", "2026-10-26T02:30")
    assert next_at("02:30", "Europe/Oslo", between) == tomorrow
    assert next_at("02:30", "Europe/Oslo", second) == tomorrow


def test_a_date_that_a_country_skips_has_no_reminder() -> None:
    # Samoa went from 29 to 31 December 2011.
    for time in ("00:00", "08:00", "23:59"):
        shown = following("Pacific/Apia", time, ms("Pacific/Apia", "2011-12-28T23:59:59"), 3)
        assert [text[:16] for text in shown] == [
            f"2011-12-29T{time}", f"2011-12-31T{time}", f"2012-01-01T{time}",
        ]  # fmt: skip


def test_a_zone_that_nobody_knows_counts_as_utc() -> None:
    noon = ms("UTC", "2026-11-21T12:00")

    assert next_at("08:00", "Moon/Tranquility", noon) == ms("UTC", "2026-11-22T08:00")


@pytest.mark.parametrize("text", ["8:00", "24:00", "08:60", "08:00:00", "0800", "", "٠٨:٠٠"])  # noqa: RUF001
def test_a_time_is_written_as_on_a_clock(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        accept_time(text)

    assert caught.value.errors == {"time": ["Must be HH:MM, from 00:00 to 23:59."]}


def test_who_never_chose_has_none() -> None:
    assert Reminder(user_id="ada") == Reminder(
        user_id="ada", enabled=False, time="08:00", next_at=None
    )
    assert accept_time("23:59") == "23:59"
