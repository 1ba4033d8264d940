"""The cluster clock: Redis' time, carried on by the local clock that never steps."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

log = structlog.get_logger(__name__)

STEP_US: Final = 2_000_000
"""A new measurement further off than this is not believed at once."""
STEP_WITNESSES: Final = 5
"""The measurement with which so many in a row agree on a step is followed."""
SAMPLES: Final = 5
MAX_ROUND_TRIP_US: Final = 50_000


def boot_time_us() -> int:
    """Microseconds since boot, suspended time included; never steps."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


class ClusterClock:
    """Milliseconds since the epoch, the same on all nodes, never running backwards."""

    def __init__(
        self,
        measure: Callable[[], Awaitable[int]],
        steady_us: Callable[[], int] = boot_time_us,
    ) -> None:
        """`measure` asks Redis for its time in microseconds; `steady_us` is the local clock."""
        self._measure = measure
        self._steady_us = steady_us
        self._offset_us = 0
        self._last_ms = 0
        self._claimed_us = 0
        self._witnesses = 0
        self.round_trip_us = 0
        self.refused_steps = 0

    def __call__(self) -> int:
        """The present instant, ms."""
        now = (self._steady_us() + self._offset_us) // 1000
        self._last_ms = max(self._last_ms, now)
        return self._last_ms

    async def start(self) -> None:
        """Set the clock. Raises Unavailable."""
        self.round_trip_us, self._offset_us = await self._measured()

    async def resync(self) -> None:
        """Follow Redis' time; a step is ignored until several measurements agree on it."""
        round_trip, offset = await self._measured()
        if round_trip > MAX_ROUND_TRIP_US:
            return
        if abs(offset - self._offset_us) > STEP_US and not self._attested(offset):
            self.refused_steps += 1
            return
        self._witnesses = 0
        self.round_trip_us, self._offset_us = round_trip, offset

    def _attested(self, offset: int) -> bool:
        """Hear one more witness of a step; whether enough in a row have said the same."""
        if self._witnesses == 0 or abs(offset - self._claimed_us) > STEP_US:
            self._witnesses, self._claimed_us = 0, offset
        self._witnesses += 1
        log.warning(
            "the clock of Redis has stepped",
            step_ms=(offset - self._offset_us) // 1000,
            witnesses=self._witnesses,
        )
        return self._witnesses >= STEP_WITNESSES

    async def _measured(self) -> tuple[int, int]:
        """The quickest of a few measurements: it can be wrong by half its round trip at most."""
        return min([await self._sample() for _ in range(SAMPLES)])

    async def _sample(self) -> tuple[int, int]:
        """(round trip, offset of Redis' time to the local clock), microseconds."""
        sent = self._steady_us()
        told = await self._measure()
        received = self._steady_us()
        return received - sent, told - (sent + received) // 2
