"""Focus to take along: a program as a calendar, all days as a table, a few figures."""

from collections.abc import Iterable

from handlers import icalendars, spreadsheets
from handlers.base import ApiHandler
from handlers.endpoint import endpoint
from handlers.exports import ARRAY_SENT, CALENDAR_SENT, ExportHandler, array_of, chunked, framed
from handlers.program_events import program_calendar
from handlers.programs import BASE, COURSE
from handlers.schemas.focus_exports import (
    DAY_COLUMNS,
    FocusStatisticsView,
    day_row,
    statistics_view,
)
from handlers.streaming import Stream
from realtime.program_views import WorkedDay


class CourseCalendarHandler(ExportHandler):
    """/api/v1/focus/programs/{enrollment_id}/calendar.ics"""

    group = "programs"

    @endpoint(
        summary="An enrolment as a calendar: its days where they were done, the rest from today on",
        statuses={200: CALENDAR_SENT},
    )
    async def get(self, *, enrollment_id: str) -> Stream:
        user_id, views = self.caller.user_id, self.services.program_views
        course = await views.enrolled(user_id, int(enrollment_id))
        days = views.calendar(user_id, [course])
        return self.stream(
            program_calendar(days, course.program.name),
            icalendars.CONTENT_TYPE,
            f"program-{course.enrollment.id}.ics",
        )


class DaysCsvHandler(ExportHandler):
    """/api/v1/focus/exports/days.csv"""

    group = "exports"

    @endpoint(
        summary="The caller's days of programs as a spreadsheet",
        statuses={200: spreadsheets.SENT},
    )
    async def get(self) -> Stream:
        days = chunked(self.services.program_views.worked_days(self.caller.user_id))
        chunks = framed(days, spreadsheets.header(DAY_COLUMNS), _rows)
        return self.stream(chunks, spreadsheets.CONTENT_TYPE, "focus-days.csv")


class DaysJsonHandler(ExportHandler):
    """/api/v1/focus/exports/days.json"""

    group = "exports"

    @endpoint(summary="The caller's days of programs as a JSON array", statuses={200: ARRAY_SENT})
    async def get(self) -> Stream:
        days = self.services.program_views.worked_days(self.caller.user_id)
        return self.stream(array_of(days, day_row), "application/json", "focus-days.json")


class FocusStatisticsHandler(ApiHandler):
    """/api/v1/focus/statistics/"""

    group = "focus"

    @endpoint(summary="What all of the caller's focus has come to", returns=FocusStatisticsView)
    async def get(self) -> dict[str, int]:
        return statistics_view(await self.services.program_views.statistics(self.caller.user_id))


def _rows(days: Iterable[WorkedDay]) -> bytes:
    return spreadsheets.table([*day_row(day).values()] for day in days)


ROUTES = (
    (rf"{COURSE}/calendar\.ics", CourseCalendarHandler),
    (rf"{BASE}/exports/days\.csv", DaysCsvHandler),
    (rf"{BASE}/exports/days\.json", DaysJsonHandler),
    (rf"{BASE}/statistics", FocusStatisticsHandler),
)
