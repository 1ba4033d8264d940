"""What operators read of customer sessions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from marshmallow import ValidationError, fields, post_load, validate

from domain.customer import minutes, percentile
from domain.instants import iso
from handlers.schemas.common import Schema, SpanQuery, Text
from handlers.schemas.customer import VisitView
from handlers.schemas.paging import PageQuery, cursor_of, position_of
from handlers.schemas.sessions import UserId
from realtime.customer_lists import STATES, Busy, DeskQuery, Figures, Listing, Place, Row
from realtime.views import visit_view
from storage.mongo.visits import PATHS, Order, SortKey

SORTS: Final = (*PATHS, *(f"-{name}" for name in PATHS))
PERCENTS: Final = (50, 90, 99)
COLUMNS: Final = (
    "session_id", "user", "name", "email", "status", "completed_reason", "started_at", "ended_at",
    "duration_minutes", "total_messages_sent", "total_conversations", "total_responses",
    "average_response_time",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an operator asks for, and how it is to be shown."""

    query: DeskQuery
    order: Order
    limit: int
    after: Place | None
    format: str


class CustomerListQuery(SpanQuery, PageQuery):
    """Which customer sessions of whom, and in which order; loaded as `Asked`."""

    user = UserId(load_default=None, metadata={"description": "Only those of this user."})
    state = Text(
        max=20,
        validate=validate.OneOf(STATES),
        load_default="all",
        metadata={"description": "Only running, or only ended ones."},
    )
    q = Text(
        min=1,
        max=100,
        load_default=None,
        metadata={"description": "The beginning of a session id, user id, e-mail or name."},
    )
    sort = Text(
        max=20,
        validate=validate.OneOf(SORTS),
        load_default="-started_at",
        metadata={"description": "With `-` descending."},
    )
    format = Text(
        max=20,
        validate=validate.OneOf(("json", "csv")),
        load_default="json",
        metadata={"description": "`csv` sends the whole list, whatever `limit` and `cursor`."},
    )
    cursor = fields.String(
        load_default=None,
        metadata={"description": "The `next` of the page before, with all else the same."},
    )

    @post_load
    def make(self, data: Mapping[str, Any], **_rest: object) -> dict[str, Asked]:
        """Read the cursor, which fits the order of its own list alone."""
        by = cast(SortKey, data["sort"].removeprefix("-"))
        order = Order(by=by, descending=data["sort"].startswith("-"))
        after = None if data["cursor"] is None else place_of(data["cursor"], order)
        query = DeskQuery(
            state=data["state"],
            user_id=data["user"],
            text=data["q"],
            from_ms=data["from_ms"],
            to_ms=data["to_ms"],
        )
        asked = Asked(
            query=query, order=order, limit=data["limit"], after=after, format=data["format"]
        )
        return {"asked": asked}


class CustomerRowView(VisitView):
    """A customer session, and whose it is."""

    user = fields.String()
    name = fields.String(metadata={"description": "Empty where it is not known."})
    email = fields.String(allow_none=True)
    status = fields.String()
    completed_reason = fields.String(allow_none=True)
    last_activity_at = fields.String(
        allow_none=True, metadata={"description": "Of a running one; null afterwards."}
    )
    total_responses = fields.Integer()


class CustomerListView(Schema):
    """One page of customer sessions; `total` counts all that fit, on whatever page."""

    results = fields.List(fields.Nested(CustomerRowView))
    total = fields.Integer()
    next = fields.String(allow_none=True)


class HourView(Schema):
    """An hour (UTC), and how many customer sessions began in it."""

    hour = fields.String()
    started = fields.Integer()


class SpreadView(Schema):
    """How values are spread; null where there are none."""

    count = fields.Integer()
    average = fields.Float(allow_none=True)
    p50 = fields.Float(allow_none=True)
    p90 = fields.Float(allow_none=True)
    p99 = fields.Float(allow_none=True)
    longest = fields.Float(allow_none=True)


class BusyView(Schema):
    """A user, and what their customer sessions come to."""

    user = fields.String()
    name = fields.String()
    sessions = fields.Integer()
    total_duration_minutes = fields.Float()
    total_messages_sent = fields.Integer()
    total_conversations = fields.Integer()


class CustomerStatsView(Schema):
    """What went on among customers in a span; the rest of it counts those that have ended."""

    since = fields.String(data_key="from", attribute="from")
    until = fields.String(data_key="to", attribute="to")
    active_now = fields.Integer(metadata={"description": "Running at this moment, of any age."})
    ended = fields.Integer()
    per_hour = fields.List(fields.Nested(HourView))
    duration_minutes = fields.Nested(SpreadView)
    response_time = fields.Nested(SpreadView, metadata={"description": "Seconds."})
    busiest_users = fields.List(fields.Nested(BusyView))


def list_name(order: Order, *, running: bool) -> str:
    """What cursors of the list in this order, or among those that run, belong to."""
    return f"customer sessions of all by {order.by}, {order.descending}, {running}"


def place_of(cursor: str, order: Order) -> Place:
    """Read a cursor of the list in this order. Raises ValidationError for any other."""
    for running in (False, True):
        try:
            at = position_of(cursor, list_name(order, running=running))
        except ValueError:
            continue
        return Place(running=running, at=at)
    raise ValidationError("Not a cursor of this list.", "cursor")


def row_view(row: Row) -> dict[str, Any]:
    """Lay a row out for `CustomerRowView`."""
    return {**visit_view(row.visit), "name": row.name, "email": row.email}


def listing_view(listing: Listing, order: Order) -> dict[str, Any]:
    """Lay a page out for `CustomerListView`."""
    place = listing.following
    following = place and cursor_of(place.at, list_name(order, running=place.running))
    return {
        "results": [row_view(row) for row in listing.rows],
        "total": listing.total,
        "next": following,
    }


def figures_view(figures: Figures, from_ms: int, to_ms: int) -> dict[str, Any]:
    """Lay figures out for `CustomerStatsView`."""
    return {
        "from": iso(from_ms),
        "to": iso(to_ms),
        "active_now": figures.active,
        "ended": sum(times for _, times in figures.durations),
        "per_hour": [
            {"hour": iso(hour), "started": count} for hour, count in figures.per_hour.items()
        ],
        "duration_minutes": _spread(figures.durations, minutes),
        "response_time": _spread(figures.response_times, lambda ms: ms / 1000),
        "busiest_users": [_busy(one) for one in figures.busiest],
    }


def table_row(row: Row) -> list[Any]:
    """Lay a row out for `COLUMNS`."""
    shown = row_view(row)
    return [shown[name] for name in COLUMNS]


def _spread(
    distribution: Sequence[tuple[int, int]], shown: Callable[[int], float]
) -> dict[str, Any]:
    count = sum(times for _, times in distribution)
    average = sum(ms * times for ms, times in distribution) // count if count else None
    found = {f"p{percent}": percentile(distribution, percent) for percent in PERCENTS}
    found |= {"average": average, "longest": percentile(distribution, 100)}
    return {"count": count} | {
        name: None if ms is None else shown(ms) for name, ms in found.items()
    }


def _busy(busy: Busy) -> dict[str, Any]:
    return {
        "user": busy.user_id,
        "name": busy.name,
        "sessions": busy.totals.visits,
        "total_duration_minutes": minutes(busy.totals.duration_ms),
        "total_messages_sent": busy.totals.messages,
        "total_conversations": busy.totals.conversations,
    }
