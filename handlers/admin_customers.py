"""Customer sessions of everybody, for operators: lists, tables, figures."""

from collections.abc import Iterable
from typing import Any

from domain.errors import InvalidInput
from domain.instants import DAY_MS, HOUR_MS
from handlers import spreadsheets
from handlers.base import ApiHandler
from handlers.endpoint import endpoint
from handlers.exports import ExportHandler, chunked, framed
from handlers.schemas.admin_customers import (
    COLUMNS,
    Asked,
    CustomerListQuery,
    CustomerListView,
    CustomerStatsView,
    figures_view,
    listing_view,
    table_row,
)
from handlers.schemas.common import SpanQuery
from handlers.streaming import Stream
from realtime.customer_lists import Row

SPAN_USUAL_MS = 24 * HOUR_MS
SPAN_MAX_MS = 31 * DAY_MS


class CustomerListHandler(ExportHandler):
    """/api/admin/customer-sessions/"""

    group = "admin"

    @endpoint(
        summary="Customer sessions of all users, running and ended, also as a spreadsheet",
        query=CustomerListQuery,
        returns=CustomerListView,
        access="admin",
        statuses={
            200: "A page of the list; with `format=csv` all of it, as `text/csv` (RFC 4180)."
        },
    )
    async def get(self, *, asked: Asked) -> Stream | dict[str, Any]:
        desk = self.services.customer_desk
        if asked.format == "csv":
            rows = chunked(desk.batches(asked.query, asked.order))
            chunks = framed(rows, spreadsheets.header(COLUMNS), _table)
            return self.stream(chunks, spreadsheets.CONTENT_TYPE, "customer-sessions.csv")
        listing = await desk.page(asked.query, asked.order, limit=asked.limit, after=asked.after)
        return listing_view(listing, asked.order)


class CustomerStatsHandler(ApiHandler):
    """/api/admin/customer-sessions/stats/"""

    group = "admin"

    @endpoint(
        summary="What went on among customers: per hour, percentiles, busiest users",
        query=SpanQuery,
        returns=CustomerStatsView,
        access="admin",
    )
    async def get(self, *, from_ms: int | None, to_ms: int | None) -> dict[str, Any]:
        # What begins at this very moment is among it.
        until = self.services.clock() + 1 if to_ms is None else to_ms
        since = max(0, until - SPAN_USUAL_MS) if from_ms is None else from_ms
        if not 0 <= until - since <= SPAN_MAX_MS:
            fault = f"At most {SPAN_MAX_MS // DAY_MS} days before `to`, or before now."
            raise InvalidInput(f"from: {fault}", {"from": [fault]})
        figures = await self.services.customer_desk.figures(since, until)
        return figures_view(figures, since, until)


def _table(rows: Iterable[Row]) -> bytes:
    return spreadsheets.table(map(table_row, rows))


ROUTES = (
    (r"/api/admin/customer-sessions", CustomerListHandler),
    (r"/api/admin/customer-sessions/stats", CustomerStatsHandler),
)
