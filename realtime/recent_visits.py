"""Visits that have ended and are on their way into MongoDB: no list may lack them meanwhile."""

from collections.abc import Callable

from domain.customer import Visit, visit_of
from realtime.registry import Registry
from storage.mongo.visits import Visits


class RecentVisits:
    """What memory knows of them. Raises Unavailable while MongoDB is away."""

    def __init__(self, registry: Registry, visits: Visits, clock: Callable[[], int]) -> None:
        """`clock` is in ms."""
        self._registry = registry
        self._visits = visits
        self._clock = clock

    async def list(self, user_id: str | None = None) -> list[Visit]:
        """Those of everybody, or of one user, that MongoDB does not have."""
        ended = self._registry.unsettled(user_id)
        if not ended:
            return []
        present = await self._visits.present([session.id for session in ended])
        for session_id in present:
            # The word of it was lost on its way to this node.
            self._registry.settled(session_id)
        now = self._clock()
        return [visit_of(session, now) for session in ended if session.id not in present]
