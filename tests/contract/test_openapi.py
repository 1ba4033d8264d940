"""The OpenAPI document: complete, sound, and made of the declarations."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tornado.routing import URLSpec

from handlers.base import ApiHandler
from handlers.openapi import document
from handlers.route import route, template
from handlers.routes import application, check, edge_routes, every_route
from tests.notes import ROUTES, Notes, running

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def notes() -> Iterator[Notes]:
    with running() as notes:
        yield notes


@pytest.fixture(scope="module")
def described(notes: Notes) -> dict[str, Any]:
    return dict(json.loads(notes.fetch("/api/openapi.json").body))


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from ([value["$ref"]] if isinstance(value.get("$ref"), str) else [])
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_route_of_the_router_appears(notes: Notes, described: dict[str, Any]) -> None:
    app = application(notes.services, (*ROUTES, *edge_routes()))
    served = {
        (template(rule.regex.pattern.removesuffix("/?$")), method.lower())
        for rule in app.wildcard_router.rules
        if isinstance(rule, URLSpec) and issubclass(rule.handler_class, ApiHandler)
        for method in rule.handler_class.allowed_methods()
        if method != "OPTIONS"
    }
    written = {
        (path, method)
        for path, item in described["paths"].items()
        for method in METHODS & set(item)
    }

    assert written == served


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    for reference in references(described):
        place: Any = described
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_operations_are_named_once_and_tell_problems(described: dict[str, Any]) -> None:
    operations = [op for item in described["paths"].values() for op in item.values()]

    assert len({op["operationId"] for op in operations}) == len(operations)
    for operation in operations:
        assert "application/problem+json" in operation["responses"]["default"]["content"]


def test_a_declaration_becomes_an_operation(described: dict[str, Any]) -> None:
    made = described["paths"]["/api/notes/"]["post"]
    read = described["paths"]["/api/notes/"]["get"]
    body = described["components"]["schemas"]["NoteBody"]

    assert made["requestBody"]["required"] is True
    assert set(made["responses"]) >= {"201", "400", "401", "413", "415", "429", "503"}
    assert made["security"] == [{"bearer": []}, {"cookie": []}]
    assert [parameter["name"] for parameter in read["parameters"]] == ["limit"]
    assert read["parameters"][0]["schema"]["maximum"] == 100
    assert body["additionalProperties"] is False
    assert body["required"] == ["title"]
    assert body["properties"]["title"]["maxLength"] == 40
    assert body["properties"]["at"]["format"] == "date-time"


def test_an_item_names_its_path_arguments(described: dict[str, Any]) -> None:
    operation = described["paths"]["/api/notes/{note_id}/"]["get"]

    assert operation["parameters"][0]["name"] == "note_id"
    assert "404" in operation["responses"]
    assert operation["security"] == []


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        (r"/api/a", "/api/a/"),
        (r"/api/openapi\.json", "/api/openapi.json"),
        (r"/a/(?P<x>[^/]+)/b/(?P<y>(?:[0-9a-f]{2}|[)(]){3})", "/a/{x}/b/{y}/"),
    ],
)
def test_a_pattern_is_written_as_a_template(pattern: str, written: str) -> None:
    assert template(pattern) == written


@pytest.mark.parametrize("pattern", [r"/a/", r"/a/([^/]+)", r"/a$"])
def test_a_route_is_refused_that_would_not_document_itself(pattern: str) -> None:
    with pytest.raises(ValueError, match="slash"):
        route(pattern, ApiHandler)


def test_the_document_can_be_made_twice() -> None:
    assert document(ROUTES) == document(ROUTES)


def test_the_whole_service_is_declared_and_described() -> None:
    routes = every_route()
    check(routes)
    paths = document(routes)["paths"]

    declared = [entry for entry in routes if issubclass(entry.handler, ApiHandler)]
    assert set(paths) == {template(entry.pattern) for entry in declared}


def test_an_idempotency_key_is_promised_where_it_has_an_effect_and_nowhere_else() -> None:
    session = "/api/v1/sessions/{session_id}/"
    commands = ("pause", "resume", "focus", "blur", "distraction", "cancel")
    focus = ("start", "pause", "resume", "distraction", "cancel", "complete")
    keyed = {
        (path, method)
        for path, item in document(every_route())["paths"].items()
        for method, operation in item.items()
        if any(given["name"] == "Idempotency-Key" for given in operation["parameters"])
    }

    assert keyed == {
        ("/api/v1/goals/", "post"),
        ("/api/v1/activities/", "post"),
        ("/api/v1/focus/programs/custom/", "post"),
        ("/api/v1/sessions/", "post"),
        (session, "put"),
        *((f"{session}{command}/", "post") for command in commands),
        *((f"/api/v1/focus/sessions/{command}/", "post") for command in focus),
        *((f"/api/chat/sessions/{command}/", "post") for command in ("start", "update", "end")),
        ("/api/challenges/", "post"),
        ("/api/matches/", "post"),
        ("/api/session/", "post"),
        ("/api/session/{session_id}/confirm/", "post"),
        ("/api/review/{session_id}/answer/", "post"),
    }


def test_a_page_of_the_reference_has_all_that_can_be_done_with_a_session() -> None:
    paths = document(every_route())["paths"]
    of_sessions = {
        tuple(operation["tags"])
        for path, operations in paths.items()
        if path.startswith("/api/v1/sessions/")
        for operation in operations.values()
    }

    assert of_sessions == {("sessions",)}


def test_what_can_be_asked_for_is_described() -> None:
    unclear = {
        f"{operation['operationId']} {parameter['name']}"
        for operations in document(every_route())["paths"].values()
        for operation in operations.values()
        for parameter in operation["parameters"]
        if parameter["in"] == "query" and not parameter.get("description")
    }

    assert unclear == set()
