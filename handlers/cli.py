"""The command line of operators: everything but `serve`."""

import argparse
import dataclasses
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from domain.access import ADMIN, SERVICE, USER
from domain.accounts import is_user_id
from domain.errors import NotFound, SessionError, Unavailable
from handlers import operator, vapid
from handlers.output import say
from handlers.tokens import TokenRules, Tokens
from storage.embedded import DataDirBusy
from storage.redis.keys import CATALOGUE, SCHEMA

if TYPE_CHECKING:
    from config.settings import Settings

    Stores = Callable[[Settings], AbstractAsyncContextManager[Settings]]

ENDPOINTS = "endpoints.json"
DEVELOPMENT_USER = "developer"
DEVELOPMENT_TOKEN_S = 86_400
YEAR_S = 366 * 86_400


def parser() -> argparse.ArgumentParser:
    """What can be asked."""
    top = argparse.ArgumentParser("sessiond", description="Server-authoritative timed sessions.")
    commands = top.add_subparsers(dest="command", metavar="command")
    commands.add_parser("serve", help="run a node (the default)")
    commands.add_parser("worker", help="work at analyses, in a process of its own")
    commands.add_parser("config", help="print the effective settings, secrets masked")
    user = commands.add_parser("create-user", help="create an account")
    user.add_argument("email")
    user.add_argument("--name", default="")
    user.add_argument("--password", help="asked for if left out")
    for role in ("admin", "service", "pro"):
        user.add_argument(f"--{role}", action="store_true")
    token = commands.add_parser("token", help="print an access token")
    token.add_argument("user_id", nargs="?", type=_user_id, default=DEVELOPMENT_USER)
    token.add_argument("--role", action="append", choices=[USER, SERVICE, ADMIN], default=[])
    token.add_argument("--ttl", type=_seconds, default=DEVELOPMENT_TOKEN_S, help="seconds")
    inspect = commands.add_parser("inspect", help="show a session, its timeline and its record")
    inspect.add_argument("session_id")
    outbox = commands.add_parser("outbox", help="look after ended sessions not in MongoDB yet")
    verbs = outbox.add_subparsers(dest="verb", required=True, metavar="verb")
    listing = verbs.add_parser("list", help="what waits, and the dead letters")
    listing.add_argument("--limit", type=int, default=100)
    for verb, meaning in (("retry", "put a dead letter back"), ("drop", "forget a dead letter")):
        verbs.add_parser(verb, help=meaning).add_argument("dead_id")
    commands.add_parser(
        "verify-ledger", help="prove that totals, ledger, sessions, days and programs agree"
    )
    for name, meaning in (
        ("seed", "load the built-in activities, programs and questions, as each start does"),
        ("rebuild-leaderboards", "compute the leaderboards anew"),
        ("vapid-key", "print a new pair of keys for web push"),
        ("redis-schema", "print the Redis keys of this version"),
    ):
        commands.add_parser(name, help=meaning)
    return top


def _user_id(text: str) -> str:
    if not is_user_id(text):
        raise argparse.ArgumentTypeError("1 to 128 printable characters")
    return text


def _seconds(text: str) -> int:
    seconds = int(text)
    if not 0 < seconds <= YEAR_S:
        raise argparse.ArgumentTypeError(f"from 1 to {YEAR_S} seconds")
    return seconds


async def run(
    asked: argparse.Namespace, settings: "Settings", stores: "Stores", now_ms: int
) -> int:
    """Carry out a command; returns the exit status. Raises Unavailable."""
    try:
        match asked.command:
            case "config":
                for name, value in settings.masked().items():
                    say(f"{name}={value}")
            case "token":
                say(token(settings, asked.user_id, asked.role or [USER], asked.ttl, now_ms))
            case "vapid-key":
                say(vapid_pair())
            case "redis-schema":
                say(redis_schema(settings.redis_prefix))
            case _:
                async with _opened(settings, stores) as found:
                    return await operator.COMMANDS[asked.command](asked, found, now_ms)
    except Unavailable:
        raise
    except SessionError as error:
        return complain(f"sessiond: {error.detail}", 1)
    return 0


def complain(fault: str, status: int) -> int:
    """Tell on stderr what is wrong; returns the exit status."""
    sys.stderr.write(f"{fault}\n")
    return status


@asynccontextmanager
async def _opened(settings: "Settings", stores: "Stores") -> AsyncIterator["Settings"]:
    """The stores as a command uses them: those of a node that is running, else its own."""
    async with AsyncExitStack() as stack:
        try:
            found = await stack.enter_async_context(stores(settings))
        except DataDirBusy:
            found = _of_running_node(settings)
        yield found


def with_known_stores(settings: "Settings") -> "Settings":
    """The settings with the stores of a running node, where they name none. Raises NotFound."""
    if settings.redis_url is not None and settings.mongo_url is not None:
        return settings
    if not (settings.data_dir / ENDPOINTS).exists():
        raise NotFound(
            "there are no stores to work on: start a node first, or set SESSIOND_REDIS_URL"
            " and SESSIOND_MONGO_URL"
        )
    return _of_running_node(settings)


def _of_running_node(settings: "Settings") -> "Settings":
    told = json.loads((settings.data_dir / ENDPOINTS).read_text())
    return dataclasses.replace(
        settings,
        redis_url=settings.redis_url or told["redis_url"],
        mongo_url=settings.mongo_url or told["mongo_url"],
    )


def token_rules(settings: "Settings", access_ttl_s: int | None = None) -> TokenRules:
    """What the settings say of tokens."""
    return TokenRules(
        secret=settings.jwt_secret,
        algorithms=settings.jwt_algorithms,
        jwks_url=settings.jwks_url,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        access_ttl_s=access_ttl_s or settings.access_ttl_s,
        refresh_ttl_s=settings.refresh_ttl_s,
    )


def token(settings: "Settings", user_id: str, roles: list[str], ttl_s: int, now_ms: int) -> str:
    """An access token for the user, good for `ttl_s` seconds from `now_ms`."""
    rules = token_rules(settings, ttl_s)
    return Tokens(rules).issue(user_id, roles, f"cli-{now_ms}", now_ms).access


def vapid_pair() -> str:
    """A new private key as its setting, and the public key that browsers will see."""
    made = vapid.fresh()
    return f"SESSIOND_VAPID_PRIVATE_KEY={made}\n# public key: {vapid.public_key(made)}"


def banner(settings: "Settings", port: int, now_ms: int) -> str:
    """Where to look, for somebody who has just started a node."""
    host = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else settings.host  # noqa: S104
    base = f"http://{host}:{port}"
    lines = [
        "",
        f"  sessiond is up      {base}/",
        f"  API documents       {base}/api/docs/",
        f"  health, readiness   {base}/healthz  {base}/readyz",
        f"  metrics             {base}/metrics",
        f"  sockets             ws://{host}:{port}/ws/sessions/",
    ]
    if settings.env == "development":
        made = token(settings, DEVELOPMENT_USER, [USER], DEVELOPMENT_TOKEN_S, now_ms)
        lines += [
            "",
            f"  a token of user {DEVELOPMENT_USER!r}, good for a day:",
            "",
            f"TOKEN={made}",
        ]
    return "\n".join([*lines, ""])


def redis_schema(prefix: str) -> str:
    """The keys of this version, as a Markdown table."""
    rows = [f"Redis schema version {SCHEMA}", "", "| key | type | what |", "|---|---|---|"]
    for pattern, (kind, meaning) in CATALOGUE.items():
        rows.append(f"| `{pattern.format(p=prefix)}` | {kind} | {meaning} |")
    return "\n".join(rows)


def remember(settings: "Settings") -> None:
    """Leave the addresses of the embedded stores for commands that come while they run."""
    path = settings.data_dir / ENDPOINTS
    body = {"redis_url": settings.redis_url, "mongo_url": settings.mongo_url}
    path.touch(mode=0o600)
    path.write_text(json.dumps(body))
