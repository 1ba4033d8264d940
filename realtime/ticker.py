"""The ticker: spreads live sessions over the second and publishes what they amount to.

Ticks carry no facts of their own: time is derived from the state, so a late, lost
or doubled tick changes nothing.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Final
from zlib import crc32

from realtime import wire
from realtime.connection import Connection
from realtime.registry import Registry

STEP_S: Final = 0.05
MIN_S: Final = 0.2
MAX_S: Final = 60.0
SLOTS: Final = 20
"""Slots of the second over which sessions are spread, so that the loop never bursts."""


class Beat:
    """One followed session in the ticker."""

    __slots__ = ("due", "followers", "gone", "session_id")

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.followers: dict[Connection, int] = {}
        self.due = 0
        self.gone = False


class Ticker:
    """Sends every follower of a live session a tick in its own time, in steps of 50 ms."""

    def __init__(
        self,
        registry: Registry,
        clock: Callable[[], int],
        steady_s: Callable[[], float],
        observe_lateness: Callable[[float], None],
    ) -> None:
        """`steady_s` paces the ticks; `clock` says what they show; lateness is in seconds."""
        self._registry = registry
        self._clock = clock
        self._steady_s = steady_s
        self._observe = observe_lateness
        self._beats: dict[str, Beat] = {}
        self._wheel: dict[int, list[Beat]] = defaultdict(list)
        self._step = 0
        self.sent = 0
        self.late_s = 0.0

    def __len__(self) -> int:
        return len(self._beats)

    def add(self, session_id: str, connection: Connection) -> None:
        """Begin to send the socket ticks of the session, unless it is sent them already."""
        beat = self._beats.get(session_id)
        if beat is None:
            beat = self._beats[session_id] = Beat(session_id)
        if connection in beat.followers:
            return
        # The slot comes from the session, so that its sockets share one frame.
        slot = crc32(session_id.encode()) % SLOTS
        wait = (slot - self._step) % SLOTS or SLOTS
        due = self._step + (wait if connection.tick_steps >= SLOTS else connection.tick_steps)
        beat.followers[connection] = due
        self._schedule(beat, due)

    def remove(self, session_id: str, connection: Connection) -> bool:
        """Stop sending the socket ticks of the session; whether it was sent any."""
        beat = self._beats.get(session_id)
        if beat is None or beat.followers.pop(connection, None) is None:
            return False
        if not beat.followers:
            del self._beats[session_id]
            beat.gone = True
        return True

    def _schedule(self, beat: Beat, due: int) -> None:
        if beat.due <= self._step or due < beat.due:
            beat.due = due
            self._wheel[due].append(beat)

    async def run(self) -> None:
        """Tick until cancelled. Steps that were missed are skipped, not made up for."""
        origin = self._steady_s() - self._step * STEP_S
        while True:
            ahead = origin + (self._step + 1) * STEP_S - self._steady_s()
            await asyncio.sleep(max(0.0, ahead))
            reached = int((self._steady_s() - origin) / STEP_S)
            for step in range(self._step + 1, max(reached, self._step + 1) + 1):
                self.advance(step, reached)
                self.late_s = self._steady_s() - (origin + step * STEP_S)
                self._observe(self.late_s)

    def advance(self, step: int, reached: int = 0) -> None:
        """Send what is due at this step; what comes next lies beyond the step `reached` by now."""
        self._step = step
        beats = self._wheel.pop(step, None)
        if not beats:
            return
        now = self._clock()
        for beat in beats:
            if not beat.gone and beat.due == step:
                self._tick(beat, step, max(step, reached), now)

    def _tick(self, beat: Beat, step: int, reached: int, now: int) -> None:
        session = self._registry.get(beat.session_id)
        frame = None if session is None else wire.tick(session, now)
        following = step + SLOTS * 60
        for connection, due in tuple(beat.followers.items()):
            if due <= step:
                if frame is not None:
                    connection.offer(beat.session_id, frame)
                    self.sent += 1
                if connection not in beat.followers:
                    # It turned out to be gone, and has left.
                    continue
                missed = (reached - step) // connection.tick_steps
                due = step + connection.tick_steps * (missed + 1)  # noqa: PLW2901
                beat.followers[connection] = due
            following = min(following, due)
        self._schedule(beat, following)


def steps(seconds: float) -> int:
    """Seconds between ticks in steps of the ticker. Raises ValueError outside 0.2 to 60 s."""
    if not MIN_S <= seconds <= MAX_S:
        raise ValueError(f"between {MIN_S} and {MAX_S} seconds")
    return round(seconds / STEP_S)
