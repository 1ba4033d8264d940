"""Which doors are open: everything but a short list asks who comes."""

import re

import pytest

from config.settings import Settings
from handlers.openapi import document
from handlers.routes import every_route
from tests.fakes import DrivenClock
from tests.person import Person, open_site

PUBLIC = {
    ("GET", "/healthz/"),
    ("GET", "/readyz/"),
    ("GET", "/metrics/"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/docs/"),
    ("GET", "/api/errors/"),
    ("GET", "/api/v1/calendar/{token}.ics"),
    ("GET", "/api/v1/calendar/{token}/programs.ics"),
    ("POST", "/api/v1/authentication/register/"),
    ("POST", "/api/v1/authentication/login/"),
    ("POST", "/api/v1/authentication/refresh/"),
}
ARGUMENT = re.compile(r"\{(\w+)\}")
SHAPES = {"audio_id": "a" * 32, "kind": "wav"}
"""Arguments that have to look like something."""


def operations() -> dict[tuple[str, str], list[object]]:
    """Every operation of the OpenAPI document, with the credentials that it says it wants."""
    paths = document(every_route())["paths"]
    assert isinstance(paths, dict)
    return {
        (method.upper(), path): operation["security"]
        for path, item in paths.items()
        for method, operation in item.items()
    }


def test_the_document_names_what_is_public() -> None:
    assert {place for place, security in operations().items() if not security} == PUBLIC


@pytest.mark.gen_test(timeout=15)
async def test_nothing_else_answers_without_a_token(settings: Settings, clock: DrivenClock) -> None:
    async with open_site(settings, clock, guests=False, review_auth="required") as site:
        nobody = Person(site=site, user_id="nobody", bearer="")
        before = await site.contents()
        for method, path in operations().keys() - PUBLIC:
            target = ARGUMENT.sub(lambda found: SHAPES.get(found[1], "1"), path)
            for body in (b"", b"{}", b"not JSON"):
                answer = await nobody.ask(method, target, body)
                assert answer.status == 401, (method, path)
                assert method == "HEAD" or answer.code == "not_authenticated"

        assert await site.contents() == before
