"""A push service on this machine, and browsers that subscribe to it and can read what arrives."""

import asyncio
import base64
import ipaddress
import json
import os
import secrets
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import http_ece
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import Resolver, bind_sockets
from tornado.web import Application, RequestHandler

from domain.push_endpoints import Subscription, accept_subscription
from handlers.public_addresses import Addresses, PublicResolver
from handlers.push_sender import PushSender
from handlers.vapid import Signer
from tests.stores import VAPID_PRIVATE_KEY

HOST: Final = "fcm.googleapis.com"
PATIENCE_S: Final = 10.0
CHUNK: Final = b" " * 65_536


def text(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(encoded: str) -> bytes:
    """The inverse of `text`."""
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


@dataclass(kw_only=True)
class Browser:
    """A browser with one subscription; only it has the private key."""

    host: str = HOST
    name: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    private_key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )
    secret: bytes = field(default_factory=lambda: os.urandom(16), repr=False)

    @property
    def endpoint(self) -> str:
        return f"https://{self.host}/fcm/send/{self.name}"

    @property
    def p256dh(self) -> str:
        point = self.private_key.public_key()
        return text(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def to_json(self) -> dict[str, Any]:
        """What `PushSubscription.toJSON()` gives."""
        keys = {"p256dh": self.p256dh, "auth": text(self.secret)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def subscription(self) -> Subscription:
        """The same, as it is kept."""
        told = self.to_json()
        return accept_subscription(told["endpoint"], told["keys"], None, (self.host,))

    def read(self, body: bytes) -> dict[str, Any]:
        """Decrypt what has arrived."""
        clear = http_ece.decrypt(
            body, private_key=self.private_key, auth_secret=self.secret, version="aes128gcm"
        )
        return dict(json.loads(clear))


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """One message at the push service."""

    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)


@dataclass(kw_only=True)
class PushStub:
    """What has arrived, and how the next messages are to be answered."""

    port: int = 0
    trust: ssl.SSLContext
    mode: str = "201"
    retry_after: str | None = None
    arrived: list[Arrived] = field(default_factory=list)
    elsewhere: int = 0
    """Requests at the address that redirects lead to."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Lets slow requests be answered."""

    def sender(self, resolver: Resolver | None = None) -> PushSender:
        """A sender that trusts this service, and finds it under whatever name."""
        signer = Signer(VAPID_PRIVATE_KEY, "mailto:ops@example.org")
        return PushSender(signer, resolver or LocalResolver(self.port), self.trust)

    async def wait(self, count: int) -> list[Arrived]:
        """So many messages, in the order in which they came."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.arrived) < count:
                self.news.clear()
                await self.news.wait()
        return self.arrived


class LocalResolver(Resolver):
    """Finds every host at one port of this machine."""

    def initialize(self, port: int) -> None:
        self.port = port

    def close(self) -> None:
        """There is nothing to let go of."""

    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> Addresses:
        return [(socket.AF_INET, ("127.0.0.1", self.port))]


class Names(PublicResolver):
    """The real resolver on a name server that says what the test wants, in turn."""

    def initialize(self, *answers: tuple[str, ...], port: int = 443) -> None:
        super().initialize()
        self.answers = list(answers)
        self.asked: list[str] = []
        self.port = port

    def look_up(self, host: str, port: int, family: socket.AddressFamily) -> Addresses:
        self.asked.append(host)
        found = self.answers.pop(0)
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(families[":" in address], (address, self.port)) for address in found]


class Push(RequestHandler):
    """Where messages arrive."""

    def initialize(self, stub: PushStub) -> None:
        self.stub = stub

    async def post(self) -> None:
        stub = self.stub
        headers = {name.lower(): value for name, value in self.request.headers.get_all()}
        stub.arrived.append(
            Arrived(path=self.request.path, headers=headers, body=self.request.body)
        )
        stub.news.set()
        if stub.mode == "slow":
            await stub.released.wait()
        if stub.mode.isdigit():
            self.set_status(int(stub.mode))
            self.set_header("Location", f"https://{HOST}/elsewhere")
        if stub.retry_after is not None:
            self.set_header("Retry-After", stub.retry_after)
        if stub.mode == "reset":
            self.detach().close()
        elif stub.mode == "endless":
            await self._endless()
        else:
            self.finish()

    async def _endless(self) -> None:
        try:
            while not self.stub.released.is_set():
                self.write(CHUNK)
                await self.flush()
        except StreamClosedError:
            return


class Elsewhere(RequestHandler):
    """Where a redirect leads."""

    def initialize(self, stub: PushStub) -> None:
        self.stub = stub

    def prepare(self) -> None:
        self.stub.elsewhere += 1
        self.finish()


@asynccontextmanager
async def push_stub(directory: Path, *hosts: str) -> AsyncIterator[PushStub]:
    """A push service on a free port, with a certificate for HOST and these hosts."""
    authority, certificate = _certificates((HOST, *hosts))
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with _file(directory, certificate) as path:
        serving.load_cert_chain(path)
    stub = PushStub(trust=ssl.create_default_context(cadata=authority))
    routes = [("/elsewhere.*", Elsewhere, {"stub": stub}), ("/.*", Push, {"stub": stub})]
    server = HTTPServer(Application(routes, log_function=lambda _: None), ssl_options=serving)
    (listener,) = bind_sockets(0, "127.0.0.1")
    server.add_socket(listener)
    stub.port = listener.getsockname()[1]
    try:
        yield stub
    finally:
        stub.released.set()
        server.stop()
        await server.close_all_connections()


@contextmanager
def _file(directory: Path, content: bytes) -> Iterator[Path]:
    path = directory / f"{secrets.token_hex(4)}.pem"
    path.write_bytes(content)
    yield path
    path.unlink()


def _certificates(hosts: tuple[str, ...]) -> tuple[str, bytes]:
    """An authority for this run, and a certificate of it with its key."""
    root, leaf = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "for tests")])
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, hosts[0])])
    authority = _signed(
        issuer, issuer, root, root, [(x509.BasicConstraints(ca=True, path_length=0), True)]
    )
    names = [x509.DNSName(host) for host in hosts]
    local = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = _signed(
        subject, issuer, leaf, root, [(x509.SubjectAlternativeName([*names, local]), False)]
    )
    key = leaf.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return authority.decode(), key + certificate


def _signed(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    extensions: list[tuple[x509.ExtensionType, bool]],
) -> bytes:
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    for extension, critical in extensions:
        made = made.add_extension(extension, critical=critical)
    return made.sign(by, hashes.SHA256()).public_bytes(Encoding.PEM)
