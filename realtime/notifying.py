"""Sends what is due to the browsers of its users: at least once, and as a rule exactly once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

import structlog

from domain.errors import Unavailable, reason_of
from domain.notices import Notice, Urgency, payload, topic, ttl_s, urgency
from domain.push_endpoints import Subscription
from realtime.tasks import Tasks
from storage.mongo.notices import Claimed, Notices
from storage.mongo.push_subscriptions import PushSubscriptions

log = structlog.get_logger(__name__)

AT_ONCE: Final = 16
"""Notices under way on one node; each goes to all browsers of its user at the same time."""
LEASE_MS: Final = 60_000
"""More than one try of a sender and its bookkeeping can take; then another node may try."""
PAUSE_MS: Final = (5_000, 600_000)
"""First and longest pause between two tries of a notice; each is twice the one before."""
TRIES_MAX: Final = 20
"""A notice that breaks its delivery is given up after so many tries."""


class Result(StrEnum):
    """What became of one message to one browser."""

    DELIVERED = "delivered"
    GONE = "gone"
    """The subscription has ended; nothing will ever arrive there again."""
    REFUSED = "refused"
    """The same message would be refused again."""
    AGAIN = "again"
    """Another try may succeed."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The result, in how many seconds another try is welcome, and what an operator may read."""

    result: Result
    retry_after_s: float = 0
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a push service is handed; `ttl_s` is how long it may keep it."""

    payload: bytes = field(repr=False)
    ttl_s: int
    urgency: Urgency
    topic: str


class Sender(Protocol):
    """Encrypts messages and hands them to push services."""

    @property
    def public_key(self) -> str:
        """What browsers subscribe with, in base64url."""

    async def send(self, to: Subscription, message: Message, now: int) -> Sent:
        """Try once, at `now`, ms; must be done well before LEASE_MS have passed."""


class PushObservers(Protocol):
    """Who counts what is sent."""

    def pushed(self, result: str) -> None:
        """A message was sent, with this result."""

    def notice_expired(self) -> None:
        """A notice was not told to everybody before it expired."""


class Notifying:
    """One node's share of the notices."""

    def __init__(
        self,
        notices: Notices,
        subscriptions: PushSubscriptions,
        sender: Sender,
        tasks: Tasks,
        observers: PushObservers,
        clock: Callable[[], int],
    ) -> None:
        """Take both collections, who sends, who owns the deliveries and who counts; clock in ms."""
        self._notices = notices
        self._subscriptions = subscriptions
        self._sender = sender
        self._tasks = tasks
        self._observers = observers
        self._clock = clock
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._under_way: set[asyncio.Task[None]] = set()
        self._resting = False

    async def deliver_due(self) -> None:
        """Take what is due and set its delivery going; waits only while too many are under way.

        Raises Unavailable while MongoDB is away.
        """
        while not self._resting:
            await self._gate.acquire()
            claimed = None
            try:
                claimed = await self._notices.claim(LEASE_MS)
            finally:
                if claimed is None:
                    self._gate.release()
            if claimed is None:
                return
            delivery = self._tasks.spawn(self._deliver(claimed), name="notice")
            self._under_way.add(delivery)
            delivery.add_done_callback(self._ended)

    async def rest(self, patience_s: float) -> None:
        """Take no more, and let what is under way be sent, for at most so long."""
        self._resting = True
        if not self._under_way:
            return
        _, left = await asyncio.wait(self._under_way, timeout=patience_s)
        if left:
            log.warning("notices under way are left to the other nodes", notices=len(left))

    def _ended(self, delivery: asyncio.Task[None]) -> None:
        self._under_way.discard(delivery)
        self._gate.release()

    async def _deliver(self, claimed: Claimed) -> None:
        try:
            await self._carry(claimed)
        except Unavailable as error:
            log.warning("notice waits for its lease to end", reason=error.reason)
        except Exception as error:  # noqa: BLE001 - whatever ails one must not hold up the others
            log.error("notice failed", notice=claimed.key, reason=reason_of(error))  # noqa: TRY400
            await self._after_a_fault(claimed)

    async def _carry(self, claimed: Claimed) -> None:
        notice, now = claimed.notice(), self._clock()
        if now >= notice.expires_at:
            self._observers.notice_expired()
            await self._notices.finish(claimed)
            return
        message = _message(notice, now)
        kept = await self._subscriptions.of_user(notice.user_id)
        waiting = [one.subscription for one in kept if one.subscription.id not in claimed.settled]
        tries = [self._try(claimed, to, message) for to in waiting]
        # All of them come to their end: one that was cut off might be sent twice.
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        pauses = {
            to: outcome
            for to, outcome in zip(waiting, outcomes, strict=True)
            if isinstance(outcome, int)
        }
        if pauses:
            await self._again(claimed, notice, pauses)
        else:
            await self._notices.finish(claimed)

    async def _try(self, claimed: Claimed, to: Subscription, message: Message) -> int | None:
        """None if this browser needs no further try, else the pause in ms that it asks for."""
        sent = await self._sender.send(to, message, self._clock())
        self._observers.pushed(sent.result)
        if sent.result is Result.AGAIN:
            log.info("push not taken yet", host=to.host, detail=sent.detail)
            return int(sent.retry_after_s * 1000)
        # First of all, because without it the browser would be told again.
        await self._notices.settle(claimed, to.id)
        match sent.result:
            case Result.GONE:
                await self._subscriptions.drop(to)
            case Result.REFUSED:
                log.warning(
                    "push refused", host=to.host, subscription=to.id[:8], detail=sent.detail
                )
                await self._subscriptions.failed(to)
            case _:
                await self._subscriptions.succeeded(to)
        return None

    async def _again(
        self, claimed: Claimed, notice: Notice, pauses: dict[Subscription, int]
    ) -> None:
        """Try the rest later, or count it as failed if the notice does not last that long."""
        next_at = self._clock() + max(_pause_ms(claimed), *pauses.values())
        if next_at < notice.expires_at:
            await self._notices.postpone(claimed, next_at)
            return
        for to in pauses:
            await self._subscriptions.failed(to)
        self._observers.notice_expired()
        await self._notices.finish(claimed)

    async def _after_a_fault(self, claimed: Claimed) -> None:
        try:
            if claimed.tries >= TRIES_MAX:
                await self._notices.finish(claimed)
            else:
                await self._notices.postpone(claimed, self._clock() + _pause_ms(claimed))
        except Unavailable as error:
            log.warning("notice waits for its lease to end", reason=error.reason)


def _message(notice: Notice, now: int) -> Message:
    return Message(
        payload=payload(notice),
        ttl_s=ttl_s(notice, now),
        urgency=urgency(notice),
        topic=topic(notice),
    )


def _pause_ms(claimed: Claimed) -> int:
    first, longest = PAUSE_MS
    return min(longest, first << min(claimed.tries, TRIES_MAX))
