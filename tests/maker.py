"""Somebody who makes focus programs of their own over HTTP, and somebody who is let in."""

from typing import Any, Final

from tests.learner import FOCUS, Learner
from tests.person import Answer, Person

CUSTOM: Final = f"{FOCUS}programs/custom/"
SHARED: Final = f"{FOCUS}programs/shared/"
ENROLL: Final = f"{FOCUS}programs/enroll/"
FIRST_DAY: Final[dict[str, Any]] = {
    "title": "Begin",
    "description": "One minute,\nand no more.",
    "focus_duration": 1,
    "tasks": ["Sit down", "Breathe"],
    "tips": ["Close the door"],
    "reflection_prompts": ["How was it?"],
}
SECOND_DAY: Final[dict[str, Any]] = {"title": "End", "focus_duration": 1, "tasks": ["Sit down"]}
PROGRAM: Final[dict[str, Any]] = {
    "name": "Two minutes",
    "description": "A minute a day.",
    "objectives": ["Sit still"],
    "icon": "🪷",
    "color": "#10B981",
    "is_pro_only": False,
    "days": [FIRST_DAY, SECOND_DAY],
}


def path(program: dict[str, Any]) -> str:
    """Where the program is, for its maker."""
    return f"{CUSTOM}{program['id']}/"


async def made(person: Person, **changes: object) -> dict[str, Any]:
    """A new program of the person."""
    answer = await person.post(CUSTOM, {**PROGRAM, **changes})
    assert answer.status == 201, answer
    return dict(answer.body)


async def edit(person: Person, program: dict[str, Any], **changes: object) -> Answer:
    """Change a program."""
    return await person.ask("PATCH", path(program), changes)


async def share(person: Person, program: dict[str, Any]) -> str:
    """The code of a program."""
    answer = await person.post(f"{path(program)}share/")
    assert answer.status == 200, answer
    return str(answer.body["share_code"])


async def let_in(person: Person, code: str) -> Learner:
    """The person, enrolled by code and under way."""
    answer = await person.post(ENROLL, {"share_code": code})
    assert answer.status == 201, answer
    learner = Learner(person, answer.body["enrollment_id"])
    assert (await learner.post("programs/start/")).status == 200
    return learner


async def listed(person: Person) -> dict[int, dict[str, Any]]:
    """The list of programs that the person is shown, by id, without the built-in ones."""
    programs = (await person.get(f"{FOCUS}programs/")).body
    return {one["id"]: one for one in programs if one["program_type"] == "custom"}
