"""Transactions that end in bounded time, and leave nothing open behind them.

When the driver gives a transaction up, because the server or the network hung, the server
may begin it all the same once it comes to it. Nobody would ever end it: until the server's
own limit, a minute by default, every other writer would meet what it holds. So whoever
gave one up remembers its session, and has the server end it before the next.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from domain.errors import SessionError, Unavailable
from storage.mongo.client import Mongo

MAJORITY: Final = WriteConcern("majority", j=True)
SNAPSHOT: Final = ReadConcern("snapshot")
LIFETIME_S: Final = 70.0
"""After so long the server has ended a transaction itself."""

Transaction = Any
"""A motor client session with a transaction open."""
Work = Callable[[Transaction], Coroutine[Any, Any, None]]


class Transactions:
    """Runs transactions, each bounded by `timeout_s`; the driver alone would try for minutes."""

    def __init__(self, mongo: Mongo, timeout_s: float) -> None:
        self._client = mongo.client
        self._timeout_s = timeout_s
        self._given_up: list[tuple[float, Any]] = []

    async def run(self, work: Work) -> None:
        """Do the work in one transaction; it may be done several times before it is committed.

        Raises TimeoutError, what the driver raises, and what the work raises.
        """
        await self._end_given_up()
        async with (
            asyncio.timeout(self._timeout_s),
            await self._client.start_session() as transaction,
        ):
            try:
                await transaction.with_transaction(
                    work, read_concern=SNAPSHOT, write_concern=MAJORITY
                )
            except (DuplicateKeyError, SessionError) as error:
                if isinstance(error, Unavailable):
                    self._remember(transaction)
                raise
            except BaseException:
                self._remember(transaction)
                raise

    def _remember(self, transaction: Transaction) -> None:
        """What was given up may be begun all the same."""
        now = asyncio.get_running_loop().time()
        self._given_up.append((now + LIFETIME_S, transaction.session_id))

    async def _end_given_up(self) -> None:
        now = asyncio.get_running_loop().time()
        self._given_up = [one for one in self._given_up if one[0] > now]
        if self._given_up:
            # Again each time: the server may only now come to what was sent long ago.
            sessions = [session_id for _, session_id in self._given_up]
            async with asyncio.timeout(self._timeout_s):
                await self._client.admin.command("killSessions", sessions)
