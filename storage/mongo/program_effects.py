"""What follows from a change of a program: totals, achievements, and notices for the absent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain import notices
from domain.achievements import Achievement
from domain.errors import NotFound
from domain.program_rules import Change, Moment
from domain.program_streaks import program_streak
from domain.programs import Enrollment, Program
from storage.mongo.absentees import notify
from storage.mongo.announcements import Frame
from storage.mongo.awards import TOTALS, Occasion, award, withdraw
from storage.mongo.client import Database
from storage.mongo.programs import Programs
from storage.mongo.transactions import Transaction


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


async def occasion_of(
    db: Database, change: Change, moment: Moment, transaction: Transaction, cause: Cause | None
) -> Occasion:
    """What a change gives rise to."""
    events, enrollment = change.events, change.enrollment
    added = {"reflections": int("reflection_added" in events)}
    added["days"] = ("day_completed" in events) - ("day_reopened" in events)
    ended = ("program_completed" in events) - ("program_reopened" in events)
    if ended:
        added |= {"programs": ended}
        program = await _program(db, enrollment, transaction)
        if program is not None and (kind := f"program_{program.type}") in TOTALS:
            added[kind] = ended
    figures = {}
    if "day_completed" in events or (cause is not None and cause.voided):
        # The longest, not the present one: the booking may come days after the day itself.
        longest = program_streak(enrollment, moment).longest
        figures["streak"] = longest.days if longest else 0
    return Occasion(
        user_id=enrollment.user_id,
        at=moment.now if cause is None else cause.at,
        added=added if cause is None else {**added, **cause.added},
        figures=figures if cause is None else {**figures, **cause.figures},
        session_id=None if cause is None else cause.session_id,
        enrollment_id=enrollment.id,
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


async def tell_absent(db: Database, change: Change, cause: Cause, transaction: Transaction) -> None:
    """Tell who may have no page open of a day that a session has completed by itself."""
    enrollment = change.enrollment
    program = await _program(db, enrollment, transaction)
    if program is None:
        return
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


async def _program(
    db: Database, enrollment: Enrollment, transaction: Transaction
) -> Program | None:
    """The program, or None for one that is lost: nothing that was done may wait for it."""
    try:
        return (await Programs(db).of([enrollment], transaction))[enrollment.id]
    except NotFound:
        return None
