"""Makes a user of whoever comes with a valid token."""

from collections import OrderedDict
from collections.abc import Callable

import structlog

from domain.access import Caller
from domain.errors import Unavailable
from storage.mongo.users import Users

MAX_KNOWN = 50_000
PAUSE_MS = 5_000

log = structlog.get_logger(__name__)


class Provisioner:
    """Remembers, within bounds, who is in the store already."""

    def __init__(
        self, users: Users, clock: Callable[[], int], *, max_known: int = MAX_KNOWN
    ) -> None:
        """Take the users and a clock of epoch milliseconds."""
        self._users = users
        self._clock = clock
        self._paused_until_ms = 0
        self._max_known = max_known
        self._known: OrderedDict[str, None] = OrderedDict()

    async def ensure(self, caller: Caller) -> None:
        """Add the caller to the users if need be; while MongoDB is away, go on without."""
        if caller.user_id in self._known:
            self._known.move_to_end(caller.user_id)
            return
        # A store that is away must not make each request wait for its time-out.
        if self._clock() < self._paused_until_ms:
            return
        try:
            await self._users.provision(caller.user_id)
        except Unavailable:
            # Settling a session makes the user as well, so none is lost by this.
            self._paused_until_ms = self._clock() + PAUSE_MS
            log.warning("provision_postponed", user_id=caller.user_id)
            return
        self._known[caller.user_id] = None
        if len(self._known) > self._max_known:
            self._known.popitem(last=False)
