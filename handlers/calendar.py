"""The caller's calendar feed: an address that calendars can read without a login."""

from http import HTTPStatus
from typing import Final

from domain.errors import NotFound
from domain.instants import iso
from handlers import icalendars
from handlers.base import NOTHING_HERE, ApiHandler
from handlers.endpoint import endpoint
from handlers.exports import CALENDAR_SENT, calendar
from handlers.program_events import program_calendar
from handlers.schemas.history import FeedMadeView, FeedView
from handlers.streaming import Stream, StreamHandler, within
from realtime.views import View
from storage.mongo.history import Selection

NEWEST: Final = 1_000


class CalendarHandler(ApiHandler):
    """/api/v1/calendar/"""

    @endpoint(
        summary="Make a calendar feed, in place of any earlier one",
        returns=FeedMadeView,
        status=HTTPStatus.CREATED,
    )
    async def post(self) -> View:
        token, made_at = await self.services.feeds.make(self.caller.user_id)
        return {
            "url": f"/api/v1/calendar/{token}.ics",
            "programs_url": f"/api/v1/calendar/{token}/programs.ics",
            "created_at": iso(made_at),
        }

    @endpoint(summary="Whether the caller has a calendar feed", returns=FeedView)
    async def get(self) -> View:
        made_at = await self.services.feeds.made_at(self.caller.user_id)
        return {
            "active": made_at is not None,
            "created_at": None if made_at is None else iso(made_at),
        }

    @endpoint(summary="Revoke the calendar feed", status=HTTPStatus.NO_CONTENT)
    async def delete(self) -> None:
        await self.services.feeds.revoke(self.caller.user_id)


class FeedHandler(StreamHandler):
    """/api/v1/calendar/{token}.ics"""

    @endpoint(
        summary="The calendar that the token opens", access="public", statuses={200: CALENDAR_SENT}
    )
    async def get(self, *, token: str) -> Stream:
        owner = await _owner(self, token)
        sessions = self.services.history.batches(owner, Selection(), most=NEWEST)
        streams = self.services.streams
        return Stream(
            chunks=within(streams.feeds.hold(owner), streams.turn, calendar(sessions)),
            content_type=icalendars.CONTENT_TYPE,
            filename="sessions.ics",
            cache="private, no-cache",
        )


class ProgramsFeedHandler(StreamHandler):
    """/api/v1/calendar/{token}/programs.ics"""

    @endpoint(
        summary="All programs that are going on, in the calendar that the token opens",
        access="public",
        statuses={200: CALENDAR_SENT},
    )
    async def get(self, *, token: str) -> Stream:
        owner = await _owner(self, token)
        views, streams = self.services.program_views, self.services.streams
        days = views.calendar(owner, await views.going_on(owner))
        chunks = program_calendar(days, "Focus programs")
        return Stream(
            chunks=within(streams.program_feeds.hold(owner), streams.turn, chunks),
            content_type=icalendars.CONTENT_TYPE,
            filename="programs.ics",
            cache="private, no-cache",
        )


async def _owner(handler: ApiHandler, token: str) -> str:
    """Whose calendar the token opens. Raises NotFound as for a path that is not there."""
    owner = await handler.services.feeds.owner(token)
    if owner is None:
        raise NotFound(NOTHING_HERE)
    return owner


TOKEN = r"/api/v1/calendar/(?P<token>[A-Za-z0-9_-]{43})"  # noqa: S105 - a pattern
ROUTES = (
    (r"/api/v1/calendar", CalendarHandler),
    (rf"{TOKEN}\.ics", FeedHandler),
    (rf"{TOKEN}/programs\.ics", ProgramsFeedHandler),
)
