"""Signing up, in and out: the one place where passwords, families and tokens meet."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from domain.access import Caller
from domain.accounts import User
from domain.errors import NotAuthenticated
from handlers.claims import LEEWAY_MS
from handlers.passwords import Passwords
from handlers.tokens import TokenPair, Tokens, refusal
from storage.mongo.refresh import RefreshFamilies
from storage.mongo.users import Users
from storage.redis.revoked import RevokedTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user and the tokens that were just made for them."""

    user: User
    tokens: TokenPair


@dataclass(frozen=True, kw_only=True)
class Logins:
    """The flows of an own account; `clock` gives epoch milliseconds."""

    users: Users
    families: RefreshFamilies
    revoked: RevokedTokens
    tokens: Tokens
    passwords: Passwords
    clock: Callable[[], int]

    async def register(self, *, email: str, password: str, name: str) -> Login:
        """Make an account and log it in; raises `IdTaken` for a known address."""
        self.tokens.require_own()
        hashed = await self.passwords.hash(password)
        return await self._open(
            await self.users.create(email=email, password_hash=hashed, name=name)
        )

    async def login(self, *, email: str, password: str) -> Login:
        """Open a new family; raises one same `NotAuthenticated` for address and password."""
        self.tokens.require_own()
        user = await self.users.by_email(email)
        hashed = user.password_hash if user else None
        if not await self.passwords.matches(password, hashed) or user is None or hashed is None:
            raise NotAuthenticated("The e-mail address or the password is wrong.")
        if self.passwords.is_outdated(hashed):
            new = await self.passwords.hash(password)
            await self.users.set_password_hash(user.id, old=hashed, new=new)
        return await self._open(user)

    async def refresh(self, token: str) -> TokenPair:
        """Exchange a refresh token; one that was used before ends its whole family."""
        now_ms = self.clock()
        claims = self.tokens.verify_refresh(token, now_ms)
        rotation = await self.families.rotate(
            claims.family,
            claims.token_id,
            str(uuid.uuid4()),
            now_ms=now_ms,
            expires_at_ms=self.tokens.refresh_horizon_ms(now_ms),
        )
        if rotation is None:
            # On every attempt, because an earlier one may have got no further than MongoDB.
            await self._revoke(claims.family, now_ms)
            raise refusal()
        user = await self.users.get(rotation.user_id)
        if user is None:
            raise refusal()
        # Roles come from the account as it is now, not from the token as it was.
        return self.tokens.issue(
            user.id, user.roles, claims.family, now_ms, refresh_id=rotation.token_id
        )

    async def logout(self, caller: Caller | None, refresh: str | None) -> None:
        """End the caller's family, or the one the refresh token belongs to, on every node."""
        now_ms = self.clock()
        families = {caller.family} if caller and caller.family else set()
        if refresh is not None:
            families.add(self.tokens.verify_refresh(refresh, now_ms).family)
        # A token may live longer than ours do now: made by hand, or before a setting changed.
        longest_ms = caller.expires_at_ms + LEEWAY_MS if caller else 0
        for family in families:
            await self.families.revoke(family)
            until_ms = max(longest_ms, self.tokens.access_horizon_ms(now_ms))
            await self._revoke(family, now_ms, until_ms=until_ms)
        if caller is not None and not caller.family:
            # Another issuer's token stands alone, and is refused until it expires.
            await self._revoke(caller.token_id, now_ms, until_ms=caller.expires_at_ms + LEEWAY_MS)

    async def _open(self, user: User) -> Login:
        now_ms = self.clock()
        family = str(uuid.uuid4())
        tokens = self.tokens.issue(user.id, user.roles, family, now_ms)
        await self.families.open(
            family,
            user_id=user.id,
            token_id=tokens.refresh_id,
            now_ms=now_ms,
            expires_at_ms=tokens.refresh_expires_at_ms,
        )
        return Login(user=user, tokens=tokens)

    async def _revoke(self, member: str, now_ms: int, *, until_ms: int | None = None) -> None:
        until_ms = until_ms or self.tokens.access_horizon_ms(now_ms)
        self.tokens.revoke_local(member, until_ms)
        await self.revoked.add(member, expires_at_ms=until_ms, now_ms=now_ms)
