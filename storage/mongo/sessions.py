"""Sessions in MongoDB: the finished ones, and those that an external store keeps."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from pymongo.errors import DuplicateKeyError

from domain.errors import NotFound
from storage.mongo.client import Database, Document, instant, translated

Source = Literal["live", "external"]


class Sessions:
    """The collections `sessions` and `session_ids`; raises Unavailable while MongoDB is away."""

    def __init__(self, db: Database, clock: Callable[[], int]) -> None:
        """Take the database and a clock of epoch milliseconds."""
        self._sessions = db["sessions"]
        self._ids = db["session_ids"]
        self._clock = clock

    async def get(self, session_id: str, user_id: str | None = None) -> Document | None:
        """The session's document; with a user, only if it is theirs."""
        query = {"_id": session_id} | ({} if user_id is None else {"user_id": user_id})
        with translated():
            return await self._sessions.find_one(query)

    async def require(self, session_id: str, user_id: str | None = None) -> Document:
        """As `get`. Raises NotFound where that gives None."""
        document = await self.get(session_id, user_id)
        if document is None:
            raise NotFound("there is no such session")
        return document

    async def rate(self, session_id: str, user_id: str, rating: Mapping[str, str | int]) -> bool:
        """Keep what the user says of their completed session; False if there is none yet."""
        mine = {"_id": session_id, "user_id": user_id, "status": "completed"}
        told = {f"context.{name}": value for name, value in rating.items()}
        with translated():
            result = await self._sessions.update_one(mine, {"$set": told})
        return bool(result.matched_count)

    async def claim(self, session_id: str, user_id: str | None, source: Source) -> bool:
        """Reserve an id; False if it is somebody else's or of the other source.

        Without a user it is kept for whoever turns out to own the external session.

        Live sessions of one user and finished ones share one space of ids with those
        of everybody else, because the ledger credits each id once.
        """
        claim = {
            "_id": session_id,
            "user_id": user_id,
            "source": source,
            "claimed_at": instant(self._clock()),
        }
        try:
            with translated():
                await self._ids.insert_one(claim)
        except DuplicateKeyError:
            mine = {"_id": session_id, "source": source, "user_id": {"$in": [user_id, None]}}
            with translated():
                known = await self._ids.find_one_and_update(mine, {"$set": {"user_id": user_id}})
            return known is not None
        return True

    async def bind(self, key: str, session_id: str) -> str:
        """Let the key stand for a session, if it does not yet; returns the one it stands for."""
        bond = {"_id": f"key:{key}", "session_id": session_id}
        try:
            with translated():
                await self._ids.insert_one(bond | {"claimed_at": instant(self._clock())})
        except DuplicateKeyError:
            with translated():
                known = await self._ids.find_one({"_id": bond["_id"]})
            return session_id if known is None else str(known["session_id"])
        return session_id

    async def rebind(self, key: str, before: str, session_id: str) -> None:
        """Let the key stand for another session, unless it stands for a third one by now."""
        mine = {"_id": f"key:{key}", "session_id": before}
        with translated():
            await self._ids.update_one(mine, {"$set": {"session_id": session_id}})

    async def bound(self, key: str) -> str | None:
        """The session that the key stands for."""
        with translated():
            known = await self._ids.find_one({"_id": f"key:{key}"})
        return None if known is None else str(known["session_id"])

    async def claimed_by(self, session_id: str) -> Document | None:
        """Who reserved the id, and for which source; None if nobody did."""
        with translated():
            return await self._ids.find_one({"_id": session_id})

    async def register_external(
        self, session_id: str, user_id: str, told: Mapping[str, Any]
    ) -> Document:
        """Note the start of a session that an external store runs; repeats change nothing."""
        now = instant(self._clock())
        fresh = {
            "kind": "xp",
            "source": "external",
            "user_id": user_id,
            "status": "active",
            "goal_id": told.get("goal_id"),
            "activity_id": told.get("activity_id"),
            "device_platform": told.get("device_platform"),
            "started_at": instant(told.get("started_at", self._clock())),
            "xp_total": 0,
            "created_at": now,
            "updated_at": now,
        }
        with translated():
            # An end that overtook its start left these open; nothing that is set is overwritten.
            document = await self._sessions.find_one_and_update(
                {"_id": session_id},
                [{"$set": {k: {"$ifNull": [f"${k}", {"$literal": v}]} for k, v in fresh.items()}}],
                upsert=True,
                return_document=True,
            )
        assert document is not None
        return document

    async def keep_external(self, document: Document) -> None:
        """Keep the end of a session of which nobody has said whose it is; repeats do nothing."""
        now = instant(self._clock())
        fresh = {name: value for name, value in document.items() if name != "_id"}
        fresh |= {"created_at": now, "updated_at": now}
        try:
            with translated():
                await self._sessions.update_one(
                    {"_id": document["_id"]}, {"$setOnInsert": fresh}, upsert=True
                )
        except DuplicateKeyError:
            return  # Another request kept the same end at the same moment.
