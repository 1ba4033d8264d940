"""docs/redis.md, the code, and what a real Redis holds after a real session say the same."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest
from redis.asyncio import Redis
from tornado.ioloop import IOLoop

from config.settings import Settings
from domain.commands import Complete
from domain.transitions import begin, decide
from handlers.cli import redis_schema
from handlers.limits import Limiter
from handlers.metrics import Metrics
from realtime.analysing import Request
from storage.redis.codec import session_fields
from storage.redis.commits import Commit
from storage.redis.keys import CATALOGUE, SCHEMA, Keys
from storage.redis.outbox import Outbox
from storage.redis.sessions import SessionStore
from tests import reviewing
from tests.completions_stub import ChatStub, chat_stub
from tests.engines import until
from tests.fakes import DrivenClock
from tests.learner import enrolled
from tests.person import Person, Site, open_site
from tests.timed import START, timed

TEXT: Final = (Path(__file__).parents[2] / "docs" / "redis.md").read_text(encoding="utf-8")
PUBSUB: Final = "pub/sub"
PATIENCE_S: Final = 10.0
KINDS: Final = ("settled", "revoked", "news", "analysis")
"""Published messages by the member that they are known by, besides transitions."""


def rows(name: str) -> list[tuple[str, ...]]:
    """The cells of the table that follows the marker of this name."""
    _, found, rest = TEXT.partition(f"<!-- table: {name} -->\n")
    assert found, f"docs/redis.md has no table {name}"
    lines = rest.partition("\n\n")[0].splitlines()[2:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


def names(table: str) -> set[str]:
    """What stands between back-ticks in the first column."""
    return {row[0].strip("`") for row in rows(table)}


def documented_keys() -> dict[str, str]:
    """Key pattern → type."""
    return {row[0].strip("`"): row[1] for row in rows("keys")}


def pattern_of(key: str, prefix: str) -> str:
    """The one documented pattern that fits the key."""
    fitting = [
        pattern
        for pattern, kind in documented_keys().items()
        if kind != PUBSUB and matcher(pattern, prefix).fullmatch(key)
    ]
    assert len(fitting) == 1, f"{key} fits {fitting}"
    return fitting[0]


def matcher(pattern: str, prefix: str) -> re.Pattern[str]:
    parts = re.split(r"(\{s\}|<[^>]+>)", pattern.replace("sessiond:", f"{prefix}:", 1))
    return re.compile(
        "".join(
            r"\{\d+\}" if part == "{s}" else ".+" if part.startswith("<") else re.escape(part)
            for part in parts
        )
    )


@dataclass(kw_only=True)
class Seen:
    """What a watcher of Redis found while a session was played."""

    keys: dict[str, str] = field(default_factory=dict)
    hashes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    events: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    messages: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    async def look(self, redis: Any, prefix: str) -> None:
        """Take in everything that is under the prefix right now."""
        async for key in redis.scan_iter(f"{prefix}:*", count=1000):
            kind = await redis.type(key)
            if kind == "hash":
                self.hashes.append((pattern_of(key, prefix), await redis.hgetall(key)))
            if kind == "stream" and ":events:" in key:
                self.events += await redis.xrange(key)
            if kind != "none":  # it has expired since
                self.keys[key] = kind

    def fields(self, pattern: str) -> set[str]:
        """The fields of all hashes under keys of this pattern."""
        return {name for found, held in self.hashes if found == pattern for name in held}

    def values(self, pattern: str) -> list[str]:
        """The values in all hashes under keys of this pattern."""
        return [text for found, held in self.hashes if found == pattern for text in held.values()]

    def told(self, member: str) -> list[set[str]]:
        """The members of each message that has this one."""
        return [set(body) for _, body in self.messages if member in body]


@asynccontextmanager
async def listening(redis: Any, prefix: str, seen: Seen) -> AsyncIterator[None]:
    """Keep what is published on any channel of the prefix."""
    async with redis.pubsub() as pubsub:
        await pubsub.psubscribe(f"{prefix}:*")
        await pubsub.get_message(timeout=PATIENCE_S)
        yield
        await redis.publish(f"{prefix}:end", "{}")
        async with asyncio.timeout(PATIENCE_S):
            async for message in pubsub.listen():
                if message["channel"] == f"{prefix}:end":
                    return
                seen.messages.append((message["channel"], json.loads(message["data"])))


async def play(site: Site, redis: Any, seen: Seen) -> None:
    """Start, change, complete and log out, looking at Redis in between."""
    prefix = site.settings.redis_prefix
    person = site.person("u-1")
    path = await person.start(device_platform="web")
    await seen.look(redis, prefix)
    for command in ("pause", "resume", "distraction"):
        site.clock.advance(1_000)
        answer = await person.post(f"{path}{command}/", {"cmd_id": command})
        assert answer.status == 200, answer
    await seen.look(redis, prefix)
    await person.complete(path)
    await join(person)
    learner = await enrolled(person)
    await learner.reflect(1)
    await learner.week(1)
    await person.get("/api/v1/focus/programs/")
    await seen.look(redis, prefix)
    await log_out(person)
    await seen.look(redis, prefix)


async def analyse(site: Site, model: ChatStub, redis: Any, seen: Seen) -> None:
    """Ask for two analyses, of which the one worker has to let one wait."""
    model.mode = "slow"
    for _ in range(2):
        review = await reviewing.begin(site)
        await review.answer_all()
        await site.node.services.analyses.trigger(
            review.id, None, Request(review_id=review.id, session_id=None, materials=())
        )
    await asyncio.wait_for(model.opened.wait(), PATIENCE_S)
    await seen.look(redis, site.settings.redis_prefix)
    model.released.set()


async def join(person: Person) -> None:
    """Take part in leaderboards, once the node has built them."""
    answer = await person.ask("PATCH", "/api/v1/authentication/me/", {"leaderboard": True})
    assert answer.status == 200, answer

    async def built() -> bool:
        return (await person.get("/api/v1/leaderboards/")).status == 200

    await until(built, "leaderboards")


async def log_out(person: Person) -> None:
    answer = await person.post("/api/v1/authentication/logout/", {})
    assert answer.status == 204, answer


async def undeliverable(redis: Any, site: Site) -> None:
    """Leave an outbox entry that nobody can read, and wait until it has been given up on."""
    keys = site.node.parts.keys.all_shards()[0]
    await redis.xadd(keys.outbox, {"id": "broken", "record": "{}"})
    assert await redis.xread({keys.dead: "0"}, block=int(PATIENCE_S * 1000))
    (entry,) = await site.node.parts.outbox.listing(dead=True)
    await site.node.parts.outbox.failed(entry)


@pytest.fixture
def seen(settings: Settings, clock: DrivenClock, io_loop: IOLoop) -> Seen:
    """What one played session left in Redis and told over it."""
    found = Seen()

    async def watch() -> None:
        redis: Any = Redis.from_url(str(settings.redis_url), decode_responses=True)
        prefix = settings.redis_prefix
        async with (
            chat_stub() as model,
            open_site(
                replace(
                    settings,
                    outbox_attempts=1,
                    llm_url=model.url,
                    llm_model="m",
                    analysis_workers=1,
                ),
                clock,
            ) as site,
            listening(redis, prefix, found),
        ):
            await play(site, redis, found)
            await analyse(site, model, redis, found)
            await undeliverable(redis, site)
            await count_a_request(settings, clock)
            await found.look(redis, prefix)
        await redis.aclose()

    io_loop.run_sync(watch)
    return found


async def count_a_request(settings: Settings, clock: DrivenClock) -> None:
    limiter = Limiter(
        redis_url=str(settings.redis_url),
        prefix=settings.redis_prefix,
        user="5/minute",
        address="",
        named={},
        clock=clock,
        metrics=Metrics(),
    )
    await limiter.check_user("u-1")
    await limiter.close()


def test_the_keys_of_the_document_are_those_of_the_code() -> None:
    written = [(row[0].strip("`"), *row[1:]) for row in rows("keys")]

    assert written == [
        (pattern.format(p="sessiond"), *described) for pattern, described in CATALOGUE.items()
    ]
    assert redis_schema("sessiond").partition("\n\n")[2] in TEXT
    assert f"schema version **{SCHEMA}**" in TEXT


def test_every_key_in_redis_is_documented_with_its_type_and_every_documented_one_occurs(
    seen: Seen, settings: Settings
) -> None:
    found = {pattern_of(key, settings.redis_prefix): kind for key, kind in seen.keys.items()}

    kept = {name: kind for name, kind in documented_keys().items() if kind != PUBSUB}
    assert found == kept


def test_the_fields_of_session_and_node_are_those_documented(seen: Seen) -> None:
    assert seen.fields("sessiond:{s}:session:<id>") == names("session")
    assert seen.fields("sessiond:node:<id>") == names("node")


def test_the_members_of_events_and_answers_are_those_documented(seen: Seen) -> None:
    answers = [json.loads(answer) for answer in seen.values("sessiond:{s}:commands:<id>")]
    events = [json.loads(entry["event"]) for _, entry in seen.events]

    assert answers
    assert all(set(answer) == names("answer") for answer in answers)
    assert {event["event"] for event in events} >= {"started", "paused", "resumed", "completed"}
    assert all(set(event) == names("event") for event in events)
    assert all(set(entry) == {"rev", "event"} for _, entry in seen.events)
    assert all(entry_id == f"{entry['rev']}-0" for entry_id, entry in seen.events)


def test_what_is_published_is_documented_member_by_member(seen: Seen, settings: Settings) -> None:
    documented = [name for name, kind in documented_keys().items() if kind == PUBSUB]
    channels = [matcher(channel, settings.redis_prefix) for channel in documented]
    used = {name for name, _ in seen.messages}
    transitions = [body for _, body in seen.messages if "event" in body]

    assert all(any(one.fullmatch(name) for name in used) for one in channels)
    assert all(any(one.fullmatch(name) for one in channels) for name in used)
    kinds = {"transition": "state"} | {name: name for name in KINDS}
    for table, telling in kinds.items():
        assert seen.told(telling), table
        assert all(members == names(table) for members in seen.told(telling)), table
    assert all(set(body["event"]) == names("event") for body in transitions)
    assert all(set(body["state"]) == set(session_fields(timed())) for body in transitions)


@pytest.mark.gen_test
async def test_outbox_entries_and_dead_letters_are_those_documented(settings: Settings) -> None:
    redis: Any = Redis.from_url(str(settings.redis_url), decode_responses=True)
    keys = Keys(f"{settings.redis_prefix}:nobody")
    store, outbox = SessionStore(redis, keys), Outbox(redis, redis, keys, finished_ttl_ms=1000)
    session = timed()
    ended = decide(session, Complete(), START + 60_000)
    for expected_rev, outcome in ((0, begin(session)), (1, ended)):
        await store.commit(
            Commit(
                session=outcome.session,
                expected_rev=expected_rev,
                token=f"token {expected_rev}",
                now=START,
                event=outcome.event,
            )
        )
    await outbox.ensure_group(keys.shard_of(session.user_id))
    (entry,) = await outbox.listing(dead=False)
    await outbox.bury(entry, "no reason", START)
    (dead,) = await outbox.listing(dead=True)
    await redis.aclose()

    record = json.loads(entry.fields["record"])
    assert set(entry.fields) == names("outbox")
    assert set(dead.fields) == names("dead")
    assert set(record) == names("record")
    assert record["session"] == session_fields(ended.session)
    assert set(record["session"]) < names("session")
