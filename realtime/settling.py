"""From the outbox into MongoDB, and word of it to whoever waits."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

import structlog

from domain.booking import COUNTED_KINDS
from domain.errors import Unavailable, reason_of
from domain.session import Session, progress
from storage.mongo.settle import Ledger
from storage.redis.codec import legible
from storage.redis.keys import ShardKeys
from storage.redis.outbox import Entry, Outbox, Poison
from storage.redis.sessions import SessionStore

log = structlog.get_logger(__name__)

BATCH: Final = 64
BLOCK_MS: Final = 1_000
PARALLEL: Final = 8
PATIENCE: Final = 6
PATIENCE_S: Final = 3.0
"""Tries in a row, and time for them, before the writer turns to the next entries; it comes
back to this one. A store that is away fails fast, one that hangs does not."""
PAUSE_S: Final = (0.1, 5.0)
"""First and longest pause while MongoDB or Redis is away."""


class Derived(Protocol):
    """What is computed from the books, such as leaderboards, and can be computed again."""

    async def refresh(self, user_id: str, at_ms: int) -> None:
        """Bring what concerns a user up to date, for the periods of an instant, ms."""

    def owe(self, user_id: str, at_ms: int) -> None:
        """Remember a refresh that failed, and do it as soon as it can be done."""


class Teller(Protocol):
    """Who tells users what a booking has changed for them."""

    async def tell(self, user_id: str) -> None:
        """Tell what waits for the user; what cannot be told now is told later."""


async def bring_up(derived: Derived, user_id: str, at_ms: int) -> None:
    """Refresh what is derived from the books after a booking; never in the way of the booking."""
    try:
        await derived.refresh(user_id, at_ms)
    except Exception as error:  # noqa: BLE001 - whatever ails it, the XP is booked
        log.warning("leaderboards not refreshed yet", reason=reason_of(error))
        derived.owe(user_id, at_ms)


class Settlements:
    """Those who wait for a session to reach MongoDB."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def watch(self, session_id: str) -> Iterator[asyncio.Event]:
        """An event that is set once the session has reached MongoDB; watch before it may."""
        event = asyncio.Event()
        self._waiting[session_id].add(event)
        try:
            yield event
        finally:
            self._waiting[session_id].discard(event)
            if not self._waiting[session_id]:
                del self._waiting[session_id]

    def tell(self, session_id: str) -> None:
        """The session has reached MongoDB."""
        for event in self._waiting.get(session_id, ()):
            event.set()


class OutboxWriter:
    """Applies outbox entries, each in one transaction, and buries those that cannot be."""

    def __init__(  # noqa: PLR0913 - collaborators
        self,
        outbox: Outbox,
        store: SessionStore,
        ledger: Ledger,
        derived: Derived,
        clock: Callable[[], int],
        *,
        announcer: Teller,
        attempts: int,
        claim_idle_ms: int,
    ) -> None:
        """`claim_idle_ms` must exceed the longest time one entry may take."""
        self._outbox = outbox
        self._store = store
        self._ledger = ledger
        self._derived = derived
        self._announcer = announcer
        self._clock = clock
        self._attempts = attempts
        self._claim_idle_ms = claim_idle_ms
        self.settled = 0
        self.repeated = 0
        self.buried = 0
        self.failures = 0

    async def run(self, keys: ShardKeys, consumer: str) -> None:
        """Drain one shard's outbox until cancelled; wait out whatever is away."""
        pause_s, longest_s = PAUSE_S
        while True:
            try:
                await self._outbox.ensure_group(keys)
                await self.take_over(keys, consumer)
                while True:
                    fresh = await self._outbox.read(keys, consumer, count=BATCH, block_ms=BLOCK_MS)
                    await self.apply(fresh)
                    await self.take_over(keys, consumer)
                    pause_s = PAUSE_S[0]
            except Unavailable as error:
                self.failures += 1
                log.warning("outbox waits", shard=keys.shard, reason=error.reason)
                await asyncio.sleep(pause_s)
                pause_s = min(longest_s, pause_s * 2)

    async def take_over(self, keys: ShardKeys, consumer: str) -> None:
        """Apply what this or a dead node has taken and not settled."""
        settled = 1
        while settled:
            entries = await self._outbox.claim(
                keys, consumer, idle_ms=self._claim_idle_ms, count=BATCH
            )
            settled = await self.apply(entries)

    async def apply(self, entries: list[Entry]) -> int:
        """Settle the entries: those of one user in order, those of several side by side.

        Returns how many are out of the way; what cannot be settled for now stays pending.
        """
        by_user: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            by_user[_owner(entry)].append(entry)
        gate = asyncio.Semaphore(PARALLEL)

        async def in_order(owned: list[Entry]) -> int:
            async with gate:
                return sum([await self._apply_patiently(entry) for entry in owned])

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(in_order(owned)) for owned in by_user.values()]
        return sum(task.result() for task in tasks)

    async def _apply_patiently(self, entry: Entry) -> bool:
        """Whether the entry was settled or buried; one that resists is left to `take_over`."""
        pause_s, longest_s = PAUSE_S
        now = asyncio.get_running_loop().time
        until = now() + PATIENCE_S
        for _ in range(PATIENCE):
            try:
                if await self._try(entry):
                    return True
            except Unavailable as error:
                self.failures += 1
                log.warning("not settled yet", session=entry.session_id, reason=error.reason)
            if now() + pause_s > until:
                break
            await asyncio.sleep(pause_s)
            pause_s = min(longest_s, pause_s * 2)
        return False

    async def _try(self, entry: Entry) -> bool:
        """Whether the entry has left the outbox, to MongoDB or to the dead letters."""
        try:
            session = entry.session()
            fresh = await self._settle(session)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever ails one must not hold up the others
            return await self._give_up(entry, reason_of(error))
        self.settled += fresh
        self.repeated += not fresh
        assert session.ended_at is not None
        if session.kind in COUNTED_KINDS:
            await bring_up(self._derived, session.user_id, session.ended_at)
        if session.kind == "focus":
            await self._announcer.tell(session.user_id)
        await self._take_off(entry, session)
        return True

    async def _settle(self, session: Session) -> bool:
        """Settle with the timeline, or without one that cannot be read or stored."""
        try:
            events = legible(await self._store.events(session.user_id, session.id))
            return await self._ledger.settle(session, events)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - what is told of a session is not its XP
            log.warning("settled without a timeline", session=session.id, reason=reason_of(error))
            return await self._ledger.settle(session)

    async def _take_off(self, entry: Entry, session: Session) -> None:
        assert session.ended_at is not None
        facts: dict[str, object] = {
            "settled": session.id,
            "user_id": session.user_id,
            "rev": session.rev,
            "xp_total": progress(session, session.ended_at).xp.total,
        }
        await self._outbox.settle(entry, session, facts)

    async def _give_up(self, entry: Entry, reason: str) -> bool:
        tries = await self._outbox.failed(entry)
        log.error("outbox entry refused", entry=entry.entry_id, tries=tries, reason=reason)
        if tries < self._attempts:
            return False
        await self._outbox.bury(entry, reason, self._clock())
        self.buried += 1
        return True


def _owner(entry: Entry) -> str:
    try:
        return entry.session().user_id
    except Poison:
        return entry.entry_id
