"""The one connection pool to MongoDB, and what its failures mean to a caller."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo.errors import ConnectionFailure, InvalidOperation, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from domain.errors import Unavailable
from domain.instants import EPOCH, MILLISECOND

Document = dict[str, Any]
Database = AsyncIOMotorDatabase[Document]

PATIENCE_S = 5.0

# The server answers these while it starts, stops, elects a primary or meets a full disk.
TRANSIENT_LABELS = ("RetryableWriteError", "TransientTransactionError")
TRANSIENT_CODES = frozenset(
    {
        6,  # HostUnreachable
        7,  # HostNotFound
        50,  # MaxTimeMSExpired
        64,  # WriteConcernTimeout
        89,  # NetworkTimeout
        91,  # ShutdownInProgress
        100,  # UnsatisfiableWriteConcern
        112,  # WriteConflict
        133,  # FailedToSatisfyReadPreference
        134,  # ReadConcernMajorityNotAvailableYet
        189,  # PrimarySteppedDown
        239,  # SnapshotTooOld
        246,  # SnapshotUnavailable
        262,  # ExceededTimeLimit
        11600,  # InterruptedAtShutdown
        11601,  # Interrupted
        11602,  # InterruptedDueToReplStateChange
        10107,  # NotWritablePrimary
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
        14031,  # OutOfDiskSpace
    }
)


class StandaloneMongo(RuntimeError):
    """The server is neither a replica set member nor a mongos, so it has no transactions."""


class Mongo:
    """One MongoDB deployment and the database of this service in it."""

    def __init__(self, url: str, database: str, *, patience_s: float = PATIENCE_S) -> None:
        """Prepare the pool, connecting nowhere yet; must run inside the event loop.

        `patience_s` bounds the wait for one answer.
        """
        self.client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
            url,
            w="majority",
            journal=True,
            readConcernLevel="majority",
            # Not timeoutMS: with it, an absent server is waited for that whole time.
            serverSelectionTimeoutMS=2_000,
            connectTimeoutMS=2_000,
            socketTimeoutMS=int(patience_s * 1000),
            waitQueueTimeoutMS=2_000,
            tz_aware=True,
            appname="sessiond",
        )
        self.db: Database = self.client.get_database(database, read_concern=ReadConcern("majority"))

    async def ping(self) -> None:
        """Return when the server answers; raises `Unavailable`, whatever it is that it says."""
        try:
            await self.client.admin.command("ping")
        except PyMongoError as error:
            raise Unavailable("The database is out of reach; try again shortly.") from error

    async def require_transactions(self) -> None:
        """Raise `StandaloneMongo` unless the deployment has transactions."""
        with translated():
            hello = await self.client.admin.command("hello")
        if "setName" not in hello and hello.get("msg") != "isdbgrid":
            raise StandaloneMongo(
                "MongoDB runs standalone and has no transactions: "
                "start it as a replica set (one member is enough)."
            )

    def close(self) -> None:
        self.client.close()


@contextmanager
def translated(transaction: object = None) -> Iterator[None]:
    """Raise `Unavailable` for an error that says the store is out of reach for now.

    Within a transaction nothing is translated: whoever runs it has to know what it is.
    """
    try:
        yield
    except PyMongoError as error:
        if transaction is None and is_transient(error):
            raise Unavailable("The database is out of reach; try again shortly.") from error
        raise


def is_transient(error: PyMongoError) -> bool:
    """Say whether the same operation may succeed later."""
    if isinstance(error, ConnectionFailure) or error.timeout:
        return True
    if isinstance(error, InvalidOperation):
        # Of a node that stops: what is still under way may be done again, elsewhere.
        return "after close" in str(error)
    if any(error.has_error_label(label) for label in TRANSIENT_LABELS):
        return True
    return isinstance(error, OperationFailure) and error.code in TRANSIENT_CODES


def instant(at_ms: int) -> datetime:
    """Give the aware UTC datetime, as MongoDB stores it, of epoch milliseconds."""
    return EPOCH + at_ms * MILLISECOND


def instant_if(at_ms: int | None) -> datetime | None:
    """As `instant`, of what may not have been."""
    return None if at_ms is None else instant(at_ms)


def milliseconds_if(at: datetime | None) -> int | None:
    """As `milliseconds`, of what may not have been."""
    return None if at is None else milliseconds(at)


def milliseconds(at: datetime) -> int:
    """Give the epoch milliseconds of an aware datetime; the inverse of `instant`."""
    return (at - EPOCH) // MILLISECOND
