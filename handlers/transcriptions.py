"""What is said in recordings, by an OpenAI-compatible endpoint for transcriptions."""

import json
import secrets
import unicodedata
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Final

from domain.errors import SessionError, Unavailable
from domain.reviews import ANSWER_MAX_CHARS
from handlers.chat import CONNECT_TIMEOUT_S, MAX_CLIENTS, ChatEndpoint, fetched
from handlers.outgoing import careful_client, careful_post
from realtime.advice import AdviceFailed, Unusable
from storage.mongo.audio import Stored

ANSWER_MAX_BYTES: Final = 256 * 1024


class Transcriptions:
    """Sends one recording for each call, a piece at a time."""

    def __init__(self, endpoint: ChatEndpoint, *, within_s: float) -> None:
        """`within_s` bounds one question."""
        self.model = endpoint.model
        self._endpoint = endpoint
        self._within_s = within_s
        self._client = careful_client(MAX_CLIENTS, most_bytes=ANSWER_MAX_BYTES)

    async def transcribe(self, stored: Stored, pieces: AsyncGenerator[bytes, None]) -> str:
        """What is said in the recording; empty for silence. Raises AdviceFailed, Unavailable."""
        boundary = secrets.token_hex(16)
        head, tail = _around(boundary, self.model, f"answer.{stored.kind}")
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(head) + stored.size_bytes + len(tail)),
            "Accept": "application/json",
        }
        if self._endpoint.api_key is not None:
            headers["Authorization"] = f"Bearer {self._endpoint.api_key}"
        broken: list[SessionError] = []

        async def produce(write: Callable[[bytes], Awaitable[None]]) -> None:
            await write(head)
            try:
                async with aclosing(pieces):
                    async for piece in pieces:
                        await write(piece)
            except SessionError as fault:
                broken.append(fault)
                raise
            await write(tail)

        request = careful_post(
            f"{self._endpoint.url.rstrip('/')}/audio/transcriptions",
            headers,
            produce,
            connect_s=CONNECT_TIMEOUT_S,
            within_s=self._within_s,
        )
        try:
            response = await fetched(self._client, request)
        except (AdviceFailed, SessionError):
            if broken:
                # It was not they who failed.
                raise Unavailable("The recording cannot be read now.") from broken[0]
            raise
        return _text(response.body)

    def close(self) -> None:
        """Open no further connections."""
        self._client.close()


def _around(boundary: str, model: str, filename: str) -> tuple[bytes, bytes]:
    """What stands before and after the recording in the form."""
    fields = {"model": model, "response_format": "json"}
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    file = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return "".join([*parts, file]).encode(), f"\r\n--{boundary}--\r\n".encode()


def _text(body: bytes) -> str:
    """The words in the answer, fit to be kept. Raises Unusable."""
    try:
        text = json.loads(body)["text"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise Unusable("garbage") from None
    if not isinstance(text, str):
        raise Unusable("garbage")
    # Joiners, which do not print either, are part of Persian words.
    legible = "".join(
        " " if unicodedata.category(one) in ("Cc", "Cs") and one != "\n" else one for one in text
    )
    return legible.strip()[:ANSWER_MAX_CHARS]
