"""How the edge of a node is put together: everything that handlers are handed."""

from typing import TYPE_CHECKING

from handlers.cli import token_rules
from handlers.limits import Limiter
from handlers.logins import Logins
from handlers.metrics import Metrics
from handlers.passwords import Passwords
from handlers.provision import Provisioner
from handlers.services import Services
from handlers.tokens import Tokens
from realtime.external import ExternalSessions
from realtime.parts import Parts
from realtime.voiding import Voiding
from realtime.xp import SessionLimits, XpParts, XpSessions
from storage.connections import Connections
from storage.mongo.activities import Activities
from storage.mongo.entries import Entries
from storage.mongo.goals import Goals
from storage.mongo.refresh import RefreshFamilies
from storage.mongo.settle import Ledger
from storage.mongo.users import Users
from storage.redis.finished import FinishedSessions
from storage.redis.revoked import RevokedTokens
from storage.redis.sessions import SessionStore

if TYPE_CHECKING:
    from config.settings import Settings


def build_services(
    settings: "Settings", connections: Connections, parts: Parts, metrics: Metrics
) -> Services:
    """Everything a handler may use."""
    assert settings.redis_url is not None
    db, now = connections.mongo.db, parts.now
    users = Users(db, now)
    goals, activities = Goals(db, now), Activities(db, now)
    tokens = Tokens(token_rules(settings))
    store = SessionStore(connections.redis, parts.keys)
    ledger = Ledger(connections.mongo, now)
    logins = Logins(
        users=users,
        families=RefreshFamilies(db),
        revoked=RevokedTokens(connections.redis, settings.redis_prefix),
        tokens=tokens,
        passwords=Passwords(),
        clock=now,
    )
    return Services(
        settings=settings,
        clock=now,
        tasks=parts.tasks,
        tokens=tokens,
        logins=logins,
        provisioner=Provisioner(users, now),
        users=users,
        goals=goals,
        activities=activities,
        sessions=parts.sessions,
        engine=parts.engine,
        xp=_xp_sessions(settings, store, parts, goals, activities),
        voiding=Voiding(
            store=store,
            finished=FinishedSessions(connections.redis, parts.keys),
            sessions=parts.sessions,
            ledger=ledger,
            settlements=parts.settlements,
            refresh=parts.refresh,
            clock=now,
            wait_s=settings.complete_wait_s,
        ),
        entries=Entries(db),
        external=ExternalSessions(store, parts.sessions, ledger, parts.refresh, now),
        following=parts.following,
        presence=parts.presence,
        hub=parts.hub,
        node_name=parts.name,
        limiter=Limiter(
            redis_url=settings.redis_url,
            prefix=settings.redis_prefix,
            user=settings.rate_user,
            address=settings.rate_address,
            named={"login": settings.rate_login},
            clock=now,
            metrics=metrics,
        ),
        metrics=metrics,
        readiness=lambda: {"node": "starting"},
    )


def _xp_sessions(
    settings: "Settings",
    store: SessionStore,
    parts: Parts,
    goals: Goals,
    activities: Activities,
) -> XpSessions:
    limits = SessionLimits(
        max_ms=settings.max_session_s * 1000,
        abandon_ms=settings.abandon_after_s * 1000,
        complete_wait_s=settings.complete_wait_s,
    )
    used = XpParts(
        engine=parts.engine,
        store=store,
        goals=goals,
        activities=activities,
        sessions=parts.sessions,
        settlements=parts.settlements,
    )
    return XpSessions(used, parts.now, limits)
