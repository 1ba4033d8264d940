"""The weekly review of a program: its figures, and a summary composed from them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from domain.catalogue import BUILT_IN_OWNER
from domain.instants import MINUTE_MS
from domain.programs import DayContent, DayRecord, Program
from domain.text import counted
from domain.timeline import whole_minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekNames:
    """What the service calls a program and the completed days of a week of it."""

    program: str | None = None
    """None where a user wrote the program; the names are their own words then."""
    days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyReview:
    """What one week of a program came to."""

    week: int
    first_day: int
    last_day: int
    days_completed: int
    total_days: int
    focus_ms: int
    sessions: int
    reflections: int
    average_difficulty: float | None
    """Of the days that were rated, to one decimal; None if none was."""
    average_satisfaction: float | None
    current_streak: int
    achievements: tuple[str, ...]
    """Codes of those earned on the days of this week."""
    names: WeekNames = WeekNames()

    @property
    def eventful(self) -> bool:
        """Whether there is anything to sum up."""
        return bool(self.days_completed or self.sessions or self.reflections)

    @property
    def completion_rate(self) -> float:
        """Completed days in a hundred, to one decimal."""
        return round(100 * self.days_completed / self.total_days, 1)

    @property
    def focus_minutes(self) -> int:
        """Whole minutes of focus."""
        return self.focus_ms // MINUTE_MS


def weekly_review(
    week: int,
    numbers: range,
    days: Sequence[DayRecord],
    *,
    streak: int,
    achievements: Sequence[str],
    names: WeekNames = WeekNames(),
) -> WeeklyReview:
    """Sum up the records that there are of the days `numbers`."""
    return WeeklyReview(
        week=week,
        first_day=numbers[0],
        last_day=numbers[-1],
        days_completed=sum(day.completed_at is not None for day in days),
        total_days=len(numbers),
        focus_ms=sum(day.focus_ms for day in days),
        sessions=sum(day.sessions for day in days),
        reflections=sum(len(day.reflections) for day in days),
        average_difficulty=_average([day.difficulty_rating for day in days]),
        average_satisfaction=_average([day.satisfaction_rating for day in days]),
        current_streak=streak,
        achievements=tuple(achievements),
        names=names,
    )


def week_names(
    program: Program, contents: Sequence[DayContent], days: Collection[DayRecord]
) -> WeekNames:
    """The names in a week of the program: of its days, those that are completed."""
    if program.owner != BUILT_IN_OWNER:
        return WeekNames()
    done = {day.number for day in days if day.completed_at is not None}
    titles = tuple(content.title for content in contents if content.number in done)
    return WeekNames(program=program.name, days=titles)


def composed(review: WeeklyReview) -> str:
    """A summary in plain sentences; empty while there is nothing to sum up."""
    if not review.eventful:
        return ""
    sentences = [_days(review)]
    if review.sessions:
        focus = whole_minutes(review.focus_ms)
        sessions = counted(review.sessions, "session")
        sentences.append(f"You focused for {focus} in {sessions}.")
    if (felt := _felt(review)) is not None:
        sentences.append(felt)
    if review.current_streak > 1:
        sentences.append(f"Your streak is {review.current_streak} days.")
    if review.achievements:
        sentences.append(f"You earned {counted(len(review.achievements), 'achievement')}.")
    return " ".join(sentences)


def _days(review: WeeklyReview) -> str:
    if review.days_completed == review.total_days:
        return f"You completed all {counted(review.total_days, 'day')} of week {review.week}."
    if not review.days_completed:
        return f"Week {review.week} has its {counted(review.total_days, 'day')} still to come."
    left = review.total_days - review.days_completed
    return (
        f"You completed {review.days_completed} of {counted(review.total_days, 'day')} "
        f"of week {review.week}; {left} to go."
    )


def _felt(review: WeeklyReview) -> str | None:
    told = []
    if review.average_difficulty is not None:
        told.append(f"difficulty {review.average_difficulty} of 5")
    if review.average_satisfaction is not None:
        told.append(f"satisfaction {review.average_satisfaction} of 5")
    return f"You rated your days with {' and '.join(told)} on average." if told else None


def _average(ratings: Sequence[int | None]) -> float | None:
    given = [rating for rating in ratings if rating is not None]
    return round(sum(given) / len(given), 1) if given else None
