"""What holds for every life of a session, however the commands and the clocks fall."""

from dataclasses import replace
from typing import Any, Final

from hypothesis import assume, given, settings, strategies as st

from domain.commands import Event
from domain.errors import WrongState
from domain.rates import DIMENSIONS, Xp
from domain.session import (
    KEPT,
    Counters,
    Distraction,
    Pause,
    Segment,
    Session,
    deadlines,
    next_due,
    progress,
)
from domain.transitions import decide, expire, recover
from storage.redis.codec import session_fields, session_from
from tests.histories import COMMANDS, HORIZON, Played, Step, play, sessions, steps
from tests.timed import START

often = settings(max_examples=120, derandomize=True, deadline=None)
INSTANTS: Final = st.integers(START - 10_000, HORIZON)
LOOKS: Final = st.lists(st.lists(st.integers(START - 10_000, START + 200_000), max_size=3))


def segments(played: Played) -> list[Segment]:
    """The stretches that the events closed, in order."""
    return [event.segment for event in played.events if event.segment is not None]


def shown(session: Session, now: int) -> tuple[int, ...]:
    """Everything of a session that a user watches grow."""
    at = progress(session, now)
    return (at.elapsed_ms, at.focused_ms, *(getattr(at.xp, name) for name in DIMENSIONS))


@often
@given(sessions(), steps())
def test_segments_tile_a_session_without_gap_or_overlap(session: Session, life: list[Step]) -> None:
    played = play(session, life)

    edge = session.started_at
    for segment in segments(played):
        assert segment.from_ms == edge
        assert segment.to_ms >= segment.from_ms
        edge = segment.to_ms
    assert edge == played.session.ended_at


@often
@given(sessions(), steps())
def test_totals_are_the_sums_of_the_segments(session: Session, life: list[Step]) -> None:
    played = play(session, life)

    spent = dict.fromkeys(("focused", "away", "paused"), 0)
    for segment in segments(played):
        spent[segment.kind] += segment.to_ms - segment.from_ms
    end = played.session
    assert end.ended_at is not None
    assert end.focused_ms == spent["focused"]
    assert end.active_ms == spent["focused"] + spent["away"]
    assert end.ended_at - end.started_at == sum(spent.values())


@often
@given(sessions(), steps())
def test_no_state_exceeds_its_limits(session: Session, life: list[Step]) -> None:
    for state in play(session, life).states:
        assert 0 <= state.focused_ms <= state.active_ms <= state.max_ms
        assert state.planned_ms is None or state.active_ms <= state.planned_ms
        assert state.started_at <= state.segment_started_at <= state.clock
        assert state.terminal or state.clock <= state.last_seen_at
        assert state.ended_at is None or state.started_at <= state.ended_at == state.clock
        assert len(state.pauses) <= KEPT
        assert len(state.distractions) <= KEPT
        assert state.terminal or state.clock < deadlines(state)[0].due_at


@often
@given(sessions(), steps(), st.lists(INSTANTS))
def test_xp_is_one_floor_of_the_focused_time(
    session: Session, life: list[Step], instants: list[int]
) -> None:
    for state in play(session, life).states:
        for now in [state.clock, *instants]:
            at = progress(state, now)
            xp = [getattr(at.xp, name) for name in DIMENSIONS]
            micro = [at.focused_ms * getattr(state.rates, name) for name in DIMENSIONS]
            assert at.xp.total == sum(xp)
            if state.status == "canceled":
                assert at.xp == Xp()
            else:
                pairs = zip(xp, micro, strict=True)
                assert all(one * 10**6 <= exact < (one + 1) * 10**6 for one, exact in pairs)


@often
@given(sessions(), steps(), LOOKS)
def test_it_does_not_matter_when_or_how_often_anybody_looks(
    session: Session, life: list[Step], looks: list[list[int]]
) -> None:
    unwatched, watched = play(session, life), play(session, life, looks)

    assert watched.session == unwatched.session
    assert watched.states == unwatched.states
    assert [without_lateness(event) for event in watched.events] == [
        without_lateness(event) for event in unwatched.events
    ]


def without_lateness(event: Event) -> Event:
    """The event but for when somebody noticed."""
    data = {name: event.data[name] for name in event.data if name not in {"fired_at", "late_ms"}}
    return replace(event, data=data)


@often
@given(sessions(), st.lists(INSTANTS, min_size=1))
def test_of_any_looks_the_first_one_in_time_settles_the_end(
    session: Session, instants: list[int]
) -> None:
    due = next_due(session)
    assert due is not None
    found = [expire(session, now) for now in instants]

    ends = {outcome.session.ended_at for outcome in found if outcome is not None}
    assert [outcome is not None for outcome in found] == [now >= due for now in instants]
    assert len(ends) <= 1


@often
@given(sessions(), steps(), st.lists(st.tuples(INSTANTS, COMMANDS)), INSTANTS)
def test_nothing_changes_an_ended_session(
    session: Session, life: list[Step], late: list[tuple[int, Any]], alive_at: int
) -> None:
    end = play(session, life).session

    for now, command in late:
        try:
            outcome = decide(end, command, now)
        except WrongState:
            continue
        assert outcome.session is end
        assert outcome.event is None
    assert expire(end, HORIZON * 2) is None
    assert recover(end, alive_at, 0, HORIZON) is None
    assert next_due(end) is None
    assert progress(end, START) == progress(end, HORIZON * 2)


@often
@given(sessions(), steps())
def test_rev_grows_by_one_with_each_event_and_only_then(session: Session, life: list[Step]) -> None:
    played = play(session, life)

    assert [event.rev for event in played.events] == list(range(1, len(played.events) + 1))
    assert [state.rev for state in played.states] == [event.rev for event in played.events]
    assert [event.type for event in played.events].count("started") == 1
    ends = [event for event in played.events if event.type in {"completed", "canceled"}]
    assert ends == played.events[-1:]
    instants = [state.clock for state in played.states]
    assert instants == sorted(instants)


@often
@given(sessions(), steps())
def test_the_events_replay_to_the_same_state(session: Session, life: list[Step]) -> None:
    played = play(session, life)

    for number, state in enumerate(played.states, start=1):
        replayed = session
        for event in played.events[1:number]:
            replayed = replay(replayed, event)
        # Evidence of a client is no event, and what joins the context at the end is not told.
        assert replayed == replace(
            state, last_seen_at=session.last_seen_at, context=session.context
        )


def replay(session: Session, event: Event) -> Session:
    """The state after the event, by what the event itself tells and by nothing else."""
    if event.segment is not None:
        session = booked(session, event.segment)
    return replace(session, rev=event.rev, clock=event.at, **told(session, event))


def booked(session: Session, segment: Segment) -> Session:
    """The state with the stretch that an event closed."""
    spent = segment.to_ms - segment.from_ms
    closed = Pause(segment.from_ms, segment.to_ms)
    paused = segment.kind == "paused"
    return replace(
        session,
        segment_started_at=segment.to_ms,
        active_ms=session.active_ms + spent * (not paused),
        focused_ms=session.focused_ms + spent * (segment.kind == "focused"),
        pauses=(*session.pauses[:-1], closed) if paused else session.pauses,
    )


def told(session: Session, event: Event) -> dict[str, Any]:
    """The fields that the event's type and data give."""
    said: dict[str, Any] = dict(event.data)
    match event.type:
        case "paused":
            pauses = (*session.pauses, Pause(event.at))
            count = session.pause_count + 1
            found = {"status": "paused", "pauses": pauses, "pause_count": count}
        case "resumed" | "focused" | "blurred":
            found = {"status": "active", "focused": event.type != "blurred"}
        case "distraction":
            noted = (*session.distractions, Distraction(event.at, said["note"]))
            found = {"distractions": noted, "distraction_count": said["distraction_count"]}
        case "activity":
            counters = counted(session.counters, said["activity_type"], said["response_ms"])
            found = {"counters": counters, "last_activity_at": event.at}
        case _:
            reason = said["completed_reason"]
            found = {"status": event.type, "ended_at": event.at, "completed_reason": reason}
    return found


def counted(old: Counters, activity_type: str, response_ms: int | None) -> Counters:
    """The counters after an activity."""
    return Counters(
        old.messages + (activity_type == "message_sent"),
        old.conversations + (activity_type == "conversation_started"),
        old.responses + (response_ms is not None),
        old.response_ms + (response_ms or 0),
    )


@often
@given(sessions(), steps())
def test_an_end_tells_the_xp_that_the_state_has(session: Session, life: list[Step]) -> None:
    played = play(session, life)

    assert played.events[-1].data["xp_total"] == progress(played.session, HORIZON).xp.total


@often
@given(sessions(), steps())
def test_a_command_delivered_twice_is_a_command_delivered_once(
    session: Session, life: list[Step]
) -> None:
    once, twice = play(session, life), play(session, life, twice=True)

    assert (twice.session, twice.events) == (once.session, once.events)


@often
@given(sessions(), steps(jumps=False), st.lists(INSTANTS))
def test_what_is_shown_never_falls_while_a_session_counts(
    session: Session, life: list[Step], instants: list[int]
) -> None:
    looks = [Step(now, None) for now in instants]
    played, before = Played(session), shown(session, START)

    for step in sorted([*life, *looks], key=lambda step: step.now):
        live = not played.session.terminal
        played.deliver(step)
        now = shown(played.session, step.now)
        end = played.session
        if not (live and (end.status == "canceled" or end.completed_reason == "abandoned")):
            assert all(new >= old for new, old in zip(now, before, strict=True))
        before = now


@often
@given(sessions(), steps(jumps=False), st.lists(st.integers(0, 10**6), min_size=1))
def test_nothing_shown_before_the_end_exceeds_what_is_booked(
    session: Session, life: list[Step], lags: list[int]
) -> None:
    played = play(session, life)
    end = played.session
    assume(end.status == "completed" and end.completed_reason != "abandoned")

    # Each state is looked at until the next one came to be; the last live one also later.
    until = [state.clock for state in played.states[1:]]
    until[-1:] = [HORIZON] if end.completed_reason != "manual" else until[-1:]
    for state, last in zip(played.states, until, strict=False):
        for lag in (0, *lags):
            now = shown(state, max(state.clock, last - lag))
            assert all(old <= new for old, new in zip(now, shown(end, HORIZON), strict=True))


@often
@given(
    sessions(),
    steps(),
    st.integers(START - 1_000, START + 120_000),
    st.integers(0, 10**5),
    st.integers(0, 10**6),
)
def test_recovery_ends_a_session_at_the_last_evidence(
    session: Session, life: list[Step], alive_at: int, bridged_ms: int, beyond_ms: int
) -> None:
    for state in play(session, life).states:
        lost = recover(state, alive_at, bridged_ms, alive_at + bridged_ms + beyond_ms)
        if state.terminal or state.started_at > alive_at:
            assert lost is None
            continue
        assert lost is not None
        end, first = lost.session, deadlines(state)[0]
        assert end.rev == state.rev + 1
        if first.due_at <= alive_at + bridged_ms:
            end_booked = (first.reason, max(first.ends_at, state.clock))
        else:
            end_booked = ("crash_recovered", max(alive_at, state.clock))
        assert (end.completed_reason, end.ended_at) == end_booked
        trusted = max(alive_at + bridged_ms, state.clock)
        assert end.focused_ms <= progress(state, trusted).focused_ms


@often
@given(sessions(), steps())
def test_every_state_survives_the_way_through_redis(session: Session, life: list[Step]) -> None:
    for state in play(session, life).states:
        kept = {name: value.encode() for name, value in session_fields(state).items()}
        assert session_from({name: value.decode() for name, value in kept.items()}) == state
