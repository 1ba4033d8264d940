"""What an ended session brings to the books, and what undoes it."""

import pytest

from domain.booking import AMOUNTS, XP_FIELDS, booked, inverse

XP = dict.fromkeys(XP_FIELDS, 7)


@pytest.mark.parametrize(
    ("kind", "status", "focus_ms"),
    [
        ("focus", "completed", 90_500),
        ("focus", "voided", 90_500),
        ("focus", "canceled", 0),
        ("xp", "completed", 0),
        ("customer", "completed", 0),
    ],
)
def test_only_a_completed_focus_session_brings_time(kind: str, status: str, focus_ms: int) -> None:
    session = {"kind": kind, "status": status, "active_ms": 90_500, **XP}

    assert booked(session) == {**XP, "focus_ms": focus_ms}


def test_an_entry_and_its_inverse_come_to_nothing() -> None:
    amounts = {**XP, "focus_ms": 90_500}

    assert inverse({**amounts, "user_id": "ada"}) == {name: -amounts[name] for name in AMOUNTS}
    assert inverse(XP) == {**dict.fromkeys(XP_FIELDS, -7), "focus_ms": 0}
