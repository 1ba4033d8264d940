"""Achievements: rules as data over a few figures of what a user has done with focus sessions.

Each is awarded once. A rule compares one figure with a threshold; the figures are the user's
totals, those of the program day that was just completed, and those of the session that has
just ended.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from domain.days import Calendar
from domain.instants import HOUR_MS, MINUTE_MS

SESSION_MIN_MS: Final = MINUTE_MS
"""A completed session counts for achievements of number from so much time on."""
EARLY_HOURS: Final = range(4, 7)
LATE_HOURS: Final = frozenset({22, 23, 0, 1, 2, 3})


@dataclass(frozen=True, slots=True)
class Achievement:
    """A rule: the `metric` has reached `at_least`."""

    code: str
    name: str
    description: str
    icon: str
    metric: str
    at_least: int


ACHIEVEMENTS: Final = (
    Achievement("first_session", "First Step", "Complete a focus session of a minute or more.", "🌱", "counted_sessions", 1),
    Achievement("sessions_25", "Regular", "Complete 25 focus sessions of a minute or more.", "🎟️", "counted_sessions", 25),
    Achievement("sessions_100", "Hundred", "Complete 100 focus sessions of a minute or more.", "💯", "counted_sessions", 100),
    Achievement("focus_10h", "Ten Hours", "Focus for 10 hours in all.", "⏳", "focus_ms", 10 * HOUR_MS),
    Achievement("focus_50h", "Fifty Hours", "Focus for 50 hours in all.", "⌛", "focus_ms", 50 * HOUR_MS),
    Achievement(
        "focus_100h", "Hundred Hours", "Focus for 100 hours in all.", "🏔️", "focus_ms", 100 * HOUR_MS
    ),
    Achievement(
        "undistracted", "Undisturbed", "Focus for 25 minutes without a distraction.", "🧘",
        "undistracted_ms", 25 * MINUTE_MS,
    ),
    Achievement(
        "long_session", "Deep Dive", "Focus for 90 minutes in one session.", "🤿",
        "session_ms", 90 * MINUTE_MS,
    ),
    Achievement(
        "early_bird", "Early Bird", "Begin a session of 15 minutes between 4 and 7 in the morning.",
        "🌅", "early_ms", 15 * MINUTE_MS,
    ),
    Achievement(
        "night_owl", "Night Owl", "Begin a session of 15 minutes between 10 at night and 4.", "🦉",
        "late_ms", 15 * MINUTE_MS,
    ),
    Achievement("first_day", "Day One", "Complete a day of a program.", "☀️", "days", 1),
    Achievement("days_30", "Thirty Days", "Complete 30 days of programs.", "📅", "days", 30),
    Achievement("streak_3", "Three in a Row", "Complete program days on 3 dates in a row.", "🔥", "streak", 3),
    Achievement("streak_7", "A Whole Week", "Complete program days on 7 dates in a row.", "🔥", "streak", 7),
    Achievement("streak_30", "A Whole Month", "Complete program days on 30 dates in a row.", "🔥", "streak", 30),
    Achievement("reflections_10", "Thoughtful", "Write 10 reflections.", "📝", "reflections", 10),
    Achievement("first_program", "Finisher", "Complete a focus program.", "🏁", "programs", 1),
    Achievement("challenge_14", "14-Day Focus", "Complete the 14-Day Focus Challenge.", "🎯", "program_14_day", 1),
    Achievement("mastery_30", "30-Day Mastery", "Complete the 30-Day Focus Mastery.", "🚀", "program_30_day", 1),
)  # fmt: skip

BY_CODE: Final[Mapping[str, Achievement]] = {one.code: one for one in ACHIEVEMENTS}


def earned(figures: Mapping[str, int], held: Collection[str]) -> list[Achievement]:
    """The achievements that these figures earn and that are not held yet, in their order."""
    return [
        one
        for one in ACHIEVEMENTS
        if one.code not in held and figures.get(one.metric, 0) >= one.at_least
    ]


def session_figures(
    calendar: Calendar, *, started_at: int, active_ms: int, distractions: int
) -> dict[str, int]:
    """The figures of one completed session; hours are those of the user's own clock."""
    hour = calendar.wall_at(started_at).hour
    return {
        "session_ms": active_ms,
        "undistracted_ms": 0 if distractions else active_ms,
        "early_ms": active_ms if hour in EARLY_HOURS else 0,
        "late_ms": active_ms if hour in LATE_HOURS else 0,
    }
