"""A language model behind an OpenAI-compatible chat endpoint.

What it is shown is data in JSON, what it says is the word of a stranger: data as well, and
only after a strict schema. Neither is logged.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from marshmallow import Schema, ValidationError
from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPInputError
from tornado.iostream import UnsatisfiableReadError
from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError

from domain.errors import InvalidInput
from handlers import strict_json
from handlers.outgoing import careful_client, careful_post
from realtime.advice import AdviceFailed, Unusable

CONNECT_TIMEOUT_S: Final = 1.0
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
    members: Mapping[str, str]
    """The members of the answer, all required, with the types of JSON Schema."""
    schema: Schema
    """What the answer has to pass."""

    @property
    def answer_format(self) -> dict[str, Any]:
        """The form that the model is to keep to."""
        return {
            "type": "json_schema",
            "json_schema": {
                "name": self.name,
                "strict": True,
                "schema": {
                    "type": "object",
                    "properties": {name: {"type": kind} for name, kind in self.members.items()},
                    "required": [*self.members],
                    "additionalProperties": False,
                },
            },
        }


class Chat:
    """Asks the model questions of one sort, once for each call."""

    def __init__(self, endpoint: ChatEndpoint, prompt: Prompt) -> None:
        self._endpoint = endpoint
        self._prompt = prompt
        self._client = careful_client(MAX_CLIENTS)

    @property
    def identity(self) -> str:
        """The model and the version of the question."""
        return f"{self._endpoint.model}\n{self._prompt.version}"

    async def ask(self, data: Mapping[str, Any], within_s: float) -> dict[str, Any]:
        """Ask once; the answer as its schema loads it.

        Raises AdviceFailed, at the latest after `within_s`.
        """
        try:
            response = await self._client.fetch(self._request(data, within_s), raise_error=False)
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
        return self._checked(_content(response))

    def close(self) -> None:
        """Open no further connections."""
        self._client.close()

    def _request(self, data: Mapping[str, Any], within_s: float) -> HTTPRequest:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._endpoint.api_key is not None:
            headers["Authorization"] = f"Bearer {self._endpoint.api_key}"
        return careful_post(
            f"{self._endpoint.url.rstrip('/')}/chat/completions",
            headers,
            json.dumps(self._question(data)).encode(),
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


def _content(response: HTTPResponse) -> str:
    """What the model said. Raises AdviceFailed if there is no such thing."""
    if response.code == HTTPStatus.TOO_MANY_REQUESTS:
        raise AdviceFailed("throttled", again=True)
    if response.code != HTTPStatus.OK:
        if response.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise AdviceFailed("status", again=True)
        raise Unusable("status")
    try:
        content = json.loads(response.body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise Unusable("garbage") from None
    if not isinstance(content, str):
        raise Unusable("garbage")
    return content
