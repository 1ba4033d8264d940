"""What a request brings to say who is asking, and whether its page may ask that."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tornado.httputil import HTTPServerRequest

from domain.errors import Forbidden, NotAuthenticated

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,8192})", re.ASCII | re.IGNORECASE)
COOKIE = "access"


@dataclass(frozen=True, slots=True)
class Credential:
    """A token as it came; a browser sends a cookie by itself, so that one needs a known Origin."""

    token: str
    from_cookie: bool


def presented(request: HTTPServerRequest) -> Credential | None:
    """Return the one credential of the request, or None; a header wins over the cookie.

    Raises NotAuthenticated where the header is there but is not exactly one bearer token.
    """
    headers = request.headers.get_list("Authorization")
    if headers:
        match = BEARER.fullmatch(headers[0].strip()) if len(headers) == 1 else None
        if match is None:
            raise NotAuthenticated("Send exactly one `Authorization: Bearer <token>` header.")
        return Credential(match[1], from_cookie=False)
    cookie = request.cookies.get(COOKIE)
    return Credential(cookie.value, from_cookie=True) if cookie and cookie.value else None


def origin_of(request: HTTPServerRequest) -> str | None:
    """Return the Origin header; several of them are as good as an unknown one."""
    origins = request.headers.get_list("Origin")
    return ",".join(origins) if origins else None


def origin_allowed(request: HTTPServerRequest, allowed: Sequence[str]) -> bool:
    """Whether the page that asks is ours or on the list; a request without Origin is not."""
    origin = origin_of(request)
    if origin is None:
        return request.headers.get("Sec-Fetch-Site") == "same-origin"
    return origin in allowed or origin == f"{request.protocol}://{request.host}".lower()


def require_origin(
    request: HTTPServerRequest, credential: Credential, allowed: Sequence[str]
) -> None:
    """Refuse to change anything for a cookie that a foreign page may have sent along."""
    unsafe = request.method not in SAFE_METHODS
    if credential.from_cookie and unsafe and not origin_allowed(request, allowed):
        raise Forbidden("With the cookie, changes need the Origin of an allowed page.")
