"""Enrolments and their days to read, and the one way to make an enrolment."""

from collections.abc import Sequence
from typing import Final

from pymongo.errors import DuplicateKeyError

from domain.errors import NotFound, Unavailable
from domain.programs import DayRecord, Enrollment, Program
from storage.mongo.client import Database, Document, translated
from storage.mongo.counters import next_number
from storage.mongo.program_records import (
    day_from,
    day_id,
    enrollment_document,
    enrollment_from,
)

LISTED_MAX: Final = 500


class Enrollments:
    """The collections `enrollments` and `program_days`; `Unavailable` while MongoDB is away."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._enrollments = db["enrollments"]
        self._days = db["program_days"]

    async def enroll(self, user_id: str, program: Program, now: int) -> tuple[Enrollment, bool]:
        """Enrol the user, or give the enrolment that is still going on; whether it is new.

        The index on active enrolments lets one of two that race through.
        """
        going_on = await self._going_on(user_id, program.id)
        if going_on is not None:
            return going_on, False
        fresh = Enrollment(
            id=await next_number(self._db, "enrollments"),
            user_id=user_id,
            program_id=program.id,
            version=program.version,
            status="not_started",
            rev=1,
            total_days=program.duration_days,
            enrolled_at=now,
        )
        try:
            with translated():
                await self._enrollments.insert_one(enrollment_document(fresh))
        except DuplicateKeyError as error:
            going_on = await self._going_on(user_id, program.id)
            if going_on is None:
                raise Unavailable("It was just given up; try again.") from error
            return going_on, False
        return fresh, True

    async def get(self, user_id: str, enrollment_id: int) -> Enrollment:
        """The user's enrolment. Raises NotFound, for another user's too."""
        with translated():
            found = await self._enrollments.find_one({"_id": enrollment_id, "user_id": user_id})
        if found is None:
            raise NotFound("There is no such enrolment.")
        return enrollment_from(found)

    async def of_user(self, user_id: str) -> list[Enrollment]:
        """The user's enrolments, past and present, newest first."""
        with translated():
            cursor = self._enrollments.find({"user_id": user_id}).sort("_id", -1)
            return [enrollment_from(each) for each in await cursor.to_list(LISTED_MAX)]

    async def days(self, enrollment: Enrollment, numbers: Sequence[int]) -> dict[int, DayRecord]:
        """What was done on these days, by number; days without anything are left out."""
        ids = [day_id(enrollment.id, number) for number in numbers]
        with translated():
            found: list[Document] = await self._days.find({"_id": {"$in": ids}}).to_list(None)
        return {day.number: day for day in map(day_from, found)}

    async def _going_on(self, user_id: str, program_id: int) -> Enrollment | None:
        query = {"user_id": user_id, "program_id": program_id, "active": True}
        with translated():
            found = await self._enrollments.find_one(query)
        return None if found is None else enrollment_from(found)
