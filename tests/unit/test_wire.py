"""Frames as bytes, read back by a parser that accepts only what RFC 6455 says."""

import json

import pytest
from hypothesis import given, strategies as st

from domain.commands import Blur, Cancel, Complete, PauseCommand
from domain.session import Session
from realtime import wire
from realtime.views import session_view
from tests.raw_socket import TEXT, decode
from tests.timed import HOUR, MINUTE, START, after, timed

SESSIONS = {
    "running": timed(),
    "planned": timed(planned_ms=25 * MINUTE),
    "away": after(timed(), (3.5, Blur())),
    "paused": after(timed(planned_ms=25 * MINUTE), (3.5, PauseCommand())),
    "completed": after(timed(), (7, Complete())),
    "canceled": after(timed(), (7, Cancel())),
}


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (1, b"\x81\x01"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65_535, b"\x81\x7e\xff\xff"),
        (65_536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
        (200_000, b"\x81\x7f\x00\x00\x00\x00\x00\x03\x0d\x40"),
    ],
)
def test_a_frame_says_its_length_in_the_shortest_form(size: int, head: bytes) -> None:
    frame = wire.framed("x" * size)
    assert frame[: len(head)] == head
    assert decode(frame) == (TEXT, b"x" * size, b"")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_comes_through(text: str) -> None:
    assert decode(wire.framed(text)) == (TEXT, text.encode(), b"")
    opcode, payload, _ = decode(wire.message("ack", ref=text))
    assert (opcode, json.loads(payload)) == (TEXT, {"type": "ack", "ref": text})


@pytest.mark.parametrize("name", SESSIONS)
@pytest.mark.parametrize("later", [0, 1, 999, 59_999, 20 * MINUTE + 7, 30 * HOUR])
def test_a_tick_has_the_numbers_of_the_view(name: str, later: int) -> None:
    session: Session = SESSIONS[name]
    now = START + later
    _, payload, _ = decode(wire.tick(session, now))
    tick = json.loads(payload)
    view = session_view(session, now)

    assert tick.pop("type") == "tick"
    assert tick.pop("at") == view["server_time"] == now
    assert tick == {member: view[member] for member in tick}
    assert {"xp_total", "elapsed_ms", "focused_ms", "remaining_ms", "rev", "id"} <= tick.keys()
