"""Recorded answers, to be listened to by whoever knows their address."""

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from domain.audio import CONTENT_TYPES
from domain.errors import NotFound, OutOfRange
from domain.reviews import Audio
from handlers.base import NOTHING_HERE
from handlers.endpoint import Reply, endpoint
from handlers.streaming import Stream, StreamHandler, within
from storage.mongo.audio import NO_RECORDING, Stored

if TYPE_CHECKING:
    from handlers.base import ApiHandler

RANGE: Final = re.compile(r"bytes=(\d{1,15})-(\d{0,15})|bytes=-(\d{1,15})", re.ASCII)
KEPT: Final = "private, max-age=31536000, immutable"


class ReviewAudioHandler(StreamHandler):
    """/media/review/audio/{audio_id}.{kind}"""

    group = "review"

    @endpoint(
        summary="A recorded answer",
        access="open",
        statuses={200: "The recording.", 206: "The part that Range names.", 416: "No such part."},
    )
    async def get(self, *, audio_id: str, kind: str) -> Stream:
        stored = await self._stored(audio_id, kind)
        asked = self._asked(stored)
        start, length = asked or (0, stored.size_bytes)
        if not length:
            raise OutOfRange(stored.size_bytes)
        streams = self.services.streams
        chunks = self.services.recorder.recordings.read(audio_id, start=start, length=length)
        whole = asked is None
        return Stream(
            chunks=within(streams.recordings.hold(self.party, self.network), streams.turn, chunks),
            content_type=CONTENT_TYPES[stored.kind],
            filename=f"answer.{stored.kind}",
            cache=KEPT,
            status=HTTPStatus.OK if whole else HTTPStatus.PARTIAL_CONTENT,
            headers=_headers(stored) | _extent(stored, start, length, whole=whole),
        )

    @endpoint(summary="What a recorded answer is", access="open")
    async def head(self, *, audio_id: str, kind: str) -> Reply:
        stored = await self._stored(audio_id, kind)
        headers = {
            "Content-Type": CONTENT_TYPES[stored.kind],
            "Content-Length": str(stored.size_bytes),
            "Cache-Control": KEPT,
        }
        return Reply(b"", headers=_headers(stored) | headers)

    async def _stored(self, audio_id: str, kind: str) -> Stored:
        stored = await self.services.recorder.recordings.stored(audio_id)
        if stored.kind != kind:
            raise NotFound(NOTHING_HERE)
        try:
            await self.services.reviews.get(stored.review_id, self.asker)
        except NotFound:
            # In the same words as for one that is not there.
            raise NotFound(NO_RECORDING) from None
        return stored

    def _asked(self, stored: Stored) -> tuple[int, int] | None:
        """Which part is asked for, as start and length; of length 0 where there is none such.

        None stands for the whole: also where several parts are asked for at once, or what is no
        range of bytes, as RFC 9110 allows.
        """
        size = stored.size_bytes
        match = RANGE.fullmatch(self.request.headers.get("Range", ""))
        condition = self.request.headers.get("If-Range")
        if match is None or condition not in (None, _tag(stored)):
            return None
        first, last, ending = match.groups()
        if ending is not None:
            length = min(int(ending), size)
            return size - length, length
        start, end = int(first), min(int(last) if last else size - 1, size - 1)
        if last and int(last) < start:
            return None
        return start, max(0, end - start + 1)


def audio_url(handler: "ApiHandler", audio: Audio) -> str:
    """Where the recording can be listened to.

    Behind the public address of the service, if that is known. In production the Host of a
    request is not taken for it: whoever sends the request chooses it.
    """
    settings, request = handler.services.settings, handler.request
    base = settings.public_url or ""
    if not base and settings.env == "development":
        base = f"{request.protocol}://{request.host}"
    return f"{base.rstrip('/')}/media/review/audio/{audio.id}.{audio.kind}"


def _tag(stored: Stored) -> str:
    return f'"{stored.id}"'


def _headers(stored: Stored) -> dict[str, str]:
    return {"Accept-Ranges": "bytes", "ETag": _tag(stored)}


def _extent(stored: Stored, start: int, length: int, *, whole: bool) -> dict[str, str]:
    told = {"Content-Length": str(length)}
    if whole:
        return told
    return told | {"Content-Range": f"bytes {start}-{start + length - 1}/{stored.size_bytes}"}


ROUTES = (
    (
        r"/media/review/audio/(?P<audio_id>[A-Za-z0-9_-]{32})\.(?P<kind>[a-z0-9]{3,4})",
        ReviewAudioHandler,
    ),
)
