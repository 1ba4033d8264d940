"""Three views of how punctual ticks were; push.py's docstring says what each one means."""

import struct
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

RECORD = struct.Struct("=IIqq")
STEP_MS = 50.0
"""The grid of realtime/ticker.py, in ms."""
ROUNDING_MS = 0.001
QUANTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999, "max": 1.0}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One tick as the client saw it; ms of the monotonic clock, `shown_ms` since the epoch."""

    at_ms: float
    shown_ms: int


def read(path: Path) -> dict[int, list[Arrival]]:
    """What the client wrote, by socket, in order of arrival."""
    found: dict[int, list[Arrival]] = defaultdict(list)
    for socket, _, arrived_ns, shown_ms in RECORD.iter_unpack(path.read_bytes()):
        found[socket].append(Arrival(arrived_ns / 1e6, shown_ms))
    return found


def quantiles(values: Iterable[float]) -> dict[str, float]:
    """Nearest-rank quantiles, rounded to microseconds."""
    ordered = sorted(values)
    last = len(ordered) - 1
    return {
        name: round(ordered[min(last, int(share * len(ordered)))], 3)
        for name, share in QUANTILES.items()
        if ordered
    }


def lateness(sockets: Iterable[Sequence[Arrival]], period_ms: float) -> list[float] | None:
    """Ms behind the server's own grid of 50 ms; None where the arrivals do not show that grid."""
    grids = [(phase, ticks) for ticks in sockets if (phase := _phase(ticks, period_ms)) is not None]
    origin = _start_of(sorted(phase % STEP_MS for phase, _ in grids))
    if origin is None:
        return None
    found: list[float] = []
    for phase, ticks in grids:
        found += _behind(ticks, phase - (phase - origin) % STEP_MS, period_ms)
    return found


def jitter(sockets: Iterable[Sequence[Arrival]], period_ms: float) -> list[float]:
    """Ms behind each socket's own grid."""
    found: list[float] = []
    for ticks in sockets:
        phase = _phase(ticks, period_ms)
        if phase is not None:
            found += _behind(ticks, phase, period_ms)
    return found


def ages(sockets: Iterable[Sequence[Arrival]], epoch_minus_steady_ms: float) -> list[float]:
    """Ms between the instant that a tick shows and its arrival."""
    return [
        tick.at_ms + epoch_minus_steady_ms - tick.shown_ms for ticks in sockets for tick in ticks
    ]


def gaps(
    sockets: Sequence[Sequence[Arrival]], window_ms: tuple[float, float], longest_ms: float
) -> int:
    """Silences longer than `longest_ms`, those at the edges of the window included."""
    begin, end = window_ms
    count = 0
    for ticks in sockets:
        instants = [begin, *(tick.at_ms for tick in ticks), end]
        count += sum(later - earlier > longest_ms for earlier, later in pairwise(instants))
    return count


def _phase(ticks: Sequence[Arrival], period_ms: float) -> float | None:
    """The grid, laid through a tick, behind which the ticks together are least late."""
    if not ticks:
        return None
    first = ticks[0].at_ms
    phases = sorted((tick.at_ms - first) % period_ms for tick in ticks)
    # Behind a grid at phases[n], the n ticks before it belong to the point before.
    best = min(range(len(phases)), key=lambda n: n * period_ms - len(phases) * phases[n])
    return first + phases[best]


def _start_of(phases: Sequence[float]) -> float | None:
    """Where sorted phases begin on the circle of 50 ms: after their largest gap."""
    if not phases:
        return None
    following = [*phases[1:], phases[0] + STEP_MS]
    gap, start = max(
        (after - before, after) for before, after in zip(phases, following, strict=True)
    )
    # Grids all over the circle mean that its start cannot be told.
    return start % STEP_MS if gap > STEP_MS / 5 else None


def _behind(ticks: Sequence[Arrival], phase: float, period_ms: float) -> list[float]:
    """Ms behind the grid at `phase`, no two ticks belonging to the same point of it."""
    found: list[float] = []
    following: float = float("inf")
    for tick in reversed(ticks):
        point = min((tick.at_ms - phase + ROUNDING_MS) // period_ms, following - 1)
        found.append(max(0.0, tick.at_ms - phase - point * period_ms))
        following = point
    return found
