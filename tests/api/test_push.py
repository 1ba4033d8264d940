"""Push endpoints: subscribe, list, leave, try it out, and choose a reminder."""

import dataclasses
from typing import Any

import pytest
from structlog.testing import capture_logs

from config.settings import Settings
from handlers import vapid
from tests.fakes import DrivenClock
from tests.person import Person, Site, open_site
from tests.push_stub import HOST, Browser
from tests.stores import VAPID_PRIVATE_KEY

pytestmark = pytest.mark.kept_database

KEY = "/api/v1/push/key/"
SUBSCRIPTIONS = "/api/v1/push/subscriptions/"
TEST = "/api/v1/push/test/"
REMINDER = "/api/v1/push/reminder/"
PROFILE = "/api/v1/authentication/me/"
DAY_MS = 86_400_000


async def remove(person: Person, endpoint: str) -> int:
    """The status of taking a browser off."""
    return (await person.ask("DELETE", SUBSCRIPTIONS, {"endpoint": endpoint})).status


@pytest.mark.gen_test
async def test_a_page_learns_the_key_that_it_subscribes_with(ada: Person) -> None:
    answer = await ada.get(KEY)

    assert answer.status == 200
    assert answer.body == {"public_key": vapid.public_key(VAPID_PRIVATE_KEY)}


@pytest.mark.gen_test
async def test_a_browser_is_added_as_it_gives_itself_listed_and_taken_off(site: Site) -> None:
    kim, lee, browser = site.person("kim"), site.person("lee"), Browser()
    made = await kim.post(SUBSCRIPTIONS, browser.to_json())
    again = await kim.post(SUBSCRIPTIONS, browser.to_json())
    listed = await kim.get(SUBSCRIPTIONS)
    of_another = await lee.get(SUBSCRIPTIONS)
    foreign = await remove(lee, browser.endpoint)
    still = await kim.get(SUBSCRIPTIONS)
    removed = [await remove(kim, browser.endpoint) for _ in range(2)]

    assert (made.status, again.status) == (201, 201)
    assert made.body == again.body
    assert set(made.body) == {"host", "created_at"}
    assert made.body["host"] == HOST
    assert listed.body == still.body == {"results": [made.body]}
    assert of_another.body == {"results": []}
    assert foreign == 204
    assert removed == [204, 204]
    assert (await kim.get(SUBSCRIPTIONS)).body == {"results": []}


@pytest.mark.gen_test
async def test_a_browser_that_changes_accounts_is_the_new_ones(site: Site) -> None:
    shared = Browser().to_json()
    await site.person("first").post(SUBSCRIPTIONS, shared)
    await site.person("second").post(SUBSCRIPTIONS, shared)

    assert (await site.person("first").get(SUBSCRIPTIONS)).body["results"] == []
    assert len((await site.person("second").get(SUBSCRIPTIONS)).body["results"]) == 1


@pytest.mark.gen_test
async def test_a_browser_can_leave_when_its_push_service_is_no_longer_on_the_list(
    settings: Settings, clock: DrivenClock
) -> None:
    browser = Browser()
    async with open_site(settings, clock) as site:
        await site.person("liv").post(SUBSCRIPTIONS, browser.to_json())
    narrower = dataclasses.replace(settings, push_hosts=("push.example.org",))
    async with open_site(narrower, clock) as site:
        liv = site.person("liv")
        again = await liv.post(SUBSCRIPTIONS, browser.to_json())
        removed = await remove(liv, browser.endpoint)

        assert (again.status, removed) == (400, 204)
        assert (await liv.get(SUBSCRIPTIONS)).body == {"results": []}


@pytest.mark.gen_test
async def test_it_is_said_of_each_field_what_is_wrong_with_it(ada: Person) -> None:
    good = Browser().to_json()
    keys = good["keys"]
    wrong: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({**good, "endpoint": "http://fcm.googleapis.com/x"}, {"endpoint": ["Must start with https://."]}),
        ({**good, "endpoint": "https://169.254.169.254/x"}, {"endpoint": ["Must name a host, not an IP address."]}),
        ({**good, "endpoint": "https://a.push.apple.com.evil.example/"}, {"endpoint": ["Its host is not a push service that is known here."]}),
        ({**good, "endpoint": "https://fcm.googleapis.com:6379/"}, {"endpoint": ["Must use port 443."]}),
        ({**good, "endpoint": "x" * 1_001}, {"endpoint": ["Longer than 1000 characters."]}),
        ({**good, "endpoint": 5}, {"endpoint": ["Not a string."]}),
        ({**good, "keys": {**keys, "p256dh": "AAAA"}}, {"keys": {"p256dh": ["Must be an uncompressed point, 65 bytes in base64url."]}}),
        ({**good, "keys": {**keys, "auth": "AAAA"}}, {"keys": {"auth": ["Must be 16 bytes in base64url."]}}),
        ({**good, "keys": {"p256dh": keys["p256dh"]}}, {"keys": {"auth": ["Missing data for required field."]}}),
        ({**good, "keys": {**keys, "more": "x"}}, {"keys": {"more": ["Unknown field."]}}),
        ({**good, "expirationTime": "soon"}, {"expirationTime": ["Not an integer."]}),
        ({**good, "user_id": "bob"}, {"user_id": ["Unknown field."]}),
    ]  # fmt: skip
    for body, errors in wrong:
        answer = await ada.post(SUBSCRIPTIONS, body)
        assert (answer.status, answer.code) == (400, "invalid_input")
        assert answer.body["errors"] == errors

    assert (await ada.get(SUBSCRIPTIONS)).body == {"results": []}


@pytest.mark.gen_test
async def test_an_end_that_a_browser_names_is_taken(site: Site) -> None:
    body = {**Browser().to_json(), "expirationTime": site.clock() + DAY_MS}
    del body["expirationTime"]
    without = await site.person("kit").post(SUBSCRIPTIONS, body)
    ending = {**Browser().to_json(), "expirationTime": site.clock() + DAY_MS}

    assert without.status == 201
    assert (await site.person("kit").post(SUBSCRIPTIONS, ending)).status == 201


@pytest.mark.gen_test
async def test_endpoints_and_keys_are_in_no_log_and_no_answer(site: Site) -> None:
    person, browser = site.person("max"), Browser()
    with capture_logs() as logs:
        answers = [
            await person.post(SUBSCRIPTIONS, browser.to_json()),
            await person.get(SUBSCRIPTIONS),
            await person.post(SUBSCRIPTIONS, {**browser.to_json(), "keys": {}}),
            await person.ask("DELETE", SUBSCRIPTIONS, {"endpoint": browser.endpoint}),
        ]

    told = repr(logs) + repr(answers)
    assert browser.name not in told
    assert browser.p256dh not in told


@pytest.mark.gen_test
async def test_a_test_notice_goes_to_oneself_and_not_too_often(
    settings: Settings, clock: DrivenClock
) -> None:
    limited = dataclasses.replace(settings, rate_push_test="2/minute")
    async with open_site(limited, clock) as site:
        answers = [await site.person("tess").post(TEST) for _ in range(3)]
        other = await site.person("tom").post(TEST)

    assert [answer.status for answer in answers] == [202, 202, 429]
    assert answers[0].body == {"subscriptions": 0}
    assert answers[2].code == "too_many_requests"
    assert other.status == 202


@pytest.mark.gen_test
async def test_a_reminder_is_off_until_somebody_wants_it(site: Site) -> None:
    pat = site.person("pat")
    before = await pat.get(REMINDER)
    chosen = await pat.put(REMINDER, {"enabled": True, "time": "23:30"})
    shown = await pat.get(REMINDER)
    off = await pat.put(REMINDER, {"enabled": False, "time": "23:30"})

    assert before.body == {"enabled": False, "time": "08:00", "next_at": None}
    assert chosen.status == 200
    assert shown.body == chosen.body
    # The tests' clock starts on 22 March 2049, at twenty to five in the morning.
    assert chosen.body == {"enabled": True, "time": "23:30", "next_at": "2049-03-22T23:30:00Z"}
    assert off.body == {"enabled": False, "time": "23:30", "next_at": None}
    assert (await site.person("another").get(REMINDER)).body == before.body


@pytest.mark.gen_test
async def test_a_reminder_follows_its_user_into_another_zone(site: Site) -> None:
    sam = site.person("sam")
    await sam.put(REMINDER, {"enabled": True, "time": "08:00"})
    shown = []
    for zone in ("Asia/Kathmandu", "Pacific/Kiritimati", "UTC"):
        answer = await sam.ask("PATCH", PROFILE, {"time_zone": zone})
        assert answer.status == 200
        shown.append((await sam.get(REMINDER)).body["next_at"])
    await sam.ask("PATCH", PROFILE, {"name": "Sam"})

    assert shown == ["2049-03-23T02:15:00Z", "2049-03-22T18:00:00Z", "2049-03-22T08:00:00Z"]
    assert (await sam.get(REMINDER)).body["next_at"] == shown[-1]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"enabled": True, "time": "8:00"}, "time"),
        ({"enabled": True, "time": "24:00"}, "time"),
        ({"enabled": True}, "time"),
        ({"time": "08:00"}, "enabled"),
        ({"enabled": "yes", "time": "08:00"}, "enabled"),
        ({"enabled": True, "time": "08:00", "next_at": "2049-03-22T08:00:00Z"}, "next_at"),
    ],
)
@pytest.mark.gen_test
async def test_what_is_no_reminder_is_refused(
    ada: Person, body: dict[str, object], field: str
) -> None:
    answer = await ada.put(REMINDER, body)

    assert (answer.status, list(answer.body["errors"])) == (400, [field])


@pytest.mark.gen_test
async def test_without_a_key_there_is_no_push_and_that_is_said(
    settings: Settings, clock: DrivenClock
) -> None:
    without = dataclasses.replace(settings, vapid_private_key=None)
    async with open_site(without, clock) as site:
        una, browser = site.person("una"), Browser()
        refused = [
            await una.get(KEY),
            await una.post(SUBSCRIPTIONS, browser.to_json()),
            await una.post(TEST),
        ]
        listed = await una.get(SUBSCRIPTIONS)
        removed = await remove(una, browser.endpoint)
        reminder = await una.put(REMINDER, {"enabled": True, "time": "08:00"})

        assert site.node.parts.push.notifying is None
    for answer in refused:
        assert (answer.status, answer.code) == (404, "not_found")
        assert answer.body["detail"] == "Push is not set up on this server."
    assert (listed.body, removed, reminder.status) == ({"results": []}, 204, 200)
