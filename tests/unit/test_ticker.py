"""When which socket is sent a tick."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from realtime.connection import Connection
from realtime.registry import Registry
from realtime.ticker import SLOTS, STEP_S, Ticker, steps
from tests.fakes import DrivenClock
from tests.timed import timed
from tests.transports import Recorder, connected


@dataclass
class Beat:
    """A ticker that is moved by hand, on sessions that it knows."""

    clock: DrivenClock
    registry: Registry = field(default_factory=Registry)
    lateness: list[float] = field(default_factory=list)
    step: int = 0
    steady_s: float = 1_000.0

    def __post_init__(self) -> None:
        self.ticker = Ticker(self.registry, self.clock, lambda: self.steady_s, self.lateness.append)

    def live(self, *session_ids: str) -> None:
        for session_id in session_ids:
            self.registry.learn(timed(id=session_id))

    def advance(self, times: int = 1) -> None:
        for _ in range(times):
            self.step += 1
            self.clock.advance(50)
            self.ticker.advance(self.step)


@pytest.fixture
def beat(clock: DrivenClock) -> Beat:
    return Beat(clock)


def arrivals(beat: Beat, recorder: Recorder, times: int) -> list[int]:
    """The steps at which the recorder got a tick."""
    found = []
    for _ in range(times):
        before = len(recorder.sent)
        beat.advance()
        found += [beat.step] * (len(recorder.sent) - before)
    return found


def test_sockets_of_a_session_share_one_frame_at_one_time(beat: Beat, clock: DrivenClock) -> None:
    beat.live("s")
    pairs = [connected(clock) for _ in range(3)]
    for connection, _ in pairs:
        beat.ticker.add("s", connection)
        beat.advance(3)
    beat.advance(2 * SLOTS)

    last = [recorder.sent[-1] for _, recorder in pairs]
    assert last[0] is last[1] is last[2]
    assert len(beat.ticker) == 1
    assert beat.ticker.sent == sum(len(recorder.sent) for _, recorder in pairs)


def test_sessions_are_spread_over_the_second(beat: Beat, clock: DrivenClock) -> None:
    names = [f"session-{number}" for number in range(400)]
    beat.live(*names)
    recorders = {}
    for name in names:
        connection, recorders[name] = connected(clock)
        beat.ticker.add(name, connection)
    sent = []
    for _ in range(SLOTS):
        before = beat.ticker.sent
        beat.advance()
        sent.append(beat.ticker.sent - before)

    assert sum(sent) == 400
    assert max(sent) < 45
    assert min(sent) > 5
    beat.advance(SLOTS)
    assert {len(recorder.sent) for recorder in recorders.values()} == {2}


@pytest.mark.parametrize("seconds", [0.2, 0.25, 0.5, 0.95, 1, 1.05, 2.5, 7, 60])
def test_every_socket_has_its_own_pace(beat: Beat, clock: DrivenClock, seconds: float) -> None:
    beat.live("s")
    others = [connected(clock, tick_steps=pace)[0] for pace in (4, 20, 33, 1_200)]
    connection, recorder = connected(clock, tick_steps=steps(seconds))
    for one in (*others, connection):
        beat.ticker.add("s", one)
    at = arrivals(beat, recorder, 4_000)

    assert at[0] <= SLOTS
    assert {later - earlier for earlier, later in itertools.pairwise(at)} == {round(seconds * 20)}


def test_a_pace_may_be_changed_and_changed_back(beat: Beat, clock: DrivenClock) -> None:
    beat.live("s")
    connection, recorder = connected(clock)
    other, others = connected(clock)
    beat.ticker.add("s", connection)
    beat.ticker.add("s", other)
    beat.advance(SLOTS)

    def pace(tick_steps: int) -> list[int]:
        connection.tick_steps = tick_steps
        assert beat.ticker.remove("s", connection)
        beat.ticker.add("s", connection)
        return arrivals(beat, recorder, 100)

    assert len(pace(4)) == 25
    assert len(pace(1_200)) == 1
    assert len(pace(20)) == 5
    assert 15 <= len(others.sent) <= 17


def test_to_be_added_again_moves_no_tick(beat: Beat, clock: DrivenClock) -> None:
    beat.live("s")
    slow, few = connected(clock, tick_steps=1_200)
    fast, many = connected(clock, tick_steps=4)
    for _ in range(400):
        beat.ticker.add("s", slow)
        beat.ticker.add("s", fast)
        beat.advance()

    assert len(few.sent) == 1
    assert len(many.sent) == 100


def test_steps_that_were_missed_are_skipped_and_not_made_up_for(
    beat: Beat, clock: DrivenClock
) -> None:
    beat.live("s")
    pairs = [connected(clock, tick_steps=pace) for pace in (4, 20)]
    for connection, _ in pairs:
        beat.ticker.add("s", connection)
    beat.advance(SLOTS)
    before = [len(recorder.sent) for _, recorder in pairs]
    reached = beat.step + 60
    for step in range(beat.step + 1, reached + 1):
        beat.ticker.advance(step, reached)
    beat.step = reached

    assert [len(recorder.sent) for _, recorder in pairs] == [count + 1 for count in before]
    at = arrivals(beat, pairs[1][1], 60)
    assert [later - earlier for earlier, later in itertools.pairwise(at)] == [20, 20]
    assert len(pairs[0][1].sent) == before[0] + 1 + 15


def test_who_has_left_is_sent_nothing_and_held_by_nothing(beat: Beat, clock: DrivenClock) -> None:
    beat.live("s")
    connection, recorder = connected(clock, tick_steps=4)
    for _ in range(50):
        beat.ticker.add("s", connection)
        assert beat.ticker.remove("s", connection)
        assert not beat.ticker.remove("s", connection)
    assert not beat.ticker.remove("other", connection)
    beat.advance(2 * SLOTS)

    assert recorder.sent == []
    assert len(beat.ticker) == 0


def test_a_socket_that_leaves_during_its_tick_does_not_come_back(
    beat: Beat, clock: DrivenClock
) -> None:
    class Leaving(Recorder):
        def write(self, data: bytes) -> None:
            super().write(data)
            beat.ticker.remove("s", leaving)

    beat.live("s")
    stays, recorder = connected(clock, tick_steps=4)
    leaving, _ = connected(clock, tick_steps=4)
    gone = Leaving()
    leaving._transport = gone  # noqa: SLF001
    beat.ticker.add("s", leaving)
    beat.ticker.add("s", stays)
    beat.advance(40)

    assert (len(gone.sent), len(recorder.sent)) == (1, 10)
    beat.ticker.remove("s", stays)
    assert len(beat.ticker) == 0


def test_a_session_that_is_not_known_for_a_while_ticks_on_afterwards(
    beat: Beat, clock: DrivenClock
) -> None:
    connection, recorder = connected(clock)
    beat.ticker.add("s", connection)
    beat.advance(3 * SLOTS)
    assert recorder.sent == []
    beat.live("s")
    beat.advance(SLOTS)
    assert [frame["rev"] for frame in recorder.frames] == [1]
    beat.registry.learn(replace(timed(id="s"), rev=2))
    beat.advance(SLOTS)
    assert recorder.frames[-1]["rev"] == 2


@pytest.mark.parametrize("seconds", [0.2, 1, 59.99, 60])
def test_seconds_become_steps(seconds: float) -> None:
    assert steps(seconds) == round(seconds / STEP_S)


@pytest.mark.parametrize("seconds", [0, -1, 0.199, 60.01, float("nan"), float("inf")])
def test_a_pace_out_of_range_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match=r"between 0\.2 and 60"):
        steps(seconds)


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(3):
        while not so():  # noqa: ASYNC110 - what is waited for does not tell
            await asyncio.sleep(0)


@pytest.mark.gen_test
async def test_a_loop_that_was_late_says_so_and_sends_one_tick(
    beat: Beat, clock: DrivenClock
) -> None:
    beat.live("s")
    connection, recorder = connected(clock)
    beat.ticker.add("s", connection)
    running = asyncio.get_running_loop().create_task(beat.ticker.run())
    await asyncio.sleep(0)
    # The loop slept for one step; meanwhile a minute has passed.
    beat.steady_s += 60
    await until(lambda: len(beat.lateness) >= 1_200)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert len(recorder.sent) == 1
    assert max(beat.lateness) == pytest.approx(60 - STEP_S)
    assert beat.ticker.late_s == pytest.approx(0, abs=1e-6)


def test_the_ticker_holds_no_more_than_it_needs(beat: Beat, clock: DrivenClock) -> None:
    pairs: list[tuple[Connection, Recorder]] = [connected(clock, tick_steps=4) for _ in range(10)]
    beat.live("s")
    for _ in range(500):
        for connection, _ in pairs:
            beat.ticker.add("s", connection)
        beat.advance()
        for connection, _ in pairs:
            beat.ticker.remove("s", connection)
    beat.advance(SLOTS * 60 + 1)
    assert not beat.ticker._wheel  # noqa: SLF001
