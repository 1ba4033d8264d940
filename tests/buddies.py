"""Two people with a match and challenges, and a service that brought them together."""

from dataclasses import dataclass
from typing import Any

from domain.buddy import BuddySession, Part
from domain.instants import HOUR_MS, iso
from tests.person import Answer, Person, Site

SESSION = "/api/session/"
WINDOW_MS = 48 * HOUR_MS
AT = 1_000 * HOUR_MS
MEETING = BuddySession(
    id="s",
    match_id="m",
    user1=Part(user_id="ada", challenge_id="c1"),
    user2=Part(user_id="bob", challenge_id="c2"),
    venue_name="Library",
    scheduled_at=AT,
    window_ms=WINDOW_MS,
    created_at=AT - 2 * HOUR_MS,
    changed_at=AT - 2 * HOUR_MS,
)
"""One for tests of the rules: appointed, and two hours ahead."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Ada, who is user1, and Bob, who is user2."""

    site: Site
    ada: Person
    bob: Person
    service: Person
    match_id: str
    challenges: tuple[str, str]

    def wish(self, in_ms: int = HOUR_MS, **told: object) -> dict[str, object]:
        """What to say to appoint a session that begins after so long."""
        return {
            "match_id": self.match_id,
            "user1_challenge_id": self.challenges[0],
            "user2_challenge_id": self.challenges[1],
            "venue_name": "Library",
            "scheduled_time": iso(self.site.clock() + in_ms),
            **told,
        }

    async def appoint(self, in_ms: int = HOUR_MS, **told: object) -> str:
        """A session that begins after so long; its id."""
        answer = await self.ada.post(SESSION, self.wish(in_ms, **told))
        assert answer.status == 201, answer
        return str(answer.body["id"])

    async def begun(self) -> str:
        """A session whose time has come; its id."""
        session_id = await self.appoint()
        self.site.clock.advance(HOUR_MS)
        return session_id

    async def seen(self, session_id: str) -> dict[str, Any]:
        """The session, which both have to see alike."""
        ada, bob = [await one.get(f"{SESSION}{session_id}/") for one in (self.ada, self.bob)]
        assert (ada.status, ada.body) == (200, bob.body)
        return dict(ada.body)


async def pair(site: Site, name: str = "") -> Pair:
    """Two people whom nobody knew before, if they are given a name of their own."""
    service = site.person("wingman", "service")
    ada, bob = site.person(f"ada{name}"), site.person(f"bob{name}")
    told = {"user1_id": ada.user_id, "user2_id": bob.user_id}
    match = await service.post("/api/matches/", told)
    made = [
        await service.post("/api/challenges/", {"title": title, "points": points})
        for title, points in (("Say hello", 3), ("Ask the way", 5))
    ]
    assert [match.status, *(one.status for one in made)] == [201] * 3
    return Pair(
        site=site,
        ada=ada,
        bob=bob,
        service=service,
        match_id=match.body["id"],
        challenges=(made[0].body["id"], made[1].body["id"]),
    )


async def confirm(person: Person, session_id: str, **headers: str) -> Answer:
    """Say that the buddy has done it."""
    return await person.post(f"{SESSION}{session_id}/confirm/", {}, **headers)
