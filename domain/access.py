"""Who is asking, and what their roles let them do."""

from dataclasses import dataclass
from typing import Literal

USER, SERVICE, ADMIN = "user", "service", "admin"
ROLES = frozenset({USER, SERVICE, ADMIN})

Access = Literal["public", "user", "service", "admin"]

# An administrator is not a service: totals are written by trusted back ends alone.
ADMITTED: dict[str, frozenset[str]] = {
    "public": ROLES,
    "user": ROLES,
    "service": frozenset({SERVICE}),
    "admin": frozenset({ADMIN}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The verified bearer of one access token."""

    user_id: str
    roles: frozenset[str]
    token_id: str
    family: str
    """Login family of the token; empty when another issuer made it."""
    expires_at_ms: int

    @property
    def is_service(self) -> bool:
        return SERVICE in self.roles

    @property
    def is_admin(self) -> bool:
        return ADMIN in self.roles


def admits(access: Access, roles: frozenset[str]) -> bool:
    """Say whether a caller with these roles may use what asks for `access`."""
    return access == "public" or not ADMITTED[access].isdisjoint(roles)


def shares_activities(caller: Caller) -> bool:
    """Say whether the activities that this caller makes are open to everybody."""
    return caller.is_admin or caller.is_service
