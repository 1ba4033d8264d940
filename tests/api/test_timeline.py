"""The story of a session, from Redis and from MongoDB: the same, whole, and its owner's."""

import pytest

from tests.person import SESSIONS, Person, Site

pytestmark = pytest.mark.kept_database


async def a_life(site: Site, ada: Person) -> str:
    """A session of 7 focused seconds, 4 of them before a pause, still running; its path."""
    path = await ada.start()
    site.clock.advance(4_243)
    await ada.post(f"{path}pause/")
    site.clock.advance(23_000)
    await ada.post(f"{path}resume/")
    site.clock.advance(1_000)
    await ada.post(f"{path}distraction/", {"note": "the door"})
    site.clock.advance(1_757)
    return path


@pytest.mark.gen_test
async def test_a_timeline_tells_the_same_wherever_its_events_are(site: Site, ada: Person) -> None:
    path = await a_life(site, ada)
    live = await ada.get(f"{path}timeline/")
    ended = await ada.complete(path)
    recent = await ada.get(f"{path}timeline")
    await site.let_go()
    past = await ada.get(f"{path}timeline/")
    first, paused, resumed, distracted, completed = recent.body["results"]

    assert live.status == recent.status == past.status == 200
    assert live.body["results"] == recent.body["results"][:4]
    assert live.body["status"] == "active"
    assert live.body["explanation"].startswith("It is active, and ends by ")
    assert live.body["explanation"].endswith("So far its 7 seconds of focus are worth 12 XP.")
    assert recent.body == past.body
    assert recent.body == recent.body | {"id": ended["id"], "status": "completed", "whole": True}
    assert recent.body["explanation"] == (
        f"It ended at {ended['ended_at']} because you completed it."
        " Its 7 seconds of focus are worth 12 XP; each dimension is rounded down."
    )
    assert [first["rev"], first["event"], first["segment"]] == [1, "started", None]
    assert [first["focused_seconds"], first["xp_total"]] == [0, 0]
    assert paused["segment"] == {
        "kind": "focused",
        "from": ended["started_at"],
        "to": paused["at"],
        "seconds": 4.243,
    }
    assert resumed["segment"]["kind"] == "paused"
    assert [one["focused_seconds"] for one in (paused, resumed, distracted)] == [
        4.243,
        4.243,
        5.243,
    ]
    assert distracted["data"]["note"] == "the door"
    assert completed["focused_seconds"] == 7
    assert {name: ended[name] for name in completed if name.startswith("xp_")} == {
        name: completed[name] for name in completed if name.startswith("xp_")
    }


@pytest.mark.gen_test
async def test_a_foreign_timeline_is_like_one_that_never_was(site: Site, ada: Person) -> None:
    path = await ada.start()
    for _ in range(2):
        for who in (site.person("bob"), site.person("sync", "service"), site.person("r", "admin")):
            foreign = await who.get(f"{path}timeline/")
            unknown = await who.get(f"{SESSIONS}unknown/timeline/")
            assert foreign.status == unknown.status == 404
            assert foreign.told == unknown.told
        if (await ada.get(path)).body["status"] == "active":
            await ada.complete(path)
            await site.let_go()


@pytest.mark.gen_test
async def test_a_plan_a_cancel_and_a_void_explain_themselves(site: Site, ada: Person) -> None:
    path = await ada.start(planned_duration_seconds=60)
    site.clock.advance(61_500)
    await ada.get(f"{SESSIONS}active/")
    await ada.complete(path)
    planned = await ada.get(f"{path}timeline/")
    assert (await ada.post(f"{path}void/")).status == 200
    taken_back = await ada.get(f"{path}timeline/")
    await site.let_go()
    long_after = await ada.get(f"{path}timeline/")
    canceled = await ada.start()
    site.clock.advance(5_000)
    await ada.post(f"{canceled}cancel/")
    given_up = await ada.get(f"{canceled}timeline/")

    assert "because its plan of 1 minute was reached" in planned.body["explanation"]
    assert planned.body["results"][-1]["data"]["due_at"]
    assert taken_back.body == long_after.body
    assert taken_back.body["status"] == "voided"
    assert taken_back.body["explanation"].endswith("Its 120 XP were taken back.")
    assert given_up.body["explanation"].endswith("What is canceled earns nothing.")
    assert [given_up.body["results"][-1][name] for name in ("event", "xp_total")] == ["canceled", 0]


@pytest.mark.gen_test
async def test_what_was_lost_is_said_and_changes_no_total(site: Site, ada: Person) -> None:
    path = await a_life(site, ada)
    session_id = (await ada.complete(path))["id"]
    await site.let_go()
    whole = await ada.get(f"{path}timeline/")
    async with site.mongo() as database:
        cut = {"$set": {"whole": False}, "$pop": {"events": -1}}
        await database["timelines"].update_one({"_id": session_id}, cut)
        part = await ada.get(f"{path}timeline/")
        await database["timelines"].delete_one({"_id": session_id})
    none = await ada.get(f"{path}timeline/")

    assert part.body["results"] == whole.body["results"][1:]
    assert none.body["results"] == []
    assert part.body["whole"] is none.body["whole"] is False
    assert part.body["explanation"] == none.body["explanation"] == whole.body["explanation"]


@pytest.mark.gen_test
async def test_of_an_external_session_start_and_end_are_known(site: Site, ada: Person) -> None:
    sync = site.person("sync", "service")
    plan = await ada.plan()
    start = {"session_id": "ext-1", "user_id": "ada", **plan, "started_at": "2025-01-15T10:30:00Z"}
    await sync.post(SESSIONS, start)
    running = await ada.get(f"{SESSIONS}ext-1/timeline/")
    end = {"status": "completed", "ended_at": "2025-01-15T11:30:00Z", "xp_total": 5, "xp_logic": 5}
    await sync.put(f"{SESSIONS}ext-1/", end | {"focused_duration_seconds": 3200})
    ended = await ada.get(f"{SESSIONS}ext-1/timeline/")

    assert [entry["event"] for entry in running.body["results"]] == ["started"]
    assert [
        (one["at"], one["focused_seconds"], one["xp_logic"]) for one in ended.body["results"]
    ] == [
        ("2025-01-15T10:30:00Z", 0, 0),
        ("2025-01-15T11:30:00Z", 3200, 5),
    ]
    assert ended.body["whole"] is False
    assert ended.body["explanation"].endswith("That store counted 5 XP.")
    assert (await site.person("bob").get(f"{SESSIONS}ext-1/timeline/")).status == 404
