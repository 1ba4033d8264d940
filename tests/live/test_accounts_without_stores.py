"""Accounts while a store is away."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from domain.access import Caller
from domain.errors import Unavailable
from handlers.provision import PAUSE_MS, Provisioner
from storage.mongo.client import Mongo
from storage.mongo.refresh import RefreshFamilies
from storage.mongo.users import Users
from storage.redis.revoked import RevokedTokens
from tests.fakes import DrivenClock
from tests.signed_up import running_edge
from tests.stores import Stores, settings_on

NOWHERE = "mongodb://127.0.0.1:1/?replicaSet=rs0"
BASE = "/api/v1/authentication"
LOGIN = {"email": "ada@example.com", "password": "correct horse"}
CALLER = Caller(user_id="ada", roles=frozenset({"user"}), token_id="t", family="f", expires_at_ms=0)


class AbsentUsers(Users):
    """Users out of reach, without the wait; they count how often they are asked."""

    asked = 0

    async def provision(self, user_id: str) -> None:
        self.asked += 1
        raise Unavailable(f"{user_id} cannot be added now")


async def failure(call: Coroutine[Any, Any, object]) -> type[BaseException] | None:
    try:
        await call
    except Unavailable as error:
        return type(error)
    return None


@pytest.mark.gen_test
async def test_every_call_says_to_come_back_later(clock: DrivenClock) -> None:
    mongo = Mongo(NOWHERE, "absent")
    users, families = Users(mongo.db, clock), RefreshFamilies(mongo.db)
    failures = await asyncio.gather(
        failure(users.get("ada")),
        failure(users.create(email="ada@example.com", password_hash="x")),
        failure(users.provision("ada")),
        failure(users.update_profile("ada", {"name": "Ada"})),
        failure(families.rotate("f", "a", "b", now_ms=1, expires_at_ms=2)),
        failure(mongo.ping()),
        failure(mongo.require_transactions()),
    )
    mongo.close()

    assert set(failures) == {Unavailable}


@pytest.mark.gen_test
async def test_requests_do_not_wait_for_an_absent_store_one_by_one(clock: DrivenClock) -> None:
    mongo = Mongo(NOWHERE, "absent")
    users = AbsentUsers(mongo.db, clock)
    provisioner = Provisioner(users, clock)
    for _ in range(20):
        await provisioner.ensure(CALLER)
    assert users.asked == 1

    clock.advance(PAUSE_MS)
    await provisioner.ensure(CALLER)
    mongo.close()
    assert users.asked == 2


@pytest.mark.gen_test
async def test_a_revocation_that_is_not_stored_is_not_acknowledged() -> None:
    redis = Redis.from_url("redis://127.0.0.1:1", retry=Retry(NoBackoff(), 0))
    revoked = RevokedTokens(redis, "absent")

    assert await failure(revoked.add("f", expires_at_ms=2, now_ms=1)) is Unavailable
    assert await failure(revoked.load(1)) is Unavailable
    await redis.aclose()


@pytest.mark.gen_test(timeout=30)
async def test_a_killed_store_is_a_503_that_may_be_repeated(
    own_stores: Stores, tmp_path: Path
) -> None:
    assert own_stores.embedded.mongod is not None
    async with running_edge(settings_on(own_stores, tmp_path)) as edge:
        token = (await edge.register())["access"]
        own_stores.embedded.mongod.kill()
        answers = await asyncio.gather(
            edge.ask("POST", f"{BASE}/login/", LOGIN),
            edge.ask("POST", f"{BASE}/register/", {**LOGIN, "email": "eve@example.com"}),
            edge.ask("GET", f"{BASE}/me/", token=token),
            edge.ask("POST", f"{BASE}/logout/", token=token),
            edge.ask("GET", "/api/v1/goals/", token=token),
            edge.ask("POST", "/api/v1/goals/", {"title": "Walk"}, token=edge.token("eve")),
        )

    assert {answer.status for answer in answers} == {503}
    assert {answer.body["code"] for answer in answers} == {"unavailable"}
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in answers)
