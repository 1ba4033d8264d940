"""Health, metrics and the pages that tell newcomers where to look."""

import json
from collections.abc import Iterator

import pytest

from tests.notes import Notes, problem, running

NOBODY = {"Authorization": ""}


@pytest.fixture(scope="module")
def notes() -> Iterator[Notes]:
    with running() as notes:
        yield notes


def test_liveness_needs_nobody(notes: Notes) -> None:
    assert json.loads(notes.fetch("/healthz", headers=NOBODY).body) == {"status": "ok"}


def test_readiness_names_what_is_missing(notes: Notes) -> None:
    assert notes.fetch("/readyz", headers=NOBODY).code == 200
    with running(reasons={"redis": "out of reach"}) as unready:
        response = unready.fetch("/readyz/", headers=NOBODY)

    assert response.code == 503
    assert response.headers["Retry-After"] == "2"
    assert json.loads(response.body)["reasons"] == {"redis": "out of reach"}


def test_metrics_count_by_template_and_never_by_path(notes: Notes) -> None:
    notes.fetch("/api/notes/secret-id")
    notes.fetch("/no/such/path")
    notes.raw(b"BREW /api/notes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    response = notes.fetch("/metrics", headers=NOBODY)
    text = response.body.decode()

    assert response.headers["Content-Type"].startswith("text/plain")
    assert 'route="/api/notes/{note_id}/",status="2xx"' in text
    assert 'method="GET",route="unmatched",status="4xx"' in text
    assert 'method="other",route="/api/notes/",status="4xx"' in text
    assert "secret-id" not in text
    assert "such" not in text
    assert "sessiond_http_in_progress 1.0" in text


def test_openmetrics_is_spoken_too(notes: Notes) -> None:
    response = notes.fetch("/metrics", headers={"Accept": "application/openmetrics-text"})

    assert response.headers["Content-Type"].startswith("application/openmetrics-text")
    assert response.body.endswith(b"# EOF\n")


def test_metrics_are_for_neighbours_and_administrators() -> None:
    with running(trusted_proxies=("127.0.0.1",)) as notes:
        far = {"X-Forwarded-For": "8.8.8.8"}
        admin = {**far, "Authorization": "Bearer admin"}

        assert notes.fetch("/metrics", headers={**far, **NOBODY}).code == 401
        assert problem(notes.fetch("/metrics", headers=far))["code"] == "forbidden"
        assert notes.fetch("/metrics", headers=admin).code == 200
        assert notes.fetch("/metrics", headers={"X-Forwarded-For": "10.1.2.3"}).code == 200


def test_a_proxy_that_nobody_named_makes_no_neighbours(notes: Notes) -> None:
    forwarded = {"X-Forwarded-For": "10.1.2.3", **NOBODY}

    assert notes.fetch("/metrics", headers=forwarded).code == 401


@pytest.mark.parametrize("path", ["/", "/api/docs/", "/api/errors", "/web/index.html"])
def test_pages_need_no_script_and_nothing_from_elsewhere(notes: Notes, path: str) -> None:
    response = notes.fetch(path, headers=NOBODY)
    page = response.body.decode()

    assert response.code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "<script" not in page
    assert "style=" not in page
    assert 'src="' not in page
    assert 'href="http' not in page


def test_the_style_is_served_and_may_be_kept_for_a_while(notes: Notes) -> None:
    response = notes.fetch("/web/style.css")
    again = notes.fetch("/web/style.css", headers={"If-None-Match": response.headers["Etag"]})

    assert response.headers["Content-Type"] == "text/css"
    assert again.code == 304
    assert again.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/web/../server.py", "/web/%2e%2e/setup.cfg", "/web/", "/web/x"])
def test_nothing_but_the_pages_is_served(notes: Notes, path: str) -> None:
    response = notes.fetch(path)

    assert response.code in (301, 200) if path == "/web/" else problem(response)["status"] == 404


def test_a_page_cannot_be_posted_to(notes: Notes) -> None:
    response = notes.fetch("/", "POST", body=b"")

    assert response.code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
