"""What one setting is: its meaning, its bounds, and the checks a value has to pass."""

import base64
import dataclasses
import ipaddress
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from environs import ValidationError, validate

PREFIX = "SESSIOND_"
KNOB = "knob"
SECRET_BYTES = 32

Check = Callable[[Any], object]
RATE = re.compile(r"[1-9]\d*/(?:[1-9]\d* ?)?(?:second|minute|hour|day)s?")
RAW_KEY = re.compile(r"[A-Za-z0-9_-]{43}=?", re.ASCII)
SUBJECT = re.compile(r"mailto:[!-~]+@[\w-]+(?:\.[\w-]+)+|https://[\w-]+(?:\.[\w-]+)+", re.ASCII)
PUSH_HOST = re.compile(r"(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*", re.ASCII)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """The description of a setting, kept in the metadata of its dataclass field."""

    meaning: str
    low: float | None = None
    high: float | None = None
    choices: Sequence[str] = ()
    secret: bool = False
    check: Check | None = None
    shown: str | None = None

    def checks(self) -> list[Check]:
        """All that a value, or each member of a list, has to pass."""
        found: list[Check] = []
        if self.low is not None or self.high is not None:
            found.append(validate.Range(min=self.low, max=self.high))
        if self.choices:
            found.append(validate.OneOf(self.choices))
        if self.check is not None:
            found.append(self.check)
        return found


def knob(default: object, meaning: str, **limits: Any) -> Any:
    """Declare a setting: a dataclass field whose metadata holds its `Knob`.

    A secret is left out of the dataclass's repr, so that no log or traceback shows it.
    """
    described = Knob(meaning=meaning, **limits)
    return dataclasses.field(default=default, repr=not described.secret, metadata={KNOB: described})


def knob_of(field: "dataclasses.Field[Any]") -> Knob:
    """The description that `knob` put on the field."""
    found: Knob = field.metadata[KNOB]
    return found


def env_name(field_name: str) -> str:
    """The variable of a field: SESSIOND_ and its name, without the `_s` of seconds."""
    if field_name == "tick_s":
        return PREFIX + "TICK_SECONDS"
    if field_name.endswith("_s") and not field_name.endswith("_per_s"):
        field_name = field_name.removesuffix("_s")
    return PREFIX + field_name.upper()


def address(*schemes: str) -> Check:
    """Accept an URL of one of these schemes; environs' own check knows only web addresses."""

    def check(value: str) -> None:
        try:
            parts = urlsplit(value)
        except ValueError:
            parts = urlsplit("")
        place = parts.path if parts.scheme == "unix" else parts.netloc
        if not place or parts.scheme not in schemes:
            raise ValidationError(f"Must be an address starting with {_or(schemes)}.")

    return check


def base_url(value: str) -> None:
    """Accept a web address that a path can be added to: no user, no query, no fragment."""
    try:
        parts = urlsplit(value)
        known = parts.port != 0 and bool(parts.hostname)
    except ValueError:
        parts, known = urlsplit(""), False
    plain = "@" not in parts.netloc and not set(value) & set("?#") and value.isprintable()
    if parts.scheme not in ("https", "http") or not (known and plain) or " " in value:
        raise ValidationError("Must be an address like https://host/v1, without user or query.")


def api_key(value: str) -> None:
    """Accept what can stand in a header."""
    if not re.fullmatch(r"[\x21-\x7e]{1,512}", value):
        raise ValidationError("Must be up to 512 printable ASCII characters without spaces.")


def secret_key(value: str) -> None:
    """Accept keys that are long enough for HS256: PyJWT refuses to verify with shorter ones."""
    if len(value.encode()) < SECRET_BYTES:
        raise ValidationError(f"Must have at least {SECRET_BYTES} bytes.")


def vapid_key(value: str) -> None:
    """Accept a private key on P-256: its 32 bytes in base64url, or PEM without a password."""
    try:
        if RAW_KEY.fullmatch(value):
            number = int.from_bytes(base64.urlsafe_b64decode(value.rstrip("=") + "="))
            ec.derive_private_key(number, ec.SECP256R1())
            return
        key = load_pem_private_key(value.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValidationError(
            "Must be a private key on P-256, as `sessiond vapid-key` prints, or PEM."
        )


def vapid_subject(value: str) -> None:
    """Accept where push services can reach the operator; some refuse localhost."""
    if not SUBJECT.fullmatch(value):
        raise ValidationError("Must be mailto:somebody@example.org or https://example.org.")


def push_host(value: str) -> None:
    """Accept a host name in lower case, or `*.` and the rest of one; never an IP address."""
    if not PUSH_HOST.fullmatch(value):
        raise ValidationError(
            f"'{value}' is not a host in lower case, as in push.example.org or *.example.org."
        )


def origin(value: str) -> None:
    """Accept scheme, host and port as a browser sends them, and nothing more."""
    if not re.fullmatch(r"https?://[A-Za-z0-9.\-\[\]:]+", value) or value != value.lower():
        raise ValidationError(
            f"'{value}' is not an origin: scheme, host and port in lower case, as in"
            " https://app.example.org; no path, no *."
        )


def name(value: str) -> None:
    """Accept what is safe inside a Redis key, a hash tag's neighbour, and a database name."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,38}", value):
        raise ValidationError("Must be 1 to 38 letters, digits, - or _.")


def network(value: str) -> None:
    """Accept an IP address or a network in CIDR notation."""
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        raise ValidationError(f"'{value}' is not an IP address or network.") from error


def rate(value: str) -> None:
    """Accept a count and a period, as in 600/minute."""
    if not RATE.fullmatch(value):
        raise ValidationError("Must be a count per period, as in 600/minute or 10/5 seconds.")


def _or(schemes: Sequence[str]) -> str:
    return " or ".join(f"{scheme}://" for scheme in schemes)
