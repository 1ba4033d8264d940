"""Enrolments and their days, read from one end to the other."""

from collections.abc import AsyncGenerator, Collection
from typing import Final

from domain.programs import DayRecord, Enrollment
from storage.mongo.client import Database, Document, translated
from storage.mongo.program_records import content_id, day_from, enrollment_from

BATCH: Final = 50


class ProgramArchive:
    """The collections `enrollments`, `program_days` and `program_contents`, read only.

    Everything raises `Unavailable` while MongoDB is away.
    """

    def __init__(self, db: Database) -> None:
        self._enrollments = db["enrollments"]
        self._days = db["program_days"]
        self._contents = db["program_contents"]

    async def going_on(self, user_id: str) -> list[Enrollment]:
        """The user's enrolments that can still come to something, newest first."""
        with translated():
            found = await self._enrollments.find({"user_id": user_id, "active": True}).to_list(None)
        return sorted(map(enrollment_from, found), key=lambda one: -one.id)

    async def batches(
        self, user_id: str, *, batch: int = BATCH
    ) -> AsyncGenerator[list[Enrollment], None]:
        """All of the user's enrolments, newest first.

        Each batch is a query of its own that begins where the last one ended: between two of
        them MongoDB holds nothing, so a slow reader costs it nothing.
        """
        query: Document = {"user_id": user_id}
        while True:
            with translated():
                cursor = self._enrollments.find(query).sort("_id", -1).limit(batch)
                found = [enrollment_from(each) for each in await cursor.to_list(batch)]
            if found:
                yield found
            if len(found) < batch:
                return
            query["_id"] = {"$lt": found[-1].id}

    async def with_days(self, enrollments: Collection[Enrollment]) -> list[Enrollment]:
        """Those of the enrolments that have a record of any day, in their order."""
        query = {"enrollment_id": {"$in": [one.id for one in enrollments]}}
        with translated():
            found = set(await self._days.distinct("enrollment_id", query))
        return [one for one in enrollments if one.id in found]

    async def days(
        self, enrollment: Enrollment, *, batch: int = BATCH
    ) -> AsyncGenerator[list[DayRecord], None]:
        """What was done on each day that there is a record of, by number, read as above."""
        after = 0
        while True:
            query = {"enrollment_id": enrollment.id, "day_number": {"$gt": after}}
            with translated():
                cursor = self._days.find(query).sort("day_number", 1).limit(batch)
                found = [day_from(each) for each in await cursor.to_list(batch)]
            if found:
                yield found
            if len(found) < batch:
                return
            after = found[-1].number

    async def titles(self, enrollments: Collection[Enrollment]) -> dict[int, list[str]]:
        """The titles of all days, in order, by enrolment."""
        ids = {one.id: content_id(one.program_id, one.version) for one in enrollments}
        with translated():
            found = self._contents.find({"_id": {"$in": [*set(ids.values())]}}, {"days.title": 1})
            titles = {each["_id"]: [day["title"] for day in each["days"]] async for each in found}
        return {enrollment: titles[version] for enrollment, version in ids.items()}
