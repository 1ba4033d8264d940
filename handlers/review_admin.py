"""Reviews for administrators: what is asked, and who wants a meeting."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.errors import Conflict, NotFound
from handlers.base import ApiHandler
from handlers.endpoint import endpoint
from handlers.schemas.paging import cursor_of
from handlers.schemas.review import (
    MEETINGS,
    MeetingsQuery,
    MeetingStatusBody,
    MeetingsView,
    MeetingView,
    QuestionsBody,
    QuestionsView,
    View,
    meeting_view,
    questions_view,
)
from storage.mongo.catalogue import Position
from storage.mongo.questionnaire import Questionnaire

DIGITS_MAX = 15


class ReviewQuestionsHandler(ApiHandler):
    """/api/admin/review/questions/"""

    @endpoint(summary="The questions that reviews ask", returns=QuestionsView, access="admin")
    async def get(self) -> View:
        return questions_view(await self.services.reviews.questionnaire())

    @endpoint(
        summary="Ask other questions from now on; reviews that are going on keep theirs",
        body=QuestionsBody,
        returns=QuestionsView,
        access="admin",
        statuses={409: "The questions have changed; they are in `state`."},
    )
    async def put(self, *, questions: Sequence[Mapping[str, Any]], if_rev: int | None) -> View:
        wanted = [(one["id"], one["prompt"]) for one in questions]
        try:
            return questions_view(await self.services.reviews.reword(wanted, if_rev))
        except Conflict as conflict:
            if isinstance(conflict.state, Questionnaire):
                conflict.state = questions_view(conflict.state)
            raise


class ReviewMeetingsHandler(ApiHandler):
    """/api/admin/review/meetings/"""

    @endpoint(
        summary="The meetings that anybody asked for, newest first",
        query=MeetingsQuery,
        returns=MeetingsView,
        access="admin",
    )
    async def get(self, *, limit: int, cursor: Position | None, status: Any) -> View:
        found, following = await self.services.reviews.meetings(status, limit=limit, after=cursor)
        results = [meeting_view(meeting) for meeting in found]
        return {"results": results, "next": cursor_of(following, MEETINGS)}


class ReviewMeetingHandler(ApiHandler):
    """/api/admin/review/meetings/{meeting_id}/"""

    @endpoint(
        summary="Say how a meeting stands",
        body=MeetingStatusBody,
        returns=MeetingView,
        access="admin",
        statuses={400: "Not valid, or another one of the review is pending."},
    )
    async def patch(self, *, meeting_id: str, status: Any) -> View:
        if not meeting_id.isascii() or not meeting_id.isdigit() or len(meeting_id) > DIGITS_MAX:
            raise NotFound("There is no such meeting.")
        return meeting_view(await self.services.reviews.settle_meeting(int(meeting_id), status))


ROUTES = (
    (r"/api/admin/review/questions", ReviewQuestionsHandler),
    (r"/api/admin/review/meetings", ReviewMeetingsHandler),
    (r"/api/admin/review/meetings/(?P<meeting_id>[^/]+)", ReviewMeetingHandler),
)
