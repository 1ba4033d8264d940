"""What operators see of customer sessions: those that run, from memory, among those that ran."""

import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

from domain.customer import KIND, Totals, Visit, hours_of, visit_of
from realtime.registry import Registry
from storage.mongo.catalogue import Position
from storage.mongo.user_search import UserSearch
from storage.mongo.visits import Order, Visits, VisitsWanted

State = Literal["active", "ended", "all"]
STATES: Final = get_args(State)
START_OF_ID: Final = re.compile(r"[0-9a-f-]{1,36}", re.ASCII)
BATCH: Final = 500
BUSIEST: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskQuery:
    """Which visits an operator asks for; what is None does not matter. Instants are ms."""

    state: State = "all"
    user_id: str | None = None
    text: str | None = None
    """The beginning of a session id, or of a user's id, name or address."""
    from_ms: int | None = None
    to_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A visit, and who its user is as far as anybody knows."""

    visit: Visit
    name: str = ""
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of the list; `total` counts all that was asked for."""

    rows: tuple[Row, ...]
    total: int
    following: Position | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """A user, and what their visits come to."""

    user_id: str
    name: str
    totals: Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What went on among customers in a span of time. Distributions are (ms, how often)."""

    active: int
    ended: int
    per_hour: Mapping[int, int]
    """Visits begun, by the first ms of each hour."""
    durations: Sequence[tuple[int, int]]
    response_times: Sequence[tuple[int, int]]
    busiest: Sequence[Busy]
    """The users with the most visits that have ended."""


class CustomerDesk:
    """Lists and figures for operators. Raises Unavailable while MongoDB is away."""

    def __init__(
        self, visits: Visits, users: UserSearch, registry: Registry, clock: Callable[[], int]
    ) -> None:
        """`clock` is in ms."""
        self._visits = visits
        self._users = users
        self._registry = registry
        self._clock = clock

    async def page(
        self, query: DeskQuery, order: Order, *, limit: int, after: Position | None
    ) -> Listing:
        """A page of the list. Raises InvalidInput for a text that fits too many users.

        What runs goes on between two pages: sorted by what grows, it may appear on both.
        """
        alternatives = await self._alternatives(query)
        rows, following = await self._page(query, alternatives, order, limit, after)
        total = len(self._running(query, alternatives))
        if query.state != "active":
            total += sum([await self._visits.count(wanted) for wanted in alternatives])
        return Listing(rows=rows, total=total, following=following)

    async def batches(self, query: DeskQuery, order: Order) -> AsyncGenerator[Sequence[Row], None]:
        """The whole list, read as it is asked for."""
        alternatives = await self._alternatives(query)
        after: Position | None = None
        while True:
            rows, after = await self._page(query, alternatives, order, BATCH, after)
            if rows:
                yield rows
            if after is None:
                return

    async def figures(self, from_ms: int, to_ms: int) -> Figures:
        """What the visits that began in the span come to."""
        wanted = VisitsWanted(from_ms=from_ms, to_ms=to_ms)
        running = self._running(DeskQuery(from_ms=from_ms, to_ms=to_ms), [wanted])
        per_hour = dict.fromkeys(hours_of(from_ms, to_ms), 0)
        for began, count in (await self._visits.started_per_hour(wanted)).items():
            per_hour[began] += count
        for visit in running:
            per_hour[hours_of(visit.started_at, to_ms)[0]] += 1
        return Figures(
            active=sum(session.kind == KIND for session in self._registry),
            ended=await self._visits.count(wanted),
            per_hour=per_hour,
            durations=await self._visits.durations(wanted),
            response_times=await self._visits.response_times(wanted),
            busiest=await self._busiest(wanted),
        )

    async def _busiest(self, wanted: VisitsWanted) -> list[Busy]:
        found = await self._visits.busiest(wanted, BUSIEST)
        named = await self._users.named([*found])
        return [
            Busy(user_id=user_id, name=named.get(user_id, {}).get("name", ""), totals=totals)
            for user_id, totals in found.items()
        ]

    async def _alternatives(self, query: DeskQuery) -> list[VisitsWanted]:
        """The selections of which a visit has to fit one; two never have one in common."""
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

    def _running(self, query: DeskQuery, alternatives: Sequence[VisitsWanted]) -> list[Visit]:
        if query.state == "ended":
            return []
        now = self._clock()
        live = [visit_of(session, now) for session in self._registry if session.kind == KIND]
        return [visit for visit in live if any(one.fits(visit) for one in alternatives)]

    async def _page(
        self,
        query: DeskQuery,
        alternatives: Sequence[VisitsWanted],
        order: Order,
        limit: int,
        after: Position | None,
    ) -> tuple[tuple[Row, ...], Position | None]:
        """Merge the first visits of every selection, each of which is sorted."""
        running = [
            visit
            for visit in self._running(query, alternatives)
            if after is None or order.is_beyond(visit, after)
        ]
        found = {visit.id: visit for visit in running}
        if query.state != "active":
            for wanted in alternatives:
                # Newer than memory: what has ended meanwhile is told as it ended.
                past = await self._visits.first(wanted, order, limit=limit + 1, after=after)
                found |= {visit.id: visit for visit in past}
        ordered = sorted(found.values(), key=order.key, reverse=order.descending)
        shown = ordered[:limit]
        following = order.position(shown[-1]) if len(ordered) > limit else None
        named = await self._users.named({visit.user_id for visit in shown})
        return tuple(row_of(visit, named.get(visit.user_id, {})) for visit in shown), following


def row_of(visit: Visit, user: Mapping[str, Any]) -> Row:
    """The visit with what is known of its user."""
    return Row(visit=visit, name=user.get("name", ""), email=user.get("email"))
