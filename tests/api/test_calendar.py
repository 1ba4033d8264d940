"""Calendar feeds: an address that is told once, opens one person's calendar, and can be revoked."""

import hashlib
import re
from contextlib import ExitStack

import pytest
from icalendar import Calendar
from structlog.testing import capture_logs

from handlers.base import shown_path
from tests.api.test_history import keep
from tests.downloads import download
from tests.learner import enrolled, go_pro
from tests.person import Person, Site

pytestmark = pytest.mark.kept_database

CALENDAR = "/api/v1/calendar/"
ADDRESS = re.compile(r"/api/v1/calendar/([A-Za-z0-9_-]{43})\.ics")


def nobody(site: Site) -> Person:
    return Person(site=site, user_id="", bearer="")


@pytest.mark.gen_test
async def test_a_feed_lives_from_its_making_to_its_revocation(site: Site, ada: Person) -> None:
    stranger = nobody(site)
    none = await ada.get(CALENDAR)
    made = await ada.post(CALENDAR)
    shown = await ada.get(CALENDAR)
    await site.person("bob").ask("DELETE", CALENDAR)
    bobs = await site.person("bob").get(CALENDAR)
    opened = await download(stranger, made.body["url"])
    gone = [await ada.ask("DELETE", CALENDAR) for _ in range(2)]
    revoked = await stranger.get(made.body["url"])
    revoked_programs = await stranger.get(made.body["programs_url"])

    assert none.body == bobs.body == {"active": False, "created_at": None}
    assert made.status == 201
    assert ADDRESS.fullmatch(made.body["url"])
    assert made.body["programs_url"] == made.body["url"].replace(".ics", "/programs.ics")
    assert shown.body == {"active": True, "created_at": made.body["created_at"]}
    assert opened.code == 200
    assert [answer.status for answer in gone] == [204, 204]
    assert (revoked.status, revoked_programs.status) == (404, 404)
    assert (await ada.get(CALENDAR)).body == none.body


@pytest.mark.gen_test
async def test_what_opens_nothing_is_like_a_path_that_is_not_there(site: Site, ada: Person) -> None:
    stranger = nobody(site)
    first = (await ada.post(CALENDAR)).body["url"]
    second = (await ada.post(CALENDAR)).body["url"]
    closed = [first, f"{CALENDAR}{'A' * 43}.ics", f"{CALENDAR}x.ics", second[:-5] + ".ics"]
    closed += [path.replace(".ics", "/programs.ics") for path in closed]
    nowhere = await stranger.get("/api/v1/nowhere/")

    assert first != second
    assert (await download(stranger, second)).code == 200
    for path in closed:
        answer = await stranger.get(path)
        assert answer.status == nowhere.status == 404
        assert answer.told == nowhere.told


@pytest.mark.gen_test(timeout=20)
async def test_a_feed_shows_the_newest_of_its_owner_and_nothing_else(site: Site) -> None:
    await keep(site, "kim", **{f"n{n}": {} for n in range(1_003)}, canceled={"status": "canceled"})
    await keep(site, "lee", one={})
    url = (await site.person("kim").post(CALENDAR)).body["url"]
    answer = await download(nobody(site), url)
    events = Calendar.from_ical(answer.body).walk("VEVENT")

    assert [str(event["uid"]) for event in events] == [
        f"kim-n{n}@sessiond" for n in reversed(range(3, 1_003))
    ]
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert len(site.node.services.streams) == 0


@pytest.mark.gen_test(timeout=20)
async def test_the_programs_of_the_feed_are_those_going_on(site: Site) -> None:
    kim, lee = site.person("prog-kim"), site.person("prog-lee")
    await go_pro(kim)
    over = await enrolled(kim)
    await over.do(1)
    await over.post("programs/abandon/")
    paused, waiting = await enrolled(kim), await enrolled(kim, 2, begin=False)
    await paused.do(1)
    await paused.post("programs/pause/")
    await enrolled(lee)
    made = (await kim.post(CALENDAR)).body
    with site.node.services.streams.feeds.hold("prog-kim"):
        answer = await download(nobody(site), made["programs_url"])
    with site.node.services.streams.program_feeds.hold("prog-kim"):
        second = await nobody(site).get(made["programs_url"])
        sessions = await download(nobody(site), made["url"])
    calendar = Calendar.from_ical(answer.body)
    events = calendar.walk("VEVENT")

    assert [str(event["uid"]) for event in events] == [
        f"program-{one.enrollment_id}-{number}@sessiond"
        for one, days in ((waiting, 30), (paused, 14))
        for number in range(1, days + 1)
    ]
    assert [str(event["status"]) for event in events].count("CONFIRMED") == 1
    assert str(calendar["x-wr-calname"]) == "Focus programs"
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert (second.status, second.code, sessions.code) == (429, "too_many_requests", 200)
    assert len(site.node.services.streams) == 0


@pytest.mark.gen_test
async def test_exports_shut_no_calendar_out_and_each_is_sent_once_at_a_time(
    site: Site, ada: Person
) -> None:
    url = (await ada.post(CALENDAR)).body["url"]
    streams = site.node.services.streams
    with ExitStack() as held:
        for number in range(16):
            held.enter_context(streams.exports.hold(f"user {number}"))
        full = await download(ada, "/api/v1/exports/sessions.ics")
        opened = await download(nobody(site), url)
    with streams.feeds.hold("ada"):
        second = await nobody(site).get(url)
        exported = await download(ada, "/api/v1/exports/sessions.ics")

    assert (full.code, opened.code, exported.code) == (503, 200, 200)
    assert (second.status, second.code) == (429, "too_many_requests")
    assert "1 of your calendars" in second.body["detail"]


@pytest.mark.gen_test
async def test_the_token_is_in_no_log_and_in_no_store(site: Site, ada: Person) -> None:
    url = (await ada.post(CALENDAR)).body["url"]
    match = ADDRESS.fullmatch(url)
    assert match
    token = match[1]
    with capture_logs() as logs:
        for path in (
            url,
            f"{url}/",
            url.removesuffix(".ics"),
            f"{url}/x",
            url.replace("r/", "r//"),
            url.replace(".ics", "/programs.ics"),
            url.replace(".ics", "/PROGRAMS.ics?x=1"),
        ):
            await download(nobody(site), path)
        await nobody(site).post(url)
    async with site.mongo() as database:
        kept = await database["calendar_feeds"].find_one({"_id": "ada"})

    assert len([line for line in logs if line["event"] == "request"]) == 8
    assert token not in repr(logs)
    assert kept is not None
    assert kept["digest"] == hashlib.sha256(token.encode()).hexdigest()
    assert token not in repr(kept)


def test_a_logged_path_is_short_and_keeps_secrets() -> None:
    assert shown_path("/api/v1/calendar/abc.ics") == "/api/v1/calendar/*"
    assert shown_path("/api/v1/calendar/abc/programs.ics") == "/api/v1/calendar/*"
    assert shown_path("/API/v1/Calendar%2Fabc\n.ics") == "/API/v1/Calendar/*"
    assert shown_path("/api/v1/calendar/") == "/api/v1/calendar/"
    assert shown_path("/api/v1/goals/é/") == "/api/v1/goals/\\xe9/"
    assert len(shown_path("/" + "x" * 999)) == 200
