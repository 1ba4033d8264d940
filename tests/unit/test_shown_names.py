"""What others see of a name: no address, nothing that hides, nothing that disturbs its place."""

import pytest
from hypothesis import given, strategies as st

from domain.leaderboards import ANONYMOUS, SHOWN_CHARS, shown_name
from domain.text import is_invisible

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u062f\u0648\u0633\u062a"
"""Two words, the first with a zero-width non-joiner inside."""
FIRE = "\u2764\ufe0f\u200d\U0001f525"
UNSEEN = (
    "", "  ", "\u200b\u00a0", "\u3164", "\u115f\u1160", "\u2800", "\uffa0", "\u034f", "\u200c",
    "\u200d", "\ufe0f", "\U000e0100", "\u0301", "\u20dd", "\u180b\u180e", "\u2060\ufeff", "\u00ad",
    "\u3164\u0301 \u200c", "\ue000", "\U000e0041", "\n\t\x00", "\U0001d159", "\u2028", BIDI,
)  # fmt: skip


@pytest.mark.parametrize("name", UNSEEN)
def test_a_name_that_cannot_be_seen_is_anonymous(name: str) -> None:
    assert shown_name(name) == ANONYMOUS


@pytest.mark.parametrize(
    "name",
    [
        "Ada", "Ada Lovelace", "Ren\u00e9e", "Rene\u0301e", "O'Neill-Smith", PERSIAN, FIRE, "1\ufe0f\u20e3",
        "\u0645\u064f\u062d\u064e\u0645\u064e\u0651\u062f", "\u0928\u092e\u0938\u094d\u0924\u0947", "@ada",
        "ada @ work", "me@home", "\U0001fa77", "x", "...", "\u4e2d\u6587",
    ],
)  # fmt: skip
def test_a_name_that_people_have_stays_as_it_is(name: str) -> None:
    assert shown_name(name) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\u202eadA", "adA"),
        ("A\u2067d\u2069a\u200f", "Ada"),
        ("\u3164\u2800Ada\u200b\u034f", "Ada"),
        ("\u200cAda\u200d", "Ada"),
        ("A\u200c\u200c\u200cda", "A\u200cda"),
        ("A\U000e0100da\ufe01", "Ada"),
        ("\u0301Ada \u0301x", "Ada x"),
        (" Ada \u00a0\u3000 L.\u2029", "Ada L."),
        ("A" + "\u0301" * 30, "A" + "\u0301" * 4),
        ("ada@example.org", "ada"),
        (" ada.l+x@mail.example.org ", "ada.l+x"),
        ("a\u200bda\u2060@exam\u00adple.org", "ada"),
        ("ada\uff20example.org", "ada"),
        ("Ada <ada@example.org>", "Ada <ada>"),
        ("Ada, ada@a.example or b@b.example", "Ada, ada or b"),
        ("a@b@c.example", "a"),
        ("x" * 70 + "@example.org", "x" * 60),
        ("y" * 59 + " " + "z" * 9, "y" * 59),
        ("y" * 59 + "\u200cz", "y" * 59),
    ],
)
def test_what_hides_disturbs_or_belongs_to_an_address_is_left_out(name: str, shown: str) -> None:
    assert shown_name(name) == shown


@given(st.text(st.sampled_from([*BIDI, *"".join(UNSEEN), *PERSIAN, *FIRE, *"Ada@b.c <>"])))
def test_whatever_the_name_what_is_shown_is_short_and_calm(name: str) -> None:
    shown = shown_name(name)

    assert 0 < len(shown) <= SHOWN_CHARS == 60
    assert shown == shown.strip()
    assert shown_name(shown) == shown
    assert all(not is_invisible(sign) or sign in " \u200c\u200d\ufe0f" for sign in shown)
    assert shown.isascii() or any(not is_invisible(sign) for sign in shown)
