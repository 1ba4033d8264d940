"""Every path of the service, and the application that serves them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from tornado.routing import URLSpec
from tornado.web import Application

from handlers import (
    accounts,
    activities,
    admin_customers,
    base,
    buddy,
    calendar,
    custom_programs,
    customer,
    exports,
    focus,
    focus_exports,
    goals,
    history,
    leaderboards,
    live,
    openapi,
    ops,
    programs,
    push,
    review,
    review_admin,
    review_audio,
    review_sockets,
    sessions,
    streak,
    subscriptions,
    xp,
)
from handlers.base import ApiHandler, Edge, UnknownPath
from handlers.endpoint import declaration_of
from handlers.route import Route, route, spec, template

if TYPE_CHECKING:
    from handlers.services import Services

__all__ = ["Route", "application", "edge_routes", "every_route", "route"]


def edge_routes() -> tuple[Route, ...]:
    """Return the routes of the edge itself: health, metrics, documents."""
    return (*ops.ROUTES, *openapi.ROUTES)


def every_route() -> tuple[Route, ...]:
    """Return all routes of the service."""
    families = (
        accounts,
        goals,
        activities,
        sessions,
        history,
        exports,
        calendar,
        streak,
        xp,
        leaderboards,
        programs,
        custom_programs,
        focus,
        customer,
        admin_customers,
        buddy,
        review,
        review_audio,
        review_admin,
        focus_exports,
        subscriptions,
        push,
        live,
        review_sockets,
    )
    declared = [entry for family in families for entry in family.ROUTES]
    return (*(route(*entry) for entry in declared), *edge_routes())


def application(services: "Services", routes: Sequence[Route] | None = None) -> Application:
    """Return the application; refuses to start with a method that nobody declared.

    `routes` replaces those of the service, where a test wants its own.
    """
    served = every_route() if routes is None else tuple(routes)
    check(served)
    origins = services.settings.allowed_origins
    if "*" in origins:
        raise ValueError("allowed_origins: list every origin, never *")
    document = _described(served)
    return Application(
        [*(_spec(entry, services, document) for entry in served), *ops.pages(services)],
        default_handler_class=UnknownPath,
        default_handler_args={"services": services},
        log_function=base.log_request,
        services=services,
        trusted_origins=list(origins),
        websocket_max_message_size=services.settings.ws_frame_bytes,
        debug=False,
        autoreload=False,
        serve_traceback=False,
    )


def check(routes: Sequence[Route]) -> None:
    """Raise TypeError for a method without `@endpoint`, or a field that hides a path argument."""
    for entry in routes:
        if not issubclass(entry.handler, ApiHandler):
            continue
        arguments = set(spec(entry, {}).regex.groupindex)
        for name in set(entry.handler.allowed_methods()) - {"OPTIONS"}:
            where = f"{entry.handler.__name__}.{name.lower()}"
            declared = declaration_of(getattr(entry.handler, name.lower()))
            if declared is None:
                raise TypeError(f"{where}: declare it with @endpoint")
            schemas = [schema() for schema in (declared.body, declared.query) if schema]
            fields = [
                field.attribute or key for schema in schemas for key, field in schema.fields.items()
            ]
            if len(arguments.union(fields)) != len(arguments) + len(fields):
                raise TypeError(f"{where}: path, query and body share the name of a field")


@lru_cache(maxsize=4)
def _described(routes: tuple[Route, ...]) -> openapi.Document:
    """The document of these routes, which takes a while to make and is only read."""
    return openapi.document(routes)


def _spec(entry: Route, services: "Services", document: openapi.Document) -> URLSpec:
    options: dict[str, object] = {"services": services}
    if issubclass(entry.handler, Edge):
        options["template"] = template(entry.pattern)
    if issubclass(entry.handler, openapi.DocumentHandler):
        options["document"] = document
    return spec(entry, options)
