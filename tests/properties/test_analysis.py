"""Whatever workers do, die of or say too late, an analysis ends, and only once for each run."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.analysis import (
    ATTEMPTS,
    Analysis,
    AnalysisRule,
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

LIMITS = Limits(deadline_ms=60_000, lease_ms=3_000, requeue_ms=2_000)
STEPS = st.integers(0, 8_000)


class Life(RuleBasedStateMachine):
    """One analysis, workers that remember every claim they ever had, and a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000_000
        self.analysis = begun(
            "a", review_id=None, owner=None, materials=(), now=self.now, limits=LIMITS
        )
        self.claims: list[Claim] = []
        self.results: dict[int, Mapping[str, Any]] = {}

    def change(self, made: AnalysisRule) -> Analysis:
        """Apply a rule, and see that nothing goes back."""
        before = self.analysis
        after = made(before, self.now)
        assert after.run >= before.run
        assert after.turn == before.turn + (after.state != before.state)
        assert before.active or after.run > before.run or after is before
        self.analysis = after
        return after

    @rule(step=STEPS)
    def time_goes_on(self, step: int) -> None:
        self.now += step

    @rule()
    def somebody_looks_after_it(self) -> None:
        self.change(overdue(LIMITS))

    @rule(worker=st.sampled_from("abc"))
    def somebody_claims_it(self, worker: str) -> None:
        before = self.analysis
        after = self.change(claimed(worker, LIMITS))
        if after is not before:
            claim = Claim(run=after.run, attempt=after.attempt)
            assert claim not in self.claims
            self.claims.append(claim)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), what=st.sampled_from(["done", "failed", "refused", "alive", "stops"]))
    def somebody_reports(self, data: st.DataObject, what: str) -> None:
        claim = data.draw(st.sampled_from(self.claims))
        result = {"run": claim.run, "attempt": claim.attempt}
        made = {
            "done": succeeded(claim, result),
            "failed": attempt_failed(claim, "no", again=True),
            "refused": attempt_failed(claim, "no", again=False),
            "alive": renewed(claim, LIMITS),
            "stops": released(claim),
        }[what]
        present = Claim(run=self.analysis.run, attempt=self.analysis.attempt)
        counts = self.analysis.state == "running" and present == claim
        try:
            after = self.change(made)
        except Superseded:
            assert not counts
            return
        assert counts
        if what == "done":
            assert after.run not in self.results
            self.results[after.run] = result

    @rule()
    def somebody_asks_for_it(self) -> None:
        before = self.analysis
        after = self.change(triggered((), LIMITS))
        assert (after is before) == before.active

    @invariant()
    def it_is_what_it_says(self) -> None:
        one = self.analysis
        assert 0 <= one.tries <= ATTEMPTS
        assert one.active == (one.wake_at is not None) == (one.ended_at is None)
        assert one.wake_at is None or one.wake_at <= one.deadline_at
        assert (one.worker is not None) == (one.state == "running")
        assert (one.state == "succeeded") == (one.result is not None)
        assert one.result is None or one.result == self.results[one.run]

    def teardown(self) -> None:
        """Without any worker it ends by its deadline, by looking after it alone."""
        rounds = 0
        while self.analysis.wake_at is not None:
            self.now = max(self.now, self.analysis.wake_at)
            assert self.now <= max(self.now, self.analysis.deadline_at)
            self.change(overdue(LIMITS))
            rounds += 1
            assert rounds < 50
        assert not self.analysis.active


TestLife = Life.TestCase
