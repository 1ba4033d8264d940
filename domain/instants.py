"""Instants as text: the one form in which the wire shows them."""

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def iso(at_ms: int) -> str:
    """Milliseconds since the epoch as `2025-01-15T10:30:00.250Z`; whole seconds without `.000`."""
    at = EPOCH + timedelta(milliseconds=at_ms)
    text = at.isoformat(timespec="milliseconds" if at.microsecond else "seconds")
    return text.replace("+00:00", "Z")
