"""Turns reminders that are due into notices, once each, and keeps them at the user's own time."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

import structlog

from domain.accounts import DEFAULT_TIME_ZONE, User
from domain.errors import Unavailable, reason_of
from domain.notices import Notice
from domain.reminders import LATE_MS, Reminder, next_at
from storage.mongo.notices import Notices
from storage.mongo.reminders import Reminders
from storage.mongo.users import Users

log = structlog.get_logger(__name__)

BATCH: Final = 1_000
AT_ONCE: Final = 16
ROUNDS: Final = 5


class Wanted(Protocol):
    """Who knows what a user is to be reminded of."""

    async def reminder(self, user_id: str, now_ms: int) -> Notice | None:
        """The notice to send now; None if there is nothing to remind of. Raises Unavailable."""


class Reminding:
    """The reminders of all users. Everything raises Unavailable while MongoDB is away."""

    def __init__(
        self,
        reminders: Reminders,
        users: Users,
        notices: Notices,
        wanted: Wanted,
        clock: Callable[[], int],
    ) -> None:
        """Take the collections, who knows what to remind of, and a clock of epoch milliseconds."""
        self._reminders = reminders
        self._users = users
        self._notices = notices
        self._wanted = wanted
        self._clock = clock
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def chosen(self, user_id: str) -> Reminder:
        """What the user has chosen."""
        return await self._reminders.get(user_id)

    async def choose(self, user_id: str, *, enabled: bool, time: str) -> Reminder:
        """Let the user be reminded daily at a time, checked by the rules, or not at all."""
        due = None
        if enabled:
            user = await self._users.get(user_id)
            due = next_at(time, user.time_zone if user else DEFAULT_TIME_ZONE, self._clock())
        chosen = Reminder(user_id=user_id, enabled=enabled, time=time, next_at=due)
        await self._reminders.set(chosen)
        return chosen

    async def follow(self, user: User) -> None:
        """Keep the reminder at the user's time of the wall clock after a change of their zone."""
        for _ in range(ROUNDS):
            chosen = await self._reminders.get(user.id)
            if chosen.next_at is None:
                return
            due = next_at(chosen.time, user.time_zone, self._clock())
            if await self._reminders.advance(chosen, due):
                return
        raise Unavailable("the reminder changes too fast; try again shortly")

    async def send_due(self) -> None:
        """Make notices of all reminders that are due."""
        moved = BATCH
        while moved:
            due = await self._reminders.due(self._clock(), BATCH)
            outcomes = await asyncio.gather(
                *(self._settle(one) for one in due), return_exceptions=True
            )
            moved = sum(outcome is None for outcome in outcomes)
            for one, outcome in zip(due, outcomes, strict=True):
                if isinstance(outcome, Unavailable):
                    raise outcome
                if isinstance(outcome, Exception):
                    log.error("no reminder", user=one.user_id, reason=reason_of(outcome))

    async def _settle(self, due: Reminder) -> None:
        async with self._gate:
            await self._remind(due)

    async def _remind(self, due: Reminder) -> None:
        """The notice comes first, so that none is lost; its key lets it in once."""
        assert due.next_at is not None
        user, now = await self._users.get(due.user_id), self._clock()
        if user is None:
            await self._reminders.advance(due, None)
            return
        if now - due.next_at <= LATE_MS:
            notice = await self._wanted.reminder(user.id, now)
            if notice is not None:
                await self._notices.add(notice, key=f"reminder:{user.id}:{due.next_at}")
        await self._reminders.advance(due, next_at(due.time, user.time_zone, now))
