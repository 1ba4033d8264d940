"""Ends that time brings: at their instant in the books, however late they are noticed."""

from dataclasses import replace
from typing import Any, Final

import pytest

from domain.commands import (
    Act,
    Blur,
    Cancel,
    Complete,
    Distract,
    Focus,
    Outcome,
    PauseCommand,
    Resume,
    Touch,
)
from domain.session import (
    Deadline,
    Pause,
    Segment,
    Session,
    deadlines,
    next_due,
    progress,
    seen,
)
from domain.transitions import MAX_REV, expire, recover
from tests.timed import HOUR, MINUTE, START, after, timed

LONG: Final = 1_000 * HOUR


def ended(session: Session, now: int) -> Outcome:
    """The end of a session that is due."""
    passed = expire(session, now)
    assert passed is not None
    assert passed.session.terminal
    return passed


def end_minute(session: Session, now: int = START + LONG) -> tuple[str | None, float]:
    """Why a due session ended, and at which minute."""
    after_it = ended(session, now).session
    assert after_it.ended_at is not None
    return after_it.completed_reason, (after_it.ended_at - START) / MINUTE


@pytest.mark.parametrize("late_ms", [0, 1, 250, LONG])
def test_a_planned_session_ends_at_the_planned_instant(late_ms: int) -> None:
    planned = START + 25 * MINUTE
    session = timed(planned_ms=25 * MINUTE)

    end = ended(session, planned + late_ms)

    assert (end.session.status, end.session.completed_reason) == ("completed", "auto")
    assert end.session.ended_at == end.session.clock == planned
    assert end.session.active_ms == end.session.focused_ms == 25 * MINUTE
    assert end.event is not None
    assert (end.event.type, end.event.at, end.event.rev) == ("completed", planned, 2)
    assert end.event.segment == Segment("focused", START, planned)
    assert end.event.data == {
        "completed_reason": "auto",
        "xp_total": 3000,
        "due_at": planned,
        "fired_at": planned + late_ms,
        "late_ms": late_ms,
    }


@pytest.mark.parametrize(
    ("limits", "due_minute"),
    [
        ({"planned_ms": 25 * MINUTE}, 25),
        ({"max_ms": 30 * MINUTE}, 30),
        ({"idle_ms": 60 * MINUTE}, 60),
        ({"abandon_ms": 240 * MINUTE}, 240),
    ],
)
def test_nothing_ends_a_millisecond_early(limits: dict[str, int], due_minute: int) -> None:
    session = timed(**limits)

    assert next_due(session) == START + due_minute * MINUTE
    assert expire(session, START + due_minute * MINUTE - 1) is None
    assert expire(session, START + due_minute * MINUTE) is not None


def test_pauses_put_the_planned_end_off() -> None:
    session = after(timed(planned_ms=25 * MINUTE), (10, PauseCommand()), (60, Resume()))

    assert end_minute(session) == ("auto", 75)
    assert ended(session, START + LONG).session.active_ms == 25 * MINUTE


def test_time_away_does_not_put_the_planned_end_off() -> None:
    session = after(timed(planned_ms=25 * MINUTE), (10, Blur()), (20, Focus()))

    assert end_minute(session) == ("auto", 25)
    assert ended(session, START + LONG).session.focused_ms == 15 * MINUTE


def test_a_paused_session_does_not_reach_its_planned_end() -> None:
    session = after(timed(planned_ms=25 * MINUTE), (24, PauseCommand()))

    assert end_minute(session) == ("timeout", 12 * 60)
    assert ended(session, START + LONG).session.active_ms == 24 * MINUTE
    assert ended(session, START + LONG).session.pauses == (
        Pause(START + 24 * MINUTE, START + 12 * HOUR),
    )


def test_the_hard_limit_counts_pauses_too() -> None:
    session = after(timed(max_ms=HOUR), (10, PauseCommand()), (50, Resume()))

    assert end_minute(session) == ("timeout", 60)
    assert ended(session, START + LONG).session.active_ms == 20 * MINUTE


def test_an_abandoned_session_ends_where_its_client_was_last_seen() -> None:
    session = seen(after(timed(abandon_ms=4 * HOUR), (10, Distract())), START + 30 * MINUTE)

    end = ended(session, START + 5 * HOUR)

    assert (end.session.completed_reason, end.session.ended_at) == (
        "abandoned",
        START + 30 * MINUTE,
    )
    assert end.session.focused_ms == 30 * MINUTE
    assert end.event is not None
    assert end.event.data["due_at"] == START + 4 * HOUR + 30 * MINUTE
    assert end.event.data["late_ms"] == 30 * MINUTE


def test_an_abandoned_pause_ends_where_its_client_was_last_seen() -> None:
    session = after(timed(abandon_ms=4 * HOUR), (10, PauseCommand()), (20, Touch()))

    assert end_minute(session) == ("abandoned", 20)
    assert ended(session, START + LONG).session.pauses == (
        Pause(START + 10 * MINUTE, START + 20 * MINUTE),
    )


def test_no_end_lies_before_the_last_transition() -> None:
    session = after(timed(abandon_ms=4 * HOUR), (10, PauseCommand()))
    without_evidence = replace(session, last_seen_at=START)

    assert end_minute(without_evidence) == ("abandoned", 10)


@pytest.mark.parametrize("command", [Touch(), Blur(), Focus(), PauseCommand(), Resume()])
def test_whatever_a_client_says_shows_that_it_is_there(command: Any) -> None:
    session = after(timed(abandon_ms=4 * HOUR), (200, command))

    assert expire(session, START + 5 * HOUR) is None
    assert end_minute(session) == ("abandoned", 200)


def test_a_planned_session_is_never_abandoned() -> None:
    session = timed(planned_ms=6 * HOUR, abandon_ms=4 * HOUR)

    assert expire(session, START + 6 * HOUR - 1) is None
    assert end_minute(session) == ("auto", 360)
    paused = after(session, (10, PauseCommand()))
    assert end_minute(paused) == ("timeout", 12 * 60)


def test_a_customer_without_activity_times_out() -> None:
    session = timed(kind="customer", idle_ms=HOUR)
    chatted = after(session, (10, Act("message_sent")), (55, Touch()), (69, Blur()))

    assert end_minute(session) == ("timeout", 60)
    assert end_minute(chatted) == ("timeout", 70)
    assert ended(chatted, START + LONG).session.focused_ms == 69 * MINUTE


def test_a_paused_customer_times_out_too() -> None:
    session = after(timed(kind="customer", idle_ms=HOUR), (10, PauseCommand()))

    assert end_minute(session) == ("timeout", 60)


LIMITS: Final = {
    "hard": {"max_ms": HOUR},
    "planned": {"planned_ms": HOUR},
    "idle": {"idle_ms": HOUR},
    "abandoned": {"abandon_ms": HOUR},
}
# What each of them looks like in the books when it comes after one hour.
ENDS: Final = {
    "hard": Deadline(START + HOUR, "timeout", START + HOUR),
    "planned": Deadline(START + HOUR, "auto", START + HOUR),
    "idle": Deadline(START + HOUR, "timeout", START + HOUR),
    "abandoned": Deadline(START + HOUR, "abandoned", START),
}


@pytest.mark.parametrize(
    ("together", "order"),
    [
        ({"hard", "planned"}, ["hard", "planned"]),
        ({"hard", "idle"}, ["hard", "idle"]),
        ({"hard", "abandoned"}, ["hard", "abandoned"]),
        ({"planned", "idle"}, ["planned", "idle"]),
        ({"idle", "abandoned"}, ["idle", "abandoned"]),
        ({"hard", "idle", "abandoned"}, ["hard", "idle", "abandoned"]),
        ({"hard", "planned", "idle", "abandoned"}, ["hard", "planned", "idle"]),
    ],
)
def test_ends_of_one_instant_come_in_a_fixed_order(together: set[str], order: list[str]) -> None:
    limits: dict[str, int] = {}
    for name in together:
        limits |= LIMITS[name]
    session = timed(**limits)

    ahead = [end for end in deadlines(session) if end.due_at == START + HOUR]

    assert ahead == [ENDS[name] for name in order]
    assert ended(session, START + LONG).session.completed_reason == ENDS[order[0]].reason


@pytest.mark.parametrize(
    ("limits", "end"),
    [
        ({"max_ms": 10, "planned_ms": 9, "idle_ms": 11}, ("auto", 9)),
        ({"max_ms": 10, "planned_ms": 11, "idle_ms": 9}, ("timeout", 9)),
        ({"max_ms": 8, "planned_ms": 9, "idle_ms": 10}, ("timeout", 8)),
        ({"max_ms": 10, "idle_ms": 9, "abandon_ms": 8}, ("abandoned", 0)),
        ({"max_ms": 10, "idle_ms": 8, "abandon_ms": 9}, ("timeout", 8)),
    ],
)
def test_of_several_ends_that_have_passed_the_first_counts(
    limits: dict[str, int], end: tuple[str, int]
) -> None:
    minutes = {name: value * MINUTE for name, value in limits.items()}

    assert end_minute(timed(**minutes)) == end


@pytest.mark.parametrize("command", [Complete(), Cancel()])
def test_an_ended_session_has_no_end_ahead(command: Complete | Cancel) -> None:
    session = after(timed(planned_ms=HOUR, idle_ms=HOUR, abandon_ms=HOUR), (10, command))

    assert deadlines(session) == ()
    assert next_due(session) is None
    assert expire(session, START + LONG) is None


def test_time_ends_even_a_session_that_changed_too_often() -> None:
    assert ended(timed(rev=MAX_REV), START + LONG).session.rev == MAX_REV + 1


def test_progress_stops_at_an_end_that_nobody_has_noticed() -> None:
    session = timed(planned_ms=25 * MINUTE)

    on_time, late = progress(session, START + 25 * MINUTE), progress(session, START + LONG)

    assert on_time == late
    assert (late.elapsed_ms, late.remaining_ms) == (25 * MINUTE, 0)
    assert late.xp.total == 3000
    assert progress(ended(session, START + LONG).session, START + LONG) == late


def test_what_remains_stands_still_in_a_pause() -> None:
    session = after(timed(planned_ms=25 * MINUTE), (10, PauseCommand()))

    assert progress(session, START + 11 * MINUTE).remaining_ms == 15 * MINUTE
    assert progress(session, START + HOUR).remaining_ms == 15 * MINUTE


def test_a_session_lost_with_the_cluster_ends_at_its_last_heartbeat() -> None:
    session = after(timed(abandon_ms=4 * HOUR), (10, Distract()))

    lost = recover(session, START + 30 * MINUTE, 0, START + 90 * MINUTE)

    assert lost is not None
    assert lost.session.completed_reason == "crash_recovered"
    assert lost.session.ended_at == START + 30 * MINUTE
    assert lost.session.focused_ms == 30 * MINUTE
    assert lost.event is not None
    assert lost.event.segment == Segment("focused", START, START + 30 * MINUTE)
    assert lost.event.data == {
        "completed_reason": "crash_recovered",
        "xp_total": 3600,
        "due_at": START + 30 * MINUTE,
        "fired_at": START + 90 * MINUTE,
        "late_ms": 60 * MINUTE,
    }


def test_a_transition_after_the_last_heartbeat_is_evidence_too() -> None:
    session = after(timed(), (30, Blur()))

    lost = recover(session, START + 29 * MINUTE, 0, START + 90 * MINUTE)

    assert lost is not None
    assert lost.session.ended_at == START + 30 * MINUTE
    assert lost.session.focused_ms == lost.session.active_ms == 30 * MINUTE


def test_a_paused_session_is_lost_with_the_cluster_too() -> None:
    session = after(timed(), (10, PauseCommand()))

    lost = recover(session, START + 30 * MINUTE, 0, START + 90 * MINUTE)

    assert lost is not None
    assert lost.session.completed_reason == "crash_recovered"
    assert lost.session.pauses == (Pause(START + 10 * MINUTE, START + 30 * MINUTE),)
    assert lost.session.active_ms == 10 * MINUTE


@pytest.mark.parametrize(
    ("limits", "end"),
    [
        ({"planned_ms": 25 * MINUTE}, ("auto", 25)),
        ({"planned_ms": 30 * MINUTE}, ("auto", 30)),
        ({"abandon_ms": 20 * MINUTE}, ("abandoned", 0)),
        ({"max_ms": 29 * MINUTE}, ("timeout", 29)),
        ({"planned_ms": 31 * MINUTE}, ("crash_recovered", 30)),
    ],
)
def test_an_end_that_came_before_the_last_heartbeat_comes_first(
    limits: dict[str, int], end: tuple[str, int]
) -> None:
    lost = recover(timed(**limits), START + 30 * MINUTE, 0, START + 90 * MINUTE)

    assert lost is not None
    assert lost.session.ended_at is not None
    assert lost.session.completed_reason == end[0]
    assert lost.session.ended_at == START + end[1] * MINUTE


def test_an_end_found_in_recovery_tells_when_it_was_really_noticed() -> None:
    session = timed(planned_ms=25 * MINUTE)

    lost = recover(session, START + 30 * MINUTE, 0, START + 90 * MINUTE)

    assert lost is not None
    assert lost.event is not None
    assert lost.event.data["due_at"] == START + 25 * MINUTE
    assert lost.event.data["fired_at"] == START + 90 * MINUTE
    assert lost.event.data["late_ms"] == 65 * MINUTE


def test_sessions_begun_after_the_last_heartbeat_are_left_alone() -> None:
    assert recover(timed(), START - 1, 0, START + HOUR) is None
    assert recover(timed(), START, 0, START + HOUR) is not None


def test_ended_sessions_are_not_recovered() -> None:
    assert recover(after(timed(), (1, Complete())), START + HOUR, 0, START + 2 * HOUR) is None


@pytest.mark.parametrize(
    ("limits", "end"),
    [
        ({"planned_ms": 33 * MINUTE}, ("auto", 33)),
        ({"planned_ms": 35 * MINUTE}, ("auto", 35)),
        ({"planned_ms": 36 * MINUTE}, ("crash_recovered", 30)),
        ({"max_ms": 31 * MINUTE}, ("timeout", 31)),
        ({}, ("crash_recovered", 30)),
    ],
)
def test_an_end_within_what_is_bridged_is_booked_at_its_instant_however_long_the_outage(
    limits: dict[str, int], end: tuple[str, int]
) -> None:
    lost = recover(timed(**limits), START + 30 * MINUTE, 5 * MINUTE, START + 90 * MINUTE)

    assert lost is not None
    assert (lost.session.completed_reason, lost.session.ended_at) == (
        end[0],
        START + end[1] * MINUTE,
    )
