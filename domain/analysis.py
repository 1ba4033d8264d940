"""The life of an analysis: a job that always ends, whoever dies while it runs.

    pending ──claim──► running ──succeed──► succeeded
       ▲                  │ │
       └──── again ───────┘ └──────────────► failed        (also at its deadline, from anywhere)

Every claim is an attempt with a number. What an attempt reports counts only while it is the
present one, so a worker that comes back from the dead changes nothing. A running attempt keeps a
lease; whoever notices that it has lapsed lets the next one begin. All instants are ms.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from domain.errors import Conflict

State = Literal["pending", "running", "succeeded", "failed"]
ACTIVE: Final = ("pending", "running")
ATTEMPTS: Final = 3
BACK_OFF_MS: Final = (2_000, 15_000)
"""The pause before the second and the third attempt, where the one before it failed."""
REQUEUE_MAX_MS: Final = 12_000
"""The longest pause between two times that one that waits is put into the queue."""
WORKER_LOST: Final = "The worker was lost."
TOO_LATE: Final = "The analysis did not end in time."


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """An answer that is to be analysed: text, or a recording of which the text is to be made."""

    order: int
    question_id: int
    prompt: str
    answer: str
    audio_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long things may take, in ms."""

    deadline_ms: int
    """From the trigger to the end, all attempts included."""
    lease_ms: int
    """How long a worker may be silent."""
    requeue_ms: int
    """How long a pending one waits before it is put into the queue once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One analysis, and its present run."""

    id: str
    review_id: str | None
    owner: str | None
    materials: tuple[Material, ...]
    state: State
    run: int
    """Grows with each trigger that begins it anew."""
    attempt: int
    """Attempts of this run that have begun; no two have the same number."""
    given_back: int = 0
    """Those of them that a worker gave back, and that count for nothing."""
    rev: int
    """Grows with every change; the only concurrency token."""
    turn: int
    """Grows with every change that clients are told of; they are told each one once."""
    created_at: int
    triggered_at: int
    deadline_at: int
    wake_at: int | None
    """When somebody has to look after it; None once it has ended."""
    not_before: int
    queued: int = 1
    """How often this attempt was put into the queue."""
    worker: str | None = None
    result: Mapping[str, Any] | None = None
    error: str | None = None
    ended_at: int | None = None

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.state in ACTIVE

    @property
    def tries(self) -> int:
        """The attempts of this run that count."""
        return self.attempt - self.given_back

    @property
    def ticket(self) -> str:
        """The name of what is to be done next, in the queue."""
        return f"{self.id}.{self.run}.{self.attempt + 1}.{self.queued}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Which attempt somebody works at."""

    run: int
    attempt: int


class Superseded(Conflict):
    """The attempt is not the present one any more; what it found does not count."""


AnalysisRule = Callable[[Analysis, int], Analysis]
"""From the analysis as it is, and the instant; the same object where nothing changes."""


def begun(
    id_: str,
    *,
    review_id: str | None,
    owner: str | None,
    materials: tuple[Material, ...],
    now: int,
    limits: Limits,
) -> Analysis:
    """An analysis that somebody has just asked for."""
    return Analysis(
        id=id_,
        review_id=review_id,
        owner=owner,
        materials=materials,
        state="pending",
        run=1,
        attempt=0,
        rev=1,
        turn=1,
        created_at=now,
        triggered_at=now,
        deadline_at=now + limits.deadline_ms,
        wake_at=min(now + limits.requeue_ms, now + limits.deadline_ms),
        not_before=now,
    )


def triggered(materials: tuple[Material, ...], limits: Limits) -> AnalysisRule:
    """Begin an ended one anew; one that is going on is joined, whatever the answers are."""

    def rule(before: Analysis, now: int) -> Analysis:
        if before.active:
            return before
        fresh = begun(
            before.id,
            review_id=before.review_id,
            owner=before.owner,
            materials=materials,
            now=now,
            limits=limits,
        )
        return replace(
            fresh,
            run=before.run + 1,
            rev=before.rev,
            turn=before.turn + 1,
            created_at=before.created_at,
        )

    return rule


def claimed(worker: str, limits: Limits) -> AnalysisRule:
    """Begin the next attempt, if one is due; otherwise nothing changes."""

    def rule(before: Analysis, now: int) -> Analysis:
        due = before.state == "pending" and before.not_before <= now < before.deadline_at
        if not due:
            return before
        return replace(
            before,
            state="running",
            attempt=before.attempt + 1,
            turn=before.turn + 1,
            queued=1,
            worker=worker,
            wake_at=min(now + limits.lease_ms, before.deadline_at),
        )

    return rule


def renewed(claim: Claim, limits: Limits) -> AnalysisRule:
    """Say that the attempt goes on. Raises Superseded."""

    def rule(before: Analysis, now: int) -> Analysis:
        _require(before, claim)
        return replace(before, wake_at=min(now + limits.lease_ms, before.deadline_at))

    return rule


def succeeded(claim: Claim, result: Mapping[str, Any]) -> AnalysisRule:
    """End it with a result. Raises Superseded."""

    def rule(before: Analysis, now: int) -> Analysis:
        _require(before, claim)
        return _ended(before, "succeeded", now, result=result)

    return rule


def attempt_failed(claim: Claim, error: str, *, again: bool) -> AnalysisRule:
    """End the attempt, and the analysis unless another one may help. Raises Superseded."""

    def rule(before: Analysis, now: int) -> Analysis:
        _require(before, claim)
        if not again:
            return _ended(before, "failed", now, error=error)
        return _again(before, now, error, pause_ms=_pause_ms(before.tries))

    return rule


def released(claim: Claim) -> AnalysisRule:
    """Let another worker have it, since this one stops: the attempt never was. Raises Superseded."""

    def rule(before: Analysis, now: int) -> Analysis:
        _require(before, claim)
        return replace(
            before,
            state="pending",
            given_back=before.given_back + 1,
            turn=before.turn + 1,
            worker=None,
            not_before=now,
            wake_at=now,
        )

    return rule


def overdue(limits: Limits) -> AnalysisRule:
    """Look after one whose time to wake has come: end it, or let the next attempt begin."""

    def rule(before: Analysis, now: int) -> Analysis:
        if before.wake_at is None or now < before.wake_at:
            return before
        if now >= before.deadline_at:
            return _ended(before, "failed", now, error=before.error or TOO_LATE)
        if before.state == "running":
            return _again(before, now, WORKER_LOST, pause_ms=0)
        # It has waited: put it into the queue once more, and wait longer the next time.
        waited = max(limits.requeue_ms, now - max(before.triggered_at, before.not_before))
        due = min(now + min(waited, REQUEUE_MAX_MS), before.deadline_at)
        return replace(before, queued=before.queued + 1, wake_at=due)

    return rule


def _require(before: Analysis, claim: Claim) -> None:
    present = Claim(run=before.run, attempt=before.attempt)
    if before.state != "running" or present != claim:
        raise Superseded("Another attempt has taken this one's place.")


def _again(before: Analysis, now: int, error: str, *, pause_ms: int) -> Analysis:
    due = now + pause_ms
    if before.tries >= ATTEMPTS or due >= before.deadline_at:
        return _ended(before, "failed", now, error=error)
    return replace(
        before,
        state="pending",
        turn=before.turn + 1,
        worker=None,
        error=error,
        not_before=due,
        wake_at=due,
    )


def _pause_ms(tries: int) -> int:
    return BACK_OFF_MS[min(tries, len(BACK_OFF_MS)) - 1]


def _ended(
    before: Analysis,
    state: State,
    now: int,
    *,
    result: Mapping[str, Any] | None = None,
    error: str | None = None,
) -> Analysis:
    return replace(
        before,
        state=state,
        turn=before.turn + 1,
        worker=None,
        result=result,
        error=error,
        ended_at=now,
        wake_at=None,
    )
