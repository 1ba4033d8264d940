"""Below the handlers: long, slow, lying and forwarded requests."""

import json
from collections.abc import Iterator

import pytest

from tests.notes import Notes, running

LIMIT = 4096


@pytest.fixture(scope="module")
def edge() -> Iterator[Notes]:
    with running(body_bytes=LIMIT, body_timeout_s=0.3, idle_timeout_s=0.3) as edge:
        yield edge


def post(path: str, *lines: str, host: str = "Host: localhost") -> bytes:
    kind = "Content-Type: application/json"
    return "\r\n".join([f"POST {path} HTTP/1.1", host, kind, *lines, "", ""]).encode()


def told(answer: bytes) -> dict[str, object]:
    header, _, body = answer.partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in header
    return dict(json.loads(body))


@pytest.mark.parametrize("path", ["/api/notes", "/nothing", "/healthz", "/web/style.css"])
@pytest.mark.parametrize("length", [LIMIT + 1, 10**8, 10**14, 10**40])
def test_a_declared_length_over_the_limit_is_413_before_the_body(
    edge: Notes, path: str, length: int
) -> None:
    answer = edge.raw(post(path, f"Content-Length: {length}"), enough=b"}")

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert told(answer)["code"] == "too_large"
    assert answer.count(b"HTTP/1.1") == 1


def test_a_client_that_sends_on_still_reads_the_413(edge: Notes) -> None:
    answer = edge.raw(
        post("/api/notes", "Content-Length: 150000"), more=b"x" * 150_000, enough=b"}"
    )

    assert told(answer)["code"] == "too_large"


def test_a_flood_is_cut_off(edge: Notes) -> None:
    answer = edge.raw(post("/api/notes", "Content-Length: 99999999"), more=b"x" * 40_000_000)

    assert answer.count(b"HTTP/1.1") <= 1


def test_whoever_sends_too_much_in_one_go_reads_why(edge: Notes) -> None:
    size = 9_000_000
    answer = edge.raw(post("/api/notes", f"Content-Length: {size}"), more=b"x" * size, enough=b"}")

    assert told(answer)["code"] == "too_large"


def test_expect_continue_is_answered_with_413_instead(edge: Notes) -> None:
    answer = edge.raw(post("/api/notes", "Content-Length: 99999", "Expect: 100-continue"))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 (Continue)" not in answer


def test_chunks_without_a_length_are_bounded_too(edge: Notes) -> None:
    chunk = b"800\r\n" + b"x" * 2048 + b"\r\n"
    answer = edge.raw(post("/api/notes", "Transfer-Encoding: chunked"), more=chunk * 4, enough=b"}")

    assert told(answer)["code"] == "too_large"


def test_one_huge_chunk_is_bounded_too(edge: Notes) -> None:
    start = post("/api/notes", "Transfer-Encoding: chunked") + b"40000000\r\n"

    assert told(edge.raw(start, more=b"x" * 100_000, enough=b"}"))["code"] == "too_large"


def test_a_body_at_the_limit_is_read(edge: Notes) -> None:
    head = post("/api/notes", f"Content-Length: {LIMIT}", "Connection: close")

    assert edge.raw(head + b"x" * LIMIT).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: -5",),
        ("Content-Length: +5",),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: xchunked",),
        ("Content-Length: 5_0",),
        ("Content-Length : 5",),
        ("X-Folded: a", " b"),
        ("Host: evil.example",),
    ],
)
def test_a_message_that_two_readers_could_cut_differently_is_400(
    edge: Notes, lines: tuple[str, ...]
) -> None:
    answer = edge.raw(post("/api/notes", *lines) + b"hello")

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_missing_or_odd_host_is_400(edge: Notes) -> None:
    assert edge.raw(post("/api/notes", host="X: y")).startswith(b"HTTP/1.1 400 ")
    assert edge.raw(post("/api/notes", host="Host: a,b")).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HT",
        post("/api/notes", "Content-Length: 50") + b"{",
        post("/api/notes", "Transfer-Encoding: chunked") + b"1\r\nx\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X-Long: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 4_000 + b"\r\n",
    ],
)
def test_slow_or_endless_senders_are_closed(edge: Notes, data: bytes) -> None:
    # It would run into the time-out of `raw` if the server kept the connection.
    assert b" 200 " not in edge.raw(data)


def test_the_server_lives_on_after_all_of_it(edge: Notes) -> None:
    assert edge.fetch("/healthz").code == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        ((), {"X-Forwarded-For": "198.51.100.7"}, "127.0.0.1"),
        (("10.0.0.0/8",), {"X-Forwarded-For": "198.51.100.7"}, "127.0.0.1"),
        (("127.0.0.0/8",), {"X-Forwarded-For": "198.51.100.7"}, "198.51.100.7"),
        (("127.0.0.1",), {"X-Forwarded-For": "1.2.3.4, 198.51.100.7"}, "198.51.100.7"),
        (("127.0.0.1",), {"X-Forwarded-For": "198.51.100.7, 127.0.0.1"}, "198.51.100.7"),
        (("127.0.0.1",), {"X-Real-Ip": "198.51.100.7"}, "127.0.0.1"),
        (("127.0.0.1",), {"X-Forwarded-For": "nonsense"}, "127.0.0.1"),
    ],
)
def test_only_known_proxies_say_who_the_client_is(
    proxies: tuple[str, ...], forwarded: dict[str, str], seen: str
) -> None:
    with running(trusted_proxies=proxies) as edge:
        response = edge.fetch("/api/notes/1", headers=forwarded)

        assert json.loads(response.body)["address"] == seen
