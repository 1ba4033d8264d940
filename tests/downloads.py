"""Files that a node sends, and not JSON answers."""

from tornado.httpclient import HTTPRequest, HTTPResponse

from tests.person import Person


async def download(person: Person, path: str) -> HTTPResponse:
    """What this path answers to the person; to nobody if they have no token."""
    headers = {}
    if person.bearer != "":
        token = person.bearer or person.site.token(person.user_id, *person.roles)
        headers["Authorization"] = f"Bearer {token}"
    request = HTTPRequest(f"{person.site.url}{path}", headers=headers, request_timeout=10)
    return await person.site.client.fetch(request, raise_error=False)
