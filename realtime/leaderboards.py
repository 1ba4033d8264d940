"""Leaderboards: kept true to the ledger, built anew when Redis has lost them, and read."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NoReturn

import structlog

from domain.errors import Unavailable
from domain.leaderboards import (
    BOARDS,
    Face,
    Period,
    Place,
    Standing,
    period_at,
    periods_at,
    periods_kept,
    shown_name,
)
from realtime.owed import OwedRefreshes
from storage.mongo.standings import Standings
from storage.redis.leaderboards import Boards

log = structlog.get_logger(__name__)

ROUNDS: Final = 10
BATCH: Final = 50
CLAIM_MS: Final = 15_000
"""How long a builder may be silent before another takes its place."""
RENEWALS: Final = 5
"""How often a builder that lives says so in that time."""
BUILT: Final = "built"
REBUILDING: Final = "rebuilding"
BUILDING: Final = "building"
COMPLETE: Final = frozenset({BUILT, REBUILDING})
"""Marks under which the sets can be shown; `building` means that Redis has none or a part."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many users were put where they belong, and how many taken out who did not."""

    users: int
    removed: int


class Leaderboards:
    """Writes the sets. Everything raises Unavailable while a store is away.

    A user's scores are computed from MongoDB and set, never added to, so doing it again is
    harmless. What is left is that two refreshes of one user may race, on two nodes, and the
    one that read first may write last. Therefore each of them, after its write, asks whether
    the user's membership (the count of bookings and the choice to take part) is still what
    its scores were computed from; if not, it starts over.

    That is enough. Every booking and every choice changes the membership in the transaction
    that makes it, so equal memberships mean equal scores; and once it is acknowledged, its
    maker refreshes. Look at the last write to any set. If its writer had read the newest
    membership, the score is the newest. If not, the write came after that of the newest
    change's own refresh, hence after the change was acknowledged, and so the second look
    shows the change, and this was not the last write. A writer that dies between write and
    look leaves behind what made it work, an outbox entry or a request without an answer, and
    whoever repeats that sets it right: each refresh of somebody who has left the boards
    takes them out once more. Only who never took part costs no more than a look. Only what
    a node still owes when it ends is left to the user's next refresh, or to a rebuild.
    """

    def __init__(
        self,
        standings: Standings,
        boards: Boards,
        incarnation: Callable[[], Awaitable[str]],
        clock: Callable[[], int],
    ) -> None:
        """`incarnation` tells one life of the Redis server from the next; the clock is in ms."""
        self._standings = standings
        self._boards = boards
        self._incarnation = incarnation
        self._clock = clock
        self._owed = OwedRefreshes(self.refresh, clock)

    @property
    def owed(self) -> int:
        """How many refreshes failed after a booking and are still to be done."""
        return len(self._owed)

    def owe(self, user_id: str, at_ms: int) -> None:
        """Remember a refresh that failed; `pay` does it. What is booked need not wait for it."""
        self._owed.add(user_id, at_ms)

    async def pay(self) -> None:
        """Try the refreshes that are owed, each with longer and longer pauses."""
        await self._owed.pay()

    async def refresh(self, user_id: str, at_ms: int) -> None:
        """Set a user's scores of the periods that an instant lies in, or take them out of all.

        Call it after each booking of XP earned at that instant, also after one that proved
        to be done before, and after the user's choice to take part or not.
        """
        await self._set((user_id,), periods_at(at_ms))

    async def rebuild(self) -> Rebuilt:
        """Set everybody's scores of all periods that are kept, and take out who does not belong.

        May run at any time, beside everything else.
        """
        after, users = "", 0
        while members := await self._standings.members(after, BATCH):
            await self._set(members, periods_kept(self._clock()))
            after, users = members[-1], users + len(members)
        removed = 0
        for period in periods_kept(self._clock()):
            for board in BOARDS:
                async for found in self._boards.members(period, board):
                    removed += await self._expel_strangers(found)
        return Rebuilt(users, removed)

    async def heal(self) -> None:
        """Rebuild once in each life of the Redis server: it may have come up with less.

        One node does it; the others see that it is being done.
        """
        mark, complete = await self._boards.mark(), f"{BUILT} {await self._incarnation()}"
        kind = mark.partition(" ")[0]
        if mark == complete or kind in (BUILDING, REBUILDING):
            return
        claim = f"{REBUILDING if kind == BUILT else BUILDING} {secrets.token_hex(8)}"
        if not await self._boards.turn(mark, claim, CLAIM_MS):
            return
        done = await self._rebuild_as(claim)
        if await self._boards.turn(claim, complete):
            log.info("leaderboards rebuilt", users=done.users, removed=done.removed)

    async def _rebuild_as(self, claim: str) -> Rebuilt:
        """Rebuild while the claim holds; raises Unavailable once it does not.

        However long a batch takes, the claim is renewed.
        """
        try:
            async with asyncio.TaskGroup() as group:
                renewing = group.create_task(self._renew(claim))
                done = await self.rebuild()
                renewing.cancel()
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        return done

    async def _renew(self, claim: str) -> NoReturn:
        while True:
            await asyncio.sleep(CLAIM_MS / RENEWALS / 1000)
            if not await self._boards.turn(claim, claim, CLAIM_MS):
                raise Unavailable("somebody else has taken over the rebuilding")

    async def _set(
        self, user_ids: Collection[str], wanted: Iterable[Period], *, thorough: bool = False
    ) -> None:
        """Refresh several users; `thorough` also takes out those who never took part."""
        periods = [period for period in wanted if period.kept(self._clock())]
        waiting = set(user_ids)
        touched = set(user_ids) if thorough else set()
        for _ in range(ROUNDS):
            found = await self._standings.read(waiting, periods)
            touched |= {who for who in waiting if found[who].membership.member is not None}
            waiting &= touched
            if not waiting:
                return
            await self._write({who: found[who] for who in waiting}, periods)
            now = await self._standings.memberships(waiting)
            waiting = {who for who in waiting if now[who] != found[who].membership}
            if not waiting:
                return
        raise Unavailable("the leaderboards change too fast; try again shortly")

    async def _write(self, standings: dict[str, Standing], periods: Sequence[Period]) -> None:
        present = {who: each.scores for who, each in standings.items() if each.membership.member}
        if present:
            await self._boards.put(present, periods)
        if absent := standings.keys() - present.keys():
            # They may be in sets of other periods too.
            everywhere = {*periods, *periods_kept(self._clock())}
            await self._boards.remove(absent, everywhere)

    async def _expel_strangers(self, found: Collection[str]) -> int:
        memberships = await self._standings.memberships(found)
        strangers = {who for who in found if not memberships[who].member}
        if strangers:
            await self._set(strangers, periods_kept(self._clock()), thorough=True)
        return len(strangers)


@dataclass(frozen=True, slots=True)
class Row:
    """A place, and who has it."""

    place: Place
    face: Face
    you: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """A board as one user sees it."""

    period: Period
    board: str
    size: int
    rows: tuple[Row, ...]
    mine: Place | None
    neighbours: tuple[Row, ...]
    opted_in: bool


class Rankings:
    """Reads the sets. Raises Unavailable while a store is away or the sets are not complete."""

    def __init__(self, standings: Standings, boards: Boards, clock: Callable[[], int]) -> None:
        """Take both stores and a clock of epoch milliseconds."""
        self._standings = standings
        self._boards = boards
        self._clock = clock

    async def show(
        self, user_id: str, period: str, board: str, *, limit: int, around: int
    ) -> Ranking:
        """Show the present period's best, and the user among their neighbours if they take part.

        Of others only those are shown who take part at this moment, by name, level and badges.
        """
        present = period_at(period, self._clock())
        mark = await self._boards.mark()
        if mark.partition(" ")[0] not in COMPLETE:
            raise Unavailable("the leaderboards are being built; try again shortly")
        sight = await self._boards.look(present, board, limit=limit, user_id=user_id, around=around)
        shown = {place.user_id for place in (*sight.best, *sight.around)}
        faces = await self._standings.faces({*shown, user_id})
        opted_in = user_id in faces
        around_user = sight.around if opted_in else ()

        def rows(places: Sequence[Place]) -> tuple[Row, ...]:
            return tuple(
                Row(place, _seen(faces[place.user_id]), place.user_id == user_id)
                for place in places
                if place.user_id in faces
            )

        return Ranking(
            period=present,
            board=board,
            size=sight.size,
            rows=rows(sight.best),
            mine=next((place for place in around_user if place.user_id == user_id), None),
            neighbours=rows(around_user),
            opted_in=opted_in,
        )


def _seen(face: Face) -> Face:
    return replace(face, name=shown_name(face.name))
