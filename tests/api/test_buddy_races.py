"""Buddy sessions that are confirmed by many at once, watched, and forgotten by their people."""

import asyncio
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from config.settings import Settings
from domain.instants import HOUR_MS, iso
from tests.buddies import SESSION, WINDOW_MS, Pair, confirm, pair
from tests.engines import until
from tests.fakes import DrivenClock
from tests.person import Site, open_site
from tests.sockets import Socket


@pytest.fixture
def two(io_loop: IOLoop, site: Site) -> Pair:
    made: Pair = io_loop.run_sync(lambda: pair(site))
    return made


def told(socket: Socket) -> list[tuple[str, int, str]]:
    """What a socket was told of buddy sessions: event, rev, status."""
    return [
        (frame["event"], frame["session"]["rev"], frame["session"]["status"])
        for frame in socket.of_type("buddy")
    ]


async def until_told(socket: Socket, count: int) -> list[tuple[str, int, str]]:
    async def enough() -> bool:
        return len(told(socket)) >= count

    await until(enough, f"{count} frames; there are {socket.messages}")
    return told(socket)


@pytest.mark.gen_test(timeout=30)
async def test_fifty_confirm_at_once_and_two_of_them_count(two: Pair) -> None:
    session_id = await two.begun()
    devices = [two.ada, two.bob] * 25
    answers = await asyncio.gather(*(confirm(one, session_id) for one in devices))

    for person in (two.ada, two.bob):
        mine = [answer for one, answer in zip(devices, answers, strict=True) if one is person]
        assert sorted(answer.status for answer in mine) == [200] + [400] * 24
        refused = [answer.body["reason"] for answer in mine if answer.status == 400]
        assert set(refused) == {"already_confirmed"}
    assert sorted(answer.body["both_confirmed"] for answer in answers if answer.status == 200) == [
        False, True,
    ]  # fmt: skip
    done = await two.seen(session_id)
    assert (done["status"], done["rev"]) == ("completed", 3)
    async with two.site.mongo() as database:
        (kept,) = await database["buddy_sessions"].find().to_list(None)
    assert iso(two.site.clock()) == done["completed_at"]
    assert "closes_at" not in kept


@pytest.mark.gen_test(timeout=30)
async def test_two_nodes_agree_on_who_confirmed(
    settings: Settings, clock: DrivenClock, two: Pair
) -> None:
    session_id = await two.begun()
    async with open_site(settings, clock) as elsewhere:
        devices = [one for _ in range(10) for one in (two.ada, two.bob.at(elsewhere))]
        answers = await asyncio.gather(
            *(confirm(one, session_id, Idempotency_Key="k") for one in devices)
        )
        socket = Socket(elsewhere.node, two.ada.user_id)
        await two.ada.ask("PATCH", f"{SESSION}{session_id}/notes/", {"notes": "Well done"})
        frames = await until_told(socket, 1)

    # Each says it ten times under one key.
    assert {answer.status for answer in answers} == {200}
    assert (await two.seen(session_id))["status"] == "completed"
    assert ("notes_changed", 4, "completed") in frames


@pytest.mark.gen_test
async def test_both_are_told_of_everything(site: Site, two: Pair) -> None:
    ada, bob, eve = [Socket(site.node, one) for one in (two.ada.user_id, two.bob.user_id, "eve")]
    session_id = await two.appoint()
    later = {"scheduled_time": iso(site.clock() + 2 * HOUR_MS)}
    await two.bob.post(f"{SESSION}{session_id}/reschedule/", later)
    await two.ada.ask("PATCH", f"{SESSION}{session_id}/notes/", {"notes": "Tea"})
    site.clock.advance(2 * HOUR_MS)
    await confirm(two.ada, session_id)
    await confirm(two.bob, session_id)
    canceled = await two.appoint()
    await two.ada.post(f"{SESSION}{canceled}/cancel/", {})

    expected = [
        ("scheduled", 1, "scheduled"),
        ("rescheduled", 2, "scheduled"),
        ("notes_changed", 3, "scheduled"),
        ("confirmed", 4, "scheduled"),
        ("confirmed", 5, "completed"),
        ("completed", 5, "completed"),
        ("scheduled", 1, "scheduled"),
        ("canceled", 2, "canceled"),
    ]
    for socket in (ada, bob):
        assert await until_told(socket, len(expected)) == expected
    assert eve.messages == []
    frame = ada.of_type("buddy")[5]
    assert frame["session"] == await two.seen(session_id)
    assert (frame["by"], frame["at"]) == (two.bob.user_id, site.clock())


@pytest.mark.gen_test
async def test_a_window_that_nobody_used_closes_at_its_instant(site: Site, two: Pair) -> None:
    bob = Socket(site.node, two.bob.user_id)
    session_id = await two.begun()
    await confirm(two.ada, session_id)
    site.clock.advance(WINDOW_MS - 1)
    before = await two.seen(session_id)
    site.clock.advance(1)
    # Derived, whether or not a node has noticed by now.
    after = await two.seen(session_id)
    late = await confirm(two.bob, session_id)
    await site.node.parts.buddy_deadlines.scan()

    assert (before["status"], before["reputation_preview"]) == (
        "scheduled", {"user1_delta": 3, "user2_delta": 5},
    )  # fmt: skip
    assert (after["status"], after["reputation_preview"]) == (
        "expired", {"user1_delta": -3, "user2_delta": 5},
    )  # fmt: skip
    assert (late.status, late.body["reason"]) == (400, "window_closed")
    frames = await until_told(bob, 3)
    assert frames == [
        ("scheduled", 1, "scheduled"), ("confirmed", 2, "scheduled"), ("expired", 3, "expired"),
    ]  # fmt: skip
    assert bob.of_type("buddy")[2]["by"] is None
    await site.node.parts.buddy_deadlines.scan()
    async with site.mongo() as database:
        (kept,) = await database["buddy_sessions"].find().to_list(None)
    assert kept["rev"] == 3
    assert (kept["ended_at"] - kept["scheduled_at"]).total_seconds() * 1000 == WINDOW_MS


@pytest.mark.gen_test
async def test_many_nodes_close_a_window_once(
    settings: Settings, clock: DrivenClock, site: Site, two: Pair
) -> None:
    ids = [await two.appoint() for _ in range(5)]
    async with open_site(settings, clock) as elsewhere:
        fired = [node.node.parts.buddy_deadlines for node in (site, elsewhere)]
        clock.advance(HOUR_MS + WINDOW_MS)
        await asyncio.gather(*(one.scan() for one in fired * 3))

        assert sum(one.fired for one in fired) == len(ids)
        for session_id in ids:
            assert (await two.seen(session_id))["rev"] == 2


@pytest.mark.gen_test
async def test_a_window_that_closes_while_no_node_runs_is_caught_up_at_the_start(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock) as site:
        two = await pair(site)
        await two.appoint()
    clock.advance(HOUR_MS + WINDOW_MS + 5 * HOUR_MS)
    async with open_site(settings, clock) as site:
        fired = site.node.parts.buddy_deadlines.fired
        async with site.mongo() as database:
            (kept,) = await database["buddy_sessions"].find().to_list(None)

    assert fired == 1
    assert kept["status"] == "expired"


@pytest.mark.gen_test
async def test_an_imported_session_whose_window_is_over_expires(site: Site, two: Pair) -> None:
    imported = await two.service.post(SESSION, two.wish(-WINDOW_MS - HOUR_MS))
    await site.node.parts.buddy_deadlines.scan()
    seen = await two.seen(imported.body["id"])

    assert imported.body["status"] == "expired"
    assert (seen["status"], seen["rev"]) == ("expired", 2)


@pytest.mark.gen_test
async def test_how_long_one_can_confirm_is_a_setting(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock, buddy_window_s=60) as site:
        two = await pair(site)
        session_id = await two.begun()
        site.clock.advance(60_000)
        late: Any = await confirm(two.ada, session_id)

    assert (late.status, late.body["reason"]) == (400, "window_closed")


@pytest.mark.gen_test(timeout=30)
async def test_a_key_makes_one_session_whoever_is_first(
    settings: Settings, clock: DrivenClock, two: Pair
) -> None:
    async with open_site(settings, clock) as elsewhere:
        devices = [two.ada, two.ada.at(elsewhere)] * 4
        wish = two.wish()
        same = await asyncio.gather(
            *(one.post(SESSION, wish, Idempotency_Key="same") for one in devices)
        )
        bodies = [two.wish(venue_name=f"Venue {number}") for number in range(len(devices))]
        unlike = await asyncio.gather(
            *(
                one.post(SESSION, body, Idempotency_Key="unlike")
                for one, body in zip(devices, bodies, strict=True)
            )
        )

    assert sorted(answer.status for answer in same) == [200] * 7 + [201]
    assert sorted(answer.status for answer in unlike) == [201] + [422] * 7
    assert {answer.code for answer in unlike if answer.status == 422} == {"idempotency_key_reused"}
    for answer, body in zip(unlike, bodies, strict=True):
        if answer.status == 201:
            assert answer.body["venue_name"] == body["venue_name"]


@pytest.mark.gen_test
async def test_one_that_cannot_be_closed_holds_up_no_other_and_no_start(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock) as site:
        two = await pair(site)
        broken, sound = await two.appoint(), await two.appoint(2 * HOUR_MS)
        async with site.mongo() as database:
            await database["buddy_sessions"].update_one(
                {"_id": broken}, {"$unset": {"venue_name": ""}}
            )
        clock.advance(2 * HOUR_MS + WINDOW_MS)
        await site.node.parts.buddy_deadlines.scan()
        assert (await two.seen(sound))["rev"] == 2
    async with open_site(settings, clock) as site:
        assert (await site.person("ada").get("/readyz")).status == 200


@pytest.mark.gen_test
async def test_a_removed_challenge_keeps_nobody_from_their_sessions(site: Site, two: Pair) -> None:
    session_id = await two.begun()
    async with site.mongo() as database:
        await database["challenges"].delete_one({"_id": two.challenges[0]})

    assert (await confirm(two.ada, session_id)).status == 200
    seen = await two.seen(session_id)
    assert (seen["participants"]["user1"]["challenge"]["points"], seen["rev"]) == (0, 2)
    assert len((await two.ada.get(SESSION)).body["results"]) == 1


@pytest.mark.gen_test
async def test_a_status_is_asked_for_as_it_is_shown(site: Site, two: Pair) -> None:
    over, ahead = await two.appoint(), await two.appoint(WINDOW_MS + 3 * HOUR_MS)

    async def listed(status: str) -> list[str]:
        answer = await two.ada.get(f"{SESSION}?status={status}")
        assert {one["status"] for one in answer.body["results"]} <= {status}
        return [one["id"] for one in answer.body["results"]]

    assert await listed("scheduled") == [ahead, over]
    site.clock.advance(HOUR_MS + WINDOW_MS)
    for _ in range(2):
        assert (await listed("scheduled"), await listed("expired")) == ([ahead], [over])
        # The same before and after a node has noticed.
        await site.node.parts.buddy_deadlines.scan()


@pytest.mark.gen_test
async def test_changes_follow_each_other_also_where_clocks_differ(
    settings: Settings, clock: DrivenClock, two: Pair
) -> None:
    session_id = await two.begun()
    behind = DrivenClock(clock() - 1_000)
    async with open_site(settings, behind) as elsewhere:
        first = await confirm(two.ada, session_id)
        second = await confirm(two.bob.at(elsewhere), session_id)
        done = await two.seen(session_id)

    assert (first.status, second.status) == (200, 200)
    assert done["completed_at"] == iso(clock())


@pytest.mark.gen_test(timeout=30)
async def test_one_that_everybody_writes_to_holds_up_no_other(
    site: Site, two: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.buddy_deadlines.BATCH", 2)
    busy, *others = [await two.appoint(HOUR_MS + number) for number in range(5)]
    site.clock.advance(2 * HOUR_MS + WINDOW_MS)
    queues = site.node.parts.buddies._queues  # noqa: SLF001 - as full as 128 requests make it
    async with queues.turn(busy):
        queues._waiting[busy] = (queues._waiting[busy][0], 128)  # noqa: SLF001
        await site.node.parts.buddy_deadlines.scan()
        for session_id in others:
            assert (await two.seen(session_id))["rev"] == 2
        queues._waiting[busy] = (queues._waiting[busy][0], 1)  # noqa: SLF001
    await site.node.parts.buddy_deadlines.scan()

    assert (await two.seen(busy))["rev"] == 2
