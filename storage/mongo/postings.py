"""What one booking changes, inside its transaction: the user's totals and days.

A booking and its inverse go through the same functions, so a void undoes exactly
what settling did.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pymongo import ReturnDocument, UpdateOne

from domain.booking import LONGEST_MS, SPENT, XP_FIELDS, DayShare, day_shares, focused_spans
from domain.days import Calendar
from domain.levels import life_level
from storage.mongo.client import Database, Document, milliseconds
from storage.mongo.transactions import Transaction
from storage.mongo.users import newcomer


async def add_to_user(
    db: Database,
    user_id: str,
    amounts: Mapping[str, int],
    sessions: int,
    at: datetime,
    transaction: Transaction,
) -> None:
    """Raise a user's totals, lowering them by negative amounts, and set the level they make.

    `settled` grows with every booking: who has read it knows whether totals have moved since.
    """
    added = {**amounts, "sessions_completed": sessions, "settled": 1}
    kept = {*added, "updated_at", "life_level"}
    first = {name: value for name, value in newcomer(at).items() if name not in kept}
    user = await db.users.find_one_and_update(
        {"_id": user_id},
        {"$inc": added, "$set": {"updated_at": at}, "$setOnInsert": first},
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=transaction,
    )
    assert user is not None
    level = life_level(user["xp_total"])
    if user.get("life_level") != level:
        await db.users.update_one(
            {"_id": user_id}, {"$set": {"life_level": level}}, session=transaction
        )


async def add_to_days(
    db: Database,
    user_id: str,
    shares: Sequence[Document],
    *,
    sign: int,
    transaction: Transaction,
) -> None:
    """Add a session's shares to the user's days; with a sign of -1, take them away again."""
    if not shares:
        return
    writes = []
    for share in shares:
        amounts = {name: sign * share[name] for name in ("focused_ms", *XP_FIELDS)}
        writes.append(
            UpdateOne(
                {"_id": f"{share['day']} {user_id}"},
                {
                    "$inc": {**amounts, "sessions": sign},
                    "$setOnInsert": {"user_id": user_id, "day": share["day"]},
                },
                upsert=True,
            )
        )
    await db.days.bulk_write(writes, session=transaction)


def shares_of(
    calendar: Calendar, document: Mapping[str, Any], events: Sequence[Mapping[str, Any]]
) -> list[Document]:
    """A completed session's part in each of the user's days, as its document keeps them."""
    kind, ended = document["kind"], milliseconds(document["ended_at"])
    focused = document["active_ms" if kind == "focus" else "focused_ms"]
    began = document.get("started_at")
    started = ended - focused if began is None else milliseconds(began)
    # A store elsewhere may tell a start that lies after the end, or years before it.
    started = max(ended - LONGEST_MS, min(ended, started))
    stretches = [event["segment"] for event in events if event.get("segment")]
    segments = [(part["kind"], part["from_ms"], part["to_ms"]) for part in stretches]
    spans = focused_spans(started, ended, focused, segments, SPENT[kind])
    xp = {name: document[name] for name in XP_FIELDS}
    return [_share(share) for share in day_shares(calendar, spans, ended, xp)]


def _share(share: DayShare) -> Document:
    return {"day": day_name(share.day), "focused_ms": share.focused_ms, **share.xp}


def day_name(day: date) -> str:
    """A date as it is stored and compared: `2026-11-21`."""
    return day.isoformat()
