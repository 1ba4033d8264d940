"""Programs to read: what there is, and what each of their days asks for."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from domain.catalogue import ACTIVE, BUILT_IN_OWNER
from domain.errors import NotFound, Unavailable
from domain.programs import DayContent, Enrollment, Program
from storage.mongo.client import Database, Document, translated
from storage.mongo.program_records import content_from, content_id, program_from

TRIES: Final = 5
WITHOUT_DAYS: Final = {"days": 0}


class Programs:
    """The collections `programs` and `program_contents`, read only.

    Everything raises `Unavailable` while MongoDB is away.
    """

    def __init__(self, db: Database) -> None:
        self._programs = db["programs"]
        self._contents = db["program_contents"]

    async def get(self, program_id: int) -> Program | None:
        """The program in its newest version; None if there is none, or it is put away."""
        for _ in range(TRIES):
            with translated():
                known = await self._programs.find_one({"_id": program_id, "status": ACTIVE})
            if known is None:
                return None
            found = await self._versions([known])
            if found:
                return found[0]
            # Its maker has changed it between the two looks.
        raise Unavailable("Too many change it at once; try again shortly.")

    async def visible(self, user_id: str, enrolled: Collection[Enrollment]) -> list[Program]:
        """What the user is shown: all built-in ones, their own, and those they are enrolled in.

        Whoever is enrolled sees the version that they go through. Of somebody else's program
        they see no other, and none at all once they have given it up.
        """
        entered = [one for one in enrolled if one.status != "abandoned"]
        theirs = {"_id": {"$in": [one.program_id for one in entered]}}
        owners = [BUILT_IN_OWNER, user_id]
        open_to = {"owner": {"$in": owners}, "status": ACTIVE}
        with translated():
            cursor = self._programs.find({"$or": [open_to, theirs]}).sort("_id", 1)
            known = await cursor.to_list(None)
        entered.sort(key=lambda one: one.id)
        begun = {one.program_id: one.version for one in entered}
        going_on = {one.program_id: one.version for one in entered if one.active}
        own = {one["_id"]: one["version"] for one in known if one["owner"] in owners}
        versions = begun | own | going_on
        return await self._versions([{**one, "version": versions[one["_id"]]} for one in known])

    async def of(
        self, enrollments: Collection[Enrollment], transaction: Any = None
    ) -> dict[int, Program]:
        """The program of each enrolment, by enrolment, in the version that it is pinned to.

        Raises NotFound for a version that is gone.
        """
        ids = {one.id: content_id(one.program_id, one.version) for one in enrollments}
        with translated(transaction):
            found = self._contents.find(
                {"_id": {"$in": [*set(ids.values())]}}, WITHOUT_DAYS, session=transaction
            )
            programs = {each["_id"]: program_from(each) async for each in found}
        if not programs.keys() >= set(ids.values()):
            raise NotFound("What this program asks for is not there any more.")
        return {enrollment: programs[version] for enrollment, version in ids.items()}

    async def day(self, enrollment: Enrollment, number: int, transaction: Any = None) -> DayContent:
        """What one day asks for. Raises NotFound for a day that the program does not have."""
        (content,) = await self.days(enrollment, range(number, number + 1), transaction)
        return content

    async def days(
        self, enrollment: Enrollment, numbers: range, transaction: Any = None
    ) -> list[DayContent]:
        """What these days ask for. Raises NotFound for days that the program does not have."""
        if not numbers or numbers[0] < 1 or numbers[-1] > enrollment.total_days:
            raise NotFound("There is no such day in this program.")
        query = {"_id": content_id(enrollment.program_id, enrollment.version)}
        part = {"days": {"$slice": [numbers[0] - 1, len(numbers)]}}
        with translated(transaction):
            found = await self._contents.find_one(query, part, session=transaction)
        if found is None:
            raise NotFound("What this program asks for is not there any more.")
        return [content_from(day) for day in found["days"]]

    async def _versions(self, known: Sequence[Document]) -> list[Program]:
        ids = [content_id(one["_id"], one["version"]) for one in known]
        with translated():
            found = self._contents.find({"_id": {"$in": ids}}, WITHOUT_DAYS)
            programs = {each["_id"]: program_from(each) async for each in found}
        return [programs[each] for each in ids if each in programs]
