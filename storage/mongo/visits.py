"""Past customer sessions: lists in any order, and the sums and distributions made of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from domain.customer import KIND, Totals, Visit
from domain.session import Counters, Session
from storage.mongo.catalogue import Position
from storage.mongo.client import Database, Document, instant, milliseconds, translated
from storage.mongo.history import PAST
from storage.mongo.prefixes import beginning_with

SortKey = Literal["started_at", "ended_at", "duration", "messages", "conversations"]
PATHS: Final[Mapping[SortKey, str]] = {
    "started_at": "started_at",
    "ended_at": "ended_at",
    "duration": "active_ms",
    "messages": "counters.messages",
    "conversations": "counters.conversations",
}
"""What visits can be sorted by, and where it stands in their documents; all are indexed."""
Key = tuple[int, str]
"""What a visit is sorted by, and its id."""


def _ended_at(visit: Visit) -> int:
    assert visit.ended_at is not None
    return visit.ended_at


VALUES: Final[Mapping[SortKey, Callable[[Visit], int]]] = {
    "started_at": lambda visit: visit.started_at,
    "ended_at": _ended_at,
    "duration": lambda visit: visit.duration_ms,
    "messages": lambda visit: visit.counters.messages,
    "conversations": lambda visit: visit.counters.conversations,
}
INSTANTS: Final = frozenset({"started_at", "ended_at"})
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


def _to_seconds(path: str) -> Document:
    return {"$multiply": [1000, {"$round": [{"$divide": [path, 1000]}, 0]}]}


HOUR: Final = {"$dateTrunc": {"date": "$started_at", "unit": "hour"}}
SECONDS: Final = _to_seconds("$active_ms")
RESPONSE: Final = {
    "$cond": [
        {"$lt": ["$response_times_ms", COARSE_MS]},
        "$response_times_ms",
        _to_seconds("$response_times_ms"),
    ]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitsWanted:
    """Which visits; what is None does not matter. Instants are ms."""

    user_ids: Collection[str] | None = None
    not_of: Collection[str] = ()
    """Users to leave out."""
    id_prefix: str | None = None
    """Of the session."""
    statuses: Sequence[str] = PAST
    """Matters only together with users."""
    from_ms: int | None = None
    """Started then or later."""
    to_ms: int | None = None
    """Started before."""
    but: Collection[str] = ()
    """Sessions to leave out."""

    def fits(self, visit: Visit | Session) -> bool:
        """Whether a visit that is not in MongoDB is among them, whatever the statuses."""
        return (
            (self.user_ids is None or visit.user_id in self.user_ids)
            and visit.user_id not in self.not_of
            and visit.id.startswith(self.id_prefix or "")
            and (self.from_ms is None or visit.started_at >= self.from_ms)
            and (self.to_ms is None or visit.started_at < self.to_ms)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """By what a list is sorted, equal ones by id; only what has ended by anything but its start."""

    by: SortKey = "started_at"
    descending: bool = True

    def key(self, visit: Visit) -> Key:
        """What the list is sorted by."""
        return VALUES[self.by](visit), visit.id

    def precedes(self, one: Key, other: Key) -> bool:
        """Whether the one comes before the other."""
        return one > other if self.descending else one < other

    def sorted(self, visits: list[Visit]) -> list[Visit]:
        """The visits in order."""
        return sorted(visits, key=self.key, reverse=self.descending)

    def position(self, visit: Visit) -> Position:
        """Where a page ends with this visit: instants as they are, numbers as if ms."""
        value, visit_id = self.key(visit)
        return Position(created_at=instant(value), id=visit_id)


NEWEST: Final = Order()


def key_at(position: Position) -> Key:
    """The key of the visit that a page ended with."""
    return milliseconds(position.created_at), position.id


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFigures:
    """What ended visits come to. Distributions are (ms, how often), ascending."""

    per_hour: Mapping[int, int]
    """How many began in each hour (UTC) in which any did, by its first ms."""
    durations: list[tuple[int, int]]
    """To the second."""
    response_times: list[tuple[int, int]]
    """To the millisecond; to the second beyond `COARSE_MS`."""
    busiest: Mapping[str, Totals]
    """The users with the most, most of all first."""


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

    async def present(self, ids: Sequence[str]) -> set[str]:
        """Which of these have reached MongoDB."""
        with translated():
            cursor = self._sessions.find({"_id": {"$in": list(ids)}}, {"_id": 1})
            return {one["_id"] for one in await cursor.to_list(len(ids))}

    async def totals(self, wanted: VisitsWanted) -> Totals:
        """What all of them come to."""
        found = await self._groups(wanted, [{"$group": {"_id": None, **SUMS}}])
        return _totals(found[0]) if found else Totals()

    async def figures(self, wanted: VisitsWanted, most: int) -> PastFigures:
        """What all of them come to, read once; the `most` busiest users."""
        shares: Document = {
            "hours": [{"$group": {"_id": HOUR, "times": {"$sum": 1}}}],
            "durations": [{"$group": {"_id": SECONDS, "times": {"$sum": 1}}}],
            "responses": [
                {"$project": {"response_times_ms": 1}},
                {"$unwind": "$response_times_ms"},
                {"$group": {"_id": RESPONSE, "times": {"$sum": 1}}},
            ],
            "users": [
                {"$group": {"_id": "$user_id", **SUMS}},
                {"$sort": {"visits": -1, "messages": -1, "_id": 1}},
                {"$limit": most},
            ],
        }
        (found,) = await self._groups(wanted, [{"$facet": shares}])
        return PastFigures(
            per_hour={milliseconds(one["_id"]): one["times"] for one in found["hours"]},
            durations=_distribution(found["durations"]),
            response_times=_distribution(found["responses"]),
            busiest={one["_id"]: _totals(one) for one in found["users"]},
        )

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
        ids |= beginning_with(wanted.id_prefix)
    if wanted.but:
        ids["$nin"] = sorted(wanted.but)
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


def _distribution(groups: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
    return sorted((int(group["_id"]), group["times"]) for group in groups)


def _any_of(values: Collection[str]) -> Any:
    return next(iter(values)) if len(values) == 1 else {"$in": sorted(values)}
