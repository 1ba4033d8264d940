"""Leaderboards in Redis: sorted sets of user ids by score, one for each period and board."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis

from domain.leaderboards import BOARDS, Period, Place, places
from storage.redis.client import Script, translated
from storage.redis.keys import Keys

SCAN: Final = 500
"""Members looked at in one step; a step holds Redis up for less than a millisecond."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A board at one instant: its size, the best, and who stands around somebody."""

    size: int
    best: tuple[Place, ...]
    around: tuple[Place, ...]
    """With the user in the middle; nobody if the user is not on the board."""


class Boards:
    """The sets; everything raises Unavailable while Redis is away, and may be repeated."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys
        self._around = Script(redis, "around")
        self._turn = Script(redis, "turn")

    async def put(
        self, standing: Mapping[str, Mapping[tuple[str, str], int]], periods: Iterable[Period]
    ) -> None:
        """Set the scores of users, given by (name of a period, board), in all sets of the periods.

        Who has none in a set leaves it.
        """
        async with self._redis.pipeline(transaction=False) as pipe:
            for period in periods:
                for board in BOARDS:
                    key = self._keys.leaderboard(period.name, board)
                    scores = {user_id: of[period.name, board] for user_id, of in standing.items()}
                    present = {user_id: score for user_id, score in scores.items() if score > 0}
                    if present:
                        pipe.zadd(key, present)
                    if absent := scores.keys() - present.keys():
                        pipe.zrem(key, *absent)
                    if present and period.expires_ms is not None:
                        pipe.pexpireat(key, period.expires_ms)
            with translated():
                await pipe.execute()

    async def remove(self, user_ids: Collection[str], periods: Iterable[Period]) -> None:
        """Take users out of all sets of the periods."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for period in periods:
                for board in BOARDS:
                    pipe.zrem(self._keys.leaderboard(period.name, board), *user_ids)
            with translated():
                await pipe.execute()

    async def members(self, period: Period, board: str) -> AsyncIterator[Sequence[str]]:
        """Go through the members of a set in steps; who stays in it comes at least once."""
        cursor, key = 0, self._keys.leaderboard(period.name, board)
        while True:
            with translated():
                cursor, found = await self._redis.zscan(key, cursor, count=SCAN)
            # A small set comes as a whole.
            for start in range(0, len(found), SCAN):
                yield [str(member) for member, _ in found[start : start + SCAN]]
            if not cursor:
                return

    async def look(
        self, period: Period, board: str, *, limit: int, user_id: str | None, around: int
    ) -> Sight:
        """Read at one instant the size, the best, and the places on either side of a user."""
        key = self._keys.leaderboard(period.name, board)
        found = await self._around([key], [str(limit), user_id or "", str(around)])
        size, best, *near = found
        around_user = places(_entries(near[0]), near[1], near[2]) if near else ()
        return Sight(size=size, best=places(_entries(best), 0, 0), around=around_user)

    async def mark(self) -> str:
        """What is written of the state of all leaderboards; empty when nothing is."""
        with translated():
            return str(await self._redis.get(self._keys.leaderboards) or "")

    async def turn(self, believed: str, becomes: str, ttl_ms: int | None = None) -> bool:
        """Write of the state of all leaderboards; False if it was not what it was believed to be.

        After `ttl_ms` nothing is written of it any more.
        """
        ttl = "" if ttl_ms is None else str(ttl_ms)
        return bool(await self._turn([self._keys.leaderboards], [believed, becomes, ttl]))


def _entries(flat: Sequence[str]) -> list[tuple[str, int]]:
    """Redis' list of members and scores, which are whole numbers, as pairs."""
    return [(flat[i], int(float(flat[i + 1]))) for i in range(0, len(flat), 2)]
