"""Who is asking, and what their roles let them do."""

from dataclasses import dataclass
from typing import Final, Literal

USER, SERVICE, ADMIN = "user", "service", "admin"
ROLES = frozenset({USER, SERVICE, ADMIN})

DEMO_USER: Final = "demo_user"
"""Whose sessions are those of everybody who comes without a token."""

Access = Literal["public", "open", "guest", "user", "service", "admin", "staff"]
"""`open` lets in who has no token at all, unless that is switched off, as nobody; `guest`, where
that is switched on, as the demo user. `staff` is a service or an administrator."""

# An administrator is not a service: totals are written by trusted back ends alone.
ADMITTED: dict[str, frozenset[str]] = {
    "public": ROLES,
    "open": ROLES,
    "guest": ROLES,
    "user": ROLES,
    "service": frozenset({SERVICE}),
    "admin": frozenset({ADMIN}),
    "staff": frozenset({SERVICE, ADMIN}),
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


def guest(now: int) -> Caller:
    """Somebody who came without a token at `now`, ms: the same user as all others who do."""
    return Caller(user_id=DEMO_USER, roles=frozenset(), token_id="", family="", expires_at_ms=now)


def nobody() -> Caller:
    """Somebody who did not say who they are, where nobody has to."""
    return Caller(user_id="", roles=frozenset(), token_id="", family="", expires_at_ms=0)


def stand_in(user_id: str, now: int) -> Caller:
    """Somebody who is taken at their word at `now`, ms: for tests of a front end."""
    return Caller(
        user_id=user_id, roles=frozenset({USER}), token_id="", family="", expires_at_ms=now
    )


def admits(access: Access, roles: frozenset[str]) -> bool:
    """Say whether a caller with these roles may use what asks for `access`."""
    return access == "public" or not ADMITTED[access].isdisjoint(roles)


def roles_for(access: Access) -> str:
    """Name the roles of which one is needed, for somebody who has none of them."""
    return " or ".join(sorted(ADMITTED[access]))


def shares_activities(caller: Caller) -> bool:
    """Say whether the activities that this caller makes are open to everybody."""
    return caller.is_admin or caller.is_service
