"""Custom programs: what their makers may say in them, and the codes they are shared by."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.programs import DayContent, Program

FIRST_NUMBER: Final = 1001
"""The smaller ones are for programs that come with the service."""
ACTIVE_PROGRAMS_MAX: Final = 100
"""How many of them one user can have that are not archived."""
PROGRAMS_MAX: Final = 300
"""How many one user can have in all, with the archived ones."""

NAME_MAX_CHARS: Final = 100
TITLE_MAX_CHARS: Final = 120
DESCRIPTION_MAX_CHARS: Final = 2_000
LINE_MAX_CHARS: Final = 300
"""Of an objective, a task, a tip or a question."""
ICON_MAX_CHARS: Final = 16
OBJECTIVES_MAX: Final = 10
DAYS_MAX: Final = 366
FOCUS_MAX_MINUTES: Final = 720
TASKS_MAX: Final = 10
TIPS_MAX: Final = 10
PROMPTS_MAX: Final = 10

FIELDS: Final = ("name", "description", "objectives", "is_pro_only", "icon", "color", "days")
"""What a maker says; a change of any of them is a new version."""

CODE_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without those that are taken for one another: 0 and O, 1 and I and L, U and V."""
CODE_CHARS: Final = 16
"""Some 78 bits: nobody finds one by trying."""
GROUP_CHARS: Final = 4
CODE: Final = re.compile(f"[{CODE_ALPHABET}]{{{CODE_CHARS}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomProgram:
    """A program as its maker has it. Instants are ms."""

    program: Program
    days: tuple[DayContent, ...] = ()
    """Left out where many programs are listed."""
    status: str
    """Active, or archived: then nobody new can enrol."""
    share_code: str | None
    """Under which others find it, as it is stored; None while it is not shared."""
    created_at: int
    updated_at: int


def content(told: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a program from checked `FIELDS`: its days get their place as their number."""
    days = [{**day, "day_number": number} for number, day in enumerate(told["days"], 1)]
    said = {name: told[name] for name in FIELDS}
    # A picture would be an address that others' apps go to: there is none.
    return {**said, "program_type": "custom", "cover_image_url": None, "days": days}


def changed(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The content after a change: what is left out stays, days are replaced as a whole."""
    return content({**before, **changes})


def read_code(text: str) -> str | None:
    """The code that is meant, as it is stored; None for what cannot be one.

    Dashes and case do not count.
    """
    # Beyond ASCII there are letters whose capitals are in the alphabet.
    code = text.replace("-", "").upper() if text.isascii() else ""
    return code if CODE.fullmatch(code) else None


def written(code: str) -> str:
    """A stored code as people read it: `K7QM-2X9T-…`."""
    return "-".join(code[at : at + GROUP_CHARS] for at in range(0, len(code), GROUP_CHARS))
