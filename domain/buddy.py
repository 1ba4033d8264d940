"""Buddy sessions: two people meet, each with a challenge, and confirm each other's.

A rule takes a session and the instant, and gives the session as it is afterwards. What asks for
what is already so changes nothing. Instants and durations are ms.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from domain.errors import Conflict, Forbidden, RuleViolated

Status = Literal["scheduled", "completed", "canceled", "expired"]
Side = Literal["user1", "user2"]
Happening = Literal[
    "scheduled", "rescheduled", "confirmed", "completed", "canceled", "expired", "notes_changed",
]  # fmt: skip
Difficulty = Literal["beginner", "intermediate", "advanced"]

TITLE_MAX_CHARS, DESCRIPTION_MAX_CHARS = 200, 2_000
POINTS_MAX: Final = 1_000
VENUE_MAX_CHARS: Final = 200
NOTES_MAX_CHARS: Final = 2_000
SIDES: Final[tuple[Side, Side]] = ("user1", "user2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """Something to be done, and what it is worth in reputation."""

    id: str
    title: str
    description: str
    difficulty: Difficulty
    points: int
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Two people who meet."""

    id: str
    user1_id: str
    user2_id: str
    created_at: int

    @property
    def users(self) -> tuple[str, str]:
        """Both, in order."""
        return self.user1_id, self.user2_id


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The buddy's word that somebody has done their challenge."""

    at: int
    command_id: str | None = None
    """Under which it was asked for: a repeat finds that it is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the two in a session."""

    user_id: str
    challenge_id: str
    confirmed: Confirmation | None = None
    """By the other one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuddySession:
    """A meeting of two at an appointed time."""

    id: str
    match_id: str
    user1: Part
    user2: Part
    venue_name: str
    scheduled_at: int
    window_ms: int
    """How long after that they can confirm each other."""
    status: Status = "scheduled"
    rev: int = 1
    notes: str | None = None
    completed_at: int | None = None
    ended_at: int | None = None
    created_at: int
    changed_at: int
    """The instant of the last change; time does not run backwards past it."""

    @property
    def closes_at(self) -> int:
        """From when on nothing can be confirmed any more."""
        return self.scheduled_at + self.window_ms

    @property
    def users(self) -> tuple[str, str]:
        """Both, in order."""
        return self.user1.user_id, self.user2.user_id

    def part(self, side: Side) -> Part:
        """What one of the two does."""
        return self.user1 if side == "user1" else self.user2

    def is_open(self, now: int) -> bool:
        """Whether it can still come to be completed."""
        return self.status == "scheduled" and now < self.closes_at

    def status_at(self, now: int) -> Status:
        """What it is at an instant, also before anybody has noticed that the window closed."""
        over = self.status == "scheduled" and not self.is_open(now)
        return "expired" if over else self.status


@dataclass(frozen=True, slots=True)
class BuddyChange:
    """What a rule made of a session; without events nothing changed."""

    session: BuddySession
    events: tuple[Happening, ...] = ()


BuddyRule = Callable[[BuddySession, int], BuddyChange]


def side_of(session: BuddySession, user_id: str) -> Side:
    """Which of the two somebody is. Raises Forbidden for everybody else."""
    if user_id not in session.users:
        raise Forbidden("Access denied: you take no part in this session.")
    return SIDES[session.users.index(user_id)]


def other(side: Side) -> Side:
    """The buddy."""
    return "user2" if side == "user1" else "user1"


def require_ahead(at: int, now: int) -> None:
    """Raise RuleViolated for an appointment that is not ahead."""
    if at <= now:
        raise RuleViolated("A session cannot be scheduled in the past.", reason="in_the_past")


def confirm(by: Side, buddy_id: str | None = None, command_id: str | None = None) -> BuddyRule:
    """Say that the buddy has done their challenge; both said so, the session is completed.

    `buddy_id`, if given, has to be the buddy's. Raises RuleViolated before the appointed time,
    once the window has closed, and for the second time unless that is a repeat of the first.
    """

    def rule(session: BuddySession, now: int) -> BuddyChange:
        theirs = other(by)
        part = session.part(theirs)
        if buddy_id not in (None, part.user_id):
            raise RuleViolated("You can confirm your buddy only.", reason="not_your_buddy")
        if part.confirmed is not None:
            if command_id is not None and part.confirmed.command_id == command_id:
                return BuddyChange(session)
            raise RuleViolated("You have already confirmed.", reason="already_confirmed")
        _require_open(session, now)
        if now < session.scheduled_at:
            raise RuleViolated("Cannot confirm before the scheduled time.", reason="too_early")
        done = replace(part, confirmed=Confirmation(now, command_id))
        session = (
            replace(session, user1=done) if theirs == "user1" else replace(session, user2=done)
        )
        if session.part(by).confirmed is None:
            return BuddyChange(session, ("confirmed",))
        session = replace(session, status="completed", completed_at=now, ended_at=now)
        return BuddyChange(session, ("confirmed", "completed"))

    return rule


def cancel(*, trusted: bool = False) -> BuddyRule:
    """Call the meeting off: before the appointed time, or later for somebody `trusted`.

    Otherwise whoever did not come could escape the consequences. Raises RuleViolated.
    """

    def rule(session: BuddySession, now: int) -> BuddyChange:
        if session.status == "canceled":
            return BuddyChange(session)
        _require_movable(session, now, trusted=trusted)
        return BuddyChange(replace(session, status="canceled", ended_at=now), ("canceled",))

    return rule


def reschedule(at: int, venue_name: str | None = None, *, trusted: bool = False) -> BuddyRule:
    """Appoint another time, which has to be ahead, and maybe another venue; as `cancel`."""

    def rule(session: BuddySession, now: int) -> BuddyChange:
        moved = replace(session, scheduled_at=at, venue_name=venue_name or session.venue_name)
        _require_open(session, now)
        if moved == session:
            return BuddyChange(session)
        _require_movable(session, now, trusted=trusted)
        require_ahead(at, now)
        return BuddyChange(moved, ("rescheduled",))

    return rule


def write_notes(notes: str, if_rev: int | None = None) -> BuddyRule:
    """Replace the notes; of two who write, the later one wins.

    Raises Conflict if the session has moved on past `if_rev`, unless these notes are there.
    """

    def rule(session: BuddySession, _now: int) -> BuddyChange:
        if session.notes == notes:
            return BuddyChange(session)
        if if_rev is not None and if_rev != session.rev:
            raise Conflict(f"the session is at rev {session.rev}, not {if_rev}", session)
        return BuddyChange(replace(session, notes=notes), ("notes_changed",))

    return rule


def expire(session: BuddySession, now: int) -> BuddyChange:
    """Close the window if its time has come; the end is booked at its own instant."""
    if session.status != "scheduled" or session.is_open(now):
        return BuddyChange(session)
    closed = replace(session, status="expired", ended_at=session.closes_at)
    return BuddyChange(closed, ("expired",))


def reputation_delta(session: BuddySession, side: Side, points: int, now: int) -> int:
    """What the session does to the reputation of one of the two, as things stand.

    Plus the challenge's points while it can still be, or was, confirmed; minus once it cannot
    be any more. Nothing if the meeting was called off.
    """
    if session.status == "canceled":
        return 0
    if session.part(side).confirmed is not None or session.is_open(now):
        return points
    return -points


def _require_open(session: BuddySession, now: int) -> None:
    if session.status == "canceled":
        raise RuleViolated("The session was canceled.", reason="canceled")
    if not session.is_open(now):
        raise RuleViolated("The time to confirm is over.", reason="window_closed")


def _require_movable(session: BuddySession, now: int, *, trusted: bool) -> None:
    _require_open(session, now)
    if not trusted and now >= session.scheduled_at:
        raise RuleViolated("The session has already begun.", reason="already_begun")
    if any(session.part(side).confirmed for side in SIDES):
        raise RuleViolated("Somebody has confirmed already.", reason="already_confirmed")
