"""All past sessions of the caller as one file, made while it is sent."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from handlers import icalendars, spreadsheets
from handlers.base import encoded
from handlers.endpoint import endpoint
from handlers.schemas.history import SelectionQuery, past_session
from handlers.streaming import Stream, StreamHandler, within
from realtime.views import View
from storage.mongo.history import Selection

CHUNK: Final = 100
EVENTS: Final = 10
"""Sessions in a chunk, and in one of events, which are more work: few enough that making it takes
two or three milliseconds, in which the node does nothing else."""
CALENDAR_SENT: Final = "`text/calendar` (RFC 5545), made while it is sent."
Batches = AsyncGenerator[Sequence[Mapping[str, Any]], None]
Render = Callable[[Iterable[Mapping[str, Any]]], bytes]


class ExportHandler(StreamHandler):
    """What the formats have in common."""

    def selected(self, wanted: Mapping[str, Any]) -> Batches:
        """The caller's sessions, in batches."""
        return self.services.history.batches(self.caller.user_id, Selection(**wanted))

    def stream(self, chunks: AsyncGenerator[bytes, None], kind: str, ending: str) -> Stream:
        """The file, for as long as the caller has a slot."""
        streams = self.services.streams
        limited = within(streams.exports.hold(self.caller.user_id), streams.turn, chunks)
        return Stream(chunks=limited, content_type=kind, filename=f"sessions.{ending}")


class CsvExportHandler(ExportHandler):
    """/api/v1/exports/sessions.csv"""

    @endpoint(
        summary="The caller's past sessions as a spreadsheet",
        query=SelectionQuery,
        statuses={200: "`text/csv` (RFC 4180), made while it is sent."},
    )
    async def get(self, **wanted: Any) -> Stream:
        chunks = framed(chunked(self.selected(wanted)), spreadsheets.header(), spreadsheets.rows)
        return self.stream(chunks, "text/csv; charset=utf-8; header=present", "csv")


class JsonExportHandler(ExportHandler):
    """/api/v1/exports/sessions.json"""

    @endpoint(
        summary="The caller's past sessions as a JSON array",
        query=SelectionQuery,
        statuses={200: "`application/json`, an array, made while it is sent."},
    )
    async def get(self, **wanted: Any) -> Stream:
        return self.stream(json_array(self.selected(wanted)), "application/json", "json")


class IcsExportHandler(ExportHandler):
    """/api/v1/exports/sessions.ics"""

    @endpoint(
        summary="The caller's past sessions as a calendar",
        query=SelectionQuery,
        statuses={200: CALENDAR_SENT},
    )
    async def get(self, **wanted: Any) -> Stream:
        return self.stream(calendar(self.selected(wanted)), icalendars.CONTENT_TYPE, "ics")


def calendar(batches: Batches) -> AsyncGenerator[bytes, None]:
    """The sessions as an iCalendar object."""
    events = chunked(batches, EVENTS)
    return framed(events, icalendars.header(), icalendars.events, icalendars.END)


async def framed(
    chunks: Batches, head: bytes, render: Render, end: bytes = b""
) -> AsyncGenerator[bytes, None]:
    """The head, what the sessions are rendered to, the end; nothing before the first is read."""
    async with aclosing(chunks):
        async for chunk in chunks:
            yield head + render(chunk)
            head = b""
    if head or end:
        yield head + end


async def json_array(batches: Batches) -> AsyncGenerator[bytes, None]:
    """The sessions as a JSON array, one to a line."""
    before = b"[\n"
    async with aclosing(chunked(batches)) as chunks:
        async for chunk in chunks:
            yield before + b",\n".join(encoded(_item(document)) for document in chunk)
            before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


async def chunked(batches: Batches, size: int = CHUNK) -> Batches:
    """The same sessions, at most `size` at a time."""
    async with aclosing(batches):
        async for batch in batches:
            for start in range(0, len(batch), size):
                yield batch[start : start + size]


def _item(document: Mapping[str, Any]) -> View:
    goal = document.get("goal")
    return past_session(document) | {
        "goal": goal and {"id": goal["_id"], "title": goal["title"], "emoji": goal["emoji"]},
        "device_platform": document.get("device_platform"),
    }


ROUTES = (
    (r"/api/v1/exports/sessions\.csv", CsvExportHandler),
    (r"/api/v1/exports/sessions\.json", JsonExportHandler),
    (r"/api/v1/exports/sessions\.ics", IcsExportHandler),
)
