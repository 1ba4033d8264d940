"""Achievements that users hold, and the totals they are earned by, inside a transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pymongo import ReturnDocument

from domain.achievements import BY_CODE, Achievement, earned
from storage.mongo.client import Database, Document, instant, milliseconds, translated
from storage.mongo.transactions import Transaction

TOTALS: Final = (
    "sessions", "counted_sessions", "focus_ms", "days", "reflections", "programs", "program_14_day", "program_30_day",
)  # fmt: skip
"""What is summed up of each user in `focus_totals`, under the names that rules know."""


BADGES: Final = 3
"""As many of a user's achievements others see beside their name."""
IN_ORDER: Final = {code: place for place, code in enumerate(BY_CODE)}


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
        return newest(_award(each) for each in found if each["code"] in BY_CODE)

    async def badges(
        self, user_ids: Collection[str], most: int = BADGES
    ) -> dict[str, tuple[str, ...]]:
        """The icons of each user's newest achievements; who holds none is left out."""
        query = {"user_id": {"$in": [*user_ids]}}
        fields = {"user_id": 1, "code": 1, "earned_at": 1, "enrollment_id": 1}
        held: dict[str, list[Award]] = defaultdict(list)
        with translated():
            async for each in self._achievements.find(query, fields):
                if each["code"] in BY_CODE:
                    held[each["user_id"]].append(_award(each))
        return {
            user_id: tuple(one.achievement.icon for one in newest(awards)[:most])
            for user_id, awards in held.items()
        }

    async def totals(self, user_id: str) -> dict[str, int]:
        """The user's totals by the names of `TOTALS`."""
        with translated():
            found = await self._totals.find_one({"_id": user_id}) or {}
        return {name: int(found.get(name, 0)) for name in TOTALS}


def newest(awards: Iterable[Award]) -> list[Award]:
    """The last earned first; what was earned together, in the order of the rules."""
    return sorted(awards, key=lambda one: (-one.earned_at, IN_ORDER[one.achievement.code]))


async def award(db: Database, occasion: Occasion, transaction: Transaction) -> list[Achievement]:
    """Add to the user's totals, and keep what that earns; returns what is new."""
    if not (any(occasion.added.values()) or occasion.figures):
        return []
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
    """Take from the user's totals, and take back what nothing earns any more.

    Returns the codes of what is gone.
    """
    figures = await _add_up(db, occasion, transaction)
    cursor = db["achievements"].find({"user_id": occasion.user_id}, session=transaction)
    gone = [each["code"] async for each in cursor if _is_lost(each, occasion, figures)]
    if gone:
        ids = [_award_id(code, occasion.user_id) for code in gone]
        await db["achievements"].delete_many({"_id": {"$in": ids}}, session=transaction)
    return gone


def _is_lost(held: Document, occasion: Occasion, figures: Mapping[str, int]) -> bool:
    """Whether what a user holds is earned no more, now that a session is taken back."""
    rule = BY_CODE.get(held["code"])
    if rule is None:
        return False
    if rule.metric in TOTALS:
        return figures[rule.metric] < rule.at_least
    if rule.metric == "streak":
        of_this = occasion.enrollment_id is not None
        mine = of_this and held["enrollment_id"] == occasion.enrollment_id
        return mine and figures["streak"] < rule.at_least
    # A figure of one session alone.
    return bool(held["session_id"] == occasion.session_id)


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


def _award_id(code: str, user_id: str) -> str:
    return f"{code} {user_id}"


def _document(achievement: Achievement, occasion: Occasion) -> Document:
    return {
        "_id": _award_id(achievement.code, occasion.user_id),
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
