"""What a page sends while it closes, with `navigator.sendBeacon`."""

from functools import cached_property

from domain.errors import InvalidInput
from handlers import strict_json
from handlers.base import ApiHandler
from handlers.credentials import Credential, presented

BEACON_BYTES = 16_384
"""Room for a token of any length that is taken, and a little beside it: it is read before anybody
is known."""


class BeaconHandler(ApiHandler):
    """Reads JSON also as plain text, which is all that a beacon may send to another origin.

    A beacon has no headers of its own, so its token may stand in the body. It counts for more
    than the cookie, which the browser adds by itself, and for less than a header.
    """

    also_reads = ("text/plain",)
    body_max_bytes = BEACON_BYTES

    def credential(self) -> Credential | None:
        found = presented(self.request)
        if found is not None and not found.from_cookie:
            return found
        return self._told or found

    @cached_property
    def _told(self) -> Credential | None:
        token = _token_in(self.request.body)
        return None if token is None else Credential(token, from_cookie=False)


def _token_in(body: bytes) -> str | None:
    """The token in a body; what else is wrong with that is found when it is read."""
    try:
        told = strict_json.parse(body) if body else None
    except InvalidInput:
        return None
    token = told.get("token") if isinstance(told, dict) else None
    return token if isinstance(token, str) and token else None
