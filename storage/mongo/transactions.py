"""Transactions that end in bounded time, and leave nothing open behind them.

When the driver gives a transaction up, because the server or the network hung, the server
may begin it all the same once it comes to it. Nobody would ever end it: until the server's
own limit, a minute by default, every other writer would meet what it holds. So whoever
gave one up remembers its session, and has the server end it before the next.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from domain.errors import Contended, SessionError, Unavailable
from storage.mongo.client import Mongo, translated

MAJORITY: Final = WriteConcern("majority", j=True)
SNAPSHOT: Final = ReadConcern("snapshot")
LIFETIME_S: Final = 70.0
"""After so long the server has ended a transaction itself."""
TRIES: Final = 3
KILL_PAUSE_S: Final = 0.25
"""Between two times that the server is asked to end what was given up."""

Transaction = Any
"""A motor client session with a transaction open."""
Work = Callable[[Transaction], Coroutine[Any, Any, None]]


class Transactions:
    """Runs transactions, each bounded by `timeout_s`; the driver alone would try for minutes."""

    def __init__(self, mongo: Mongo, timeout_s: float) -> None:
        self._client = mongo.client
        self._timeout_s = timeout_s
        self._given_up: list[tuple[float, Any]] = []
        self._killed_at = -KILL_PAUSE_S

    async def run(self, work: Work) -> None:
        """Do the work in one transaction; it may be done several times before it is committed.

        Raises TimeoutError, what the driver raises, and what the work raises.
        """
        await self._end_given_up()
        # Ended in any case, also where it was given up: a write that still waits for a server
        # would be done outside of any transaction, but for a session that is over.
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
                    self._give_up(transaction)
                raise
            except BaseException:
                self._give_up(transaction)
                raise

    async def insist(self, work: Work) -> None:
        """As `run`, also when two make the same thing at the same moment.

        Raises Unavailable for every fault of the database, and what the work raises.
        """
        for _ in range(TRIES):
            try:
                with translated():
                    await self.run(work)
            except TimeoutError as error:
                raise Unavailable("the database takes too long; try again shortly") from error
            except DuplicateKeyError:
                continue  # Now it is there, and the work finds it.
            except PyMongoError as error:
                raise Unavailable("the database does not accept it; try again") from error
            else:
                return
        raise Contended

    def _give_up(self, transaction: Transaction) -> None:
        """Remember the session, and see that the driver gives its id to nobody else.

        It would, where it takes the session for sound; and what we end would be theirs.
        """
        until = asyncio.get_running_loop().time() + LIFETIME_S
        self._given_up.append((until, transaction.session_id))
        transaction.delegate._server_session.mark_dirty()  # noqa: SLF001 - a test holds it

    async def _end_given_up(self) -> None:
        now = asyncio.get_running_loop().time()
        self._given_up = [one for one in self._given_up if one[0] > now]
        if self._given_up and now - self._killed_at >= KILL_PAUSE_S:
            # Again and again: the server may only now come to what was sent long ago.
            self._killed_at = now
            sessions = [session_id for _, session_id in self._given_up]
            async with asyncio.timeout(self._timeout_s):
                await self._client.admin.command("killSessions", sessions)
