"""For every zone, time and instant: one reminder for each date, at the first fitting moment."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings, strategies as st

from domain.accounts import time_zones
from domain.reminders import next_at

often = settings(max_examples=200, derandomize=True, deadline=None)
MINUTE_MS = 60_000
YEAR_2000, YEAR_2050 = 946_684_800_000, 2_524_608_000_000
# The odd ones, more often than they would come up by themselves.
ZONES = st.sampled_from(
    ["Europe/Oslo", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Tehran", "Pacific/Apia",
     "America/Sao_Paulo", "America/St_Johns", "Asia/Kathmandu", "Africa/Casablanca"]
) | st.sampled_from(sorted(time_zones()))  # fmt: skip
TIMES = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
INSTANTS = st.integers(YEAR_2000, YEAR_2050)


def wall(zone: str, at_ms: int) -> datetime:
    """What the wall clock shows, without its zone."""
    return datetime.fromtimestamp(at_ms // 1000, ZoneInfo(zone)).replace(tzinfo=None)


def fits(zone: str, time: str, at_ms: int) -> bool:
    """The clock shows the time, or has just jumped over it."""
    now, before = wall(zone, at_ms), wall(zone, at_ms - 1_000)
    wanted = datetime.combine(now.date(), datetime.strptime(time, "%H:%M").time())  # noqa: DTZ007
    jumped = [wanted - timedelta(days=1), wanted]
    return now == wanted or any(before < one < now for one in jumped)


@often
@given(zone=ZONES, time=TIMES, now=INSTANTS)
@example(zone="Europe/Oslo", time="02:30", now=1_774_700_000_000)
@example(zone="Pacific/Apia", time="08:00", now=1_325_150_000_000)
def test_it_is_later_than_now_and_fits_the_clock(zone: str, time: str, now: int) -> None:
    found = next_at(time, zone, now)

    assert now < found <= now + 49 * 3_600_000
    assert found % 1_000 == 0
    assert fits(zone, time, found)


@often
@given(zone=ZONES, time=TIMES, now=INSTANTS)
def test_nothing_is_missed_before_it(zone: str, time: str, now: int) -> None:
    found = next_at(time, zone, now)
    first_minute = now - now % MINUTE_MS + MINUTE_MS
    shown = [
        at
        for at in range(first_minute, found, MINUTE_MS)
        if wall(zone, at).strftime("%H:%M:%S") == f"{time}:00"
    ]

    # What shows the time earlier shows it for the second time: that date had its reminder.
    for at in shown:
        assert next_at(time, zone, at - 4 * 3_600_000) <= now


@often
@given(zone=ZONES, time=TIMES, now=INSTANTS)
def test_each_date_has_one_and_the_same_one_whenever_it_is_asked_for(
    zone: str, time: str, now: int
) -> None:
    first = next_at(time, zone, now)
    second = next_at(time, zone, first)

    assert wall(zone, second).date() > wall(zone, first).date()
    for at in (first, (first + second) // 2, second - 1):
        assert next_at(time, zone, at) == second
