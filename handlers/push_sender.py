"""Hands messages to push services (RFC 8030), encrypted for one browser (RFC 8291).

Where they go was told by a browser: see `domain.push_endpoints` for what of it is believed,
and `handlers.public_addresses` for where its name may lead. Neither an endpoint nor a key
is ever logged.
"""

from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ssl import SSLContext
from typing import Final

from pywebpush import WebPusher
from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPInputError
from tornado.iostream import UnsatisfiableReadError
from tornado.netutil import Resolver

from domain.instants import EPOCH, MILLISECOND
from domain.push_endpoints import Subscription
from handlers.outgoing import careful_client, careful_post
from handlers.public_addresses import AddressRefused, PublicResolver
from handlers.vapid import Signer
from realtime.notifying import Message, Result, Sent

WITHIN_S: Final = 10.0
MAX_CLIENTS: Final = 320
"""All that may be under way at a time: 16 notices to 20 browsers each."""
RETRY_AFTER_MAX_S: Final = 3600
SUCCESS: Final = range(200, 300)
GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
BUSY: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class PushSender:
    """Sends, once for each call."""

    def __init__(
        self, signer: Signer, resolver: Resolver | None = None, trust: SSLContext | None = None
    ) -> None:
        """Tests bring a resolver and authorities of their own; nothing else may."""
        self._signer = signer
        self._resolver = resolver or PublicResolver()
        self._trust = trust
        self._client = careful_client(MAX_CLIENTS, self._resolver)

    @property
    def public_key(self) -> str:
        return self._signer.public_key

    async def send(self, to: Subscription, message: Message, now: int) -> Sent:
        try:
            response = await self._client.fetch(self._request(to, message, now), raise_error=False)
        except AddressRefused:
            return Sent(Result.REFUSED, detail="not a public address")
        except (
            HTTPClientError,
            HTTPInputError,
            UnsatisfiableReadError,
            OSError,
            ValueError,
        ) as error:
            return Sent(Result.AGAIN, detail=type(error).__name__)
        return _outcome(response, now)

    def close(self) -> None:
        """Open no further connections."""
        self._client.close()
        self._resolver.close()

    def _request(self, to: Subscription, message: Message, now: int) -> HTTPRequest:
        headers = {
            "Authorization": self._signer.header(to.host, now),
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(message.ttl_s),
            "Urgency": message.urgency,
            "Topic": message.topic,
        }
        body = encrypted(to, message.payload)
        return careful_post(
            to.endpoint, headers, body, connect_s=WITHIN_S, within_s=WITHIN_S, trust=self._trust
        )


def encrypted(to: Subscription, data: bytes) -> bytes:
    """The data as only this browser can read it; 0.2 ms, so no thread is worth its while."""
    keys = {"p256dh": to.p256dh, "auth": to.auth}
    pusher = WebPusher({"endpoint": to.endpoint, "keys": keys})
    return bytes(pusher.encode(data, "aes128gcm")["body"])


def _outcome(response: HTTPResponse, now: int) -> Sent:
    detail = str(response.code)
    if response.code in SUCCESS:
        return Sent(Result.DELIVERED, detail=detail)
    if response.code in GONE:
        return Sent(Result.GONE, detail=detail)
    if response.code in BUSY or response.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        pause_s = retry_after_s(response.headers.get("Retry-After", ""), now)
        return Sent(Result.AGAIN, pause_s, detail)
    return Sent(Result.REFUSED, detail=detail)


def retry_after_s(text: str, now: int) -> float:
    """The seconds that a Retry-After asks for, as a number or a date; 0 for anything else."""
    if text.isascii() and text.isdigit():
        # A long run of digits is cut before it is read: int() takes its time with them.
        return min(RETRY_AFTER_MAX_S, int(text[:6]))
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return 0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(RETRY_AFTER_MAX_S, max(0, ((at - EPOCH) // MILLISECOND - now) / 1000))
