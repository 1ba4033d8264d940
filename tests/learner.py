"""Somebody who goes through a focus program over HTTP."""

from dataclasses import dataclass
from typing import Any

from domain.instants import iso
from tests.person import Answer, Person

FOCUS = "/api/v1/focus/"
MINUTE_MS = 60_000
DAY_MS = 86_400_000
MONTH_MS = 30 * DAY_MS


@dataclass(frozen=True)
class Learner:
    """A person and one of their enrolments."""

    person: Person
    enrollment_id: int

    @property
    def path(self) -> str:
        """Where the enrolment is."""
        return f"{FOCUS}programs/{self.enrollment_id}/"

    async def post(self, path: str, **told: object) -> Answer:
        """Send something about the enrolment."""
        return await self.person.post(
            f"{FOCUS}{path}", {"enrollment_id": self.enrollment_id, **told}
        )

    async def course(self) -> dict[str, Any]:
        """The overview."""
        return await read(self.person, self.path)

    async def day(self, number: int) -> dict[str, Any]:
        """A day."""
        return await read(self.person, f"{self.path}days/{number}/")

    async def week(self, number: int) -> dict[str, Any]:
        """A weekly review."""
        return await read(self.person, f"{self.path}weekly-review/{number}/")

    async def tick(self, number: int, index: int, *, done: bool = True) -> Answer:
        """Mark a task."""
        return await self.post(
            "tasks/update/", day_number=number, task_index=index, is_completed=done
        )

    async def tick_all(self, number: int) -> None:
        """Mark all tasks of a day."""
        for task in (await self.day(number))["user_progress"]["tasks"]:
            answer = await self.tick(number, task["order"])
            assert answer.status == 200, answer

    async def reflect(self, number: int, answer: str = "I stayed with it.") -> Answer:
        """Add a reflection."""
        question = "What's the biggest win?"
        return await self.post(
            "reflections/add/", day_number=number, question=question, answer=answer
        )

    async def begin(self, number: int, minutes: int) -> str:
        """Start a session on a day; its id."""
        answer = await self.post("sessions/start/", day_number=number, duration_minutes=minutes)
        assert answer.status == 201, answer
        return str(answer.body["session_id"])

    async def end(self, session_id: str, **told: object) -> dict[str, Any]:
        """Complete a session."""
        answer = await self.person.post(
            f"{FOCUS}sessions/complete/", {"session_id": session_id, **told}
        )
        assert answer.status == 200, answer
        return dict(answer.body)

    async def focus(self, number: int, minutes: int) -> str:
        """Start a session, let its time pass, and complete it; its id."""
        session_id = await self.begin(number, minutes)
        self.person.site.clock.advance(minutes * MINUTE_MS)
        await self.end(session_id)
        return session_id

    async def do(self, number: int) -> None:
        """All that a day asks for."""
        await self.tick_all(number)
        await self.focus(number, (await self.day(number))["focus_duration"])
        answer = await self.reflect(number)
        assert answer.body["day_completed"] is True, answer


async def read(person: Person, path: str) -> dict[str, Any]:
    """What is at a path."""
    answer = await person.get(path)
    assert answer.status == 200, answer
    return dict(answer.body)


async def enrolled(person: Person, program_id: int = 1, *, begin: bool = True) -> Learner:
    """The person, enrolled in the program and, unless told otherwise, under way in it."""
    answer = await person.post(f"{FOCUS}programs/enroll/", {"program_id": program_id})
    assert answer.status == 201, answer
    learner = Learner(person, answer.body["enrollment_id"])
    if begin:
        started = await learner.post("programs/start/")
        assert started.body == {
            "started": True, "enrollment_id": learner.enrollment_id, "current_day": 1,
        }  # fmt: skip
    return learner


async def go_pro(person: Person, *, for_ms: int = MONTH_MS) -> None:
    """Let the billing system say that the person has paid."""
    now = person.site.clock()
    billing = person.site.person("billing", "service")
    told = {"plan": "pro_monthly", "expires_at": iso(now + for_ms)}
    answer = await billing.put(f"/api/v1/users/{person.user_id}/subscription/", told)
    assert (answer.status, answer.body["is_pro"]) == (200, True), answer
