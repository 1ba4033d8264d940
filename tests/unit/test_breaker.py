"""A model that has failed often is left alone for a while, then tried with one question."""

import asyncio

import pytest

from domain.rating import Rating
from realtime.advice import AdviceFailed, Unusable
from tests.raters import ADVISED, GOOD, Bench, Oracle, numbered

BREAKER_FAILURES, BREAKER_OPEN_MS = 5, 30_000


async def broken() -> Bench:
    """A bench whose breaker has just opened."""
    bench = Bench(oracle=Oracle(answers=[AdviceFailed("status")] * BREAKER_FAILURES))
    for number in range(BREAKER_FAILURES):
        assert bench.tally.states == []
        await bench.rate(numbered(number))
    assert bench.tally.states == ["open"]
    return bench


async def probing(bench: Bench) -> asyncio.Task[Rating]:
    """A probe after the pause, that waits for its answer."""
    bench.clock.advance(BREAKER_OPEN_MS)
    bench.oracle.gate = asyncio.Event()
    bench.oracle.come.clear()
    probe = bench.ask(numbered(8))
    await bench.oracle.come.wait()
    return probe


@pytest.mark.gen_test
async def test_a_success_in_between_keeps_the_breaker_closed() -> None:
    bench = Bench()
    bench.oracle.answers = [*[AdviceFailed("status")] * 4, GOOD] * 2
    for number in range(10):
        await bench.rate(numbered(number))

    assert bench.tally.states == []


@pytest.mark.gen_test
async def test_answers_that_make_no_sense_and_faults_of_our_own_do_not_open_it() -> None:
    bench = Bench()
    for number in range(4 * BREAKER_FAILURES):
        bench.oracle.answers = [
            (Unusable("garbage"), Unusable("status"), ValueError("a bug"))[number % 3]
        ]
        assert (await bench.rate(numbered(number))).engine == "lexicon"

    assert bench.tally.states == []
    assert len(bench.oracle.asked) == 4 * BREAKER_FAILURES


@pytest.mark.gen_test
async def test_an_answer_that_makes_no_sense_is_one_and_a_fault_of_our_own_is_none() -> None:
    bench = Bench()
    bench.oracle.answers = [
        *[AdviceFailed("status")] * (BREAKER_FAILURES - 1),
        Unusable("garbage"),
        *[AdviceFailed("status")] * (BREAKER_FAILURES - 1),
        ValueError("a bug"),
        AdviceFailed("status"),
    ]
    for number in range(2 * BREAKER_FAILURES):
        assert bench.tally.states == []
        await bench.rate(numbered(number))
    assert bench.tally.states == []
    await bench.rate(numbered(99))

    assert bench.tally.states == ["open"]


@pytest.mark.parametrize("cause", ["garbage", "status"])
@pytest.mark.gen_test
async def test_a_probe_that_is_answered_with_nonsense_closes_it(cause: str) -> None:
    bench = await broken()
    bench.clock.advance(BREAKER_OPEN_MS)
    bench.oracle.answers = [Unusable(cause)]

    assert (await bench.rate(numbered(8))).engine == "lexicon"
    assert (await bench.rate(numbered(9))).engine == "llm"
    assert bench.tally.states == ["open", "half_open", "closed"]


@pytest.mark.gen_test
async def test_a_probe_that_meets_a_fault_of_our_own_lets_the_next_one_through() -> None:
    bench = await broken()
    bench.clock.advance(BREAKER_OPEN_MS)
    bench.oracle.answers = [ValueError("a bug")]
    await bench.rate(numbered(8))

    assert bench.tally.states == ["open", "half_open"]
    assert (await bench.rate(numbered(9))).engine == "llm"
    assert bench.tally.states == ["open", "half_open", "closed"]


@pytest.mark.gen_test
async def test_an_open_breaker_asks_nobody_but_what_is_kept_is_at_hand() -> None:
    bench = await broken()
    await Bench(shelf=bench.shelf).rate(numbered(98))
    bench.clock.advance(BREAKER_OPEN_MS - 1)

    assert (await bench.rate(numbered(7))).engine == "lexicon"
    assert await bench.rate(numbered(98)) == ADVISED
    assert len(bench.oracle.asked) == BREAKER_FAILURES
    assert bench.tally.causes[BREAKER_FAILURES:] == ["breaker"]


@pytest.mark.gen_test
async def test_one_probe_decides_whether_the_breaker_closes() -> None:
    bench = await broken()
    for answer, engine in ((AdviceFailed("status"), "lexicon"), (GOOD, "llm")):
        probe = await probing(bench)
        beside = await bench.rate(numbered(9))
        bench.oracle.answers = [answer]
        assert bench.oracle.gate is not None
        bench.oracle.gate.set()
        assert ((await probe).engine, beside.engine) == (engine, "lexicon")
    await bench.rate(numbered(10))

    assert bench.tally.states == ["open", "half_open", "open", "half_open", "closed"]
    assert len(bench.oracle.asked) == BREAKER_FAILURES + 3


@pytest.mark.gen_test
async def test_a_probe_that_is_given_up_lets_the_next_one_through() -> None:
    bench = await broken()
    probe = await probing(bench)
    for task in asyncio.all_tasks():
        if task.get_name() == "rates from a model":
            task.cancel()
    assert (await probe).engine == "lexicon"
    bench.oracle.gate = None

    assert (await bench.rate(numbered(9))).engine == "llm"
    assert bench.tally.states == ["open", "half_open", "closed"]


@pytest.mark.gen_test
async def test_what_was_asked_before_the_breaker_changed_does_not_change_it() -> None:
    bench = Bench(oracle=Oracle(gate=asyncio.Event()))
    late = bench.ask(numbered(99))
    await bench.oracle.come.wait()
    gate, bench.oracle.gate = bench.oracle.gate, None
    bench.oracle.answers = [AdviceFailed("status")] * BREAKER_FAILURES
    for number in range(BREAKER_FAILURES):
        await bench.rate(numbered(number))
    assert gate is not None
    gate.set()

    assert (await late).engine == "llm"
    assert bench.tally.states == ["open"]
