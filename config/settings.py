"""Every setting of sessiond, read once from the environment by the composition root."""

import contextlib
import dataclasses
import os
import re
import secrets
import tempfile
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from environs import Env, EnvValidationError

from config.knobs import (
    PREFIX,
    address,
    env_name,
    knob,
    knob_of,
    name,
    network,
    origin,
    rate,
    secret_key,
)

HOUR_S = 3600
DAY_S = 24 * HOUR_S
MASK = "********"
ALGORITHMS = ["HS256", "RS256", "ES256"]


class BadSettings(ValueError):
    """The environment holds values that sessiond cannot use; one line per fault."""


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
    query_token: bool = knob(default=False, meaning="accept ?token= on WebSocket addresses")
    trusted_proxies: tuple[str, ...] = knob(
        (), "networks whose X-Forwarded-For is believed", check=network
    )

    tick_s: float = knob(1.0, "interval of live updates", low=0.2, high=60)
    abandon_after_s: int = knob(4 * HOUR_S, "silence that ends a session", low=1, high=30 * DAY_S)
    max_session_s: int = knob(12 * HOUR_S, "longest session", low=1, high=30 * DAY_S)
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


class _Given(Env):
    """environs on the mapping it is given; an empty value counts as unset."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(eager=False)
        self._given = environ

    def _get_value(self, env_key: str, default: Any) -> Any:
        return self._given.get(env_key) or default


def from_env(environ: Mapping[str, str]) -> Settings:
    """Read all settings; BadSettings names every fault at once."""
    faults: dict[str, list[str]] = {}
    given = _with_secret_files(environ, faults)
    env = _Given(given)
    kinds = typing.get_type_hints(Settings)
    production = given.get(env_name("env")) == "production"
    safe = {"allowed_origins": (), "log_format": "json"} if production else {}
    values = {
        field.name: _read(env, field, kinds[field.name], safe.get(field.name, field.default))
        for field in dataclasses.fields(Settings)
    }
    try:
        env.seal()
    except EnvValidationError as error:
        _merge(faults, typing.cast("Mapping[str, list[str]]", error.error_messages))
    if production:
        _merge(faults, _production_faults(values, faults))
    if faults:
        lines = [f"  {variable}: {' '.join(said)}" for variable, said in sorted(faults.items())]
        raise BadSettings("\n".join(["sessiond cannot start with these settings:", *lines]))
    return Settings(**values)


def unknown(environ: Mapping[str, str]) -> list[str]:
    """Variables with our prefix that mean nothing to us: mostly slips of the pen."""
    fields = dataclasses.fields(Settings)
    known = {env_name(field.name) for field in fields}
    known |= {f"{env_name(field.name)}_FILE" for field in fields if knob_of(field).secret}
    return sorted(word for word in environ if word.startswith(PREFIX) and word not in known)


def development_secret(data_dir: Path) -> str:
    """The token key of this data directory, made at first use and readable by its owner only."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = data_dir / "jwt_secret"
    if not path.exists():
        descriptor, draft = tempfile.mkstemp(dir=data_dir, prefix=".jwt_secret-")
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
        # Whole or not at all, and the first one counts, should two processes start at once.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_text().strip()


def _read(env: Env, field: "dataclasses.Field[Any]", kind: Any, default: Any) -> Any:
    variable, checks = env_name(field.name), knob_of(field).checks()
    if typing.get_origin(kind) is tuple:
        return _read_list(env, variable, checks, default)
    readers = {int: env.int, float: env.float, bool: env.bool, Path: env.path}
    types = [part for part in (kind, *typing.get_args(kind)) if part in readers]
    reader: Any = readers[types[0]] if types else env.str
    return reader(variable, default, validate=checks)


def _read_list(env: Env, variable: str, checks: list[Any], default: Any) -> Any:
    def each(values: list[str]) -> None:
        for value in values:
            for check in checks:
                check(value.strip())

    found = env.list(variable, default, subcast=str, validate=each)
    return None if found is None else tuple(value.strip() for value in found)


def _with_secret_files(
    environ: Mapping[str, str], faults: dict[str, list[str]]
) -> Mapping[str, str]:
    """The environment with the content of <NAME>_FILE in the place of each secret <NAME>."""
    given = dict(environ)
    for field in dataclasses.fields(Settings):
        variable = env_name(field.name)
        path = environ.get(f"{variable}_FILE")
        if not path or not knob_of(field).secret:
            continue
        if environ.get(variable):
            faults[f"{variable}_FILE"] = [f"Set this or {variable}, not both."]
            continue
        try:
            given[variable] = Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            faults[f"{variable}_FILE"] = [f"Cannot read {path}: {reason}."]
    return given


def _production_faults(
    values: Mapping[str, Any], known: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    if not values["jwt_secret"]:
        faults["jwt_secret"] = ["Required in production."]
    if not values["allow_embedded"]:
        for store in ("mongo_url", "redis_url"):
            if not values[store]:
                faults[store] = [f"Required in production, or set {PREFIX}ALLOW_EMBEDDED=1."]
    if (values["jwks_url"] or "").startswith("http:"):
        faults["jwks_url"] = ["Must start with https:// in production."]
    named = {env_name(field): messages for field, messages in faults.items()}
    return {
        variable: messages
        for variable, messages in named.items()
        if variable not in known and f"{variable}_FILE" not in known
    }


def _merge(faults: dict[str, list[str]], found: Mapping[str, list[str]]) -> None:
    for variable, messages in found.items():
        faults.setdefault(variable, []).extend(str(message) for message in messages)


def _masked(field: str, value: object) -> str:
    if field == "jwt_secret":
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
