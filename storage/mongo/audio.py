"""Recordings in GridFS. Each belongs to an answer, or to an upload that is still going on.

An upload is written down before its first byte is stored, and crossed out by the very
transaction that makes the recording part of an answer. Whatever is found written down long after
it began was left behind, by a client that hung up or a node that died, and is swept away.

The documents are those of the GridFS specification, and any driver reads them. The driver's own
streams are not used, because they hold up to 16 MB of a file at a time, in both directions.
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Final

from pymongo import ASCENDING

from domain.audio import Kind
from domain.errors import Conflict, NotFound, Unavailable
from storage.mongo.catalogue import Collection
from storage.mongo.client import Database, Document, instant, translated
from storage.mongo.transactions import Transaction

BUCKET: Final = "audio"
CHUNK_BYTES: Final = 255 * 1024
READ_AHEAD: Final = 2
"""So many chunks are asked for at a time."""
SWEPT_AT_ONCE: Final = 50
NO_RECORDING: Final = "There is no such recording."
GIVEN_UP: Final = "The upload took too long and was given up; send it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A recording that can be listened to."""

    id: str
    review_id: str
    kind: Kind
    size_bytes: int


class Recordings:
    """The bucket `audio`, and the collection `uploads`. Raises Unavailable without MongoDB."""

    def __init__(self, db: Database, clock: Callable[[], int]) -> None:
        """`clock` is in ms."""
        self._db = db
        self._uploads = db["uploads"]
        self._files = db[f"{BUCKET}.files"]
        self._chunks = db[f"{BUCKET}.chunks"]
        self._clock = clock

    async def begin(self, audio_id: str, review_id: str, kind: Kind) -> "Upload":
        """Write down that an upload begins, under an id that nobody had."""
        began = instant(self._clock())
        with translated():
            await self._uploads.insert_one(
                {"_id": audio_id, "review_id": review_id, "began_at": began}
            )
        file = {
            "_id": audio_id,
            "filename": audio_id,
            "chunkSize": CHUNK_BYTES,
            "uploadDate": began,
            "metadata": {"kind": kind, "review_id": review_id},
        }
        return Upload(self._files, self._chunks, file)

    async def stored(self, audio_id: str) -> Stored:
        """What is known of a recording that belongs to an answer. Raises NotFound."""
        with translated():
            found = await self._files.find_one({"_id": audio_id})
            going_on = await self._uploads.find_one({"_id": audio_id}, {"_id": 1})
        if found is None or going_on is not None:
            raise NotFound(NO_RECORDING)
        about = found["metadata"]
        return Stored(
            id=audio_id,
            review_id=about["review_id"],
            kind=about["kind"],
            size_bytes=found["length"],
        )

    async def read(
        self, audio_id: str, *, start: int = 0, length: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """The bytes from `start` on, a piece at a time. Raises NotFound, Unavailable."""
        with translated():
            file = await self._files.find_one({"_id": audio_id})
        if file is None:
            raise NotFound(NO_RECORDING)
        left = file["length"] - start if length is None else length
        number, skipped = divmod(start, file["chunkSize"])
        query = {"files_id": audio_id, "n": {"$gte": number}}
        cursor = self._chunks.find(query).sort("n", ASCENDING).batch_size(READ_AHEAD)
        try:
            while left > 0:
                with translated():
                    chunk = await anext(cursor, None)
                if chunk is None or chunk["n"] != number:
                    raise Unavailable("A part of the recording is missing.")
                piece = bytes(chunk["data"][skipped : skipped + left])
                number, skipped, left = number + 1, 0, left - len(piece)
                yield piece
        finally:
            await cursor.close()

    async def give_up(self, audio_id: str) -> bool:
        """Forget an upload and what is stored of it, unless an answer has it; if it was there.

        Harmless when repeated, and at any moment: whoever comes first, it or the answer, wins.
        """
        with translated():
            # From here on no answer can claim it, however late its upload ends.
            marked = await self._uploads.update_one({"_id": audio_id}, {"$set": {"swept": True}})
            if not marked.matched_count:
                return False
            await self._remove(audio_id)
            await self._uploads.delete_one({"_id": audio_id})
        return True

    async def discard(self, audio_id: str, review_id: str) -> None:
        """Leave nothing of it, unless the review has it: also of one that was swept before."""
        if await self.give_up(audio_id):
            return
        with translated():
            kept = {"_id": review_id, "answers.audio.id": audio_id}
            if await self._db["reviews"].find_one(kept, {"_id": 1}) is None:
                await self._remove(audio_id)

    async def _remove(self, audio_id: str) -> None:
        await self._files.delete_one({"_id": audio_id})
        await self._chunks.delete_many({"files_id": audio_id})

    async def sweep(self, began_before: int) -> int:
        """Give up what uploads that began before, ms, have left behind; how many there were."""
        old = {"began_at": {"$lt": instant(began_before)}}
        with translated():
            cursor = self._uploads.find(old, {"_id": 1}).sort("began_at", ASCENDING)
            found = await cursor.to_list(SWEPT_AT_ONCE)
        return sum([await self.give_up(one["_id"]) for one in found])

    async def free_bytes(self) -> int | None:
        """Room on the disk that MongoDB writes to; None where it does not say."""
        with translated():
            stats = await self._db.command("dbStats")
        total, used = stats.get("fsTotalSize"), stats.get("fsUsedSize")
        return None if not total or used is None else int(total - used)


class Upload:
    """A recording that is being stored."""

    def __init__(self, files: Collection, chunks: Collection, file: Document) -> None:
        self.audio_id = str(file["_id"])
        self._files = files
        self._chunks = chunks
        self._file = file
        self._rest = bytearray()
        self._number = 0

    async def write(self, data: bytes) -> None:
        """Store some more of it."""
        self._rest += data
        while len(self._rest) >= CHUNK_BYTES:
            await self._store(bytes(self._rest[:CHUNK_BYTES]))
            del self._rest[:CHUNK_BYTES]

    async def finish(self) -> None:
        """Store the rest; it can be read from now on, and is swept if no answer claims it."""
        length = self._number * CHUNK_BYTES + len(self._rest)
        if self._rest:
            await self._store(bytes(self._rest))
        with translated():
            await self._files.insert_one({**self._file, "length": length})

    async def _store(self, data: bytes) -> None:
        chunk = {"files_id": self.audio_id, "n": self._number, "data": data}
        with translated():
            await self._chunks.insert_one(chunk)
        self._number += 1


async def claim(db: Database, audio_id: str, transaction: Transaction) -> None:
    """Cross the upload out, as part of the answer. Raises Conflict if it was given up."""
    result = await db["uploads"].delete_one(
        {"_id": audio_id, "swept": {"$ne": True}}, session=transaction
    )
    if result.deleted_count == 0:
        raise Conflict(GIVEN_UP)
