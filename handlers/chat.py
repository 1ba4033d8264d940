"""A language model behind an OpenAI-compatible chat endpoint.

What it is shown is data in JSON, what it says is the word of a stranger: data as well, and
only after a strict schema. Neither is logged.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from marshmallow import Schema, ValidationError
from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPInputError
from tornado.iostream import UnsatisfiableReadError
from tornado.simple_httpclient import (
    HTTPStreamClosedError,
    HTTPTimeoutError,
    SimpleAsyncHTTPClient,
)

from domain.errors import InvalidInput
from handlers import strict_json
from handlers.json_forms import form_of
from handlers.outgoing import MAX_BODY_BYTES, careful_client, careful_post
from realtime.advice import AdviceFailed, Unusable

CONNECT_TIMEOUT_S: Final = 1.0
EVENTS: Final = "text/event-stream"
DONE: Final = "[DONE]"
Heard = Callable[[int], None]
MAX_CLIENTS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatEndpoint:
    """Where a model is asked; `url` is the base, as in https://host/v1."""

    url: str
    model: str
    api_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What is the same in all questions of a sort."""

    name: str
    """Of the answer, for the model."""
    version: str
    """Grows with every change of what the model is told or asked."""
    system: str
    schema: Schema
    """What the answer has to pass, and what the model is told of its form."""

    @property
    def answer_format(self) -> dict[str, Any]:
        """The form that the model is to keep to."""
        return {
            "type": "json_schema",
            "json_schema": {
                "name": self.name,
                "strict": True,
                "schema": form_of(self.schema),
            },
        }


class Chat:
    """Asks the model questions of one sort, once for each call."""

    def __init__(
        self, endpoint: ChatEndpoint, prompt: Prompt, *, most_bytes: int = MAX_BODY_BYTES
    ) -> None:
        """`most_bytes` is how long an answer may be, as it is sent."""
        self._endpoint = endpoint
        self._prompt = prompt
        self._most_bytes = most_bytes
        self._client = careful_client(MAX_CLIENTS, most_bytes=most_bytes)

    @property
    def identity(self) -> str:
        """The model and the version of the question."""
        return f"{self._endpoint.model}\n{self._prompt.version}"

    async def ask(
        self, data: Mapping[str, Any], within_s: float, heard: Heard | None = None
    ) -> dict[str, Any]:
        """Ask once; the answer as its schema loads it.

        With `heard` the model answers piece by piece, and `heard` is told how many bytes of it
        there are. Raises AdviceFailed, at the latest after `within_s`.
        """
        body = bytearray()
        request = self._request(data, within_s, streamed=heard is not None)
        if heard is not None:
            request.streaming_callback = _collector(body, heard, self._most_bytes)
        response = await fetched(self._client, request)
        return self._checked(_content(response, bytes(body) or response.body))

    def close(self) -> None:
        """Open no further connections."""
        self._client.close()

    def _request(self, data: Mapping[str, Any], within_s: float, *, streamed: bool) -> HTTPRequest:
        accepted = "text/event-stream, application/json" if streamed else "application/json"
        headers = {"Content-Type": "application/json", "Accept": accepted}
        if self._endpoint.api_key is not None:
            headers["Authorization"] = f"Bearer {self._endpoint.api_key}"
        return careful_post(
            f"{self._endpoint.url.rstrip('/')}/chat/completions",
            headers,
            json.dumps(self._question(data) | ({"stream": True} if streamed else {})).encode(),
            connect_s=min(CONNECT_TIMEOUT_S, within_s),
            within_s=within_s,
        )

    def _question(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "model": self._endpoint.model,
            "messages": [
                {"role": "system", "content": self._prompt.system},
                {"role": "user", "content": json.dumps(data, ensure_ascii=False)},
            ],
            "response_format": self._prompt.answer_format,
        }

    def _checked(self, content: str) -> dict[str, Any]:
        try:
            told = strict_json.parse(content.encode())
            return dict(self._prompt.schema.load(told))  # type: ignore[arg-type]
        except (InvalidInput, ValidationError, ValueError):
            raise Unusable("garbage") from None


def _collector(body: bytearray, heard: Heard, most_bytes: int) -> Callable[[bytes], None]:
    def take(piece: bytes) -> None:
        body.extend(piece)
        if len(body) > most_bytes:
            raise ValueError("the answer does not end")
        heard(len(body))

    return take


async def fetched(client: SimpleAsyncHTTPClient, request: HTTPRequest) -> HTTPResponse:
    """The good answer of a server that models are asked at. Raises AdviceFailed."""
    try:
        response = await client.fetch(request, raise_error=False)
    except HTTPTimeoutError:
        raise AdviceFailed("timeout", again=True) from None
    except UnsatisfiableReadError:
        # Headers beyond all measure: they would be so again.
        raise AdviceFailed("connection") from None
    except HTTPInputError:
        raise Unusable("garbage") from None
    except (HTTPStreamClosedError, HTTPClientError, OSError, ValueError):
        # Without the cause: a chain of tracebacks may tell more than the log should know.
        raise AdviceFailed("connection", again=True) from None
    if response.code == HTTPStatus.TOO_MANY_REQUESTS:
        raise AdviceFailed("throttled", again=True)
    if response.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise AdviceFailed("status", again=True)
    if response.code != HTTPStatus.OK:
        raise Unusable("status")
    return response


def _content(response: HTTPResponse, body: bytes) -> str:
    """What the model said. Raises AdviceFailed if there is no such thing."""
    try:
        if response.headers.get("Content-Type", "").startswith(EVENTS):
            return _said(body)
        content = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise Unusable("garbage") from None
    if not isinstance(content, str):
        raise Unusable("garbage")
    return content


def _said(body: bytes) -> str:
    """The pieces of a streamed answer together. Raises ValueError, LookupError, TypeError."""
    said, ended = [], False
    # Of bytes, whose lines end at line feeds alone: JSON may hold other ends of lines.
    for line in body.splitlines():
        if not line.startswith(b"data:"):
            continue
        told = line.removeprefix(b"data:").strip().decode("utf-8")
        if told == DONE:
            ended = True
            break
        choices = json.loads(told)["choices"]
        delta = choices[0]["delta"] if choices else None
        said.append((delta or {}).get("content") or "")
    if not ended:
        raise ValueError("the answer breaks off")
    return "".join(said)
