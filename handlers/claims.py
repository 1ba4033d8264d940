"""Reads a token: its size, its signature, and claims that are exactly what they should be."""

import hashlib
from collections.abc import Collection, Mapping

import jwt

from domain.accounts import is_user_id

Claims = Mapping[str, object]

MAX_PART_CHARS = 8 * 1024
MAX_KID_CHARS = 256
LEEWAY_MS = 5_000
MAX_EPOCH_S = 10**12

# Time is checked here, against the clock of the cluster; PyJWT would ask the machine's.
CHECKS: jwt.types.Options = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
    "enforce_minimum_key_length": True,
}


class ClaimsRefused(Exception):
    """A token is not acceptable; the reason is for the log, never for its bearer."""


def read_header(token: str) -> Mapping[str, object]:
    """Give the unverified header of a token of sane size."""
    if any(len(part) > MAX_PART_CHARS for part in token.split(".", 3)):
        raise ClaimsRefused("a part is too long")
    header = jwt.get_unverified_header(token)
    if len(str(header.get("kid", ""))) > MAX_KID_CHARS:
        raise ClaimsRefused("kid too long")
    return header


def unpack(token: str, key: jwt.PyJWK | str, algorithm: str) -> Claims:
    """Give the claims of a token that this key signed by this one algorithm."""
    return jwt.decode(token, key, algorithms=[algorithm], options=CHECKS)


def validity(claims: Claims, now_ms: int) -> int:
    """Give the expiry in epoch ms of claims that hold now."""
    expires_at_ms = _instant_ms(claims, "exp")
    if expires_at_ms is None or expires_at_ms + LEEWAY_MS <= now_ms:
        raise ClaimsRefused("no exp, or past")
    for name in ("iat", "nbf"):
        begins_at_ms = _instant_ms(claims, name)
        if begins_at_ms is not None and begins_at_ms > now_ms + LEEWAY_MS:
            raise ClaimsRefused(f"{name} to come")
    return expires_at_ms


def identity(claims: Claims, token: str) -> tuple[str, str]:
    """Give the user id (`sub`, else `user_id`) and an id of the token itself."""
    user_id = claims["sub"] if "sub" in claims else claims.get("user_id")
    if "sub" not in claims and isinstance(user_id, int) and not isinstance(user_id, bool):
        user_id = str(user_id)
    if not isinstance(user_id, str) or not is_user_id(user_id):
        raise ClaimsRefused("no usable subject")
    token_id = claims.get("jti")
    if not isinstance(token_id, str) or not is_user_id(token_id):
        # Without a usable id a token can still be told from others, and so be revoked.
        token_id = hashlib.sha256(token.encode()).hexdigest()
    return user_id, token_id


def roles_of(claims: Claims, known: Collection[str]) -> frozenset[str]:
    """Give the known roles among those claimed; `user` where none are claimed."""
    roles = claims.get("roles", ["user"])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise ClaimsRefused("roles are not a list of names")
    return frozenset(roles).intersection(known)


def audience_fits(claims: Claims, expected: str) -> bool:
    """Say whether the token is meant for us, alone or among others."""
    audience = claims.get("aud")
    return expected in audience if isinstance(audience, list) else audience == expected


def _instant_ms(claims: Claims, name: str) -> int | None:
    value = claims.get(name)
    if name not in claims:
        return None
    # The comparison also turns away NaN, infinities and numbers no calendar has.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ClaimsRefused(f"{name} is not a number")
    if not 0 <= value <= MAX_EPOCH_S:
        raise ClaimsRefused(f"{name} is out of range")
    return int(value * 1000)
