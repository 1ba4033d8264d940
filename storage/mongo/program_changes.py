"""Changes of an enrolment: the rule, its days, totals, achievements and the word of it, at once.

The enrolment is written with every change, so two changes of one enrolment never pass each
other: the later one meets a write conflict, and is decided anew on what the first one left.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pymongo.errors import DuplicateKeyError, PyMongoError

from domain import notices
from domain.achievements import Achievement
from domain.days import Calendar
from domain.errors import NotFound, Unavailable
from domain.program_rules import (
    Change,
    Moment,
    Rule,
    described,
    program_streak,
)
from domain.programs import DayRecord, Enrollment, fresh_day
from storage.mongo.absentees import notify
from storage.mongo.announcements import Frame, announce
from storage.mongo.awards import Occasion, award, withdraw
from storage.mongo.client import Database, Mongo, translated
from storage.mongo.program_records import (
    day_document,
    day_from,
    day_id,
    enrollment_document,
    enrollment_from,
)
from storage.mongo.programs import Programs
from storage.mongo.transactions import Transaction, Transactions
from storage.mongo.users import calendar_of

TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Cause:
    """What brings a change about; a session counts for totals and achievements too."""

    at: int
    added: Mapping[str, int]
    figures: Mapping[str, int]
    session_id: str | None = None
    voided: bool = False
    """Whether the session is taken back."""
    by_itself: bool = False
    """Whether the session ended without its user, who may have no page open."""


class ProgramBook:
    """The only writer of enrolments that are going on, and of their days."""

    def __init__(self, mongo: Mongo, *, timeout_s: float) -> None:
        """`timeout_s` bounds one change."""
        self._transactions = Transactions(mongo, timeout_s)
        self._db = mongo.db

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

        await self._run(work)
        return made[0]

    async def _run(self, work: Any) -> None:
        for _ in range(TRIES):
            try:
                with translated():
                    await self._transactions.run(work)
            except TimeoutError as error:
                raise Unavailable("the database takes too long; try again shortly") from error
            except DuplicateKeyError:
                continue  # Something was made by two at the same moment; now it is there.
            except PyMongoError as error:
                raise Unavailable("the database does not accept it; try again") from error
            else:
                return
        raise Unavailable("too many changes at once; try again", retry_after_s=1)


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
    occasion = await _occasion(db, change, moment, transaction, cause)
    frames = [*_frames(change, moment.now), *await honour(db, occasion, transaction, cause)]
    await announce(
        db, enrollment.user_id, frames, at=moment.now, rev=enrollment.rev, transaction=transaction
    )
    if cause is not None and cause.by_itself and "day_completed" in change.events:
        await _notify(db, change, cause, transaction)
    return change


async def _notify(db: Database, change: Change, cause: Cause, transaction: Transaction) -> None:
    """Tell who may have no page open of a day that a session has completed by itself."""
    enrollment = change.enrollment
    program = (await Programs(db).of([enrollment], transaction))[enrollment.id]
    told: dict[str, Any] = {
        "user_id": enrollment.user_id,
        "program": program.name,
        "at": cause.at,
        "url": f"/programs/{enrollment.id}",
    }
    days = enrollment.total_days
    notice = (
        notices.program_completed(days=days, **told)
        if "program_completed" in change.events
        else notices.day_completed(day=change.day.number, days=days, **told)
    )
    await notify(
        db,
        enrollment.user_id,
        [notice],
        cause=f"session:{cause.session_id}",
        transaction=transaction,
    )


async def honour(
    db: Database, occasion: Occasion, transaction: Transaction, cause: Cause | None
) -> list[Frame]:
    """Bring totals and achievements up to date; a frame for each that is new or gone."""
    if cause is not None and cause.voided:
        codes = await withdraw(db, occasion, transaction)
        return [
            {"type": "achievement_withdrawn", "code": code, "at": occasion.at} for code in codes
        ]
    new = await award(db, occasion, transaction)
    if cause is not None and cause.by_itself:
        told = [
            notices.achievement(
                user_id=occasion.user_id,
                code=one.code,
                title=f"{one.icon} {one.name}",
                body=one.description,
                at=occasion.at,
            )
            for one in new
        ]
        about = f"session:{cause.session_id}"
        await notify(db, occasion.user_id, told, cause=about, transaction=transaction)
    return _achieved(new, occasion.at, occasion.enrollment_id)


def _achieved(achievements: list[Achievement], at: int, enrollment_id: int | None) -> list[Frame]:
    return [
        {
            "type": "achievement",
            "code": one.code,
            "name": one.name,
            "description": one.description,
            "icon": one.icon,
            "enrollment_id": enrollment_id,
            "at": at,
        }
        for one in achievements
    ]


def _frames(change: Change, at: int) -> list[Frame]:
    facts = described(change)
    return [{"type": "program", "event": event, "at": at, **facts} for event in change.events]


async def _occasion(
    db: Database, change: Change, moment: Moment, transaction: Transaction, cause: Cause | None
) -> Occasion:
    events, enrollment = change.events, change.enrollment
    added = {"reflections": int("reflection_added" in events)}
    added["days"] = ("day_completed" in events) - ("day_reopened" in events)
    ended = ("program_completed" in events) - ("program_reopened" in events)
    if ended:
        programs = await Programs(db).of([enrollment], transaction)
        added |= {"programs": ended}
        if (kind := f"program_{programs[enrollment.id].type}") in (
            "program_14_day",
            "program_30_day",
        ):
            added[kind] = ended
    figures = {}
    if "day_completed" in events or (cause is not None and cause.voided):
        figures["streak"] = program_streak(enrollment, moment).current
    return Occasion(
        user_id=enrollment.user_id,
        at=moment.now if cause is None else cause.at,
        added=added if cause is None else {**added, **cause.added},
        figures=figures if cause is None else {**figures, **cause.figures},
        session_id=None if cause is None else cause.session_id,
        enrollment_id=enrollment.id,
    )


async def _calendar(db: Database, user_id: str, transaction: Transaction) -> Calendar:
    fields = {"residences": 1, "time_zone": 1, "day_start": 1}
    return calendar_of(await db["users"].find_one({"_id": user_id}, fields, session=transaction))
