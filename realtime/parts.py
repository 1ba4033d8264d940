"""What a node is made of."""

import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass

from realtime.analysing import AnalysisBook
from realtime.analysis_watch import AnalysisWatch
from realtime.announcing import Announcer
from realtime.buddy_deadlines import BuddyDeadlines
from realtime.clock import ClusterClock
from realtime.deadlines import Deadlines
from realtime.engine import Engine
from realtime.following import Following
from realtime.hub import Hub
from realtime.leaderboards import Leaderboards
from realtime.presence import Presence
from realtime.push import Push
from realtime.recording import Recorder
from realtime.registry import Registry
from realtime.settling import OutboxWriter, Settlements
from realtime.tasks import Tasks
from realtime.ticker import Ticker
from storage.mongo.buddies import Buddies
from storage.mongo.sessions import Sessions
from storage.redis.bus import Bus
from storage.redis.keys import Keys
from storage.redis.nodes import Nodes
from storage.redis.outbox import Outbox
from storage.redis.sessions import SessionStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often a node does what it does, in seconds."""

    heartbeat_s: float
    deadline_scan_s: float
    live_refresh_s: float
    reconcile_s: float
    recovery_grace_ms: int


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a node is made of; put together by the composition root."""

    name: str
    keys: Keys
    store: SessionStore
    """For the node's own work; commands and clients have theirs."""
    nodes: Nodes
    bus: Bus
    outbox: Outbox
    clock: ClusterClock | None
    now: Callable[[], int]
    registry: Registry
    engine: Engine
    deadlines: Deadlines
    buddies: Buddies
    buddy_deadlines: BuddyDeadlines
    ticker: Ticker
    hub: Hub
    sessions: Sessions
    following: Following
    presence: Presence
    leaderboards: Leaderboards
    announcer: Announcer
    writer: OutboxWriter
    settlements: Settlements
    push: Push
    recorder: Recorder
    analysis_book: AnalysisBook
    analysis_watch: AnalysisWatch
    tasks: Tasks


@dataclass(slots=True)
class OutboxDepth:
    """How the outbox looked at the last heartbeat."""

    waiting: int = 0
    oldest_s: float = 0.0
    dead: int = 0


def node_id() -> str:
    """A name for this process that no other has or had."""
    return f"{socket.gethostname()[:40]}-{secrets.token_hex(4)}"
