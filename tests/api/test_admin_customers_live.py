"""Customer sessions as they change, on the sockets of operators."""

import pytest

from config.settings import Settings
from tests.engines import until
from tests.fakes import DrivenClock
from tests.watching import watched

pytestmark = pytest.mark.kept_database


@pytest.mark.gen_test
async def test_the_list_updates_by_itself(settings: Settings, clock: DrivenClock) -> None:
    async with watched(settings, clock) as node:
        tokens = node.node.services.tokens
        admin = tokens.issue("root", ["admin"], "of root", clock()).access
        root = await node.socket("root", token=admin)
        eve = await node.socket("eve")
        refused = await eve.ask({"type": "watch", "list": "customer-sessions"})
        watching = await root.ask({"type": "watch", "list": "customer-sessions"})
        visit = await node.node.services.customers.start("ada")
        clock.advance(90_000)
        await node.node.services.customers.end("ada", visit.session_id)
        begun, ended = [await root.next("customer_session") for _ in range(2)]

        assert (refused["type"], refused["code"]) == ("error", "forbidden")
        assert (watching["type"], watching["list"]) == ("ack", "customer-sessions")
        assert (begun["event"], begun["rev"], begun["session"]["is_active"]) == ("started", 1, True)
        assert (ended["event"], ended["rev"]) == ("completed", 2)
        assert ended["session"]["duration_minutes"] == 1.5
        assert ended["session"]["user"] == "ada"


@pytest.mark.gen_test
async def test_who_is_no_operator_any_more_sees_no_more_of_it(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        tokens, customers = node.node.services.tokens, node.node.services.customers
        admin = tokens.issue("root", ["admin"], "of root", clock()).access
        plain = tokens.issue("root", ["user"], "of root", clock()).access
        demoted, silent, witness = [await node.socket("root", token=admin) for _ in range(3)]
        for socket in (demoted, silent, witness):
            await socket.ask({"type": "watch", "list": "customer-sessions"})
        await demoted.ask({"type": "refresh", "token": plain})
        await silent.ask({"type": "unwatch", "list": "customer-sessions"})
        visit = await customers.start("ada")
        told = await witness.next("customer_session")
        for socket in (demoted, silent):
            socket.say({"type": "ping"})
            # Answers come after all that was told before; nothing was.
            assert (await socket.next())["type"] == "pong"

        assert told["session"]["session_id"] == visit.session_id


@pytest.mark.gen_test
async def test_watchers_are_told_when_they_may_have_missed_something(
    settings: Settings, clock: DrivenClock
) -> None:
    async with watched(settings, clock) as node:
        admin = node.node.services.tokens.issue("root", ["admin"], "of root", clock()).access
        root = await node.socket("root", token=admin)
        await root.ask({"type": "watch", "list": "customer-sessions"})
        async with node.redis() as redis:
            await redis.client_kill_filter(_type="pubsub")
        told = [await root.next("reload") for _ in range(2)]

        # Each at a time of its own, or all would read at once.
        assert {frame["list"] for frame in told} == {"customer-sessions", "news"}
        assert all(0 <= frame["in_ms"] < 5_000 for frame in told)

        async def connected() -> bool:
            return not node.node.node.readiness()

        await until(connected, "the subscription is back")
