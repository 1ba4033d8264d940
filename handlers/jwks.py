"""The public keys of an external issuer, fetched from the one configured address."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import jwt
import structlog

from domain.errors import Unavailable

FETCH_TIMEOUT_S = 3.0
MAX_DOCUMENT_BYTES = 256 * 1024
MAX_KEYS = 100
LIFESPAN_MS = 300_000
REFETCH_PAUSE_MS = 30_000
ALGORITHM_OF = {("RSA", None): "RS256", ("EC", "P-256"): "ES256"}

log = structlog.get_logger(__name__)


class Jwks:
    """Keys by their id, kept in memory; a token never says where to look for one."""

    def __init__(self, url: str, algorithms: frozenset[str]) -> None:
        """Take the issuer's address and the algorithms that a key may serve."""
        self._url = url
        self._algorithms = algorithms
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched_at_ms: int | None = None
        self._tried_at_ms: int | None = None
        self._fetching = asyncio.Lock()

    async def key(self, kid: str, now_ms: int) -> jwt.PyJWK | None:
        """Find a key; raises `Unavailable` while no key could ever be fetched."""
        if self._wants_fetch(kid, now_ms) and not (self._fetching.locked() and kid in self._keys):
            async with self._fetching:
                if self._wants_fetch(kid, now_ms):
                    await self._fetch(now_ms)
        if self._fetched_at_ms is None:
            raise Unavailable("The keys of the token issuer are out of reach; try again shortly.")
        return self._keys.get(kid)

    def _wants_fetch(self, kid: str, now_ms: int) -> bool:
        if self._tried_at_ms is not None and now_ms - self._tried_at_ms < REFETCH_PAUSE_MS:
            return False
        fresh = self._fetched_at_ms is not None and now_ms - self._fetched_at_ms < LIFESPAN_MS
        return not (fresh and kid in self._keys)

    async def _fetch(self, now_ms: int) -> None:
        self._tried_at_ms = now_ms
        loop = asyncio.get_running_loop()
        try:
            entries = _entries(await loop.run_in_executor(None, _download, self._url))
        except (OSError, ValueError, RecursionError) as error:
            # The keys known so far go on serving: the issuer may be down longer than they live.
            log.warning("jwks_fetch_failed", reason=type(error).__name__)
            return
        self._keys = _keys(entries, self._algorithms)
        self._fetched_at_ms = now_ms


class _NoRedirect(HTTPRedirectHandler):
    """Refuses to be sent elsewhere."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _download(url: str) -> object:
    if not url.startswith(("http://", "https://")):
        raise URLError("not an HTTP address")
    request = Request(url, headers={"Accept": "application/json"})  # noqa: S310
    with build_opener(_NoRedirect).open(request, timeout=FETCH_TIMEOUT_S) as response:
        body = response.read(MAX_DOCUMENT_BYTES + 1)
    if len(body) > MAX_DOCUMENT_BYTES:
        raise ValueError("the key document is too long")
    return json.loads(body)


def _entries(document: object) -> list[object]:
    """The list in a key document. Raises ValueError if it is none."""
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("there is no list of keys")  # noqa: TRY004 - it is what was downloaded
    return entries


def _keys(entries: list[object], algorithms: frozenset[str]) -> Mapping[str, jwt.PyJWK]:
    found = {}
    for entry in entries[:MAX_KEYS]:
        if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
            continue
        key = _key(entry, algorithms)
        if key is not None:
            found[entry["kid"]] = key
    return found


def _key(entry: dict[str, Any], algorithms: frozenset[str]) -> jwt.PyJWK | None:
    """Read one signing key, bound to one algorithm; None if it is not for us."""
    algorithm = ALGORITHM_OF.get((str(entry.get("kty")), entry.get("crv")))
    signs = entry.get("use", "sig") == "sig" and entry.get("alg", algorithm) == algorithm
    if not signs or algorithm not in algorithms:
        return None
    try:
        return jwt.PyJWK.from_dict(entry, algorithm)
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        log.warning("jwks_key_refused", reason=type(error).__name__)
        return None
