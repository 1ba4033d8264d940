"""What leaderboards are made of: the XP of users by period, who takes part, and their names."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from pymongo.errors import OperationFailure

from domain.errors import Unavailable
from domain.leaderboards import BOARDS, Face, Membership, Period, Standing
from storage.mongo.client import Document, Mongo, instant, translated

NO_SNAPSHOT: Final = frozenset(
    {
        239,  # SnapshotTooOld
        246,  # SnapshotUnavailable
    }
)
STATE: Final = {"settled": 1, "leaderboard": 1}
NOBODY: Final = Membership(member=False)
"""Of a user who is gone."""


class Standings:
    """Reads of `users` and `ledger`; raises Unavailable while MongoDB is away."""

    def __init__(self, mongo: Mongo) -> None:
        self._client = mongo.client
        self._users = mongo.db["users"]
        self._ledger = mongo.db["ledger"]

    async def read(
        self, user_ids: Collection[str], periods: Sequence[Period]
    ) -> dict[str, Standing]:
        """Give the membership of each user, and of those who take part the XP of the periods.

        All of it as it was at one instant.
        """
        async with await self._client.start_session(snapshot=True) as snapshot:
            with _readable():
                fields = STATE | {f"xp_{board}": 1 for board in BOARDS}
                cursor = self._users.find({"_id": {"$in": [*user_ids]}}, fields, session=snapshot)
                users = {user["_id"]: user async for user in cursor}
                earned = await self._earned(
                    [user_id for user_id, user in users.items() if user.get("leaderboard")],
                    periods,
                    snapshot,
                )
        return {
            user_id: Standing(
                _membership(users.get(user_id)),
                _xp(users.get(user_id, {}), earned.get(user_id, {}), periods),
            )
            for user_id in user_ids
        }

    async def memberships(self, user_ids: Collection[str]) -> dict[str, Membership]:
        """Give the membership of each user after all bookings that have been acknowledged."""
        with translated():
            cursor = self._users.find({"_id": {"$in": [*user_ids]}}, STATE)
            users = {user["_id"]: user async for user in cursor}
        return {user_id: _membership(users.get(user_id)) for user_id in user_ids}

    async def members(self, after: str, limit: int) -> list[str]:
        """Give the ids of so many users who take part, in order, from the one after `after` on."""
        query = {"leaderboard": True, "_id": {"$gt": after}}
        with translated():
            cursor = self._users.find(query, {"_id": 1}).sort("_id", 1).limit(limit)
            return [user["_id"] for user in await cursor.to_list(limit)]

    async def faces(self, user_ids: Collection[str]) -> dict[str, Face]:
        """Give what others may see of these users, leaving out who does not take part."""
        query = {"_id": {"$in": [*user_ids]}, "leaderboard": True}
        with translated():
            users = await self._users.find(query, {"name": 1, "life_level": 1}).to_list(None)
        return {
            user["_id"]: Face(user.get("name", ""), user.get("life_level", 1)) for user in users
        }

    async def _earned(
        self, user_ids: Sequence[str], periods: Sequence[Period], snapshot: Any
    ) -> dict[str, dict[tuple[str, str], int]]:
        """Sum the ledgers of users over the bounded periods, all in one pass over the longest."""
        bounds = [
            (period, instant(period.from_ms), instant(period.to_ms))
            for period in periods
            if period.from_ms is not None and period.to_ms is not None
        ]
        if not user_ids or not bounds:
            return {}
        first, last = min(start for _, start, _ in bounds), max(end for _, _, end in bounds)
        sums: Document = {}
        for number, (_, start, end) in enumerate(bounds):
            inside = {"$and": [{"$gte": ["$earned_at", start]}, {"$lt": ["$earned_at", end]}]}
            for board in BOARDS:
                sums[f"{number}_{board}"] = {"$sum": {"$cond": [inside, f"$xp_{board}", 0]}}
        steps: list[Document] = [
            {
                "$match": {
                    "user_id": {"$in": [*user_ids]},
                    "earned_at": {"$gte": first, "$lt": last},
                }
            },
            {"$group": {"_id": "$user_id", **sums}},
        ]
        found = self._ledger.aggregate(steps, session=snapshot)
        names = {
            f"{number}_{board}": (period.name, board)
            for number, (period, _, _) in enumerate(bounds)
            for board in BOARDS
        }
        return {row["_id"]: {names[field]: row[field] for field in names} async for row in found}


def _xp(
    user: Document, earned: Mapping[tuple[str, str], int], periods: Sequence[Period]
) -> dict[tuple[str, str], int]:
    return {
        (period.name, board): int(
            earned.get((period.name, board), 0)
            if period.from_ms is not None
            else user.get(f"xp_{board}", 0)
        )
        for period in periods
        for board in BOARDS
    }


def _membership(user: Document | None) -> Membership:
    if user is None:
        return NOBODY
    return Membership(user.get("settled", 0), user.get("leaderboard"))


@contextmanager
def _readable() -> Iterator[None]:
    """Raise Unavailable for what passes by itself, a snapshot that is not to be had included."""
    try:
        with translated():
            yield
    except OperationFailure as error:
        if error.code not in NO_SNAPSHOT:
            raise
        raise Unavailable("The database cannot be read right now; try again shortly.") from error
