"""Recorded answers on their way in: recognised, bounded, stored while they arrive."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from domain.audio import HEAD_BYTES, Kind, Recording, sniffed
from domain.errors import Conflict, InvalidInput, NoRoom, NotFound, TooLarge, Unavailable
from domain.instants import MINUTE_MS
from domain.reviews import Audio
from domain.text import counted, refused
from storage.audio.probe import NotAudio, ProbeFailed
from storage.mongo.audio import GIVEN_UP, Recordings, Upload
from storage.mongo.queues import Queues

log = structlog.get_logger(__name__)

FIELD: Final = "audio_file"
KNOWN: Final = "wav, mp3, m4a or mp4, ogg, webm, flac, aac"
ID_BYTES: Final = 24
WRITTEN_TIMES: Final = 3
"""About so much more than what is stored is written, with journal and oplog."""
LOOKS: Final = 2
"""Recordings that a node looks into at the same time."""
LOOKS_WAITING: Final = 8
"""Recordings of one party that may wait for that."""
LOOK_WAIT_S: Final = 60.0
"""How long a recording waits for that."""
SWEEP_MARGIN_MS: Final = 2 * MINUTE_MS
"""So long after an upload must have ended, its recording has been examined and claimed too."""

Probe = Callable[..., Awaitable[Recording]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioLimits:
    """How large and how long a recording may be, and how long its upload."""

    max_bytes: int
    max_ms: int
    upload_ms: int
    room_bytes: int
    """So much of the disk stays free."""


class Recorder:
    """Takes recordings in, and removes what nobody has claimed."""

    def __init__(
        self, recordings: Recordings, probe: Probe, limits: AudioLimits, clock: Callable[[], int]
    ) -> None:
        """`clock` is in ms."""
        self.recordings = recordings
        self.limits = limits
        self._probe = probe
        self._clock = clock
        self._looks = asyncio.Semaphore(LOOKS)
        self._queues = Queues(LOOKS_WAITING)

    async def require_room(self, uploads: int) -> None:
        """Raise NoRoom where the disk is nearly full; so many uploads are going on already."""
        free = await self.recordings.free_bytes()
        needed = self.limits.room_bytes + uploads * self.limits.max_bytes * WRITTEN_TIMES
        if free is not None and free < needed:
            log.error("no room for recordings", free_bytes=free)
            raise NoRoom("There is no room for recordings now; text is still taken.")

    def take(self, review_id: str, party: str) -> "Take":
        """Begin to take in a recording of a party, of whose recordings one is examined at a time."""
        return Take(self, review_id, party)

    async def look(self, audio_id: str, kind: Kind, party: str) -> Recording:
        """What the stored bytes really are. Raises InvalidInput."""
        try:
            async with self._queues.turn(party), self._look_turn():
                found = await self._probe(
                    self.recordings.read(audio_id), expected=kind, max_bytes=self.limits.max_bytes
                )
        except NotAudio as fault:
            log.info("recording refused", kind=kind, reason=str(fault))
            raise refused(FIELD, "Not a recording that can be played.") from fault
        except ProbeFailed as fault:
            log.warning("recording not examined", kind=kind, reason=str(fault))
            raise refused(FIELD, "This recording cannot be examined.") from fault
        except NotFound as fault:
            raise Conflict(GIVEN_UP) from fault
        if found.duration_ms > self.limits.max_ms:
            raise refused(FIELD, f"Longer than {told_span(self.limits.max_ms)}.")
        return found

    @asynccontextmanager
    async def _look_turn(self) -> AsyncIterator[None]:
        """Wait for a turn to look into a recording. Raises Unavailable if too many do."""
        try:
            await asyncio.wait_for(self._looks.acquire(), LOOK_WAIT_S)
        except TimeoutError as error:
            raise Unavailable("Too many recordings are examined now; send it again.") from error
        try:
            yield
        finally:
            self._looks.release()

    async def sweep(self) -> None:
        """Remove what uploads have left behind that must be over by now. Raises Unavailable."""
        over = self._clock() - self.limits.upload_ms - SWEEP_MARGIN_MS
        swept = await self.recordings.sweep(over)
        if swept:
            log.warning("recordings swept that no answer has claimed", count=swept)


def told_span(span_ms: int) -> str:
    """A span of time in words: whole minutes where it has some, else seconds."""
    minutes, rest_ms = divmod(span_ms, MINUTE_MS)
    return counted(span_ms // 1000, "second") if rest_ms else counted(minutes, "minute")


class Take:
    """One recording that comes in."""

    def __init__(self, recorder: Recorder, review_id: str, party: str) -> None:
        self._recorder = recorder
        self._review_id = review_id
        self._party = party
        self._audio_id = secrets.token_urlsafe(ID_BYTES)
        self._kind: Kind | None = None
        self._head = b""
        self._size_bytes = 0
        self._digest = hashlib.sha256()
        self._upload: Upload | None = None
        # A client may hang up while a piece is on its way to the store.
        self._turn = asyncio.Lock()

    @property
    def digest(self) -> str:
        """Fingerprint of what has come in."""
        return self._digest.hexdigest()

    async def write(self, data: bytes) -> None:
        """Take some more of it. Raises InvalidInput, TooLarge, Unavailable."""
        self._size_bytes += len(data)
        if self._size_bytes > self._recorder.limits.max_bytes:
            raise TooLarge(f"The recording is longer than {self._recorder.limits.max_bytes} bytes.")
        self._digest.update(data)
        async with self._turn:
            if self._upload is not None:
                await self._upload.write(data)
                return
            self._head += data
            if len(self._head) >= HEAD_BYTES:
                await self._begin()

    async def finish(self) -> Audio:
        """Store and examine it. Raises InvalidInput, Unavailable."""
        async with self._turn:
            if self._upload is None:
                await self._begin()
            assert self._upload is not None
            assert self._kind is not None
            await self._upload.finish()
        found = await self._recorder.look(self._audio_id, self._kind, self._party)
        return Audio(
            id=self._audio_id,
            kind=found.kind,
            size_bytes=self._size_bytes,
            duration_ms=found.duration_ms,
        )

    async def discard(self) -> None:
        """Leave nothing of it behind, unless an answer has it.

        What MongoDB cannot forget now, the sweeper will.
        """
        async with self._turn:
            if self._upload is None:
                return
            try:
                await self._recorder.recordings.discard(self._audio_id, self._review_id)
            except Unavailable as error:
                log.warning("recording left to the sweeper", reason=error.reason)

    async def _begin(self) -> None:
        self._kind = sniffed(self._head)
        if self._kind is None:
            raise InvalidInput("Not a recording of a known format.", {FIELD: [f"Send {KNOWN}."]})
        recordings = self._recorder.recordings
        self._upload = await recordings.begin(self._audio_id, self._review_id, self._kind)
        head, self._head = self._head, b""
        await self._upload.write(head)
