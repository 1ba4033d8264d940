"""The rules of an account: address, password, name, zone, start of the day."""

import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from domain.days import Calendar, Residence
from domain.subscriptions import Subscription
from domain.text import accept_time_of_day, is_line, refused

EMAIL_MAX_CHARS = 254
LOCAL_PART_MAX_CHARS = 64
PASSWORD_MIN_CHARS, PASSWORD_MAX_CHARS = 8, 128
NAME_MAX_CHARS = 100
USER_ID_MAX_CHARS = 128
DEFAULT_TIME_ZONE, DEFAULT_DAY_START = "UTC", "00:00"

DOMAIN = re.compile(r"[^\s@.]+(?:\.[^\s@.]+)+", re.ASCII)
# Names of the machine's own zone, which differ from one node to the next.
LOCAL_ZONES = frozenset({"localtime", "Factory"})


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One person as the service knows them; totals are written by settling alone."""

    id: str
    email: str | None = None
    password_hash: str | None = None
    name: str = ""
    time_zone: str = DEFAULT_TIME_ZONE
    day_start: str = DEFAULT_DAY_START
    residences: tuple[Residence, ...] = ()
    roles: frozenset[str] = frozenset({"user"})
    subscription: Subscription = field(default_factory=Subscription)
    leaderboard: bool = False
    """Whether they take part in leaderboards, and others may see their name and XP there."""
    xp: Mapping[str, int] = field(default_factory=dict)
    life_level: int = 1
    sessions_completed: int = 0
    created_at: datetime
    updated_at: datetime

    @property
    def calendar(self) -> Calendar:
        """The user's days; without residences, those of the profile since ever."""
        return Calendar(
            self.residences
            or (Residence(from_ms=0, time_zone=self.time_zone, day_start=self.day_start),)
        )


def accept_email(text: str) -> str:
    """Give an address in its one normal form; raises `InvalidInput`."""
    address = text.strip(" ").lower()
    local, at, domain = address.rpartition("@")
    sound = (
        at
        and 0 < len(local) <= LOCAL_PART_MAX_CHARS
        and len(address) <= EMAIL_MAX_CHARS
        and "@" not in local
        and " " not in local
        and is_line(address)
        and DOMAIN.fullmatch(domain)
    )
    if not sound:
        raise refused("email", "Not an e-mail address.")
    return address


def accept_password(text: str) -> str:
    """Accept any password of fitting length; raises `InvalidInput`."""
    if not PASSWORD_MIN_CHARS <= len(text) <= PASSWORD_MAX_CHARS:
        raise refused(
            "password", f"Between {PASSWORD_MIN_CHARS} and {PASSWORD_MAX_CHARS} characters."
        )
    if not is_line(text):
        raise refused("password", "Must be printable characters.")
    return text


def accept_time_zone(text: str) -> str:
    """Accept the name of an IANA time zone; raises `InvalidInput`."""
    if text not in time_zones():
        raise refused("time_zone", "Not an IANA time zone, such as Europe/Oslo.")
    return text


def accept_day_start(text: str) -> str:
    """Accept the local time at which the user's day begins; raises `InvalidInput`."""
    return accept_time_of_day("day_start", text)


def is_user_id(value: object) -> bool:
    """Say whether the value can be a user's id: 1 to 128 printable characters."""
    return isinstance(value, str) and 0 < len(value) <= USER_ID_MAX_CHARS and value.isprintable()


@cache
def time_zones() -> frozenset[str]:
    """List the zones this machine knows; reading them anew takes milliseconds."""
    return frozenset(zoneinfo.available_timezones()) - LOCAL_ZONES
