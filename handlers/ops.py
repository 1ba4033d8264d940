"""What operators and newcomers ask first: is it alive, is it ready, its numbers, where to look."""

import ipaddress
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.exposition import choose_encoder
from tornado.routing import URLSpec
from tornado.web import HTTPError, StaticFileHandler

from domain.errors import Forbidden, NotFound
from handlers.base import ApiHandler, Edge
from handlers.endpoint import Reply, endpoint
from handlers.route import Route, route

if TYPE_CHECKING:
    from handlers.services import Services

WEB = Path(__file__).resolve().parent.parent / "web"
RETRY_S = "2"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "Forwarded")


class HealthHandler(ApiHandler):
    """/healthz"""

    limited = False

    @endpoint(summary="Liveness: the process answers", access="public")
    async def get(self) -> dict[str, str]:
        return {"status": "ok"}


class ReadyHandler(ApiHandler):
    """/readyz"""

    limited = False

    @endpoint(
        summary="Readiness: this node should get traffic",
        access="public",
        statuses={503: "Not ready; `reasons` names each part that is not, and why"},
    )
    async def get(self) -> Reply:
        reasons = dict(self.services.readiness())
        if not reasons:
            return Reply({"status": "ready"})
        told = {"status": "not_ready", "reasons": reasons}
        return Reply(told, status=503, headers={"Retry-After": RETRY_S})


class MetricsHandler(ApiHandler):
    """/metrics"""

    limited = False

    @endpoint(
        summary="Prometheus metrics, for private addresses and administrators",
        access="public",
        statuses={401: "From a public address, without a token", 403: "Not an administrator"},
    )
    async def get(self) -> Reply:
        if not self._near() and not (await self.authenticate()).is_admin:
            raise Forbidden("This needs the role admin.")
        encoder, kind = choose_encoder(self.request.headers.get("Accept", ""))
        return Reply(encoder(self.services.metrics.registry), headers={"Content-Type": kind})

    def _near(self) -> bool:
        """Whether the peer is on our own network, and not a proxy that we were not told of."""
        proxied = any(name in self.request.headers for name in FORWARDED)
        if proxied and not self.services.settings.trusted_proxies:
            return False
        peer = ipaddress.ip_address(str(self.request.remote_ip))
        return peer.is_loopback or peer.is_private


class Page(Edge, StaticFileHandler):
    """/ and /web/…: static files, without inline script or style."""

    policy = PAGE_POLICY

    def initialize(  # type: ignore[override]
        self, services: "Services", template: str, path: str, default_filename: str | None = None
    ) -> None:
        Edge.initialize(self, services, template)
        StaticFileHandler.initialize(self, path, default_filename)

    def set_extra_headers(self, path: str) -> None:
        """Files may be kept, but are asked for again: a deploy shows at once."""
        self.set_header("Cache-Control", "no-cache")

    def named(self, error: BaseException | None, status: int) -> BaseException | None:
        """What is not a file of ours does not exist, wherever the path points."""
        if isinstance(error, HTTPError) and error.status_code == HTTPStatus.FORBIDDEN:
            return NotFound("There is nothing at this path.")
        return super().named(error, status)

    def compute_etag(self) -> str | None:
        return StaticFileHandler.compute_etag(self)


ROUTES: tuple[Route, ...] = (
    route(r"/healthz", HealthHandler),
    route(r"/readyz", ReadyHandler),
    route(r"/metrics", MetricsHandler),
)


def pages(services: "Services") -> list[URLSpec]:
    """Return the static pages: the landing page, and everything else in `web/`."""
    options = {"services": services, "path": str(WEB), "default_filename": "index.html"}
    return [
        URLSpec(r"/()", Page, {**options, "template": "/"}),
        URLSpec(r"/web/(.*)", Page, {**options, "template": "/web/"}),
    ]
