"""Telling users what has changed in programs and buddy sessions, as soon as it is committed.

What is to be told is committed together with the change. Whoever made the change tells it
right away; if that node dies or Redis is away, any node does it later.
"""

from collections.abc import Callable
from typing import Final

import structlog

from domain.errors import reason_of
from storage.mongo.announcements import Announcements
from storage.redis.news import NewsDesk
from storage.redis.program_lists import ProgramLists

log = structlog.get_logger(__name__)

OVERDUE_MS: Final = 3_000
"""After so long a node that wanted to tell it, or had taken it to tell, has not."""
BATCH: Final = 100


class Announcer:
    """Tells what waits; clients know repeats by `rev` and `code`."""

    def __init__(
        self,
        announcements: Announcements,
        desk: NewsDesk,
        lists: ProgramLists,
        clock: Callable[[], int],
    ) -> None:
        """`clock` is in ms."""
        self._announcements = announcements
        self._desk = desk
        self._lists = lists
        self._clock = clock

    async def deliver(self, user_id: str) -> None:
        """Tell the user everything that waits. Raises Unavailable."""
        waiting = await self._announcements.claim(user_id, self._clock(), OVERDUE_MS)
        # First what is kept of the old state: whoever is told may read at once. Also where
        # somebody else is telling it, since that may not have come to this yet.
        await self._lists.forget(user_id)
        if not waiting:
            return
        for announced in waiting:
            await self._desk.publish(user_id, announced.frames)
        await self._announcements.told(waiting)

    async def tell(self, user_id: str) -> None:
        """As `deliver`, but what cannot be told now is left to `sweep`. Raises nothing."""
        try:
            await self.deliver(user_id)
        except Exception as error:  # noqa: BLE001 - whatever ails it, the change is made
            log.warning("announced later", reason=reason_of(error))

    async def sweep(self) -> None:
        """Tell what others should have told by now; one user holds up nobody else.

        Raises Unavailable.
        """
        for user_id in await self._announcements.overdue(self._clock(), OVERDUE_MS, BATCH):
            await self.tell(user_id)
