"""Changes of an enrolment: the rule, its days, totals, achievements and the word of it, at once.

The enrolment is written with every change, so two changes of one enrolment never pass each
other: the later one meets a write conflict, and is decided anew on what the first one left.
"""

from dataclasses import replace
from typing import Final

from domain.days import Calendar
from domain.errors import NotFound, WrongState
from domain.program_rules import (
    Change,
    Moment,
    Rule,
    described,
)
from domain.programs import AT_ONCE_MAX, ENROLLMENTS_MAX, DayRecord, Enrollment, Program, fresh_day
from storage.mongo.announcements import Frame, announce
from storage.mongo.client import Database, Mongo
from storage.mongo.counters import next_number
from storage.mongo.program_effects import Cause, honour, occasion_of, tell_absent
from storage.mongo.program_records import (
    day_document,
    day_from,
    day_id,
    enrollment_document,
    enrollment_from,
)
from storage.mongo.program_seeds import keep_version
from storage.mongo.programs import Programs
from storage.mongo.queues import Queues
from storage.mongo.transactions import Transaction, Transactions
from storage.mongo.users import calendar_of

QUEUE_MAX: Final = 64
"""So many changes of one enrolment wait on a node; more are told to come back."""


class ProgramBook:
    """The only writer of enrolments that are going on, and of their days."""

    def __init__(self, mongo: Mongo, *, timeout_s: float) -> None:
        """`timeout_s` bounds one change."""
        self._transactions = Transactions(mongo, timeout_s)
        self._db = mongo.db
        # Those of one enrolment would only get in each other's way, and in everybody else's.
        self._queues = Queues(QUEUE_MAX)

    async def change(
        self, user_id: str, enrollment_id: int, number: int | None, rule: Rule, now: int
    ) -> Change:
        """Apply a rule to the user's enrolment and one of its days (None: the current one).

        Raises NotFound, what the rule raises, and Unavailable.
        """
        made: list[Change] = []

        async def work(transaction: Transaction) -> None:
            enrollment = await find(self._db, user_id, enrollment_id, transaction)
            if enrollment is None:
                raise NotFound("There is no such enrolment.")
            calendar = await _calendar(self._db, user_id, transaction)
            day = await record(self._db, enrollment, number or enrollment.current_day, transaction)
            change = rule(enrollment, day, Moment(now, calendar))
            # What an earlier try of the same transaction made is not so.
            made[:] = [await write(self._db, change, day, Moment(now, calendar), transaction)]

        # The user too: nobody stands in the queue of somebody else's.
        async with self._queues.turn((user_id, enrollment_id)):
            await self._transactions.insist(work)
        return made[0]

    async def enroll(self, user_id: str, program: Program, now: int) -> tuple[Enrollment, bool]:
        """Enrol the user, or give the enrolment that is still going on; whether it is new.

        Raises WrongState for somebody with too many, and Unavailable.
        """
        number = await next_number(self._db, "enrollments")
        made: list[tuple[Enrollment, bool]] = []

        async def work(transaction: Transaction) -> None:
            mine = {"user_id": user_id, "program_id": program.id, "active": True}
            found = await self._db["enrollments"].find_one(mine, session=transaction)
            if found is not None:
                made[:] = [(enrollment_from(found), False)]
                return
            await self._require_room(user_id, transaction)
            await keep_version(self._db, program, transaction)
            made[:] = [(await self._begin(user_id, program, number, now, transaction), True)]

        # Of two that race, the index on active enrolments lets one through.
        await self._transactions.insist(work)
        return made[0]

    async def _begin(
        self, user_id: str, program: Program, number: int, now: int, transaction: Transaction
    ) -> Enrollment:
        fresh = Enrollment(
            id=number,
            user_id=user_id,
            program_id=program.id,
            version=program.version,
            status="not_started",
            rev=1,
            total_days=program.duration_days,
            enrolled_at=now,
        )
        await self._db["enrollments"].insert_one(enrollment_document(fresh), session=transaction)
        day = fresh_day(await Programs(self._db).day(fresh, 1, transaction))
        frames = _frames(Change(fresh, day, ("program_enrolled",)), now)
        await announce(self._db, user_id, frames, at=now, rev=1, transaction=transaction)
        return fresh

    async def _require_room(self, user_id: str, transaction: Transaction) -> None:
        mine = self._db["enrollments"].find(
            {"user_id": user_id}, {"active": 1}, session=transaction
        )
        kept = [one["active"] async for one in mine]
        if len(kept) >= ENROLLMENTS_MAX:
            raise WrongState(f"nobody can enrol more than {ENROLLMENTS_MAX} times")
        if sum(kept) >= AT_ONCE_MAX:
            raise WrongState(f"nobody can go through more than {AT_ONCE_MAX} programs at a time")


async def find(
    db: Database, user_id: str, enrollment_id: int, transaction: Transaction
) -> Enrollment | None:
    """The user's enrolment, if there is one of this number."""
    mine = {"_id": enrollment_id, "user_id": user_id}
    found = await db["enrollments"].find_one(mine, session=transaction)
    return None if found is None else enrollment_from(found)


async def record(
    db: Database, enrollment: Enrollment, number: int, transaction: Transaction
) -> DayRecord:
    """What was done on a day. Raises NotFound for a day that the program does not have."""
    found = await db["program_days"].find_one(
        {"_id": day_id(enrollment.id, number)}, session=transaction
    )
    if found is not None:
        return day_from(found)
    return fresh_day(await Programs(db).day(enrollment, number, transaction))


async def write(
    db: Database,
    change: Change,
    before: DayRecord,
    moment: Moment,
    transaction: Transaction,
    cause: Cause | None = None,
) -> Change:
    """Store what a rule decided, with all that follows from it; returns it with its `rev`."""
    if not change.events:
        return change
    enrollment = replace(change.enrollment, rev=change.enrollment.rev + 1)
    change = replace(change, enrollment=enrollment)
    await db["enrollments"].replace_one(
        {"_id": enrollment.id}, enrollment_document(enrollment), session=transaction
    )
    if change.day != before:
        await db["program_days"].replace_one(
            {"_id": day_id(enrollment.id, change.day.number)},
            day_document(enrollment, change.day),
            upsert=True,
            session=transaction,
        )
    occasion = await occasion_of(db, change, moment, transaction, cause)
    frames = [*_frames(change, moment.now), *await honour(db, occasion, transaction, cause)]
    await announce(
        db, enrollment.user_id, frames, at=moment.now, rev=enrollment.rev, transaction=transaction
    )
    if cause is not None and cause.by_itself and "day_completed" in change.events:
        await tell_absent(db, change, cause, transaction)
    return change


def _frames(change: Change, at: int) -> list[Frame]:
    facts = described(change)
    return [{"type": "program", "event": event, "at": at, **facts} for event in change.events]


async def _calendar(db: Database, user_id: str, transaction: Transaction) -> Calendar:
    fields = {"residences": 1, "time_zone": 1, "day_start": 1}
    return calendar_of(await db["users"].find_one({"_id": user_id}, fields, session=transaction))
