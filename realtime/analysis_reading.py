"""Reading the answers of an analysis: what was written, and what was said."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from domain.analysis import ATTEMPTS, Analysis, Material
from domain.errors import NotFound
from domain.okr.dashboard import AnswerText
from realtime.advice import AdviceFailed
from storage.mongo.audio import Recordings, Stored
from storage.mongo.transcripts import Transcripts

Progress = Callable[[str, int], None]
"""Takes a word for what is being done, and whole percent of the analysis."""
FROM_PERCENT: Final = 5
EACH_PERCENT: Final = 5


class Transcriber(Protocol):
    """Somebody who writes down what is said."""

    model: str

    async def transcribe(self, stored: Stored, pieces: AsyncGenerator[bytes, None]) -> str:
        """What is said in a recording; empty for silence. Raises AdviceFailed, Unavailable."""

    def close(self) -> None:
        """Open no further connections."""


class Unheard(Exception):
    """Nobody knows what an answer says; the text is the reason as clients are told."""


class Reader:
    """Makes text of answers; what it has heard once, it does not ask for again."""

    def __init__(
        self, recordings: Recordings, transcripts: Transcripts, transcriber: Transcriber | None
    ) -> None:
        """Without a transcriber recordings stay unread."""
        self._recordings = recordings
        self._transcripts = transcripts
        self._transcriber = transcriber

    def close(self) -> None:
        """Let go of connections to the outside."""
        if self._transcriber is not None:
            self._transcriber.close()

    async def read(
        self, analysis: Analysis, progress: Progress, within_s: float
    ) -> tuple[Sequence[AnswerText], Sequence[Mapping[str, Any]]]:
        """The answers as text, and which of them nobody could read, after so long at the latest.

        Raises AdviceFailed, unless it is the last attempt, and Unavailable.
        """
        deadline = asyncio.get_running_loop().time() + within_s
        progress("reading", FROM_PERCENT)
        answers, unread = [], []
        for place, material in enumerate(analysis.materials):
            text = material.answer
            if not text.strip():
                progress("transcribing", FROM_PERCENT + EACH_PERCENT * place)
                try:
                    last = analysis.tries >= ATTEMPTS
                    text = await self._heard(material, deadline, last=last)
                except Unheard as why:
                    about = {"order": material.order, "question_id": material.question_id}
                    unread.append({**about, "reason": str(why)})
            answers.append(
                AnswerText(
                    order=material.order,
                    question_id=material.question_id,
                    prompt=material.prompt,
                    answer=text,
                )
            )
        return answers, unread

    async def _heard(self, material: Material, deadline: float, *, last: bool) -> str:
        """What is said in a recording. Raises Unheard, AdviceFailed, Unavailable."""
        if material.audio_id is None:
            raise Unheard("empty")
        text = await self._transcripts.get(material.audio_id)
        if text is None:
            try:
                async with asyncio.timeout_at(deadline):
                    text = await self._transcribed(material.audio_id)
            except (AdviceFailed, TimeoutError) as failure:
                again = failure.again if isinstance(failure, AdviceFailed) else True
                if again and not last:
                    raise AdviceFailed("transcription", again=True) from failure
                raise Unheard("transcription_failed") from failure
        if not text.strip():
            raise Unheard("silence")
        return text

    async def _transcribed(self, audio_id: str) -> str:
        transcriber = self._transcriber
        if transcriber is None:
            raise Unheard("no_transcription")
        try:
            stored = await self._recordings.stored(audio_id)
        except NotFound:
            raise Unheard("recording_missing") from None
        text = await transcriber.transcribe(stored, self._recordings.read(audio_id))
        await self._transcripts.put(audio_id, text, transcriber.model)
        return text
