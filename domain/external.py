"""What an external real-time store may tell of a session: nothing that cannot be true."""

from collections.abc import Mapping
from typing import Any, Final

from domain.booking import LONGEST_MS
from domain.errors import InvalidInput
from domain.instants import AHEAD_MS
from domain.rates import DIMENSIONS

EARLIEST_MS: Final = 946_684_800_000
"""The year 2000: nothing began before it."""
DURATIONS: Final = ("total_duration_seconds", "focused_duration_seconds")


def require_possible(told: Mapping[str, Any], now: int) -> None:
    """Raise InvalidInput for what cannot be, before it is in anybody's books; `now` is in ms.

    Instants are ms, durations seconds. An end before its start is left alone: clocks differ,
    and the XP is earned all the same.
    """
    faults = {}
    for name in ("started_at", "ended_at"):
        if told.get(name) is not None and not EARLIEST_MS <= told[name] <= now + AHEAD_MS:
            faults[name] = ["Between the year 2000 and a day from now."]
    for name in DURATIONS:
        if (told.get(name) or 0) * 1000 > LONGEST_MS:
            faults[name] = ["More than 30 days, in seconds."]
    total, focused = (told.get(name) for name in DURATIONS)
    if total is not None and focused is not None and focused > total:
        faults.setdefault("focused_duration_seconds", ["More than total_duration_seconds."])
    parts = sum(told.get(f"xp_{name}", 0) for name in DIMENSIONS)
    if told.get("xp_total", parts) != parts:
        faults["xp_total"] = ["Not the sum of the five dimensions."]
    if faults:
        raise InvalidInput("the session cannot be as it was told", faults)
