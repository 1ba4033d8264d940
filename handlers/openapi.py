"""The OpenAPI 3.1 document, made from the declarations that check the requests."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from domain.access import Access, roles_for
from handlers import pages
from handlers.base import ApiHandler
from handlers.endpoint import Declaration, Reply, declaration_of, endpoint
from handlers.errors import PROBLEM_TYPE, catalogue
from handlers.route import Route, route, spec, template
from handlers.schemas.common import Instant

if TYPE_CHECKING:
    from handlers.services import Services

Document = Mapping[str, Any]
VERSION = "1"
HTML = {"Content-Type": "text/html; charset=utf-8"}
INTRODUCTION = (
    "Sessions whose time and XP the server keeps. Errors are RFC 9457 problems; "
    "the catalogue is at /api/errors. Paths work with and without the final slash."
)
PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "retryable", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "retryable": {"type": "boolean"},
        "request_id": {"type": "string"},
        "errors": {"type": "object", "description": "Faults of each field"},
        "state": {"description": "With a conflict: the thing as it is now"},
    },
}
KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Repeats with the same key get the first answer and change nothing",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128},
}


CREDENTIALS: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]
ANYBODY: list[dict[str, list[str]]] = [{}, *CREDENTIALS]
SECURITY: dict[Access, list[dict[str, list[str]]]] = {
    "public": [],
    "open": ANYBODY,
    "guest": ANYBODY,
}


def document(routes: Sequence[Route]) -> Document:
    """Describe every API route; equal operation ids, or a field nobody can describe, raise."""
    plugin = MarshmallowPlugin()
    made = APISpec("sessiond", VERSION, "3.1.0", plugins=[plugin], info={})
    plugin.map_to_openapi_type(Instant, "string", "date-time")  # type: ignore[no-untyped-call]
    made.options["info"] = {"description": INTRODUCTION}
    made.components.schema("Problem", PROBLEM_SCHEMA)
    made.components.security_scheme(
        "bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    )
    made.components.security_scheme("cookie", {"type": "apiKey", "in": "cookie", "name": "access"})
    for entry in routes:
        if issubclass(entry.handler, ApiHandler):
            operations = {
                method.lower(): _operation(entry, method.lower())
                for method in entry.handler.allowed_methods()
                if method != "OPTIONS"
            }
            made.path(template(entry.pattern), operations=operations)
    return made.to_dict()


def _operation(entry: Route, method: str) -> dict[str, Any]:
    declared = declaration_of(getattr(entry.handler, method))
    assert declared is not None, f"{entry.handler.__name__}.{method} has no declaration"
    described: dict[str, Any] = {
        "operationId": f"{entry.handler.__name__.removesuffix('Handler')}_{method}",
        "summary": declared.summary,
        "tags": [_group(entry)],
        "parameters": _parameters(entry, declared),
        "responses": _responses(entry, declared),
        "security": SECURITY.get(declared.access, CREDENTIALS),
    }
    if declared.access in ("service", "admin", "staff"):
        described["description"] = f"Needs the role {roles_for(declared.access)}."
    elif declared.access == "guest":
        described["description"] = "Without a token as `demo_user`, where guests are let in."
    elif declared.access == "open":
        described["description"] = "Without a token, unless `SESSIOND_REVIEW_AUTH=required`."
    if declared.body is not None:
        needed = any(field.required for field in declared.body().fields.values())
        content: dict[str, Any] = {"application/json": {"schema": declared.body}}
        if declared.form is not None:
            content["multipart/form-data"] = {"schema": declared.form}
        described["requestBody"] = {"required": needed, "content": content}
    return described


def _group(entry: Route) -> str:
    handler = entry.handler
    assert issubclass(handler, ApiHandler)
    return handler.group or handler.__module__.rpartition(".")[2]


def _parameters(entry: Route, declared: Declaration) -> list[Any]:
    found: list[Any] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in spec(entry, {}).regex.groupindex
    ]
    if declared.query is not None:
        found.append({"in": "query", "schema": declared.query})
    if declared.keyed:
        found.append(KEY_PARAMETER)
    return found


def _responses(entry: Route, declared: Declaration) -> dict[str, Any]:
    problems = {400: "The request is not valid", 429: "Too many requests"}
    problems |= {503: "Temporarily unavailable"}
    if declared.access != "public":
        problems |= {401: "Nobody we know is asking", 403: "This is not allowed"}
    if spec(entry, {}).regex.groups:
        problems[404] = "No such thing"
    if declared.keyed:
        problems[422] = "The Idempotency-Key belongs to another request"
    if declared.body is not None:
        problems |= {413: "The body is too large", 415: "The body is not JSON"}
    problems |= {code: text for code, text in declared.statuses.items() if code >= 400}  # noqa: PLR2004
    told: dict[str, Any] = {
        str(code): _described(text, declared)
        for code, text in {declared.status: "", **declared.statuses}.items()
        if code not in problems
    }
    reference = {"$ref": "#/components/schemas/Problem"}
    told |= {
        str(code): {"description": text, "content": {PROBLEM_TYPE: {"schema": reference}}}
        for code, text in sorted(problems.items())
    }
    told["default"] = {
        "description": "Any other error",
        "content": {PROBLEM_TYPE: {"schema": reference}},
    }
    return told


def _described(text: str, declared: Declaration) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": text or HTTPStatus(declared.status).phrase}
    if declared.returns is not None:
        one: Any = declared.returns
        schema = {"type": "array", "items": one} if declared.many else one
        answer["content"] = {"application/json": {"schema": schema}}
    return answer


class DocumentHandler(ApiHandler):
    """A handler that shows the document."""

    document: Document

    def initialize(
        self, services: "Services", template: str = "", document: Document | None = None
    ) -> None:
        super().initialize(services, template)
        self.document = document or {}


class OpenApiHandler(DocumentHandler):
    """/api/openapi.json"""

    @endpoint(summary="This document", access="public")
    async def get(self) -> Document:
        return self.document


class DocsHandler(DocumentHandler):
    """/api/docs/"""

    policy = pages.POLICY

    @endpoint(summary="This document, to read", access="public")
    async def get(self) -> Reply:
        return Reply(pages.api(self.document), headers=HTML)


class ErrorsHandler(ApiHandler):
    """/api/errors"""

    policy = pages.POLICY

    @endpoint(summary="The catalogue of errors, to read", access="public")
    async def get(self) -> Reply:
        return Reply(pages.errors(catalogue()), headers=HTML)


ROUTES: tuple[Route, ...] = (
    route(r"/api/openapi\.json", OpenApiHandler),
    route(r"/api/docs", DocsHandler),
    route(r"/api/errors", ErrorsHandler),
)
