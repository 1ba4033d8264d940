"""Sessions and events as the fields that Redis keeps."""

import json
from dataclasses import fields
from typing import Any, Final

import pytest

from domain.commands import Complete, Distract, Event, PauseCommand, Resume
from domain.errors import Unavailable
from domain.rates import Rates
from domain.session import KEPT, Counters, Distraction, Pause, Session
from domain.transitions import begin
from storage.redis.codec import (
    VERSION,
    Damaged,
    NewerSchema,
    compact,
    event_json,
    session_fields,
    session_from,
)
from tests.timed import MINUTE, START, after, outcome, timed

AWKWARD: Final = 'Ærlig "sagt" \\ {x}: ☕\u2028 日本語 👩‍👩‍👧 \u202eback e\u0301 \t\n'
# A value for every field that differs from the one in `timed()`.
OTHER: Final[dict[str, Any]] = {
    "id": "s:2 {0} ☕",
    "kind": "customer",
    "user_id": "u|2 ÅØ",
    "epoch": "e2",
    "rev": 20_001,
    "status": "paused",
    "focused": False,
    "clock": START + 1,
    "started_at": START + 2,
    "segment_started_at": START + 3,
    "active_ms": 4,
    "focused_ms": 5,
    "rates": Rates(1, 2, 3, 4, 5),
    "planned_ms": 6,
    "max_ms": 7,
    "abandon_ms": 8,
    "idle_ms": 9,
    "last_seen_at": START + 10,
    "last_activity_at": START + 11,
    "ended_at": START + 12,
    "completed_reason": "crash_recovered",
    "pauses": (Pause(START, START + 1), Pause(START + 2)),
    "pause_count": 13,
    "distractions": (Distraction(START, ""), Distraction(START + 1, AWKWARD)),
    "distraction_count": 14,
    "counters": Counters(1, 2, 3, 4),
    "context": {"goal_id": "g", "day_number": 3, "nothing": None, AWKWARD: AWKWARD},
}


def through_redis(session: Session) -> Session:
    """The session read back from what Redis holds: strings, in UTF-8."""
    kept = {name: value.encode() for name, value in session_fields(session).items()}
    return session_from({name: value.decode() for name, value in kept.items()})


def test_the_values_differ_for_every_field() -> None:
    plain = timed()

    assert OTHER.keys() == {field.name for field in fields(Session)}
    assert all(getattr(plain, name) != value for name, value in OTHER.items())


@pytest.mark.parametrize("name", list(OTHER))
def test_each_field_comes_back(name: str) -> None:
    session = timed(**{name: OTHER[name]})

    assert through_redis(session) == session
    assert session_fields(session) != session_fields(timed())


def test_all_fields_come_back_together() -> None:
    session = timed(**OTHER)

    assert through_redis(session) == session
    assert through_redis(timed()) == timed()


@pytest.mark.parametrize("name", ["planned_ms", "abandon_ms", "idle_ms", "ended_at"])
def test_nothing_and_zero_are_told_apart(name: str) -> None:
    zero, nothing = timed(**{name: 0}), timed(**{name: None})

    assert session_fields(nothing)[name] == ""
    assert getattr(through_redis(zero), name) == 0
    assert getattr(through_redis(nothing), name) is None


def test_full_lists_come_back() -> None:
    session = timed()
    for number in range(KEPT + 1):
        session = after(
            session,
            (number, PauseCommand()),
            (number + 0.25, Resume()),
            (number + 0.5, Distract(f"{number} {AWKWARD}")),
        )
    session = after(session, (KEPT + 2, Complete({"device_platform": "web"})))

    assert through_redis(session) == session


def test_whole_numbers_are_written_as_such() -> None:
    written = session_fields(timed(**OTHER))

    assert written["v"] == str(VERSION) == "1"
    assert written["clock"] == "1700000000001"
    assert written["focused"] == "0"
    assert [written[f"rate_{name}"] for name in ("physique", "social")] == ["1", "5"]
    assert json.loads(written["counters"]) == {
        "messages": 1,
        "conversations": 2,
        "responses": 3,
        "response_ms": 4,
    }


def test_fields_of_the_display_are_passed_over() -> None:
    kept = session_fields(timed()) | {"xp_total": "12", "live_at": "1"}

    assert session_from(kept) == timed()


@pytest.mark.parametrize("version", [VERSION + 1, VERSION + 100])
def test_a_newer_schema_is_refused(version: int) -> None:
    kept = session_fields(timed()) | {"v": str(version)}

    with pytest.raises(NewerSchema, match=f"s-1 has schema {version}") as refusal:
        session_from(kept)
    assert isinstance(refusal.value, Unavailable)
    assert refusal.value.retryable


@pytest.mark.parametrize("name", list(session_fields(timed())))
def test_a_missing_field_is_noticed(name: str) -> None:
    kept = session_fields(timed())
    del kept[name]

    with pytest.raises(Damaged, match=name):
        session_from(kept)


@pytest.mark.parametrize(
    "damage",
    [
        {"v": ""},
        {"rev": "one"},
        {"clock": ""},
        {"active_ms": "1.5"},
        {"planned_ms": "soon"},
        {"rate_logic": ""},
        {"pauses": "[["},
        {"distractions": ""},
        {"counters": "{"},
        {"context": "None"},
    ],
)
def test_a_damaged_field_is_noticed(damage: dict[str, str]) -> None:
    with pytest.raises(Damaged, match="cannot be read"):
        session_from(session_fields(timed()) | damage)


def test_json_is_short_and_readable() -> None:
    assert compact({"a": [1, None], "b": "Å☕"}) == '{"a":[1,null],"b":"Å☕"}'


def test_an_event_tells_whose_it_is_and_what_it_closed() -> None:
    decided = outcome(timed(), 10, PauseCommand())
    assert decided.event is not None

    assert json.loads(event_json(decided.session, decided.event)) == {
        "type": "event",
        "event": "paused",
        "id": "s-1",
        "kind": "xp",
        "user_id": "u-1",
        "epoch": "e1",
        "rev": 2,
        "at": START + 10 * MINUTE,
        "segment": {"kind": "focused", "from_ms": START, "to_ms": START + 10 * MINUTE},
        "data": {},
    }


def test_an_event_may_close_nothing_and_carry_data() -> None:
    session = timed()
    first, noted = begin(session).event, outcome(session, 1, Distract(AWKWARD)).event
    assert first is not None
    assert noted is not None

    started, distracted = _told(session, first), _told(session, noted)

    assert (started["event"], started["segment"], started["data"]) == ("started", None, {})
    assert distracted["data"] == {"note": AWKWARD, "distraction_count": 1}


def _told(session: Session, event: Event) -> dict[str, Any]:
    return dict(json.loads(event_json(session, event).encode()))


@pytest.mark.parametrize(("field", "value"), [("status", "zombie"), ("kind", "nap")])
def test_a_value_that_no_session_has_is_noticed(field: str, value: str) -> None:
    fields = session_fields(timed()) | {field: value}

    with pytest.raises(Damaged, match=value):
        session_from(fields)
