"""Past sessions as files, from a whole node."""

import csv
import io
import json

import pytest
from icalendar import Calendar

from handlers.icalendars import CONTENT_TYPE
from tests.api.test_history import ACTIVITY, GOAL, keep
from tests.downloads import download
from tests.person import Person, Site

pytestmark = pytest.mark.kept_database

EXPORTS = "/api/v1/exports/sessions"
KINDS = {
    "csv": "text/csv; charset=utf-8; header=present",
    "json": "application/json",
    "ics": CONTENT_TYPE,
}


def ids(form: str, body: bytes) -> list[str]:
    """The sessions in a file."""
    if form == "json":
        return [item["id"] for item in json.loads(body)]
    if form == "csv":
        rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""))
        return [row["id"].removeprefix("'") for row in rows]
    events = Calendar.from_ical(body).walk("VEVENT")
    return [str(event["uid"]).removesuffix("@sessiond") for event in events]


@pytest.mark.gen_test(timeout=20)
async def test_each_file_holds_what_is_asked_for_and_its_owners_alone(site: Site) -> None:
    many = {f"n{n}": {"goal_id": GOAL if n % 2 else None} for n in range(620)}
    await keep(site, "ina", **many)
    await keep(site, "jon", **{"one": {"activity_id": ACTIVITY}, "un-done": {"status": "canceled"}})
    expected = [f"ina-n{n}" for n in reversed(range(620))]
    for form, kind in KINDS.items():
        ina = await download(site.person("ina"), f"{EXPORTS}.{form}")
        odd = await download(site.person("ina"), f"{EXPORTS}.{form}/?goal={GOAL}")
        jon = await download(site.person("jon"), f"{EXPORTS}.{form}?status=all")
        foreign = await download(site.person("jon"), f"{EXPORTS}.{form}?goal={GOAL}")
        nobody = await download(Person(site=site, user_id="", bearer=""), f"{EXPORTS}.{form}")

        assert ina.code == odd.code == jon.code == foreign.code == 200
        assert ina.headers["Content-Type"] == kind
        assert ina.headers["Content-Disposition"] == f'attachment; filename="sessions.{form}"'
        assert ina.headers["X-Content-Type-Options"] == "nosniff"
        assert ina.headers["Cache-Control"] == "no-store"
        assert "Content-Length" not in ina.headers
        assert ids(form, ina.body) == expected
        assert ids(form, odd.body) == expected[::2]
        assert ids(form, jon.body) == ["jon-un-done", "jon-one"]
        assert ids(form, foreign.body) == []
        assert nobody.code == 401
    assert len(site.node.services.streams) == 0


@pytest.mark.gen_test
async def test_what_people_name_things_does_no_harm_in_a_spreadsheet(
    site: Site, ada: Person
) -> None:
    evil = '=HYPERLINK("http://x","y")\u2028'.rstrip("\u2028")
    goal = await ada.post("/api/v1/goals/", {"title": evil})
    activity = await ada.post("/api/v1/activities/", {"name": "@SUM(1)", "category": "Work"})
    plan = {"goal_id": goal.body["id"], "activity_id": activity.body["id"]}
    path = await ada.start(session_id="-1-cmd", device_platform="+web", **plan)
    site.clock.advance(1_500)
    await ada.complete(path)
    data = (await download(ada, f"{EXPORTS}.csv?goal={plan['goal_id']}")).body
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    (item,) = json.loads((await download(ada, f"{EXPORTS}.json?goal={plan['goal_id']}")).body)

    assert data.startswith(b'\xef\xbb\xbf"id",')
    assert data.count(b"\r\n") == data.count(b"\n") == 2
    assert [row[name] for name in ("id", "goal", "activity", "device_platform")] == [
        "'-1-cmd",
        f"'{evil}",
        "'@SUM(1)",
        "'+web",
    ]
    assert row["started_at"] == "2049-03-22T04:26:40Z"
    assert item["goal"]["title"] == evil
    assert item["id"] == "-1-cmd"


@pytest.mark.gen_test
async def test_a_third_export_at_the_same_time_waits_its_turn(site: Site, ada: Person) -> None:
    slots = site.node.services.streams.exports
    with slots.hold("ada"), slots.hold("ada"):
        third = await ada.get(f"{EXPORTS}.json")
        other = await download(site.person("bob"), f"{EXPORTS}.json")
    after = await download(ada, f"{EXPORTS}.json")

    assert (third.status, third.code) == (429, "too_many_requests")
    assert int(third.headers["Retry-After"]) > 0
    assert (other.code, after.code) == (200, 200)
