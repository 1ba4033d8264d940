"""Accounts over HTTP: sign up, log in, rotate, log out, profile."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher
from tornado.ioloop import IOLoop

from config.settings import Settings
from handlers.tokens import TokenRules, Tokens
from tests.signed_up import EdgeUnderTest, running_edge
from tests.stores import JWT_SECRET

BASE = "/api/v1/authentication"
TODAYS = "$argon2id$v=19$m=19456,t=2,p=1$"
LOGIN = {"email": "ada@example.com", "password": "correct horse"}
FREE = {
    "plan": "free",
    "status": "active",
    "started_at": None,
    "expires_at": None,
    "is_pro": False,
}


@pytest.fixture
def edge(io_loop: IOLoop, settings: Settings) -> Iterator[EdgeUnderTest]:
    running = running_edge(settings)
    yield io_loop.run_sync(running.__aenter__)
    io_loop.run_sync(lambda: running.__aexit__(None, None, None))


@pytest.mark.gen_test
async def test_an_account_is_made_and_logged_in(edge: EdgeUnderTest) -> None:
    made = await edge.register(" Ada@Example.com ")

    me = await edge.ask("GET", f"{BASE}/me/", token=made["access"])
    assert me.status == 200
    assert me.body == made["user"]
    assert me.body == {
        "id": made["user"]["id"],
        "email": "ada@example.com",
        "name": "Ada",
        "time_zone": "UTC",
        "day_start": "00:00",
        "leaderboard": False,
        "roles": ["user"],
        "xp_total": 0,
        "xp_physique": 0,
        "xp_energy": 0,
        "xp_logic": 0,
        "xp_creativity": 0,
        "xp_social": 0,
        "life_level": 1,
        "sessions_completed": 0,
        "subscription": FREE,
    }
    assert set(made) == {"user", "access", "refresh", "expires_in"}
    assert made["expires_in"] == 900


@pytest.mark.gen_test
async def test_an_address_has_one_account(edge: EdgeUnderTest) -> None:
    bodies = [{**LOGIN, "email": email} for email in ("ada@example.com", "ADA@example.com")]
    answers = await asyncio.gather(
        *(edge.ask("POST", f"{BASE}/register/", body) for body in bodies * 2)
    )

    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]
    assert await edge.mongo.db["users"].count_documents({}) == 1


@pytest.mark.gen_test
async def test_login_does_not_tell_who_has_an_account(edge: EdgeUnderTest) -> None:
    await edge.register()
    good = await edge.ask("POST", f"{BASE}/login/", LOGIN)
    wrong = await edge.ask("POST", f"{BASE}/login/", {**LOGIN, "password": "wrong horse"})
    unknown = await edge.ask("POST", f"{BASE}/login/", {**LOGIN, "email": "eve@example.com"})

    assert good.status == 200
    assert good.body["user"]["email"] == "ada@example.com"
    assert (wrong.status, unknown.status) == (401, 401)
    assert wrong.body | {"request_id": ""} == unknown.body | {"request_id": ""}


@pytest.mark.gen_test
async def test_guessing_passwords_is_slowed_down(edge: EdgeUnderTest) -> None:
    answers = [
        await edge.ask("POST", f"{BASE}/login/", {**LOGIN, "password": f"guess {n}"})
        for n in range(11)
    ]

    assert [answer.status for answer in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    other = await edge.ask("POST", f"{BASE}/login/", {**LOGIN, "email": "eve@example.com"})
    assert other.status == 401


@pytest.mark.gen_test
async def test_a_hash_of_older_parameters_is_renewed_at_login(edge: EdgeUnderTest) -> None:
    made = await edge.register()
    users = edge.mongo.db["users"]
    before = await users.find_one({"_id": made["user"]["id"]})
    assert before is not None
    assert before["password_hash"].startswith(TODAYS)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse")
    await users.update_one({"_id": before["_id"]}, {"$set": {"password_hash": weak}})

    assert (await edge.ask("POST", f"{BASE}/login/", LOGIN)).status == 200
    after = await users.find_one({"_id": before["_id"]})
    assert after is not None
    assert after["password_hash"].startswith(TODAYS)
    assert (await edge.ask("POST", f"{BASE}/login/", LOGIN)).status == 200


async def refreshed(edge: EdgeUnderTest, token: str) -> Any:
    return await edge.ask("POST", f"{BASE}/refresh/", {"refresh": token})


@pytest.mark.gen_test
async def test_a_refresh_token_is_exchanged_for_a_new_pair(edge: EdgeUnderTest) -> None:
    first = await edge.register()
    edge.clock.advance(60_000)
    second = await refreshed(edge, first["refresh"])
    edge.clock.advance(60_000)
    third = await refreshed(edge, second.body["refresh"])

    assert (second.status, third.status) == (200, 200)
    assert set(second.body) == {"access", "refresh", "expires_in"}
    me = await edge.ask("GET", f"{BASE}/me/", token=third.body["access"])
    assert me.body["id"] == first["user"]["id"]


@pytest.mark.gen_test
async def test_a_stolen_refresh_token_ends_the_login_for_thief_and_owner(
    edge: EdgeUnderTest,
) -> None:
    first = await edge.register()
    second = await refreshed(edge, first["refresh"])
    edge.clock.advance(10_001)
    stolen = await refreshed(edge, first["refresh"])

    assert stolen.status == 401
    assert (await refreshed(edge, second.body["refresh"])).status == 401
    for pair in (first, second.body):
        assert (await edge.ask("GET", f"{BASE}/me/", token=pair["access"])).status == 401
    assert (await edge.ask("POST", f"{BASE}/login/", LOGIN)).status == 200


@pytest.mark.gen_test
async def test_a_lost_reply_may_be_asked_for_again(edge: EdgeUnderTest) -> None:
    first = await edge.register()
    answers = await asyncio.gather(*(refreshed(edge, first["refresh"]) for _ in range(5)))
    edge.clock.advance(10_000)
    late = await refreshed(edge, first["refresh"])

    assert [answer.status for answer in (*answers, late)] == [200] * 6
    ids = {
        edge.services.tokens.verify_refresh(answer.body["refresh"], edge.clock()).token_id
        for answer in (*answers, late)
    }
    assert len(ids) == 1
    assert (await refreshed(edge, late.body["refresh"])).status == 200


@pytest.mark.gen_test
async def test_a_token_two_rotations_old_is_no_retry(edge: EdgeUnderTest) -> None:
    first = await edge.register()
    second = await refreshed(edge, first["refresh"])
    third = await refreshed(edge, second.body["refresh"])

    assert (await refreshed(edge, first["refresh"])).status == 401
    assert (await refreshed(edge, third.body["refresh"])).status == 401


@pytest.mark.gen_test
async def test_a_refresh_token_expires(edge: EdgeUnderTest) -> None:
    first = await edge.register()
    edge.clock.advance(31 * 86_400_000)

    assert (await refreshed(edge, first["refresh"])).status == 401


@pytest.mark.gen_test
async def test_roles_are_read_anew_at_each_refresh(edge: EdgeUnderTest) -> None:
    first = await edge.register()
    await edge.mongo.db["users"].update_one({}, {"$set": {"roles": ["admin", "user"]}})
    second = await refreshed(edge, first["refresh"])

    me = await edge.ask("GET", f"{BASE}/me/", token=second.body["access"])
    assert me.body["roles"] == ["admin", "user"]


@pytest.mark.gen_test
async def test_logging_out_ends_this_login_alone(edge: EdgeUnderTest) -> None:
    first = await edge.register()
    other = (await edge.ask("POST", f"{BASE}/login/", LOGIN)).body
    out = await edge.ask("POST", f"{BASE}/logout/", token=first["access"])

    assert (out.status, out.body) == (204, None)
    assert (await edge.ask("GET", f"{BASE}/me/", token=first["access"])).status == 401
    assert (await refreshed(edge, first["refresh"])).status == 401
    assert (await edge.ask("GET", f"{BASE}/me/", token=other["access"])).status == 200
    assert (await refreshed(edge, other["refresh"])).status == 200


@pytest.mark.gen_test
async def test_a_logout_may_name_another_login_by_its_refresh_token(edge: EdgeUnderTest) -> None:
    first = await edge.register()
    other = (await edge.ask("POST", f"{BASE}/login/", LOGIN)).body
    body = {"refresh": other["refresh"]}

    assert (await edge.ask("POST", f"{BASE}/logout/", body, token=first["access"])).status == 204
    assert (await edge.ask("GET", f"{BASE}/me/", token=other["access"])).status == 401


@pytest.mark.gen_test
async def test_other_nodes_learn_of_a_revoked_login(edge: EdgeUnderTest) -> None:
    first = await edge.register()
    await edge.ask("POST", f"{BASE}/logout/", token=first["access"])
    claims = edge.services.tokens.verify_refresh(first["refresh"], edge.clock())
    revoked = edge.services.logins.revoked

    assert await revoked.load(edge.clock()) == {claims.family: edge.clock() + 905_000}
    assert await revoked.load(edge.clock() + 905_001) == {}


@pytest.mark.gen_test
async def test_a_profile_is_changed_field_by_field(edge: EdgeUnderTest) -> None:
    token = (await edge.register())["access"]
    changes = {"time_zone": "Asia/Tehran", "day_start": "04:00"}
    changed = await edge.ask("PATCH", f"{BASE}/me", changes, token=token)
    nothing = await edge.ask("PATCH", f"{BASE}/me", {}, token=token)

    assert changed.status == 200
    assert {name: changed.body[name] for name in changes} == changes
    assert changed.body["name"] == "Ada"
    assert nothing.body == changed.body


@pytest.mark.gen_test
async def test_a_stranger_with_a_valid_token_becomes_a_user(edge: EdgeUnderTest) -> None:
    token = edge.token("auth0|42", "service")
    answers = await asyncio.gather(*(edge.ask("GET", f"{BASE}/me/", token=token) for _ in range(5)))

    assert {answer.status for answer in answers} == {200}
    assert answers[0].body["id"] == "auth0|42"
    assert answers[0].body["email"] is None
    assert answers[0].body["roles"] == ["service"]
    assert await edge.mongo.db["users"].count_documents({}) == 1


NO_ACCOUNTS: list[Any] = [
    {},
    [],
    {**LOGIN, "email": {"$gt": ""}},
    {**LOGIN, "email": ["ada@example.com"]},
    {**LOGIN, "email": "ada@example"},
    {**LOGIN, "password": "short"},
    {**LOGIN, "password": 12345678},
    {**LOGIN, "password": "\ud800" * 8},
    {**LOGIN, "name": None},
    {**LOGIN, "name": "x" * 101},
    {**LOGIN, "roles": ["admin"]},
    {**LOGIN, "xp_total": 9},
    {**LOGIN, "subscription": {"plan": "pro"}},
    {**LOGIN, "__proto__": {}},
    {**LOGIN, "$set": {"roles": ["admin"]}},
    b'{"email":"a@example.com","email":"b@example.com","password":"correct horse"}',
    '{"email":"a@example.com","password":"correct horse"}'.encode("utf-16"),
    b"\xef\xbb\xbf{}",
    b"not json",
]
WRONG: list[tuple[str, str, Any]] = [
    *(("POST", "register", body) for body in NO_ACCOUNTS),
    ("POST", "login", {**LOGIN, "password": {"$ne": None}}),
    ("POST", "login", {**LOGIN, "email": {"$regex": "^a"}}),
    ("POST", "refresh", {}),
    ("POST", "refresh", {"refresh": 7}),
    ("POST", "refresh", {"refresh": {"$ne": ""}}),
    ("PATCH", "me", {"time_zone": "Mars/Olympus"}),
    ("PATCH", "me", {"day_start": "25:00"}),
    ("PATCH", "me", {"day_start": "4"}),
    ("PATCH", "me", {"day_start": ""}),
    ("PATCH", "me", {"name": {"$set": 1}}),
    ("PATCH", "me", {"email": "eve@example.com"}),
    ("PATCH", "me", {"life_level": 99}),
    ("POST", "logout", {"refresh": 7}),
]


@pytest.mark.gen_test
async def test_wrong_bodies_are_refused_and_change_nothing(edge: EdgeUnderTest) -> None:
    token = edge.token("ada")
    before = (await edge.ask("GET", f"{BASE}/me/", token=token)).body
    for method, name, body in WRONG:
        # Beyond the limit on guesses, which is not what is tested here.
        edge.clock.advance(120_000)
        token = edge.token("ada")
        answer = await edge.ask(method, f"{BASE}/{name}/", body, token=token)
        assert answer.status == 400, (method, name, body, answer)
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        if isinstance(body, dict) and "day_start" in body:
            assert answer.body["errors"] == {"day_start": ["Must be HH:MM, from 00:00 to 23:59."]}

    assert (await edge.ask("GET", f"{BASE}/me/", token=token)).body == before
    assert await edge.mongo.db["users"].count_documents({}) == 1


@pytest.mark.gen_test
async def test_without_a_good_token_there_is_no_profile(edge: EdgeUnderTest) -> None:
    good = edge.token("ada")
    answers = [
        await edge.ask("GET", f"{BASE}/me/", Authorization=value)
        for value in ("", "Bearer", "Bearer ", "bearer x y", f"Basic {good}", f"Bearer {good}x")
    ]
    answers.append(await edge.ask("GET", f"{BASE}/me/?access_token={good}"))

    assert {answer.status for answer in answers} == {401}
    assert await edge.mongo.db["users"].count_documents({}) == 0


@pytest.mark.gen_test
async def test_a_long_lived_token_stays_logged_out_as_long_as_it_would_have_lived(
    edge: EdgeUnderTest,
) -> None:
    rules = TokenRules(secret=JWT_SECRET, access_ttl_s=86_400)
    token = Tokens(rules).issue("convex", ["service"], "by hand", edge.clock()).access
    assert (await edge.ask("GET", f"{BASE}/me/", token=token)).status == 200
    assert (await edge.ask("POST", f"{BASE}/logout/", token=token)).status == 204

    for hours in (0, 1, 22):
        edge.clock.advance(hours * 3_600_000)
        assert (await edge.ask("GET", f"{BASE}/me/", token=token)).status == 401
