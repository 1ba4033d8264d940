"""The deadline of buddy sessions: looked for by every node, decided by one change."""

from collections.abc import Callable
from typing import Final

import structlog

from domain import buddy
from domain.errors import Contended, NotFound, Unavailable, reason_of
from realtime.announcing import Announcer
from realtime.tasks import side_by_side
from storage.mongo.buddies import Buddies

log = structlog.get_logger(__name__)

BATCH: Final = 200
PARALLEL: Final = 8


class BuddyDeadlines:
    """Closes windows that nobody has used, each at its own instant in the books."""

    def __init__(
        self,
        buddies: Buddies,
        announcer: Announcer,
        clock: Callable[[], int],
        observe_late_s: Callable[[float], None],
    ) -> None:
        """`clock` is in ms."""
        self._buddies = buddies
        self._announcer = announcer
        self._clock = clock
        self._observe_late_s = observe_late_s
        self.fired = 0

    async def scan(self) -> None:
        """Close every window whose time has come; one that cannot be holds up no other.

        Raises Unavailable.
        """
        passed_over: set[str] = set()
        while True:
            found = await self._buddies.due(BATCH + len(passed_over))
            fresh = [session_id for session_id in found if session_id not in passed_over]
            if not fresh:
                return
            closed = await self._fire_all(fresh)
            passed_over |= {one for one, done in zip(fresh, closed, strict=True) if not done}

    async def catch_up(self) -> None:
        """Close a first batch before a node serves. Raises Unavailable.

        What anybody is shown follows from the instant anyway, so the rest can wait.
        """
        await self._fire_all(await self._buddies.due(BATCH))

    async def _fire_all(self, session_ids: list[str]) -> list[bool]:
        """Close these windows side by side; whether each is out of the way."""
        results = await side_by_side(self._fire, session_ids, at_once=PARALLEL)
        for session_id, result in zip(session_ids, results, strict=True):
            if isinstance(result, Unavailable) and not isinstance(result, Contended):
                raise result
            if isinstance(result, BaseException):
                log.error("window not closed", session=session_id, reason=reason_of(result))
        return [result is True for result in results]

    async def _fire(self, session_id: str) -> bool:
        """Close one window; False if it is still due, since it was moved or time went back."""
        try:
            change = await self._buddies.change(session_id, buddy.expire)
        except NotFound:
            return True
        session = change.session
        if change.events:
            self.fired += 1
            self._observe_late_s(max(0, session.changed_at - session.closes_at) / 1000)
            for user_id in session.users:
                await self._announcer.tell(user_id)
        # Without events another node was first, or it was confirmed or moved meanwhile.
        return session.status != "scheduled"
