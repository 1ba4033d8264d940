"""Analyses on two nodes, and while a store is away."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import Settings
from domain.analysis import Analysis, Claim, attempt_failed, claimed
from tests.analyses import AnalysisClient, Desk, open_desk
from tests.e2e.nodes import on_stores, serving
from tests.engines import until
from tests.fakes import DrivenClock
from tests.recordings import wav
from tests.reviewing import REVIEW, TONE, begin, form, kept
from tests.stores import Stores


async def is_well(health: AnalysisClient) -> bool:
    """Whether the health socket finds MongoDB well."""
    health.say({"action": "db_ping"})
    return bool((await health.next())["ok"])


async def state_of(desk: Desk, either_id: str) -> Analysis:
    """How the analysis stands in MongoDB."""
    found = await desk.site.node.parts.analysis_book.analyses.find(either_id)
    assert found is not None
    return found


@pytest.mark.gen_test
async def test_followers_on_both_nodes_are_told_everything(
    settings: Settings, clock: DrivenClock
) -> None:
    async with (
        open_desk(settings, clock, analysis_workers=0) as idle,
        open_desk(settings, clock) as working,
    ):
        review = await idle.answered()
        by_review = [await desk.follow(review.id) for desk in (idle, working)]
        for client in by_review:
            await client.next("status")
        accepted = await by_review[0].ask({"review_session_id": review.id})
        by_analysis = await idle.follow(accepted["session_id"])
        results = [await client.next("result") for client in by_review]
        health = [await desk.open("/ws/health/") for desk in (idle, working)]

        assert results[0] == results[1]
        course = ["not_completed", "pending", "running", "succeeded"]
        assert [client.course for client in by_review] == [course, course]
        assert (await by_analysis.next())["session_id"] == accepted["session_id"]
        for client in health:
            _, first = await client.socket.frame()
            assert first == b'{"status":"ok","message":"connected"}'
            client.say({"action": "db_ping"})
            assert await client.next() == {"type": "db_ping", "ok": True}


@pytest.mark.gen_test
async def test_words_that_were_lost_are_made_good(settings: Settings, clock: DrivenClock) -> None:
    async with open_desk(settings, clock, analysis_workers=0, reconcile_s=0.2) as desk:
        review = await desk.answered()
        client = await desk.follow(review.id)
        await client.ask({"review_session_id": review.id})
        await client.status("pending")
        book = desk.site.node.parts.analysis_book
        # As by a worker that dies before it can tell anybody.
        found = await state_of(desk, review.id)
        _, running = await book.analyses.change(found.id, claimed("w", book.limits))
        await client.status("running")
        claim = Claim(run=running.run, attempt=running.attempt)
        await book.analyses.change(found.id, attempt_failed(claim, "no", again=False))
        told = await client.next("error")

        assert told["message"] == "no"
        assert client.course == ["not_completed", "pending", "running", "failed"]


@pytest.mark.gen_test(timeout=40)
async def test_without_mongodb_nothing_is_promised_and_afterwards_all_goes_on(
    own_stores: Stores, impatient: Settings, clock: DrivenClock
) -> None:
    mongod = own_stores.embedded.mongod
    assert mongod is not None
    async with open_desk(impatient, clock) as desk:
        review = await desk.answered()
        fresh = await begin(desk.site)
        client, health = await desk.follow(review.id), await desk.open("/ws/health/")
        await client.next("status")
        await health.socket.frame()
        mongod.kill()
        refused = await client.ask({"review_session_id": review.id})
        health.say({"action": "db_ping"})
        down = await health.next()
        written, spoken = await fresh.answer(1), await fresh.speak(1, TONE)
        begun = await fresh.person.post(f"{REVIEW}start/")
        mongod.spawn()
        await mongod.ready()
        await until(lambda: is_well(health), "a MongoDB that answers")
        again = await fresh.speak(1, TONE)
        accepted = await client.ask({"review_session_id": review.id})
        await client.next("result")

        assert (refused["type"], refused["code"]) == ("error", "unavailable")
        assert (down["type"], down["ok"]) == ("db_ping", False)
        assert down["error"].startswith("The database is out of reach")
        assert [one.status for one in (written, spoken, begun)] == [503] * 3
        assert (again.status, accepted["type"]) == (201, "accepted")


@pytest.mark.gen_test(timeout=40)
async def test_an_analysis_asked_for_without_redis_is_done_when_it_is_back(
    own_stores: Stores, impatient: Settings, clock: DrivenClock
) -> None:
    redis = own_stores.embedded.redis
    assert redis is not None
    async with open_desk(impatient, clock) as desk:
        review = await desk.answered()
        client = await desk.follow(review.id)
        await client.next("status")
        redis.kill()
        accepted = await client.ask({"review_session_id": review.id})
        redis.spawn()
        await redis.ready()
        clock.advance(5_000)
        await client.next("result")

        assert accepted["type"] == "accepted"
        assert client.course[0] == "not_completed"
        assert client.course[-1] == "succeeded"


@pytest.mark.gen_test(timeout=40)
async def test_a_queue_that_was_emptied_is_filled_again(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock, analysis_workers=0) as idle:
        review = await idle.answered()
        client = await idle.follow(review.id)
        await client.ask({"review_session_id": review.id})
        await client.status("pending")
        async with idle.site.redis() as redis:
            lost = await redis.keys(f"{settings.redis_prefix}:{{jobs}}:*")
            assert lost
            await redis.delete(*lost)
        async with open_desk(settings, clock):
            clock.advance(5_000)
            await client.next("result")


@pytest.mark.gen_test(timeout=40)
async def test_an_upload_whose_node_is_killed_leaves_nothing_after_the_sweeper(
    settings: Settings, clock: DrivenClock, tmp_path: Path
) -> None:
    async with open_desk(settings, clock) as desk:
        review = await begin(desk.site)
        recordings = desk.site.node.parts.recorder.recordings
        before = await kept(desk.site)
        body, _ = form(("audio_file", wav(bytes(3 << 20)), "a.wav"), ("question_id", "1", None))
        with serving(tmp_path / "data", **on_stores(settings, tmp_path / "data")) as node:
            _, writer = await asyncio.open_connection("127.0.0.1", node.port)
            head = (
                f"POST {REVIEW}{review.id}/answer/ HTTP/1.1\r\nHost: x\r\n"
                f"Content-Length: {len(body)}\r\n"
                "Content-Type: multipart/form-data; boundary=xYzZY\r\n\r\n"
            )
            writer.write(head.encode() + body[: len(body) // 2])
            await writer.drain()

            async def begun() -> bool:
                return (await kept(desk.site))["audio.chunks"] > before["audio.chunks"] + 2

            await until(begun, "half of a recording")
            node.process.kill()
            node.process.wait()
            writer.close()
        left = await kept(desk.site)
        # The node that died knew the time; this one's is the test's.
        swept = await recordings.sweep(2**42)

        assert left["uploads"] == before["uploads"] + 1
        assert (swept, await kept(desk.site)) == (1, before)
        assert (await review.speak(1, TONE)).status == 201


@pytest.mark.gen_test
async def test_one_that_nobody_can_read_keeps_no_other_waiting(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock, analysis_workers=0) as desk:
        async with desk.site.mongo() as database:
            early = datetime(2000, 1, 1, tzinfo=UTC)
            await database["analyses"].insert_one({"_id": "of a later version", "wake_at": early})
        review = await desk.answered()
        client = await desk.follow(review.id)
        await client.ask({"review_session_id": review.id})
        clock.advance(settings.analysis_deadline_s * 1000)
        ended = await client.status("failed")

        assert ended["error"] == "The analysis did not end in time."


@pytest.mark.gen_test(timeout=40)
async def test_hundreds_that_are_due_at_once_all_end(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock, analysis_workers=0) as desk:
        review = await desk.answered()
        client = await desk.follow(review.id)
        await client.ask({"review_session_id": review.id})
        async with desk.site.mongo() as database:
            one = await database["analyses"].find_one({"review_id": review.id})
            assert one is not None
            await database["analyses"].insert_many(
                {**one, "_id": f"other-{number}", "review_id": None} for number in range(450)
            )
            clock.advance(settings.analysis_deadline_s * 1000)
            await desk.site.node.parts.analysis_book.look_after()
            left = await database["analyses"].count_documents({"state": {"$ne": "failed"}})

        assert left == 0
