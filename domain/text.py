"""What a piece of text from outside may look like."""

import re
import unicodedata

from domain.errors import InvalidInput

# Controls, lone surrogates (which neither store can encode) and breaks of line or paragraph.
UNFIT_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})

SHAPELESS_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Zs"})
# Letters, signs and marks that look like nothing: fillers, blanks, and selectors of variants.
SHAPELESS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2065\u2800\u3164\uffa0\U00013441\U00013442\U0001d159"
) | frozenset(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9))))
SHAPELESS_PLANE = range(0xE0000, 0xE1000)
"""Code points for tags and selectors, also those that are not assigned yet."""

TIME_OF_DAY = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


def is_line(text: str) -> bool:
    """Say whether the text is one printable line: no control, no half character."""
    return all(unicodedata.category(character) not in UNFIT_CATEGORIES for character in text)


def is_invisible(character: str) -> bool:
    """Say whether nothing of the character can be seen: blanks, controls, fillers, selectors."""
    shapeless = character in SHAPELESS or ord(character) in SHAPELESS_PLANE
    return shapeless or unicodedata.category(character) in SHAPELESS_CATEGORIES


def is_mark(character: str) -> bool:
    """Say whether the character is written onto the one before it, like an accent."""
    return unicodedata.category(character).startswith("M")


def refused(field: str, fault: str) -> InvalidInput:
    """Make the error that tells what is wrong with one field."""
    return InvalidInput(f"{field}: {fault}", errors={field: [fault]})


def accept_time_of_day(field: str, text: str) -> str:
    """Accept what a wall clock can show, as HH:MM; raises `InvalidInput`."""
    if TIME_OF_DAY.fullmatch(text) is None:
        raise refused(field, "Must be HH:MM, from 00:00 to 23:59.")
    return text


def counted(number: int | str, what: str) -> str:
    """Say how many there are: `1 user`, `2 users`."""
    return f"{number} {what}" if str(number) == "1" else f"{number} {what}s"
