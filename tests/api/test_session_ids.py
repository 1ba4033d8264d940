"""Which start is a repeat, which id is free: nothing begins twice, nothing is taken over."""

import dataclasses

import pytest

from config.settings import Settings
from tests.fakes import DrivenClock
from tests.person import SESSIONS, Person, Site, open_site


@pytest.mark.gen_test
async def test_a_repeated_start_is_answered_with_the_first_answer(site: Site, ada: Person) -> None:
    plan = await ada.plan()
    for key, told in (("k 1", plan), ("k 2", {**plan, "session_id": "mine"})):
        first = await ada.post(SESSIONS, told, Idempotency_Key=key)
        site.clock.advance(5_000)
        path = f"{SESSIONS}{first.body['id']}/"
        await ada.post(f"{path}pause/")
        # What becomes of the goal later is nothing to a start that was answered.
        await ada.ask("DELETE", f"/api/v1/goals/{plan['goal_id']}/")
        second = await ada.post(SESSIONS, told, Idempotency_Key=key)
        other = {**told, "device_platform": "web"}
        reused = await ada.post(SESSIONS, other, Idempotency_Key=key)
        await ada.ask("PATCH", f"/api/v1/goals/{plan['goal_id']}/", {"status": "active"})
        await ada.complete(path)

        assert (first.status, second.status) == (201, 200)
        assert first.raw == second.raw
        assert (reused.status, reused.code) == (422, "idempotency_key_reused")


@pytest.mark.gen_test
async def test_a_key_does_not_start_its_session_again_when_that_is_long_over(
    site: Site, ada: Person
) -> None:
    plan = await ada.plan()
    first = await ada.post(SESSIONS, plan, Idempotency_Key="k")
    await ada.complete(f"{SESSIONS}{first.body['id']}/")
    await site.let_go()
    late = await ada.post(SESSIONS, plan, Idempotency_Key="k")

    assert (late.status, late.code) == (409, "id_taken")
    assert (await ada.get(f"{SESSIONS}active/")).body["results"] == []


@pytest.mark.gen_test
async def test_a_key_is_its_users_own(site: Site, ada: Person) -> None:
    bob = site.person("bob")
    hers = await ada.post(SESSIONS, await ada.plan(), Idempotency_Key="k")
    his = await bob.post(SESSIONS, await bob.plan(), Idempotency_Key="k")

    assert (hers.status, his.status) == (201, 201)
    assert hers.body["id"] != his.body["id"]


@pytest.mark.gen_test
async def test_a_second_start_is_told_of_the_first(site: Site, ada: Person) -> None:
    plan = await ada.plan()
    first = await ada.post(SESSIONS, {**plan, "session_id": "one"})
    site.clock.advance(10_000)
    second = await ada.post(SESSIONS, {**plan, "session_id": "two"})
    live = await ada.get(f"{SESSIONS}active/")

    assert first.status == 201
    assert (second.status, second.code) == (409, "already_active")
    assert second.body["state"] == live.body["results"][0]
    assert second.body["state"]["id"] == "one"
    assert second.body["state"]["xp_total"] == 20


@pytest.mark.gen_test
async def test_a_taken_id_is_refused_whoever_has_it(site: Site, ada: Person) -> None:
    bob = site.person("bob")
    live, over = await ada.start(session_id="live"), "over"
    his = await bob.plan()
    while_live = await bob.post(SESSIONS, {**his, "session_id": "live"})
    await ada.complete(live)
    await ada.complete(await ada.start(session_id=over))
    hers = await ada.plan()
    refused = [while_live]
    for _ in range(2):
        for person, plan in ((ada, hers), (bob, his)):
            refused += [
                await person.post(SESSIONS, {**plan, "session_id": taken}, Idempotency_Key=taken)
                for taken in ("live", over)
            ]
        await site.let_go()

    assert [(answer.status, answer.code) for answer in refused] == [(409, "id_taken")] * 9
    assert all("state" not in answer.body for answer in refused)
    assert (await bob.get(f"{SESSIONS}active/")).body["results"] == []


@pytest.mark.gen_test
async def test_ids_are_taken_across_shards_and_also_those_that_we_made(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(dataclasses.replace(settings, redis_shards=4), clock) as site:
        ada = site.person("ada")
        made = await ada.start()
        keyed = await ada.at(site).post(SESSIONS, await ada.plan(), Idempotency_Key="k")
        taken = made.split("/")[-2]
        for name in ("bob", "eve", "joe", "kim", "lea"):
            other = site.person(name)
            for body in ({"session_id": taken}, {"session_id": "hers"}):
                if body["session_id"] == "hers" and name == "bob":
                    await other.start(session_id="hers")
                    continue
                answer = await other.post(SESSIONS, {**await other.plan(), **body})
                assert (answer.status, answer.code) == (409, "id_taken"), (name, body)

        assert keyed.code == "already_active"
        clock.advance(10_000)
        assert (await ada.complete(made))["xp_total"] == 20
        assert await site.totals("ada") == (20, 1, 1)


@pytest.mark.gen_test
async def test_a_session_cannot_have_the_name_of_another_path(ada: Person) -> None:
    plan = await ada.plan()
    for name in ("active", "calculate-rates"):
        answer = await ada.post(SESSIONS, {**plan, "session_id": name})
        assert (answer.status, list(answer.body["errors"])) == (400, ["session_id"])


@pytest.mark.gen_test
async def test_one_key_never_starts_two_sessions(site: Site, ada: Person) -> None:
    plan = await ada.plan()
    first = await ada.post(SESSIONS, {**plan, "session_id": "one"}, Idempotency_Key="k")
    await ada.complete(f"{SESSIONS}one/")
    other = await ada.post(SESSIONS, {**plan, "session_id": "two"}, Idempotency_Key="k")
    await site.let_go()
    later = await ada.post(SESSIONS, plan, Idempotency_Key="k")

    assert first.status == 201
    assert [answer.code for answer in (other, later)] == ["idempotency_key_reused"] * 2
    assert (await ada.get(f"{SESSIONS}active/")).body["results"] == []


@pytest.mark.gen_test
async def test_a_repeated_start_of_ones_own_session_shows_it(site: Site, ada: Person) -> None:
    await ada.start(session_id="mine")
    site.clock.advance(5_000)
    again = await ada.post(SESSIONS, {**await ada.plan(), "session_id": "mine"})

    assert (again.status, again.code) == (409, "already_active")
    assert again.body["state"] == again.body["state"] | {"id": "mine", "elapsed_ms": 5_000}


@pytest.mark.gen_test
async def test_a_refused_start_does_not_keep_the_id(site: Site, ada: Person) -> None:
    await ada.start(session_id="first")
    refused = await ada.post(SESSIONS, {**await ada.plan(), "session_id": "second"})
    bob = site.person("bob")
    taken = await bob.post(SESSIONS, {**await bob.plan(), "session_id": "second"})

    assert (refused.status, refused.code) == (409, "already_active")
    assert taken.status == 201
