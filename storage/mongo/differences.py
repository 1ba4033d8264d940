"""Books compared in step: what differs between them, with no more in memory than one line of each."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from storage.mongo.client import Document

BATCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of one user that two books give differently; a missing document gives 0."""

    user_id: str
    field: str
    book: str
    amount: int
    other: str
    other_amount: int


async def in_step(
    sources: Mapping[str, AsyncIterator[Document]],
) -> AsyncGenerator[tuple[Any, dict[str, Document]], None]:
    """For each `_id` in turn, the documents that the sources have of it.

    Each source must be ascending by `_id`.
    """
    heads: dict[str, Document] = {}
    waiting = dict(sources)
    while True:
        for name in [name for name in waiting if name not in heads]:
            head = await anext(waiting[name], None)
            if head is None:
                del waiting[name]
            else:
                heads[name] = head
        if not heads:
            return
        # Both sides order strings by code point.
        first = min(head["_id"] for head in heads.values())
        yield first, {name: heads.pop(name) for name in list(heads) if heads[name]["_id"] == first}


def unlike(
    user_id: str,
    fields: Iterable[str],
    one: tuple[str, Mapping[str, Any]],
    other: tuple[str, Mapping[str, Any]],
) -> list[Difference]:
    """The fields in which two books, each with its name, differ."""
    found = []
    for field in fields:
        amount, other_amount = int(one[1].get(field, 0)), int(other[1].get(field, 0))
        if amount != other_amount:
            found.append(Difference(user_id, field, one[0], amount, other[0], other_amount))
    return found


def summed(*fields: str) -> Document:
    """The accumulators that sum these fields up."""
    return {field: {"$sum": f"${field}"} for field in fields}
