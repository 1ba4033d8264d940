"""Follow live sessions over a WebSocket, through lost connections and restarts of the server.

    python examples/watch.py TOKEN                          all of your active sessions
    python examples/watch.py TOKEN SESSION EPOCH LAST_REV   and what you missed of this one

The server is ws://localhost:8000, or what WATCH_URL says.
"""

import asyncio
import json
import os
import sys
from typing import Any

from tornado.httpclient import HTTPError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

SERVER = os.environ.get("WATCH_URL", "ws://localhost:8000")  # noqa: TID251 - a program of its own
SHOWN = ("status", "elapsed_ms", "focused_ms", "xp_total")
STOP = 4500  # close codes from here on say: do not come back


async def watch(token: str, seen: dict[str, tuple[str, int]]) -> int:
    """Print every frame; `seen` holds (epoch, rev) by session. Returns the final close code."""
    request = HTTPRequest(f"{SERVER}/ws/sessions/", headers={"Authorization": f"Bearer {token}"})
    while True:
        try:
            socket = await websocket_connect(request)
        except (OSError, HTTPError) as error:
            say(f"-- no server: {error}; trying again")
        else:
            await follow(socket, seen)
            say(f"-- closed: {socket.close_code} {socket.close_reason or ''}; coming back")
            if socket.close_code is not None and socket.close_code >= STOP:
                return socket.close_code
        await asyncio.sleep(1)


async def follow(socket: WebSocketClientConnection, seen: dict[str, tuple[str, int]]) -> None:
    """Prove what was seen of each session, then read until the socket closes."""
    for session_id, (epoch, rev) in seen.items():
        proof = {"type": "subscribe", "id": session_id, "epoch": epoch, "last_rev": rev}
        await socket.write_message(json.dumps(proof))
    while (text := await socket.read_message()) is not None:
        frame: dict[str, Any] = json.loads(text)
        if "epoch" in frame:
            seen[frame["id"]] = (frame["epoch"], frame["rev"])
        for whole in frame.keys() & {"state", "snapshot"}:  # shown in part, to fit a line
            frame[whole] = {name: frame[whole][name] for name in SHOWN}
        say(json.dumps(frame))


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    token, *place = sys.argv[1:]
    known = {place[0]: (place[1], int(place[2]))} if place else {}
    try:
        sys.exit(asyncio.run(watch(token, known)) != 0)
    except KeyboardInterrupt:
        for session_id, (epoch, rev) in known.items():
            say(f"\nseen so far: {session_id} {epoch} {rev}")
