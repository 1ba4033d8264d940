"""Challenges, matches and buddy sessions as MongoDB documents."""

from collections.abc import Mapping
from typing import Any

from domain.buddy import BuddySession, Challenge, Confirmation, Match, Part
from storage.mongo.client import Document, instant, instant_if, milliseconds, milliseconds_if


def challenge_document(challenge: Challenge) -> Document:
    """The whole challenge."""
    return {
        "_id": challenge.id,
        "title": challenge.title,
        "description": challenge.description,
        "difficulty": challenge.difficulty,
        "points": challenge.points,
        "created_at": instant(challenge.created_at),
    }


def challenge_from(document: Mapping[str, Any]) -> Challenge:
    """Read what `challenge_document` wrote."""
    return Challenge(
        id=document["_id"],
        title=document["title"],
        description=document["description"],
        difficulty=document["difficulty"],
        points=document["points"],
        created_at=milliseconds(document["created_at"]),
    )


def match_document(match: Match) -> Document:
    """The whole match; `users` is there for the index of what somebody takes part in."""
    return {
        "_id": match.id,
        "user1_id": match.user1_id,
        "user2_id": match.user2_id,
        "users": list(match.users),
        "created_at": instant(match.created_at),
    }


def match_from(document: Mapping[str, Any]) -> Match:
    """Read what `match_document` wrote."""
    return Match(
        id=document["_id"],
        user1_id=document["user1_id"],
        user2_id=document["user2_id"],
        created_at=milliseconds(document["created_at"]),
    )


def session_document(session: BuddySession) -> Document:
    """The whole session; `closes_at` is there only while it is something to wait for."""
    document = {
        "_id": session.id,
        "match_id": session.match_id,
        "user1": _part_document(session.user1),
        "user2": _part_document(session.user2),
        "users": list(session.users),
        "venue_name": session.venue_name,
        "scheduled_at": instant(session.scheduled_at),
        "window_ms": session.window_ms,
        "status": session.status,
        "rev": session.rev,
        "notes": session.notes,
        "completed_at": instant_if(session.completed_at),
        "ended_at": instant_if(session.ended_at),
        "created_at": instant(session.created_at),
        "changed_at": instant(session.changed_at),
    }
    if session.status == "scheduled":
        document["closes_at"] = instant(session.closes_at)
    return document


def session_from(document: Mapping[str, Any]) -> BuddySession:
    """Read what `session_document` wrote."""
    return BuddySession(
        id=document["_id"],
        match_id=document["match_id"],
        user1=_part_from(document["user1"]),
        user2=_part_from(document["user2"]),
        venue_name=document["venue_name"],
        scheduled_at=milliseconds(document["scheduled_at"]),
        window_ms=document["window_ms"],
        status=document["status"],
        rev=document["rev"],
        notes=document["notes"],
        completed_at=milliseconds_if(document["completed_at"]),
        ended_at=milliseconds_if(document["ended_at"]),
        created_at=milliseconds(document["created_at"]),
        changed_at=milliseconds(document["changed_at"]),
    )


def _part_document(part: Part) -> Document:
    told = part.confirmed
    return {
        "user_id": part.user_id,
        "challenge_id": part.challenge_id,
        "confirmed": told and {"at": instant(told.at), "command_id": told.command_id},
    }


def _part_from(document: Mapping[str, Any]) -> Part:
    told = document["confirmed"]
    return Part(
        user_id=document["user_id"],
        challenge_id=document["challenge_id"],
        confirmed=told and Confirmation(milliseconds(told["at"]), told["command_id"]),
    )
