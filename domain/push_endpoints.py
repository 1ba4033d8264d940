"""Push subscriptions as browsers give them, and what of them is believed.

The endpoint is an address that this service will be made to call, so it is taken apart and
held against a list; what is stored is put together anew from the parts.
"""

import base64
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, urlsplit

from domain.errors import InvalidInput
from domain.text import refused

ENDPOINT_MAX_CHARS: Final = 1_000
SUBSCRIPTIONS_MAX: Final = 20
HTTPS_PORT: Final = 443
PRINTABLE: Final = re.compile(r"[!-\[\]-~]+", re.ASCII)
"""ASCII without blanks and without the backslash, which browsers read as a slash."""
HOST: Final = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+", re.ASCII)
NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+", re.ASCII)
BASE64URL: Final = re.compile(r"([A-Za-z0-9_-]*)={0,2}", re.ASCII)

POINT_BYTES: Final = 65
AUTH_BYTES: Final = 16
UNCOMPRESSED: Final = 4
# The curve P-256: y² = x³ - 3x + B modulo P (FIPS 186-4, D.1.2.3).
P: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One browser that may be told things; `expires_at` in ms, if the browser names an end.

    Whoever has the endpoint and the keys can write to that browser, so neither is shown.
    """

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)
    expires_at: int | None = None

    @property
    def id(self) -> str:
        """The same for the same endpoint, and no way back to it."""
        return subscription_id(self.endpoint)

    @property
    def host(self) -> str:
        """The push service."""
        return host_of(self.endpoint)


def accept_subscription(
    endpoint: str, keys: Mapping[str, str], expires_at: int | None, hosts: Collection[str]
) -> Subscription:
    """Accept what a browser gives, in its one normal form; InvalidInput names every fault.

    `hosts` are the push services that may be called; `*.` stands for one or more labels.
    """
    faults: dict[str, object] = {}
    of_keys: dict[str, object] = {}
    with _noted(faults):
        endpoint = accept_endpoint(endpoint, hosts)
    with _noted(of_keys):
        p256dh = accept_p256dh(keys["p256dh"])
    with _noted(of_keys):
        auth = accept_auth(keys["auth"])
    if of_keys:
        faults["keys"] = of_keys
    if faults:
        raise InvalidInput("This is not a push subscription that can be used.", errors=faults)
    return Subscription(endpoint=endpoint, p256dh=p256dh, auth=auth, expires_at=expires_at)


def accept_endpoint(text: str, hosts: Collection[str]) -> str:
    """Accept the address of a push service on the list; raises InvalidInput."""
    if len(text) > ENDPOINT_MAX_CHARS:
        raise refused("endpoint", f"Longer than {ENDPOINT_MAX_CHARS} characters.")
    if PRINTABLE.fullmatch(text) is None:
        raise refused("endpoint", "Must be ASCII without spaces and backslashes.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise refused("endpoint", "Not an address.") from error
    _require_plain(text, parts, port)
    host = (parts.hostname or "").lower()
    if not is_allowed(host, hosts):
        raise refused("endpoint", "Its host is not a push service that is known here.")
    query = f"?{parts.query}" if parts.query else ""
    return f"https://{host}{parts.path or '/'}{query}"


def accept_p256dh(text: str) -> str:
    """Accept a browser's public key, a point on P-256; raises InvalidInput."""
    raw = _decoded(text)
    if raw is None or len(raw) != POINT_BYTES or raw[0] != UNCOMPRESSED:
        raise refused("p256dh", f"Must be an uncompressed point, {POINT_BYTES} bytes in base64url.")
    x, y = int.from_bytes(raw[1:33]), int.from_bytes(raw[33:])
    if x >= P or y >= P or (y * y - x**3 + 3 * x - B) % P != 0:
        raise refused("p256dh", "Not a point on the curve P-256.")
    return base64url(raw)


def accept_auth(text: str) -> str:
    """Accept a browser's authentication secret; raises InvalidInput."""
    raw = _decoded(text)
    if raw is None or len(raw) != AUTH_BYTES:
        raise refused("auth", f"Must be {AUTH_BYTES} bytes in base64url.")
    return base64url(raw)


def is_allowed(host: str, hosts: Collection[str]) -> bool:
    """Say whether the host, in lower case, is on the list."""
    _, dot, rest = host.partition(".")
    parents = []
    while dot:
        parents.append(f"*.{rest}")
        _, dot, rest = rest.partition(".")
    return HOST.fullmatch(host) is not None and not {host, *parents}.isdisjoint(hosts)


def subscription_id(endpoint: str) -> str:
    """The id under which the subscription of an endpoint is kept."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


def host_of(endpoint: str) -> str:
    """The host of an endpoint that was accepted."""
    return endpoint.removeprefix("https://").partition("/")[0]


@contextmanager
def _noted(faults: dict[str, object]) -> Iterator[None]:
    """Go on after an InvalidInput, its faults kept."""
    try:
        yield
    except InvalidInput as fault:
        faults.update(fault.errors)


def _require_plain(text: str, parts: SplitResult, port: int | None) -> None:
    if parts.scheme != "https":
        raise refused("endpoint", "Must start with https://.")
    if "@" in parts.netloc:
        raise refused("endpoint", "Must not name a user.")
    if "#" in text:
        raise refused("endpoint", "Must not have a fragment.")
    if port not in (None, HTTPS_PORT):
        raise refused("endpoint", f"Must use port {HTTPS_PORT}.")
    # A browser takes a host whose last label is a number for an IPv4 address.
    last = (parts.hostname or "").rstrip(".").rpartition(".")[2]
    if "[" in parts.netloc or NUMBER.fullmatch(last):
        raise refused("endpoint", "Must name a host, not an IP address.")


def _decoded(text: str) -> bytes | None:
    found = BASE64URL.fullmatch(text)
    if found is None or len(found[1]) % 4 == 1:
        return None
    return base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))


def base64url(raw: bytes) -> str:
    """Bytes as browsers write keys: base64url without padding (RFC 4648, 5; RFC 7515, 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
