"""A timeline, replayed, comes to exactly what the session came to."""

import json

from hypothesis import given, strategies as st

from domain.session import Session, progress
from domain.timeline import is_whole, replay
from storage.redis.codec import event_from, event_json
from tests.histories import Step, play, sessions, steps


@given(sessions(), steps())
def test_each_entry_comes_to_what_the_session_came_to_then(
    session: Session, life: list[Step]
) -> None:
    played = play(session, life)
    # As they lie in the stores, and not as they were decided.
    events = [event_from(json.loads(event_json(session, event))) for event in played.events]
    entries = replay(events, session.rates)

    assert is_whole(events, played.session.rev)
    assert [entry.event for entry in entries] == played.events
    for entry, state in zip(entries, played.states, strict=True):
        then = progress(state, state.clock)
        assert (entry.focused_ms, entry.xp) == (then.focused_ms, then.xp)


@given(sessions(), steps(), st.integers(0, 30), st.integers(1, 30))
def test_any_stretch_of_it_comes_to_the_same(
    session: Session, life: list[Step], lost: int, known: int
) -> None:
    played = play(session, life)
    entries = replay(played.events, session.rates)
    state, seen = played.states[:known][-1], played.events[:known]
    on = state.status == "active" and state.focused
    left = replay(
        seen[lost:],
        session.rates,
        focused_ms=state.focused_ms,
        focused_since=state.segment_started_at if on else None,
    )

    assert left == entries[:known][lost:]
    assert is_whole(seen[lost:], state.rev) == (not lost)
