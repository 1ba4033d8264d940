"""Conditions on how a text begins, which an index answers as a span."""

from typing import Final

from storage.mongo.client import Document

BY_CODE_POINT: Final = "\U0010ffff"
"""Sorts behind every other character where texts are compared as they are."""
BY_COLLATION: Final = "\uffff"
"""Sorts behind every other one where they are compared by the rules of a language."""


def beginning_with(text: str, last: str = BY_CODE_POINT) -> Document:
    """The condition for texts that begin so."""
    return {"$gte": text, "$lt": text + last}
