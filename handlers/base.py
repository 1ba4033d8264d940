"""The bottom of every handler: request ids, security headers, CORS, problems, numbers."""

import json
import re
import time
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import structlog
from tornado.httputil import HTTPServerRequest
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler

from domain.errors import (
    InvalidInput,
    MediaTypeRefused,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    SessionError,
    Unavailable,
)
from handlers.credentials import Credential, origin_of, presented, require_origin
from handlers.errors import PROBLEM_TYPE, problem
from handlers.limits import network

if TYPE_CHECKING:
    from domain.access import Caller
    from handlers.services import Services

# Whoever has the rest of such a path has the calendar, may enrol in the program, or listen.
SECRET_PATH = re.compile(r"((?:calendar|shared|audio)/+).+", re.IGNORECASE | re.DOTALL)
# Whoever knows the whole id has the review or the analysis; its first part tells it from others.
SECRET_ID = re.compile(r"([0-9a-f]{8})-[0-9a-f]{4}[0-9a-f-]*", re.IGNORECASE)
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
FORMS = ("multipart/", "application/x-www-form-urlencoded")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
ASKABLE_HEADERS = "Authorization, Content-Type, Idempotency-Key, X-Request-Id"
READABLE_HEADERS = "Location, Retry-After, WWW-Authenticate, X-Request-Id"
PREFLIGHT_S = "600"
TEST_USER = "X-Test-User-ID"
"""Who asks, without a token: in development alone, and of buddy sessions alone."""
NOTHING_HERE = "There is nothing at this path."

log = structlog.get_logger(__name__)


class Edge(RequestHandler):
    """What API, pages and sockets share. Mix it in first: `class Page(Edge, StaticFileHandler)`."""

    limited = True  # False where a monitor must never be turned away
    policy = API_POLICY

    services: "Services"
    asker: "Caller | None" = None
    """The caller, where one need not say who one is."""
    request_id: str
    _template: str
    _started_s: float
    _in_progress: bool = False
    _counted: bool = False

    def initialize(self, services: "Services", template: str = "") -> None:
        self.services = services
        self.request_id = request_id(self.request)
        self._template = template or "unmatched"
        self._started_s = time.monotonic()
        self._dress()

    @property
    def party(self) -> str:
        """Who asks, for limits: the caller, or else where they call from."""
        if self.asker is not None:
            return f"user {self.asker.user_id}"
        return f"address {self.network}"

    @property
    def network(self) -> str:
        """Where the request comes from, as limits count it."""
        return network(str(self.request.remote_ip))

    @property
    def route(self) -> str:
        """The template of the path, as logs and metrics name it."""
        return self._template

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Content-Security-Policy", self.policy)
        self.set_header("Vary", "Origin")

    def _dress(self) -> None:
        """Add the headers that depend on the request."""
        self.set_header("X-Request-Id", self.request_id)
        origin = origin_of(self.request)
        if origin is not None and origin in self.services.settings.allowed_origins:
            self.set_header("Access-Control-Allow-Origin", origin)
            self.set_header("Access-Control-Allow-Credentials", "true")
            self.set_header("Access-Control-Expose-Headers", READABLE_HEADERS)

    def prepare(self) -> None:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=self.request_id, route=self._template)
        self._in_progress = True
        self.services.metrics.http_in_progress.inc()
        if self.limited and self.request.method != "OPTIONS":
            self.services.limiter.check_address(str(self.request.remote_ip))

    @classmethod
    def allowed_methods(cls) -> tuple[str, ...]:
        """Return the methods that this handler implements."""
        return tuple(
            name
            for name in METHODS
            if getattr(cls, name.lower()) is not getattr(RequestHandler, name.lower())
        )

    async def options(self, *_args: str, **_path: str) -> None:
        allowed = ", ".join(self.allowed_methods())
        self.set_status(HTTPStatus.NO_CONTENT)
        self.set_header("Allow", allowed)
        self.set_header("Vary", "Origin, Access-Control-Request-Method")
        if "Access-Control-Allow-Origin" in self._headers:
            self.set_header("Access-Control-Allow-Methods", allowed)
            self.set_header("Access-Control-Allow-Headers", self._askable())
            self.set_header("Access-Control-Max-Age", PREFLIGHT_S)

    def credential(self) -> Credential | None:
        """Return what the request brings to say who is asking; raises NotAuthenticated."""
        return presented(self.request)

    def _askable(self) -> str:
        """The headers that a page of another origin may send."""
        developing = self.services.settings.env == "development"
        return f"{ASKABLE_HEADERS}, {TEST_USER}" if developing else ASKABLE_HEADERS

    async def authenticate(self) -> "Caller":
        """Return who asks; raises NotAuthenticated, or Forbidden for a foreign page's cookie."""
        credential = self.credential()
        if credential is None:
            raise NotAuthenticated("Send `Authorization: Bearer <token>`.")
        require_origin(self.request, credential, self.services.settings.allowed_origins)
        return await self.services.tokens.verify(credential.token, self.services.clock())

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None))[1]
        self.write_problem(self.named(error, status_code), status_code)

    def write_problem(self, error: BaseException | None, status: int = 500) -> None:
        """Write the problem document, its status and its headers."""
        told = problem(error, request_id=self.request_id, status=status)
        self._dress()
        self.set_status(told.status)
        for name, value in told.headers.items():
            self.set_header(name, value)
        if told.status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.set_header("Allow", ", ".join(self.allowed_methods()))
        self.set_header("Content-Type", PROBLEM_TYPE)
        self.write(encoded(told.body))

    def named(self, error: BaseException | None, status: int) -> BaseException | None:
        """Turn what Tornado raises before we come to speak into an error of ours."""
        if not isinstance(error, HTTPError):
            return error
        status = error.status_code
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            return MethodNotAllowed(f"Use one of: {', '.join(self.allowed_methods())}.")
        # Tornado reads forms before prepare(); nothing here takes one.
        form = self.request.headers.get("Content-Type", "").lower().startswith(FORMS)
        if status == HTTPStatus.BAD_REQUEST and form:
            return MediaTypeRefused("Send JSON, not a form.")
        return error

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        facts = {"request_id": self.request_id, "route": self._template}
        if isinstance(value, Unavailable):
            log.warning("request_unavailable", reason=value.reason, **facts)
        elif isinstance(value, SessionError):
            log.info("request_refused", code=value.code, **facts)
        elif isinstance(value, HTTPError):
            log.info("request_refused", status=value.status_code, **facts)
        elif isinstance(value, StreamClosedError):
            log.info("client_left", **facts)
        else:
            log.error("request_failed", exc_info=(typ, value, tb), **facts)

    def compute_etag(self) -> str | None:
        """Nothing here is cached, so nothing needs a validator."""
        return None

    def on_finish(self) -> None:
        self._count()

    def on_connection_close(self) -> None:
        self._count()
        super().on_connection_close()

    def _count(self) -> None:
        if self._counted:
            return
        self._counted = True
        metrics = self.services.metrics
        if self._in_progress:
            metrics.http_in_progress.dec()
        elapsed_s = time.monotonic() - self._started_s
        metrics.answered(self._template, str(self.request.method), self.get_status(), elapsed_s)


class ApiHandler(Edge):
    """A JSON resource; its methods carry `@endpoint`."""

    group = ""
    """Where the reference shows it; without one, under the name of its module."""
    also_reads: tuple[str, ...] = ()
    """Media types in which the JSON of a body may come besides JSON's own."""
    body_max_bytes: int | None = None
    """The longest body, where that is less than what every request may have."""
    caller: "Caller"
    admitted = False
    idempotency_key: str | None = None

    def invalid(self, fault: InvalidInput) -> SessionError:
        """Say in the words of this family that a request is not valid."""
        return fault

    def form_fields(self) -> Mapping[str, str] | None:
        """The fields of the body if that was a form, where a handler reads such; else None."""
        return None


class UnknownPath(Edge):
    """Every path that no route knows."""

    def prepare(self) -> None:
        super().prepare()
        raise NotFound(NOTHING_HERE)


def request_id(request: HTTPServerRequest) -> str:
    """Return the caller's X-Request-Id where it is fit for a log line, else a new one."""
    given = request.headers.get("X-Request-Id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def encoded(value: object) -> bytes:
    """Encode an answer: compact UTF-8, no NaN."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8")


def shown_path(path: str) -> str:
    """Write a path as logs may show it: short, in ASCII, without the secrets that some hold."""
    plain = unquote(path)  # As the router does, which finds what is encoded all the same.
    masked = SECRET_ID.sub(r"\1*", SECRET_PATH.sub(r"\1*", plain))
    return masked[:200].encode("unicode_escape").decode("ascii")


def log_request(handler: RequestHandler) -> None:
    """Log one finished request: no query, no headers, no body, nothing that could hold a token."""
    request = handler.request
    tell = log.info if getattr(handler, "limited", True) else log.debug
    tell(
        "request",
        method=str(request.method)[:16],
        path=shown_path(request.path),
        status=int(handler.get_status()),
        ms=round(1000 * request.request_time(), 2),
        address=request.remote_ip,
        request_id=getattr(handler, "request_id", None),
    )
