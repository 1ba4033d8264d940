"""What a session is about: the goals of a user, and the activities to choose from."""

from dataclasses import dataclass
from datetime import datetime

TITLE_MAX_CHARS = 200
NAME_MAX_CHARS = 60
EMOJI_MAX_CHARS = 16
DAYS_MAX = 3660


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """The heading that a goal stands under; `color` is `#rrggbb`."""

    name: str
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """Something one user works towards, day by day."""

    id: str
    user_id: str
    title: str
    emoji: str
    category: Category
    status: str
    days_total: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something that can be done in a session; a shared one is open to everybody."""

    id: str
    user_id: str
    shared: bool
    name: str
    emoji: str
    category: str
    color: str
    created_at: datetime
