"""Why a session ended, and where its XP comes from, in words."""

from typing import Any

import pytest

from domain.instants import iso
from domain.timeline import Facts, duration, explain
from tests.timed import HOUR, MINUTE, SECOND, START

END = START + 25 * MINUTE
THEN = iso(END)
WORTH = "Its 25 minutes of focus are worth 50 XP; each dimension is rounded down."


def explained(**changes: Any) -> str:
    """The explanation of a session of 25 focused minutes, with `changes` to its facts."""
    facts: dict[str, Any] = {
        "status": "completed",
        "started_at": START,
        "ended_at": END,
        "max_ms": 12 * HOUR,
        "focused_ms": 25 * MINUTE,
        "xp": 50,
    }
    return explain(Facts(**(facts | changes)))


@pytest.mark.parametrize(
    ("facts", "because"),
    [
        ({"reason": "manual"}, "because you completed it"),
        (
            {"reason": "auto", "planned_ms": 25 * MINUTE, "due_at": END, "late_ms": 120},
            "because its plan of 25 minutes was reached; noticed 120 ms later",
        ),
        (
            {"reason": "auto", "planned_ms": 25 * MINUTE, "due_at": END, "late_ms": 0},
            "because its plan of 25 minutes was reached",
        ),
        (
            {"reason": "timeout", "max_ms": 25 * MINUTE, "due_at": END, "late_ms": 2 * HOUR},
            "because no session of its kind may last longer than 25 minutes; noticed 2 hours later",
        ),
        (
            {"reason": "timeout", "due_at": END, "late_ms": 1},
            "because nothing was done in it for too long; noticed 1 ms later",
        ),
        (
            {"reason": "abandoned", "due_at": END + 4 * HOUR, "late_ms": 61_500},
            f"because no client was heard from between then and {iso(END + 4 * HOUR)};"
            " noticed 1 minute 1.5 seconds later",
        ),
        ({"reason": "abandoned"}, "because no client was heard from after that"),
        (
            {"reason": "crash_recovered", "due_at": END, "late_ms": HOUR},
            "because from then on the whole service was away for too long; noticed 1 hour later",
        ),
    ],
)
def test_every_reason_is_told(facts: dict[str, Any], because: str) -> None:
    assert explained(**facts) == f"It ended at {THEN} {because}. {WORTH}"


def test_what_earns_nothing_says_so() -> None:
    voided_at = END + MINUTE
    canceled = explained(status="canceled", xp=0)
    voided = explained(status="voided", reason="manual", voided_at=voided_at)

    assert canceled == f"It was canceled at {THEN}. What is canceled earns nothing."
    assert voided == (
        f"It ended at {THEN} because you completed it, and was voided at {iso(voided_at)}."
        " Its 50 XP were taken back."
    )


def test_a_live_session_tells_what_it_has_and_when_it_ends() -> None:
    worth = "So far its 25 minutes of focus are worth 50 XP."
    live = explained(status="paused", ended_at=None, ends_by=END)

    assert live == f"It is paused, and ends by {THEN} if nothing else happens. {worth}"


def test_another_store_answers_for_its_sessions() -> None:
    ended = explained(external=True, reason="abandoned")
    active = explained(external=True, status="active", ended_at=None)

    assert ended == (
        f"It ended at {THEN} because the store that ran it said so (abandoned)."
        " That store counted 50 XP."
    )
    assert active == "Another store runs it, and will tell when it has ended."


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0 ms"),
        (999, "999 ms"),
        (SECOND, "1 second"),
        (7_479, "7.479 seconds"),
        (MINUTE, "1 minute"),
        (90 * MINUTE, "1 hour 30 minutes"),
        (26 * HOUR + 1_050, "26 hours 1.05 seconds"),
    ],
)
def test_durations_are_told_in_words(ms: int, words: str) -> None:
    assert duration(ms) == words
