"""What a browser says is believed only where it can be, and every fault has its name."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from config.settings import PUSH_HOSTS
from domain.errors import InvalidInput
from domain.push_endpoints import (
    ENDPOINT_MAX_CHARS,
    P,
    accept_auth,
    accept_endpoint,
    accept_p256dh,
    accept_subscription,
)
from tests.push_stub import Browser, raw, text

HTTPS = "Must start with https://."
USER = "Must not name a user."
FRAGMENT = "Must not have a fragment."
PORT = "Must use port 443."
ADDRESS = "Must name a host, not an IP address."
UNKNOWN = "Its host is not a push service that is known here."
CHARACTERS = "Must be ASCII without spaces and backslashes."
GARBAGE = "Not an address."
POINT = "Must be an uncompressed point, 65 bytes in base64url."
CURVE = "Not a point on the curve P-256."
SECRET = "Must be 16 bytes in base64url."


def fault(endpoint: str) -> str:
    """What is wrong with it."""
    with pytest.raises(InvalidInput) as caught:
        accept_endpoint(endpoint, PUSH_HOSTS)
    told = caught.value.errors["endpoint"]
    assert isinstance(told, list)
    return " ".join(told)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:APA91b-_",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
        "https://eu.push.services.mozilla.com/wpush/v2/gAAAA",
        "https://web.push.apple.com/QGuQyavXutnMH",
        "https://api.web.push.apple.com/x",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYAAAD%2b%2f",
    ],
)
def test_the_endpoints_that_browsers_give_are_kept_as_they_are(endpoint: str) -> None:
    assert accept_endpoint(endpoint, PUSH_HOSTS) == endpoint


def test_one_place_has_one_spelling() -> None:
    for spelling in (
        "https://FCM.GoogleApis.com/Send/A?b=C",
        "HTTPS://fcm.googleapis.com:443/Send/A?b=C",
        "https://fcm.googleapis.com:/Send/A?b=C",
    ):
        assert accept_endpoint(spelling, PUSH_HOSTS) == "https://fcm.googleapis.com/Send/A?b=C"


@pytest.mark.parametrize(
    ("endpoint", "told"),
    [
        ("http://fcm.googleapis.com/x", HTTPS),
        ("ftp://fcm.googleapis.com/x", HTTPS),
        ("file:///etc/passwd", HTTPS),
        ("gopher://fcm.googleapis.com/x", HTTPS),
        ("//fcm.googleapis.com/x", HTTPS),
        ("fcm.googleapis.com/x", HTTPS),
        ("", CHARACTERS),
        ("https://user:pass@fcm.googleapis.com/x", USER),
        ("https://fcm.googleapis.com@127.0.0.1/x", USER),
        ("https://@fcm.googleapis.com/x", USER),
        ("https://fcm.googleapis.com/x#y", FRAGMENT),
        ("https://fcm.googleapis.com/x#", FRAGMENT),
        ("https://evil.example#.fcm.googleapis.com/", FRAGMENT),
        ("https://fcm.googleapis.com:6379/x", PORT),
        ("https://fcm.googleapis.com:80/x", PORT),
        ("https://fcm.googleapis.com:0/x", PORT),
        ("https://fcm.googleapis.com:99999/x", GARBAGE),
        ("https://fcm.googleapis.com:443a/x", GARBAGE),
        ("https://[::1", GARBAGE),
        ("https://127.0.0.1/x", ADDRESS),
        ("https://127.1/x", ADDRESS),
        ("https://2130706433/x", ADDRESS),
        ("https://0x7f000001/x", ADDRESS),
        ("https://0x7f.0.0.0x1/x", ADDRESS),
        ("https://0177.0.0.1/x", ADDRESS),
        ("https://127.0.0.1./x", ADDRESS),
        ("https://169.254.169.254/latest/meta-data/", ADDRESS),
        ("https://10.0.0.1/x", ADDRESS),
        ("https://[::1]/x", ADDRESS),
        ("https://[::ffff:127.0.0.1]/x", ADDRESS),
        ("https://[fc00::1]/x", ADDRESS),
        ("https://[64:ff9b::7f00:1]/x", ADDRESS),
        ("https://[fe80::1%25eth0]/x", ADDRESS),
        ("https://localhost/x", UNKNOWN),
        ("https:///x", UNKNOWN),
        ("https://fcm.googleapis.com./x", UNKNOWN),
        ("https://.push.apple.com/x", UNKNOWN),
        ("https://push.apple.com/x", UNKNOWN),
        ("https://a..push.apple.com/x", UNKNOWN),
        (f"https://{'a' * 64}.push.apple.com/x", UNKNOWN),
        ("https://a_b.push.apple.com/x", UNKNOWN),
        ("https://notpush.apple.com/x", UNKNOWN),
        ("https://a.push.apple.com.evil.example/x", UNKNOWN),
        ("https://fcm.googleapis.com.evil.example/x", UNKNOWN),
        ("https://evil.example/fcm.googleapis.com/", UNKNOWN),
        ("https://evil.example?.push.apple.com/", UNKNOWN),
        ("https://*.push.apple.com.evil.example/x", UNKNOWN),
        ("https://xn--fcm-googleapis-qq8g.com/x", UNKNOWN),
        ("https://fcm.xn--ggleapis-f4ab.com/x", UNKNOWN),
        ("https://fcm%2egoogleapis.com/x", UNKNOWN),
        ("https://f\u0441m.googleapis.com/x", CHARACTERS),
        ("https://fcm\u3002googleapis.com/x", CHARACTERS),
        ("https://fcm.googleapis.com\\@evil.example/x", CHARACTERS),
        ("https://fcm.googleapis.com/x y", CHARACTERS),
        (" https://fcm.googleapis.com/x", CHARACTERS),
        ("https://fcm.googleapis.com/x\r\nHost: evil", CHARACTERS),
        ("https://fcm.goog\tleapis.com/x", CHARACTERS),
    ],
)
def test_every_other_address_is_refused_for_its_own_reason(endpoint: str, told: str) -> None:
    assert fault(endpoint) == told


def test_an_endpoint_has_at_most_a_thousand_characters() -> None:
    start = "https://fcm.googleapis.com/"
    longest = start + "x" * (ENDPOINT_MAX_CHARS - len(start))

    assert accept_endpoint(longest, PUSH_HOSTS) == longest
    assert fault(f"{longest}x") == "Longer than 1000 characters."


def test_the_list_of_hosts_is_the_operators() -> None:
    own = ("push.example.org", "*.own.example")

    assert accept_endpoint("https://push.example.org/x", own)
    assert accept_endpoint("https://a.b.own.example/x", own)
    for elsewhere in ("https://fcm.googleapis.com/x", "https://own.example/x"):
        with pytest.raises(InvalidInput):
            accept_endpoint(elsewhere, own)


def test_keys_are_taken_with_and_without_padding() -> None:
    browser = Browser()
    point, secret = raw(browser.p256dh), browser.secret

    assert accept_p256dh(browser.p256dh) == browser.p256dh
    assert accept_p256dh(base64.urlsafe_b64encode(point).decode()) == browser.p256dh
    assert accept_auth(base64.urlsafe_b64encode(secret).decode()) == text(secret)


def test_every_point_that_a_browser_can_make_is_on_the_curve() -> None:
    for _ in range(50):
        assert accept_p256dh(Browser().p256dh)


def flipped(point: bytes) -> bytes:
    return point[:-1] + bytes([point[-1] ^ 1])


def off_the_curve() -> list[tuple[bytes, str]]:
    """Points that an attacker might offer, and what is said of them."""
    point = raw(Browser().p256dh)
    other = ec.generate_private_key(ec.SECP256K1()).public_key().public_numbers()
    x, y = int.from_bytes(point[1:33]), int.from_bytes(point[33:])
    return [
        (flipped(point), CURVE),
        (b"\x04" + bytes(64), CURVE),
        (b"\x04" + other.x.to_bytes(32) + other.y.to_bytes(32), CURVE),
        (b"\x04" + P.to_bytes(32) + y.to_bytes(32), CURVE),
        (b"\x04" + x.to_bytes(32) + (y + P).to_bytes(33)[1:], CURVE),
        (b"\x04" + b"\xff" * 64, CURVE),
        (b"\x02" + point[1:33], POINT),
        (b"\x06" + point[1:], POINT),
        (b"\x00", POINT),
        (point[:-1], POINT),
        (point + b"\x00", POINT),
    ]


def test_what_is_no_point_of_the_curve_is_refused() -> None:
    for point, told in off_the_curve():
        with pytest.raises(InvalidInput) as caught:
            accept_p256dh(text(point))

        assert caught.value.errors == {"p256dh": [told]}


@pytest.mark.parametrize("junk", ["", "A", "AAAAA", "+/" * 43, "A" * 86 + "\n", "A=B", "é" * 22])
def test_what_is_no_base64url_is_refused(junk: str) -> None:
    for accept, told in ((accept_p256dh, POINT), (accept_auth, SECRET)):
        with pytest.raises(InvalidInput, match=told.replace(".", r"\.")):
            accept(junk)


def test_an_authentication_secret_has_sixteen_bytes() -> None:
    for wrong in (15, 17, 32):
        with pytest.raises(InvalidInput) as caught:
            accept_auth(text(bytes(wrong)))
        assert caught.value.errors == {"auth": [SECRET]}


def test_all_faults_are_told_at_once_each_at_its_field() -> None:
    keys = {"p256dh": "x", "auth": "y"}
    with pytest.raises(InvalidInput) as caught:
        accept_subscription("http://evil.example/", keys, None, PUSH_HOSTS)

    assert caught.value.errors == {
        "endpoint": [HTTPS],
        "keys": {"p256dh": [POINT], "auth": [SECRET]},
    }


def test_a_subscription_has_an_id_and_shows_no_secret() -> None:
    browser = Browser()
    told: dict[str, Any] = browser.to_json()
    kept = accept_subscription(told["endpoint"], told["keys"], 5, PUSH_HOSTS)

    assert (kept.host, kept.expires_at) == ("fcm.googleapis.com", 5)
    assert len(kept.id) == 64
    assert kept.id != Browser().subscription().id
    for secret in (browser.name, browser.p256dh, text(browser.secret)):
        assert secret not in repr(kept)
