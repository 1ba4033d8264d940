"""Days in a row: the streak of one user, out of the dates that count and the user's own calendar.

A date counts when something was done on it. A date on which nothing was done is missed, and breaks
the streak, once it is over and if the user lived at least twelve hours of it. Less than that, and
it is excused: it neither adds nor breaks.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from domain.days import Calendar

LIVED_MIN_MS: Final = 12 * 3_600_000
COUNTED_MIN_SESSIONS: Final = 1
COUNTED_MIN_FOCUSED_MS: Final = 1_000
"""What must come together on a date, for the streak in all sessions, for a goal in its own."""
SHOWN_DEFAULT: Final = 14
ONE: Final = timedelta(days=1)
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

State = Literal["counted", "open", "missed", "excused"]


@dataclass(frozen=True, slots=True)
class Run:
    """Counted dates without a missed one between them; excused ones are not among its `days`."""

    days: int
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """The user's present date, and the instants (ms) at which it began and will be over."""

    day: date
    from_ms: int
    to_ms: int
    counted: bool


@dataclass(frozen=True, slots=True)
class DayState:
    """What one date means for the streak, and why, in words for the user."""

    day: date
    state: State
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """The streak as it is at one instant; `days` has the newest date, today, first."""

    run: Run | None
    longest: Run | None
    today: Today
    kept_until_ms: int | None
    """When the streak breaks if nothing is done; None while there is none."""
    days: tuple[DayState, ...]
    explanation: str

    @property
    def current(self) -> int:
        """How many counted dates are in a row, up to now."""
        return self.run.days if self.run else 0


def streak_of(
    counted: Collection[date],
    calendar: Calendar,
    now_ms: int,
    *,
    shown: int = SHOWN_DEFAULT,
    excused: Collection[date] = (),
) -> Streak:
    """Work out the streak at an instant, and explain the last `shown` dates.

    Dates that are `excused` by whoever asks neither add nor break, like those not lived.
    """
    view = _View(frozenset(counted), calendar, calendar.day_of(now_ms), frozenset(excused))
    runs = view.runs()
    run = runs[-1] if runs and view.bridged(runs[-1].last, view.today) else None
    kept_until_ms = view.kept_until_ms(run) if run else None
    return Streak(
        run=run,
        longest=max(runs, key=lambda each: (each.days, each.first), default=None),
        today=view.shown_today(),
        kept_until_ms=kept_until_ms,
        days=tuple(view.explained(view.today - back * ONE) for back in range(shown)),
        explanation=_explanation(view, run, kept_until_ms),
    )


@dataclass(frozen=True, slots=True)
class _View:
    """The dates of one user, seen from one of them."""

    counted: frozenset[date]
    calendar: Calendar
    today: date
    let_off: frozenset[date]

    def state(self, day: date) -> State:
        if day in self.counted:
            return "counted"
        if day == self.today:
            return "open"
        if self.is_excused(day):
            return "excused"
        # Whoever flew west may have been in tomorrow already, and will be there again.
        return "open" if day > self.today else "missed"

    def is_excused(self, day: date) -> bool:
        return day in self.let_off or self.calendar.lived_ms(day) < LIVED_MIN_MS

    def bridged(self, before: date, after: date) -> bool:
        """Say whether no date strictly between the two is missed."""
        day = before + ONE
        while day < after and self.state(day) != "missed":
            day += ONE
        return day >= after

    def runs(self) -> list[Run]:
        """Put the counted dates together, oldest first."""
        runs: list[Run] = []
        days, first, last = 0, date.min, date.min
        for day in sorted(self.counted):
            if days and (day - last == ONE or self.bridged(last, day)):
                days += 1
            else:
                runs.append(Run(days, first, last))
                days, first = 1, day
            last = day
        return [*runs[1:], Run(days, first, last)] if days else []

    def kept_until_ms(self, run: Run) -> int:
        """Find the end of the first date whose missing would cost the run something."""
        day = max(self.today, run.first)
        while day in self.counted or self.is_excused(day):
            day += ONE
        bounds = self.calendar.bounds(day)
        assert bounds is not None, "a date that is lived has bounds"
        return bounds[1]

    def shown_today(self) -> Today:
        bounds = self.calendar.bounds(self.today)
        assert bounds is not None, "the present instant belongs to it"
        return Today(
            day=self.today,
            from_ms=bounds[0],
            to_ms=bounds[1],
            counted=self.today in self.counted,
        )

    def explained(self, day: date) -> DayState:
        state = self.state(day)
        if state == "excused" and day not in self.let_off:
            return DayState(day, state, _excuse(self.calendar.lived_ms(day)))
        return DayState(day, state, REASONS[state])


REASONS: Final = {
    "counted": "A session counts for this date.",
    "open": "This date is not over yet.",
    "missed": "No session counts for this date.",
    "excused": "This date does not count against you.",
}


def _excuse(lived_ms: int) -> str:
    if not lived_ms:
        return "This date did not exist where you were."
    hours, minutes = divmod(lived_ms // 60_000, 60)
    return f"A change of zone left you {hours} h {minutes} min of this date, less than 12 h."


def _explanation(view: _View, run: Run | None, kept_until_ms: int | None) -> str:
    if run is None or kept_until_ms is None:
        return "No days in a row at the moment. A session today begins a new streak."
    since = _named(run.first, view.today)
    length = f"{run.days} days in a row, since {since}." if run.days > 1 else f"1 day, {since}."
    wall = view.calendar.wall_at(kept_until_ms)
    limit = f"before {wall:%H:%M} on {_named(wall.date(), view.today)} ({wall.tzinfo})"
    if view.today in view.counted:
        return f"{length} Today counts already; do something more {limit} to keep it."
    return f"{length} Do something {limit} to keep it."


def _named(day: date, today: date) -> str:
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {MONTHS[day.month - 1]}{year}"
