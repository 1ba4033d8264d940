"""Who gets a socket, for how long, and how everybody else is sent away."""

import asyncio
from typing import Any

import jwt
import pytest

from config.settings import Settings
from domain.errors import Unavailable
from storage.redis.sessions import SessionStore
from tests.fakes import DrivenClock
from tests.stores import JWT_SECRET
from tests.watching import bearer, watched

pytestmark = pytest.mark.kept_database

ORIGIN = "http://localhost:3000"


def signed(clock: DrivenClock, secret: str = JWT_SECRET, **changes: Any) -> str:
    """An access token as sessiond makes them, but for the changes; None takes a claim out."""
    now_s = clock() // 1000
    claims: dict[str, Any] = {
        "sub": "ada", "roles": ["user"], "fam": "f", "token_type": "access", "jti": "t",
        "iss": "sessiond", "iat": now_s, "exp": now_s + 900,
    }  # fmt: skip
    claims |= changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, secret, "HS256")


@pytest.mark.gen_test
async def test_every_way_to_show_a_token_is_answered_with_hello(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock, query_token=True) as node:
        token = node.token()
        ways = [
            await node.dial(headers=bearer(token)),
            await node.dial(headers={"Cookie": f"access={token}", "Origin": ORIGIN}),
            await node.dial(headers={"Cookie": f"access={token}", "Origin": "http://localhost"}),
            await node.dial(headers={"Cookie": f"access={token}", "Sec-Fetch-Site": "same-origin"}),
            await node.dial(headers={"Sec-WebSocket-Protocol": f"sessiond.v1, bearer.{token}"}),
            await node.dial(f"/ws/sessions/?token={token}"),
            await node.dial("/ws/sessions"),
        ]
        ways[-1].say({"type": "auth", "token": token})

        for socket in ways:
            hello = await socket.next()
            assert hello == {
                "type": "hello",
                "protocol": "sessiond.v1",
                "node": node.node.parts.name,
                "server_time": clock(),
                "heartbeat_s": 25.0,
                "token_expires_in_s": 900,
            }
        answered = [socket.head.headers.get("sec-websocket-protocol") for socket in ways]
        assert answered == [None, None, None, None, "sessiond.v1", None, None]
        assert all("sec-websocket-extensions" not in socket.head.headers for socket in ways)
        assert node.held[0] == len(ways)


@pytest.mark.gen_test
async def test_a_token_in_the_query_is_ignored_unless_it_is_allowed(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        socket = await node.dial(f"/ws/sessions/?token={node.token()}")

        assert (await socket.ask({"type": "ping"}))["code"] == "not_authenticated"


@pytest.mark.gen_test
async def test_a_token_that_is_no_good_closes_with_4500(
    settings: Settings, clock: DrivenClock
) -> None:
    now_s = clock() // 1000
    async with watched(settings, clock, query_token=True) as node:
        good = node.token()
        refresh = node.node.services.tokens.issue("ada", ["user"], "f", clock()).refresh
        unsigned = jwt.encode({"sub": "ada", "exp": now_s + 900}, "", "none")
        bad = [
            "x", "a.b.c", f"{good}x", unsigned, refresh,
            signed(clock, exp=now_s - 5), signed(clock, exp=None), signed(clock, exp=str(now_s)),
            signed(clock, "another secret, also longer than thirty-two bytes"),
            signed(clock, iss="somebody"), signed(clock, nbf=now_s + 60), signed(clock, sub=""),
            signed(clock, sub={"$ne": None}), signed(clock, roles="admin"),
        ]  # fmt: skip
        for token in bad:
            assert await (await node.dial(headers=bearer(token))).code() == 4500, token
        for headers in (
            {"Authorization": good},
            {"Authorization": f"Basic {good}"},
            {"Authorization": f"Bearer {good}\r\nAuthorization: Bearer {good}"},
            {"Sec-WebSocket-Protocol": "sessiond.v1, bearer.x"},
            {"Sec-WebSocket-Protocol": "bearer."},
            {"Cookie": "access=x", "Origin": ORIGIN},
        ):
            assert await (await node.dial(headers=headers)).code() == 4500, headers
        assert await (await node.dial("/ws/sessions/?token=x")).code() == 4500
        by_frame = await node.dial()
        by_frame.say({"type": "auth", "token": signed(clock, exp=now_s - 5)})
        assert await by_frame.code() == 4500
        assert node.held == (0, 0, 0)


@pytest.mark.gen_test
async def test_a_socket_that_shows_no_token_in_time_closes_with_4502(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock, ws_auth_timeout_s=0.4) as node:
        silent, chatty, late = [await node.dial() for _ in range(3)]
        assert (await chatty.ask({"type": "pause", "id": "s"}))["code"] == "not_authenticated"
        late.say({"type": "auth", "token": node.token()})

        assert await silent.code() == await chatty.code() == 4502
        assert (await late.next())["type"] == "hello"
        assert (await late.ask({"type": "ping"}))["type"] == "pong"


@pytest.mark.gen_test
async def test_of_two_auth_frames_sent_at_once_only_the_first_counts(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        good = {"type": "auth", "token": node.token()}
        twice, after_bad = await node.dial(), await node.dial()
        twice.say(good)
        twice.say({**good, "ref": 2})
        after_bad.say({"type": "auth", "token": "x"})
        after_bad.say(good)

        assert [(await twice.next())["type"] for _ in range(2)] == ["hello", "error"]
        assert await after_bad.code() == 4500
        await node.until(lambda: node.held[0] == 1)


@pytest.mark.gen_test
async def test_clients_that_leave_while_their_token_is_looked_at_leave_nothing_behind(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        session_id = await node.start()
        for number in range(40):
            token = node.token(f"user {number}" if number % 4 else "ada")
            socket = await node.dial(f"/ws/sessions/{session_id}" if number % 2 else "/ws/sessions")
            socket.say({"type": "auth", "token": token})
            if number % 3 == 0:
                await asyncio.sleep(0)
            socket.reset()
        await node.until_empty()
        assert node.held == (0, 0, 0)


@pytest.mark.gen_test
async def test_a_token_is_warned_of_a_minute_before_it_expires(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        soon = await node.socket(token=node.token(left_ms=30_000))
        assert await soon.next() == {"type": "token_expiring", "expires_in_s": 30}
        await node.advance(900)
        in_time = await node.socket(token=node.token(left_ms=60_100))
        later = await node.socket(token=node.token(left_ms=61_100))
        later.say({"type": "ping"})
        assert (await later.next())["type"] == "pong"
        assert (await in_time.next())["type"] == "token_expiring"


@pytest.mark.gen_test
async def test_an_expired_token_closes_the_socket_after_some_grace_and_not_the_session(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock, ws_token_grace_s=0.5) as node:
        session_id = await node.start()
        socket = await node.socket(token=node.token(left_ms=0))
        await socket.next("token_expiring")
        acknowledged = await socket.ask({"type": "pause", "id": session_id})
        assert acknowledged["state"]["status"] == "paused"

        assert await socket.code() == 4005
        assert (await node.ask("GET", f"sessions/{session_id}/"))["status"] == "paused"
        await node.until_empty()


@pytest.mark.gen_test
async def test_a_newer_token_of_the_same_user_lets_the_socket_go_on(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock, ws_token_grace_s=0.5) as node:
        renewed, not_renewed = [await node.socket(token=node.token(left_ms=0)) for _ in range(2)]
        for token in ("x", node.token(left_ms=-5_000)):
            refused = await renewed.ask({"type": "refresh", "token": token})
            assert (refused["type"], refused["code"]) == ("error", "not_authenticated")
        answer = await renewed.ask({"type": "refresh", "token": node.token(), "ref": 7})
        assert answer == {"type": "ack", "ref": 7, "token_expires_in_s": 900}

        assert await not_renewed.code() == 4005
        await asyncio.sleep(0.05)
        assert (await renewed.ask({"type": "ping"}))["type"] == "pong"


@pytest.mark.gen_test
async def test_a_token_that_lives_for_decades_is_admitted(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        for exp in (clock() // 1000 + 10 * 366 * 86_400, 10**12):
            socket = await node.dial(headers=bearer(signed(clock, exp=exp, fam=None)))
            assert (await socket.next())["token_expires_in_s"] == exp - clock() // 1000
            assert (await socket.ask({"type": "ping"}))["type"] == "pong"


@pytest.mark.gen_test
async def test_another_users_token_closes_with_4507(settings: Settings, clock: DrivenClock) -> None:
    async with watched(settings, clock) as node:
        socket = await node.socket()
        socket.say({"type": "refresh", "token": node.token("bob")})

        assert await socket.code() == 4507
        await node.until_empty()


@pytest.mark.gen_test
async def test_a_logout_closes_the_sockets_of_that_login_on_every_node(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as one, watched(settings, clock) as two:
        eve = {"email": "eve@example.com", "password": "correct horse"}
        registered = await one.ask("POST", "authentication/register/", {**eve, "name": "Eve"})
        token = registered["access"]
        elsewhere = (await one.ask("POST", "authentication/login/", eve))["access"]
        ended = [await node.socket(token=token) for node in (one, two)]
        kept = [await node.socket(token=elsewhere) for node in (one, two)]
        kept += [await node.socket() for node in (one, two)]
        stranger = signed(clock, sub="bob", fam=None, jti=None)
        kept += [await node.socket(token=stranger) for node in (one, two)]

        await one.ask("POST", "authentication/logout/", token=token)
        assert [await socket.code() for socket in ended] == [4503, 4503]
        for node in (one, two):
            assert await (await node.dial(headers=bearer(token))).code() == 4500
            assert node.held[0] == 3
        for socket in kept:
            assert (await socket.ask({"type": "ping"}))["type"] == "pong"


@pytest.mark.gen_test
async def test_tokens_of_another_issuer_are_revoked_one_by_one(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        tokens = [signed(clock, fam=None, jti=None, nonce=number) for number in range(2)]
        ended, kept = [await node.socket(token=token) for token in tokens]
        node.node.parts.hub.revoke("")

        await node.ask("POST", "authentication/logout/", token=tokens[0])
        assert await ended.code() == 4503
        assert (await kept.ask({"type": "ping"}))["type"] == "pong"


@pytest.mark.gen_test
async def test_a_revocation_that_was_not_heard_of_is_noticed_at_the_next_frame(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        session_id = await node.start()
        socket = await node.socket()
        node.node.services.tokens.revoke_local("of ada", clock() + 900_000)
        socket.say({"type": "pause", "id": session_id})

        assert await socket.code() == 4503
        session = node.node.parts.registry.get(session_id)
        assert session is not None
        assert session.status == "active"


@pytest.mark.gen_test
async def test_a_user_has_ten_sockets_and_not_eleven(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        sockets = [await node.socket() for _ in range(10)]
        eleventh = await node.dial(headers=bearer(node.token()))
        assert await eleventh.code() == 4504
        await node.socket("bob")

        await sockets[0].leave()
        await node.until(lambda: node.held[0] == 10)
        await node.socket()
        for socket in sockets[1:]:
            assert (await socket.ask({"type": "ping"}))["type"] == "pong"


@pytest.mark.gen_test
async def test_a_draining_node_sends_everybody_away(settings: Settings, clock: DrivenClock) -> None:
    async with watched(settings, clock) as node:
        waiting = await node.dial()
        await node.node.node.drain(0)
        token = node.token()

        assert await (await node.dial(headers=bearer(token))).code() == 4001
        assert await (await node.dial()).code() == 4001
        waiting.say({"type": "auth", "token": token})
        assert await waiting.code() == 4001
        assert node.held == (0, 0, 0)


@pytest.mark.gen_test
async def test_while_the_keys_of_the_issuer_are_out_of_reach_sockets_are_put_off(
    settings: Settings, clock: DrivenClock
) -> None:
    nowhere = "http://127.0.0.1:9/keys"
    foreign = jwt.get_unverified_header(signed(clock)) | {"alg": "RS256", "kid": "k"}
    head = jwt.utils.base64url_encode(str(foreign).replace("'", '"').encode()).decode()
    token = ".".join([head, *signed(clock).split(".")[1:]])
    async with watched(
        settings, clock, jwks_url=nowhere, jwt_algorithms=("HS256", "RS256")
    ) as node:
        by_frame = await node.dial()
        by_frame.say({"type": "auth", "token": token})

        assert await (await node.dial(headers=bearer(token))).code() == 4002
        assert await by_frame.code() == 4002
        socket = await node.socket()
        assert (await socket.ask({"type": "refresh", "token": token}))["code"] == "unavailable"


@pytest.mark.gen_test
async def test_a_fault_of_ours_while_a_socket_opens_closes_it_and_leaves_nothing_behind(
    settings: Settings, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ZeroDivisionError("the secret is 42")

    async with watched(settings, clock) as node:
        by_frame = await node.dial()
        monkeypatch.setattr(node.node.parts.following, "arrive", fail)
        monkeypatch.setattr(node.node.parts.following, "show", fail)
        by_frame.say({"type": "auth", "token": node.token()})
        opened = [await node.socket(), await node.socket(session_id="s")]

        assert (await by_frame.next())["type"] == "hello"
        assert [await socket.code() for socket in (by_frame, *opened)] == [1011] * 3
        await node.until_empty()
        monkeypatch.setattr(node.node.services.provisioner, "ensure", fail)
        assert await (await node.dial(headers=bearer(node.token()))).code() == 1011
        assert node.held == (0, 0, 0)


@pytest.mark.gen_test
async def test_without_redis_sockets_are_put_off(
    settings: Settings, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise Unavailable("Redis is away")

    async with watched(settings, clock) as node:
        monkeypatch.setattr(SessionStore, "active_of", fail)
        assert await (await node.socket()).code() == 4002
        await node.until_empty()
