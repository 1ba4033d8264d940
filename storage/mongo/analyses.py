"""Analyses in MongoDB, which alone says how they stand. Raises Unavailable while it is away."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from domain.analysis import Analysis, AnalysisRule
from domain.errors import Contended, NotFound
from storage.mongo.analysis_records import analysis_document, analysis_from
from storage.mongo.client import Database, Document, instant, translated

TRIES: Final = 8


class Turn(NamedTuple):
    """How far an analysis is."""

    id: str
    review_id: str | None
    turn: int


class Analyses:
    """The collection `analyses`; of each review there is at most one, by its index."""

    def __init__(self, db: Database, clock: Callable[[], int]) -> None:
        """`clock` is in ms."""
        self._analyses = db["analyses"]
        self._clock = clock

    async def find(self, either_id: str) -> Analysis | None:
        """The analysis of this id, or of the review of this id."""
        query = {"$or": [{"_id": either_id}, {"review_id": _known(either_id)}]}
        with translated():
            found = await self._analyses.find(query).to_list(2)
        # An id that somebody chose for an analysis may be that of a review: the review's counts.
        found.sort(key=lambda one: one["review_id"] != either_id)
        return analysis_from(found[0]) if found else None

    async def turns(self, either_ids: Sequence[str]) -> list[Turn]:
        """How far those of these ids are, or of the reviews of these ids."""
        ids = sorted(set(either_ids))
        known = {"$in": ids, "$type": "string"}
        with translated():
            query = {"$or": [{"_id": {"$in": ids}}, {"review_id": known}]}
            found = await self._analyses.find(query, {"review_id": 1, "turn": 1}).to_list(
                2 * len(ids)
            )
        return [Turn(one["_id"], one["review_id"], one["turn"]) for one in found]

    async def add(self, analysis: Analysis) -> bool:
        """Add one; False if there is one of this id, or of this review."""
        try:
            with translated():
                await self._analyses.insert_one(analysis_document(analysis))
        except DuplicateKeyError:
            return False
        return True

    async def change(self, analysis_id: str, rule: AnalysisRule) -> tuple[Analysis, Analysis]:
        """Apply a rule; the analysis before and after, the same object if nothing changed.

        Of two changes at once the later one is decided anew. Raises NotFound, what the rule
        raises, and Contended.
        """
        for _ in range(TRIES):
            with translated():
                found = await self._analyses.find_one({"_id": analysis_id})
            if found is None:
                raise NotFound("There is no such analysis.")
            before = analysis_from(found)
            after = rule(before, self._clock())
            if after is before:
                return before, before
            after = replace(after, rev=before.rev + 1)
            with translated():
                result = await self._analyses.replace_one(
                    {"_id": analysis_id, "rev": before.rev}, analysis_document(after)
                )
            if result.matched_count:
                return before, after
        raise Contended

    async def due(self, limit: int, *, but: Collection[str] = ()) -> list[str]:
        """Ids of those that somebody has to look after now, without those that nobody can read."""
        query: Document = {"wake_at": {"$lte": instant(self._clock())}}
        if but:
            query["_id"] = {"$nin": sorted(but)}
        with translated():
            cursor = self._analyses.find(query, {"_id": 1}).sort("wake_at", ASCENDING)
            found = await cursor.to_list(limit)
        return [one["_id"] for one in found]


def _known(review_id: str) -> Document:
    # The index knows strings alone, and is used only where the query says so too.
    return {"$eq": review_id, "$type": "string"}
