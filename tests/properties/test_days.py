"""What holds for the days and the streak of everybody, wherever they live and however they hop."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from hypothesis import given, settings, strategies as st

from domain.accounts import time_zones
from domain.days import Calendar, Residence
from domain.instants import DAY_MS
from domain.streaks import LIVED_MIN_MS, Streak, streak_of

often = settings(max_examples=100, derandomize=True, deadline=None)
HOUR_MS: Final = 3_600_000
MONTH_MS: Final = 30 * DAY_MS
FIRST_MS, LAST_MS = 0, 90 * 365 * DAY_MS
ONE: Final = timedelta(days=1)
STARTS: Final = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
ZONES: Final = st.sampled_from(sorted(time_zones()))
# Random zones lie close together, these lie at the edges of the map.
FAR_ZONES: Final = st.sampled_from(["Etc/GMT+12", "Pacific/Pago_Pago", "UTC", "Pacific/Kiritimati"])
INSTANTS: Final = st.integers(FIRST_MS, LAST_MS)
# How far a date can be moved: by the zone alone, and by zone and start of the day together.
ZONES_APART_MS: Final = 26 * HOUR_MS
APART_MS: Final = ZONES_APART_MS + DAY_MS
HOPS: Final = st.tuples(st.integers(0, 8 * 24), FAR_ZONES)
STARTS_USED: Final = st.sampled_from([["00:00"], ["00:00", "23:59"]])


@st.composite
def residences(
    draw: st.DrawFn, *, around: int, within: int = MONTH_MS, most: int = 12
) -> list[Residence]:
    """Residences that change, some quickly, in a stretch of time around an instant."""
    froms = draw(st.lists(st.integers(around - within, around + within), min_size=1, max_size=most))
    return [
        Residence(from_ms=at, time_zone=draw(ZONES | FAR_ZONES), day_start=draw(STARTS))
        for at in froms
    ]


@st.composite
def travellers(draw: st.DrawFn) -> tuple[Calendar, int]:
    """Somebody's days, and an instant in the midst of their travels."""
    around = draw(INSTANTS)
    return Calendar(draw(residences(around=around))), around


@st.composite
def streaks(draw: st.DrawFn) -> tuple[set[date], Calendar, int]:
    """A traveller's counted dates, mostly up to the present instant, and some after it."""
    now = draw(INSTANTS)
    life = draw(residences(around=now - MONTH_MS))
    calendar = Calendar(life)
    today = calendar.day_of(now)
    back = draw(st.sets(st.integers(-2, 30), max_size=30))
    return {today - days * ONE for days in back}, calendar, now


def longest(streak: Streak) -> int:
    return streak.longest.days if streak.longest else 0


@often
@given(travellers(), st.integers(0, MONTH_MS))
def test_a_split_adds_up_and_every_share_is_lived(life: tuple[Calendar, int], length: int) -> None:
    calendar, began = life

    shares = calendar.split(began, began + length)

    assert sum(shares.values()) == length
    assert all(0 < share <= calendar.lived_ms(day) for day, share in shares.items())


@often
@given(travellers(), st.integers(1, MONTH_MS), st.data())
def test_every_millisecond_belongs_to_one_date_however_it_is_cut(
    life: tuple[Calendar, int], length: int, data: st.DataObject
) -> None:
    calendar, began = life
    cut, ended = began + data.draw(st.integers(0, length)), began + length

    whole = calendar.split(began, ended)
    parts = [calendar.split(began, cut), calendar.split(cut, ended)]

    days = set().union(*parts)
    assert whole == {day: sum(part.get(day, 0) for part in parts) for day in days}
    if cut < ended:
        assert calendar.split(cut, cut + 1) == {calendar.day_of(cut): 1}


@often
@given(travellers())
def test_the_bounds_of_a_date_are_its_first_and_last_instant(life: tuple[Calendar, int]) -> None:
    calendar, at = life
    for day in (calendar.day_of(at) + back * ONE for back in range(-3, 4)):
        bounds = calendar.bounds(day)
        if bounds is None:
            assert calendar.lived_ms(day) == 0
            continue
        began, ended = bounds
        assert calendar.day_of(began) == calendar.day_of(ended - 1) == day
        around = calendar.split(began - 4 * DAY_MS, ended + 4 * DAY_MS)
        assert around[day] == calendar.split(began, ended)[day] == calendar.lived_ms(day)


@often
@given(ZONES, STARTS, INSTANTS, st.lists(st.integers(1, 2 * DAY_MS), min_size=1, max_size=20))
def test_at_one_place_a_date_begins_when_the_wall_clock_first_says_so(
    zone: str, day_start: str, at: int, steps: list[int]
) -> None:
    calendar = Calendar([Residence(from_ms=0, time_zone=zone, day_start=day_start)])
    hour, minute = map(int, day_start.split(":"))
    shift = timedelta(hours=hour, minutes=minute)

    def shown(instant: int) -> date:
        return (calendar.wall_at(instant).replace(tzinfo=None) - shift).date()

    day = calendar.day_of(at)
    bounds = calendar.bounds(day)
    assert bounds is not None
    assert shown(bounds[0]) >= day
    assert all(shown(bounds[0] - step) < day for step in (1, *steps))
    assert all(shown(bounds[1] - step) <= day for step in (1, *steps))


@often
@given(ZONES, STARTS, st.lists(INSTANTS, min_size=2, max_size=30))
def test_at_one_place_dates_never_go_back(zone: str, start: str, instants: list[int]) -> None:
    calendar = Calendar([Residence(from_ms=0, time_zone=zone, day_start=start)])
    days = [calendar.day_of(at) for at in sorted(instants)]

    assert all(before <= after for before, after in pairwise(days))


@settings(max_examples=5, derandomize=True, deadline=2_000)
@given(st.data(), INSTANTS)
def test_two_hundred_residences_are_no_burden(data: st.DataObject, at: int) -> None:
    zones = data.draw(st.lists(ZONES, min_size=200, max_size=200))
    life = [
        Residence(from_ms=at + place * 60_000, time_zone=zone, day_start="04:00")
        for place, zone in enumerate(zones)
    ]
    calendar = Calendar(life)
    counted = {calendar.day_of(at) - days * ONE for days in range(0, 3650, 3)}

    assert sum(calendar.split(at - MONTH_MS, at + MONTH_MS).values()) == 2 * MONTH_MS
    assert streak_of(counted, calendar, at + DAY_MS, shown=366).current <= len(counted)


@often
@given(streaks(), st.data())
def test_the_order_of_counted_dates_does_not_matter(
    life: tuple[set[date], Calendar, int], data: st.DataObject
) -> None:
    counted, calendar, now = life
    shuffled = data.draw(st.permutations(sorted(counted)))

    expected = streak_of(sorted(counted), calendar, now)
    assert streak_of(shuffled, calendar, now) == expected
    assert streak_of(shuffled + shuffled[:3], calendar, now) == expected


@often
@given(streaks(), st.integers(-2, 32))
def test_one_more_date_adds_and_its_void_takes_it_back(
    life: tuple[set[date], Calendar, int], back: int
) -> None:
    counted, calendar, now = life
    extra = calendar.day_of(now) - back * ONE
    without = streak_of(counted - {extra}, calendar, now)
    with_it = streak_of(counted | {extra}, calendar, now)

    assert longest(without) <= longest(with_it) <= len(counted) + 1
    assert without.current <= with_it.current
    assert streak_of((counted | {extra}) - {extra}, calendar, now) == without


@often
@given(streaks())
def test_a_streak_is_made_of_counted_dates_alone(life: tuple[set[date], Calendar, int]) -> None:
    counted, calendar, now = life
    streak = streak_of(counted, calendar, now, shown=40)

    assert streak.current <= longest(streak) <= len(counted)
    assert streak.today.from_ms <= now < streak.today.to_ms
    for told in streak.days:
        lived = calendar.lived_ms(told.day)
        assert (told.state == "counted") == (told.day in counted)
        assert (told.state == "open") <= (told.day == streak.today.day)
        assert (told.state == "missed") <= (lived >= LIVED_MIN_MS)
        assert (told.state == "excused") <= (lived < LIVED_MIN_MS)
    if streak.run:
        inside = [told for told in streak.days if told.day >= streak.run.first]
        assert "missed" not in {told.state for told in inside}


@often
@given(streaks())
def test_a_streak_breaks_exactly_when_it_was_told_to(
    life: tuple[set[date], Calendar, int],
) -> None:
    counted, calendar, now = life
    streak = streak_of(counted, calendar, now)

    assert (streak.kept_until_ms is None) == (streak.current == 0)
    if streak.kept_until_ms is not None:
        assert streak.kept_until_ms > now
        assert streak_of(counted, calendar, streak.kept_until_ms - 1).current == streak.current
        assert streak_of(counted, calendar, streak.kept_until_ms).current < streak.current


@often
@given(travellers(), st.integers(1, MONTH_MS))
def test_travel_brings_hardly_more_dates_than_there_are_days(
    life: tuple[Calendar, int], length: int
) -> None:
    calendar, began = life

    assert len(calendar.split(began, began + length)) <= (length + APART_MS) // DAY_MS + 2


@settings(max_examples=300, derandomize=True, deadline=None)
@given(INSTANTS, st.lists(HOPS, max_size=40), STARTS_USED, st.integers(0, 30))
def test_nobody_keeps_a_streak_by_travel_alone(
    at: int, hops: list[tuple[int, str]], starts: list[str], behind: int
) -> None:
    # Everything counts up to an instant; after it there is nothing but a move every few hours.
    residences = [
        Residence(
            from_ms=at + hour * HOUR_MS, time_zone=zone, day_start=starts[place % len(starts)]
        )
        for place, (hour, zone) in enumerate([(0, "Pacific/Kiritimati"), *hops])
    ]
    apart = ZONES_APART_MS if len(starts) == 1 else APART_MS
    excused = apart // LIVED_MIN_MS
    over = at + apart + (2 + excused) * DAY_MS
    calendar = Calendar(residences)
    last = calendar.day_of(at)
    counted = {last - days * ONE for days in range(behind + 1)}

    assert streak_of(counted, calendar, at).current == behind + 1
    broken = streak_of(counted, calendar, over)
    assert broken.current == 0
    later = [told.state for told in reversed(broken.days) if told.day > last]
    assert later.index("missed") <= excused
