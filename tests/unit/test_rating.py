"""Engines in their order, and a model that is never waited for long."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from domain.rates import DIMENSIONS, Rates
from domain.rating import Rating, Subject
from realtime.advice import WAIT_S, AdviceFailed, Patience
from realtime.answers import StartRequest
from realtime.rating import Lexicon, Rater
from realtime.tasks import Tasks
from realtime.weighing import Advice
from tests.raters import ADVISED, DRAWING, GOOD, WEIGHTS, Bench, Oracle, numbered
from tests.timed import timed

FIXED = Rates(logic=2000)


async def lexicon(subject: Subject = DRAWING) -> Rating:
    return await Lexicon().rate(subject)


@pytest.mark.gen_test
async def test_what_an_activity_prescribes_wins_and_the_lexicon_comes_last() -> None:
    bench = Bench()
    fixed = await bench.rate(replace(DRAWING, fixed=FIXED))
    asked_for_fixed = len(bench.oracle.asked)
    advised = await bench.rate()
    bench.oracle.answers = [AdviceFailed("status")]
    failed = await bench.rate(numbered(1))
    without = Rater(bench.tally)
    plain = await without.rate(DRAWING, "ada")
    bench.rater.close()
    without.close()

    assert (fixed.rates, fixed.engine, fixed.confidence) == (FIXED, "fixed", 1.0)
    assert asked_for_fixed == 0
    assert advised == ADVISED
    assert failed == await lexicon(numbered(1))
    assert plain == await lexicon()
    assert plain.engine == "lexicon"
    assert bench.tally.engines == ["fixed", "llm", "lexicon", "lexicon"]
    assert bench.oracle.closed


@pytest.mark.gen_test
async def test_a_good_answer_is_kept_by_what_was_asked() -> None:
    bench = Bench()
    await bench.rate()
    again = await bench.rate()
    for name in ("activity", "activity_category", "goal", "goal_category"):
        changes: dict[str, Any] = {name: "other"}
        await bench.rate(replace(DRAWING, **changes))
    newer = Bench(oracle=Oracle(identity="oracle 2"), shelf=bench.shelf)
    await newer.rate()
    elsewhere = Bench(shelf=bench.shelf)
    there = await elsewhere.rate()

    assert again == there == ADVISED
    assert (len(bench.oracle.asked), len(newer.oracle.asked)) == (5, 1)
    assert elsewhere.oracle.asked == []
    assert all(len(digest) == 64 for digest in bench.shelf.kept)


@pytest.mark.gen_test
async def test_only_so_many_words_are_shown_and_count() -> None:
    bench = Bench()
    await bench.rate(replace(DRAWING, activity="x" * 300, goal="y" * 300))
    await bench.rate(replace(DRAWING, activity="x" * 201, goal="y" * 200 + "z"))

    (asked,) = bench.oracle.asked
    assert (asked.activity, asked.goal) == ("x" * 200, "y" * 200)


@pytest.mark.gen_test
async def test_a_failure_is_not_kept() -> None:
    bench = Bench()
    bench.oracle.answers = [AdviceFailed("garbage"), GOOD]
    first, second = await bench.rate(), await bench.rate()

    assert (first.engine, second.engine) == ("lexicon", "llm")
    assert bench.tally.causes == ["garbage"]


@pytest.mark.parametrize("trouble", ["away", "hangs"])
@pytest.mark.gen_test
async def test_without_redis_there_is_no_cache_and_no_failure(trouble: str) -> None:
    bench = Bench()
    setattr(bench.shelf, trouble, True)

    assert await bench.rate() == ADVISED
    assert await bench.rate() == ADVISED
    assert len(bench.oracle.asked) == 2


async def until_asked(bench: Bench, count: int) -> None:
    """Wait until so many questions have reached the model."""
    async with asyncio.timeout(5):
        while len(bench.oracle.asked) < count:
            bench.oracle.come.clear()
            await bench.oracle.come.wait()


UNUSABLE = [
    dict.fromkeys(DIMENSIONS, 0.0),
    {**WEIGHTS, "logic": -1.0},
    {**WEIGHTS, "logic": float("nan")},
    {**WEIGHTS, "logic": float("inf")},
]


@pytest.mark.parametrize("weights", UNUSABLE)
@pytest.mark.gen_test
async def test_weights_that_cannot_be_shared_out_are_no_answer(weights: dict[str, float]) -> None:
    bench = Bench(oracle=Oracle(answers=[Advice(weights=weights, explanation="?")]))

    assert await bench.rate() == await lexicon()
    assert bench.tally.causes == ["garbage"]


@pytest.mark.gen_test
async def test_only_what_may_pass_is_tried_again() -> None:
    for answers, asked, engine in (
        ([AdviceFailed("status", again=True)], 2, "llm"),
        ([AdviceFailed("connection", again=True)] * 3, 3, "lexicon"),
        ([AdviceFailed("timeout", again=True), AdviceFailed("garbage")], 2, "lexicon"),
        ([AdviceFailed("status")], 1, "lexicon"),
        ([AdviceFailed("garbage")], 1, "lexicon"),
    ):
        bench = Bench(patience=Patience(retries=2, backoff_s=0.001))
        bench.oracle.answers = [*answers]
        assert (await bench.rate()).engine == engine, answers
        assert len(bench.oracle.asked) == asked, answers


@pytest.mark.gen_test
async def test_all_tries_together_have_one_deadline() -> None:
    hung = Bench(patience=Patience(within_s=0.05), oracle=Oracle(gate=asyncio.Event()))
    late = Bench(patience=Patience(retries=5, within_s=0.2))
    late.oracle.answers = [AdviceFailed("connection", again=True)] * 9

    assert await hung.rate() == await late.rate() == await lexicon()
    assert (hung.tally.causes, late.tally.causes) == (["timeout"], ["connection"])
    assert all(0 < within_s <= 0.05 for within_s in hung.oracle.within_s)
    # There was too little time left for another try to be worth it.
    assert len(late.oracle.asked) == 1
    # What is promised with the defaults: less than two seconds, Redis at its slowest.
    assert WAIT_S < 2


@pytest.mark.gen_test
async def test_the_same_question_at_the_same_time_is_asked_once() -> None:
    bench = Bench(oracle=Oracle(gate=asyncio.Event()))
    waiting = [bench.ask() for _ in range(20)]
    await bench.oracle.come.wait()
    waiting[0].cancel()
    waiting[7].cancel()
    await asyncio.sleep(0)
    assert bench.oracle.gate is not None
    bench.oracle.gate.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert len(bench.oracle.asked) == 1
    gone = [number for number, one in enumerate(outcomes) if one != ADVISED]
    assert gone == [0, 7]
    assert all(isinstance(outcomes[number], asyncio.CancelledError) for number in gone)


@pytest.mark.gen_test
async def test_beyond_the_questions_in_flight_nobody_waits() -> None:
    bench = Bench(patience=Patience(in_flight=2), oracle=Oracle(gate=asyncio.Event()))
    first, second = bench.ask(numbered(1)), bench.ask(numbered(2))
    await bench.oracle.come.wait()
    await asyncio.sleep(0)
    assert len(bench.oracle.asked) == 2
    third = await bench.rate(numbered(3))
    assert bench.oracle.gate is not None
    bench.oracle.gate.set()

    assert third == await lexicon(numbered(3))
    assert bench.tally.causes == ["busy"]
    assert [await first, await second] == [ADVISED] * 2
    assert (await bench.rate(numbered(3))).engine == "llm"


@pytest.mark.gen_test
async def test_nobody_takes_the_questions_of_others() -> None:
    bench = Bench(oracle=Oracle(gate=asyncio.Event()))
    await Bench(shelf=bench.shelf).rate(numbered(50))
    eager = [bench.ask(numbered(number), "eve") for number in range(20)]
    refused = await asyncio.gather(*eager[2:])
    asked_by_eve = len(bench.oracle.asked)
    joining = bench.ask(numbered(0))
    own = bench.ask(numbered(30))
    kept = await bench.rate(numbered(50), "eve")
    # Who joins a question of somebody else needs no room, whoever has none.
    joined = bench.ask(numbered(30), "eve")
    await until_asked(bench, 3)
    assert bench.oracle.gate is not None
    bench.oracle.gate.set()

    assert {one.engine for one in refused} == {"lexicon"}
    assert (asked_by_eve, len(bench.oracle.asked)) == (2, 3)
    assert kept == ADVISED
    assert [await one for one in (*eager[:2], joining, own, joined)] == [ADVISED] * 5
    assert bench.tally.causes == ["busy"] * 18
    assert (await bench.rate(numbered(40), "eve")).engine == "llm"


@pytest.mark.parametrize("where", ["get_fault", "put_fault"])
@pytest.mark.gen_test
async def test_a_fault_of_our_own_costs_nobody_a_session_and_tells_no_words(where: str) -> None:
    bench = Bench(oracle=Oracle(answers=[RuntimeError(f"a bug that tells of {DRAWING.goal}")]))
    with capture_logs() as logs:
        failed = await bench.rate()
    setattr(bench.shelf, where, RuntimeError(DRAWING.goal))
    with capture_logs() as more:
        kept = await bench.rate(numbered(1))

    assert (failed, kept.engine) == (await lexicon(), "llm")
    assert bench.tally.causes == ["error"] * 2
    assert bench.tasks.failures == 0
    assert [line["error"] for line in [*logs, *more]] == ["RuntimeError"] * 2
    assert DRAWING.goal not in str([*logs, *more])


@pytest.mark.gen_test
async def test_a_node_that_stops_answers_from_the_lexicon() -> None:
    bench = Bench(oracle=Oracle(gate=asyncio.Event()))
    waiting = Tasks().spawn(bench.rate(), name="a request")
    await bench.oracle.come.wait()
    await bench.tasks.close()

    assert await waiting == await lexicon()


def test_a_start_is_recognised_whoever_rated_it() -> None:
    told = {"goal_id": "g", "activity_id": "a"}
    starts = [
        timed(context=told),
        timed(context={**told, "rate_engine": "llm"}),
        timed(context={**told, "rate_engine": "lexicon"}, rates=FIXED),
        timed(context={**told, "activity_id": "b", "rate_engine": "llm"}),
    ]
    first, *same, other = [StartRequest(session, "c").fingerprint for session in starts]

    assert same == [first, first]
    assert other != first
