"""The attack list, as far as it meets the edge before any family of endpoints."""

import json
from collections.abc import Iterator

import pytest
import structlog

from handlers.base import ApiHandler
from handlers.endpoint import endpoint
from handlers.route import route
from handlers.routes import application, edge_routes
from tests.notes import JSON, ORIGIN, NoteBody, Notes, problem, running


@pytest.fixture(scope="module")
def edge() -> Iterator[Notes]:
    with running() as edge:
        yield edge


def head(method: str, path: str, *lines: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


def test_a_valid_body_arrives_as_keyword_arguments_and_is_dumped(edge: Notes) -> None:
    body = {"title": "Ink", "at": "2025-01-15T11:30:00+01:00"}
    response = edge.fetch("/api/notes/", "POST", value=body, headers={"Idempotency-Key": "k 1"})

    assert response.code == 201
    assert response.headers["Content-Type"] == "application/json"
    assert json.loads(response.body) == {
        "title": "Ink",
        "count": 1,
        "at": "2025-01-15T10:30:00Z",
        "key": "k 1",
    }


@pytest.mark.parametrize("path", ["/api/notes", "/api/notes/", "/api/notes/?limit=20"])
def test_a_path_works_with_and_without_its_slash(edge: Notes, path: str) -> None:
    assert json.loads(edge.fetch(path).body) == {"limit": 20, "user": "id-user"}


@pytest.mark.parametrize(
    "query",
    [
        *("limit=101", "limit=-1", "limit=1.0", "limit=%D9%A1", "limit=01", "limit=1&limit=2"),
        *("id[$ne]=1", "limit[$gt]=1", "limit=%ff", "limit=" + "9" * 4000, "limit=", "limit=+1"),
        "x=1",
    ],
)
def test_a_query_that_is_not_declared_exactly_so_is_refused(edge: Notes, query: str) -> None:
    response = edge.fetch(f"/api/notes?{query}")

    assert response.code == 400
    assert problem(response)["code"] == "invalid_input"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": {"$ne": None}}, ""),
        ({"title": {"gt": ""}}, "title"),
        ({"title": ""}, "title"),
        ({"title": "a\u0000b"}, ""),
        ({"title": "a\nb"}, "title"),
        ({"title": "x" * 41}, "title"),
        ({"title": "a", "count": True}, "count"),
        ({"title": "a", "count": "1"}, "count"),
        ({"title": "a", "count": 1.0}, "count"),
        ({"title": "a", "count": 2**63}, ""),
        ({"title": "a", "at": "2025-01-15T10:30:00"}, "at"),
        ({"title": "a", "xp": 5}, "xp"),
        ({"title": "a", "__proto__": {}}, ""),
        ({}, "title"),
        ([], "_schema"),
    ],
)
def test_a_wrong_body_is_refused_with_the_field_at_fault(
    edge: Notes, body: object, field: str
) -> None:
    response = edge.fetch("/api/notes", "POST", value=body)

    told = problem(response)
    assert response.code == 400
    assert set(told.get("errors", {})) == ({field} if field else set())


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"{", JSON),
        (b"[" * 100_000, JSON),
        (b'{"title":"a","title":"b"}', JSON),
        (b'{"title":"\\ud800"}', JSON),
        ('{"title":"a"}'.encode("utf-16"), JSON),
        (b'\xef\xbb\xbf{"title":"a"}', JSON),
        (b'{"title":"\xff"}', JSON),
        (b'{"title":"a","count":' + b"9" * 5000 + b"}", JSON),
        (b'{"title":"a","count":NaN}', JSON),
    ],
)
def test_what_is_not_strict_json_is_refused(
    edge: Notes, body: bytes, headers: dict[str, str]
) -> None:
    response = edge.fetch("/api/notes", "POST", body=body, headers=headers)

    assert response.code == 400
    assert problem(response)["code"] == "invalid_input"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json; charset=utf-7"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json,application/json"},
        {**JSON, "Content-Encoding": "gzip"},
    ],
)
def test_a_body_in_another_format_is_415(edge: Notes, headers: dict[str, str]) -> None:
    response = edge.fetch("/api/notes", "POST", body=b'{"title":"a"}', headers=headers)

    assert response.code == 415
    assert problem(response)["code"] == "unsupported_media_type"


def test_json_by_another_name_is_json(edge: Notes) -> None:
    kind = {"Content-Type": 'application/merge-patch+json; Charset="UTF-8"'}

    assert edge.fetch("/api/notes", "POST", body=b'{"title":"a"}', headers=kind).code == 201


def test_an_endpoint_without_a_body_takes_none(edge: Notes) -> None:
    assert edge.fetch("/api/notes/1", "DELETE").code == 204
    assert edge.fetch("/api/notes/1", "DELETE", value={}).code == 204
    assert edge.fetch("/api/notes/1", "DELETE", value={"a": 1}).code == 400


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "bearer user junk", "Basic dXNlcg==", "Bearer forged"]
)
def test_whoever_is_not_known_is_401(edge: Notes, header: str) -> None:
    response = edge.fetch("/api/notes", headers={"Authorization": header})

    assert response.code == 401
    assert problem(response)["code"] == "not_authenticated"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_two_authorization_headers_are_401(edge: Notes) -> None:
    twice = ("Authorization: Bearer user",) * 2

    assert b" 401 " in edge.raw(head("GET", "/api/notes", *twice, "Connection: close"))


def test_a_role_is_needed_where_one_is_declared(edge: Notes) -> None:
    assert edge.fetch("/api/admin").code == 403
    admin = edge.fetch("/api/admin", headers={"Authorization": "Bearer admin"})

    assert (admin.code, admin.headers["X-Extra"]) == (202, "yes")


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("", 403),
        ("null", 403),
        ("https://evil.example", 403),
        ("http://localhost:3000.evil.example", 403),
        (ORIGIN, 201),
    ],
)
def test_the_cookie_changes_things_only_for_known_pages(
    edge: Notes, origin: str, status: int
) -> None:
    headers = {"Authorization": "", "Cookie": "access=user", "Origin": origin}
    response = edge.fetch("/api/notes", "POST", value={"title": "a"}, headers=headers)

    assert response.code == status
    assert edge.fetch("/api/notes", headers=headers).code == 200


def test_the_own_page_may_use_the_cookie(edge: Notes) -> None:
    own = f"http://127.0.0.1:{edge.port}"
    headers = {"Authorization": "", "Cookie": "access=user", "Origin": own}

    assert edge.fetch("/api/notes", "POST", value={"title": "a"}, headers=headers).code == 201


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/notes/1/2", "/.git/config", "/web/../setup.cfg"]
)
def test_an_unknown_path_is_a_404_problem(edge: Notes, path: str) -> None:
    assert problem(edge.fetch(path))["code"] == "not_found"


@pytest.mark.parametrize("name", ["%00", "a%0ab", "x" * 300, "%ed%a0%80"])
def test_no_id_with_control_characters_reaches_a_handler(edge: Notes, name: str) -> None:
    assert edge.fetch(f"/api/notes/{name}").code in (400, 404)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "HEAD", "TRACE", "PROPFIND", "get"])
def test_a_method_that_is_not_there_is_405_with_allow(edge: Notes, method: str) -> None:
    answer = edge.raw(head(method, "/api/notes", "Connection: close"))

    assert answer.startswith(b"HTTP/1.1 405 ")
    assert b"\r\nAllow: GET, POST, OPTIONS\r\n" in answer


def test_a_method_override_overrides_nothing(edge: Notes) -> None:
    response = edge.fetch("/api/notes", headers={"X-HTTP-Method-Override": "DELETE"})

    assert response.code == 200


@pytest.mark.parametrize(
    ("kind", "status", "header"),
    [("conflict", 409, None), ("slow", 429, "9"), ("away", 503, "3")],
)
def test_domain_errors_have_their_status(
    edge: Notes, kind: str, status: int, header: str | None
) -> None:
    response = edge.fetch(f"/api/fault/{kind}")
    told = problem(response)

    assert response.code == status
    assert response.headers.get("Retry-After") == header
    assert told.get("state") == ({"rev": 7} if kind == "conflict" else None)
    assert told["retryable"] is (kind != "conflict")


def test_a_bug_is_a_500_that_tells_nothing_and_is_logged_once(edge: Notes) -> None:
    with structlog.testing.capture_logs() as logs:
        response = edge.fetch("/api/fault/bug", headers={"X-Request-Id": "trace-me-please"})

    assert problem(response)["request_id"] == "trace-me-please"
    assert response.code == 500
    assert b"secret" not in response.body
    assert b"Traceback" not in response.body
    (failed,) = [line for line in logs if "exc_info" in line]
    assert failed["request_id"] == "trace-me-please"


def test_the_log_of_a_request_holds_nothing_secret_and_no_control_characters(edge: Notes) -> None:
    with structlog.testing.capture_logs() as logs:
        edge.fetch("/api/notes/%1b%0aforged?token=hidden", headers={"X-Request-Id": "a\x1bb"})

    assert "hidden" not in repr(logs)
    assert "user" not in repr(logs)
    assert all(str(value).isprintable() for line in logs for value in line.values())


@pytest.mark.parametrize(
    "path", ["/api/notes", "/nothing", "/healthz", "/api/fault/bug", "/", "/api/docs/"]
)
def test_every_answer_carries_the_security_headers(edge: Notes, path: str) -> None:
    headers = edge.fetch(path, headers={"Origin": "https://evil.example"}).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == ("no-cache" if path == "/" else "no-store")
    assert headers["Vary"] == "Origin"
    assert "Server" not in headers
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("path", ["/api/notes", "/nothing", "/api/fault/bug"])
def test_a_listed_origin_may_read_the_answer(edge: Notes, path: str) -> None:
    headers = edge.fetch(path, headers={"Origin": ORIGIN}).headers

    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert headers["Access-Control-Allow-Credentials"] == "true"


def test_a_preflight_needs_no_token_and_names_what_is_allowed(edge: Notes) -> None:
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Authorization": ""}
    response = edge.fetch("/api/notes/", "OPTIONS", headers=asked)

    assert response.code == 204
    assert response.headers["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"
    assert "Idempotency-Key" in response.headers["Access-Control-Allow-Headers"]
    foreign = {**asked, "Origin": "https://evil.example"}
    refused = edge.fetch("/api/notes/", "OPTIONS", headers=foreign)
    assert "Access-Control-Allow-Methods" not in refused.headers


@pytest.mark.parametrize("key", ["x" * 129, "a\tb", "a\u00e9", "x" * 10_000])
def test_an_idempotency_key_is_short_printable_ascii(edge: Notes, key: str) -> None:
    line = f"Idempotency-Key: {key}".encode("latin-1").decode("latin-1")
    body = b'{"title":"a"}'
    lines = ("Authorization: Bearer user", "Content-Type: application/json", line)
    length = (f"Content-Length: {len(body)}", "Connection: close")
    raw = "\r\n".join(["POST /api/notes HTTP/1.1", "Host: x", *lines, *length, "", ""])

    assert edge.raw(raw.encode("latin-1") + body).startswith(b"HTTP/1.1 400 ")


def test_a_method_without_a_declaration_is_refused_at_start(edge: Notes) -> None:
    class Forgotten(ApiHandler):
        async def get(self) -> None:
            pass

    with pytest.raises(TypeError, match=r"Forgotten\.get"):
        application(edge.services, [route("/api/x", Forgotten)])


def test_a_body_field_cannot_stand_in_for_a_path_argument(edge: Notes) -> None:
    class Ambiguous(ApiHandler):
        @endpoint(summary="x", body=NoteBody)
        async def post(self, **_: object) -> None:
            pass

    with pytest.raises(TypeError, match="share the name"):
        application(edge.services, [route("/api/(?P<title>[^/]+)", Ambiguous)])


def test_any_origin_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="never"), running(allowed_origins=("*",)):
        pass


def test_the_edge_has_routes_of_its_own() -> None:
    assert {"/healthz", "/readyz", "/metrics"} <= {entry.pattern for entry in edge_routes()}
