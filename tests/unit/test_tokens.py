"""Own tokens: what is accepted, and everything that is not."""

import asyncio
import base64
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import jwt
import pytest

from domain.access import Caller
from domain.errors import Forbidden, NotAuthenticated
from handlers.tokens import TokenRules, Tokens, refusal

SECRET = "a secret of at least thirty-two bytes, for tests"
NOW_MS = 1_750_000_000_000
NOW_S = NOW_MS // 1000
TOKENS = Tokens(TokenRules(secret=SECRET))
GOOD = {
    "sub": "ada",
    "roles": ["user"],
    "token_type": "access",
    "iat": NOW_S,
    "exp": NOW_S + 60,
    "jti": "t1",
    "fam": "f1",
    "iss": "sessiond",
}


def signed(secret: str = SECRET, *, headers: dict[str, Any] | None = None, **changes: Any) -> str:
    """A token of good claims, but for the changes; None leaves a claim out."""
    claims = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return jwt.api_jws.encode(json.dumps(claims).encode(), secret, "HS256", headers)


def forged(header: object, claims: object, signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def raw(payload: bytes) -> str:
    """A well-signed token whose payload is exactly these bytes."""
    return jwt.api_jws.encode(payload, SECRET, "HS256")


def verified(token: str, tokens: Tokens = TOKENS, now_ms: int = NOW_MS) -> Caller:
    return asyncio.run(tokens.verify(token, now_ms))


def test_an_issued_pair_says_who_it_is_for() -> None:
    pair = TOKENS.issue("ada", {"user", "admin"}, "f1", NOW_MS)

    caller = verified(pair.access)
    claims = TOKENS.verify_refresh(pair.refresh, NOW_MS)
    assert (caller.user_id, caller.family) == ("ada", "f1")
    assert caller.roles == {"user", "admin"}
    assert caller.expires_at_ms == NOW_MS + 900_000
    assert (claims.user_id, claims.family, claims.token_id) == ("ada", "f1", pair.refresh_id)
    assert pair.expires_in == 900


def test_a_refresh_token_may_be_made_again_under_the_same_id() -> None:
    pair = TOKENS.issue("ada", {"user"}, "f1", NOW_MS, refresh_id="r1")

    assert TOKENS.verify_refresh(pair.refresh, NOW_MS).token_id == "r1"


def test_neither_kind_of_token_passes_for_the_other() -> None:
    pair = TOKENS.issue("ada", {"user"}, "f1", NOW_MS)

    with pytest.raises(NotAuthenticated):
        verified(pair.refresh)
    with pytest.raises(NotAuthenticated):
        TOKENS.verify_refresh(pair.access, NOW_MS)


ALGORITHMS: tuple[object, ...] = (
    "none",
    "None",
    "nOnE",
    "NONE",
    "",
    None,
    ["HS256"],
    "HS512",
    "RS256",
    "hs256",
    7,
    {},
)
FORGED: dict[str, Callable[[], str]] = {
    **{f"alg {alg!r}": partial(forged, {"alg": alg}, GOOD) for alg in ALGORITHMS},
    "alg none, signed": lambda: forged({"alg": "none"}, GOOD, b"signature"),
    "no alg": lambda: forged({"typ": "JWT"}, GOOD),
    "header is a list": lambda: forged([], GOOD),
    "wrong key": lambda: signed("another secret of at least thirty-two bytes"),
    "no signature": lambda: signed().rpartition(".")[0] + ".",
    "cut": lambda: signed()[:-4],
    "two parts": lambda: signed().rpartition(".")[0],
    "four parts": lambda: signed() + ".e30",
    "five parts": lambda: "a.b.c.d.e",
    "empty": lambda: "",
    "dots": lambda: "..",
    "not ascii": lambda: signed() + "é",
    "half a character": lambda: signed() + "\ud800",
    "nul": lambda: "\x00" * 50,
    "kid path": lambda: signed(headers={"kid": "../../dev/null"}, sub=""),
    "kid huge": lambda: signed(headers={"kid": "k" * 6000}),
    "kid number": lambda: forged({"alg": "HS256", "kid": 7}, GOOD),
    "unknown crit": lambda: signed(headers={"crit": ["exp-but-stricter"], "exp-but-stricter": 1}),
    "zip": lambda: signed(headers={"zip": "DEF"}, sub=None),
    "64 kB": lambda: signed(padding="x" * 65_536),
    "deep": lambda: raw(b'{"sub":' + b"[" * 5_000 + b"]" * 5_000 + b"}"),
    "not json": lambda: raw(b"ada"),
    "a list": lambda: raw(b"[]"),
    "null": lambda: raw(b"null"),
    "not utf-8": lambda: raw(b'{"sub":"\xff"}'),
    "long number": lambda: raw(b'{"exp":' + b"9" * 5_000 + b"}"),
    "exp NaN": lambda: raw(b'{"sub":"ada","token_type":"access","exp":NaN}'),
    "exp Infinity": lambda: raw(b'{"sub":"ada","token_type":"access","exp":Infinity}'),
    "exp 1e400": lambda: raw(b'{"sub":"ada","token_type":"access","exp":1e400}'),
}
BAD_CLAIMS: list[dict[str, Any]] = [
    {"exp": None},
    {"exp": NOW_S - 5},
    {"exp": str(NOW_S + 60)},
    {"exp": True},
    {"exp": [NOW_S + 60]},
    {"exp": 10**20},
    {"exp": -1},
    {"iat": NOW_S + 6},
    {"iat": str(NOW_S)},
    {"iat": True},
    {"nbf": NOW_S + 6},
    {"nbf": "soon"},
    {"sub": None},
    {"sub": ""},
    {"sub": 7},
    {"sub": {"$ne": None}},
    {"sub": ["ada"]},
    {"sub": "x" * 129},
    {"sub": "ada\x00"},
    {"sub": "\ud800"},
    {"sub": None, "user_id": True},
    {"sub": None, "user_id": {"$gt": ""}},
    {"sub": None, "user_id": 1.5},
    {"sub": "", "user_id": "ada"},
    {"roles": "admin"},
    {"roles": {"admin": True}},
    {"roles": [["admin"]]},
    {"roles": [None]},
    {"token_type": None},
    {"token_type": "refresh"},
    {"token_type": "id"},
    {"token_type": ["access"]},
    {"iss": "sessiond.evil.example"},
    {"iss": "session"},
    {"iss": ["sessiond"]},
]


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_token_is_refused_like_any_other(case: str) -> None:
    with pytest.raises(NotAuthenticated) as answer:
        verified(FORGED[case]())

    assert answer.value.detail == refusal().detail
    with pytest.raises(NotAuthenticated):
        TOKENS.verify_refresh(FORGED[case](), NOW_MS)


@pytest.mark.parametrize("changes", BAD_CLAIMS, ids=str)
def test_signed_claims_that_are_wrong_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(NotAuthenticated) as answer:
        verified(signed(**changes))

    assert answer.value.detail == refusal().detail


def test_the_clock_that_is_passed_in_decides() -> None:
    token = signed()

    assert verified(token, now_ms=NOW_MS + 64_999).user_id == "ada"
    with pytest.raises(NotAuthenticated):
        verified(token, now_ms=NOW_MS + 65_000)


@pytest.mark.parametrize(("claimed", "user_id"), [(42, "42"), ("42", "42"), ("a-b", "a-b")])
def test_a_token_of_simplejwt_names_its_user(claimed: object, user_id: str) -> None:
    token = signed(sub=None, iss=None, fam=None, roles=None, user_id=claimed)

    caller = verified(token)
    assert caller.user_id == user_id
    assert caller.roles == {"user"}
    assert caller.family == ""


def test_unknown_roles_are_dropped() -> None:
    assert verified(signed(roles=["root", "service", "__class__"])).roles == {"service"}
    assert verified(signed(roles=[])).roles == frozenset()


def test_a_token_without_an_id_can_be_revoked() -> None:
    tokens = Tokens(TokenRules(secret=SECRET))
    first, second = signed(jti=None, fam=None), signed(jti=None, fam=None, exp=NOW_S + 61)
    tokens.revoke_local(verified(first, tokens).token_id, NOW_MS + 1000)

    with pytest.raises(NotAuthenticated):
        verified(first, tokens)
    assert verified(second, tokens).family == ""


def test_a_revoked_family_is_refused_until_it_is_forgotten() -> None:
    tokens = Tokens(TokenRules(secret=SECRET))
    caller = verified(signed(), tokens)
    tokens.sync_revoked({"f1": NOW_MS + 1000}, NOW_MS)

    assert tokens.is_revoked(caller)
    with pytest.raises(NotAuthenticated) as answer:
        verified(signed(), tokens)
    assert answer.value.detail == refusal().detail
    tokens.sync_revoked({}, NOW_MS + 1001)
    assert not tokens.is_revoked(caller)


@pytest.mark.parametrize("aud", ["api", ["api"], ["web", "api"]])
def test_an_audience_that_includes_us_passes(aud: object) -> None:
    tokens = Tokens(TokenRules(secret=SECRET, audience="api"))

    assert verified(signed(aud=aud), tokens).user_id == "ada"
    assert verified(tokens.issue("eve", ["user"], "f", NOW_MS).access, tokens).user_id == "eve"


@pytest.mark.parametrize("aud", [None, "", "ap", "api2", [], ["web"], [["api"]], {"api": 1}, 7])
def test_another_audience_does_not(aud: object) -> None:
    with pytest.raises(NotAuthenticated):
        verified(signed(aud=aud), Tokens(TokenRules(secret=SECRET, audience="api")))


@pytest.mark.parametrize("secret", ["", "short", "x" * 31])
def test_a_short_secret_is_not_signed_with(secret: str) -> None:
    with pytest.raises(ValueError, match="shorter than 32 bytes"):
        Tokens(TokenRules(secret=secret))


def test_rules_that_trust_nobody_are_refused() -> None:
    with pytest.raises(ValueError, match="no token could be verified"):
        Tokens(TokenRules(secret=None))


def test_where_another_issuer_keeps_the_accounts_we_make_no_tokens() -> None:
    tokens = Tokens(
        TokenRules(secret=None, algorithms=("RS256",), jwks_url="http://127.0.0.1:9/jwks")
    )

    with pytest.raises(Forbidden):
        tokens.issue("ada", ["user"], "f", NOW_MS)
    with pytest.raises(NotAuthenticated):
        verified(signed(), tokens)
