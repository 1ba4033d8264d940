"""Login families: the chain of refresh tokens that grew from one login."""

from dataclasses import dataclass

from pymongo import ReturnDocument

from storage.mongo.client import Database, Document, instant, milliseconds, translated

RETRY_WINDOW_MS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What a presented refresh token entitles to: the family's present token."""

    user_id: str
    token_id: str
    expires_at_ms: int


class RefreshFamilies:
    """The collection `refresh_families`; raises `Unavailable` while MongoDB is away."""

    def __init__(self, db: Database) -> None:
        self._families = db["refresh_families"]

    async def open(
        self, family: str, *, user_id: str, token_id: str, now_ms: int, expires_at_ms: int
    ) -> None:
        """Start the family of a new login with its first refresh token."""
        document = {
            "_id": family,
            "user_id": user_id,
            "current": token_id,
            "previous": None,
            "rotated_at": instant(now_ms),
            "expires_at": instant(expires_at_ms),
            "revoked": False,
        }
        with translated():
            await self._families.insert_one(document)

    async def rotate(
        self, family: str, presented: str, new: str, *, now_ms: int, expires_at_ms: int
    ) -> Rotation | None:
        """Exchange the presented token for `new`, once; None if the family is dead.

        The token before the present one is answered with the present one for ten seconds,
        because the first reply may have been lost. Any other used token kills the family.
        """
        alive = {"_id": family, "revoked": False, "expires_at": {"$gt": instant(now_ms)}}
        with translated():
            document = await self._families.find_one_and_update(
                {**alive, "current": presented},
                {
                    "$set": {
                        "current": new,
                        "previous": presented,
                        "rotated_at": instant(now_ms),
                        "expires_at": instant(expires_at_ms),
                    }
                },
                return_document=ReturnDocument.AFTER,
            ) or await self._families.find_one(alive)
        if document is None:
            return None
        if document["current"] == new or _is_retry(document, presented, now_ms):
            return _rotation(document)
        await self.revoke(family)
        return None

    async def revoke(self, family: str) -> None:
        """End the family; repeating changes nothing."""
        with translated():
            await self._families.update_one({"_id": family}, {"$set": {"revoked": True}})


def _is_retry(document: Document, presented: str, now_ms: int) -> bool:
    rotated_at = document["rotated_at"]
    return document["previous"] == presented and (
        now_ms - milliseconds(rotated_at) <= RETRY_WINDOW_MS
    )


def _rotation(document: Document) -> Rotation:
    return Rotation(
        user_id=document["user_id"],
        token_id=document["current"],
        expires_at_ms=milliseconds(document["expires_at"]),
    )
