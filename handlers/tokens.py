"""Tokens: makes our own, checks ours and those of one external issuer."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import jwt

from domain.access import ROLES, Caller
from domain.errors import Forbidden, NotAuthenticated
from handlers.claims import (
    LEEWAY_MS,
    Claims,
    ClaimsRefused,
    audience_fits,
    identity,
    read_header,
    roles_of,
    unpack,
    validity,
)
from handlers.jwks import Jwks

OWN_ALGORITHM = "HS256"
OWN_ISSUER = "sessiond"
MIN_SECRET_BYTES = 32

TokenType = Literal["access", "refresh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """An access token and the refresh token that follows it."""

    access: str
    refresh: str
    expires_in: int
    """Seconds for which the access token lives."""
    refresh_id: str
    refresh_expires_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshClaims:
    """What a verified refresh token says."""

    user_id: str
    family: str
    token_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """Whose tokens are accepted, and how long ours live."""

    secret: str | None
    algorithms: tuple[str, ...] = (OWN_ALGORITHM,)
    jwks_url: str | None = None
    issuer: str | None = None
    audience: str | None = None
    access_ttl_s: int = 900
    refresh_ttl_s: int = 30 * 86_400


class Tokens:
    """Issues and verifies tokens; knows in memory which of them were revoked."""

    def __init__(self, rules: TokenRules) -> None:
        """Raise `ValueError` for a secret too short to sign with or rules that trust nobody."""
        own = OWN_ALGORITHM in rules.algorithms and rules.secret is not None
        if own and len(str(rules.secret).encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"the token secret is shorter than {MIN_SECRET_BYTES} bytes")
        external = frozenset(rules.algorithms) & {"RS256", "ES256"}
        self._rules = rules
        self._secret = rules.secret if own else None
        self._jwks = Jwks(rules.jwks_url, external) if rules.jwks_url and external else None
        if self._secret is None and self._jwks is None:
            raise ValueError("no token could be verified: give a secret or an address of keys")
        self._revoked: dict[str, int] = {}

    def issue(
        self,
        user_id: str,
        roles: Collection[str],
        family: str,
        now_ms: int,
        *,
        refresh_id: str | None = None,
    ) -> TokenPair:
        """Make a pair of the family; raises `Forbidden` where another issuer makes them."""
        refresh_id = refresh_id or str(uuid.uuid4())
        about = {"sub": user_id, "roles": sorted(roles), "fam": family}
        expires_at_ms = self.refresh_horizon_ms(now_ms)
        return TokenPair(
            access=self._sign(
                {**about, "token_type": "access", "jti": str(uuid.uuid4())},
                now_ms,
                now_ms + self._rules.access_ttl_s * 1000,
            ),
            refresh=self._sign(
                {**about, "token_type": "refresh", "jti": refresh_id}, now_ms, expires_at_ms
            ),
            expires_in=self._rules.access_ttl_s,
            refresh_id=refresh_id,
            refresh_expires_at_ms=expires_at_ms,
        )

    async def verify(self, token: str, now_ms: int) -> Caller:
        """Give the bearer of an access token; raises `NotAuthenticated`, alike for any fault."""
        try:
            caller = await self._caller(token, now_ms)
        except (jwt.PyJWTError, ClaimsRefused, ValueError, RecursionError) as error:
            raise refusal() from error
        if self.is_revoked(caller):
            raise refusal()
        return caller

    def verify_refresh(self, token: str, now_ms: int) -> RefreshClaims:
        """Read one of our refresh tokens; raises `NotAuthenticated`, alike for any fault."""
        try:
            read_header(token)
            claims = self._own_claims(token, "refresh")
            validity(claims, now_ms)
            user_id, token_id = identity(claims, token)
            family = claims.get("fam")
        except (jwt.PyJWTError, ClaimsRefused, ValueError, RecursionError) as error:
            raise refusal() from error
        if not isinstance(family, str) or not family:
            raise refusal()
        return RefreshClaims(user_id=user_id, family=family, token_id=token_id)

    def require_own(self) -> None:
        """Raise `Forbidden` where accounts are kept by another issuer."""
        self._own_secret()

    def refresh_horizon_ms(self, now_ms: int) -> int:
        """Give the instant until which a refresh token made now is good."""
        return now_ms + self._rules.refresh_ttl_s * 1000

    def access_horizon_ms(self, now_ms: int) -> int:
        """Give the instant after which no access token made until now is accepted."""
        return now_ms + self._rules.access_ttl_s * 1000 + LEEWAY_MS

    def revoke_local(self, member: str, expires_ms: int) -> None:
        """Refuse a family or token id from now on, in this process."""
        self._revoked[member] = max(expires_ms, self._revoked.get(member, 0))

    def sync_revoked(self, revoked: Mapping[str, int], now_ms: int) -> None:
        """Take over what the store knows and forget what has expired."""
        for member, expires_ms in revoked.items():
            self.revoke_local(member, expires_ms)
        self._revoked = {
            member: expires_ms
            for member, expires_ms in self._revoked.items()
            if expires_ms >= now_ms
        }

    def is_revoked(self, caller: Caller) -> bool:
        """Say whether the token, or the login it came from, has been ended."""
        return caller.token_id in self._revoked or caller.family in self._revoked

    async def _caller(self, token: str, now_ms: int) -> Caller:
        header = read_header(token)
        # The header picks between our configured keys; the key alone decides the algorithm.
        if header.get("alg") == OWN_ALGORITHM:
            claims = self._own_claims(token, "access")
        else:
            claims = await self._external_claims(token, header, now_ms)
        expires_at_ms = validity(claims, now_ms)
        user_id, token_id = identity(claims, token)
        family = claims.get("fam", "")
        return Caller(
            user_id=user_id,
            roles=roles_of(claims, ROLES),
            token_id=token_id,
            family=family if isinstance(family, str) else "",
            expires_at_ms=expires_at_ms,
        )

    def _own_claims(self, token: str, token_type: TokenType) -> Claims:
        if self._secret is None:
            raise ClaimsRefused("own tokens are not accepted")
        claims = unpack(token, self._secret, OWN_ALGORITHM)
        if claims.get("token_type") != token_type:
            raise ClaimsRefused("wrong token_type")
        # Where no issuer is configured, one that shares the secret need not name itself.
        if claims.get("iss") not in (OWN_ISSUER, self._rules.issuer):
            raise ClaimsRefused("wrong iss")
        if self._rules.audience and not audience_fits(claims, self._rules.audience):
            raise ClaimsRefused("wrong aud")
        return claims

    async def _external_claims(
        self, token: str, header: Mapping[str, object], now_ms: int
    ) -> Claims:
        kid = header.get("kid")
        if self._jwks is None or not isinstance(kid, str):
            raise ClaimsRefused("no such key")
        key = await self._jwks.key(kid, now_ms)
        if key is None:
            raise ClaimsRefused("no such key")
        claims = unpack(token, key, key.algorithm_name)
        if claims.get("token_type", "access") != "access":
            raise ClaimsRefused("wrong token_type")
        if self._rules.issuer and claims.get("iss") != self._rules.issuer:
            raise ClaimsRefused("wrong iss")
        if self._rules.audience and not audience_fits(claims, self._rules.audience):
            raise ClaimsRefused("wrong aud")
        return claims

    def _sign(self, about: Mapping[str, object], now_ms: int, expires_at_ms: int) -> str:
        audience = {"aud": self._rules.audience} if self._rules.audience else {}
        claims = {
            **about,
            **audience,
            "iss": OWN_ISSUER,
            "iat": now_ms // 1000,
            "exp": expires_at_ms // 1000,
        }
        return jwt.encode(claims, self._own_secret(), OWN_ALGORITHM)

    def _own_secret(self) -> str:
        if self._secret is None:
            raise Forbidden("Accounts are kept by the configured token issuer.")
        return self._secret


def refusal() -> NotAuthenticated:
    """Make the one answer to every token that is not good."""
    return NotAuthenticated("The credentials are missing or not valid.")
