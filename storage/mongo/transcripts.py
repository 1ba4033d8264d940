"""What was said in recordings, so that nobody is asked, or paid, twice. Raises Unavailable."""

from collections.abc import Callable

from storage.mongo.client import Database, instant, translated


class Transcripts:
    """The collection `transcripts`, by the id of the recording."""

    def __init__(self, db: Database, clock: Callable[[], int]) -> None:
        """`clock` is in ms."""
        self._transcripts = db["transcripts"]
        self._clock = clock

    async def get(self, audio_id: str) -> str | None:
        """What was said, if that is known."""
        with translated():
            found = await self._transcripts.find_one({"_id": audio_id})
        return None if found is None else str(found["text"])

    async def put(self, audio_id: str, text: str, model: str) -> None:
        """Keep what a model has heard; the first one counts."""
        document = {"text": text, "model": model, "made_at": instant(self._clock())}
        with translated():
            await self._transcripts.update_one(
                {"_id": audio_id}, {"$setOnInsert": document}, upsert=True
            )
