"""What the account endpoints read and write."""

from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError, fields

from domain import accounts
from domain.access import Caller
from domain.accounts import User
from domain.errors import InvalidInput
from domain.rates import DIMENSIONS
from handlers.logins import Login
from handlers.schemas.common import Flag, Schema, Text
from handlers.schemas.subscriptions import SubscriptionView, subscription_view
from handlers.tokens import TokenPair

TOKEN_MAX_CHARS = 8192


def rule(accept: Callable[[str], str], field: str) -> Callable[[str], None]:
    """Make a rule of the domain check a field, in the words of the rule."""

    def check(text: str) -> None:
        try:
            accept(text)
        except InvalidInput as fault:
            raise ValidationError(fault.errors[field]) from fault  # type: ignore[arg-type]

    return check


class Password(Text):
    """A password, never written out."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(
            min=accounts.PASSWORD_MIN_CHARS,
            max=accounts.PASSWORD_MAX_CHARS,
            required=True,
            load_only=True,
            metadata={"format": "password"},
            **rest,
        )


class Address(Text):
    """An e-mail address, loaded in its normal form."""

    def __init__(self, *, optional: bool = False, allow_none: bool = False) -> None:
        """An `optional` one may be left out or blank, and is the empty text then."""
        how: dict[str, Any] = {"load_default": ""} if optional else {"required": True, "min": 3}
        about = {"format": "email", "example": "ada@example.com"}
        super().__init__(max=accounts.EMAIL_MAX_CHARS, metadata=about, allow_none=allow_none, **how)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        if not self.required and not text.strip():
            return ""
        try:
            return accounts.accept_email(text)
        except InvalidInput as fault:
            raise ValidationError(fault.errors["email"]) from fault  # type: ignore[arg-type]


class RegisterBody(Schema):
    """A new account."""

    email = Address()
    password = Password(validate=rule(accounts.accept_password, "password"))
    name = Text(max=accounts.NAME_MAX_CHARS, load_default="")


class LoginBody(Schema):
    """The credentials of an account."""

    email = Address()
    password = Text(
        min=1,
        max=accounts.PASSWORD_MAX_CHARS,
        required=True,
        load_only=True,
        metadata={"format": "password"},
    )


class RefreshBody(Schema):
    """The refresh token to exchange."""

    refresh = Text(min=1, max=TOKEN_MAX_CHARS, required=True)


class LogoutBody(Schema):
    """A refresh token whose login ends as well; it may be left out."""

    refresh = Text(min=1, max=TOKEN_MAX_CHARS, load_default=None)


class ProfileBody(Schema):
    """What a user may change about themselves; what is left out stays."""

    name = Text(max=accounts.NAME_MAX_CHARS)
    time_zone = Text(
        min=1,
        max=64,
        validate=rule(accounts.accept_time_zone, "time_zone"),
        metadata={"example": "Europe/Oslo"},
    )
    day_start = Text(
        # The rule tells better than a length what is wrong.
        max=20,
        validate=rule(accounts.accept_day_start, "day_start"),
        metadata={"example": "04:00"},
    )
    leaderboard = Flag(
        metadata={"description": "Take part in leaderboards: others see your name, level and XP."}
    )


class UserView(Schema):
    """A user, as they see themselves."""

    id = fields.String()
    email = fields.String(allow_none=True)
    name = fields.String()
    time_zone = fields.String()
    day_start = fields.String()
    leaderboard = fields.Boolean()
    roles = fields.List(fields.String())
    xp_total = fields.Integer()
    xp_physique = fields.Integer()
    xp_energy = fields.Integer()
    xp_logic = fields.Integer()
    xp_creativity = fields.Integer()
    xp_social = fields.Integer()
    life_level = fields.Integer()
    sessions_completed = fields.Integer()
    subscription = fields.Nested(SubscriptionView)


class TokensView(Schema):
    """A pair of tokens; `expires_in` is the life of the access token in seconds."""

    access = fields.String()
    refresh = fields.String()
    expires_in = fields.Integer()


class LoginView(TokensView):
    """A pair of tokens and whose they are."""

    user = fields.Nested(UserView)


def user_view(user: User, now: int, caller: Caller | None = None) -> dict[str, object]:
    """Lay a user out for `UserView` at `now` (ms); roles in force are those of the token."""
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "time_zone": user.time_zone,
        "day_start": user.day_start,
        "leaderboard": user.leaderboard,
        "roles": sorted(caller.roles if caller else user.roles),
        **{f"xp_{name}": user.xp.get(name, 0) for name in ("total", *DIMENSIONS)},
        "life_level": user.life_level,
        "sessions_completed": user.sessions_completed,
        "subscription": subscription_view(user.subscription, now),
    }


def tokens_view(tokens: TokenPair) -> dict[str, object]:
    """Lay a pair of tokens out for `TokensView`."""
    return {
        "access": tokens.access,
        "refresh": tokens.refresh,
        "expires_in": tokens.expires_in,
    }


def login_view(login: Login, now: int) -> dict[str, object]:
    """Lay a login out for `LoginView` at `now` (ms)."""
    return {"user": user_view(login.user, now), **tokens_view(login.tokens)}
