"""How the edge of a node is put together: everything that handlers are handed."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from handlers.cli import token_rules
from handlers.families import Catalogue, build_families
from handlers.limits import Limiter
from handlers.logins import Logins
from handlers.metrics import Metrics
from handlers.passwords import Passwords
from handlers.provision import Provisioner
from handlers.rates import build_rater, build_summaries
from handlers.services import Services
from handlers.streaming import Slots, Streams
from handlers.tokens import Tokens
from handlers.vapid import Signer
from realtime.external import ExternalSessions
from realtime.leaderboards import Rankings
from realtime.parts import Parts
from realtime.stories import Stories
from realtime.voiding import Voiding
from storage.connections import Connections
from storage.mongo.activities import Activities
from storage.mongo.calendar_feeds import CalendarFeeds
from storage.mongo.days import Days
from storage.mongo.entries import Entries
from storage.mongo.goals import Goals
from storage.mongo.history import History
from storage.mongo.refresh import RefreshFamilies
from storage.mongo.settle import Ledger
from storage.mongo.standings import Standings
from storage.mongo.timelines import Timelines
from storage.mongo.users import Users
from storage.redis.finished import FinishedSessions
from storage.redis.leaderboards import Boards
from storage.redis.revoked import RevokedTokens
from storage.redis.sessions import SessionStore

if TYPE_CHECKING:
    from config.settings import Settings
    from handlers.push_sender import PushSender

EXPORTS_EACH = 2
FEEDS_EACH = 1
STREAMS_IN_ALL = 16
"""Exports, and besides them calendar feeds, that a node sends at the same time."""
RECORDINGS_EACH = 8
UPLOADS_EACH = 4
RECORDINGS_FROM_ONE_ADDRESS = 24
UPLOADS_FROM_ONE_ADDRESS = 16
UPLOADS_IN_ALL = 64


def build_services(
    settings: "Settings", connections: Connections, parts: Parts, metrics: Metrics
) -> Services:
    """Everything a handler may use."""
    db, now = connections.mongo.db, parts.now
    users = Users(db, now)
    goals, activities = Goals(db, now), Activities(db, now)
    tokens = Tokens(token_rules(settings))
    store = SessionStore(connections.redis, parts.keys)
    rater = build_rater(settings, connections.redis, parts, metrics)
    ledger = Ledger(connections.mongo, now)
    catalogue = Catalogue(users=users, goals=goals, activities=activities)
    return Services(
        **build_families(settings, connections, parts, catalogue, rater),
        settings=settings,
        clock=now,
        database_ping=connections.mongo.ping,
        tasks=parts.tasks,
        tokens=tokens,
        logins=_logins(settings, connections, users, tokens, now),
        provisioner=Provisioner(users, now),
        users=users,
        goals=goals,
        activities=activities,
        days=Days(db),
        sessions=parts.sessions,
        history=History(db),
        stories=Stories(store=store, sessions=parts.sessions, timelines=Timelines(db), clock=now),
        feeds=CalendarFeeds(db, now),
        streams=_streams(),
        engine=parts.engine,
        summaries=build_summaries(settings, connections.redis, parts, metrics),
        rater=rater,
        voiding=Voiding(
            store=store,
            finished=FinishedSessions(connections.redis, parts.keys),
            sessions=parts.sessions,
            ledger=ledger,
            settlements=parts.settlements,
            derived=parts.leaderboards,
            announcer=parts.announcer,
            clock=now,
            wait_s=settings.complete_wait_s,
        ),
        entries=Entries(db),
        external=ExternalSessions(store, parts.sessions, ledger, parts.leaderboards, now),
        leaderboards=parts.leaderboards,
        rankings=Rankings(Standings(connections.mongo), Boards(connections.redis, parts.keys), now),
        push=parts.push,
        following=parts.following,
        presence=parts.presence,
        hub=parts.hub,
        node_name=parts.name,
        limiter=_limiter(settings, parts, metrics),
        metrics=metrics,
        readiness=lambda: {"node": "starting"},
    )


@contextmanager
def own_sender(settings: "Settings") -> Iterator["PushSender | None"]:
    """Who brings notices to push services; None without a key to sign with."""
    if settings.vapid_private_key is None:
        yield None
        return
    # What it brings along takes a quarter of a second, and only nodes that push need it.
    from handlers.push_sender import PushSender  # noqa: PLC0415

    sender = PushSender(Signer(settings.vapid_private_key, settings.vapid_subject))
    try:
        yield sender
    finally:
        sender.close()


def _streams() -> Streams:
    return Streams(
        exports=Slots(each=EXPORTS_EACH, total=STREAMS_IN_ALL),
        feeds=Slots(each=FEEDS_EACH, total=STREAMS_IN_ALL, of="calendars"),
        program_feeds=Slots(each=FEEDS_EACH, total=STREAMS_IN_ALL, of="calendars"),
        recordings=Slots(
            each=RECORDINGS_EACH,
            each_address=RECORDINGS_FROM_ONE_ADDRESS,
            total=UPLOADS_IN_ALL,
            of="recordings",
        ),
        uploads=Slots(
            each=UPLOADS_EACH,
            each_address=UPLOADS_FROM_ONE_ADDRESS,
            total=UPLOADS_IN_ALL,
            of="uploads",
        ),
        turn=asyncio.Semaphore(1),
    )


def _logins(
    settings: "Settings",
    connections: Connections,
    users: Users,
    tokens: Tokens,
    now: Callable[[], int],
) -> Logins:
    return Logins(
        users=users,
        families=RefreshFamilies(connections.mongo.db),
        revoked=RevokedTokens(connections.redis, settings.redis_prefix),
        tokens=tokens,
        passwords=Passwords(),
        clock=now,
    )


def _limiter(settings: "Settings", parts: Parts, metrics: Metrics) -> Limiter:
    assert settings.redis_url is not None
    return Limiter(
        redis_url=settings.redis_url,
        prefix=settings.redis_prefix,
        user=settings.rate_user,
        address=settings.rate_address,
        frames=settings.rate_frames,
        named={
            "login": settings.rate_login,
            "push_test": settings.rate_push_test,
            "share": settings.rate_share,
            "review": settings.rate_review,
            "upload": settings.rate_upload,
            "analysis": settings.rate_analysis,
        },
        clock=parts.now,
        metrics=metrics,
    )
