"""Tokens of an external issuer, its keys served by a local stub."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.errors import NotAuthenticated, Unavailable
from handlers.tokens import TokenRules, Tokens

NOW_MS = 1_750_000_000_000
SECRET = "a secret of at least thirty-two bytes, for tests"
RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
CLAIMS = {"sub": "ada", "iss": "https://issuer.example", "exp": NOW_MS // 1000 + 3600}


def jwk(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, kid: str) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        made = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        made = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**made, "kid": kid, "use": "sig"}


class Issuer:
    """A local HTTP server of keys that counts who asks."""

    def __init__(self) -> None:
        self.document: object = {"keys": [jwk(RSA_KEY, "r1"), jwk(EC_KEY, "e1")]}
        self.status = 200
        self.asked: list[str] = []
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            """Answers every path with the document."""

            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                body = json.dumps(issuer.document).encode()
                self.send_response(issuer.status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def tokens(self, **rules: Any) -> Tokens:
        chosen = {
            "secret": SECRET,
            "algorithms": ("HS256", "RS256", "ES256"),
            "issuer": "https://issuer.example",
        }
        return Tokens(TokenRules(jwks_url=f"{self.url}/jwks", **{**chosen, **rules}))


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    stub = Issuer()
    thread = threading.Thread(target=stub.server.serve_forever, args=(0.01,))
    thread.start()
    yield stub
    stub.server.shutdown()
    thread.join()
    stub.server.server_close()


def rs256(kid: str | None = "r1", key: Any = RSA_KEY, header: Any = None, **changes: Any) -> str:
    headers = {**({"kid": kid} if kid is not None else {}), **(header or {})}
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt.encode(claims, key, "RS256", headers=headers)


def verify(tokens: Tokens, *presented: str, now_ms: int = NOW_MS) -> list[str]:
    async def all_of_them() -> list[str]:
        return [(await tokens.verify(token, now_ms)).user_id for token in presented]

    return asyncio.run(all_of_them())


def test_keys_are_fetched_once_for_many_tokens(issuer: Issuer) -> None:
    es256 = jwt.encode(CLAIMS, EC_KEY, "ES256", headers={"kid": "e1"})

    assert verify(issuer.tokens(), rs256(), rs256(), es256) == ["ada"] * 3
    assert issuer.asked == ["/jwks"]


def test_own_tokens_pass_beside_the_external_ones(issuer: Issuer) -> None:
    tokens = issuer.tokens()

    assert verify(tokens, tokens.issue("eve", ["user"], "f", NOW_MS).access) == ["eve"]
    assert issuer.asked == []


@pytest.mark.parametrize("kid", ["../../dev/null", "' OR 1=1", "http://evil.example/k", "e1", ""])
def test_a_kid_is_nothing_but_a_name(issuer: Issuer, kid: str) -> None:
    with pytest.raises(NotAuthenticated):
        verify(issuer.tokens(), rs256(kid))

    assert set(issuer.asked) <= {"/jwks"}


def test_a_token_must_name_its_key(issuer: Issuer) -> None:
    with pytest.raises(NotAuthenticated):
        verify(issuer.tokens(), rs256(None))


def test_addresses_and_keys_in_the_header_are_ignored(issuer: Issuer) -> None:
    mallory = rsa.generate_private_key(65537, 2048)
    header = {
        "jku": f"{issuer.url}/mallory",
        "x5u": f"{issuer.url}/mallory.pem",
        "jwk": jwk(mallory, "r1"),
    }

    with pytest.raises(NotAuthenticated):
        verify(issuer.tokens(), rs256("r1", mallory, header))
    assert issuer.asked == ["/jwks"]


@pytest.mark.parametrize("form", [PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1])
@pytest.mark.parametrize("algorithms", [("HS256", "RS256"), ("RS256",)])
def test_the_public_key_is_no_secret(
    issuer: Issuer, form: PublicFormat, algorithms: tuple[str, ...]
) -> None:
    pem = RSA_KEY.public_key().public_bytes(Encoding.PEM, form)
    claims = {**CLAIMS, "token_type": "access"}
    # PyJWT refuses to sign with a public key, so the confusion is built by hand.
    head, body, _ = jwt.encode(claims, SECRET, "HS256", headers={"kid": "r1"}).split(".")
    digest = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = jwt.utils.base64url_encode(digest.sign(f"{head}.{body}".encode(), pem)).decode()

    with pytest.raises(NotAuthenticated):
        verify(issuer.tokens(algorithms=algorithms), f"{head}.{body}.{signature}")


def test_an_algorithm_that_is_not_configured_is_refused(issuer: Issuer) -> None:
    with pytest.raises(NotAuthenticated):
        verify(issuer.tokens(algorithms=("HS256", "ES256")), rs256())


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": None},
        {"iss": "https://issuer.example.evil"},
        {"iss": "https://issuer"},
        {"iss": "sessiond"},
        {"token_type": "refresh"},
        {"token_type": "id"},
        {"exp": None},
    ],
    ids=str,
)
def test_claims_of_the_wrong_kind_are_refused(issuer: Issuer, changes: dict[str, Any]) -> None:
    with pytest.raises(NotAuthenticated):
        verify(issuer.tokens(), rs256(**changes))


def test_an_audience_is_asked_for_where_one_is_set(issuer: Issuer) -> None:
    tokens = issuer.tokens(audience="api")

    assert verify(tokens, rs256(aud=["api", "userinfo"])) == ["ada"]
    with pytest.raises(NotAuthenticated):
        verify(tokens, rs256(aud="userinfo"))


def test_a_new_key_is_found_but_unknown_names_do_not_flood_the_issuer(issuer: Issuer) -> None:
    tokens = issuer.tokens()
    verify(tokens, rs256())
    issuer.document = {"keys": [jwk(RSA_KEY, "r2")]}

    for name in ("r2", "x", "y", "z"):
        with pytest.raises(NotAuthenticated):
            verify(tokens, rs256(name), now_ms=NOW_MS + 29_999)
    assert len(issuer.asked) == 1
    assert verify(tokens, rs256("r2"), now_ms=NOW_MS + 30_000) == ["ada"]
    assert len(issuer.asked) == 2


def test_a_withdrawn_key_is_dropped_when_the_cache_has_aged(issuer: Issuer) -> None:
    tokens = issuer.tokens()
    verify(tokens, rs256())
    issuer.document = {"keys": []}

    assert verify(tokens, rs256(), now_ms=NOW_MS + 299_999) == ["ada"]
    with pytest.raises(NotAuthenticated):
        verify(tokens, rs256(), now_ms=NOW_MS + 300_000)


def test_known_keys_serve_while_the_issuer_is_down(issuer: Issuer) -> None:
    tokens = issuer.tokens()
    verify(tokens, rs256())
    issuer.status = 503

    assert verify(tokens, rs256(), now_ms=NOW_MS + 400_000) == ["ada"]


@pytest.mark.parametrize("document", [[], {}, None, "keys", {"keys": {}}, {"keys": None}], ids=str)
def test_a_document_without_a_list_of_keys_wipes_none(issuer: Issuer, document: object) -> None:
    tokens = issuer.tokens()
    verify(tokens, rs256())
    issuer.document = document

    assert verify(tokens, rs256(), now_ms=NOW_MS + 400_000) == ["ada"]
    with pytest.raises(Unavailable):
        verify(issuer.tokens(), rs256())


@pytest.mark.parametrize("status", [302, 404, 500])
def test_without_any_key_the_answer_is_to_come_back_later(issuer: Issuer, status: int) -> None:
    issuer.status = status

    with pytest.raises(Unavailable):
        verify(issuer.tokens(), rs256())
    assert issuer.asked == ["/jwks"]


@pytest.mark.parametrize(
    "document",
    [
        {"keys": [None, 7, {}, {"kid": "r1"}, {"kid": "r1", "kty": "RSA"}]},
        {"keys": [{"kid": "r1", "kty": "oct", "k": "c2VjcmV0"}]},
        {"keys": [{**jwk(RSA_KEY, "r1"), "use": "enc"}]},
        {"keys": [{**jwk(RSA_KEY, "r1"), "alg": "RS512"}]},
        {"keys": [{**jwk(RSA_KEY, "r1"), "kid": ["r1"]}]},
    ],
    ids=["no keys", "no RSA", "for encryption", "of another algorithm", "no name"],
)
def test_keys_that_are_not_for_us_are_passed_over(issuer: Issuer, document: object) -> None:
    issuer.document = document

    with pytest.raises(NotAuthenticated):
        verify(issuer.tokens(), rs256())
