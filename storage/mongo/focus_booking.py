"""What a completed focus session changes beside XP and days, in the transaction that settles it."""

from collections.abc import Mapping
from typing import Any

from domain.achievements import SESSION_MIN_MS, session_figures
from domain.days import Calendar
from domain.errors import NotFound
from domain.program_rules import Focus, Moment, add_focus, remove_focus
from domain.programs import DayRecord, Enrollment
from domain.session import BY_ITSELF
from storage.mongo.announcements import announce
from storage.mongo.awards import Occasion
from storage.mongo.client import Database, Document, milliseconds
from storage.mongo.program_changes import find, record, write
from storage.mongo.program_effects import Cause, honour
from storage.mongo.transactions import Transaction


async def book_focus(
    db: Database, document: Document, calendar: Calendar, now: int, transaction: Transaction
) -> None:
    """Credit a completed focus session to its user's totals and to its day, if it has one."""
    focus = _focus(document)
    figures = session_figures(
        calendar,
        started_at=milliseconds(document["started_at"]),
        active_ms=focus.active_ms,
        distractions=document["distraction_count"],
    )
    added = _amounts(focus.active_ms)
    by_itself = document["completed_reason"] in BY_ITSELF
    cause = Cause(focus.ended_at, added, figures, document["_id"], by_itself=by_itself)
    place = await _place(db, document, transaction)
    if place is None:
        await _outside(db, document["user_id"], cause, now, transaction)
        return
    enrollment, day = place
    moment = Moment(now, calendar)
    await write(db, add_focus(focus)(enrollment, day, moment), day, moment, transaction, cause)


async def unbook_focus(
    db: Database, document: Document, calendar: Calendar, now: int, transaction: Transaction
) -> None:
    """Take back what `book_focus` did for a session that is voided."""
    focus = _focus(document)
    added = {name: -amount for name, amount in _amounts(focus.active_ms).items()}
    cause = Cause(now, added, {}, document["_id"], voided=True)
    place = await _place(db, document, transaction)
    if place is None:
        await _outside(db, document["user_id"], cause, now, transaction)
        return
    enrollment, day = place
    moment = Moment(now, calendar)
    other = {"user_id": enrollment.user_id, "program_id": enrollment.program_id, "active": True}
    alone = await db["enrollments"].find_one(other, {"_id": 1}, session=transaction) is None
    change = remove_focus(focus, may_reopen=alone)(enrollment, day, moment)
    await write(db, change, day, moment, transaction, cause)


async def _place(
    db: Database, document: Document, transaction: Transaction
) -> tuple[Enrollment, DayRecord] | None:
    """The enrolment and the day that the session was for; None for one outside of programs.

    Whatever its context says: a session is settled even if nobody knows the day any more.
    """
    context: Mapping[str, Any] = document.get("context") or {}
    enrollment_id, number = context.get("enrollment_id"), context.get("day_number")
    if not isinstance(enrollment_id, int) or not isinstance(number, int):
        return None
    enrollment = await find(db, document["user_id"], enrollment_id, transaction)
    if enrollment is None:
        return None
    try:
        return enrollment, await record(db, enrollment, number, transaction)
    except NotFound:
        return None


async def _outside(
    db: Database, user_id: str, cause: Cause, now: int, transaction: Transaction
) -> None:
    occasion = Occasion(
        user_id=user_id,
        at=cause.at,
        added=cause.added,
        figures=cause.figures,
        session_id=cause.session_id,
    )
    frames = await honour(db, occasion, transaction, cause)
    if frames:
        await announce(db, user_id, frames, at=now, transaction=transaction)


def _amounts(active_ms: int) -> dict[str, int]:
    """What a completed session adds to its user's totals."""
    counted = int(active_ms >= SESSION_MIN_MS)
    return {"sessions": 1, "counted_sessions": counted, "focus_ms": active_ms}


def _focus(document: Document) -> Focus:
    return Focus(active_ms=document["active_ms"], ended_at=milliseconds(document["ended_at"]))
