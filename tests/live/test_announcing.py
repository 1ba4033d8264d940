"""Telling users of changes: whatever ails it, nothing else waits for it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from config.settings import Settings
from domain.instants import MINUTE_MS
from storage.redis.news import NewsDesk
from tests.engines import until
from tests.fakes import DrivenClock
from tests.learner import DAY_MS, FOCUS, enrolled
from tests.person import SESSIONS, open_site


class OddDesk(NewsDesk):
    """A desk that cannot publish for one user, for a reason that nobody has thought of."""

    async def publish(self, user_id: str, frames: Sequence[Mapping[str, Any]]) -> None:
        if user_id == "odd":
            raise RuntimeError("this frame cannot be told")
        await super().publish(user_id, frames)


@pytest.mark.gen_test(timeout=30)
async def test_what_cannot_be_told_holds_up_neither_settling_nor_others(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock) as site:
        parts = site.node.parts
        desk = parts.announcer._desk  # noqa: SLF001 - the fault is put where Redis would be
        odd_desk = OddDesk(desk._redis, parts.keys)  # noqa: SLF001
        parts.announcer._desk = odd_desk  # noqa: SLF001
        odd, ada = site.person("odd"), site.person("ada")
        for person in (odd, ada):
            learner = await enrolled(person)
            session_id = await learner.focus(1, 15)
            assert (await learner.course())["progress"]["total_focus_minutes"] == 15
            voided = await person.post(f"{SESSIONS}{session_id}/void/")
            assert voided.body["status"] == "voided"
        async with site.redis() as redis:
            assert await redis.xlen(parts.keys.all_shards()[0].outbox) == 0
        async with site.mongo() as database:
            left = database["announcements"]
            assert await left.count_documents({"user_id": "odd"}) > 0
            # Those of somebody else wait behind them, and are told all the same.
            await left.update_many({}, {"$set": {"user_id": "odd"}})
            one = await left.find_one({})
            assert one is not None
            await left.insert_one({**one, "_id": "of ada", "user_id": "ada"})
            clock.advance(5_000)

            async def told() -> bool:
                return await left.count_documents({"user_id": "ada"}) == 0

            await until(told, "what waits for ada")
            assert await left.count_documents({"user_id": "odd"}) > 0


@pytest.mark.gen_test(timeout=30)
async def test_a_kept_list_of_the_wrong_type_is_replaced(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock) as site:
        ada = site.person("ada")
        learner = await enrolled(ada)
        async with site.redis() as redis:
            key = site.node.parts.keys.programs("ada")
            await redis.set(key, "something else")
            for path in ("programs/pause/", "programs/resume/"):
                assert (await learner.post(path)).status == 200
            await redis.set(key, "something else")
            for _ in range(2):
                listed = await ada.get(f"{FOCUS}programs/")
                assert (listed.status, listed.body[0]["enrollment_status"]) == (200, "in_progress")
            assert await redis.type(key) == b"hash"


@pytest.mark.gen_test(timeout=60)
async def test_days_that_are_booked_late_earn_what_they_would_have_earned_in_time(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock) as site:
        ada = site.person("ada")
        learner = await enrolled(ada)
        for number in (1, 2):
            await learner.do(number)
            clock.advance(DAY_MS)
        await learner.tick_all(3)
        await learner.reflect(3)
        session_id = await learner.begin(3, 25)
        # Nobody settles for two days.
        apply = site.node.parts.writer.apply

        async def nothing(entries: list[Any]) -> int:
            return 0

        site.node.parts.writer.apply = nothing  # type: ignore[method-assign]
        clock.advance(30 * MINUTE_MS)
        await learner.end(session_id)
        clock.advance(2 * DAY_MS)
        site.node.parts.writer.apply = apply  # type: ignore[method-assign]
        keys = site.node.parts.keys.all_shards()[0]
        await site.node.parts.writer.take_over(keys, "writer")

        async def booked() -> bool:
            return bool((await learner.course())["current_day"] == 4)

        await until(booked, "the third day")
        progress = (await learner.course())["progress"]
        assert (progress["current_streak"], progress["longest_streak"]) == (0, 3)
        assert "streak_3" in {one["code"] for one in progress["achievements"]}


@pytest.mark.gen_test(timeout=30)
async def test_a_program_whose_content_is_lost_keeps_no_session_from_the_books(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock) as site:
        ada = site.person("ada")
        learner = await enrolled(ada)
        session_id = await learner.begin(1, 15)
        async with site.mongo() as database:
            await database["program_contents"].delete_many({"program_id": 1})
            clock.advance(10 * MINUTE_MS)
            ended = await learner.end(session_id)
            assert "persisted" not in ended
            assert await database["ledger"].count_documents({"_id": session_id}) == 1
        for answer in (await ada.get(learner.path), await learner.tick(1, 0)):
            assert (answer.status, answer.code) == (404, "not_found")
    # The next start brings it back.
    async with open_site(settings, clock) as site:
        assert (await site.person("ada").get(learner.path)).status == 200
