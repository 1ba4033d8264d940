"""All past sessions of the caller as one file, made while it is sent."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, TypeVar

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
ARRAY_SENT: Final = "`application/json`, an array, made while it is sent."
CALENDAR_SENT: Final = "`text/calendar` (RFC 5545), made while it is sent."
Batches = AsyncGenerator[Sequence[Mapping[str, Any]], None]
Item = TypeVar("Item")


class ExportHandler(StreamHandler):
    """What the formats have in common."""

    def selected(self, wanted: Mapping[str, Any]) -> Batches:
        """The caller's sessions, in batches."""
        return self.services.history.batches(self.caller.user_id, Selection(**wanted))

    def stream(self, chunks: AsyncGenerator[bytes, None], kind: str, filename: str) -> Stream:
        """The file, for as long as the caller has a slot."""
        streams = self.services.streams
        limited = within(streams.exports.hold(self.caller.user_id), streams.turn, chunks)
        return Stream(chunks=limited, content_type=kind, filename=filename)


class CsvExportHandler(ExportHandler):
    """/api/v1/exports/sessions.csv"""

    @endpoint(
        summary="The caller's past sessions as a spreadsheet",
        query=SelectionQuery,
        statuses={200: spreadsheets.SENT},
    )
    async def get(self, **wanted: Any) -> Stream:
        chunks = framed(chunked(self.selected(wanted)), spreadsheets.header(), spreadsheets.rows)
        return self.stream(chunks, spreadsheets.CONTENT_TYPE, "sessions.csv")


class JsonExportHandler(ExportHandler):
    """/api/v1/exports/sessions.json"""

    @endpoint(
        summary="The caller's past sessions as a JSON array",
        query=SelectionQuery,
        statuses={200: ARRAY_SENT},
    )
    async def get(self, **wanted: Any) -> Stream:
        return self.stream(json_array(self.selected(wanted)), "application/json", "sessions.json")


class IcsExportHandler(ExportHandler):
    """/api/v1/exports/sessions.ics"""

    @endpoint(
        summary="The caller's past sessions as a calendar",
        query=SelectionQuery,
        statuses={200: CALENDAR_SENT},
    )
    async def get(self, **wanted: Any) -> Stream:
        return self.stream(calendar(self.selected(wanted)), icalendars.CONTENT_TYPE, "sessions.ics")


def calendar(batches: Batches) -> AsyncGenerator[bytes, None]:
    """The sessions as an iCalendar object."""
    events = chunked(batches, EVENTS)
    return framed(events, icalendars.header(), icalendars.events, icalendars.END)


async def framed(
    chunks: AsyncGenerator[Sequence[Item], None],
    head: bytes,
    render: Callable[[Iterable[Item]], bytes],
    end: bytes = b"",
) -> AsyncGenerator[bytes, None]:
    """The head, what the items are rendered to, the end; nothing before the first is read."""
    async with aclosing(chunks):
        async for chunk in chunks:
            yield head + render(chunk)
            head = b""
    if head or end:
        yield head + end


def json_array(batches: Batches) -> AsyncGenerator[bytes, None]:
    """The sessions as a JSON array, one to a line."""
    return array_of(batches, _item)


async def array_of(
    batches: AsyncGenerator[Sequence[Item], None], shown: Callable[[Item], object]
) -> AsyncGenerator[bytes, None]:
    """The items, as they are shown, as a JSON array, one to a line."""
    before = b"[\n"
    async with aclosing(chunked(batches)) as chunks:
        async for chunk in chunks:
            yield before + b",\n".join(encoded(shown(item)) for item in chunk)
            before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


async def chunked(
    batches: AsyncGenerator[Sequence[Item], None], size: int = CHUNK
) -> AsyncGenerator[Sequence[Item], None]:
    """The same items, at most `size` at a time."""
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
