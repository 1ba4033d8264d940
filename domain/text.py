"""What a piece of text from outside may look like."""

import unicodedata

from domain.errors import InvalidInput

# Controls, lone surrogates (which neither store can encode) and breaks of line or paragraph.
UNFIT_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})


def is_line(text: str) -> bool:
    """Say whether the text is one printable line: no control, no half character."""
    return all(unicodedata.category(character) not in UNFIT_CATEGORIES for character in text)


def refused(field: str, fault: str) -> InvalidInput:
    """Make the error that tells what is wrong with one field."""
    return InvalidInput(f"{field}: {fault}", errors={field: [fault]})
