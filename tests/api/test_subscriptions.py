"""Subscriptions: told by services, honoured at the moment of use."""

from typing import Any

import pytest

from domain.instants import iso
from tests.learner import DAY_MS, FOCUS, MINUTE_MS, Learner, enrolled, go_pro
from tests.person import Answer, Person, Site

ENROLL = f"{FOCUS}programs/enroll/"
MASTERY = {"program_id": 2}


def path(user_id: str) -> str:
    return f"/api/v1/users/{user_id}/subscription/"


async def access(person: Person) -> list[bool]:
    return [program["can_access"] for program in (await person.get(f"{FOCUS}programs/")).body]


@pytest.mark.gen_test
async def test_a_service_sets_and_reads_what_anybody_has_paid_for(site: Site, ada: Person) -> None:
    billing, now = site.person("billing", "service"), site.clock()
    told: dict[str, Any] = {
        "plan": "pro_yearly",
        "status": "trialing",
        "started_at": iso(now),
        "expires_at": iso(now + DAY_MS),
    }
    unknown = await billing.get(path("ada"))
    put = await billing.put(path("ada"), told)
    got = await billing.get(path("ada"))
    mine = (await ada.get("/api/v1/authentication/me/")).body["subscription"]
    odd = await billing.put(path("%C3%A9va%20%2F%201"), {"plan": "pro"})

    assert (unknown.status, unknown.code) == (404, "not_found")
    assert (put.status, put.body) == (200, told | {"is_pro": True})
    assert got.body == mine == put.body
    assert odd.body == {
        "plan": "pro", "status": "active", "started_at": None, "expires_at": None, "is_pro": True,
    }  # fmt: skip
    assert (await site.person("éva / 1").get("/api/v1/authentication/me/")).body["subscription"][
        "is_pro"
    ]


@pytest.mark.gen_test
async def test_nobody_but_a_service_does(site: Site, ada: Person) -> None:
    for person in (ada, site.person("root", "admin")):
        for answer in (
            await person.get(path("ada")),
            await person.put(path("ada"), {"plan": "pro"}),
        ):
            assert (answer.status, answer.code) == (403, "forbidden")
    assert await access(ada) == [True, False]


@pytest.mark.gen_test
async def test_what_is_no_subscription_is_refused(site: Site, ada: Person) -> None:
    billing, now = site.person("billing", "service"), site.clock()
    for told, field in (
        ({}, "plan"),
        ({"plan": "gold"}, "plan"),
        ({"plan": "pro", "status": "maybe"}, "status"),
        ({"plan": "pro", "expires_at": "soon"}, "expires_at"),
        ({"plan": "pro", "started_at": iso(now), "expires_at": iso(now)}, "expires_at"),
        ({"plan": "pro", "user_id": "bob"}, "user_id"),
    ):
        answer = await billing.put(path("ada"), told)
        assert (answer.status, [*answer.body["errors"]]) == (400, [field])
    assert (await billing.get(path("ada"))).status == 404


@pytest.mark.parametrize("status", ["past_due", "canceled", "expired"])
@pytest.mark.gen_test
async def test_only_a_paying_status_opens_what_needs_pro(
    site: Site, ada: Person, status: str
) -> None:
    billing = site.person("billing", "service")
    assert await access(ada) == [True, False]
    await go_pro(ada)
    assert await access(ada) == [True, True]
    answer = await billing.put(path("ada"), {"plan": "pro", "status": status})

    assert answer.body["is_pro"] is False
    assert await access(ada) == [True, False]
    refused = await ada.post(ENROLL, MASTERY)
    assert (refused.status, refused.body["detail"]) == (403, "Program requires Pro subscription")


async def uses(learner: Learner) -> list[Answer]:
    """Everything that goes on with a program."""
    return [
        await learner.tick(1, 0),
        await learner.reflect(1),
        await learner.post("sessions/start/", day_number=1, duration_minutes=25),
        await learner.post("programs/start/"),
        await learner.post("programs/resume/"),
    ]


@pytest.mark.gen_test
async def test_expiry_counts_at_the_moment_of_use(site: Site, ada: Person) -> None:
    await go_pro(ada, for_ms=60 * MINUTE_MS)
    learner = await enrolled(ada, 2)
    assert await access(ada) == [True, True]
    session_id = await learner.begin(1, 30)
    site.clock.advance(60 * MINUTE_MS - 1)
    assert await access(ada) == [True, True]
    site.clock.advance(1)

    # The list that was shown a millisecond ago does not count any more.
    assert await access(ada) == [True, False]
    refused = await uses(learner)
    assert [(one.status, one.body["detail"]) for one in refused] == [
        (403, "Program requires Pro subscription")
    ] * 5
    # What was begun in time counts, what was done can be read, and leaving is free.
    await learner.end(session_id)
    assert (await learner.day(1))["user_progress"]["focus_minutes"] == 30
    assert (await learner.course())["progress"]["total_sessions"] == 1
    assert (await ada.get(f"{learner.path}days/2/")).status == 403
    assert (await learner.post("programs/pause/")).status == 200
    assert (await learner.post("programs/abandon/")).status == 200

    # Paying again opens it again.
    await go_pro(ada)
    assert await access(ada) == [True, True]
    assert (await ada.post(ENROLL, MASTERY)).status == 201


@pytest.mark.gen_test
async def test_a_subscription_that_begins_later_opens_nothing_before(
    site: Site, ada: Person
) -> None:
    billing, now = site.person("billing", "service"), site.clock()
    told = {"plan": "pro", "started_at": iso(now + MINUTE_MS)}
    assert (await billing.put(path("ada"), told)).body["is_pro"] is False

    assert await access(ada) == [True, False]
    site.clock.advance(MINUTE_MS)
    assert await access(ada) == [True, True]
