"""Customers without a token, pages of other origins, and pages that close."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from config.settings import Settings
from domain.idempotency import derived_id, new_id
from domain.session import Session
from tests.fakes import DrivenClock
from tests.person import Person, Site, open_site

BASE = "/api/chat/sessions/"
PAGE = "http://localhost:3000"
ASKED = {
    "start": ("POST", {}),
    "update": ("POST", {"session_id": "x", "activity_type": "message_sent"}),
    "end": ("POST", {"session_id": "x"}),
    "status": ("GET", None),
    "history": ("GET", None),
    "cleanup": ("POST", {}),
}
pytestmark = pytest.mark.kept_database


@asynccontextmanager
async def empty(site: Site) -> AsyncIterator[Person]:
    """Somebody without a token, with no visit left from an earlier test."""
    nobody = Person(site=site, user_id="nobody", bearer="")
    yield nobody
    status = (await nobody.get(f"{BASE}status/")).body
    if status["has_active_session"]:
        await nobody.post(f"{BASE}end/", {"session_id": status["session_id"]})


async def beacon(person: Person, body: object, **headers: str) -> Any:
    """What `navigator.sendBeacon(url, JSON.stringify(body))` sends."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content_Type": "text/plain;charset=UTF-8", **headers}
    return await person.post(f"{BASE}end/", raw, **sent)


async def visit_of(person: Person) -> str:
    return str((await person.post(f"{BASE}start/", {})).body["session_id"])


async def is_active(person: Person) -> bool:
    return bool((await person.get(f"{BASE}status/")).body["has_active_session"])


@pytest.mark.gen_test
async def test_who_has_no_token_is_the_demo_user(site: Site) -> None:
    async with empty(site) as nobody:
        started = await nobody.post(f"{BASE}start/", {})
        other = await nobody.post(f"{BASE}start/", {})
        status = await nobody.get(f"{BASE}status/")
        async with site.mongo() as database:
            known = await database["users"].find_one({"_id": "demo_user"})

    assert (started.status, started.body["user"]) == (201, "demo_user")
    # All of them are one user, who has one visit.
    assert (other.status, other.body["session_id"]) == (200, started.body["session_id"])
    assert (status.body["session_id"], status.body["user"]) == (
        started.body["session_id"], "demo_user",
    )  # fmt: skip
    assert known is not None


@pytest.mark.gen_test
async def test_a_bad_token_is_not_taken_for_none(site: Site) -> None:
    forger = Person(site=site, user_id="forger", bearer="not.a.token")
    for name, (method, body) in ASKED.items():
        answer = await forger.ask(method, f"{BASE}{name}/", body)
        assert (answer.status, answer.code) == (401, "not_authenticated"), name


@pytest.mark.gen_test
async def test_guests_can_be_kept_out(settings: Settings, clock: DrivenClock) -> None:
    async with open_site(settings, clock, guests=False) as site:
        nobody = Person(site=site, user_id="nobody", bearer="")
        before = await site.contents()
        for name, (method, body) in ASKED.items():
            answer = await nobody.ask(method, f"{BASE}{name}/", body)
            assert (answer.status, answer.code) == (401, "not_authenticated"), name
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert await site.contents() == before
        assert (await site.person("ada").post(f"{BASE}start/", {})).status == 201


@pytest.mark.gen_test
async def test_guests_are_limited_by_address_and_users_are_not_hurt(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock, rate_user="5/minute") as site:
        nobody = Person(site=site, user_id="nobody", bearer="")
        answers = [await nobody.get(f"{BASE}status/") for _ in range(7)]
        calm = await site.person("demo_user").get(f"{BASE}status/")

    assert [answer.status for answer in answers] == [200] * 5 + [429] * 2
    assert calm.status == 200


@pytest.mark.gen_test
async def test_a_page_of_the_configured_origin_may_ask(site: Site) -> None:
    async with empty(site) as nobody:
        preflight = await nobody.ask(
            "OPTIONS",
            f"{BASE}start/",
            Origin=PAGE,
            Access_Control_Request_Method="POST",
            Access_Control_Request_Headers="content-type",
        )
        started = await nobody.post(f"{BASE}start/", {}, Origin=PAGE)
        foreign = await nobody.post(f"{BASE}start/", {}, Origin="https://evil.example")

    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == PAGE
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "content-type" in preflight.headers["Access-Control-Allow-Headers"].lower()
    assert started.headers["Access-Control-Allow-Origin"] == PAGE
    assert "Access-Control-Allow-Origin" not in foreign.headers


@pytest.mark.gen_test
async def test_a_closing_page_ends_its_visit_by_a_beacon(site: Site) -> None:
    async with empty(site) as nobody:
        session_id = await visit_of(nobody)
        answer = await beacon(nobody, {"session_id": session_id}, Origin=PAGE)

    assert (answer.status, answer.body["message"]) == (200, "Session ended")


@pytest.mark.gen_test
async def test_a_beacon_brings_its_token_in_the_body(site: Site) -> None:
    ada, eve = site.person("ada"), site.person("eve")
    silent = Person(site=site, user_id="ada", bearer="")
    session_id = await visit_of(ada)
    ask = {"session_id": session_id}
    as_guest = await beacon(silent, ask)
    as_eve = await beacon(silent, {**ask, "token": site.token("eve")})
    forged = await beacon(silent, {**ask, "token": "forged"})
    not_text = await beacon(silent, {**ask, "token": 7})
    # A header counts for more than what stands in the body.
    header = await beacon(eve, {**ask, "token": site.token("ada")})
    running = await is_active(ada)
    ended = await beacon(silent, {**ask, "token": site.token("ada")})

    assert [one.status for one in (as_guest, as_eve, forged, not_text, header)] == [
        404, 404, 401, 400, 404,
    ]  # fmt: skip
    assert running
    assert (ended.status, ended.body["session_id"]) == (200, session_id)
    assert not await is_active(ada)


@pytest.mark.gen_test
async def test_the_token_in_the_body_counts_for_more_than_the_cookie(site: Site) -> None:
    ada = site.person("ada")
    silent = Person(site=site, user_id="nobody", bearer="")
    session_id = await visit_of(ada)
    cookie = {"Cookie": f"access={site.token('eve')}"}
    as_eve = await beacon(silent, {"session_id": session_id}, Origin=PAGE, **cookie)
    body = {"session_id": session_id, "token": site.token("ada")}
    ended = await beacon(silent, body, Origin="https://evil.example", **cookie)

    assert as_eve.status == 404
    # Whoever has the token may use it from wherever they are.
    assert ended.status == 200


@pytest.mark.gen_test
async def test_a_foreign_page_ends_nothing_by_the_cookie(site: Site) -> None:
    ada = site.person("ada")
    silent = Person(site=site, user_id="nobody", bearer="")
    session_id = await visit_of(ada)
    cookie = {"Cookie": f"access={site.token('ada')}"}
    for origin in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}):
        answer = await beacon(silent, {"session_id": session_id}, **cookie, **origin)
        assert (answer.status, answer.code) == (403, "forbidden"), origin
    assert await is_active(ada)

    own = await beacon(silent, {"session_id": session_id}, Origin=PAGE, **cookie)
    assert own.status == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff", b'{"token": "x"'])
@pytest.mark.gen_test
async def test_a_beacon_of_nonsense_is_refused(site: Site, body: bytes) -> None:
    silent = Person(site=site, user_id="nobody", bearer="")
    answer = await beacon(silent, body)

    assert (answer.status, answer.code) == (400, "invalid_input")


@pytest.mark.gen_test
async def test_only_the_end_may_come_as_plain_text(site: Site) -> None:
    ada = site.person("ada")
    session_id = await visit_of(ada)
    body = json.dumps({"session_id": session_id, "activity_type": "message_sent"}).encode()
    told = await ada.post(f"{BASE}update/", body, Content_Type="text/plain")
    form = await ada.post(f"{BASE}end/", body, Content_Type="application/x-www-form-urlencoded")

    assert [told.status, form.status] == [415, 415]


@pytest.mark.gen_test
async def test_tabs_that_start_at_once_share_one_visit(site: Site) -> None:
    ada = site.person("ada")
    while await is_active(ada):
        status = (await ada.get(f"{BASE}status/")).body
        await ada.post(f"{BASE}end/", {"session_id": status["session_id"]})
    answers = await asyncio.gather(*(ada.post(f"{BASE}start/", {}) for _ in range(20)))

    assert {answer.status for answer in answers} <= {200, 201}
    assert [answer.status for answer in answers].count(201) == 1
    assert len({answer.body["session_id"] for answer in answers}) == 1


@pytest.mark.gen_test
async def test_a_crowd_of_guests_is_counted_to_the_last_message(site: Site) -> None:
    async with empty(site) as nobody:
        session_id = await visit_of(nobody)
        body = {"session_id": session_id, "activity_type": "message_sent"}
        answers = await asyncio.gather(*(nobody.post(f"{BASE}update/", body) for _ in range(60)))
        status = (await nobody.get(f"{BASE}status/")).body

    assert {answer.status for answer in answers} == {200}
    assert status["total_messages_sent"] == 60


@pytest.mark.gen_test
async def test_what_nobody_has_to_log_in_for_is_short(
    settings: Settings, clock: DrivenClock
) -> None:
    long = json.dumps({"token": "x", "a": [{}] * 8_000}).encode()
    async with open_site(settings, clock, guests=False) as site:
        silent = Person(site=site, user_id="", bearer="")
        ended = await beacon(silent, long)
        login = await silent.post("/api/v1/authentication/login/", long)
        known = await site.person("ada").post(f"{BASE}update/", long)

    # Refused before it is read; whoever is known may send more, and is told what is wrong with it.
    assert [(one.status, one.code) for one in (ended, login)] == [(413, "too_large")] * 2
    assert (known.status, known.code) == (400, "invalid_input")


@pytest.mark.gen_test
async def test_a_key_stands_for_the_visit_that_it_began_or_went_on_with(site: Site) -> None:
    ada = site.person("ada-with-keys")

    async def start(key: str) -> tuple[int, str, str]:
        answer = await ada.post(f"{BASE}start/", {}, Idempotency_Key=key)
        return answer.status, answer.body["session_id"], answer.body["message"]

    began = await start("began")
    went_on = await start("went on")
    await ada.post(f"{BASE}end/", {"session_id": began[1]})

    assert (began[0], began[2]) == (201, "New session started")
    assert went_on == (200, began[1], "Existing session refreshed")
    # Late repeats start nothing, and say what was said.
    assert await start("began") == (200, began[1], "New session started")
    assert await start("went on") == went_on
    assert not await is_active(ada)
    other = await visit_of(ada)
    assert other != began[1]
    assert await start("began") == (200, began[1], "New session started")
    await site.let_go()
    assert await start("went on") == went_on


@pytest.mark.gen_test
async def test_a_visit_that_took_all_keys_makes_room_for_another(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.redis.commits.ANSWERS_KEPT", 3)
    ada = site.person("ada-of-many-keys")
    session_id = await visit_of(ada)
    body = {"session_id": session_id, "activity_type": "message_sent"}
    answers = [
        await ada.post(f"{BASE}update/", body, Idempotency_Key=f"{number}") for number in range(4)
    ]

    assert [answer.status for answer in answers] == [200, 200, 200, 409]
    assert answers[3].body["state"]["customer"]["total_messages_sent"] == 3
    assert (await ada.post(f"{BASE}start/", {})).status == 201


@pytest.mark.gen_test
async def test_a_key_whose_first_try_began_nothing_goes_on_with_what_runs(site: Site) -> None:
    ada = site.person("ada-again")
    running = await visit_of(ada)
    # As a start leaves it that was refused, or that lost Redis, after it had taken the key.
    async with site.mongo() as database:
        key = derived_id(ada.user_id, "start", "k")
        never_began = new_id(ada.user_id, "customer", "k")
        await database["session_ids"].insert_one({"_id": f"key:{key}", "session_id": never_began})
    first = await ada.post(f"{BASE}start/", {}, Idempotency_Key="k")
    await ada.post(f"{BASE}end/", {"session_id": running})
    again = await ada.post(f"{BASE}start/", {}, Idempotency_Key="k")

    assert (first.status, first.body["session_id"]) == (200, running)
    assert again.body == first.body
    assert not await is_active(ada)


@pytest.mark.gen_test
async def test_a_key_does_not_stand_for_what_ends_while_it_is_to_go_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = site.person("ada-in-a-race")
    running = await visit_of(ada)
    customers = site.node.services.customers
    active = customers._own.active  # noqa: SLF001 - the moment between looking and acting

    async def active_until_now(user_id: str) -> Session | None:
        found = await active(user_id)
        monkeypatch.undo()
        await ada.post(f"{BASE}end/", {"session_id": running})
        return found

    monkeypatch.setattr(customers._own, "active", active_until_now)  # noqa: SLF001
    started = await ada.post(f"{BASE}start/", {}, Idempotency_Key="k")

    assert (started.status, started.body["message"]) == (201, "New session started")
    assert started.body["session_id"] != running
    assert await is_active(ada)
