"""Requests for meetings in MongoDB. Raises Unavailable while MongoDB is away."""

from collections.abc import Sequence
from typing import Final

from pymongo import DESCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from domain.errors import NotFound, RuleViolated, Unavailable
from domain.reviews import Meeting, MeetingStatus
from storage.mongo.catalogue import Position
from storage.mongo.client import Database, Document, instant, translated
from storage.mongo.counters import next_number
from storage.mongo.review_records import meeting_document, meeting_from

PER_REVIEW_MAX: Final = 100
"""Newest ones that the list of one review shows."""


class Meetings:
    """The collection `meetings`; of each review at most one is pending, by its index."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._meetings = db["meetings"]

    async def request(self, meeting: Meeting) -> tuple[Meeting, bool]:
        """Add a pending one under the next number, or give the one that is pending; if it is new."""
        pending = {"review_id": meeting.review_id, "status": "PENDING"}
        with translated():
            found = await self._meetings.find_one(pending)
        if found is not None:
            return meeting_from(found), False
        number = await next_number(self._db, "meetings")
        document = meeting_document(meeting) | {"_id": number}
        try:
            with translated():
                await self._meetings.insert_one(document)
        except DuplicateKeyError as error:
            with translated():
                found = await self._meetings.find_one(pending)
            if found is None:
                raise Unavailable("It has just been settled; try again.") from error
            return meeting_from(found), False
        return meeting_from(document), True

    async def of_review(self, review_id: str) -> Sequence[Meeting]:
        """Those of one review, newest first."""
        with translated():
            cursor = self._meetings.find({"review_id": review_id}).sort("_id", DESCENDING)
            found = await cursor.to_list(PER_REVIEW_MAX)
        return [meeting_from(one) for one in found]

    async def newest(
        self, status: MeetingStatus | None, *, limit: int, after: Position | None
    ) -> tuple[list[Meeting], Position | None]:
        """A page of all of them, newest first."""
        query: Document = {} if status is None else {"status": status}
        if after is not None:
            query["_id"] = {"$lt": int(after.id)}
        with translated():
            cursor = self._meetings.find(query).sort("_id", DESCENDING).limit(limit + 1)
            found = [meeting_from(one) for one in await cursor.to_list(limit + 1)]
        if len(found) <= limit:
            return found, None
        last = found[limit - 1]
        return found[:limit], Position(created_at=instant(last.created_at), id=str(last.id))

    async def set_status(self, meeting_id: int, status: MeetingStatus) -> Meeting:
        """Say how it stands. Raises NotFound, and RuleViolated where another one is pending."""
        try:
            with translated():
                found = await self._meetings.find_one_and_update(
                    {"_id": meeting_id},
                    {"$set": {"status": status}},
                    return_document=ReturnDocument.AFTER,
                )
        except DuplicateKeyError as error:
            detail = "Another meeting of this review is pending."
            raise RuleViolated(detail, reason="pending") from error
        if found is None:
            raise NotFound("There is no such meeting.")
        return meeting_from(found)
