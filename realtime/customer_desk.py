"""What operators see of customer sessions: those that run, from memory, among those that ran."""

import asyncio
import heapq
import re
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from domain.customer import KIND, Visit, hours_of, visit_of
from domain.session import Session
from realtime.customer_lists import Busy, DeskQuery, Figures, Listing, Place, Row, row_of
from realtime.recent_visits import RecentVisits
from realtime.registry import Registry
from storage.mongo.catalogue import Position
from storage.mongo.queues import Queues
from storage.mongo.user_search import UserSearch
from storage.mongo.visits import NEWEST, Key, Order, Visits, VisitsWanted, key_at

START_OF_ID: Final = re.compile(r"[0-9a-f-]{1,36}", re.ASCII)
BATCH: Final = 500
BREATH: Final = 5_000
"""After so many sessions that are looked at, the loop gets to everything else."""
BUSIEST: Final = 10
FIGURES_MAX: Final = 8
"""So many who ask for figures wait on a node; more are told to come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question with what memory knows of its answer."""

    alternatives: Sequence[VisitsWanted]
    """The selections of which a visit has to fit one; two never have one in common."""
    running: Sequence[Session] = ()
    recent: Sequence[Visit] = ()
    """What has ended and is not in MongoDB yet."""
    past: bool = True
    """Whether visits that have ended are wanted."""


class CustomerDesk:
    """Lists and figures for operators. Raises Unavailable while MongoDB is away.

    Sorted by their start, running and ended visits stand in one list. By anything else the running
    ones come first, the newest first of all: what grows while somebody turns the pages is no place
    to go on from, and none may be left out.
    """

    def __init__(
        self, visits: Visits, users: UserSearch, registry: Registry, clock: Callable[[], int]
    ) -> None:
        """`clock` is in ms."""
        self._visits = visits
        self._users = users
        self._registry = registry
        self._recent = RecentVisits(registry, visits, clock)
        self._clock = clock
        # They read much, and would only make each other late.
        self._figuring = Queues(FIGURES_MAX)

    async def page(
        self, query: DeskQuery, order: Order, *, limit: int, after: Place | None
    ) -> Listing:
        """A page of the list. Raises InvalidInput for a text that fits too many users.

        What ends between two pages may appear on both.
        """
        asked = await self._asked(query)
        visits, following = await self._page(asked, order, limit, after)
        total = len(asked.running) + len(asked.recent)
        if asked.past:
            total += sum([await self._visits.count(wanted) for wanted in asked.alternatives])
        return Listing(rows=await self._named(visits), total=total, following=following)

    async def batches(self, query: DeskQuery, order: Order) -> AsyncGenerator[Sequence[Row], None]:
        """The whole list, read as it is asked for; those that run, as they are at the beginning."""
        asked = await self._asked(query)
        by_start = order.by == "started_at"
        waiting = deque(_by_start(asked.running, order if by_start else NEWEST))
        told = {session.id for session in waiting}
        if not by_start:
            async for visits in self._visits_of(waiting):
                yield await self._named(visits)
        async for past in self._past_batches(asked, order):
            ended = [one for one in past if one.id not in told]
            before = self._before(past[-1], waiting, order)
            merged = heapq.merge(ended, before, key=order.key, reverse=order.descending)
            while visits := [*islice(merged, BATCH)]:
                yield await self._named(visits)
        async for visits in self._visits_of(waiting):
            yield await self._named(visits)

    def _before(self, last: Visit, waiting: deque[Session], order: Order) -> Iterator[Visit]:
        """What waits and comes before a visit in a list by start, taken as it is asked for."""
        while waiting and order.precedes(_start(waiting[0]), order.key(last)):
            yield visit_of(waiting.popleft(), self._clock())

    async def _visits_of(self, waiting: deque[Session]) -> AsyncGenerator[list[Visit], None]:
        """What waits, in batches, as it is when it is its turn."""
        while waiting:
            now = self._clock()
            batch = [waiting.popleft() for _ in range(min(BATCH, len(waiting)))]
            yield [visit_of(session, now) for session in batch]

    async def figures(self, from_ms: int, to_ms: int) -> Figures:
        """What the visits that began in the span come to."""
        wanted = VisitsWanted(from_ms=from_ms, to_ms=to_ms)
        live = self._registry.of_kind(KIND)
        found_here: list[Session | Visit] = [*live, *await self._recent.list()]
        new = [one for one in found_here if wanted.fits(one)]
        async with self._figuring.turn(KIND):
            found = await self._visits.figures(wanted, BUSIEST)
        per_hour = dict.fromkeys(hours_of(from_ms, to_ms), 0)
        for began, count in found.per_hour.items():
            per_hour[began] += count
        for one in new:
            per_hour[hours_of(one.started_at, to_ms)[0]] += 1
        named = await self._users.named([*found.busiest])
        return Figures(
            active=len(live),
            per_hour=per_hour,
            durations=found.durations,
            response_times=found.response_times,
            busiest=[
                Busy(user_id=user_id, name=named.get(user_id, {}).get("name", ""), totals=totals)
                for user_id, totals in found.busiest.items()
            ],
        )

    async def _asked(self, query: DeskQuery) -> _Asked:
        asked = _Asked(alternatives=await self._alternatives(query), past=query.state != "active")
        if query.state != "ended":
            asked = replace(asked, running=await self._running(asked))
        if asked.past:
            recent = await self._recent.list()
            fitting = [one for one in recent if any(w.fits(one) for w in asked.alternatives)]
            asked = replace(asked, recent=fitting)
        return asked

    async def _alternatives(self, query: DeskQuery) -> list[VisitsWanted]:
        users = None if query.user_id is None else frozenset({query.user_id})
        wanted = VisitsWanted(user_ids=users, from_ms=query.from_ms, to_ms=query.to_ms)
        if query.text is None:
            return [wanted]
        fitting = await self._users.beginning(query.text)
        chosen = fitting if users is None else fitting & users
        found = [replace(wanted, user_ids=chosen)] if chosen else []
        prefix, others = query.text.lower(), None if users is None else users - chosen
        if START_OF_ID.fullmatch(prefix) and others != frozenset():
            found.append(replace(wanted, user_ids=others, id_prefix=prefix, not_of=chosen))
        return found

    async def _running(self, asked: _Asked) -> list[Session]:
        live, found = self._registry.of_kind(KIND), []
        for number, session in enumerate(live, 1):
            if any(wanted.fits(session) for wanted in asked.alternatives):
                found.append(session)
            if number % BREATH == 0:
                await asyncio.sleep(0)
        return found

    async def _page(
        self, asked: _Asked, order: Order, limit: int, after: Place | None
    ) -> tuple[list[Visit], Place | None]:
        if order.by == "started_at":
            return await self._by_start(asked, order, limit, None if after is None else after.at)
        return await self._running_first(asked, order, limit, after)

    async def _by_start(
        self, asked: _Asked, order: Order, limit: int, after: Position | None
    ) -> tuple[list[Visit], Place | None]:
        running = self._first_running(asked, order, limit + 1, after)
        past = await self._first_past(asked, order, limit + 1, after)
        # Newer than memory: what has ended meanwhile is told as it ended.
        merged = {visit.id: visit for visit in (*running, *past)}
        found = order.sorted([*merged.values()])
        more = len(found) > limit
        following = Place(running=False, at=order.position(found[limit - 1])) if more else None
        return found[:limit], following

    async def _running_first(
        self, asked: _Asked, order: Order, limit: int, after: Place | None
    ) -> tuple[list[Visit], Place | None]:
        running: list[Visit] = []
        at = None if after is None else after.at
        if after is None or after.running:
            running, at = self._first_running(asked, NEWEST, limit + 1, at), None
        room = limit - len(running)
        past = await self._first_past(asked, order, room + 1, at) if room >= 0 else []
        # What has ended since it was found running is shown once.
        shown = {visit.id for visit in running}
        found = [*running[:limit], *(one for one in past[: max(0, room)] if one.id not in shown)]
        if len(running) + len(past) <= limit:
            return found, None
        if room > 0:
            return found, Place(running=False, at=order.position(past[room - 1]))
        return found, Place(running=True, at=NEWEST.position(running[limit - 1]))

    def _first_running(
        self, asked: _Asked, order: Order, limit: int, after: Position | None
    ) -> list[Visit]:
        """The first of those that run, by their start, beyond a position."""
        beyond = [
            session
            for session in asked.running
            if after is None or order.precedes(key_at(after), _start(session))
        ]
        pick = heapq.nlargest if order.descending else heapq.nsmallest
        now = self._clock()
        return [visit_of(session, now) for session in pick(limit, beyond, key=_start)]

    async def _first_past(
        self, asked: _Asked, order: Order, limit: int, after: Position | None
    ) -> list[Visit]:
        """The first of those that have ended, beyond a position."""
        if not asked.past:
            return []
        found = {
            visit.id: visit
            for visit in asked.recent
            if after is None or order.precedes(key_at(after), order.key(visit))
        }
        for wanted in asked.alternatives:
            past = await self._visits.first(wanted, order, limit=limit, after=after)
            found |= {visit.id: visit for visit in past}
        return order.sorted([*found.values()])[:limit]

    async def _past_batches(self, asked: _Asked, order: Order) -> AsyncGenerator[list[Visit], None]:
        after: Position | None = None
        while past := await self._first_past(asked, order, BATCH, after):
            yield past
            after = order.position(past[-1])

    async def _named(self, visits: Sequence[Visit]) -> list[Row]:
        named = await self._users.named({visit.user_id for visit in visits})
        return [row_of(visit, named.get(visit.user_id, {})) for visit in visits]


def _start(session: Session) -> Key:
    return session.started_at, session.id


def _by_start(sessions: Sequence[Session], order: Order) -> list[Session]:
    return sorted(sessions, key=_start, reverse=order.descending)
