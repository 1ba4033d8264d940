"""Notices: what a user is told by web push, whether or not a page is open."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Final, Literal

from domain.instants import HOUR_MS
from domain.text import is_line
from domain.timeline import whole_minutes

Kind = Literal["session_ended", "reminder", "day_completed", "program_completed", "achievement"]
Urgency = Literal["low", "normal", "high"]

PAYLOAD_BYTES: Final = 3_000
"""What push services take, 4 KiB when it is encrypted, with room to spare."""
MAX_CHARS: Final = {"title": 80, "body": 240, "tag": 100}
URL_MAX_CHARS: Final = 200
TOPIC_CHARS: Final = 32

LIFE_MS: Final[dict[Kind, int]] = {
    "session_ended": HOUR_MS,
    "reminder": 2 * HOUR_MS,
    "day_completed": 12 * HOUR_MS,
    "program_completed": 24 * HOUR_MS,
    "achievement": 24 * HOUR_MS,
}
"""How long each kind is worth telling; after that nobody wants to hear of it any more."""
URGENCIES: Final[dict[Kind, Urgency]] = {"session_ended": "high", "achievement": "low"}
"""What a device that saves its battery may hold back; `normal` for all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to tell a user, from `due_at` on and never after `expires_at`, in ms.

    `url` is where a click leads, relative to the app. Of two notices with one `tag` a browser
    shows the newer in place of the older. Raises ValueError if it is too long to be sent.
    """

    user_id: str
    kind: Kind
    title: str
    body: str
    url: str
    tag: str
    due_at: int
    expires_at: int

    def __post_init__(self) -> None:
        if len(payload(self)) > PAYLOAD_BYTES:
            raise ValueError("a notice is too long to be sent; its texts must be shortened")


def payload(notice: Notice) -> bytes:
    """What the service worker gets: JSON in UTF-8; `at` in ms."""
    shown = {
        "kind": notice.kind,
        "title": notice.title,
        "body": notice.body,
        "url": notice.url,
        "tag": notice.tag,
        "at": notice.due_at,
    }
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def urgency(notice: Notice) -> Urgency:
    """How much the notice matters to a device that saves its battery."""
    return URGENCIES.get(notice.kind, "normal")


def ttl_s(notice: Notice, now: int) -> int:
    """How long a push service may keep the notice for a device that is away; at least a second."""
    return max(1, (notice.expires_at - now) // 1000)


def topic(notice: Notice) -> str:
    """A name for the tag that a push service may know, so that it keeps the newest one only."""
    digest = hashlib.sha256(notice.tag.encode()).digest()
    return base64.urlsafe_b64encode(digest)[:TOPIC_CHARS].decode()


def session_ended(
    *, user_id: str, session_id: str, about: str, focused_ms: int, at: int, url: str = "/"
) -> Notice:
    """Tell that a session has ended by itself; `about` names what it was for, or is empty."""
    spent = whole_minutes(focused_ms)
    focus = f"{spent[0].upper()}{spent[1:]} of focus"
    body = f"{focus}: {about}" if about else f"{focus}."
    tag = f"session:{session_id}"
    return _notice("session_ended", user_id, at, url, title="Session complete", body=body, tag=tag)


def reminder(*, user_id: str, title: str, body: str, at: int, url: str = "/") -> Notice:
    """Remind of what is still to be done; a newer reminder takes the place of an older one."""
    return _notice("reminder", user_id, at, url, title=title, body=body, tag="reminder")


def trial(*, user_id: str, at: int) -> Notice:
    """Tell that telling works."""
    title, body = "It works", "This browser gets your notices, also while no page is open."
    return _notice("reminder", user_id, at, "/", title=title, body=body, tag="test")


def day_completed(
    *, user_id: str, program: str, day: int, days: int, at: int, url: str = "/"
) -> Notice:
    """Tell that all of a program's day is done."""
    title, body = f"Day {day} complete", f"{program}: {day} of {days} days."
    return _notice("day_completed", user_id, at, url, title=title, body=body, tag=f"day:{program}")


def program_completed(*, user_id: str, program: str, days: int, at: int, url: str = "/") -> Notice:
    """Tell that the last day of a program is done."""
    title, body = "Program complete", f"{program}: all {days} days."
    tag = f"program:{program}"
    return _notice("program_completed", user_id, at, url, title=title, body=body, tag=tag)


def achievement(
    *, user_id: str, code: str, title: str, body: str, at: int, url: str = "/"
) -> Notice:
    """Tell of an achievement; `code` names it among all others."""
    tag = f"achievement:{code}"
    return _notice("achievement", user_id, at, url, title=title, body=body, tag=tag)


def _notice(kind: Kind, user_id: str, at: int, url: str, **texts: str) -> Notice:
    fit = {name: _fit(text, MAX_CHARS[name]) for name, text in texts.items()}
    # A link that is cut leads anywhere; one to the app's first page leads somewhere.
    link = url if len(url) <= URL_MAX_CHARS and is_line(url) else "/"
    expires_at = at + LIFE_MS[kind]
    return Notice(user_id=user_id, kind=kind, url=link, due_at=at, expires_at=expires_at, **fit)


def _fit(text: str, most: int) -> str:
    """The text in one line of at most so many characters."""
    line = "".join(character if is_line(character) else " " for character in text)
    return line if len(line) <= most else f"{line[: most - 1]}…"
