"""The people the service knows: own accounts, and bearers of another issuer's tokens."""

import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from domain.accounts import DEFAULT_DAY_START, DEFAULT_TIME_ZONE, User
from domain.errors import IdTaken
from domain.rates import DIMENSIONS
from storage.mongo.client import Database, Document, instant, translated


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
        return await self._find({"email": email})

    async def get(self, user_id: str) -> User | None:
        return await self._find({"_id": user_id})

    async def update_profile(self, user_id: str, changes: Mapping[str, str]) -> User | None:
        """Set any of name, time_zone and day_start, already checked by the rules."""
        assert changes.keys() <= {"name", "time_zone", "day_start"}
        with translated():
            document = await self._users.find_one_and_update(
                {"_id": user_id},
                {"$set": {**changes, "updated_at": instant(self._clock())}},
                return_document=ReturnDocument.AFTER,
            )
        return _user_if(document)

    async def set_password_hash(self, user_id: str, *, old: str, new: str) -> None:
        """Replace a hash, unless the password has changed since `old` was read."""
        with translated():
            await self._users.update_one(
                {"_id": user_id, "password_hash": old}, {"$set": {"password_hash": new}}
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

    async def _find(self, query: Mapping[str, str]) -> User | None:
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
        roles=frozenset(known["roles"]),
        plan=known["subscription"]["plan"],
        xp={name: known[f"xp_{name}"] for name in ("total", *DIMENSIONS)},
        life_level=known["life_level"],
        sessions_completed=known["sessions_completed"],
        created_at=known["created_at"],
        updated_at=known["updated_at"],
    )
