"""The key that signs web push (RFC 8292): made, read, and put into a header."""

import base64
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from py_vapid import Vapid02

from domain.push_endpoints import base64url

HOUR_S: Final = 3600
LIFE_HOURS: Final = 12
"""Push services accept tokens of up to 24 hours, and ask for few different ones."""
TOKENS_KEPT: Final = 256
DEVELOPMENT_SUBJECT: Final = "mailto:developer@example.com"


class Signer:
    """Proves to push services who is sending."""

    def __init__(self, private_key: str, subject: str | None) -> None:
        """Take the key (base64url or PEM) and where the operator can be reached, as settings."""
        key = _read(private_key)
        self._vapid = Vapid02(key)
        self._subject = subject or DEVELOPMENT_SUBJECT
        self._signed = lru_cache(TOKENS_KEPT)(self._sign)
        self.public_key = _public(key)

    def header(self, host: str, now: int) -> str:
        """The Authorization for a push service, good for hours from `now`, ms."""
        return self._signed(host, now // (HOUR_S * 1000))

    def _sign(self, host: str, hour: int) -> str:
        ends_s = (hour + LIFE_HOURS) * HOUR_S
        claims = {"aud": f"https://{host}", "sub": self._subject, "exp": ends_s}
        return str(self._vapid.sign(claims)["Authorization"])


def fresh() -> str:
    """A new private key, in base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64url(number.to_bytes(32))


def public_key(private_key: str) -> str:
    """The public key that belongs to a private one, in base64url."""
    return _public(_read(private_key))


def _read(private_key: str) -> ec.EllipticCurvePrivateKey:
    if private_key.startswith("-----BEGIN"):
        key = load_pem_private_key(private_key.encode(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key
    raw = base64.urlsafe_b64decode(private_key.rstrip("=") + "=")
    return ec.derive_private_key(int.from_bytes(raw), ec.SECP256R1())


def _public(key: ec.EllipticCurvePrivateKey) -> str:
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64url(point)
