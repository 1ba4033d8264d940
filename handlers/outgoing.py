"""Requests to servers of others: bounded in time and size, and led nowhere else."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from ssl import SSLContext
from typing import Any, Final, cast

from tornado.httpclient import HTTPRequest
from tornado.netutil import Resolver
from tornado.simple_httpclient import SimpleAsyncHTTPClient

Producer = Callable[[Callable[[bytes], Awaitable[None]]], Coroutine[Any, Any, None]]
"""Is handed the way to write pieces of a body."""
MAX_BODY_BYTES: Final = 64 * 1024
MAX_HEADER_BYTES: Final = 16 * 1024


def careful_client(
    max_clients: int, resolver: Resolver | None = None, *, most_bytes: int = MAX_BODY_BYTES
) -> SimpleAsyncHTTPClient:
    """A client that reads short answers only; `resolver` decides what addresses a name has."""
    # This class and no other: it knows no proxies, and the environment cannot give it any.
    return SimpleAsyncHTTPClient(
        force_instance=True,
        max_clients=max_clients,
        max_body_size=most_bytes,
        max_buffer_size=most_bytes,
        max_header_size=MAX_HEADER_BYTES,
        resolver=resolver,
    )


def careful_post(
    url: str,
    headers: Mapping[str, str],
    body: bytes | Producer,
    *,
    connect_s: float,
    within_s: float,
    trust: SSLContext | None = None,
) -> HTTPRequest:
    """A POST that follows no redirect; `trust` takes the place of the system's authorities.

    A body that is produced while it is sent needs a Content-Length among the headers.
    """
    return HTTPRequest(
        url,
        "POST",
        dict(headers),
        body=body if isinstance(body, bytes) else None,
        body_producer=None if isinstance(body, bytes) else cast(Any, body),
        connect_timeout=connect_s,
        request_timeout=within_s,
        follow_redirects=False,
        validate_cert=True,
        ssl_options=trust,
        # What is packed may be small here and huge unpacked.
        decompress_response=False,
        user_agent="sessiond",
    )
