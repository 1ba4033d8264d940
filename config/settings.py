"""Every setting of sessiond; `config.environment` reads them."""

import dataclasses
import re
from pathlib import Path
from typing import Literal

from config.knobs import (
    address,
    api_key,
    base_url,
    env_name,
    knob,
    name,
    network,
    origin,
    push_host,
    rate,
    secret_key,
    vapid_key,
    vapid_subject,
)

HOUR_S = 3600
DAY_S = 24 * HOUR_S
MASK = "********"
SECRETS = ("jwt_secret", "llm_api_key", "transcription_api_key", "vapid_private_key")
ALGORITHMS = ["HS256", "RS256", "ES256"]
PUSH_HOSTS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.services.mozilla.com",
    "web.push.apple.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. The defaults are those of development on one's own machine."""

    env: Literal["development", "production"] = knob(
        "development", "production refuses unsafe settings", choices=("development", "production")
    )
    host: str = knob("127.0.0.1", "address to listen on; 0.0.0.0 for all")
    port: int = knob(8000, "port to listen on; 0 for any free one", low=0, high=65535)
    data_dir: Path = knob(Path(".data"), "directory of the embedded servers and generated secrets")
    mongo_url: str | None = knob(
        None,
        "MongoDB, a replica set or mongos; unset starts the embedded one",
        secret=True,
        check=address("mongodb", "mongodb+srv"),
    )
    mongo_db: str = knob("sessiond", "database name", check=name)
    redis_url: str | None = knob(
        None,
        "Redis 6.2 or later; unset starts the embedded one",
        secret=True,
        check=address("redis", "rediss", "unix"),
    )
    redis_prefix: str = knob("sessiond", "first part of every Redis key", check=name)
    redis_shards: int = knob(1, "hash slots to spread sessions over", low=1, high=1024)
    allow_embedded: bool = knob(default=False, meaning="let production use the embedded servers")
    mongod: Path | None = knob(None, "program of the embedded MongoDB, instead of the wheel's")
    redis_server: Path | None = knob(None, "program of the embedded Redis, instead of PATH's")

    jwt_secret: str | None = knob(
        None,
        "key of our own tokens, at least 32 bytes; development makes one",
        secret=True,
        check=secret_key,
    )
    jwt_algorithms: tuple[str, ...] = knob(("HS256",), "accepted algorithms", choices=ALGORITHMS)
    jwks_url: str | None = knob(
        None, "keys of an external token issuer", check=address("https", "http")
    )
    jwt_issuer: str | None = knob(None, "required `iss` of external tokens")
    jwt_audience: str | None = knob(None, "required `aud` of external tokens")
    access_ttl_s: int = knob(900, "life of an access token", low=30, high=DAY_S)
    refresh_ttl_s: int = knob(30 * DAY_S, "life of a refresh token", low=60, high=365 * DAY_S)
    allowed_origins: tuple[str, ...] = knob(
        ("http://localhost:3000",),
        "origins of browser pages that may call",
        check=origin,
        shown="http://localhost:3000 in development, none in production",
    )
    guests: bool = knob(
        default=True,
        meaning="let callers without a token have customer sessions, as demo_user",
        shown="1 in development, 0 in production",
    )
    query_token: bool = knob(default=False, meaning="accept ?token= on WebSocket addresses")
    trusted_proxies: tuple[str, ...] = knob(
        (), "networks whose X-Forwarded-For is believed", check=network
    )

    llm_url: str | None = knob(
        None,
        "base of an OpenAI-compatible API for XP rates and weekly summaries, as in https://host/v1",
        check=base_url,
    )
    llm_model: str | None = knob(None, "the model to ask; required with the address")
    llm_api_key: str | None = knob(None, "key of that API", secret=True, check=api_key)
    llm_timeout_s: float = knob(1.5, "longest try to ask the model", low=0.05, high=1.5)
    llm_retries: int = knob(1, "further tries when the model cannot be reached", low=0, high=5)
    llm_cache_ttl_s: int = knob(
        30 * DAY_S, "stay of the model's answers in Redis", low=1, high=365 * DAY_S
    )

    vapid_private_key: str | None = knob(
        None,
        "key that signs web push; unset means no push; development makes one",
        secret=True,
        check=vapid_key,
    )
    vapid_subject: str | None = knob(
        None,
        "where push services can reach you, mailto: or https:; required with the key in production",
        check=vapid_subject,
    )
    push_hosts: tuple[str, ...] = knob(
        PUSH_HOSTS,
        "push services that browsers may name; `*.` stands for any labels",
        check=push_host,
    )

    public_url: str | None = knob(
        None,
        "where clients reach this service, as in https://example.com; for addresses in answers",
        check=base_url,
    )
    review_auth: Literal["open", "required"] = knob(
        "open",
        "whether reviews and analyses are for whoever has their id, or want a token",
        choices=("open", "required"),
    )
    audio_bytes: int = knob(25 << 20, "largest recorded answer", low=1024, high=256 << 20)
    audio_max_s: int = knob(600, "longest recorded answer", low=1, high=DAY_S)
    audio_upload_s: int = knob(300, "longest upload of a recorded answer", low=1, high=HOUR_S)
    audio_room_bytes: int = knob(
        256 << 20, "room on MongoDB's disk that recordings leave free", low=0, high=1 << 40
    )

    analysis_workers: int = knob(
        4, "analyses that a node works at itself; 0 leaves them to workers", low=0, high=64
    )
    analysis_deadline_s: int = knob(
        300, "longest analysis, from asking to its end", low=5, high=HOUR_S
    )
    analysis_attempt_s: int = knob(90, "longest attempt at an analysis", low=1, high=HOUR_S)
    analysis_lease_s: float = knob(
        6.0, "silence after which a worker counts as dead", low=0.5, high=60
    )
    analysis_llm: bool = knob(
        default=True, meaning="let the language model analyse, where one is configured"
    )
    transcription_url: str | None = knob(
        None,
        "base of an OpenAI-compatible API that writes recorded answers down",
        check=base_url,
    )
    transcription_model: str | None = knob(None, "its model; required with the address")
    transcription_api_key: str | None = knob(None, "key of that API", secret=True, check=api_key)

    tick_s: float = knob(1.0, "interval of live updates", low=0.2, high=60)
    abandon_after_s: int = knob(4 * HOUR_S, "silence that ends a session", low=1, high=30 * DAY_S)
    max_session_s: int = knob(12 * HOUR_S, "longest session", low=1, high=30 * DAY_S)
    customer_idle_s: int = knob(
        HOUR_S, "time without activity that ends a customer session", low=1, high=30 * DAY_S
    )
    buddy_window_s: int = knob(
        2 * DAY_S, "time after its start to confirm a buddy session", low=60, high=365 * DAY_S
    )
    recovery_grace_s: int = knob(300, "longest outage that is bridged", low=0, high=DAY_S)
    live_refresh_s: float = knob(5.0, "interval of live values in Redis", low=0.1, high=300)
    heartbeat_s: float = knob(2.0, "interval of node heartbeats", low=0.1, high=60)
    deadline_scan_s: float = knob(0.25, "interval of looking for due deadlines", low=0.01, high=10)
    reconcile_s: float = knob(10.0, "interval of comparing memory with Redis", low=0.1, high=600)
    complete_wait_s: float = knob(2.0, "wait of `complete` for MongoDB", low=0, high=30)
    drain_s: float = knob(10.0, "longest orderly stop", low=0, high=300)
    outbox_attempts: int = knob(5, "tries before an entry is set aside", low=1, high=100)
    outbox_timeout_s: float = knob(5.0, "longest write of one outbox entry", low=0.1, high=60)
    finished_ttl_s: int = knob(HOUR_S, "stay of finished sessions in Redis", low=1, high=7 * DAY_S)

    ws_frame_bytes: int = knob(65536, "largest incoming frame", low=1024, high=1 << 20)
    ws_commands_per_s: int = knob(20, "commands per second of a socket", low=1, high=10_000)
    ws_commands_burst: int = knob(40, "commands at once of a socket", low=1, high=10_000)
    ws_sockets_per_user: int = knob(10, "open sockets of a user on a node", low=1, high=10_000)
    ws_sockets_per_address: int = knob(
        50, "open sockets of reviews from an address, on a node", low=1, high=10_000
    )
    ws_queue_bytes: int = knob(65536, "outgoing queue of a socket", low=4096, high=1 << 24)
    ws_queue_age_s: float = knob(10.0, "oldest unsent frame of a socket", low=0.1, high=300)
    ws_ping_s: float = knob(25.0, "interval of pings", low=0.1, high=300)
    ws_pong_timeout_s: float = knob(8.0, "wait for the answer to a ping", low=0.1, high=300)
    ws_auth_timeout_s: float = knob(10.0, "wait for the first frame's token", low=0.1, high=60)
    ws_token_grace_s: float = knob(25.0, "time to refresh an expired token", low=0, high=600)
    body_bytes: int = knob(262_144, "largest request body", low=1024, high=1 << 26)
    body_timeout_s: float = knob(20.0, "longest upload of a request body", low=0.1, high=600)
    idle_timeout_s: float = knob(30.0, "longest idle connection", low=0.1, high=3600)

    rate_user: str = knob("600/minute", "requests of a user", check=rate)
    rate_address: str = knob("1200/minute", "requests from an address", check=rate)
    rate_login: str = knob("10/minute", "login attempts per account and address", check=rate)
    rate_push_test: str = knob("5/minute", "test notices of a user to themselves", check=rate)
    rate_share: str = knob("20/minute", "share codes that a user looks up", check=rate)

    rate_frames: str = knob(
        "120/minute", "frames from an address on sockets of reviews", check=rate
    )
    rate_review: str = knob("20/minute", "reviews begun by a user or from an address", check=rate)
    rate_upload: str = knob("30/minute", "recordings sent by a user or an address", check=rate)
    rate_analysis: str = knob("20/hour", "analyses asked for by a user or an address", check=rate)

    log_level: str = knob(
        "info", "least level that is logged", choices=("debug", "info", "warning", "error")
    )
    log_format: Literal["console", "json"] = knob(
        "console",
        "for people or for machines",
        choices=("console", "json"),
        shown="console in development, json in production",
    )

    def masked(self) -> dict[str, str]:
        """The effective values by variable name, fit to be printed."""
        return {
            env_name(field.name): _masked(field.name, getattr(self, field.name))
            for field in dataclasses.fields(self)
        }


def _masked(field: str, value: object) -> str:
    if field in SECRETS:
        return MASK if value else ""
    if isinstance(value, str) and "://" in value:
        return mask_url(value)
    return plain(value)


def plain(value: object) -> str:
    """The value as it is written in the environment."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else str(value)


def mask_url(url: str) -> str:
    """The address without its passwords."""
    url = re.sub(r"(://[^/?#@:]*):[^/?#]*@", rf"\1:{MASK}@", url)
    return re.sub(r"((?:password|secret|token)=)[^&#]*", rf"\1{MASK}", url, flags=re.IGNORECASE)
