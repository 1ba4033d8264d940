"""How the live side of a node is put together."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from domain.analysis import Limits
from domain.errors import Unavailable
from realtime.analysing import AnalysisBook, AnalysisParts
from realtime.analysis_watch import AnalysisWatch
from realtime.announcing import Announcer
from realtime.buddy_deadlines import BuddyDeadlines
from realtime.clock import ClusterClock
from realtime.deadlines import Deadlines
from realtime.engine import Engine
from realtime.following import Following
from realtime.hub import Hub
from realtime.leaderboards import Leaderboards
from realtime.notifying import PushObservers, Sender
from realtime.occasions import Occasions
from realtime.parts import Parts, node_id
from realtime.presence import Presence
from realtime.push import Push, build_push
from realtime.recording import AudioLimits, Recorder
from realtime.registry import Registry
from realtime.settling import OutboxWriter, Settlements
from realtime.tasks import Tasks
from realtime.ticker import Ticker
from storage.audio.probe import probe
from storage.connections import Connections
from storage.mongo.analyses import Analyses
from storage.mongo.announcements import Announcements
from storage.mongo.audio import Recordings
from storage.mongo.buddies import Buddies
from storage.mongo.builtin import built_in_activities, load_built_in
from storage.mongo.client import Mongo, StandaloneMongo
from storage.mongo.days import Days
from storage.mongo.enrollments import Enrollments
from storage.mongo.indexes import ensure_indexes
from storage.mongo.program_seeds import built_in_programs, load_programs
from storage.mongo.programs import Programs
from storage.mongo.questionnaire import built_in_questions, load_questions
from storage.mongo.sessions import Sessions
from storage.mongo.settle import Ledger
from storage.mongo.standings import Standings
from storage.mongo.users import Users
from storage.redis import client
from storage.redis.analysis_news import AnalysisNews
from storage.redis.analysis_queue import AnalysisQueue
from storage.redis.bus import Bus
from storage.redis.keys import Keys
from storage.redis.leaderboards import Boards
from storage.redis.news import NewsDesk
from storage.redis.nodes import Nodes
from storage.redis.outbox import Outbox
from storage.redis.program_lists import ProgramLists
from storage.redis.sessions import SessionStore

log = structlog.get_logger(__name__)

MONGO_RETRY_S: Final = 2.0
OPEN_SOCKETS: Final = 10_000
"""Sockets that follow analyses, of a node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOptions:
    """What can be chosen about the live side."""

    keys: Keys
    sockets_per_user: int
    finished_ttl_ms: int
    outbox_attempts: int
    outbox_timeout_s: float
    """The longest that one outbox entry may take; after twice that it counts as abandoned."""
    audio: AudioLimits
    analysis: Limits
    sockets_per_address: int
    """Of those that anybody may open."""
    sender: Sender | None = None
    """Who brings notices to push services; None while push is not set up."""


class Observers(PushObservers, Protocol):
    """Where measurements go, all in seconds."""

    def tick_late_s(self, late_s: float) -> None:
        """How late a slot of ticks was sent."""

    def deadline_late_s(self, late_s: float) -> None:
        """How late a deadline was noticed."""


async def assemble(
    connections: Connections,
    options: LiveOptions,
    tasks: Tasks,
    observers: Observers,
    now: Callable[[], int] | None,
) -> Parts:
    """Put the live side of a node together, its clock set unless `now` takes its place."""
    keys = options.keys
    nodes = Nodes(connections.background, keys)
    clock = None if now is not None else ClusterClock(nodes.time_us)
    if clock is not None:
        await clock.start()
    instant = now or clock
    assert instant is not None
    store = SessionStore(connections.redis, keys)
    own_store = SessionStore(connections.background, keys)
    registry = Registry()
    engine = Engine(store, registry, instant)
    ticker = Ticker(registry, instant, time.monotonic, observers.tick_late_s)
    hub = Hub(ticker, instant, options.sockets_per_user)
    sessions = Sessions(connections.mongo.db, instant)
    leaderboards = _leaderboards(connections, nodes, keys, instant)
    announcer = _announcer(connections, keys, instant)
    buddies = Buddies(connections.mongo, instant, timeout_s=options.outbox_timeout_s)
    return Parts(
        name=node_id(),
        keys=keys,
        store=own_store,
        nodes=nodes,
        bus=Bus(connections.listening, keys),
        outbox=_outbox(connections, options),
        clock=clock,
        now=instant,
        registry=registry,
        engine=engine,
        deadlines=Deadlines(own_store, engine, keys, instant, observers.deadline_late_s),
        buddies=buddies,
        buddy_deadlines=BuddyDeadlines(buddies, announcer, instant, observers.deadline_late_s),
        ticker=ticker,
        hub=hub,
        sessions=sessions,
        following=Following(store, sessions, registry, hub, keys, instant),
        presence=Presence(own_store, registry, keys, instant),
        leaderboards=leaderboards,
        announcer=announcer,
        writer=_writer(connections, options, own_store, leaderboards, announcer, instant),
        settlements=Settlements(),
        push=_push(connections, options, tasks, observers, instant),
        recorder=Recorder(Recordings(connections.mongo.db, instant), probe, options.audio, instant),
        analysis_book=_analysis_book(connections, options, instant),
        analysis_watch=AnalysisWatch(
            Analyses(connections.mongo.db, instant),
            per_party=options.sockets_per_address,
            in_all=OPEN_SOCKETS,
        ),
        tasks=tasks,
    )


def _analysis_book(
    connections: Connections, options: LiveOptions, now: Callable[[], int]
) -> AnalysisBook:
    limits = options.analysis
    used = AnalysisParts(
        analyses=Analyses(connections.mongo.db, now),
        queue=AnalysisQueue(
            connections.queueing, options.keys, longest_s=limits.deadline_ms // 1000
        ),
        news=AnalysisNews(connections.background, options.keys),
    )
    return AnalysisBook(used, now, limits)


def _writer(
    connections: Connections,
    options: LiveOptions,
    store: SessionStore,
    leaderboards: Leaderboards,
    announcer: Announcer,
    now: Callable[[], int],
) -> OutboxWriter:
    return OutboxWriter(
        _outbox(connections, options),
        store,
        Ledger(connections.mongo, now, timeout_s=options.outbox_timeout_s),
        leaderboards,
        now,
        announcer=announcer,
        attempts=options.outbox_attempts,
        claim_idle_ms=int(options.outbox_timeout_s * 2000),
    )


def _outbox(connections: Connections, options: LiveOptions) -> Outbox:
    return Outbox(
        connections.background,
        connections.blocking,
        options.keys,
        finished_ttl_ms=options.finished_ttl_ms,
    )


def _leaderboards(
    connections: Connections, nodes: Nodes, keys: Keys, now: Callable[[], int]
) -> Leaderboards:
    boards = Boards(connections.background, keys)
    return Leaderboards(Standings(connections.mongo), boards, nodes.incarnation, now)


def _push(
    connections: Connections,
    options: LiveOptions,
    tasks: Tasks,
    observers: Observers,
    now: Callable[[], int],
) -> Push:
    db = connections.mongo.db
    occasions = Occasions(Users(db, now), Enrollments(db), Programs(db), Days(db))
    return build_push(db, options.sender, tasks, observers, now, occasions)


def _announcer(connections: Connections, keys: Keys, now: Callable[[], int]) -> Announcer:
    redis = connections.background
    announcements = Announcements(connections.mongo.db)
    return Announcer(announcements, NewsDesk(redis, keys), ProgramLists(redis, keys), now)


async def inspect(connections: Connections, tasks: Tasks, *, strict: bool) -> list[str]:
    """What forbids working with these stores, all at once; warns of what only endangers it.

    `strict` refuses a Redis that may throw sessions away. Raises Unavailable without Redis.
    """
    refused = []
    for fault in await client.faults(connections.redis):
        if fault.fatal and strict:
            refused.append(fault.detail)
        else:
            log.warning("redis is not safe", reason=fault.detail)
    try:
        await prepare_mongo(connections.mongo, tasks)
    except StandaloneMongo as fault:
        refused.append(str(fault))
    return refused


async def prepare_mongo(mongo: Mongo, tasks: Tasks) -> None:
    """Check and index MongoDB; while it is away, running sessions are served without it."""
    try:
        await _check_mongo(mongo)
    except Unavailable as error:
        log.warning("starting without MongoDB", reason=error.reason)
        tasks.spawn(_await_mongo(mongo), name="mongo")


async def _await_mongo(mongo: Mongo) -> None:
    while True:
        await asyncio.sleep(MONGO_RETRY_S)
        try:
            await _check_mongo(mongo)
        except Unavailable as error:
            log.warning("still without MongoDB", reason=error.reason)
        except StandaloneMongo as error:
            log.error("MongoDB cannot be used", reason=str(error))  # noqa: TRY400
        else:
            return


async def _check_mongo(mongo: Mongo) -> None:
    await mongo.require_transactions()
    await ensure_indexes(mongo.db)
    await load_built_in(mongo.db, built_in_activities())
    await load_programs(mongo.db, built_in_programs())
    await load_questions(mongo.db, built_in_questions())
