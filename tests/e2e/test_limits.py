"""A real process at the limits of its machine, and without its own stores."""

import os
import resource
import signal
import socket
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.nodes import Node, serving, wait_for

FILES = 300


def is_served(node: Node) -> bool:
    """Whether a newcomer gets an answer, and is not turned away while the crowd still leaves."""
    try:
        return bool(node.ask("GET", "/healthz")["http"] == 200)
    except ConnectionError:
        return False


def test_too_many_connections_keep_nobody_from_being_served(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as node, ExitStack() as crowd:
        resource.prlimit(node.process.pid, resource.RLIMIT_NOFILE, (FILES, FILES))
        for _ in range(FILES + 60):
            crowd.enter_context(socket.create_connection(("127.0.0.1", node.port)))
        spare = FILES - len(list(Path(f"/proc/{node.process.pid}/fd").iterdir()))
        crowd.close()

        assert spare > 0
        wait_for(lambda: is_served(node), "an answer", within_s=5)
        assert "Too many open files" not in node.said()


def test_a_node_whose_own_store_has_ended_stops_and_says_so(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as node:
        mongod = int(next((tmp_path / "data" / "mongo").glob("*.pid")).read_text())
        os.kill(mongod, signal.SIGKILL)

        assert node.process.wait(timeout=15) == 2
        assert "stopped, because the embedded mongod had ended" in node.said()
    with serving(tmp_path / "data") as node:
        assert node.ask("GET", "/readyz")["http"] == 200
