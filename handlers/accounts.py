"""Accounts: register, log in, refresh, log out, and one's own profile."""

from http import HTTPStatus

from domain.accounts import User
from domain.errors import NotFound
from handlers.base import ApiHandler
from handlers.endpoint import endpoint
from handlers.schemas.accounts import (
    LoginBody,
    LoginView,
    LogoutBody,
    ProfileBody,
    RefreshBody,
    RegisterBody,
    TokensView,
    UserView,
    login_view,
    tokens_view,
    user_view,
)

OPEN_BYTES = 16_384
"""Anybody may send these, so they are short; the longest holds a refresh token."""


class OpenHandler(ApiHandler):
    """What nobody has to be logged in for."""

    group = "accounts"
    body_max_bytes = OPEN_BYTES


class RegisterHandler(OpenHandler):
    """/api/v1/authentication/register/"""

    @endpoint(
        summary="Make an account and log it in",
        body=RegisterBody,
        returns=LoginView,
        access="public",
        status=HTTPStatus.CREATED,
        statuses={409: "There is an account with this address."},
    )
    async def post(self, *, email: str, password: str, name: str) -> dict[str, object]:
        await self.services.limiter.check("login", str(self.request.remote_ip), "register")
        login = await self.services.logins.register(email=email, password=password, name=name)
        return login_view(login, self.services.clock())


class LoginHandler(OpenHandler):
    """/api/v1/authentication/login/"""

    @endpoint(
        summary="Log in with address and password",
        body=LoginBody,
        returns=LoginView,
        access="public",
        statuses={401: "The address or the password is wrong."},
    )
    async def post(self, *, email: str, password: str) -> dict[str, object]:
        await self.services.limiter.check("login", str(self.request.remote_ip), email)
        login = await self.services.logins.login(email=email, password=password)
        return login_view(login, self.services.clock())


class RefreshHandler(OpenHandler):
    """/api/v1/authentication/refresh/"""

    @endpoint(
        summary="Exchange a refresh token for a new pair; each is good once",
        body=RefreshBody,
        returns=TokensView,
        access="public",
        statuses={401: "The token is not valid, or was used before: log in again."},
    )
    async def post(self, *, refresh: str) -> dict[str, object]:
        return tokens_view(await self.services.logins.refresh(refresh))


class LogoutHandler(ApiHandler):
    """/api/v1/authentication/logout/"""

    @endpoint(
        summary="End the login that the token came from, on every device that shares it",
        body=LogoutBody,
        status=HTTPStatus.NO_CONTENT,
    )
    async def post(self, *, refresh: str | None) -> None:
        await self.services.logins.logout(self.caller, refresh)


class MeHandler(ApiHandler):
    """/api/v1/authentication/me/"""

    @endpoint(summary="Read one's own profile and totals", returns=UserView)
    async def get(self) -> dict[str, object]:
        return self._shown(await self.services.users.get(self.caller.user_id))

    @endpoint(
        summary="Change one's name, time zone, start of the day, or part in leaderboards",
        body=ProfileBody,
        returns=UserView,
    )
    async def patch(self, **changes: str | bool) -> dict[str, object]:
        user_id = self.caller.user_id
        user = await self.services.users.update_profile(user_id, changes)
        if "leaderboard" in changes:
            await self.services.leaderboards.refresh(user_id, self.services.clock())
        if user is not None and "time_zone" in changes:
            await self.services.push.reminding.follow(user)
        return self._shown(user)

    def _shown(self, user: User | None) -> dict[str, object]:
        if user is None:
            raise NotFound("This user has been removed.")
        return user_view(user, self.services.clock(), self.caller)


ROUTES = (
    (r"/api/v1/authentication/register", RegisterHandler),
    (r"/api/v1/authentication/login", LoginHandler),
    (r"/api/v1/authentication/refresh", RefreshHandler),
    (r"/api/v1/authentication/logout", LogoutHandler),
    (r"/api/v1/authentication/me", MeHandler),
)
