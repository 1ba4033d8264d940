"""The names of everything sessiond keeps in Redis: a public contract, see docs/redis.md.

Every key of a session carries the hash tag of its shard, so that one script may
touch all of them on a Redis Cluster.
"""

from binascii import crc_hqx
from dataclasses import dataclass
from typing import Final

SCHEMA: Final = 1
"""Version of the contract; grows when a documented name or meaning changes."""

CATALOGUE: Final = {
    "{p}:{{s}}:session:<id>": ("hash", "one session: its state and its live values"),
    "{p}:{{s}}:events:<id>": ("stream", "the last 500 events of a session; entry id `<rev>-0`"),
    "{p}:{{s}}:commands:<id>": ("hash", "command id → first answer, for the session's life"),
    "{p}:{{s}}:active": ("zset", "ids of running and paused sessions by start, ms"),
    "{p}:{{s}}:deadlines": ("zset", "ids of running and paused sessions by next due instant, ms"),
    "{p}:{{s}}:user:<uid>": ("hash", "kind → id of the user's session of that kind"),
    "{p}:{{s}}:outbox": ("stream", "ended sessions that are not in MongoDB yet"),
    "{p}:{{s}}:outbox:tries": ("hash", "outbox entry id → failed tries"),
    "{p}:{{s}}:outbox:dead": ("stream", "outbox entries that were given up on, with the reason"),
    "{p}:{{s}}:refresher": ("string", "the node that refreshes the shard's live values"),
    "{p}:{{s}}:events": ("pub/sub", "every event of the shard"),
    "{p}:nodes": ("zset", "node ids by last heartbeat, ms"),
    "{p}:node:<id>": ("hash", "what a node says of itself"),
    "{p}:alive": ("string", "last heartbeat of any node, ms"),
    "{p}:revoked": ("zset", "revoked token families and token ids by expiry, ms"),
    "{p}:leaderboard:<period>:<board>": ("zset", "ids of users who take part by score in a period"),
    "{p}:leaderboards": ("string", "the life of Redis in which all leaderboards were built"),
    "{p}:limits:<…>": ("string", "rate limit windows"),
    "{p}:rates:<digest>": ("string", "rates that a language model gave for these words"),
    "{p}:summaries:<digest>": ("string", "words of a language model on a week of these figures"),
    "{p}:programs:<uid>": ("hash", "the list of focus programs as one user was last shown it"),
    "{p}:{{jobs}}:job:<ticket>": (
        "string",
        "one entry of the queue of analyses, as SAQ writes it; goes two minutes after its time",
    ),
    "{p}:{{jobs}}:queued": ("list", "entries that wait for a worker"),
    "{p}:{{jobs}}:active": ("list", "entries that a worker has taken"),
    "{p}:{{jobs}}:incomplete": ("zset", "entries that have not ended"),
    "{p}:{{jobs}}:sweep": (
        "string",
        "there while nobody has to look for entries that were left behind",
    ),
    "{p}:control": ("pub/sub", "notices between nodes: revoked tokens"),
    "{p}:analyses": ("pub/sub", "what clients are told of analyses"),
}
"""Key pattern → (type, meaning). `{p}` is the prefix, `{{s}}` the shard's hash tag."""


@dataclass(frozen=True, slots=True)
class ShardKeys:
    """The keys of one shard."""

    prefix: str
    shard: int

    def _key(self, rest: str) -> str:
        return f"{self.prefix}:{{{self.shard}}}:{rest}"

    def session(self, session_id: str) -> str:
        """Hash: one session."""
        return self._key(f"session:{session_id}")

    def session_events(self, session_id: str) -> str:
        """Stream: the events of one session."""
        return self._key(f"events:{session_id}")

    def commands(self, session_id: str) -> str:
        """Hash: the answered commands of one session."""
        return self._key(f"commands:{session_id}")

    def user(self, user_id: str) -> str:
        """Hash: the active sessions of one user."""
        return self._key(f"user:{user_id}")

    @property
    def active(self) -> str:
        """Zset: live sessions by start."""
        return self._key("active")

    @property
    def deadlines(self) -> str:
        """Zset: live sessions by next due instant."""
        return self._key("deadlines")

    @property
    def outbox(self) -> str:
        """Stream: ended sessions on their way to MongoDB."""
        return self._key("outbox")

    @property
    def tries(self) -> str:
        """Hash: failed tries of outbox entries."""
        return self._key("outbox:tries")

    @property
    def dead(self) -> str:
        """Stream: outbox entries given up on."""
        return self._key("outbox:dead")

    @property
    def refresher(self) -> str:
        """String: who refreshes the shard's live values."""
        return self._key("refresher")

    @property
    def channel(self) -> str:
        """Pub/sub channel: every event of the shard."""
        return self._key("events")


@dataclass(frozen=True, slots=True)
class Keys:
    """All keys under one prefix, spread over `shards` shards by user."""

    prefix: str
    shards: int = 1

    def shard_of(self, user_id: str) -> ShardKeys:
        """The shard that holds everything live of one user."""
        return ShardKeys(self.prefix, crc_hqx(user_id.encode(), 0) % self.shards)

    def all_shards(self) -> tuple[ShardKeys, ...]:
        """Every shard."""
        return tuple(ShardKeys(self.prefix, shard) for shard in range(self.shards))

    @property
    def nodes(self) -> str:
        """Zset: nodes by heartbeat."""
        return f"{self.prefix}:nodes"

    def node(self, node_id: str) -> str:
        """Hash: one node."""
        return f"{self.prefix}:node:{node_id}"

    def rates(self, digest: str) -> str:
        """String: what a model answered to the question of this digest."""
        return f"{self.prefix}:rates:{digest}"

    def summaries(self, digest: str) -> str:
        """String: what a model wrote about the week of this digest."""
        return f"{self.prefix}:summaries:{digest}"

    def programs(self, user_id: str) -> str:
        """Hash: the list of focus programs of one user."""
        return f"{self.prefix}:programs:{user_id}"

    @property
    def alive(self) -> str:
        """String: the last heartbeat of any node."""
        return f"{self.prefix}:alive"

    def job(self, ticket: str) -> str:
        """String: one entry of the queue of analyses."""
        return self.jobs(f"job:{ticket}")

    def jobs(self, name: str) -> str:
        """What the queue of analyses keeps under this name."""
        return f"{self.prefix}:{{jobs}}:{name}"

    @property
    def analyses(self) -> str:
        """Pub/sub channel: what clients are told of analyses."""
        return f"{self.prefix}:analyses"

    @property
    def control(self) -> str:
        """Pub/sub channel: notices between nodes."""
        return f"{self.prefix}:control"

    def leaderboard(self, period: str, board: str) -> str:
        """Zset: users by XP of a period, in all or in one dimension."""
        return f"{self.prefix}:leaderboard:{period}:{board}"

    @property
    def leaderboards(self) -> str:
        """String: whether the leaderboards are complete, or who builds them."""
        return f"{self.prefix}:leaderboards"
