"""The people the service knows: own accounts, and bearers of another issuer's tokens."""

import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from domain.accounts import DEFAULT_DAY_START, DEFAULT_TIME_ZONE, User
from domain.days import Calendar, Residence
from domain.errors import IdTaken
from domain.rates import DIMENSIONS
from domain.subscriptions import Subscription
from storage.mongo.client import (
    Database,
    Document,
    instant,
    instant_if,
    milliseconds,
    milliseconds_if,
    translated,
)

# Changes of the zone or the start of the day that come closer together are one.
RESIDENCE_MIN_MS = 60_000
RESIDENCES_KEPT = 200


class Users:
    """The collection `users`; every method raises `Unavailable` while MongoDB is away."""

    def __init__(self, db: Database, clock: Callable[[], int]) -> None:
        """Take the database and a clock of epoch milliseconds."""
        self._users = db["users"]
        self._clock = clock

    async def create(
        self,
        *,
        email: str,
        password_hash: str,
        name: str = "",
        roles: Collection[str] = ("user",),
        pro: bool = False,
    ) -> User:
        """Add an own account under its normalised address; raises `IdTaken`."""
        document = newcomer(instant(self._clock())) | {
            "_id": str(uuid.uuid4()),
            "email": email,
            "password_hash": password_hash,
            "name": name,
            "roles": sorted(roles),
            "subscription": {"plan": "pro" if pro else "free"},
        }
        try:
            with translated():
                await self._users.insert_one(document)
        except DuplicateKeyError as error:
            raise IdTaken("There is an account with this e-mail address.") from error
        return _user(document)

    async def by_email(self, email: str) -> User | None:
        """Find an own account by its normalised address."""
        # The index knows strings alone, and is used only where the query says so too.
        return await self._find({"email": {"$eq": email, "$type": "string"}})

    async def get(self, user_id: str) -> User | None:
        return await self._find({"_id": user_id})

    async def update_profile(self, user_id: str, changes: Mapping[str, str | bool]) -> User | None:
        """Set any of name, time_zone, day_start and leaderboard, already checked by the rules.

        Another zone or start of the day begins a new residence; `residences` keeps the newest.
        """
        assert changes.keys() <= {"name", "time_zone", "day_start", "leaderboard"}
        now = instant(self._clock())
        # Literals, because a name may begin with a dollar sign.
        values = {name: {"$literal": value} for name, value in changes.items()}
        with translated():
            document = await self._users.find_one_and_update(
                {"_id": user_id},
                # One step in the server, so that of two devices that race none is lost. All
                # expressions of a stage see the document as it was before it.
                [{"$set": {**values, "residences": _residences(values, now), "updated_at": now}}],
                return_document=ReturnDocument.AFTER,
            )
        return _user_if(document)

    async def set_password_hash(self, user_id: str, *, old: str, new: str) -> None:
        """Replace a hash, unless the password has changed since `old` was read."""
        with translated():
            await self._users.update_one(
                {"_id": user_id, "password_hash": old}, {"$set": {"password_hash": new}}
            )

    async def subscribe(self, user_id: str, subscription: Subscription) -> None:
        """Keep what the user has paid for; one whom nobody knows yet becomes known."""
        now = instant(self._clock())
        first = {name: value for name, value in newcomer(now).items() if name != "subscription"}
        first.pop("updated_at")
        kept = {
            "plan": subscription.plan,
            "status": subscription.status,
            "started_at": instant_if(subscription.started_at),
            "expires_at": instant_if(subscription.expires_at),
        }
        with translated():
            await self._users.update_one(
                {"_id": user_id},
                {"$set": {"subscription": kept, "updated_at": now}, "$setOnInsert": first},
                upsert=True,
            )

    async def provision(self, user_id: str) -> None:
        """Make sure that the user exists; repeating changes nothing."""
        try:
            with translated():
                await self._users.update_one(
                    {"_id": user_id},
                    {"$setOnInsert": newcomer(instant(self._clock()))},
                    upsert=True,
                )
        except DuplicateKeyError:
            return  # Another request provisioned the same user at the same moment.

    async def _find(self, query: Mapping[str, object]) -> User | None:
        with translated():
            return _user_if(await self._users.find_one(query))


def newcomer(at: datetime) -> Document:
    """Give the fields, all but `_id`, of a user of whom only the id is known."""
    return {
        "name": "",
        "time_zone": DEFAULT_TIME_ZONE,
        "day_start": DEFAULT_DAY_START,
        "roles": ["user"],
        "subscription": {"plan": "free"},
        "xp_total": 0,
        **{f"xp_{dimension}": 0 for dimension in DIMENSIONS},
        "life_level": 1,
        "sessions_completed": 0,
        "created_at": at,
        "updated_at": at,
    }


def calendar_of(document: Document | None) -> Calendar:
    """Give the days of a user document as MongoDB has it; of an absent one, those of UTC.

    Whatever the document holds: no session may wait for somebody to mend it.
    """
    return Calendar(_residences_in(document or {}))


def _residences_in(document: Document) -> tuple[Residence, ...]:
    """List the residences of a document; without any, the profile's holds since ever.

    One without an instant is left out.
    """
    kept = document.get("residences")
    entries = [each for each in kept if _begins(each)] if isinstance(kept, list) else []
    return tuple(
        Residence(
            from_ms=milliseconds(entry["from"]),
            time_zone=_text(entry, "time_zone", DEFAULT_TIME_ZONE),
            day_start=_text(entry, "day_start", DEFAULT_DAY_START),
        )
        for entry in entries or ({**document, "from": instant(0)},)
    )


def _begins(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("from"), datetime)


def _text(entry: Document, name: str, usual: str) -> str:
    text = entry.get(name)
    return text if isinstance(text, str) else usual


def _residences(values: Mapping[str, object], now: datetime) -> Document:
    """Give the expression for the residences after a change of the profile to `values` at `now`."""
    here = {
        "time_zone": {"$ifNull": ["$time_zone", DEFAULT_TIME_ZONE]},
        "day_start": {"$ifNull": ["$day_start", DEFAULT_DAY_START]},
    }
    there = here | {name: value for name, value in values.items() if name in here}
    known = {"$ifNull": ["$residences", [{"from": instant(0), **here}]]}
    # What holds for less than a minute is replaced, and keeps its instant; never the first.
    brief: Document = {
        "$and": [
            {"$gt": [{"$size": "$$known"}, 1]},
            {"$lt": [{"$subtract": [now, {"$last": "$$known.from"}]}, RESIDENCE_MIN_MS]},
        ]
    }
    kept = {
        "$cond": [brief, {"$slice": ["$$known", {"$add": [{"$size": "$$known"}, -1]}]}, "$$known"]
    }
    begins = {"$cond": [brief, {"$last": "$$known.from"}, now]}
    moved = {"$concatArrays": ["$$kept", [{"from": begins, **there}]]}
    after = {"$cond": [_same("$$kept", there), "$$kept", {"$slice": [moved, -RESIDENCES_KEPT]}]}
    return {
        "$cond": [
            {"$and": [{"$eq": [here[name], there[name]]} for name in here]},
            "$residences",
            {
                "$let": {
                    "vars": {"known": known},
                    "in": {"$let": {"vars": {"kept": kept}, "in": after}},
                }
            },
        ]
    }


def _same(residences: str, place: Mapping[str, object]) -> Document:
    """Give the expression that the last of the residences is the place already."""
    return {
        "$and": [
            {"$eq": [{"$last": f"{residences}.{name}"}, value]} for name, value in place.items()
        ]
    }


def subscription_from(kept: Mapping[str, Any]) -> Subscription:
    """Read a subscription; what an older version left out holds for ever."""
    return Subscription(
        plan=kept["plan"],
        status=kept.get("status", "active"),
        started_at=milliseconds_if(kept.get("started_at")),
        expires_at=milliseconds_if(kept.get("expires_at")),
    )


def _user_if(document: Document | None) -> User | None:
    return None if document is None else _user(document)


def _user(document: Document) -> User:
    # Settling may have made the document first, with nothing but totals in it.
    known = newcomer(document.get("created_at", instant(0))) | document
    return User(
        id=known["_id"],
        email=known.get("email"),
        password_hash=known.get("password_hash"),
        name=known["name"],
        time_zone=known["time_zone"],
        day_start=known["day_start"],
        residences=_residences_in(known),
        roles=frozenset(known["roles"]),
        subscription=subscription_from(known["subscription"]),
        leaderboard=known.get("leaderboard", False),
        xp={name: known[f"xp_{name}"] for name in ("total", *DIMENSIONS)},
        life_level=known["life_level"],
        sessions_completed=known["sessions_completed"],
        created_at=known["created_at"],
        updated_at=known["updated_at"],
    )
