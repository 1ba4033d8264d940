"""Buddy sessions: challenges, matches, appointments, confirmations, notes."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import structlog

from domain.access import stand_in
from domain.accounts import is_user_id
from domain.buddy import Challenge, Match
from domain.buddy_views import challenge_view
from domain.errors import InvalidInput, NotAuthenticated, SessionError, Unprocessable
from domain.idempotency import digest, new_id
from handlers.base import TEST_USER, ApiHandler
from handlers.endpoint import Reply, endpoint
from handlers.schemas.buddy import (
    CHALLENGES,
    MATCHES,
    SESSIONS,
    BuddySessionsQuery,
    BuddySessionsView,
    BuddySessionView,
    ChallengeBody,
    ChallengesView,
    ChallengeView,
    ConfirmBody,
    ConfirmedView,
    MatchBody,
    MatchesQuery,
    MatchesView,
    MatchView,
    NotesBody,
    NotesView,
    RescheduleBody,
    ScheduleBody,
    ScheduledView,
    match_view,
)
from handlers.schemas.paging import cursor_of, page_query
from realtime.buddies import Appointment
from storage.mongo.catalogue import Position

if TYPE_CHECKING:
    from domain.access import Caller

log = structlog.get_logger(__name__)

View = dict[str, Any]
INVALID = {422: "The request is not valid, or the Idempotency-Key belongs to another one."}
OTHERS = {403: "The caller takes no part in it.", 404: "No such session."}
RULED = {400: "A rule forbids it; `reason` says which.", **INVALID, **OTHERS}


class BuddyHandler(ApiHandler):
    """What the family has in common: 422 for what is not valid, and a user for tests."""

    group = "buddy"

    def invalid(self, fault: InvalidInput) -> SessionError:
        return Unprocessable(fault.detail, fault.errors, **fault.extra)

    async def authenticate(self) -> "Caller":
        """Return who asks: in development also whom `X-Test-User-ID` names, without a token.

        In production that is refused, with a line in the log, whatever else the request has.
        """
        named = self.request.headers.get_list(TEST_USER)
        if not named:
            return await super().authenticate()
        if self.services.settings.env != "development":
            log.warning("test_user_refused", address=self.request.remote_ip, route=self.route)
            raise NotAuthenticated(f"{TEST_USER} is for development alone.")
        if len(named) > 1 or not is_user_id(named[0]):
            raise NotAuthenticated(f"{TEST_USER} has to name one user.")
        return stand_in(named[0], self.services.clock())


class ChallengesHandler(BuddyHandler):
    """/api/challenges/"""

    @endpoint(
        summary="Add a challenge",
        body=ChallengeBody,
        returns=ChallengeView,
        keyed=True,
        access="staff",
        status=HTTPStatus.CREATED,
        statuses=INVALID,
    )
    async def post(self, **body: Any) -> View:
        challenge = Challenge(
            id=new_id(self.caller.user_id, CHALLENGES, self.idempotency_key),
            created_at=self.services.clock(),
            **body,
        )
        return challenge_view(await self.services.buddies.add_challenge(challenge, digest(body)))

    @endpoint(
        summary="All challenges, newest first",
        query=page_query(CHALLENGES),
        returns=ChallengesView,
        access="staff",
        statuses=INVALID,
    )
    async def get(self, *, limit: int, cursor: Position | None) -> View:
        found, following = await self.services.buddies.list_challenges(limit=limit, after=cursor)
        results = [challenge_view(one) for one in found]
        return {"results": results, "next": cursor_of(following, CHALLENGES)}


class MatchesHandler(BuddyHandler):
    """/api/matches/"""

    @endpoint(
        summary="Let two people meet",
        body=MatchBody,
        returns=MatchView,
        keyed=True,
        access="staff",
        status=HTTPStatus.CREATED,
        statuses=INVALID,
    )
    async def post(self, **body: Any) -> View:
        match = Match(
            id=new_id(self.caller.user_id, MATCHES, self.idempotency_key),
            created_at=self.services.clock(),
            **body,
        )
        return match_view(await self.services.buddies.add_match(match, digest(body)))

    @endpoint(
        summary="All matches, newest first",
        query=MatchesQuery,
        returns=MatchesView,
        access="staff",
        statuses=INVALID,
    )
    async def get(self, *, limit: int, cursor: Position | None, user: str | None) -> View:
        found, following = await self.services.buddies.list_matches(user, limit=limit, after=cursor)
        results = [match_view(one) for one in found]
        return {"results": results, "next": cursor_of(following, MATCHES)}


class BuddySessionsHandler(BuddyHandler):
    """/api/session/"""

    @endpoint(
        summary="Appoint a session of a match: one of the two, or a service",
        body=ScheduleBody,
        returns=ScheduledView,
        keyed=True,
        status=HTTPStatus.CREATED,
        statuses={
            200: "A repeat of what was made before.",
            400: "A participant cannot appoint a time that is past.",
            403: "The caller takes no part in the match.",
            404: "No such match.",
            **INVALID,
        },
    )
    async def post(self, *, scheduled_time: int, **body: Any) -> Reply:
        session_id = new_id(self.caller.user_id, SESSIONS, self.idempotency_key)
        wanted = Appointment(scheduled_at=scheduled_time, **body)
        told = digest({"scheduled_time": scheduled_time, **body})
        session, fresh = await self.services.buddies.schedule(self.caller, session_id, wanted, told)
        view = {
            "success": True,
            "message": "Session scheduled",
            "session_id": session_id,
            **session,
        }
        return Reply(view, HTTPStatus.CREATED if fresh else HTTPStatus.OK)

    @endpoint(
        summary="The caller's sessions, the latest appointment first",
        query=BuddySessionsQuery,
        returns=BuddySessionsView,
        statuses=INVALID,
    )
    async def get(self, *, limit: int, cursor: Position | None, status: str | None) -> View:
        found, following = await self.services.buddies.mine(
            self.caller.user_id, status, limit=limit, after=cursor
        )
        return {"results": found, "next": cursor_of(following, SESSIONS)}


class BuddySessionHandler(BuddyHandler):
    """/api/session/{session_id}/"""

    @endpoint(
        summary="A session that the caller takes part in",
        returns=BuddySessionView,
        statuses=OTHERS,
    )
    async def get(self, *, session_id: str) -> View:
        return await self.services.buddies.get(self.caller, session_id.lower())


class BuddyConfirmHandler(BuddyHandler):
    """/api/session/{session_id}/confirm/"""

    @endpoint(
        summary="Say that one's buddy has done their challenge; both said so, it is completed",
        body=ConfirmBody,
        returns=ConfirmedView,
        keyed=True,
        statuses=RULED,
    )
    async def post(self, *, session_id: str, buddy_user_id: str | None) -> View:
        session = await self.services.buddies.confirm(
            self.caller, session_id.lower(), buddy_user_id, self.idempotency_key
        )
        both = session.status == "completed"
        return {
            "success": True,
            "message": "Both confirmed: session completed" if both else "Completion confirmed",
            "session_status": session.status,
            "both_confirmed": both,
        }


class BuddyNotesHandler(BuddyHandler):
    """/api/session/{session_id}/notes/"""

    @endpoint(
        summary="Replace the notes; of two who write, the later one wins",
        body=NotesBody,
        returns=NotesView,
        statuses={**INVALID, **OTHERS, 409: "The session has moved on past `if_rev`."},
    )
    async def patch(self, *, session_id: str, notes: str, if_rev: int | None) -> View:
        session = await self.services.buddies.write_notes(
            self.caller, session_id.lower(), notes, if_rev
        )
        return {
            "success": True,
            "message": "Notes updated",
            "updated_notes": session.notes,
            "rev": session.rev,
        }


class BuddyCancelHandler(BuddyHandler):
    """/api/session/{session_id}/cancel/"""

    @endpoint(
        summary="Call a session off before its time; repeating changes nothing",
        returns=BuddySessionView,
        statuses=RULED,
    )
    async def post(self, *, session_id: str) -> View:
        return await self.services.buddies.cancel(self.caller, session_id.lower())


class BuddyRescheduleHandler(BuddyHandler):
    """/api/session/{session_id}/reschedule/"""

    @endpoint(
        summary="Appoint another time before the old one; repeating changes nothing",
        body=RescheduleBody,
        returns=BuddySessionView,
        statuses=RULED,
    )
    async def post(self, *, session_id: str, scheduled_time: int, venue_name: str | None) -> View:
        return await self.services.buddies.reschedule(
            self.caller, session_id.lower(), scheduled_time, venue_name
        )


ITEM = r"/api/session/(?P<session_id>[^/]+)"
ROUTES = (
    (r"/api/challenges", ChallengesHandler),
    (r"/api/matches", MatchesHandler),
    (r"/api/session", BuddySessionsHandler),
    (ITEM, BuddySessionHandler),
    (rf"{ITEM}/confirm", BuddyConfirmHandler),
    (rf"{ITEM}/notes", BuddyNotesHandler),
    (rf"{ITEM}/cancel", BuddyCancelHandler),
    (rf"{ITEM}/reschedule", BuddyRescheduleHandler),
)
