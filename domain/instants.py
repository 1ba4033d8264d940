"""Instants: milliseconds since 1970, and the one form in which the wire shows them."""

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 86_400_000
AHEAD_MS: Final = DAY_MS
"""How far the clock of an external store may be ahead of ours, and so the end of a session."""


def iso(at_ms: int) -> str:
    """Milliseconds since the epoch as `2025-01-15T10:30:00.250Z`; whole seconds without `.000`."""
    at = EPOCH + at_ms * MILLISECOND
    text = at.isoformat(timespec="milliseconds" if at.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def iso_if(at_ms: int | None) -> str | None:
    """As `iso`, of what may not have been."""
    return None if at_ms is None else iso(at_ms)


def iso_of(at: datetime | None) -> str | None:
    """A moment in any zone in the same form, without what is less than a millisecond."""
    return None if at is None else iso((at - EPOCH) // MILLISECOND)
