"""What clients do that no good client does; each time the node must hold nothing afterwards."""

import asyncio
import gc
import json
from typing import Any

import pytest

from config.settings import Settings
from handlers.live import LiveHandler
from tests.fakes import DrivenClock
from tests.raw_socket import BINARY, CLOSE, PING, PONG, RawSocket, encode
from tests.watching import bearer, unharmed, watched

pytestmark = pytest.mark.kept_database

CONTINUATION = 0
LIMIT = 65_536


@pytest.mark.gen_test
async def test_a_message_may_have_64_kib_and_not_a_byte_more(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node, unharmed(node):
        fits, over, vast, claims, whole, pieces = [await node.socket() for _ in range(6)]
        blanks = b'{"type":"ping"' + b" " * (LIMIT - 15) + b"}"
        fits.send(encode(blanks))
        assert (await fits.next())["type"] == "pong"
        over.send(encode(b" ", size=LIMIT + 1))
        vast.send(encode(b" ", size=2**40))
        claims.send(encode(b" ", size=2**63 - 1))
        whole.send(encode(blanks + b" " * 4_000))
        for _ in range(2):
            pieces.send(encode(blanks[: LIMIT // 2 + 1], fin=False))
            pieces.send(encode(blanks[LIMIT // 2 :], CONTINUATION))

        assert [await one.code() for one in (over, vast, claims)] == [1009] * 3
        # What is still on its way when the socket goes may overtake the close frame.
        assert {await one.code() for one in (whole, pieces)} <= {1009, None}
        await fits.leave()


@pytest.mark.gen_test
async def test_a_message_in_more_pieces_than_anybody_needs_is_refused(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node, unharmed(node):
        fits, empty, drip = [await node.socket() for _ in range(3)]
        text = b'{"type":"ping"}'
        fits.send(encode(text[:1], fin=False))
        for byte in text[1:]:
            fits.send(encode(bytes([byte]), CONTINUATION, fin=False))
        fits.send(encode(b"", PING))
        fits.send(encode(b"", CONTINUATION))
        assert await fits.frame() == (PONG, b"")
        assert (await fits.next())["type"] == "pong"
        empty.send(encode(b"", fin=False) + encode(b"", CONTINUATION, fin=False) * 20_000)
        drip.send(encode(b" ", fin=False) + encode(b" ", CONTINUATION, fin=False) * 32_768)

        assert await empty.code() in (1009, None)
        assert await drip.code() in (1009, None)
        await fits.leave()


@pytest.mark.gen_test
async def test_half_a_frame_and_silence_is_closed_by_the_ping_that_stays_unanswered(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock, ws_ping_s=0.1, ws_pong_timeout_s=0.05) as node:
        by_header, by_payload, unknown = [await node.socket() for _ in range(2)] + [
            await node.dial()
        ]
        by_header.send(encode(b"x" * 200)[:1])
        by_payload.send(encode(b"x" * 200)[:50])
        unknown.send(encode(b"x" * 200)[:50])
        for half in (by_header, by_payload, unknown):
            assert await half.code() == 1000
            half.reset()
        await node.until_empty()


@pytest.mark.gen_test
async def test_what_breaks_the_framing_ends_the_socket_and_leaves_nothing(
    settings: Settings, clock: DrivenClock
) -> None:
    broken = [
        encode(b'{"type":"\xff"}'), encode(b"\xed\xa0\x80"),
        *(encode(b"", opcode) for opcode in (3, 4, 7, 11, 15)),
        *(encode(b"{}", rsv=rsv) for rsv in (1, 2, 4)), encode(b"x" * 126, PING),
        encode(b"", PING, fin=False), encode(b"", CLOSE, fin=False),
        encode(b"{}", CONTINUATION), encode(b"{", fin=False) + encode(b"{}"),
        encode(b"GET / HTTP/1.1\r\n\r\n"[:5]) + b"GET / HTTP/1.1\r\n\r\n",
    ]  # fmt: skip
    async with watched(settings, clock) as node:
        async with unharmed(node):
            for data in broken:
                socket = await node.socket("eve")
                socket.send(data)
                await socket.hangs_up()
        assert node.held[0] == 1, "only the bystander is left"


@pytest.mark.gen_test
async def test_any_close_frame_ends_the_socket_and_leaves_nothing(
    settings: Settings, clock: DrivenClock
) -> None:
    codes = (0, 999, 1000, 1005, 1006, 1015, 2999, 4000, 5000, 65_535)
    payloads = [b"", b"\x03", b"\x03\xe8\xff\xfe", *(code.to_bytes(2, "big") for code in codes)]
    async with watched(settings, clock) as node:
        async with unharmed(node):
            for payload in payloads:
                for authenticated in (True, False):
                    socket = await (node.socket("eve") if authenticated else node.dial())
                    socket.send(encode(payload, CLOSE))
                    await socket.hangs_up()
        assert node.held[0] == 1, "only the bystander is left"


@pytest.mark.gen_test
async def test_deflate_is_not_negotiated(settings: Settings, clock: DrivenClock) -> None:
    async with watched(settings, clock) as node:
        for offer in ("permessage-deflate", "permessage-deflate; server_max_window_bits=99"):
            headers = {**bearer(node.token()), "Sec-WebSocket-Extensions": offer}
            socket = await node.dial(headers=headers)
            assert socket.head.status == 101
            assert "sec-websocket-extensions" not in socket.head.headers
            socket.send(encode(b"\x00", rsv=4))
            await socket.hangs_up()
        await node.until_empty()


@pytest.mark.gen_test
async def test_a_fault_while_a_frame_is_handled_is_told_and_the_socket_lives(
    settings: Settings, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("the secret is 42")

    async with watched(settings, clock) as node, unharmed(node):
        session_id = await node.start()
        socket, _ = await node.shown(session_id)
        monkeypatch.setattr(node.node.parts.engine, "execute", fail)
        told = await socket.ask({"type": "pause"})
        assert (told["type"], told["code"]) == ("error", "internal_error")
        assert "42" not in json.dumps(told["detail"])
        assert (await socket.ask({"type": "ping"}))["type"] == "pong"
        await socket.leave()


@pytest.mark.gen_test(timeout=15)
async def test_sockets_that_are_reset_at_once_leave_nothing(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock, ws_sockets_per_user=1_000) as node:
        async with unharmed(node):
            session_id = await node.start()
            token = bearer(node.token())

            async def knock(number: int) -> None:
                path = f"/ws/sessions/{session_id}/" if number % 2 else "/ws/sessions/"
                socket = await RawSocket.open(node.port, path, token)
                socket.reset()
                await socket.leave()

            for start in range(0, 200, 50):
                await asyncio.gather(*(knock(number) for number in range(start, start + 50)))
        assert node.held[0] == 1, "only the bystander is left"


def living(kind: type) -> list[object]:
    """All objects of this very type."""
    return [one for one in gc.get_objects() if type(one) is kind]


@pytest.mark.gen_test
async def test_closed_sockets_are_garbage_though_their_tokens_live_on(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        for number in range(20):
            socket = await node.socket()
            if number % 2:
                socket.say({"type": "refresh", "token": node.token()})
            socket.reset()
        kicked = await node.socket("bob")
        kicked.say({"type": "refresh", "token": node.token()})
        assert await kicked.code() == 4507
        await node.until_empty()
        await node.until(lambda: gc.collect() >= 0 and not living(LiveHandler))


@pytest.mark.gen_test
async def test_after_it_was_sent_away_a_client_commands_nothing_any_more(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        session_id = await node.start()
        socket, _ = await node.shown(session_id)
        node.node.parts.hub.revoke("of ada")
        socket.say({"type": "pause"})
        socket.say({"type": "ping"})
        assert await socket.frame() == (CLOSE, b"\x11\x97revoked")
        assert node.held == (0, 0, 0)
        socket.say({"type": "pause"})
        socket.send(encode(b"\x11\x97", CLOSE))
        await socket.hangs_up()
        assert (await node.ask("GET", f"sessions/{session_id}/"))["status"] == "active"


@pytest.mark.gen_test
async def test_five_bad_frames_close_with_4501(settings: Settings, clock: DrivenClock) -> None:
    deep = "[" * 40 + "]" * 40
    bad: list[Any] = [
        "", "{", "[]", "null", "1", '"ping"', "\ufeff{}", '{"type":"ping","type":"pause"}',
        '{"type":"ping","t0":NaN}', '{"type":"ping","t0":Infinity}', '{"type":"ping","t0":1e400}',
        f'{{"type":"ping","t0":{2**63}}}', '{"type":"ping","t0":-0}', '{"type":"ping","t0":1.0}',
        '{"type":"ping","t0":true}', '{"type":"ping","t0":"1"}', f'{{"type":"ping","t0":{deep}}}',
        '{"type":"ping","t0":' + "9" * 5_000 + "}", "[" * 30_000, '{"type":"ping","__proto__":1}',
        '{"type":"ping","constructor":1}', '{"type":"ping","$set":1}', '{"type":"ping","a.b":1}',
        '{"type":"ping","x":1}', '{"type":"pause","id":"s","note":"\\ud800"}',
        '{"type":"pause","id":"\\u0000"}', '{"type":"pause","id":{"$gt":""}}',
        '{"type":"pause","id":"a}b"}', '{"type":"pause","id":"a:b"}', '{"type":"pause","id":""}',
        f'{{"type":"pause","id":"{"x" * 129}"}}', '{"type":"pause","id":"s","cmd_id":""}',
        f'{{"type":"pause","id":"s","cmd_id":"{"x" * 129}"}}', '{"type":"pause","id":"s","if_rev":0}',
        '{"type":"pause","id":"s","xp_total":5}', '{"type":"complete","id":"s","xp_total":5}',
        '{"type":"pause","id":null}', '{"type":"ping","ref":{}}', '{"type":"ping","ref":true}',
        '{"type":"ping","ref":1.5}', f'{{"type":"ping","ref":"{"x" * 65}"}}', '{"type":"auth"}',
        *(json.dumps({"type": kind}) for kind in (
            None, 1, True, [], {}, "", "PING", "__class__", "hello", "tick", "snapshot", "admin",
            "_work", "ping\n", "пинг", {"$ne": None}, ["ping"],
        )), '{"ref":1}', "{}",
    ]  # fmt: skip
    async with watched(settings, clock) as node, unharmed(node):
        groups = [bad[start : start + 4] for start in range(0, len(bad), 4)]
        for group in groups:
            socket = await node.socket("eve")
            for text in group:
                socket.say(text)
                told = await socket.next()
                assert (told["type"], told["code"]) == ("error", "invalid_input"), text
                assert len(json.dumps(told)) < 1_000, text
            assert (await socket.ask({"type": "ping"}))["type"] == "pong"
            socket.send(encode(b'{"type":"ping"}', BINARY))
            if len(group) == 4:
                assert await socket.code() == 4501
            await socket.leave()


@pytest.mark.gen_test
async def test_a_good_frame_that_asks_for_what_is_not_there_is_no_bad_frame(
    settings: Settings, clock: DrivenClock
) -> None:
    nothing = "00000000-0000-4000-8000-000000000000"
    start = {"type": "start", "goal_id": nothing, "activity_id": nothing}
    async with watched(settings, clock) as node:
        socket = await node.socket()
        for frame in [start, {"type": "pause"}] * 4:
            assert (await socket.ask(dict(frame)))["code"] == "invalid_input"
        assert (await socket.ask({"type": "ping"}))["type"] == "pong"


@pytest.mark.gen_test
async def test_nobody_commands_before_they_have_shown_a_token(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        session_id = await node.start()
        socket = await node.dial(f"/ws/sessions/{session_id}/")
        for frame in (
            {"type": "pause"}, {"type": "subscribe"}, {"type": "tick_every", "seconds": 1},
            {"type": "refresh", "token": node.token()}, {"type": "ping"},
        ):  # fmt: skip
            assert (await socket.ask(dict(frame)))["code"] == "not_authenticated"
        assert node.held == (0, 0, 0)
        assert (await node.ask("GET", f"sessions/{session_id}/"))["rev"] == 1
        socket.say({"type": "auth", "token": node.token()})
        assert (await socket.next("snapshot"))["rev"] == 1


@pytest.mark.gen_test
async def test_a_command_that_was_seen_on_anothers_socket_does_nothing(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        session_id = await node.start()
        mine, theirs = await node.socket(), await node.socket("eve")
        command = {"type": "pause", "id": session_id, "cmd_id": "c1"}
        assert (await mine.ask(dict(command)))["rev"] == 2
        assert (await theirs.ask(dict(command)))["code"] == "not_found"
