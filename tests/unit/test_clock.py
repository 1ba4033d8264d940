"""The cluster clock follows Redis, smoothly, and does not believe everything."""

import pytest

from realtime.clock import MAX_ROUND_TRIP_US, SAMPLES, STEP_WITNESSES, ClusterClock

SECOND_US = 1_000_000
EPOCH_US = 1_795_000_000 * SECOND_US


class Machine:
    """A steady local clock and a Redis whose time and distance can be chosen."""

    def __init__(self) -> None:
        self.steady_us = 5 * SECOND_US
        self.redis_ahead_us = EPOCH_US
        self.trips_us = [200]

    def steady(self) -> int:
        return self.steady_us

    async def measure(self) -> int:
        trip = self.trips_us.pop(0) if len(self.trips_us) > 1 else self.trips_us[0]
        # All of the way is in the answer's half: the worst case for an estimate from the middle.
        told = self.steady_us + self.redis_ahead_us
        self.steady_us += trip
        return told

    def pass_s(self, seconds: float) -> None:
        self.steady_us += int(seconds * SECOND_US)

    @property
    def redis_ms(self) -> int:
        return (self.steady_us + self.redis_ahead_us) // 1000


async def set_up() -> tuple[Machine, ClusterClock]:
    machine = Machine()
    clock = ClusterClock(machine.measure, machine.steady)
    await clock.start()
    return machine, clock


@pytest.mark.gen_test
async def test_it_shows_the_time_of_redis() -> None:
    machine, clock = await set_up()
    machine.pass_s(10)

    assert abs(clock() - machine.redis_ms) <= 1


@pytest.mark.gen_test
async def test_the_quickest_of_some_measurements_counts() -> None:
    machine = Machine()
    machine.trips_us = [40_000, 30_000, 300, 20_000, 45_000, 40_000]
    clock = ClusterClock(machine.measure, machine.steady)
    await clock.start()

    assert clock.round_trip_us == 300
    assert abs(clock() - machine.redis_ms) <= 1


@pytest.mark.gen_test
async def test_it_never_runs_backwards_when_redis_corrects_itself() -> None:
    machine, clock = await set_up()
    before = clock()
    machine.redis_ahead_us -= SECOND_US
    await clock.resync()

    assert clock() == before
    machine.pass_s(2)
    assert abs(clock() - machine.redis_ms) <= 1


@pytest.mark.gen_test
@pytest.mark.parametrize("step_s", [3600, -3600])
async def test_a_step_is_believed_only_when_it_stays(step_s: int) -> None:
    machine, clock = await set_up()
    before = clock()
    machine.redis_ahead_us += step_s * SECOND_US
    for _ in range(STEP_WITNESSES - 1):
        await clock.resync()

    assert clock() - before < 100
    assert clock.refused_steps == STEP_WITNESSES - 1

    await clock.resync()
    assert clock.refused_steps == STEP_WITNESSES - 1
    machine.pass_s(max(0, -step_s) + 1)
    assert abs(clock() - machine.redis_ms) <= 1


@pytest.mark.gen_test
async def test_a_step_that_is_gone_again_leaves_no_trace() -> None:
    machine, clock = await set_up()
    machine.redis_ahead_us += 3600 * SECOND_US
    await clock.resync()
    machine.redis_ahead_us -= 3600 * SECOND_US
    await clock.resync()
    machine.redis_ahead_us += 3600 * SECOND_US
    for _ in range(STEP_WITNESSES - 1):
        await clock.resync()

    assert machine.redis_ms - clock() > 3_599_000


@pytest.mark.gen_test
async def test_witnesses_of_different_steps_do_not_add_up() -> None:
    machine, clock = await set_up()
    before = clock()
    for _ in range(STEP_WITNESSES * 2):
        machine.redis_ahead_us += 60 * SECOND_US
        await clock.resync()
    assert clock() - before < 100

    # The last of them was the first witness of the step that stays.
    for _ in range(STEP_WITNESSES - 2):
        await clock.resync()
    assert clock() - before < 100
    await clock.resync()
    assert abs(clock() - machine.redis_ms) <= 1


@pytest.mark.gen_test
async def test_after_a_step_back_it_stands_still_until_its_time_has_come_again() -> None:
    machine, clock = await set_up()
    stood = clock()
    machine.redis_ahead_us -= 10 * SECOND_US
    for _ in range(STEP_WITNESSES):
        await clock.resync()

    machine.pass_s(9)
    assert clock() == stood
    machine.pass_s(2)
    assert clock() > stood
    assert abs(clock() - machine.redis_ms) <= 1


@pytest.mark.gen_test
async def test_slow_measurements_are_not_used() -> None:
    machine, clock = await set_up()
    machine.trips_us = [MAX_ROUND_TRIP_US + 1] * (SAMPLES + 1)
    machine.redis_ahead_us += SECOND_US
    await clock.resync()

    assert abs(clock() - (machine.redis_ms - 1000)) <= 1
