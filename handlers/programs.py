"""Focus programs: enrol, go through their days, look back."""

from http import HTTPStatus
from typing import Any

from domain.achievements import ACHIEVEMENTS
from domain.program_rules import Rating
from domain.programs import Enrollment
from handlers.base import ApiHandler
from handlers.endpoint import Reply, endpoint
from handlers.schemas import course_views
from handlers.schemas.courses import (
    AchievementView,
    CourseView,
    DayView,
    PastCourseView,
    ReviewView,
)
from handlers.schemas.programs import (
    EnrollBody,
    EnrolledView,
    EnrollmentBody,
    ProgramView,
    RatedView,
    RatingBody,
    ReflectedView,
    ReflectionBody,
    StartedProgramView,
    StatusView,
    TaskBody,
    TaskDoneView,
    program_view,
)

NUMBER = r"[1-9][0-9]{0,17}"
STILL = {
    403: "Program requires Pro subscription.",
    404: "No such enrolment or day.",
    409: "Not in the present state.",
}
FREELY = {code: STILL[code] for code in (404, 409)}
View = dict[str, Any]


class ProgramsHandler(ApiHandler):
    """/api/v1/focus/programs/"""

    @endpoint(
        summary="All focus programs, and one's enrolment in each", returns=ProgramView, many=True
    )
    async def get(self) -> list[View]:
        return await self.services.programs.listed(self.caller.user_id, program_view)


class ProgramEnrollHandler(ApiHandler):
    """/api/v1/focus/programs/enroll/"""

    @endpoint(
        summary="Enrol in a program, by its id or by a share code",
        body=EnrollBody,
        returns=EnrolledView,
        status=HTTPStatus.CREATED,
        statuses={200: "Already enrolled in this program.", 403: STILL[403]},
    )
    async def post(self, *, program_id: int | None = None, share_code: str | None = None) -> Reply:
        user_id = self.caller.user_id
        if program_id is not None:
            enrolled = await self.services.programs.enroll(user_id, program_id)
        else:
            assert share_code is not None, "the schema takes exactly one of the two"
            await self.services.limiter.check("share", user_id)
            enrolled = await self.services.custom_programs.enroll(user_id, share_code)
        enrollment, program, fresh = enrolled
        if not fresh:
            message = "Already enrolled in this program"
            told = {"enrolled": False, "message": message, "enrollment_id": enrollment.id}
            return Reply(told, HTTPStatus.OK)
        return Reply(
            {
                "enrolled": True,
                "enrollment_id": enrollment.id,
                "program_name": program.name,
                "total_days": enrollment.total_days,
            }
        )


class ProgramStartHandler(ApiHandler):
    """/api/v1/focus/programs/start/"""

    @endpoint(
        summary="Begin a program",
        body=EnrollmentBody,
        returns=StartedProgramView,
        statuses=STILL,
    )
    async def post(self, *, enrollment_id: int) -> View:
        enrollment = await self.services.programs.start(self.caller.user_id, enrollment_id)
        return {
            "started": True,
            "enrollment_id": enrollment.id,
            "current_day": enrollment.current_day,
        }


class ProgramPauseHandler(ApiHandler):
    """/api/v1/focus/programs/pause/"""

    @endpoint(
        summary="Put a program aside; whole dates of a pause do not break its streak",
        body=EnrollmentBody,
        returns=StatusView,
        statuses=FREELY,
    )
    async def post(self, *, enrollment_id: int) -> View:
        return _status(await self.services.programs.pause(self.caller.user_id, enrollment_id))


class ProgramResumeHandler(ApiHandler):
    """/api/v1/focus/programs/resume/"""

    @endpoint(
        summary="Take a paused program up again",
        body=EnrollmentBody,
        returns=StatusView,
        statuses=STILL,
    )
    async def post(self, *, enrollment_id: int) -> View:
        return _status(await self.services.programs.resume(self.caller.user_id, enrollment_id))


class ProgramAbandonHandler(ApiHandler):
    """/api/v1/focus/programs/abandon/"""

    @endpoint(
        summary="Give a program up; enrolling anew begins from the start",
        body=EnrollmentBody,
        returns=StatusView,
        statuses=FREELY,
    )
    async def post(self, *, enrollment_id: int) -> View:
        return _status(await self.services.programs.abandon(self.caller.user_id, enrollment_id))


class CourseHandler(ApiHandler):
    """/api/v1/focus/programs/{enrollment_id}/"""

    @endpoint(summary="An enrolment: its program, progress and present day", returns=CourseView)
    async def get(self, *, enrollment_id: str) -> View:
        course = await self.services.programs.course(self.caller.user_id, int(enrollment_id))
        number = course.enrollment.current_day
        content, day = await self.services.programs.day_of(course.enrollment, number)
        return course_views.course_view(course, content, day)


class ProgramDayHandler(ApiHandler):
    """/api/v1/focus/programs/{enrollment_id}/days/{day_number}/"""

    @endpoint(summary="A day of a program, and what one has done on it", returns=DayView)
    async def get(self, *, enrollment_id: str, day_number: str) -> View:
        found = await self.services.programs.day(
            self.caller.user_id, int(enrollment_id), int(day_number)
        )
        return course_views.day_view(*found)


class DayRatingHandler(ApiHandler):
    """/api/v1/focus/programs/{enrollment_id}/days/{day_number}/rating/"""

    @endpoint(
        summary="Say how a day was",
        body=RatingBody,
        returns=RatedView,
        statuses={409: "The day is still to come."},
    )
    async def post(self, *, enrollment_id: str, day_number: str, **told: Any) -> View:
        rating = Rating(
            difficulty=told.get("difficulty_rating"),
            satisfaction=told.get("satisfaction_rating"),
            notes=told.get("notes"),
        )
        day = await self.services.programs.rate(
            self.caller.user_id, int(enrollment_id), int(day_number), rating
        )
        return {
            "success": True,
            "difficulty_rating": day.difficulty_rating,
            "satisfaction_rating": day.satisfaction_rating,
            "notes": day.notes,
        }


class TaskHandler(ApiHandler):
    """/api/v1/focus/tasks/update/"""

    @endpoint(
        summary="Mark a task as done or not",
        body=TaskBody,
        returns=TaskDoneView,
        statuses=STILL,
    )
    async def post(
        self, *, enrollment_id: int, day_number: int, task_index: int, is_completed: bool
    ) -> View:
        day = await self.services.programs.update_task(
            self.caller.user_id, enrollment_id, day_number, task_index, done=is_completed
        )
        return {
            "success": True,
            "tasks_completed": day.tasks_completed,
            "tasks_total": len(day.tasks),
        }


class ReflectionHandler(ApiHandler):
    """/api/v1/focus/reflections/add/"""

    @endpoint(
        summary="Add a reflection to a day",
        body=ReflectionBody,
        returns=ReflectedView,
        statuses=STILL,
    )
    async def post(
        self, *, enrollment_id: int, day_number: int, question: str, answer: str
    ) -> View:
        day = await self.services.programs.reflect(
            self.caller.user_id, enrollment_id, day_number, question, answer
        )
        return {
            "success": True,
            "reflections_count": len(day.reflections),
            "day_completed": day.completed_at is not None,
        }


class WeeklyReviewHandler(ApiHandler):
    """/api/v1/focus/programs/{enrollment_id}/weekly-review/{week_number}/"""

    @endpoint(summary="A week of a program", returns=ReviewView)
    async def get(self, *, enrollment_id: str, week_number: str) -> View:
        user_id, programs = self.caller.user_id, self.services.programs
        review, earned = await programs.review(user_id, int(enrollment_id), int(week_number))
        summary = await self.services.summaries.summary(review, user_id)
        return course_views.review_view(review, earned, summary)


class ProgramHistoryHandler(ApiHandler):
    """/api/v1/focus/history/"""

    @endpoint(summary="All of one's enrolments, newest first", returns=PastCourseView, many=True)
    async def get(self) -> list[View]:
        courses = await self.services.programs.courses(self.caller.user_id)
        return [course_views.past_course_view(course) for course in courses]


class AchievementsHandler(ApiHandler):
    """/api/v1/focus/achievements/"""

    @endpoint(
        summary="All achievements, and when one has earned them",
        returns=AchievementView,
        many=True,
    )
    async def get(self) -> list[View]:
        held = await self.services.programs.achievements(self.caller.user_id)
        return [course_views.badge_view(one, held.get(one.code)) for one in ACHIEVEMENTS]


def _status(enrollment: Enrollment) -> View:
    return {
        "enrollment_id": enrollment.id,
        "status": enrollment.status,
        "current_day": enrollment.current_day,
    }


BASE = r"/api/v1/focus"
COURSE = rf"{BASE}/programs/(?P<enrollment_id>{NUMBER})"
ROUTES = (
    (rf"{BASE}/programs", ProgramsHandler),
    (rf"{BASE}/programs/enroll", ProgramEnrollHandler),
    (rf"{BASE}/programs/start", ProgramStartHandler),
    (rf"{BASE}/programs/pause", ProgramPauseHandler),
    (rf"{BASE}/programs/resume", ProgramResumeHandler),
    (rf"{BASE}/programs/abandon", ProgramAbandonHandler),
    (COURSE, CourseHandler),
    (rf"{COURSE}/days/(?P<day_number>[1-9][0-9]{{0,3}})", ProgramDayHandler),
    (rf"{COURSE}/days/(?P<day_number>[1-9][0-9]{{0,3}})/rating", DayRatingHandler),
    (rf"{COURSE}/weekly-review/(?P<week_number>[1-9][0-9]{{0,3}})", WeeklyReviewHandler),
    (rf"{BASE}/tasks/update", TaskHandler),
    (rf"{BASE}/reflections/add", ReflectionHandler),
    (rf"{BASE}/achievements", AchievementsHandler),
    (rf"{BASE}/history", ProgramHistoryHandler),
)
