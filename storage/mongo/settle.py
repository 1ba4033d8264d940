"""Settling: an ended session, its ledger entry and the user's totals, in one transaction.

The ledger entry comes first and its `_id` is the session's: whoever inserts it
settles the session, everybody else finds that it is done. So a session is
credited exactly once, however often and by however many nodes it is applied.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from bson.errors import BSONError
from pymongo import ReturnDocument
from pymongo.errors import DocumentTooLarge, DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from domain.errors import Unavailable
from domain.levels import life_level
from domain.session import Session
from storage.mongo.client import Document, Mongo, instant
from storage.mongo.records import live_document
from storage.mongo.users import newcomer

TIMEOUT_S: Final = 5.0
MAJORITY: Final = WriteConcern("majority", j=True)
SNAPSHOT: Final = ReadConcern("snapshot")
REFUSED_CODES: Final = frozenset(
    {
        2,  # BadValue
        14,  # TypeMismatch
        52,  # DollarPrefixedFieldName
        57,  # DottedFieldName
        121,  # DocumentValidationFailure
        10334,  # BSONObjectTooLarge
        17280,  # KeyTooLong
    }
)


class DocumentRefused(RuntimeError):
    """MongoDB will not take this document, however often it is tried."""


class Ledger:
    """The only writer of XP."""

    def __init__(
        self, mongo: Mongo, clock: Callable[[], int], *, timeout_s: float = TIMEOUT_S
    ) -> None:
        """Take the deployment (its transactions are needed) and a clock of epoch milliseconds.

        `timeout_s` bounds one transaction; the driver alone would try for two minutes.
        """
        self._timeout_s = timeout_s
        self._client = mongo.client
        self._db = mongo.db
        self._clock = clock

    async def settle(self, session: Session) -> bool:
        """Settle an ended live session; False if it was settled before.

        Raises Unavailable while MongoDB is out of reach, and DocumentRefused.
        """
        return await self.credit(live_document(session))

    async def credit(self, document: Document) -> bool:
        """Store a finished session's document and credit its XP; False if that was done before.

        Raises as `settle`.
        """
        document = document | {"updated_at": instant(self._clock())}
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                await self._client.start_session() as transaction,
            ):
                await transaction.with_transaction(
                    lambda inner: self._apply(document, inner),
                    read_concern=SNAPSHOT,
                    write_concern=MAJORITY,
                )
        except TimeoutError as error:
            raise Unavailable("the database takes too long; try again shortly") from error
        except DuplicateKeyError as error:
            if _is_ledger(error):
                return False
            raise Unavailable("two writers met at one user; try again shortly") from error
        except (PyMongoError, BSONError, OverflowError) as error:
            if _is_the_documents_fault(error):
                raise DocumentRefused(f"{type(error).__name__}: {error}") from error
            # A missing permission or a wrong deployment is mended by an operator: XP can wait.
            raise Unavailable(f"the database does not accept writes: {error}") from error
        return True

    async def _apply(self, document: Document, transaction: Any) -> None:
        at = document["updated_at"]
        xp = {name: document[name] for name in document if name.startswith("xp_")}
        entry = {
            "_id": document["_id"],
            "user_id": document["user_id"],
            "kind": document["kind"],
            "source": document["source"],
            "earned_at": document["ended_at"],
            "created_at": at,
            **xp,
        }
        await self._db.ledger.insert_one(entry, session=transaction)
        created = {"created_at": document.get("created_at", at)}
        await self._db.sessions.update_one(
            {"_id": document["_id"]},
            {
                "$set": {k: v for k, v in document.items() if k not in ("_id", "created_at")},
                "$setOnInsert": created,
            },
            upsert=True,
            session=transaction,
        )
        await self._add_to_user(document, xp, transaction)

    async def _add_to_user(self, document: Document, xp: dict[str, int], transaction: Any) -> None:
        added = dict(xp) | {"sessions_completed": int(document["status"] == "completed")}
        first = {
            name: value
            for name, value in newcomer(document["updated_at"]).items()
            if name not in added and name not in ("updated_at", "life_level")
        }
        user = await self._db.users.find_one_and_update(
            {"_id": document["user_id"]},
            {
                "$inc": added,
                "$set": {"updated_at": document["updated_at"]},
                "$setOnInsert": first,
            },
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=transaction,
        )
        level = life_level(user["xp_total"])
        if user.get("life_level") != level:
            await self._db.users.update_one(
                {"_id": document["user_id"]}, {"$set": {"life_level": level}}, session=transaction
            )


def _is_the_documents_fault(error: Exception) -> bool:
    """Whether another try could only fail the same way."""
    if isinstance(error, OperationFailure):
        return error.code in REFUSED_CODES
    return not isinstance(error, PyMongoError) or isinstance(error, DocumentTooLarge)


def _is_ledger(error: DuplicateKeyError) -> bool:
    """Whether the duplicate is the ledger entry, and not a user inserted at the same moment."""
    return ".ledger " in str((error.details or {}).get("errmsg", error))
