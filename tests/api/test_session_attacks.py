"""What an attacker sends to sessions, goals and activities is refused, and changes nothing."""

import json
from typing import Any

import pytest

from tests.person import ACTIVITY, GOAL, SESSIONS, Answer, Person, Site

NOBODYS = "00000000-0000-4000-8000-000000000000"
GOALS, ACTIVITIES, RATES = "/api/v1/goals/", "/api/v1/activities/", f"{SESSIONS}calculate-rates/"
COMMANDS = ("pause", "resume", "focus", "blur", "distraction", "cancel")
END = {"status": "completed", "xp_total": 5}

NO_JSON = (
    b"{",
    b"nope",
    b"'a'",
    b'{"a":1,}',
    b'{"a":1}{}',
    b"\xef\xbb\xbf{}",
    "{}".encode("utf-16"),
    b'{"note":"\xff"}',
    b'{"note":"\\ud800"}',
    b'{"note":"\\u0000"}',
    b'{"note":"\x00"}',
    b'{"if_rev":NaN}',
    b'{"if_rev":-Infinity}',
    b'{"if_rev":1e999}',
    b'{"if_rev":' + b"9" * 5_000 + b"}",
    b'{"if_rev":9223372036854775808}',
    b'{"cmd_id":"a","cmd_id":"b"}',
    b'{"status":"completed","status":"completed"}',
    b'{"__proto__":{}}',
    b'{"constructor":{}}',
    b'{"$set":{}}',
    b'{"a.b":1}',
    b"[]",
    b'"text"',
    b"7",
    b"true",
    b"null",
    b"[" * 100_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b'{"unknown":1}',
    b'{"unknown":{"$gt":""}}',
)
NO_TEXT: tuple[Any, ...] = (
    7, 1.5, True, None, [], ["a"], {}, {"$gt": ""}, {"$ne": None}, {"$where": "sleep(9)"},
    "a\0b", "\ud800", "x" * 5_000, "\x1b[31m", "", "   ",
)  # fmt: skip
NO_NUMBER: tuple[Any, ...] = (
    True, None, "7", "\u0667", 7.0, 7.5, -1, 2**63, 10**30, [], [7], {}, {"$gt": 0}, float("nan"),
    float("inf"), 1e308, 10**15,
)  # fmt: skip
NO_INSTANT: tuple[Any, ...] = (
    *NO_TEXT, "yesterday", "2025-01-15", "2025-01-15T10:30:00", "2025-13-01T00:00:00Z",
    "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "٢٠٢٥-01-15T10:30:00Z", 1736937000,
)  # fmt: skip
NO_ID = (*NO_TEXT, "a b", "a/b", "..", "a:b", "{0}", "ä", "a\n", "x" * 129)
NO_UUID = (*NO_TEXT, "x", NOBODYS[:-1], f"{{{NOBODYS}}}", NOBODYS.replace("-", ""), NOBODYS + "\n")


async def takers(site: Site, ada: Person) -> list[tuple[Person, str, str, Any]]:
    """Everything that takes a body: who asks, how, where, and with what it would succeed."""
    plan, path = await ada.plan(), await ada.start()
    sync = site.person("convex", "service")
    await sync.get(GOALS)
    return [
        (ada, "POST", SESSIONS, plan),
        (ada, "PUT", path, END),
        (ada, "POST", RATES, plan),
        (ada, "POST", GOALS, GOAL),
        (ada, "POST", ACTIVITIES, ACTIVITY),
        (sync, "POST", SESSIONS, {**plan, "session_id": "ext", "user_id": "ada"}),
        (sync, "PUT", f"{SESSIONS}ext/", {**END, "user_id": "ada"}),
        *((ada, "POST", f"{path}{command}/", {}) for command in COMMANDS),
    ]


def refused(answer: Answer, *expected: tuple[int, str]) -> None:
    assert (answer.status, answer.code) in expected, answer


@pytest.mark.gen_test(timeout=30)
async def test_what_is_not_the_json_that_is_meant_is_refused(site: Site, ada: Person) -> None:
    endpoints = await takers(site, ada)
    before = await site.contents()
    for person, method, path, _ in endpoints:
        for body in NO_JSON:
            answer = await person.ask(method, path, body)
            assert (answer.status, answer.code) == (400, "invalid_input"), (path, body[:60])

    assert await site.contents() == before


@pytest.mark.gen_test(timeout=30)
async def test_fields_of_a_wrong_kind_are_refused_by_name(site: Site, ada: Person) -> None:
    endpoints = await takers(site, ada)
    before = await site.contents()
    wrong: dict[str, tuple[Any, ...]] = {
        **dict.fromkeys(("cmd_id", "device_platform", "status", "completed_reason"), NO_TEXT),
        **dict.fromkeys(("user_id", "name", "title"), NO_TEXT),
        **dict.fromkeys(("goal_id", "activity_id"), NO_UUID),
        **dict.fromkeys(("started_at", "ended_at"), NO_INSTANT),
        **dict.fromkeys(("planned_duration_seconds", "xp_total", "xp_logic"), NO_NUMBER),
        **dict.fromkeys(("total_duration_seconds", "days_total"), NO_NUMBER),
        "if_rev": NO_NUMBER[:-1],
        "session_id": (*NO_ID, "active"),
        "note": NO_TEXT[:-2],
        "category": (7, True, None, [], {"$gt": ""}, {"name": {"$ne": 1}}, "", "x" * 5_000),
    }
    known = await _fields_by_path(site, ada)
    for person, method, path, body in endpoints:
        for name in known[method, path] & set(wrong):
            for value in wrong[name]:
                answer = await person.ask(method, path, {**body, name: value})
                assert (answer.status, answer.code) == (400, "invalid_input"), (path, name, value)

    assert await site.contents() == before
    assert set().union(*known.values()) >= set(wrong)


async def _fields_by_path(site: Site, ada: Person) -> dict[tuple[str, str], set[str]]:
    """The fields of each endpoint's body, as the OpenAPI document lists them."""
    document = (await ada.get("/api/openapi.json")).body
    (live,) = (await ada.get(f"{SESSIONS}active/")).body["results"]
    found: dict[tuple[str, str], set[str]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            body = operation.get("requestBody")
            if body is None:
                continue
            name = body["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
            fields = set(document["components"]["schemas"][name]["properties"])
            for session_id in (live["id"], "ext"):
                found[method.upper(), path.replace("{session_id}", session_id)] = fields
    return found


@pytest.mark.gen_test
async def test_nobody_assigns_what_the_server_decides(site: Site, ada: Person) -> None:
    plan = await ada.plan()
    path = await ada.start(**plan)
    before = await site.contents()
    decided = {
        "xp": 9, "xp_total": 9, "xp_logic": 9, "focused_ms": 9, "active_ms": 9, "rev": 9,
        "epoch": "e", "rates": {"logic": 99}, "rate_logic": 9, "max_ms": 9, "kind": "customer",
        "completed_reason": "auto", "ended_at": "2025-01-15T12:00:00Z", "context": {}, "v": 2,
        "source": "external", "_id": "x", "id": "x", "persisted": True, "roles": ["admin"],
    }  # fmt: skip
    for name, value in decided.items():
        for target in (SESSIONS, f"{path}pause/", GOALS, RATES):
            answer = await ada.post(target, {**plan, name: value})
            refused(answer, (400, "invalid_input"))
    for status in ("completed", "canceled", "paused", "ACTIVE"):
        refused(await ada.post(SESSIONS, {**plan, "status": status}), (400, "invalid_input"))
    for status in ("active", "canceled", "abandoned"):
        refused(await ada.put(path, {"status": status}), (400, "invalid_input"))

    assert await site.contents() == before


@pytest.mark.gen_test(timeout=15)
async def test_bodies_that_are_too_long_or_of_another_format_are_refused(
    site: Site, ada: Person
) -> None:
    endpoints = await takers(site, ada)
    before = await site.contents()
    huge = b'{"note":"' + b"x" * 10_000_000 + b'"}'
    for person, method, path, body in endpoints:
        raw = json.dumps(body).encode()
        for kind in (
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/json;charset=latin1",
        ):
            refused(
                await person.ask(method, path, raw, Content_Type=kind),
                (415, "unsupported_media_type"),
            )
        packed = await person.ask(method, path, raw, Content_Encoding="gzip")
        refused(packed, (415, "unsupported_media_type"))
        refused(await person.ask(method, path, huge), (413, "too_large"))

    assert await site.contents() == before


PATHS = (
    "{}", "{0}", "{session_id}", "a:b", "*", "a*", "$ne", "[$ne]", "%00", "a%00b", "%0d%0aX:y", "%ff",
    "%ed%a0%80", "%7B0%7D:session:x", "..", "%2e%2e", "%2e%2e%2factive", "a%2fb", "ä", "%C3%A4",
    "🎨", "%F0%9F%8E%A8", "x" * 129, "x" * 5_000, "%78" * 1_700, "a%20b", "'", '"', ";", "\\", "-- ",
    "null", "undefined", "0", "-1", "NaN", NOBODYS, "1e309",
)  # fmt: skip


@pytest.mark.gen_test(timeout=30)
async def test_paths_that_name_nothing_are_not_found(site: Site, ada: Person) -> None:
    await ada.start()
    before = await site.contents()
    for text in PATHS:
        name = text.encode().decode("latin-1") if not text.isascii() else text
        for method, path, body in (
            ("GET", f"{SESSIONS}{name}/", None),
            ("PUT", f"{SESSIONS}{name}/", END),
            ("POST", f"{SESSIONS}{name}/cancel/", None),
            ("GET", f"{GOALS}{name}/", None),
            ("GET", f"{GOALS}{name}/sessions/", None),
            ("GET", f"{ACTIVITIES}{name}/", None),
        ):
            answer = await ada.ask(method, path.replace(" ", "%20"), body)
            expected = [(404, "not_found")]
            if "%ff" in text or "%ed" in text:
                expected += [(400, "invalid_input")]
            refused(answer, *expected)

    assert await site.contents() == before


@pytest.mark.gen_test
async def test_a_query_that_nobody_asked_for_is_refused(site: Site, ada: Person) -> None:
    plan = await ada.plan()
    path = await ada.start(**plan)
    before = await site.contents()
    history = f"{GOALS}{plan['goal_id']}/sessions/"
    for query in (
        "id[$ne]=1",
        "user_id=bob",
        "limit[$gt]=1",
        "$where=1",
        "access_token=x",
        "a=%ff",
    ):
        for target in (path, f"{SESSIONS}active/", GOALS, ACTIVITIES, history):
            refused(await ada.get(f"{target}?{query}"), (400, "invalid_input"))
        refused(await ada.put(f"{path}?{query}", END), (400, "invalid_input"))
        refused(await ada.post(f"{path}cancel/?{query}"), (400, "invalid_input"))
    for query in (
        "limit=0",
        "limit=101",
        "limit=1e3",
        "limit=%D9%A1",
        "cursor=x",
        "limit=1&limit=2",
    ):
        refused(await ada.get(f"{history}?{query}"), (400, "invalid_input"))

    assert await site.contents() == before
