"""docs/protocol.md, the code, and what a real node sends over a real socket say the same."""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from tornado.httpclient import HTTPRequest
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClientConnection, websocket_connect

from config.settings import Settings
from handlers.frames import TYPES
from handlers.schemas.sessions import EndedView, SessionView
from realtime.connection import CloseCode
from tests.buddies import pair
from tests.fakes import DrivenClock
from tests.learner import enrolled
from tests.person import Person, Site, open_site

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
PATIENCE_S: Final = 10.0
TICKED: Final = re.compile(r"`([^`]+)`")
SENT: Final = re.compile(r'\bmessage\(\s*"(\w+)"')
SPELLED: Final = re.compile(r'"type": ?"(\w+)"')
"""How the code names the type of a frame that it sends, and where it writes the JSON itself."""

Frames = Mapping[str, list[dict[str, Any]]]
ANSWERED: Final[list[tuple[str, dict[str, Any]]]] = [
    ("ack", {"type": "pause", "id": "s-1", "cmd_id": "c-2"}),
    ("error", {"type": "pause", "id": "s-1", "if_rev": 99}),
    ("error", {"type": "nonsense", "ref": 1}),
    ("pong", {"type": "ping", "t0": 1}),
    ("ack", {"type": "tick_every", "seconds": 60}),
    ("subscribed", {"type": "subscribe", "id": "s-1"}),
    ("ack", {"type": "watch", "list": "customer-sessions"}),
]
"""What is said to a running session, and the type of frame that answers it."""


def rows(name: str, document: str = "protocol.md") -> list[list[str]]:
    """The cells of the table that follows the marker of this name."""
    text = (DOCS / document).read_text(encoding="utf-8")
    _, found, rest = text.partition(f"<!-- table: {name} -->\n")
    assert found, f"{document} has no table {name}"
    lines = rest.partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def members(name: str) -> dict[str, set[str]]:
    """First cell → what is between back-ticks in the second, marks included."""
    return {row[0].strip("`"): set(TICKED.findall(row[1])) for row in rows(name)}


async def hear(socket: WebSocketClientConnection, heard: dict[str, Any], last: str) -> None:
    """Sort frames by type until one of the type `last` has come."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            text = await socket.read_message()
            assert text is not None, (socket.close_code, last)
            frame = json.loads(text)
            heard[frame["type"]].append(frame)
            if frame["type"] == last:
                return


async def dial(site: Site, token: str, path: str) -> WebSocketClientConnection:
    """Open a socket at this path."""
    url = f"{site.url.replace('http', 'ws', 1)}{path}"
    return await websocket_connect(HTTPRequest(url, headers={"Authorization": f"Bearer {token}"}))


async def converse(site: Site, heard: dict[str, Any]) -> None:
    """Get one frame of each kind, until the node turns us away."""
    token, plan = site.token("u-1", "user", "admin"), await site.person("u-1").plan()
    socket = await dial(site, token, "/ws/sessions/?tick=0.2")

    async def say(awaited: str, **frame: Any) -> None:
        await socket.write_message(json.dumps(frame))
        await hear(socket, heard, awaited)

    await say("ack", type="start", cmd_id="c-1", session_id="s-1", **plan)
    await hear(socket, heard, "tick")
    for awaited, frame in ANSWERED:
        await say(awaited, **frame)
    seen = {"id": "s-1", "epoch": heard["event"][0]["epoch"], "last_rev": 1}
    await say("subscribed", type="subscribe", **seen)
    await say("ack", type="refresh", token=token)
    await say("ack", type="complete", id="s-1")
    while not heard["settled"]:
        await hear(socket, heard, "settled")
    other = await dial(site, token, "/ws/sessions/s-1/")
    await hear(other, heard, "snapshot")
    await go_through(site.person("u-1"))
    await appoint(site)
    await visit_and_gap(site)
    for told in ("program", "achievement_withdrawn", "buddy", "customer_session", "reload"):
        while not heard[told]:
            await hear(socket, heard, told)
    await site.node.node.drain(0)
    for one in (socket, other):
        await hear(one, heard, "going_away")
        one.close()


async def go_through(person: Person) -> None:
    """Begin a program, and complete a focus session that is then taken back."""
    learner = await enrolled(person)
    session_id = await learner.focus(1, 15)
    answer = await person.post(f"/api/v1/sessions/{session_id}/void/")
    assert answer.status == 200, answer


async def appoint(site: Site) -> None:
    """The user and somebody else are to meet."""
    two = await pair(site)
    match = await two.service.post("/api/matches/", {"user1_id": "u-1", "user2_id": "bob"})
    answer = await two.bob.post("/api/session/", two.wish(match_id=match.body["id"]))
    assert answer.status == 201, answer


async def visit_and_gap(site: Site) -> None:
    """A customer comes, and then the node loses its subscription for a moment."""
    await site.node.services.customers.start("u-2")
    async with site.redis() as redis:
        await redis.client_kill_filter(_type="pubsub")


@pytest.fixture
def heard(settings: Settings, clock: DrivenClock, io_loop: IOLoop) -> Frames:
    """Every frame of a conversation with a node, by type."""
    found: dict[str, Any] = defaultdict(list)

    async def talk() -> None:
        # A token that lives no longer than this is about to expire from the start.
        async with open_site(replace(settings, access_ttl_s=30), clock) as site:
            await converse(site, found)

    io_loop.run_sync(talk)
    return found


def test_the_close_codes_of_the_document_are_those_of_the_code() -> None:
    written = [(int(row[0]), row[1].strip("`")) for row in rows("close codes")]

    assert written == [(int(code), code.name.lower()) for code in CloseCode]


def test_the_frames_of_clients_are_documented_field_by_field() -> None:
    known = {
        name: {
            f"{field}*" if declared.required else field
            for field, declared in kind.schema.fields.items()
            if field not in ("type", "ref")
        }
        for name, kind in TYPES.items()
    }

    assert members("client frames") == known


def test_every_type_of_frame_in_the_code_is_documented() -> None:
    sources = [*(ROOT / "realtime").glob("*.py"), *(ROOT / "handlers").glob("*.py")]
    spelled = (
        "realtime/wire.py",
        "storage/redis/codec.py",
        "storage/mongo/buddies.py",
        "storage/mongo/program_changes.py",
        "storage/mongo/program_effects.py",
    )
    found = {name for source in sources for name in SENT.findall(source.read_text())}
    found |= {one for path in spelled for one in SPELLED.findall((ROOT / path).read_text())}

    assert found == set(members("server frames"))


def test_the_frames_of_the_server_have_the_documented_members(heard: Frames) -> None:
    documented = members("server frames")

    assert set(heard) == set(documented)
    for name, frames in heard.items():
        always = {member for member in documented[name] if not member.endswith("?")}
        ever = {member.removesuffix("?") for member in documented[name]}
        seen = [frame.keys() - {"type"} for frame in frames]
        assert all(always <= one for one in seen), name
        assert set().union(*seen) == ever, name


def test_the_session_that_clients_see_is_documented_field_by_field(heard: Frames) -> None:
    documented = {row[0].strip("`") for row in rows("session", "rest.md")}

    assert set(SessionView().fields) == documented
    assert set(EndedView().fields) == documented | {"persisted"}
    for frame in (*heard["snapshot"], *heard["event"]):
        assert set(frame["state"]) == documented
