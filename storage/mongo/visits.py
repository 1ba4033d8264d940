"""Past customer sessions: lists in any order, and the sums and distributions made of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from domain.customer import KIND, Totals, Visit
from domain.session import Counters
from storage.mongo.catalogue import Position
from storage.mongo.client import Database, Document, instant, milliseconds, translated

SortKey = Literal["started_at", "ended_at", "duration", "messages", "conversations"]
PATHS: Final[Mapping[SortKey, str]] = {
    "started_at": "started_at",
    "ended_at": "ended_at",
    "duration": "active_ms",
    "messages": "counters.messages",
    "conversations": "counters.conversations",
}
"""What visits can be sorted by, and where it stands in their documents; all are indexed."""
INSTANTS: Final = frozenset({"started_at", "ended_at"})
ENDED: Final = ("completed", "canceled", "voided")
AFTER_ALL: Final = "\uffff"
"""Sorts behind every character that the id of a session may have."""
FIELDS: Final = (
    "user_id", "status", "completed_reason", "started_at", "ended_at", "active_ms", "counters",
)  # fmt: skip
SUMS: Final = {
    "visits": {"$sum": 1},
    "duration_ms": {"$sum": "$active_ms"},
    "messages": {"$sum": "$counters.messages"},
    "conversations": {"$sum": "$counters.conversations"},
}
COARSE_MS: Final = 100_000
"""Response times beyond are told apart by whole seconds only: that bounds a distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitsWanted:
    """Which visits; what is None does not matter. Instants are ms."""

    user_ids: Collection[str] | None = None
    not_of: Collection[str] = ()
    """Users to leave out."""
    id_prefix: str | None = None
    """Of the session."""
    statuses: Sequence[str] = ENDED
    """Matters only together with users."""
    from_ms: int | None = None
    """Started then or later."""
    to_ms: int | None = None
    """Started before."""
    but: str | None = None
    """A session to leave out."""

    def fits(self, visit: Visit) -> bool:
        """Whether a visit that is still running is among them, whatever the statuses."""
        return (
            (self.user_ids is None or visit.user_id in self.user_ids)
            and visit.user_id not in self.not_of
            and visit.id.startswith(self.id_prefix or "")
            and (self.from_ms is None or visit.started_at >= self.from_ms)
            and (self.to_ms is None or visit.started_at < self.to_ms)
        )


FOREVER_MS: Final = 253_402_300_799_999
"""The last instant with four digits of year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """By what a list is sorted; equal ones by id."""

    by: SortKey = "started_at"
    descending: bool = True

    def value(self, visit: Visit) -> int:
        """What the visit is sorted by; without an end it comes after all others."""
        return {
            "started_at": visit.started_at,
            "ended_at": FOREVER_MS if visit.ended_at is None else visit.ended_at,
            "duration": visit.duration_ms,
            "messages": visit.counters.messages,
            "conversations": visit.counters.conversations,
        }[self.by]

    def key(self, visit: Visit) -> tuple[int, str]:
        """What the list is sorted by."""
        return self.value(visit), visit.id

    def is_beyond(self, visit: Visit, after: Position) -> bool:
        """Whether the visit comes after the position."""
        last = (milliseconds(after.created_at), after.id)
        return self.key(visit) < last if self.descending else self.key(visit) > last

    def position(self, visit: Visit) -> Position:
        """Where a page ends with this visit: instants as they are, numbers as if ms."""
        return Position(created_at=instant(self.value(visit)), id=visit.id)


class Visits:
    """Customer sessions in the collection `sessions`; raises Unavailable while MongoDB is away."""

    def __init__(self, db: Database) -> None:
        self._sessions = db["sessions"]

    async def page(
        self, wanted: VisitsWanted, order: Order, *, limit: int, after: Position | None = None
    ) -> tuple[list[Visit], Position | None]:
        """Up to `limit` visits in order, and where to go on if there are more."""
        found = await self.first(wanted, order, limit=limit + 1, after=after)
        more = len(found) > limit
        return found[:limit], order.position(found[limit - 1]) if more else None

    async def first(
        self, wanted: VisitsWanted, order: Order, *, limit: int, after: Position | None
    ) -> list[Visit]:
        """The first visits beyond a position, at most `limit`."""
        direction = -1 if order.descending else 1
        with translated():
            cursor = self._sessions.find(
                matching(wanted, order, after), dict.fromkeys(FIELDS, 1), limit=limit
            )
            cursor = cursor.sort([(PATHS[order.by], direction), ("_id", direction)])
            found = await cursor.batch_size(limit + 1).to_list(limit)
        return [visit_from(document) for document in found]

    async def count(self, wanted: VisitsWanted) -> int:
        """How many there are."""
        with translated():
            return int(await self._sessions.count_documents(matching(wanted)))

    async def totals(self, wanted: VisitsWanted) -> Totals:
        """What all of them come to."""
        found = await self._groups(wanted, [{"$group": {"_id": None, **SUMS}}])
        return _totals(found[0]) if found else Totals()

    async def started_per_hour(self, wanted: VisitsWanted) -> Mapping[int, int]:
        """How many began in each hour (UTC) in which any did, by its first ms."""
        hour = {"$dateTrunc": {"date": "$started_at", "unit": "hour"}}
        groups = await self._groups(wanted, [{"$group": {"_id": hour, "visits": {"$sum": 1}}}])
        return {milliseconds(group["_id"]): group["visits"] for group in groups}

    async def durations(self, wanted: VisitsWanted) -> list[tuple[int, int]]:
        """How often each duration occurs, ms to the second, ascending."""
        seconds = {"$multiply": [1000, {"$round": [{"$divide": ["$active_ms", 1000]}, 0]}]}
        return await self._distribution(wanted, [], seconds)

    async def response_times(self, wanted: VisitsWanted) -> list[tuple[int, int]]:
        """How often each response time occurs, ms, ascending."""
        value = "$response_times_ms"
        coarse = {"$multiply": [1000, {"$round": [{"$divide": [value, 1000]}, 0]}]}
        told = {"$cond": [{"$lt": [value, COARSE_MS]}, value, coarse]}
        return await self._distribution(wanted, [{"$unwind": value}], told)

    async def busiest(self, wanted: VisitsWanted, most: int) -> Mapping[str, Totals]:
        """The users with the most visits, most of all first, and what theirs come to."""
        sums = {"$group": {"_id": "$user_id", **SUMS}}
        first = {"$sort": {"visits": -1, "messages": -1, "_id": 1}}
        found = await self._groups(wanted, [sums, first, {"$limit": most}])
        return {group["_id"]: _totals(group) for group in found}

    async def _distribution(
        self, wanted: VisitsWanted, stages: list[Document], value: Any
    ) -> list[tuple[int, int]]:
        grouped = {"$group": {"_id": value, "times": {"$sum": 1}}}
        groups = await self._groups(wanted, [*stages, grouped, {"$sort": {"_id": 1}}])
        return [(int(group["_id"]), group["times"]) for group in groups]

    async def _groups(self, wanted: VisitsWanted, stages: list[Document]) -> list[Document]:
        pipeline = [{"$match": matching(wanted)}, *stages]
        with translated():
            return await self._sessions.aggregate(pipeline, allowDiskUse=True).to_list(None)


def matching(
    wanted: VisitsWanted, order: Order | None = None, after: Position | None = None
) -> Document:
    """The query for these visits, beyond the end of a page in that order."""
    base: Document = {"kind": KIND}
    if wanted.user_ids is not None:
        base["user_id"] = _any_of(wanted.user_ids)
        # With the user, status and start stand in one index.
        base["status"] = _any_of(wanted.statuses)
    elif wanted.not_of:
        base["user_id"] = {"$nin": sorted(wanted.not_of)}
    base |= {name: span for name, span in _spans(wanted).items() if span}
    return base if order is None or after is None else _beyond(base, order, after)


def _spans(wanted: VisitsWanted) -> Document:
    """The conditions on start and id, either of which may be empty."""
    started: Document = {}
    if wanted.from_ms is not None:
        started["$gte"] = instant(wanted.from_ms)
    if wanted.to_ms is not None:
        started["$lt"] = instant(wanted.to_ms)
    ids: Document = {}
    if wanted.id_prefix is not None:
        ids |= {"$gte": wanted.id_prefix, "$lt": wanted.id_prefix + AFTER_ALL}
    if wanted.but is not None:
        ids["$ne"] = wanted.but
    return {"started_at": started, "_id": ids}


def _beyond(base: Document, order: Order, after: Position) -> Document:
    """What comes after the position: two stretches of one index, which MongoDB merges."""
    path, beyond = PATHS[order.by], "$lt" if order.descending else "$gt"
    at: Any = after.created_at if order.by in INSTANTS else milliseconds(after.created_at)
    same = {path: at, "_id": {beyond: after.id}}
    return {"$or": [{"$and": [base, same]}, {"$and": [base, {path: {beyond: at}}]}]}


def visit_from(document: Mapping[str, Any]) -> Visit:
    """A visit from the document of an ended customer session."""
    return Visit(
        id=document["_id"],
        user_id=document["user_id"],
        status=document["status"],
        reason=document.get("completed_reason"),
        started_at=milliseconds(document["started_at"]),
        ended_at=milliseconds(document["ended_at"]),
        duration_ms=document["active_ms"],
        counters=Counters(**document["counters"]),
    )


def _totals(group: Mapping[str, Any]) -> Totals:
    return Totals(**{name: group[name] for name in SUMS})


def _any_of(values: Collection[str]) -> Any:
    return next(iter(values)) if len(values) == 1 else {"$in": sorted(values)}
