"""What a session is about: the goals of a user, and the activities to choose from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from domain.access import Caller, shares_activities
from domain.rates import Rates

TITLE_MAX_CHARS = 200
NAME_MAX_CHARS = 60
EMOJI_MAX_CHARS = 16
DAYS_MAX = 3660

ACTIVE: Final = "active"
COMPLETED: Final = "completed"
ARCHIVED: Final = "archived"
GOAL_STATUSES: Final = (ACTIVE, COMPLETED, ARCHIVED)
ACTIVITY_STATUSES: Final = (ACTIVE, ARCHIVED)

ACTIVE_GOALS_MAX: Final = 500
PRIVATE_ACTIVITIES_MAX: Final = 500
"""How many of these one user can have that are not archived."""

DEFAULT_CATEGORY: Final = "General"
"""The heading of what was given none; it says nothing about what a session earns."""

BUILT_IN_OWNER: Final = ""
"""Whose the built-in activities are: nobody's, since no user has an empty id."""

LANGUAGES: Final = ("en", "fa")
"""Languages that activities may have names in; the first is that of the field `name`."""


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
    """One of `GOAL_STATUSES`; only its owner changes it, however many days are done."""
    days_total: int
    created_at: datetime
    updated_at: datetime

    @property
    def archived(self) -> bool:
        """Whether it is put away: it can be read, and no session may start on it."""
        return self.status == ARCHIVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something that can be done in a session; a shared one is open to everybody."""

    id: str
    user_id: str
    """Who made it; `BUILT_IN_OWNER` for one that comes with the service."""
    shared: bool
    name: str
    emoji: str
    category: str
    color: str
    status: str = ACTIVE
    """One of `ACTIVITY_STATUSES`."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Names in languages other than the first of `LANGUAGES`."""
    rates: Rates | None = None
    """What a focused second of it earns, where somebody has fixed that."""
    created_at: datetime
    updated_at: datetime

    @property
    def archived(self) -> bool:
        """Whether it is put away: it can be read, and no session may start with it."""
        return self.status == ARCHIVED

    def named_in(self, language: str) -> str:
        """Give its name in this language, or the usual one if it has none in it."""
        return self.names.get(language, self.name)


def may_change(caller: Caller, activity: Activity) -> bool:
    """Say whether the caller may change an activity that they can see."""
    return shares_activities(caller) if activity.shared else activity.user_id == caller.user_id


def category_key(category: str) -> str:
    """Give the form in which categories are compared: case and outer spaces do not count."""
    return category.strip().casefold()
