"""Days in the user's own zone: tables checked by hand, in the zones where it is hard."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.accounts import User
from domain.days import Calendar, Residence
from domain.instants import DAY_MS

HOUR_MS = 3_600_000


def ms(text: str) -> int:
    """The epoch milliseconds of an instant written in UTC."""
    at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return round(at.timestamp() * 1000)


def living(zone: str, day_start: str = "00:00", since: str = "1970-01-01") -> Residence:
    return Residence(from_ms=ms(since), time_zone=zone, day_start=day_start)


def only(zone: str, day_start: str = "00:00") -> Calendar:
    return Calendar([living(zone, day_start)])


@pytest.mark.parametrize(
    ("zone", "day_start", "day", "begins", "ends", "hours"),
    [
        ("UTC", "00:00", "2025-01-15", "2025-01-15 00:00", "2025-01-16 00:00", 24),
        ("UTC", "23:59", "2025-01-15", "2025-01-15 23:59", "2025-01-16 23:59", 24),
        ("UTC", "00:00", "2024-02-29", "2024-02-29 00:00", "2024-03-01 00:00", 24),
        ("Europe/Oslo", "04:00", "2024-02-29", "2024-02-29 03:00", "2024-03-01 03:00", 24),
        ("Asia/Kathmandu", "00:00", "2025-01-15", "2025-01-14 18:15", "2025-01-15 18:15", 24),
        # 02:00 is followed by 03:00 on 30 March, 03:00 by 02:00 on 26 October.
        ("Europe/Oslo", "00:00", "2025-03-30", "2025-03-29 23:00", "2025-03-30 22:00", 23),
        ("Europe/Oslo", "00:00", "2025-10-26", "2025-10-25 22:00", "2025-10-26 23:00", 25),
        ("Europe/Oslo", "02:30", "2025-03-29", "2025-03-29 01:30", "2025-03-30 01:00", 23.5),
        ("Europe/Oslo", "02:30", "2025-03-30", "2025-03-30 01:00", "2025-03-31 00:30", 23.5),
        ("Europe/Oslo", "02:30", "2025-10-25", "2025-10-25 00:30", "2025-10-26 00:30", 24),
        ("Europe/Oslo", "02:30", "2025-10-26", "2025-10-26 00:30", "2025-10-27 01:30", 25),
        ("Europe/Oslo", "03:00", "2025-03-29", "2025-03-29 02:00", "2025-03-30 01:00", 23),
        ("Europe/Oslo", "03:00", "2025-03-30", "2025-03-30 01:00", "2025-03-31 01:00", 24),
        ("Europe/Oslo", "03:00", "2025-10-25", "2025-10-25 01:00", "2025-10-26 02:00", 25),
        ("Europe/Oslo", "03:00", "2025-10-26", "2025-10-26 02:00", "2025-10-27 02:00", 24),
        # Half an hour of summer time: 02:00 to 01:30, and 02:00 to 02:30.
        ("Australia/Lord_Howe", "00:00", "2025-04-06", "2025-04-05 13:00", "2025-04-06 13:30", 24.5),
        ("Australia/Lord_Howe", "01:45", "2025-04-06", "2025-04-05 14:45", "2025-04-06 15:15", 24.5),
        ("Australia/Lord_Howe", "00:00", "2025-10-05", "2025-10-04 13:30", "2025-10-05 13:00", 23.5),
        ("Australia/Lord_Howe", "02:15", "2025-10-05", "2025-10-04 15:30", "2025-10-05 15:15", 23.75),
        # Midnight does not exist when summer time begins, and 23:00 comes twice when it ends.
        ("America/Sao_Paulo", "00:00", "2018-11-04", "2018-11-04 03:00", "2018-11-05 02:00", 23),
        ("America/Sao_Paulo", "00:00", "2018-02-17", "2018-02-17 02:00", "2018-02-18 03:00", 25),
        ("Asia/Tehran", "00:00", "2022-03-22", "2022-03-21 20:30", "2022-03-22 19:30", 23),
        ("Asia/Tehran", "00:00", "2022-09-21", "2022-09-20 19:30", "2022-09-21 20:30", 25),
        ("Asia/Tehran", "00:00", "2023-03-22", "2023-03-21 20:30", "2023-03-22 20:30", 24),
        # The clock goes back from 00:01 to 23:01, but the new date has begun and goes on.
        ("America/St_Johns", "00:00", "2006-10-28", "2006-10-28 02:30", "2006-10-29 02:30", 24),
        ("America/St_Johns", "00:00", "2006-10-29", "2006-10-29 02:30", "2006-10-30 03:30", 25),
        ("America/St_Johns", "00:00", "2007-03-11", "2007-03-11 03:30", "2007-03-12 02:30", 23),
        # Local time was 44 minutes and 30 seconds behind, and caught up at midnight.
        (
            "Africa/Monrovia", "00:00", "1972-01-07",
            "1972-01-07 00:44:30", "1972-01-08 00:00", 24 - 44.5 / 60,
        ),
        # 29 December was followed by the 31st, at midnight.
        ("Pacific/Apia", "00:00", "2011-12-29", "2011-12-29 10:00", "2011-12-30 10:00", 24),
        ("Pacific/Apia", "00:00", "2011-12-31", "2011-12-30 10:00", "2011-12-31 10:00", 24),
        # What lies before four in the morning of the 31st is the end of a short 30th.
        ("Pacific/Apia", "04:00", "2011-12-29", "2011-12-29 14:00", "2011-12-30 10:00", 20),
        ("Pacific/Apia", "04:00", "2011-12-30", "2011-12-30 10:00", "2011-12-30 14:00", 4),
        ("Pacific/Apia", "04:00", "2011-12-31", "2011-12-30 14:00", "2011-12-31 14:00", 24),
    ],
)  # fmt: skip
def test_a_date_begins_and_ends_where_the_wall_clock_says(
    zone: str, day_start: str, day: str, begins: str, ends: str, hours: float
) -> None:
    calendar, asked = only(zone, day_start), date.fromisoformat(day)

    assert calendar.bounds(asked) == (ms(begins), ms(ends))
    assert calendar.lived_ms(asked) == hours * HOUR_MS
    assert calendar.day_of(ms(begins)) == calendar.day_of(ms(ends) - 1) == asked
    assert calendar.day_of(ms(begins) - 1) < asked < calendar.day_of(ms(ends))
    assert calendar.split(ms(begins), ms(ends)) == {asked: hours * HOUR_MS}


@pytest.mark.parametrize(
    ("zone", "day"), [("Pacific/Apia", "2011-12-30"), ("Pacific/Kwajalein", "1993-08-21")]
)
def test_a_date_that_a_country_skips_belongs_to_nobody(zone: str, day: str) -> None:
    calendar, skipped = only(zone), date.fromisoformat(day)
    noon = ms(f"{day} 12:00")

    assert calendar.lived_ms(skipped) == 0
    assert calendar.bounds(skipped) is None
    assert skipped not in calendar.split(noon - 5 * DAY_MS, noon + 5 * DAY_MS)


def test_a_session_over_midnight_is_shared_out() -> None:
    calendar = only("Europe/Oslo", "04:00")
    began, ended = ms("2025-03-29 21:00:00.250"), ms("2025-03-30 05:00:00.750")

    shares = calendar.split(began, ended)

    # The night has one hour less, so 04:00 is at two o'clock UTC.
    first = 5 * HOUR_MS - 250
    assert shares == {date(2025, 3, 29): first, date(2025, 3, 30): 3 * HOUR_MS + 750}
    assert calendar.split(began, began) == calendar.split(ended, began) == {}


def test_who_flies_west_over_the_date_line_lives_a_date_twice() -> None:
    west = [living("Pacific/Kiritimati"), living("Pacific/Pago_Pago", since="2025-06-10 12:00")]
    calendar = Calendar(west)
    tenth, eleventh = date(2025, 6, 10), date(2025, 6, 11)

    # From two in the morning of the 11th to one in the morning of the 10th.
    assert calendar.day_of(ms("2025-06-10 11:59")) == eleventh
    assert calendar.day_of(ms("2025-06-10 12:00")) == tenth
    assert calendar.lived_ms(tenth) == (24 + 23) * HOUR_MS
    assert calendar.lived_ms(eleventh) == (2 + 24) * HOUR_MS
    assert calendar.bounds(tenth) == (ms("2025-06-09 10:00"), ms("2025-06-11 11:00"))
    assert calendar.bounds(eleventh) == (ms("2025-06-10 10:00"), ms("2025-06-12 11:00"))
    assert calendar.split(ms("2025-06-10 09:00"), ms("2025-06-10 13:00")) == {
        tenth: 2 * HOUR_MS,
        eleventh: 2 * HOUR_MS,
    }


def test_who_flies_east_over_the_date_line_has_little_left_of_a_date() -> None:
    east = [living("Pacific/Pago_Pago"), living("Pacific/Kiritimati", since="2025-06-10 12:00")]
    calendar = Calendar(east)

    assert calendar.lived_ms(date(2025, 6, 9)) == 24 * HOUR_MS
    assert calendar.lived_ms(date(2025, 6, 10)) == 1 * HOUR_MS
    assert calendar.lived_ms(date(2025, 6, 11)) == 22 * HOUR_MS
    assert calendar.bounds(date(2025, 6, 10)) == (ms("2025-06-10 11:00"), ms("2025-06-10 12:00"))


def test_a_date_may_fall_between_two_residences() -> None:
    # From the last minute of the 8th to the first of the 11th, by zone and start of the day.
    calendar = Calendar(
        [
            living("Pacific/Pago_Pago", "23:59"),
            living("Pacific/Kiritimati", "00:00", since="2025-06-10 10:30"),
        ]
    )

    assert calendar.day_of(ms("2025-06-10 10:29")) == date(2025, 6, 8)
    assert calendar.day_of(ms("2025-06-10 10:30")) == date(2025, 6, 11)
    assert calendar.lived_ms(date(2025, 6, 9)) == calendar.lived_ms(date(2025, 6, 10)) == 0
    assert calendar.bounds(date(2025, 6, 10)) is None


def test_residences_come_in_any_order_and_the_first_holds_since_ever() -> None:
    oslo = living("Europe/Oslo", since="2025-01-01")
    tokyo = living("Asia/Tokyo", since="2025-02-01")
    at = ms("1999-12-31 23:30")

    for residences in ([oslo, tokyo], [tokyo, oslo]):
        calendar = Calendar(residences)
        assert calendar.day_of(at) == date(2000, 1, 1)
        assert calendar.day_of(at - HOUR_MS) == date(1999, 12, 31)
        assert calendar.day_of(ms("2025-02-10 15:00")) == date(2025, 2, 11)
        assert calendar.wall_at(ms("2025-02-10 15:00")).isoformat() == "2025-02-11T00:00:00+09:00"


@pytest.mark.parametrize("name", ["Mars/Olympus", "Europe", "../etc/passwd", ""])
def test_a_zone_this_machine_does_not_know_counts_as_utc(name: str) -> None:
    calendar, utc = only(name, "04:00"), only("UTC", "04:00")
    day = date(2025, 6, 10)

    assert calendar.bounds(day) == utc.bounds(day)
    assert str(calendar.wall_at(0).tzinfo) == "UTC"


def test_without_residences_days_are_those_of_utc() -> None:
    assert Calendar(()).bounds(date(2025, 6, 10)) == only("UTC").bounds(date(2025, 6, 10))


def test_a_users_calendar_is_that_of_the_residences_or_else_of_the_profile() -> None:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    user = User(id="ada", time_zone="Asia/Tokyo", created_at=at, updated_at=at)
    moved = User(
        id="ada",
        time_zone="Asia/Tokyo",
        residences=(living("Europe/Oslo"), living("Asia/Tokyo", since="2025-01-01")),
        created_at=at,
        updated_at=at,
    )
    evening = ms("2024-06-10 21:00")

    assert user.calendar.day_of(evening) == date(2024, 6, 11)
    assert moved.calendar.day_of(evening) == date(2024, 6, 10)
    assert moved.calendar.day_of(evening + 365 * DAY_MS) == date(2025, 6, 11)


def test_a_year_is_made_of_all_its_dates() -> None:
    begin, end = ms("2025-01-01"), ms("2026-01-01")

    shares = only("Europe/Oslo", "02:30").split(begin, end)

    first = date(2024, 12, 31)
    assert list(shares) == [first + timedelta(days=passed) for passed in range(366)]
    assert sum(shares.values()) == end - begin


@pytest.mark.parametrize("text", ["", "4", "25:00", "04:00 ", "noon", "-1:00", "04:60"])
def test_a_start_of_the_day_that_is_none_counts_as_midnight(text: str) -> None:
    day = date(2025, 1, 15)

    assert only("Europe/Oslo", text).bounds(day) == only("Europe/Oslo").bounds(day)
