"""The numbers of the live side, for operators."""

from typing import TYPE_CHECKING

from handlers.metrics import Metrics

if TYPE_CHECKING:
    from realtime.analysis_work import AnalysisWorker
    from realtime.breaker import State
    from realtime.node import Node
    from realtime.parts import Parts

LATE_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
BREAKER = {"closed": 0, "half_open": 1, "open": 2}
DEADLINE_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 30.0, 300.0, 3600.0)


class LiveNumbers:
    """What the live side tells while it runs; durations in seconds."""

    def __init__(self, metrics: Metrics) -> None:
        self._ticks = metrics.histogram(
            "tick_late_seconds", "How late a slot of ticks was sent.", LATE_S
        )
        self._deadlines = metrics.histogram(
            "deadline_late_seconds", "How late a deadline was noticed.", DEADLINE_S
        )
        self._pushes = metrics.counter("pushes", "Messages to browsers by result.", ("result",))
        self._expired = metrics.counter(
            "notices_expired", "Notices that were not told to everybody in time."
        )

    def tick_late_s(self, late_s: float) -> None:
        """A slot of ticks was sent this late."""
        self._ticks.observe(late_s)

    def deadline_late_s(self, late_s: float) -> None:
        """A deadline was noticed this late."""
        self._deadlines.observe(late_s)

    def pushed(self, result: str) -> None:
        """A message was sent to a browser, with this result."""
        self._pushes.labels(result).inc()

    def notice_expired(self) -> None:
        """A notice was not told to everybody before it expired."""
        self._expired.inc()


class ModelNumbers:
    """How a language model does with questions of one sort."""

    def __init__(self, metrics: Metrics, prefix: str, asked_for: str) -> None:
        self._failures = metrics.counter(
            f"{prefix}_failures",
            f"Questions for {asked_for} that the language model left open.",
            ("cause",),
        )
        self._breaker = metrics.gauge(
            f"{prefix}_breaker", f"Its breaker for {asked_for}: 0 closed, 1 half open, 2 open."
        )

    def failed(self, cause: str) -> None:
        """A question remained without an answer."""
        self._failures.labels(cause).inc()

    def breaker(self, state: "State") -> None:
        """The breaker changed."""
        self._breaker.set(BREAKER[state])


class RatingNumbers(ModelNumbers):
    """Who sets rates, and how a language model does."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(metrics, "llm", "rates")
        self._ratings = metrics.counter("ratings", "Ratings by engine.", ("engine",))

    def rated(self, engine: str) -> None:
        """The engine had the answer."""
        self._ratings.labels(engine).inc()


class SummaryNumbers(ModelNumbers):
    """Who writes summaries of weeks, and how a language model does."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(metrics, "llm_summary", "summaries")
        self._summaries = metrics.counter("summaries", "Summaries by engine.", ("engine",))

    def summarised(self, engine: str) -> None:
        """The engine had the words."""
        self._summaries.labels(engine).inc()


def watch_worker(metrics: Metrics, worker: "AnalysisWorker") -> None:
    """Let the registry read what a worker has done when it is asked."""
    counts = {
        "analyses_succeeded": ("Analyses that succeeded here.", lambda: worker.done),
        "analyses_failed": ("Analyses that failed here.", lambda: worker.failed),
        "analyses_superseded": (
            "Attempts here whose outcome came too late to count.",
            lambda: worker.superseded,
        ),
    }
    for name, (meaning, read) in counts.items():
        metrics.count(name, meaning, read)


def watch(metrics: Metrics, node: "Node", parts: "Parts") -> None:
    """Let the registry read the node's own counts when it is asked."""
    gauges = {
        "live_sessions": ("Running and paused sessions known here.", lambda: len(parts.registry)),
        "sockets": ("Open sockets.", lambda: len(parts.hub)),
        "followed_sessions": ("Live sessions with a socket here.", lambda: len(parts.ticker)),
        "loop_lag_seconds": ("Latest event-loop lag.", lambda: node.loop_lag_s),
        "clock_round_trip_seconds": (
            "Round trip of the last measurement of Redis' time: twice its largest error.",
            lambda: parts.clock.round_trip_us / 1_000_000 if parts.clock else 0,
        ),
        "outbox_waiting": ("Ended sessions not in MongoDB yet.", lambda: node.outbox.waiting),
        "outbox_oldest_seconds": ("Age of the oldest of them.", lambda: node.outbox.oldest_s),
        "outbox_dead": ("Dead letters.", lambda: node.outbox.dead),
        "leaderboards_owed": (
            "Refreshes of leaderboards that failed and are tried again.",
            lambda: parts.leaderboards.owed,
        ),
        "analysis_sockets": ("Open sockets of reviews.", lambda: len(parts.analysis_watch)),
        "ready": ("1 when this node serves.", lambda: int(not node.readiness())),
    }
    counts = {
        "ticks_sent": ("Ticks sent.", lambda: parts.ticker.sent),
        "ticks_coalesced": ("Ticks that newer ones replaced.", lambda: parts.hub.coalesced),
        "clock_steps_refused": (
            "Measurements of Redis' time too far off to be followed at once.",
            lambda: parts.clock.refused_steps if parts.clock else 0,
        ),
        "events_delivered": ("Events shown to sockets.", lambda: parts.hub.events),
        "commits": ("Commits sent to Redis.", lambda: parts.engine.commits),
        "commit_conflicts": ("Commits that another one preceded.", lambda: parts.engine.conflicts),
        "deadlines_fired": (
            "Deadlines fired here.",
            lambda: parts.deadlines.fired + parts.buddy_deadlines.fired,
        ),
        "sessions_recovered": ("Sessions ended by recovery here.", lambda: node.recovered),
        "outbox_settled": ("Sessions brought to MongoDB here.", lambda: parts.writer.settled),
        "outbox_repeated": ("Entries that were settled before.", lambda: parts.writer.repeated),
        "outbox_failures": ("Times the outbox had to wait.", lambda: parts.writer.failures),
        "outbox_buried": ("Entries moved to the dead letters.", lambda: parts.writer.buried),
        "messages_refused": ("Published frames not understood.", lambda: node.messages_refused),
        "task_failures": ("Failed background work.", lambda: parts.tasks.failures),
    }
    for name, (meaning, read) in gauges.items():
        metrics.gauge(name, meaning).set_function(read)
    for name, (meaning, read) in counts.items():
        metrics.count(name, meaning, read)
