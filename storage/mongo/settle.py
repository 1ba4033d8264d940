"""Settling: an ended session, its ledger entry, the user's totals and days, in one transaction.

The ledger entry comes first and its `_id` is the session's: whoever inserts it
settles the session, everybody else finds that it is done. So a session is
credited exactly once, however often and by however many nodes it is applied.
Voiding goes the same way, with an entry of its own that takes everything back.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bson.errors import BSONError
from pymongo.errors import DocumentTooLarge, DuplicateKeyError, OperationFailure, PyMongoError

from domain.booking import AMOUNTS, COUNTED_KINDS, booked, inverse, require_voidable, void_id
from domain.errors import NotFound, Unavailable
from domain.notices import Notice, session_ended
from domain.session import BY_ITSELF, Session
from storage.mongo.absentees import notify
from storage.mongo.client import Document, Mongo, instant, milliseconds
from storage.mongo.focus_booking import book_focus, unbook_focus
from storage.mongo.postings import add_to_days, add_to_user, shares_of
from storage.mongo.records import live_document, timeline_document, with_times
from storage.mongo.transactions import Transaction, Transactions, Work
from storage.mongo.users import calendar_of

TIMEOUT_S: Final = 5.0
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
        self._transactions = Transactions(mongo, timeout_s)
        self._db = mongo.db
        self._clock = clock

    async def settle(self, session: Session, events: Sequence[Mapping[str, Any]] = ()) -> bool:
        """Settle an ended live session with the events that are kept of it, in order.

        Returns False if it was settled before. Raises Unavailable while MongoDB is out of
        reach, and DocumentRefused.
        """
        return await self.credit(live_document(session, events), timeline_document(session, events))

    async def credit(self, document: Document, timeline: Document | None = None) -> bool:
        """Store a finished session's document and credit its XP; False if that was done before.

        Raises as `settle`.
        """
        document = document | {"updated_at": instant(self._clock())}
        return await self._once(lambda inner: self._book(document, timeline, inner))

    async def void(self, session_id: str, user_id: str) -> bool:
        """Undo a completed session by an entry that is its inverse; False if that was done.

        The session keeps its record, with status `voided`; it counts for nothing any more.
        Raises NotFound for a session that is not in the books as the user's, WrongState for
        one that did not complete or whose time for it is over, and as `settle`.
        """
        return await self._once(lambda inner: self._undo(session_id, user_id, inner))

    async def _once(self, book: Work) -> bool:
        """Do in one transaction what inserts a ledger entry; False if that is there."""
        try:
            await self._transactions.run(book)
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

    async def _book(
        self, document: Document, timeline: Document | None, transaction: Transaction
    ) -> None:
        at, user_id = document["updated_at"], document["user_id"]
        if document["source"] == "external":
            # The start, if it came before the end, told when it began and what it was about.
            known = await self._db.sessions.find_one({"_id": document["_id"]}, session=transaction)
            document = with_times({**(known or {}), **document})
        entry = _entry(document, at)
        amounts = {name: entry[name] for name in AMOUNTS}
        await self._db.ledger.insert_one(entry, session=transaction)
        user = await self._db.users.find_one({"_id": user_id}, session=transaction)
        counts = document["status"] == "completed" and document["kind"] in COUNTED_KINDS
        events = timeline["events"] if timeline else ()
        shares = shares_of(calendar_of(user), document, events) if counts else []
        changed = {k: v for k, v in document.items() if k not in ("_id", "created_at")}
        await self._db.sessions.update_one(
            {"_id": document["_id"]},
            {
                "$set": changed | {"days": shares},
                "$setOnInsert": {"created_at": document.get("created_at", at)},
            },
            upsert=True,
            session=transaction,
        )
        if timeline is not None:
            await self._db.timelines.replace_one(
                {"_id": timeline["_id"]}, timeline, upsert=True, session=transaction
            )
        await add_to_days(self._db, user_id, shares, sign=1, transaction=transaction)
        await add_to_user(self._db, user_id, amounts, int(counts), at, transaction)
        by_itself = document.get("completed_reason") in BY_ITSELF
        if counts and by_itself and document["source"] == "live":
            notice = _ended(document)
            await notify(self._db, user_id, [notice], cause="end", transaction=transaction)
        if counts and document["kind"] == "focus":
            await book_focus(self._db, document, calendar_of(user), self._clock(), transaction)

    async def _undo(self, session_id: str, user_id: str, transaction: Transaction) -> None:
        now = self._clock()
        mine = {"_id": session_id, "user_id": user_id}
        document = await self._db.sessions.find_one(mine, session=transaction)
        entry = await self._db.ledger.find_one(mine, session=transaction)
        if document is None or entry is None:
            raise NotFound("there is no such session")
        if document["status"] != "voided":
            # A clock elsewhere may have been ahead when it told the end.
            ended = min(document["ended_at"], entry["created_at"])
            require_voidable(document["status"], milliseconds(ended), now)
        taken = inverse(entry)
        at = instant(now)
        undone = {"_id": void_id(session_id), "voids": session_id, "created_at": at, **taken}
        await self._db.ledger.insert_one(entry | undone, session=transaction)
        await self._db.sessions.update_one(
            mine,
            {"$set": {"status": "voided", "voided_at": at, "updated_at": at}},
            session=transaction,
        )
        shares = document.get("days", [])
        await add_to_days(self._db, user_id, shares, sign=-1, transaction=transaction)
        counted = -1 if document["kind"] in COUNTED_KINDS else 0
        await add_to_user(self._db, user_id, taken, counted, at, transaction)
        if document["kind"] == "focus":
            user = await self._db.users.find_one({"_id": user_id}, session=transaction)
            await unbook_focus(self._db, document, calendar_of(user), now, transaction)


def _ended(document: Document) -> Notice:
    """For who may have no page open."""
    context = document["context"]
    return session_ended(
        user_id=document["user_id"],
        session_id=document["_id"],
        about=str(context.get("task_description") or ""),
        focused_ms=document["active_ms" if document["kind"] == "focus" else "focused_ms"],
        at=milliseconds(document["ended_at"]),
    )


def _entry(document: Document, at: datetime) -> Document:
    return {
        "_id": document["_id"],
        "user_id": document["user_id"],
        "kind": document["kind"],
        "source": document["source"],
        "earned_at": document["ended_at"],
        "created_at": at,
        **booked(document),
    }


def _is_the_documents_fault(error: Exception) -> bool:
    """Whether another try could only fail the same way."""
    if isinstance(error, OperationFailure):
        return error.code in REFUSED_CODES
    return not isinstance(error, PyMongoError) or isinstance(error, DocumentTooLarge)


def _is_ledger(error: DuplicateKeyError) -> bool:
    """Whether the duplicate is the ledger entry, and not a user inserted at the same moment."""
    return ".ledger " in str((error.details or {}).get("errmsg", error))
