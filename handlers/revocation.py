"""Keeps what this node knows of revoked tokens in step with Redis."""

from typing import TYPE_CHECKING

from realtime.connection import CloseCode

if TYPE_CHECKING:
    from handlers.services import Services


async def sync_revoked(services: "Services") -> None:
    """Learn what was revoked anywhere, and hang up on who holds such a token.

    Nodes are told at once; this finds what got lost on the way. Raises Unavailable.
    """
    now_ms = services.clock()
    services.tokens.sync_revoked(await services.logins.revoked.load(now_ms), now_ms)
    for connection in services.hub:
        if services.tokens.is_revoked(connection.caller):
            connection.close(CloseCode.REVOKED, "revoked")
