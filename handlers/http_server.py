"""The server in front of the application: bounded bodies, bounded time, proxies known by address."""

import ipaddress
import resource
import sys
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any, cast

from tornado import httputil
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream
from tornado.netutil import is_valid_ip
from tornado.routing import URLSpec
from tornado.web import Application, stream_request_body

from domain.errors import TooLarge
from handlers.base import Edge
from handlers.forms import is_form

if TYPE_CHECKING:
    from config.settings import Settings
    from handlers.services import Services

HEADER_BYTES = 16 * 1024
SPARE_FILES = 100
CHUNK_BYTES = 64 * 1024
BUFFER_BYTES = 1024 * 1024
FORM_BYTES = 128 * 1024
"""What a form may have besides its recording."""
LINGER_S = 5.0
LINGER_BYTES = 32 * 1024 * 1024
LENGTH_DIGITS = 15
FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "X-Forwarded-Proto", "X-Scheme")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@stream_request_body
class OversizedBody(Edge):
    """Whatever the path: the answer to a body that is too long, given before it is read.

    The connection is closed after it, but not at once: a client that is still sending would
    see a reset in place of the answer. What arrives meanwhile is thrown away, up to a bound.
    """

    limited = False
    _discarded_bytes = 0

    def prepare(self) -> None:
        super().prepare()
        self.write_problem(TooLarge("The body is longer than this request may have."))
        self.set_header("Connection", "close")
        declared = self.request.headers.get("Content-Length", "")
        if "Expect" in self.request.headers or len(declared) > LENGTH_DIGITS:
            self.finish()
            return
        cast(Any, self.request.connection).set_body_timeout(LINGER_S)
        self.set_header("Content-Length", str(sum(map(len, self._write_buffer))))
        self.flush()

    def data_received(self, chunk: bytes) -> None:
        self._discarded_bytes += len(chunk)
        if self._discarded_bytes > LINGER_BYTES and not self._finished:
            self.finish()

    async def _done(self, *_args: str, **_path: str) -> None:
        """The body ended by itself: nothing is left to say."""

    get = head = post = put = patch = delete = options = _done


class BoundedBodies(httputil.HTTPServerConnectionDelegate):
    """The application, seen by the server: no route is ever sent more than it may be."""

    def __init__(self, application: Application, services: "Services") -> None:
        self.application = application
        self.services = services
        self._uploads = [
            rule.regex
            for rule in application.wildcard_router.rules
            if isinstance(rule, URLSpec) and getattr(rule.handler_class, "takes_uploads", False)
        ]

    def limit_bytes(
        self, start_line: httputil.RequestStartLine, headers: httputil.HTTPHeaders
    ) -> int:
        """The longest body that this request may have."""
        settings = self.services.settings
        path = start_line.path.partition("?")[0]
        form = start_line.method == "POST" and is_form(headers.get("Content-Type", ""))
        if form and any(upload.match(path) for upload in self._uploads):
            return settings.audio_bytes + FORM_BYTES
        return settings.body_bytes

    def start_request(
        self, server_conn: object, request_conn: httputil.HTTPConnection
    ) -> httputil.HTTPMessageDelegate:
        inner = self.application.start_request(server_conn, request_conn)
        return _BoundedBody(self, inner, server_conn, request_conn)

    def refusal(
        self,
        server_conn: object,
        request_conn: httputil.HTTPConnection,
        start_line: httputil.RequestStartLine,
        headers: httputil.HTTPHeaders,
    ) -> httputil.HTTPMessageDelegate:
        """Return what answers 413 in place of the route."""
        request = httputil.HTTPServerRequest(
            connection=request_conn,
            server_connection=server_conn,
            start_line=start_line,
            headers=headers,
        )
        return self.application.get_handler_delegate(
            request, OversizedBody, {"services": self.services, "template": "oversized"}
        )


class _BoundedBody(httputil.HTTPMessageDelegate):
    """Passes one request on until it turns out too long; then the refusal takes its place."""

    def __init__(
        self,
        bounds: BoundedBodies,
        inner: httputil.HTTPMessageDelegate,
        server_conn: object,
        request_conn: httputil.HTTPConnection,
    ) -> None:
        self._bounds = bounds
        self._inner = inner
        self._connections = (server_conn, request_conn)
        self._left_bytes = 0
        self._refused = False
        self._start_line: httputil.RequestStartLine
        self._headers: httputil.HTTPHeaders

    def headers_received(
        self,
        start_line: httputil.RequestStartLine | httputil.ResponseStartLine,
        headers: httputil.HTTPHeaders,
    ) -> Awaitable[None] | None:
        self._start_line = cast(httputil.RequestStartLine, start_line)
        self._headers = headers
        self._left_bytes = limit_bytes = self._bounds.limit_bytes(self._start_line, headers)
        declared = headers.get("Content-Length", "")
        # Anything but digits is left to the parser, which answers 400.
        if declared.isascii() and declared.isdigit():
            too_long = len(declared) > LENGTH_DIGITS or int(declared) > limit_bytes
            if too_long:
                return self._refuse()
        return self._inner.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        self._left_bytes -= len(chunk)
        if self._left_bytes < 0 and not self._refused:
            self._inner.on_connection_close()
            return self._refuse()
        return self._inner.data_received(chunk)

    def _refuse(self) -> Awaitable[None] | None:
        self._refused = True
        self._inner = self._bounds.refusal(*self._connections, self._start_line, self._headers)
        return self._inner.headers_received(self._start_line, self._headers)

    def finish(self) -> None:
        self._inner.finish()

    def on_connection_close(self) -> None:
        self._inner.on_connection_close()


class EdgeServer(HTTPServer):
    """An HTTPServer that believes forwarding headers only from the networks of known proxies."""

    def initialize(self, *args: Any, proxies: Sequence[str] = (), **kwargs: Any) -> None:
        super().initialize(*args, **{**kwargs, "xheaders": bool(proxies)})
        self._proxies = [ipaddress.ip_network(network, strict=False) for network in proxies]

    def handle_stream(self, stream: IOStream, address: Any) -> Any:
        """Take a connection, unless the process is about to run out of file descriptors.

        Descriptors are given out lowest first, so the number of this one tells. Past the
        last one, accepting would fail again and again, and nobody would be served.
        """
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and stream.socket.fileno() >= soft - SPARE_FILES:
            stream.close()
            return None
        return super().handle_stream(stream, address)

    def start_request(
        self, server_conn: object, request_conn: httputil.HTTPConnection
    ) -> httputil.HTTPMessageDelegate:
        inner = super().start_request(server_conn, request_conn)
        if not self._proxies:
            return inner
        return _Forwarded(inner, cast(Any, request_conn).context.remote_ip, self._proxies)


class _Forwarded(httputil.HTTPMessageDelegate):
    """Leaves at most one forwarding address: the client as the outermost known proxy saw it."""

    def __init__(
        self, inner: httputil.HTTPMessageDelegate, peer: str, proxies: Sequence[Network]
    ) -> None:
        self._inner = inner
        self._peer = peer
        self._proxies = proxies

    def headers_received(
        self,
        start_line: httputil.RequestStartLine | httputil.ResponseStartLine,
        headers: httputil.HTTPHeaders,
    ) -> Awaitable[None] | None:
        hops = [hop.strip() for hop in headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        trusted = self._is_proxy(self._peer)
        # X-Real-Ip is never believed: Tornado would prefer it to the hops that proxies vouch for.
        for name in ("X-Real-Ip", "X-Forwarded-For") if trusted else FORWARDED:
            if name in headers:
                del headers[name]
        if trusted and hops:
            outer = next((hop for hop in reversed(hops) if not self._is_proxy(hop)), hops[0])
            headers["X-Forwarded-For"] = outer
        return self._inner.headers_received(start_line, headers)

    def _is_proxy(self, address: str) -> bool:
        if not is_valid_ip(address):
            return False
        ip = ipaddress.ip_address(address)
        return any(ip in network for network in self._proxies)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return self._inner.data_received(chunk)

    def finish(self) -> None:
        self._inner.finish()

    def on_connection_close(self) -> None:
        self._inner.on_connection_close()


def http_server(application: Application, settings: "Settings") -> HTTPServer:
    """Return the server for `application`, which `routes.application` made; not yet listening."""
    # Tornado parses forms before any handler runs, by a setting of the whole process. The one
    # route that takes a form reads it while it arrives, so what remains is an attack surface.
    multipart = httputil.ParseMultipartConfig(enabled=False)
    httputil.set_parse_body_config(httputil.ParseBodyConfig(multipart=multipart))
    services = cast("Services", application.settings["services"])
    return EdgeServer(
        BoundedBodies(application, services),
        proxies=settings.trusted_proxies,
        decompress_request=False,
        chunk_size=CHUNK_BYTES,
        max_header_size=HEADER_BYTES,
        max_buffer_size=BUFFER_BYTES,
        # BoundedBodies enforces the limit and answers 413; Tornado's own just drops the caller.
        max_body_size=sys.maxsize,
        idle_connection_timeout=settings.idle_timeout_s,
        body_timeout=settings.body_timeout_s,
    )


def raise_file_limit() -> None:
    """Let this process have as many files open as the system allows it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
