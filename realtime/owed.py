"""Refreshes that failed after a booking, tried again until they are done."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from domain.errors import Unavailable, reason_of
from domain.instants import DAY_MS

log = structlog.get_logger(__name__)

PAUSE_MS: Final = (1_000, 300_000)
"""First and longest pause between two tries of the same refresh; each is twice the one before."""


class OwedRefreshes:
    """What one node owes, in its memory.

    A booking must not wait for what is derived from it. If the node ends first, the user's
    next refresh or a rebuild does what it owed.
    """

    def __init__(
        self, refresh: Callable[[str, int], Awaitable[None]], clock: Callable[[], int]
    ) -> None:
        """`refresh` takes a user and an instant of a period, as `Leaderboards` does; clock in ms."""
        self._refresh = refresh
        self._clock = clock
        self._owed: dict[tuple[str, int], tuple[int, int]] = {}
        """(user, first instant of a day) → (when to try, the pause after the next failure)."""

    def __len__(self) -> int:
        return len(self._owed)

    def add(self, user_id: str, at_ms: int) -> None:
        """Owe a refresh of the periods of an instant; the same one is owed once."""
        # All instants of a day of UTC lie in the same periods.
        self._owed.setdefault((user_id, at_ms - at_ms % DAY_MS), (self._clock(), PAUSE_MS[0]))

    async def pay(self) -> None:
        """Try what is due; the first refusal of a store ends the round, it would say it again."""
        for owed, (due_ms, pause_ms) in list(self._owed.items()):
            if self._clock() < due_ms:
                continue
            # Taken off first: what fails meanwhile is owed anew, and must not go with this one.
            del self._owed[owed]
            try:
                await self._refresh(*owed)
            except Exception as error:  # noqa: BLE001 - whatever ails one must not hold up the others
                longer = min(PAUSE_MS[1], pause_ms * 2)
                self._owed.setdefault(owed, (self._clock() + pause_ms, longer))
                log.warning("leaderboards still not refreshed", reason=reason_of(error))
                if isinstance(error, Unavailable):
                    return
