"""Commands of operators that need the stores."""

import argparse
import getpass
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from domain.access import ADMIN, SERVICE, USER
from domain.accounts import accept_email, accept_password
from handlers.operator_books import verify_ledger
from handlers.operator_leaderboards import rebuild_leaderboards
from handlers.operator_seed import seed
from handlers.output import say
from handlers.passwords import Passwords
from realtime.views import session_view
from storage.mongo.client import Mongo
from storage.mongo.indexes import ensure_indexes
from storage.mongo.sessions import Sessions
from storage.mongo.timelines import Timelines
from storage.mongo.users import Users
from storage.redis.client import connect
from storage.redis.keys import Keys
from storage.redis.outbox import Entry, Outbox
from storage.redis.sessions import SessionStore

if TYPE_CHECKING:
    from config.settings import Settings


async def create_user(asked: argparse.Namespace, settings: "Settings", now_ms: int) -> int:
    """Create an account with the roles asked for."""
    email = accept_email(asked.email)
    password = accept_password(asked.password or getpass.getpass("Password: "))
    roles = {USER}
    roles |= {role for role in (ADMIN, SERVICE) if getattr(asked, role)}
    mongo = _mongo(settings)
    passwords = Passwords()
    try:
        await mongo.require_transactions()
        await ensure_indexes(mongo.db)
        user = await Users(mongo.db, lambda: now_ms).create(
            email=email,
            password_hash=await passwords.hash(password),
            name=asked.name,
            roles=sorted(roles),
            pro=asked.pro,
        )
    finally:
        passwords.close()
        mongo.close()
    say(f"{user.id}  {email}  {' '.join(sorted(roles))}{'  pro' if asked.pro else ''}")
    return 0


async def inspect(asked: argparse.Namespace, settings: "Settings", now_ms: int) -> int:
    """Print what both stores know of a session: its state, its timeline, its record."""
    mongo = _mongo(settings)
    redis = connect(str(settings.redis_url))
    store = SessionStore(redis, Keys(settings.redis_prefix, settings.redis_shards))
    try:
        session = await store.find(asked.session_id)
        events = [] if session is None else await store.events(session.user_id, session.id)
        timeline = [json.loads(event) for event in events]
        if not timeline:
            timeline = await Timelines(mongo.db).told(asked.session_id)
        document = await Sessions(mongo.db, lambda: now_ms).get(asked.session_id)
    finally:
        await redis.aclose()
        mongo.close()
    if session is None and document is None:
        sys.stderr.write(f"sessiond: no session {asked.session_id} in Redis or MongoDB\n")
        return 1
    told: dict[str, Any] = {
        "user_id": session.user_id if session else (document or {}).get("user_id"),
        "redis": session and session_view(session, now_ms),
        "timeline": timeline,
        "mongo": document,
    }
    say(json.dumps(told, indent=2, ensure_ascii=False, default=str))
    return 0


async def outbox(asked: argparse.Namespace, settings: "Settings", now_ms: int) -> int:
    """List what waits for MongoDB; put a dead letter back or forget it."""
    redis = connect(str(settings.redis_url))
    keys = Keys(settings.redis_prefix, settings.redis_shards)
    box = Outbox(redis, redis, keys, finished_ttl_ms=settings.finished_ttl_s * 1000)
    try:
        if asked.verb == "list":
            for state, dead in (("waiting", False), ("dead", True)):
                for entry in await box.listing(dead=dead, count=asked.limit):
                    say(_line(state, entry))
            return 0
        act = box.retry if asked.verb == "retry" else box.drop
        if await act(asked.dead_id):
            return 0
    finally:
        await redis.aclose()
    sys.stderr.write(f"sessiond: there is no dead letter {asked.dead_id}\n")
    return 1


def _line(state: str, entry: Entry) -> str:
    reason = entry.fields.get("reason", "")
    return f"{state}\t{entry.entry_id}\t{entry.session_id or '-'}\t{reason}".rstrip()


def _mongo(settings: "Settings") -> Mongo:
    return Mongo(str(settings.mongo_url), settings.mongo_db)


COMMANDS: Mapping[str, Callable[[argparse.Namespace, "Settings", int], Awaitable[int]]] = {
    "create-user": create_user,
    "inspect": inspect,
    "outbox": outbox,
    "rebuild-leaderboards": rebuild_leaderboards,
    "seed": seed,
    "verify-ledger": verify_ledger,
}
