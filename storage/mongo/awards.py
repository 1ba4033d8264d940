"""Achievements that users hold, and the totals they are earned by, inside a transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pymongo import ReturnDocument

from domain.achievements import BY_CODE, Achievement, earned
from storage.mongo.client import Database, Document, instant, milliseconds, translated
from storage.mongo.transactions import Transaction

TOTALS: Final = (
    "sessions", "focus_ms", "days", "reflections", "programs", "program_14_day", "program_30_day",
)  # fmt: skip
"""What is summed up of each user in `focus_totals`, under the names that rules know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """An achievement, and what earned it when; `earned_at` is in ms."""

    achievement: Achievement
    earned_at: int
    enrollment_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What gives rise to awards: figures beside the totals, and where they come from."""

    user_id: str
    at: int
    added: Mapping[str, int]
    """What it adds to the totals; negative where something is taken back."""
    figures: Mapping[str, int]
    session_id: str | None = None
    enrollment_id: int | None = None


class Awards:
    """The collections `achievements` and `focus_totals`, read only; raises `Unavailable`."""

    def __init__(self, db: Database) -> None:
        self._achievements = db["achievements"]
        self._totals = db["focus_totals"]

    async def of_user(self, user_id: str, enrollment_id: int | None = None) -> list[Award]:
        """What the user holds, the last earned first; with an enrolment, what came of that."""
        query: Document = {"user_id": user_id}
        if enrollment_id is not None:
            query["enrollment_id"] = enrollment_id
        with translated():
            found = await self._achievements.find(query).to_list(None)
        # One that a newer version has awarded is left to that version.
        awards = [_award(each) for each in found if each["code"] in BY_CODE]
        in_order = [*BY_CODE]
        return sorted(
            awards,
            key=lambda one: (-one.earned_at, in_order.index(one.achievement.code)),
        )

    async def totals(self, user_id: str) -> dict[str, int]:
        """The user's totals by the names of `TOTALS`."""
        with translated():
            found = await self._totals.find_one({"_id": user_id}) or {}
        return {name: int(found.get(name, 0)) for name in TOTALS}


async def award(db: Database, occasion: Occasion, transaction: Transaction) -> list[Achievement]:
    """Add to the user's totals, and keep what that earns; returns what is new."""
    figures = await _add_up(db, occasion, transaction)
    cursor = db["achievements"].find(
        {"user_id": occasion.user_id}, {"code": 1}, session=transaction
    )
    held = {each["code"] async for each in cursor}
    found = earned(figures, held)
    if found:
        await db["achievements"].insert_many(
            [_document(one, occasion) for one in found], session=transaction
        )
    return found


async def withdraw(db: Database, occasion: Occasion, transaction: Transaction) -> list[str]:
    """Take from the user's totals, and what only the session of the occasion had earned.

    Returns the codes of what is gone.
    """
    figures = await _add_up(db, occasion, transaction)
    mine = {"user_id": occasion.user_id, "session_id": occasion.session_id}
    cursor = db["achievements"].find(mine, {"code": 1}, session=transaction)
    codes = [each["code"] async for each in cursor]
    still = {one.code for one in earned(figures, ())}
    gone = [code for code in codes if code not in still]
    if gone:
        await db["achievements"].delete_many({**mine, "code": {"$in": gone}}, session=transaction)
    return gone


async def _add_up(db: Database, occasion: Occasion, transaction: Transaction) -> dict[str, int]:
    assert occasion.added.keys() <= set(TOTALS), occasion.added
    added = {name: amount for name, amount in occasion.added.items() if amount}
    totals: Any = db["focus_totals"]
    if added:
        found = await totals.find_one_and_update(
            {"_id": occasion.user_id},
            {"$inc": added},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=transaction,
        )
    else:
        found = await totals.find_one({"_id": occasion.user_id}, session=transaction)
    known = {name: int((found or {}).get(name, 0)) for name in TOTALS}
    return {**known, **occasion.figures}


def _document(achievement: Achievement, occasion: Occasion) -> Document:
    return {
        "_id": f"{achievement.code} {occasion.user_id}",
        "user_id": occasion.user_id,
        "code": achievement.code,
        "earned_at": instant(occasion.at),
        "session_id": occasion.session_id,
        "enrollment_id": occasion.enrollment_id,
    }


def _award(document: Mapping[str, Any]) -> Award:
    return Award(
        achievement=BY_CODE[document["code"]],
        earned_at=milliseconds(document["earned_at"]),
        enrollment_id=document["enrollment_id"],
    )
