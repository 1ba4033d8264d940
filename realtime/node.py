"""One node: how it comes up, what it does all the time, and how it goes."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import structlog

from domain.errors import NotFound, SessionError, Unavailable
from domain.session import Session
from realtime import wire
from realtime.connection import CloseCode
from realtime.parts import OutboxDepth, Parts, Rhythm
from storage.redis.bus import Analysed, News, Revoked, Settled, Told, parse

log = structlog.get_logger(__name__)

LOAD_BATCH: Final = 500
SILENT_BEATS: Final = 2.5
"""Without a successful heartbeat for so many intervals, the node is not ready."""
LAG_SAMPLE_S: Final = 0.5
LEADERBOARDS_S: Final = 5.0
OWED_S: Final = 1.0
ANNOUNCED_S: Final = 2.0
NOTICES_S: Final = 1.0
WINDOWS_S: Final = 1.0
ANALYSES_S: Final = 1.0
CLOCK_S: Final = 30.0
REMINDERS_S: Final = 5.0
UPLOADS_S: Final = 30.0
CONSUMER: Final = "writer"
"""One name for all nodes: entries change hands by their idle time, and no dead names pile up."""
DRAIN_SLICE: Final = 200
DRAIN_PAUSE_S: Final = 0.2


class Node:
    """A running node."""

    def __init__(
        self,
        parts: Parts,
        rhythm: Rhythm,
        on_revoked: Callable[[str, int], None],
    ) -> None:
        self.name = parts.name
        self._parts = parts
        self._rhythm = rhythm
        self._on_revoked = on_revoked
        self._loaded = False
        self._draining = False
        self._first_subscription = asyncio.Event()
        self._beaten_at: int | None = None
        self._incarnation: str | None = None
        self.loop_lag_s = 0.0
        self.messages_refused = 0
        self.outbox = OutboxDepth()
        self.recovered = 0

    def readiness(self) -> Mapping[str, str]:
        """What keeps this node from serving, by part; empty when nothing does."""
        faults = {}
        if self._draining:
            faults["node"] = "draining"
        elif not self._loaded:
            faults["node"] = "starting"
        if self._loaded and not self._parts.bus.connected:
            faults["events"] = "not subscribed"
        silence_ms = self._rhythm.heartbeat_s * 1000 * SILENT_BEATS
        beaten = self._beaten_at
        if self._loaded and (beaten is None or self._parts.now() - beaten > silence_ms):
            faults["redis"] = "no heartbeat accepted"
        return faults

    async def start(self) -> None:
        """Come up: know every active session and have caught up before anybody is served."""
        parts, rhythm = self._parts, self._rhythm
        for keys in parts.keys.all_shards():
            await parts.outbox.ensure_group(keys)
        parts.tasks.keep(
            lambda: parts.bus.run(self._on_message, self._on_subscribed, self._on_lost), name="bus"
        )
        await self._first_subscription.wait()
        await self._recover()
        await parts.deadlines.scan()
        await self._close_windows()
        await self._beat()
        self._loaded = True
        self._begin_jobs(parts, rhythm)

    def _begin_jobs(self, parts: Parts, rhythm: Rhythm) -> None:
        """What goes on for as long as the node lives."""
        every = parts.tasks.every
        every(rhythm.heartbeat_s, self._beat, name="heartbeat")
        every(rhythm.deadline_scan_s, parts.deadlines.scan, name="deadlines")
        every(WINDOWS_S, parts.buddy_deadlines.scan, name="buddy deadlines")
        every(rhythm.live_refresh_s, self._keep_live, name="live values")
        every(rhythm.reconcile_s, parts.following.reconcile, name="reconcile")
        every(rhythm.reconcile_s, parts.analysis_watch.reconcile, name="followed analyses")
        every(ANALYSES_S, parts.analysis_book.look_after, name="analyses")
        every(LEADERBOARDS_S, parts.leaderboards.heal, name="leaderboards")
        every(OWED_S, parts.leaderboards.pay, name="owed leaderboards")
        every(ANNOUNCED_S, parts.announcer.sweep, name="announcements")
        if parts.push.notifying is not None:
            every(NOTICES_S, parts.push.notifying.deliver_due, name="notices")
            every(REMINDERS_S, parts.push.reminding.send_due, name="reminders")
        every(UPLOADS_S, parts.recorder.sweep, name="recordings")
        every(1.0, self._check_sockets, name="socket ages")
        parts.tasks.keep(parts.ticker.run, name="ticker")
        parts.tasks.keep(self._watch_lag, name="loop lag")
        if parts.clock is not None:
            every(CLOCK_S, parts.clock.resync, name="clock")
        for keys in parts.keys.all_shards():
            parts.tasks.keep(partial(parts.writer.run, keys, CONSUMER), name=f"outbox {keys.shard}")

    async def _close_windows(self) -> None:
        """Catch up with what MongoDB holds; while that is away, live sessions are served."""
        try:
            await self._parts.buddy_deadlines.catch_up()
        except Unavailable as error:
            log.warning("buddy sessions wait", reason=error.reason)

    async def drain(self, patience_s: float) -> None:
        """Turn clients away in slices, each with advice when to come back elsewhere."""
        self._draining = True
        self._parts.analysis_watch.close()
        began = asyncio.get_running_loop().time()
        connections = list(self._parts.hub)
        slices = max(1, -(-len(connections) // DRAIN_SLICE))
        pause_s = min(DRAIN_PAUSE_S, patience_s / slices)
        for start in range(0, len(connections), DRAIN_SLICE):
            for connection in connections[start : start + DRAIN_SLICE]:
                # Full jitter keeps the others from being stormed.
                advice = 100 + secrets.randbelow(1_900)
                connection.send(wire.message("going_away", reconnect_in_ms=advice))
                connection.close(CloseCode.DRAINING, "going away")
            await asyncio.sleep(pause_s)
        if self._parts.push.notifying is not None:
            spent_s = asyncio.get_running_loop().time() - began
            await self._parts.push.notifying.rest(max(0, patience_s - spent_s))

    async def leave(self) -> None:
        """Say goodbye to the other nodes."""
        try:
            await self._parts.presence.flush()
            await self._parts.nodes.leave(self.name)
        except Unavailable as error:
            log.warning("left without a word", reason=error.reason)

    async def _recover(self) -> None:
        """Bridge a short outage of the whole cluster; end what a long one has cut off."""
        # Read last of all: other nodes may have been at work while this one was coming up.
        alive_at = await self._parts.nodes.alive_at()
        now = self._parts.now()
        if alive_at is None or now - alive_at <= self._rhythm.recovery_grace_ms:
            return
        log.warning("the cluster was down", since_ms=alive_at, for_ms=now - alive_at)
        for session in self._parts.registry:
            try:
                self.recovered += await self._recover_one(session, alive_at)
            except NotFound:
                log.warning("session vanished during recovery", session=session.id)

    async def _recover_one(self, session: Session, alive_at: int) -> bool:
        """Whether the session was ended; another node may be at the same work."""
        state = session
        while not state.terminal:
            after = await self._parts.engine.recover(
                state, alive_at, self._rhythm.recovery_grace_ms
            )
            if after is state:
                return False
            state = after
        return True

    async def _load(self) -> None:
        """Know exactly the sessions that are active in Redis."""
        registry, store = self._parts.registry, self._parts.store
        before = {session.id for session in registry}
        present: set[str] = set()
        for keys in self._parts.keys.all_shards():
            ids = await store.active_ids(keys)
            present.update(ids)
            for start in range(0, len(ids), LOAD_BATCH):
                for session in await store.load_many(keys, ids[start : start + LOAD_BATCH]):
                    registry.learn(session)
                await asyncio.sleep(0)
        for session_id in before - present:
            registry.forget(session_id)

    async def _on_subscribed(self) -> None:
        incarnation = await self._parts.nodes.incarnation()
        if self._incarnation not in (None, incarnation):
            # A restarted Redis may have come up with an older state.
            self._parts.registry.clear()
            self._parts.hub.doubt()
        self._incarnation = incarnation
        await self._load()
        if self._first_subscription.is_set():
            self._parts.hub.doubt_news()
            self._parts.tasks.spawn(self._heal(), name="heal")
        self._first_subscription.set()

    async def _heal(self) -> None:
        try:
            await self._parts.following.reconcile()
            await self._parts.analysis_watch.reconcile()
        except Unavailable as error:
            log.warning("healing is left to the next round", reason=error.reason)

    def _on_lost(self, error: Exception) -> None:
        log.warning("lost the subscription", reason=f"{type(error).__name__}: {error}")

    def _on_message(self, data: str) -> None:
        try:
            message = parse(data)
        except (ValueError, KeyError, TypeError, SessionError) as error:
            self.messages_refused += 1
            log.warning("message refused", reason=f"{type(error).__name__}: {error}")
            return
        match message:
            case Told(session):
                self._parts.registry.learn(session)
                self._parts.hub.tell(message)
            case Settled(session_id):
                self._parts.registry.settled(session_id)
                self._parts.settlements.tell(session_id)
                self._parts.hub.settled(message)
            case Revoked(member, expires_ms):
                self._on_revoked(member, expires_ms)
                self._parts.hub.revoke(member)
                self._parts.analysis_watch.revoke(member)
            case News(user_id, frames):
                self._parts.hub.inform(user_id, frames)
            case Analysed():
                self._parts.analysis_watch.tell(message)

    async def _beat(self) -> None:
        parts = self._parts
        now = parts.now()
        facts = {
            "id": self.name,
            "at": str(now),
            "state": "draining" if self._draining else "serving",
            "sockets": str(len(parts.hub)),
            "sessions": str(len(parts.registry)),
            "followed": str(len(parts.ticker)),
            "ticks_sent": str(parts.ticker.sent),
            "tick_late_ms": str(round(parts.ticker.late_s * 1000)),
            "loop_lag_ms": str(round(self.loop_lag_s * 1000)),
            "commits": str(parts.engine.commits),
            "conflicts": str(parts.engine.conflicts),
        }
        ttl_ms = int(self._rhythm.heartbeat_s * 4_000)
        await parts.nodes.beat(self.name, facts, now, ttl_ms)
        self._beaten_at = parts.now()
        self.outbox = await self._measure_outbox(now)

    async def _measure_outbox(self, now: int) -> OutboxDepth:
        depth = OutboxDepth()
        for keys in self._parts.keys.all_shards():
            waiting, oldest_at, dead = await self._parts.outbox.depth(keys)
            depth.waiting += waiting
            depth.dead += dead
            if waiting:
                depth.oldest_s = max(depth.oldest_s, (now - oldest_at) / 1000)
        return depth

    async def _keep_live(self) -> None:
        await self._parts.presence.flush()
        await self._parts.presence.refresh(self.name, int(self._rhythm.live_refresh_s * 900))

    async def _check_sockets(self) -> None:
        self._parts.hub.check_ages()
        self._parts.analysis_watch.check_ages()

    async def _watch_lag(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_SAMPLE_S
            await asyncio.sleep(LAG_SAMPLE_S)
            self.loop_lag_s = max(0.0, loop.time() - due)
