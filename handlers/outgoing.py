"""Requests to servers of others: bounded in time and size, and led nowhere else."""

from collections.abc import Mapping
from ssl import SSLContext
from typing import Final

from tornado.httpclient import HTTPRequest
from tornado.netutil import Resolver
from tornado.simple_httpclient import SimpleAsyncHTTPClient

MAX_BODY_BYTES: Final = 64 * 1024
MAX_HEADER_BYTES: Final = 16 * 1024


def careful_client(max_clients: int, resolver: Resolver | None = None) -> SimpleAsyncHTTPClient:
    """A client that reads short answers only; `resolver` decides what addresses a name has."""
    # This class and no other: it knows no proxies, and the environment cannot give it any.
    return SimpleAsyncHTTPClient(
        force_instance=True,
        max_clients=max_clients,
        max_body_size=MAX_BODY_BYTES,
        max_buffer_size=MAX_BODY_BYTES,
        max_header_size=MAX_HEADER_BYTES,
        resolver=resolver,
    )


def careful_post(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    connect_s: float,
    within_s: float,
    trust: SSLContext | None = None,
) -> HTTPRequest:
    """A POST that follows no redirect; `trust` takes the place of the system's authorities."""
    return HTTPRequest(
        url,
        "POST",
        dict(headers),
        body,
        connect_timeout=connect_s,
        request_timeout=within_s,
        follow_redirects=False,
        validate_cert=True,
        ssl_options=trust,
        # What is packed may be small here and huge unpacked.
        decompress_response=False,
        user_agent="sessiond",
    )
