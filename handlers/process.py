"""What every process of the service begins with: its stores, and what the settings say of them."""

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Final

from domain.analysis import Limits
from realtime.assembly import LiveOptions, inspect
from realtime.notifying import Sender
from realtime.parts import Rhythm
from realtime.recording import AudioLimits
from realtime.tasks import Tasks
from storage.connections import Connections, connected
from storage.redis.keys import Keys

if TYPE_CHECKING:
    from config.settings import Settings

REQUEUE_MS: Final = 5_000
"""How long an analysis waits for a worker before it is put into the queue once more."""


class Refused(RuntimeError):
    """The surroundings are such that starting would be a promise we cannot keep."""


def open_connections(settings: "Settings") -> AbstractAsyncContextManager[Connections]:
    """Connections to the stores of the settings, made when they are first used."""
    assert settings.redis_url is not None
    assert settings.mongo_url is not None
    return connected(
        settings.redis_url, settings.mongo_url, settings.mongo_db, settings.redis_shards
    )


async def require_sound(settings: "Settings", connections: Connections, tasks: Tasks) -> None:
    """Raise Refused for stores that cannot be worked with, Unavailable without Redis."""
    refused = await inspect(connections, tasks, strict=settings.env == "production")
    if refused:
        raise Refused("\n  ".join(["sessiond cannot start with these stores:", *refused]))


def live_options(settings: "Settings", sender: Sender | None) -> LiveOptions:
    """What the settings say of the live side."""
    return LiveOptions(
        keys=Keys(settings.redis_prefix, settings.redis_shards),
        sockets_per_user=settings.ws_sockets_per_user,
        sockets_per_address=settings.ws_sockets_per_address,
        finished_ttl_ms=settings.finished_ttl_s * 1000,
        outbox_attempts=settings.outbox_attempts,
        outbox_timeout_s=settings.outbox_timeout_s,
        audio=AudioLimits(
            max_bytes=settings.audio_bytes,
            max_ms=settings.audio_max_s * 1000,
            upload_ms=settings.audio_upload_s * 1000,
            room_bytes=settings.audio_room_bytes,
        ),
        analysis=Limits(
            deadline_ms=settings.analysis_deadline_s * 1000,
            lease_ms=int(settings.analysis_lease_s * 1000),
            requeue_ms=REQUEUE_MS,
        ),
        sender=sender,
    )


def rhythm(settings: "Settings") -> Rhythm:
    """How often a node does what it does."""
    return Rhythm(
        heartbeat_s=settings.heartbeat_s,
        deadline_scan_s=settings.deadline_scan_s,
        live_refresh_s=settings.live_refresh_s,
        reconcile_s=settings.reconcile_s,
        recovery_grace_ms=settings.recovery_grace_s * 1000,
    )
