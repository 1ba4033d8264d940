"""What leaderboards are made of: the scores of users by period, who takes part, and their names."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from domain.leaderboards import (
    ALL,
    BOARDS,
    COMPARED,
    Face,
    Membership,
    Period,
    Standing,
    score_of,
)
from storage.mongo.awards import Awards
from storage.mongo.client import Document, Mongo, instant, milliseconds, translated

STATE: Final = {"settled": 1, "leaderboard": 1}
NOBODY: Final = Membership(member=False)
"""Of a user who is gone."""


class Standings:
    """Reads of `users`, `ledger` and `achievements`; raises Unavailable while MongoDB is away."""

    def __init__(self, mongo: Mongo) -> None:
        self._client = mongo.client
        self._users = mongo.db["users"]
        self._ledger = mongo.db["ledger"]
        self._awards = Awards(mongo.db)

    async def read(
        self, user_ids: Collection[str], periods: Sequence[Period]
    ) -> dict[str, Standing]:
        """Give the membership of each user, and of those who take part the scores of the periods.

        All of it as it was at one instant.
        """
        with translated():
            async with await self._client.start_session(snapshot=True) as snapshot:
                fields = STATE | dict.fromkeys(COMPARED.values(), 1)
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
                _scores(users.get(user_id, {}), earned.get(user_id, {}), periods),
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
        badges = await self._awards.badges([user["_id"] for user in users])
        return {
            user["_id"]: Face(
                user.get("name", ""), user.get("life_level", 1), badges.get(user["_id"], ())
            )
            for user in users
        }

    async def _earned(
        self, user_ids: Sequence[str], periods: Sequence[Period], snapshot: Any
    ) -> Mapping[str, Mapping[tuple[str, str], int]]:
        """Sum the ledgers of users over the bounded periods, in one pass over all of their days.

        Every period begins and ends with a day of UTC.
        """
        bounded = [period for period in periods if period is not ALL]
        if not user_ids or not bounded:
            return {}
        found = self._ledger.aggregate(_days(user_ids, bounded), session=snapshot)
        earned: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        async for row in found:
            of_user, day_ms = earned[row["_id"]["user"]], milliseconds(row["_id"]["day"])
            for period in bounded:
                if period.holds(day_ms):
                    for board in BOARDS:
                        of_user[period.name, board] += row[board]
        return earned


def _days(user_ids: Sequence[str], periods: Sequence[Period]) -> list[Document]:
    """The steps that sum the ledgers of users by day, over all days that lie in the periods."""
    first = min(period.from_ms for period in periods if period.from_ms is not None)
    last = max(period.to_ms for period in periods if period.to_ms is not None)
    return [
        {
            "$match": {
                "user_id": {"$in": [*user_ids]},
                "earned_at": {"$gte": instant(first), "$lt": instant(last)},
            }
        },
        {
            "$group": {
                "_id": {
                    "user": "$user_id",
                    "day": {"$dateTrunc": {"date": "$earned_at", "unit": "day"}},
                },
                **{board: {"$sum": f"${amount}"} for board, amount in COMPARED.items()},
            }
        },
    ]


def _scores(
    user: Document, earned: Mapping[tuple[str, str], int], periods: Sequence[Period]
) -> dict[tuple[str, str], int]:
    return {
        (period.name, board): score_of(
            board,
            int(
                earned.get((period.name, board), 0)
                if period.from_ms is not None
                else user.get(amount, 0)
            ),
        )
        for period in periods
        for board, amount in COMPARED.items()
    }


def _membership(user: Document | None) -> Membership:
    if user is None:
        return NOBODY
    return Membership(user.get("settled", 0), user.get("leaderboard"))
