"""What the XP endpoints write."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from domain.accounts import User
from domain.booking import XP_FIELDS
from domain.instants import iso
from domain.levels import standing
from handlers.schemas.common import XP_AMOUNTS, Schema
from storage.mongo.client import milliseconds


class XpView(Schema):
    """A user's totals, their Life Level and the way to the next one."""

    life_level = fields.Integer()
    level_xp = fields.Integer(metadata={"description": "The total at which this level begins."})
    next_level_xp = fields.Integer(
        metadata={"description": "The total at which the next level begins."}
    )
    xp_to_next = fields.Integer()
    progress = fields.Float(metadata={"description": "The part of this level that is done."})
    sessions_completed = fields.Integer()

    class Meta(Schema.Meta):
        """XP in all and in each dimension."""

        include = XP_AMOUNTS


class EntryView(Schema):
    """One entry of the ledger; that of a voided session has the inverse amounts."""

    id = fields.String()
    type = fields.String(validate=validate.OneOf(["session", "void"]))
    session_id = fields.String()
    kind = fields.String()
    source = fields.String()
    earned_at = fields.String(metadata={"description": "The end of the session."})
    booked_at = fields.String()

    class Meta(Schema.Meta):
        """XP in all and in each dimension."""

        include = XP_AMOUNTS


class LedgerView(Schema):
    """One page of the ledger, the last booked first; its entries sum up to the totals."""

    results = fields.List(fields.Nested(EntryView))
    next = fields.String(allow_none=True)


def xp_view(user: User) -> dict[str, object]:
    """Lay a user's totals out for `XpView`."""
    at = standing(user.xp.get("total", 0))
    return {
        **{name: user.xp.get(name.removeprefix("xp_"), 0) for name in XP_FIELDS},
        "life_level": at.level,
        "level_xp": at.level_xp,
        "next_level_xp": at.next_level_xp,
        "xp_to_next": at.xp_to_next,
        "progress": at.progress,
        "sessions_completed": user.sessions_completed,
    }


def entry_view(entry: Mapping[str, Any]) -> dict[str, object]:
    """Lay an entry of the ledger out for `EntryView`."""
    voids = entry.get("voids")
    return {
        "id": entry["_id"],
        "type": "session" if voids is None else "void",
        "session_id": voids or entry["_id"],
        "kind": entry["kind"],
        "source": entry["source"],
        "earned_at": iso(milliseconds(entry["earned_at"])),
        "booked_at": iso(milliseconds(entry["created_at"])),
        **{name: entry[name] for name in XP_FIELDS},
    }
