"""Enrolments and their days, to read."""

from collections.abc import Sequence

from domain.errors import NotFound
from domain.programs import DayRecord, Enrollment
from storage.mongo.client import Database, Document, translated
from storage.mongo.program_records import (
    day_from,
    day_id,
    enrollment_from,
)


class Enrollments:
    """The collections `enrollments` and `program_days`, read only; raises `Unavailable`."""

    def __init__(self, db: Database) -> None:
        self._enrollments = db["enrollments"]
        self._days = db["program_days"]

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
            return [enrollment_from(each) for each in await cursor.to_list(None)]

    async def days(self, enrollment: Enrollment, numbers: Sequence[int]) -> dict[int, DayRecord]:
        """What was done on these days, by number; days without anything are left out."""
        ids = [day_id(enrollment.id, number) for number in numbers]
        with translated():
            found: list[Document] = await self._days.find({"_id": {"$in": ids}}).to_list(None)
        return {day.number: day for day in map(day_from, found)}
