"""Which requests become a socket, and from which pages."""

import pytest

from config.settings import Settings
from tests.fakes import DrivenClock
from tests.raw_socket import RawSocket, upgrade
from tests.watching import bearer, watched

pytestmark = pytest.mark.kept_database

ORIGIN = "http://localhost:3000"


@pytest.mark.gen_test
async def test_a_cookie_without_an_origin_is_not_believed(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        cookie = {"Cookie": f"access={node.token()}"}
        assert await (await node.dial(headers=cookie)).code() == 4500
        for fetch_site in ("cross-site", "same-site", "none"):
            socket = await node.dial(headers={**cookie, "Sec-Fetch-Site": fetch_site})
            assert (socket.head.status, socket.head.problem["code"]) == (403, "forbidden")
        assert node.held == (0, 0, 0)


@pytest.mark.gen_test
async def test_a_foreign_page_gets_no_socket_whatever_it_brings(
    settings: Settings, clock: DrivenClock
) -> None:
    foreign = [
        "https://evil.example", "null", "http://localhost:3000.evil.example", "http://",
        "http://localhost:3001", "HTTP://LOCALHOST:3000", "http://localhost:3000/",
        f"{ORIGIN}\r\nOrigin: {ORIGIN}", f"{ORIGIN}, https://evil.example",
    ]  # fmt: skip
    async with watched(settings, clock) as node:
        token = node.token()
        for origin in foreign:
            for credential in ({}, bearer(token), {"Cookie": f"access={token}"}):
                socket = await node.dial(headers={**credential, "Origin": origin})
                assert socket.head.status == 403
                assert socket.head.problem["code"] == "forbidden"
        assert node.held == (0, 0, 0)


@pytest.mark.gen_test
async def test_what_is_no_good_handshake_gets_a_problem(
    settings: Settings, clock: DrivenClock
) -> None:
    faults: list[tuple[dict[str, str | None], str]] = [
        ({"Upgrade": None, "Connection": None}, "GET {} HTTP/1.1"),
        ({"Upgrade": None}, "GET {} HTTP/1.1"),
        ({"Connection": "keep-alive"}, "GET {} HTTP/1.1"),
        ({"Upgrade": "h2c"}, "GET {} HTTP/1.1"),
        ({"Sec-WebSocket-Version": "8"}, "GET {} HTTP/1.1"),
        ({"Sec-WebSocket-Version": None}, "GET {} HTTP/1.1"),
        ({"Sec-WebSocket-Key": None}, "GET {} HTTP/1.1"),
        ({}, "GET {} HTTP/1.0"),
    ]
    async with watched(settings, clock) as node:
        token = bearer(node.token())
        for headers, start in faults:
            request = upgrade("/ws/sessions/", {**token, **headers}, start)
            head = node.keep(await RawSocket.dial(node.port, request)).head
            assert (head.status, head.problem["code"]) == (400, "invalid_input"), headers
        request = upgrade("/ws/sessions/", {**token, "Content-Length": "0"}, "POST {} HTTP/1.1")
        head = node.keep(await RawSocket.dial(node.port, request)).head
        assert (head.status, head.problem["code"]) == (405, "method_not_allowed")
        assert node.held == (0, 0, 0)
