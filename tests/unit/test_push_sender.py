"""Messages reach the push service encrypted and signed, and nothing reaches anybody else."""

import logging
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from handlers import push_sender, vapid
from handlers.public_addresses import PublicResolver
from handlers.push_sender import encrypted, retry_after_s
from handlers.vapid import Signer
from realtime.notifying import Message, Result, Sent
from tests.fakes import START_MS
from tests.push_stub import HOST, Browser, Names, PushStub, push_stub, raw
from tests.stores import VAPID_PRIVATE_KEY

HELLO = Message(payload=b'{"title":"hello"}', ttl_s=60, urgency="high", topic="t" * 32)
HOUR_S = 3600


async def send(
    stub: PushStub, browser: Browser | None = None, resolver: PublicResolver | None = None
) -> Sent:
    """Send one message, to where the stub is unless a resolver says otherwise."""
    sender = stub.sender(resolver)
    try:
        return await sender.send((browser or Browser()).subscription(), HELLO, START_MS)
    finally:
        sender.close()


def claims_of(authorization: str) -> tuple[str, dict[str, Any]]:
    """The public key in a VAPID header, and the claims that it proves."""
    scheme, _, rest = authorization.partition(" ")
    parts = dict(part.split("=", 1) for part in rest.split(","))
    assert scheme == "vapid"
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(parts["k"]))
    # Tests live in a time of their own.
    unchecked: Any = {"verify_exp": False, "verify_aud": False}
    return parts["k"], jwt.decode(parts["t"], key, algorithms=["ES256"], options=unchecked)


@pytest.mark.gen_test
async def test_a_message_arrives_signed_and_only_its_browser_can_read_it(tmp_path: Path) -> None:
    browser, other = Browser(), Browser()
    async with push_stub(tmp_path) as stub:
        sent = await send(stub, browser)
        (arrived,) = stub.arrived

    key, claims = claims_of(arrived.headers["authorization"])
    assert sent.result is Result.DELIVERED
    assert arrived.path == f"/fcm/send/{browser.name}"
    assert browser.read(arrived.body) == {"title": "hello"}
    assert b"hello" not in arrived.body
    with pytest.raises(Exception, match="Decryption"):
        other.read(arrived.body)
    assert key == vapid.public_key(VAPID_PRIVATE_KEY)
    assert claims["aud"] == f"https://{HOST}"
    assert claims["sub"] == "mailto:ops@example.org"
    assert 11 * HOUR_S < claims["exp"] - START_MS / 1000 <= 12 * HOUR_S
    told = {name: arrived.headers[name] for name in ("ttl", "urgency", "topic", "host")}
    assert told == {"ttl": "60", "urgency": "high", "topic": "t" * 32, "host": HOST}
    assert arrived.headers["content-encoding"] == "aes128gcm"
    assert arrived.headers["content-length"] == str(len(arrived.body))


@pytest.mark.parametrize(
    ("mode", "result"),
    [
        ("200", Result.DELIVERED),
        ("201", Result.DELIVERED),
        ("202", Result.DELIVERED),
        ("204", Result.DELIVERED),
        ("301", Result.REFUSED),
        ("302", Result.REFUSED),
        ("307", Result.REFUSED),
        ("308", Result.REFUSED),
        ("400", Result.REFUSED),
        ("401", Result.REFUSED),
        ("403", Result.REFUSED),
        ("404", Result.GONE),
        ("410", Result.GONE),
        ("413", Result.REFUSED),
        ("408", Result.AGAIN),
        ("429", Result.AGAIN),
        ("500", Result.AGAIN),
        ("503", Result.AGAIN),
        ("reset", Result.AGAIN),
        ("endless", Result.AGAIN),
    ],
)
@pytest.mark.gen_test
async def test_the_answer_says_what_to_do_next(mode: str, result: Result, tmp_path: Path) -> None:
    async with push_stub(tmp_path) as stub:
        stub.mode = mode
        sent = await send(stub)

    assert sent.result is result
    # A redirect would carry the signature to somebody else.
    assert (len(stub.arrived), stub.elsewhere) == (1, 0)


@pytest.mark.gen_test
async def test_a_push_service_may_say_when_to_come_again(tmp_path: Path) -> None:
    async with push_stub(tmp_path) as stub:
        stub.mode, stub.retry_after = "429", "17"
        sent = await send(stub)

    assert (sent.result, sent.retry_after_s, sent.detail) == (Result.AGAIN, 17, "429")


def test_retry_after_is_a_number_or_a_date_and_never_more_than_an_hour() -> None:
    in_a_minute = formatdate(START_MS / 1000 + 60, usegmt=True)

    assert retry_after_s("5", START_MS) == 5
    assert retry_after_s(in_a_minute, START_MS) == 60
    assert retry_after_s("9" * 10_000, START_MS) == HOUR_S
    assert retry_after_s(formatdate(START_MS / 1000 + 10**6), START_MS) == HOUR_S
    for nonsense in ("", "soon", "-5", "1e9", formatdate(0), "Mon, 99 Foo 20", "²"):
        assert retry_after_s(nonsense, START_MS) == 0


@pytest.mark.gen_test
async def test_who_does_not_answer_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push_sender, "WITHIN_S", 0.3)
    async with push_stub(tmp_path) as stub:
        stub.mode = "slow"
        slow = await send(stub)
        assert not stub.released.is_set()
    gone = await send(stub)

    assert slow.result is gone.result is Result.AGAIN


@pytest.mark.gen_test
async def test_a_service_that_cannot_prove_its_name_gets_nothing(tmp_path: Path) -> None:
    async with push_stub(tmp_path) as stub, push_stub(tmp_path) as imposter:
        another_name = await send(stub, Browser(host="web.push.apple.com"))
        imposter.trust = stub.trust
        another_authority = await send(imposter)

    assert another_name.result is another_authority.result is Result.AGAIN
    assert stub.arrived == imposter.arrived == []


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("::1",),
        ("::ffff:127.0.0.1",),
        ("0.0.0.0",),
        ("64:ff9b::7f00:1",),
        ("192.168.1.1", "127.0.0.1"),
    ],
)
@pytest.mark.gen_test
async def test_a_name_of_the_list_that_leads_inside_is_not_followed(
    addresses: tuple[str, ...], tmp_path: Path
) -> None:
    async with push_stub(tmp_path) as stub:
        names = Names(addresses, port=stub.port)
        sent = await send(stub, resolver=names)

    assert (sent.result, sent.detail) == (Result.REFUSED, "not a public address")
    assert (names.asked, stub.arrived) == ([HOST], [])


@pytest.mark.gen_test
async def test_a_name_that_changes_its_address_is_caught_when_it_is_connected_to(
    tmp_path: Path,
) -> None:
    async with push_stub(tmp_path) as stub:
        names = Names(("8.8.8.8",), ("127.0.0.1",), port=stub.port)
        before = await names.resolve(HOST, 443)
        sent = await send(stub, resolver=names)

    assert [address[0] for _, address in before] == ["8.8.8.8"]
    assert sent.result is Result.REFUSED
    assert stub.arrived == []


@pytest.mark.gen_test
async def test_environment_variables_lead_no_message_through_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with push_stub(tmp_path) as stub:
        assert (await send(stub)).result is Result.DELIVERED


@pytest.mark.gen_test
async def test_neither_endpoints_nor_keys_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser()
    told = []
    with caplog.at_level(logging.DEBUG):
        async with push_stub(tmp_path) as stub:
            for mode in ("201", "403", "410", "500", "reset", "endless"):
                stub.mode = mode
                told.append(await send(stub, browser))
            sender = stub.sender()
            sender.close()

    shown = caplog.text + repr((told, browser.subscription(), sender, HELLO))
    for secret in (browser.name, browser.p256dh, VAPID_PRIVATE_KEY, "hello"):
        assert secret not in shown


def test_one_encryption_is_cheap_enough_for_the_event_loop() -> None:
    to, signer = Browser().subscription(), Signer(VAPID_PRIVATE_KEY, None)
    began = time.perf_counter()
    for number in range(100):
        encrypted(to, b"x" * 3_000)
        signer.header(HOST, START_MS + number * HOUR_S * 1000)

    assert (time.perf_counter() - began) / 100 < 0.01


def test_a_key_is_read_from_either_form_and_made_fresh() -> None:
    number = int.from_bytes(raw(VAPID_PRIVATE_KEY))
    key = ec.derive_private_key(number, ec.SECP256R1())
    pems = [
        key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()
        for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL)
    ]
    made = {vapid.fresh() for _ in range(3)}

    assert {vapid.public_key(pem) for pem in pems} == {vapid.public_key(VAPID_PRIVATE_KEY)}
    assert len(made) == 3
    assert {len(raw(vapid.public_key(one))) for one in made} == {65}


def test_a_token_is_used_again_for_an_hour_and_for_one_service_only() -> None:
    signer = Signer(VAPID_PRIVATE_KEY, None)
    first = signer.header(HOST, START_MS)

    assert signer.header(HOST, START_MS + 1000) == first
    assert signer.header("web.push.apple.com", START_MS) != first
    assert signer.header(HOST, START_MS + HOUR_S * 1000) != first
