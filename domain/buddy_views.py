"""What both buddies are shown of a session: the same fields over HTTP and over sockets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.buddy import SIDES, BuddySession, Challenge, Side, reputation_delta
from domain.instants import iso, iso_if


@dataclass(frozen=True, slots=True)
class People:
    """Names by user id, as far as they are known, and challenges by id."""

    names: Mapping[str, str]
    challenges: Mapping[str, Challenge]

    def challenge(self, challenge_id: str) -> Challenge:
        """The challenge; one that somebody has removed is worth nothing any more."""
        return self.challenges.get(challenge_id) or Challenge(
            id=challenge_id,
            title="",
            description="",
            difficulty="beginner",
            points=0,
            created_at=0,
        )


def buddy_view(session: BuddySession, people: People, now: int) -> dict[str, Any]:
    """The session at `now`, ms, with what it does to the reputation of each."""
    return {
        "id": session.id,
        "match_id": session.match_id,
        "venue_name": session.venue_name,
        "scheduled_time": iso(session.scheduled_at),
        "status": session.status_at(now),
        "notes": session.notes,
        "participants": {side: _participant(session, side, people) for side in SIDES},
        "reputation_preview": {
            f"{side}_delta": reputation_delta(session, side, _points(session, side, people), now)
            for side in SIDES
        },
        "completed_at": iso_if(session.completed_at),
        "confirm_by": iso(session.closes_at),
        "rev": session.rev,
        "created_at": iso(session.created_at),
    }


def challenge_view(challenge: Challenge) -> dict[str, Any]:
    """A challenge, as everybody sees it who is shown it."""
    return {
        "id": challenge.id,
        "title": challenge.title,
        "description": challenge.description,
        "points": challenge.points,
        "difficulty": challenge.difficulty,
    }


def _participant(session: BuddySession, side: Side, people: People) -> dict[str, Any]:
    part = session.part(side)
    return {
        "id": part.user_id,
        "name": people.names.get(part.user_id) or part.user_id,
        "challenge": challenge_view(people.challenge(part.challenge_id)),
        "confirmed": part.confirmed is not None,
    }


def _points(session: BuddySession, side: Side, people: People) -> int:
    return people.challenge(session.part(side).challenge_id).points
