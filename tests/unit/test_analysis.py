"""The life of an analysis: claims, leases, attempts, deadlines."""

from dataclasses import replace

import pytest

from domain.analysis import (
    ATTEMPTS,
    TOO_LATE,
    WORKER_LOST,
    Analysis,
    Claim,
    Limits,
    Superseded,
    attempt_failed,
    begun,
    claimed,
    overdue,
    released,
    renewed,
    succeeded,
    triggered,
)
from domain.analysis_views import nothing_frame, status_frame, turn_frames

LIMITS = Limits(deadline_ms=300_000, lease_ms=6_000, requeue_ms=5_000)
START = 1_000_000
RESULT = {"version": 1}


def fresh() -> Analysis:
    """One that was just asked for."""
    return begun("a", review_id="r", owner=None, materials=(), now=START, limits=LIMITS)


def running(now: int = START) -> tuple[Analysis, Claim]:
    """One that a worker has claimed."""
    analysis = claimed("w", LIMITS)(fresh(), now)
    return analysis, Claim(run=analysis.run, attempt=analysis.attempt)


def test_it_begins_pending_and_is_looked_after_from_the_start() -> None:
    analysis = fresh()

    assert (analysis.state, analysis.run, analysis.attempt, analysis.turn) == ("pending", 1, 0, 1)
    assert analysis.wake_at == START + LIMITS.requeue_ms
    assert analysis.deadline_at == START + LIMITS.deadline_ms


def test_a_claim_begins_an_attempt_with_a_lease() -> None:
    analysis, claim = running()

    assert (analysis.state, analysis.worker) == ("running", "w")
    assert claim == Claim(run=1, attempt=1)
    assert analysis.wake_at == START + LIMITS.lease_ms


def test_what_runs_or_has_ended_is_claimed_by_nobody_else() -> None:
    analysis, claim = running()
    ended = succeeded(claim, RESULT)(analysis, START + 1)

    for state in (analysis, ended):
        assert claimed("x", LIMITS)(state, START + 2) is state


def test_what_waits_for_its_time_is_not_claimed_before() -> None:
    analysis, claim = running()
    waiting = attempt_failed(claim, "no", again=True)(analysis, START)

    assert waiting.not_before == START + 2_000
    assert claimed("x", LIMITS)(waiting, START + 1_999) is waiting
    assert claimed("x", LIMITS)(waiting, START + 2_000).attempt == 2


def test_a_lease_is_renewed_up_to_the_deadline() -> None:
    analysis, claim = running()
    later = renewed(claim, LIMITS)(analysis, START + 4_000)
    last = renewed(claim, LIMITS)(analysis, analysis.deadline_at - 1)

    assert (later.wake_at, later.turn) == (START + 10_000, analysis.turn)
    assert last.wake_at == analysis.deadline_at


def test_a_lapsed_lease_lets_the_next_attempt_begin_at_once() -> None:
    analysis, _ = running()
    assert overdue(LIMITS)(analysis, START + 5_999) is analysis
    lost = overdue(LIMITS)(analysis, START + 6_000)

    assert (lost.state, lost.error, lost.worker) == ("pending", WORKER_LOST, None)
    assert claimed("x", LIMITS)(lost, START + 6_000).attempt == 2


def test_a_result_of_an_earlier_attempt_is_refused() -> None:
    analysis, claim = running()
    lost = overdue(LIMITS)(analysis, START + 6_000)
    second = claimed("x", LIMITS)(lost, START + 6_000)

    for state in (lost, second):
        for rule in (
            succeeded(claim, RESULT),
            attempt_failed(claim, "no", again=True),
            renewed(claim, LIMITS),
            released(claim),
        ):
            with pytest.raises(Superseded):
                rule(state, START + 7_000)


def test_a_result_of_an_earlier_run_is_refused() -> None:
    analysis, claim = running()
    ended = succeeded(claim, RESULT)(analysis, START + 1)
    anew = claimed("x", LIMITS)(triggered((), LIMITS)(ended, START + 2), START + 3)

    assert (anew.run, anew.attempt, anew.result) == (2, 1, None)
    with pytest.raises(Superseded):
        succeeded(claim, RESULT)(anew, START + 4)


def test_a_trigger_joins_what_goes_on_and_begins_what_has_ended_anew() -> None:
    analysis, claim = running()
    ended = attempt_failed(claim, "no", again=False)(analysis, START + 1)
    anew = triggered((), LIMITS)(ended, START + 2)

    assert triggered((), LIMITS)(analysis, START + 1) is analysis
    assert (anew.state, anew.run, anew.attempt, anew.error) == ("pending", 2, 0, None)
    assert anew.turn == ended.turn + 1
    assert anew.deadline_at == START + 2 + LIMITS.deadline_ms


def test_three_attempts_are_made_with_growing_pauses() -> None:
    analysis, now, pauses = fresh(), START, []
    for number in range(1, ATTEMPTS + 1):
        analysis = claimed("w", LIMITS)(analysis, now)
        assert analysis.attempt == number
        claim = Claim(run=1, attempt=number)
        analysis = attempt_failed(claim, f"no {number}", again=True)(analysis, now)
        if analysis.active:
            pauses.append(analysis.not_before - now)
            now = analysis.not_before

    assert pauses == [2_000, 15_000]
    assert (analysis.state, analysis.error, analysis.wake_at) == ("failed", "no 3", None)


def test_what_no_other_try_would_help_fails_at_once() -> None:
    analysis, claim = running()
    ended = attempt_failed(claim, "no", again=False)(analysis, START + 1)

    assert (ended.state, ended.error, ended.ended_at) == ("failed", "no", START + 1)


@pytest.mark.parametrize("state", ["pending", "running"])
def test_its_deadline_ends_it_from_anywhere(state: str) -> None:
    analysis = fresh() if state == "pending" else running()[0]
    late = replace(analysis, wake_at=analysis.deadline_at)
    ended = overdue(LIMITS)(late, analysis.deadline_at)

    assert (ended.state, ended.error, ended.wake_at) == ("failed", TOO_LATE, None)


def test_one_that_nobody_takes_is_queued_again_until_it_ends() -> None:
    analysis, now, waits = fresh(), START, []
    while analysis.active:
        assert analysis.wake_at is not None
        waits.append(analysis.wake_at - now)
        now = analysis.wake_at
        before, analysis = analysis, overdue(LIMITS)(analysis, now)
        assert analysis.ticket != before.ticket or not analysis.active

    assert waits[:4] == [5_000, 5_000, 10_000, 12_000]
    assert set(waits[4:-1]) == {12_000}
    assert sum(waits) == LIMITS.deadline_ms
    assert analysis.error == TOO_LATE


def test_a_worker_that_stops_gives_its_attempt_back() -> None:
    analysis, claim = running()
    back = released(claim)(analysis, START + 2_000)

    assert (back.state, back.tries, back.worker) == ("pending", 0, None)
    assert back.ticket != fresh().ticket
    second = claimed("x", LIMITS)(back, START + 2_000)
    # Another number all the same, or the one that stopped could still speak for it.
    assert (second.attempt, second.tries) == (2, 1)
    with pytest.raises(Superseded):
        succeeded(claim, RESULT)(second, START + 3_000)


def test_what_clients_are_told_is_that_of_the_document() -> None:
    analysis, claim = running()
    ended = succeeded(claim, RESULT)(analysis, START + 1)
    failed = attempt_failed(claim, "no", again=False)(analysis, START + 1)
    waiting = attempt_failed(claim, "no", again=True)(analysis, START + 1)

    told = {"type": "status", "session_id": "a", "review_session_id": "r"}
    assert turn_frames(ended) == [
        {**told, "status": "succeeded", "error": None, "result": None},
        {"type": "result", "data": RESULT},
    ]
    assert turn_frames(failed) == [
        {**told, "status": "failed", "error": "no", "result": None},
        {"type": "error", "message": "no"},
    ]
    assert turn_frames(waiting) == [{**told, "status": "pending", "error": None, "result": None}]
    assert status_frame(ended, with_result=True)["result"] == RESULT
    assert nothing_frame("x", review=True)["status"] == "not_completed"
    assert nothing_frame("x", review=False)["status"] == "not_found"
