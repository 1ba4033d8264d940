"""Notices reach every browser of their user, once, whichever node is alive to bring them."""

import asyncio
import dataclasses
from typing import Any

import pytest

from config.settings import Settings
from domain.errors import Unavailable
from domain.notices import LIFE_MS
from realtime import notifying
from realtime.notifying import LEASE_MS, PAUSE_MS, TRIES_MAX, Result, Sent
from storage.mongo.client import Mongo
from storage.mongo.notices import Notices, add_notice
from storage.mongo.push_subscriptions import FAILURES_MAX, PushSubscriptions
from storage.mongo.transactions import Transactions
from tests.engines import until
from tests.fakes import DrivenClock
from tests.faultproxy import FaultProxy
from tests.notifiers import AGAIN, DELIVERED, Courier, Notifier, notice, notifier

SECOND, MINUTE = 1_000, 60_000


async def has_served(node: Notifier) -> bool:
    """The first notice has reached some browser, and that is known."""
    return bool((await node.kept())[0].get("settled"))


@pytest.mark.gen_test
async def test_a_notice_reaches_all_browsers_of_its_user_and_nobody_else(
    settings: Settings, clock: DrivenClock
) -> None:
    async with notifier(settings, clock) as node:
        await node.subscribe("ada", "phone", "laptop")
        await node.subscribe("bob", "bobs")
        await node.push.notices.add(notice(clock()), key="k")
        for _ in range(3):
            await node.work()
            clock.advance(MINUTE)

        assert sorted(node.courier.sent) == [("laptop", "hello"), ("phone", "hello")]
        assert node.courier.messages[0].ttl_s == LIFE_MS["reminder"] // 1000
        assert dict(node.counts.pushes) == {"delivered": 2}
        (kept,) = await node.kept()
        assert ("next_at" in kept, "claim" in kept) == (False, False)


@pytest.mark.gen_test
async def test_a_notice_is_sent_neither_before_it_is_due_nor_after_it_has_expired(
    settings: Settings, clock: DrivenClock
) -> None:
    async with notifier(settings, clock) as node:
        await node.subscribe("ada", "phone")
        await node.push.notices.add(notice(clock() + SECOND, title="soon"), key="soon")
        await node.push.notices.add(notice(clock() - LIFE_MS["reminder"]), key="past")
        await node.work()
        early = list(node.courier.sent)
        clock.advance(SECOND)
        await node.work()

        assert (early, node.courier.sent) == ([], [("phone", "soon")])
        assert node.counts.expired == 1


@pytest.mark.gen_test
async def test_many_nodes_share_the_work_and_nobody_is_told_twice(
    settings: Settings, clock: DrivenClock
) -> None:
    courier = Courier()
    async with (
        notifier(settings, clock, courier) as one,
        notifier(settings, clock, courier) as two,
        notifier(settings, clock, courier) as three,
    ):
        nodes = (one, two, three)
        await one.subscribe("ada", "phone", "laptop")
        await asyncio.gather(
            *(nodes[n % 3].push.notices.add(notice(clock(), title=f"{n // 3}"), key=f"{n // 3}")
              for n in range(120))
        )  # fmt: skip
        await asyncio.gather(*(node.work() for node in nodes))

        told = [(name, str(n)) for n in range(40) for name in ("laptop", "phone")]
        assert sorted(courier.sent) == sorted(told)


@pytest.mark.gen_test
async def test_what_a_dead_node_had_taken_is_brought_by_another_after_the_lease(
    settings: Settings, clock: DrivenClock
) -> None:
    courier = Courier(held={"laptop": asyncio.Event()})
    async with notifier(settings, clock) as living:
        async with notifier(settings, clock, courier) as dying:
            await dying.subscribe("ada", "phone", "laptop")
            await dying.push.notices.add(notice(clock()), key="k")
            await dying.notifying.deliver_due()
            await courier.waiting.wait()
            await until(lambda: has_served(dying), "it is written down that the phone has it")
        await living.work()
        early = list(living.courier.sent)
        clock.advance(LEASE_MS)
        await living.work()

        assert sorted(courier.sent) == [("laptop", "hello"), ("phone", "hello")]
        assert (early, living.courier.sent) == ([], [("laptop", "hello")])


@pytest.mark.gen_test
async def test_who_comes_back_after_its_lease_changes_nothing_any_more(
    settings: Settings, clock: DrivenClock
) -> None:
    async with notifier(settings, clock) as node:
        await node.push.notices.add(notice(clock()), key="k")
        late = await node.push.notices.claim(LEASE_MS)
        clock.advance(LEASE_MS)
        current = await node.push.notices.claim(LEASE_MS)
        assert late is not None
        assert current is not None
        await node.push.notices.postpone(late, clock())
        await node.push.notices.finish(late)

        (kept,) = await node.kept()
        assert (kept["claim"], kept["tries"]) == (current.claim, 0)


@pytest.mark.gen_test
async def test_what_may_work_later_is_tried_again_in_growing_pauses(
    settings: Settings, clock: DrivenClock
) -> None:
    async with notifier(settings, clock) as node:
        await node.subscribe("ada", "phone", "laptop")
        node.courier.outcomes["phone"] = [AGAIN, AGAIN, AGAIN, DELIVERED]
        began = clock()
        await node.push.notices.add(notice(began), key="k")
        for _ in range(40):
            await node.work()
            clock.advance(SECOND)

        of_phone = [
            at - began
            for at, (name, _) in zip(node.courier.times, node.courier.sent, strict=True)
            if name == "phone"
        ]
        assert of_phone == [0, 5 * SECOND, 15 * SECOND, 35 * SECOND]
        assert len(node.courier.sent) == 5
        assert dict(node.counts.pushes) == {"delivered": 2, "again": 3}


@pytest.mark.gen_test
async def test_a_push_service_is_left_alone_for_as_long_as_it_asks(
    settings: Settings, clock: DrivenClock
) -> None:
    async with notifier(settings, clock) as node:
        await node.subscribe("ada", "phone")
        node.courier.outcomes["phone"] = [Sent(Result.AGAIN, 120)]
        await node.push.notices.add(notice(clock()), key="k")
        await node.work()
        clock.advance(119 * SECOND)
        await node.work()
        early = len(node.courier.sent)
        clock.advance(SECOND)
        await node.work()

        assert (early, len(node.courier.sent)) == (1, 2)


@pytest.mark.gen_test
async def test_tries_end_with_the_notice_and_count_against_the_browser(
    settings: Settings, clock: DrivenClock
) -> None:
    async with notifier(settings, clock) as node:
        await node.subscribe("ada", "phone")
        node.courier.outcomes["phone"] = [AGAIN] * 1_000
        await node.push.notices.add(notice(clock()), key="k")
        for _ in range(3 * 60):
            await node.work()
            clock.advance(MINUTE)

        (kept,) = await node.kept()
        (phone,) = await node.db["push_subscriptions"].find().to_list(None)
        assert "next_at" not in kept
        assert max(node.courier.times) < notice(node.courier.times[0]).expires_at
        assert 10 < len(node.courier.sent) < 30
        assert (phone["failures"], node.counts.expired) == (1, 1)


@pytest.mark.gen_test
async def test_a_browser_that_is_gone_is_forgotten_at_once(
    settings: Settings, clock: DrivenClock
) -> None:
    async with notifier(settings, clock) as node:
        await node.subscribe("ada", "phone", "laptop")
        node.courier.outcomes["phone"] = [Sent(Result.GONE)]
        await node.push.notices.add(notice(clock()), key="k")
        await node.work()

        assert await node.names("ada") == ["laptop"]


@pytest.mark.gen_test
async def test_a_browser_that_is_refused_again_and_again_is_forgotten_in_the_end(
    settings: Settings, clock: DrivenClock
) -> None:
    refused: list[Sent | Exception] = [Sent(Result.REFUSED)] * (FAILURES_MAX - 1)
    async with notifier(settings, clock) as node:
        await node.subscribe("ada", "phone")
        node.courier.outcomes["phone"] = [*refused, DELIVERED, *refused, Sent(Result.REFUSED)]
        present = []
        for number in range(2 * FAILURES_MAX):
            await node.push.notices.add(notice(clock()), key=f"{number}")
            await node.work()
            present.append(await node.names("ada"))

        assert present == [["phone"]] * (2 * FAILURES_MAX - 1) + [[]]


@pytest.mark.gen_test
async def test_a_notice_that_is_none_and_a_sender_that_breaks_hold_up_nobody(
    settings: Settings, clock: DrivenClock
) -> None:
    async with notifier(settings, clock) as node:
        await node.subscribe("ada", "phone")
        await node.subscribe("bob", "bobs")
        node.courier.outcomes["phone"] = [RuntimeError("a bug")] * 3
        await node.push.notices.add(notice(clock()), key="of ada")
        (good,) = await node.kept()
        broken: list[dict[str, Any]] = [
            {"_id": "empty", "next_at": good["next_at"]},
            {**good, "_id": "no kind", "due_at": "soon"},
            {**good, "_id": "too long", "body": "x" * 9_999},
        ]
        await node.db["notices"].insert_many(broken)
        await node.push.notices.add(notice(clock(), "bob"), key="of bob")
        await node.work()
        first = list(node.courier.sent)
        for _ in range(60):
            clock.advance(PAUSE_MS[1])
            await node.work()

        # The first one of ada's that is tried meets the bug; the broken ones are none at all.
        assert sorted(first) == [("bobs", "hello"), ("phone", "hello")]
        assert node.courier.sent[-1] == ("phone", "hello")
        kept = {one["_id"]: one for one in await node.kept()}
        assert kept["of ada"]["tries"] == 3
        assert all("next_at" not in one for one in kept.values())
        assert kept["empty"]["tries"] == TRIES_MAX


@pytest.mark.gen_test
async def test_a_push_service_that_does_not_answer_holds_up_no_other_notice(
    settings: Settings, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "AT_ONCE", 2)
    held = asyncio.Event()
    async with notifier(settings, clock, Courier(held={"slow": held})) as node:
        await node.subscribe("ada", "slow")
        await node.subscribe("bob", "bobs")
        await node.push.notices.add(notice(clock() - 1), key="first")
        for number in range(5):
            await node.push.notices.add(notice(clock(), "bob"), key=f"{number}")
        await node.notifying.deliver_due()
        assert len(await node.db["notices"].find({"done_at": {"$exists": True}}).to_list(None)) >= 4
        held.set()
        await node.work()

        assert sorted(node.courier.sent) == [("bobs", "hello")] * 5 + [("slow", "hello")]


@pytest.mark.gen_test
async def test_a_node_that_goes_takes_no_more_and_ends_what_it_has_begun(
    settings: Settings, clock: DrivenClock
) -> None:
    held = asyncio.Event()
    async with notifier(settings, clock, Courier(held={"phone": held})) as node:
        await node.subscribe("ada", "phone")
        await node.push.notices.add(notice(clock()), key="begun")
        await node.notifying.deliver_due()
        await node.courier.waiting.wait()
        await node.notifying.rest(0.01)
        resting = asyncio.ensure_future(node.notifying.rest(10))
        await node.push.notices.add(notice(clock()), key="late")
        await node.notifying.deliver_due()
        held.set()
        await resting

        begun, late = await node.kept()
        assert ("next_at" in begun, "next_at" in late) == (False, True)
        assert len(node.courier.sent) == 1


@pytest.mark.gen_test
async def test_a_key_lets_a_notice_in_once_also_after_it_was_sent(
    settings: Settings, clock: DrivenClock
) -> None:
    async with notifier(settings, clock) as node:
        await node.subscribe("ada", "phone")
        for _ in range(3):
            await node.push.notices.add(notice(clock()), key="k")
            await node.work()
        await asyncio.gather(
            *(add_notice(node.db, notice(clock(), title="x"), key="new") for _ in range(8))
        )
        await node.work()

        assert node.courier.sent == [("phone", "hello"), ("phone", "x")]


@pytest.mark.gen_test
async def test_in_a_transaction_a_notice_is_added_if_that_commits_and_never_breaks_it(
    settings: Settings, clock: DrivenClock
) -> None:
    async with notifier(settings, clock) as node:
        transactions = Transactions(node.mongo, 5.0)
        wins = asyncio.Queue[str]()

        async def book(name: str, *, fails: bool = False) -> None:
            async def work(transaction: Any) -> None:
                await node.db["ledger"].insert_one({"_id": name}, session=transaction)
                told = notice(clock(), title=name)
                await add_notice(node.db, told, key="k", transaction=transaction)
                if fails:
                    raise Unavailable("not today")

            await transactions.run(work)
            await wins.put(name)

        with pytest.raises(Unavailable):
            await book("undone", fails=True)
        none = await node.kept()
        # All of them want the same key at the same moment.
        await asyncio.gather(*(book(f"b-{n}") for n in range(5)))
        await book("later")

        assert none == []
        assert wins.qsize() == 6
        assert await node.db["ledger"].count_documents({}) == 6
        assert len(await node.kept()) == 1


@pytest.mark.parametrize("outcome", [DELIVERED, RuntimeError("a bug")])
@pytest.mark.gen_test(timeout=20)
async def test_what_could_not_be_written_down_is_sent_again_after_the_lease(
    settings: Settings, clock: DrivenClock, outcome: Sent | Exception
) -> None:
    proxy, held = FaultProxy(str(settings.mongo_url)), asyncio.Event()
    async with proxy.listening():
        url = f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true"
        behind = dataclasses.replace(settings, mongo_url=url)
        async with notifier(behind, clock, Courier(held={"phone": held})) as node:
            node.courier.outcomes["phone"] = [outcome]
            await node.subscribe("ada", "phone")
            await node.push.notices.add(notice(clock()), key="k")
            await node.notifying.deliver_due()
            await node.courier.waiting.wait()
            proxy.refuse()
            held.set()
            await asyncio.gather(*node.tasks.spawned)
            proxy.heal()
            await node.work()
            early = len(node.courier.sent)
            clock.advance(LEASE_MS)
            await node.work()

            assert (early, len(node.courier.sent)) == (1, 2)
            assert "next_at" not in (await node.kept())[0]
            assert node.tasks.failures == 0


@pytest.mark.gen_test
async def test_everything_says_to_come_back_later_while_mongodb_is_away(
    clock: DrivenClock,
) -> None:
    mongo = Mongo("mongodb://127.0.0.1:1/?replicaSet=rs0", "absent")
    notices, subscriptions = Notices(mongo.db, clock), PushSubscriptions(mongo.db, clock)
    calls = (
        notices.add(notice(clock()), key="k"),
        notices.claim(LEASE_MS),
        subscriptions.of_user("ada"),
        subscriptions.remove("ada", "https://fcm.googleapis.com/x"),
    )
    failures = await asyncio.gather(*calls, return_exceptions=True)
    mongo.close()

    assert [type(failure) for failure in failures] == [Unavailable] * len(calls)
