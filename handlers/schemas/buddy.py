"""What the endpoints of buddy sessions read and write."""

from typing import Any, get_args

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from domain import buddy
from domain.buddy import Difficulty, Match, Status
from domain.instants import DAY_MS, iso
from handlers.plain_text import without_markup
from handlers.schemas.common import LATEST_MS, Instant, Schema, StrictInt, Text, Uuid
from handlers.schemas.paging import Cursor, PageQuery
from handlers.schemas.sessions import UserId

CHALLENGES, MATCHES, SESSIONS = "challenges", "matches", "buddy sessions"


class ChallengeBody(Schema):
    """A new challenge."""

    title = Text(min=1, max=buddy.TITLE_MAX_CHARS, required=True)
    description = Text(max=buddy.DESCRIPTION_MAX_CHARS, multiline=True, load_default="")
    difficulty = Text(
        max=20, validate=validate.OneOf(get_args(Difficulty)), load_default="beginner"
    )
    points = StrictInt(minimum=1, maximum=buddy.POINTS_MAX, required=True)


class ChallengeView(Schema):
    """A challenge."""

    id = fields.String()
    title = fields.String()
    description = fields.String()
    points = fields.Integer()
    difficulty = fields.String()


class ChallengesView(Schema):
    """One page of challenges, newest first."""

    results = fields.List(fields.Nested(ChallengeView))
    next = fields.String(allow_none=True)


class MatchBody(Schema):
    """Two people who are to meet."""

    user1_id = UserId(required=True)
    user2_id = UserId(required=True)

    @validates_schema
    def check_two(self, data: dict[str, Any], **_rest: object) -> None:
        """Refuse somebody who would be their own buddy."""
        if data.get("user1_id") == data.get("user2_id"):
            raise ValidationError("Must be somebody else.", "user2_id")


class MatchView(Schema):
    """Two people who meet."""

    id = fields.String()
    user1_id = fields.String()
    user2_id = fields.String()
    created_at = fields.String()


class MatchesQuery(PageQuery):
    """Whose matches, and which page."""

    cursor = Cursor(MATCHES)
    user = UserId(load_default=None, metadata={"description": "Only those of this user."})


class MatchesView(Schema):
    """One page of matches, newest first."""

    results = fields.List(fields.Nested(MatchView))
    next = fields.String(allow_none=True)


class Venue(Text):
    """Where to meet: one line of plain text."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(min=1, max=buddy.VENUE_MAX_CHARS, **rest)


class Appointed(Instant):
    """The time of a session: early enough that its window still ends in a year of four digits."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(validate=validate.Range(max=LATEST_MS - 366 * DAY_MS), **rest)


class ScheduleBody(Schema):
    """A session to be appointed."""

    match_id = Uuid(required=True)
    user1_challenge_id = Uuid(required=True)
    user2_challenge_id = Uuid(required=True)
    venue_name = Venue(required=True)
    scheduled_time = Appointed(required=True)


class RescheduleBody(Schema):
    """Another time, and maybe another venue."""

    scheduled_time = Appointed(required=True)
    venue_name = Venue(load_default=None)


class ConfirmBody(Schema):
    """Whose completion is confirmed; without it, the buddy's."""

    buddy_user_id = UserId(load_default=None)


class NotesBody(Schema):
    """New notes; markup is taken out of them."""

    notes = Text(max=buddy.NOTES_MAX_CHARS, multiline=True, required=True)
    if_rev = StrictInt(
        minimum=1,
        load_default=None,
        metadata={"description": "Refuse if the session has moved on."},
    )

    @post_load
    def clean(self, data: dict[str, Any], **_rest: object) -> dict[str, Any]:
        """Keep what people wrote."""
        notes = without_markup(data["notes"])
        if len(notes) > buddy.NOTES_MAX_CHARS:
            raise ValidationError(f"Longer than {buddy.NOTES_MAX_CHARS} characters.", "notes")
        return {**data, "notes": notes}


class ParticipantView(Schema):
    """One of the two: `confirmed` says whether the buddy has confirmed their completion."""

    id = fields.String()
    name = fields.String()
    challenge = fields.Nested(ChallengeView)
    confirmed = fields.Boolean()


class ParticipantsView(Schema):
    """Both, in the order of the match."""

    user1 = fields.Nested(ParticipantView)
    user2 = fields.Nested(ParticipantView)


class ReputationView(Schema):
    """What the session does to the reputation of each, as things stand."""

    user1_delta = fields.Integer()
    user2_delta = fields.Integer()


class BuddySessionView(Schema):
    """A buddy session."""

    id = fields.String()
    match_id = fields.String()
    venue_name = fields.String()
    scheduled_time = fields.String()
    status = fields.String(metadata={"enum": list(get_args(Status))})
    notes = fields.String(allow_none=True)
    participants = fields.Nested(ParticipantsView)
    reputation_preview = fields.Nested(ReputationView)
    completed_at = fields.String(allow_none=True)
    confirm_by = fields.String(metadata={"description": "From then on it is too late."})
    rev = fields.Integer()
    created_at = fields.String()


class ScheduledView(BuddySessionView):
    """A session that was appointed."""

    success = fields.Boolean()
    message = fields.String()
    session_id = fields.String(metadata={"description": "The same as `id`."})


class BuddySessionsQuery(PageQuery):
    """Which of the caller's sessions."""

    cursor = Cursor(SESSIONS)
    status = Text(
        max=20,
        validate=validate.OneOf(get_args(Status)),
        load_default=None,
        metadata={"description": "Only those of this status."},
    )


class BuddySessionsView(Schema):
    """One page of the caller's sessions, the latest appointment first."""

    results = fields.List(fields.Nested(BuddySessionView))
    next = fields.String(allow_none=True)


class ConfirmedView(Schema):
    """What has become of the session."""

    success = fields.Boolean()
    message = fields.String()
    session_status = fields.String()
    both_confirmed = fields.Boolean()


class NotesView(Schema):
    """The notes as they are kept."""

    success = fields.Boolean()
    message = fields.String()
    updated_notes = fields.String()
    rev = fields.Integer()


def match_view(match: Match) -> dict[str, Any]:
    """Lay a match out for `MatchView`."""
    return {
        "id": match.id,
        "user1_id": match.user1_id,
        "user2_id": match.user2_id,
        "created_at": iso(match.created_at),
    }
