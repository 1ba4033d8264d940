"""Customer sessions of everybody, as operators see them."""

import csv
import io
import itertools
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from domain.instants import HOUR_MS, MINUTE_MS, iso
from tests.downloads import download
from tests.person import Person, Site

CHAT = "/api/chat/sessions/"
LIST = "/api/admin/customer-sessions/"
pytestmark = pytest.mark.kept_database


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A site, an operator of it, and customers of a name of their own."""

    site: Site
    root: Person
    name: str

    def customer(self, name: str) -> Person:
        return self.site.person(f"{self.name}-{name}")

    async def visit(
        self, name: str, minutes: int, *, messages: int = 0, replies: tuple[float, ...] = ()
    ) -> str:
        """A visit of somebody that begins now and lasts that long; its id."""
        person, session_id = self.customer(name), await self.begin(name)
        for _ in range(messages):
            await act(person, session_id, "message_sent")
        for seconds in replies:
            await act(person, session_id, "response_received", response_time=seconds)
        self.site.clock.advance(minutes * MINUTE_MS)
        await person.post(f"{CHAT}end/", {"session_id": session_id})
        return session_id

    async def begin(self, name: str) -> str:
        """A visit that goes on; its id."""
        return str((await self.customer(name).post(f"{CHAT}start/", {})).body["session_id"])

    async def page(self, query: str = "") -> dict[str, Any]:
        """What the operator is shown of these customers."""
        answer = await self.root.get(f"{LIST}?q={self.name}{query and f'&{query}'}")
        assert answer.status == 200, answer
        return dict(answer.body)

    async def ids(self, query: str = "") -> list[str]:
        """Which sessions, following the pages."""
        found: list[str] = []
        page = await self.page(query)
        while True:
            found += [row["session_id"] for row in page["results"]]
            if page["next"] is None:
                assert len(found) == page["total"]
                return found
            page = await self.page(f"{query}&cursor={page['next']}")


async def act(person: Person, session_id: str, activity: str, **told: object) -> None:
    body = {"session_id": session_id, "activity_type": activity, **told}
    assert (await person.post(f"{CHAT}update/", body)).status == 200


@pytest.fixture
def shop(site: Site) -> Shop:
    """Customers that no other test of this file has."""
    site.clock.advance(48 * HOUR_MS * next(COUNT))
    return Shop(site=site, root=site.person("root", "admin"), name=f"c{uuid.uuid4().hex[:8]}")


COUNT = itertools.count(1)


@pytest.mark.gen_test
async def test_running_and_ended_visits_stand_in_one_list(shop: Shop) -> None:
    at = shop.site.clock()
    ended = await shop.visit("ada", 10, messages=2, replies=(1.0, 2.0))
    running = await shop.begin("bob")
    shop.site.clock.advance(90_000)
    page = await shop.page()

    now = at + 10 * MINUTE_MS
    assert page["results"] == [
        {
            "session_id": running,
            "user": f"{shop.name}-bob",
            "name": "",
            "email": None,
            "status": "active",
            "completed_reason": None,
            "is_active": True,
            "started_at": iso(now),
            "ended_at": None,
            "last_activity_at": iso(now),
            "duration_minutes": 1.5,
            "total_messages_sent": 0,
            "total_conversations": 0,
            "total_responses": 0,
            "average_response_time": 0.0,
        },
        {
            "session_id": ended,
            "user": f"{shop.name}-ada",
            "name": "",
            "email": None,
            "status": "completed",
            "completed_reason": "manual",
            "is_active": False,
            "started_at": iso(at),
            "ended_at": iso(now),
            "last_activity_at": None,
            "duration_minutes": 10.0,
            "total_messages_sent": 2,
            "total_conversations": 0,
            "total_responses": 2,
            "average_response_time": 1.5,
        },
    ]
    assert (page["total"], page["next"]) == (2, None)


@pytest.mark.gen_test
async def test_each_filter_keeps_what_fits(shop: Shop) -> None:
    began = shop.site.clock()
    first = await shop.visit("ada", 5)
    middle = shop.site.clock()
    second = await shop.visit("bob", 5)
    running = await shop.begin("ada")
    of_ada = f"user={shop.name}-ada"
    late = f"from={quote(iso(middle))}"

    assert await shop.ids("state=active") == [running]
    assert await shop.ids("state=ended") == [second, first]
    assert await shop.ids(of_ada) == [running, first]
    assert await shop.ids(f"{of_ada}&state=ended") == [first]
    assert await shop.ids(late) == [running, second]
    assert await shop.ids(f"{late}&to={quote(iso(middle + 1))}") == [second]
    assert await shop.ids(f"to={quote(iso(began))}") == []
    assert await shop.ids("user=nobody") == []


@pytest.mark.gen_test
async def test_every_order_holds_over_all_pages(shop: Shop) -> None:
    lengths = {"a": (7, 3), "b": (2, 5), "c": (2, 0), "d": (9, 5), "e": (4, 1)}
    made = {
        await shop.visit(name, length, messages=messages): (length, messages)
        for name, (length, messages) in lengths.items()
    }
    running = await shop.begin("f")
    shop.site.clock.advance(3 * MINUTE_MS)
    made[running] = (3, 0)
    order = [*made]

    def by(key: Any, *, reverse: bool = False) -> list[str]:
        return sorted(order, key=lambda one: (key(one), one), reverse=reverse)

    keys = {
        "started_at": order.index,
        "ended_at": order.index,
        "duration": lambda one: made[one][0],
        "messages": lambda one: made[one][1],
        "conversations": lambda _: 0,
    }
    for name, key in keys.items():
        for sign, reverse in (("", False), ("-", True)):
            ended = [one for one in by(key, reverse=reverse) if one != running]
            # By anything but the start, what runs comes first: it grows while pages are turned.
            among = by(key, reverse=reverse) if name == "started_at" else [running, *ended]
            for limit in (1, 2, 6):
                assert await shop.ids(f"sort={sign}{name}&limit={limit}") == among, name
            assert await shop.ids(f"sort={sign}{name}&limit=1&state=ended") == ended


@pytest.mark.gen_test
async def test_a_search_finds_ids_names_and_addresses(site: Site, shop: Shop) -> None:
    anonymous = Person(site=site, user_id="", bearer="")
    told = {
        "email": f"{shop.name}@example.org",
        "password": "correct horse",
        "name": "Zoë Ångström",
    }
    account = (await anonymous.post("/api/v1/authentication/register/", told)).body
    zoe = Person(site=site, user_id=account["user"]["id"], bearer=account["access"])
    session_id = (await zoe.post(f"{CHAT}start/", {})).body["session_id"]

    for text in ("zoë å", "ZOË ÅNG", "zoe a", shop.name.upper(), zoe.user_id[:20], session_id[:13]):
        page = (await shop.root.get(f"{LIST}?q={quote(text)}")).body
        assert [row["session_id"] for row in page["results"]] == [session_id], text
        assert page["total"] == 1
        (row,) = page["results"]
        assert (row["name"], row["email"]) == ("Zoë Ångström", told["email"])
    for text in ("Ångström", "%", "$ne", '{"$gt":""}', ".*", session_id[1:13]):
        page = (await shop.root.get(f"{LIST}?q={quote(text)}")).body
        assert page["results"] == [], text


@pytest.mark.gen_test
async def test_a_search_that_fits_too_many_says_so(site: Site, shop: Shop) -> None:
    async with site.mongo() as database:
        await database["users"].insert_many(
            [{"_id": f"{shop.name}-{number}", "name": ""} for number in range(201)]
        )
    refused = await shop.root.get(f"{LIST}?q={shop.name}")
    narrower = await shop.root.get(f"{LIST}?q={shop.name}-1")

    assert (refused.status, refused.code) == (400, "invalid_input")
    assert refused.body["errors"] == {"q": ["More than 200 users fit; write more of it."]}
    assert (narrower.status, narrower.body["results"]) == (200, [])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("sort=user", "sort"),
        ("sort=--duration", "sort"),
        ("state=asleep", "state"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("from=yesterday", "from"),
        ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
        ("q=", "q"),
        ("q=%00", "q"),
        ("format=xml", "format"),
        ("cursor=x", "cursor"),
        ("kind=focus", "kind"),
        ("user=a&user=b", "user"),
    ],
)
@pytest.mark.gen_test
async def test_bad_questions_are_refused(site: Site, query: str, field: str) -> None:
    answer = await site.person("root", "admin").get(f"{LIST}?{query}")

    assert (answer.status, answer.code) == (400, "invalid_input")
    assert field in answer.body["errors"]


@pytest.mark.gen_test
async def test_a_cursor_belongs_to_its_order(shop: Shop) -> None:
    for name in ("a", "b"):
        await shop.visit(name, 1)
    page = await shop.page("limit=1")
    other = await shop.root.get(f"{LIST}?sort=duration&cursor={page['next']}")

    assert (other.status, [*other.body["errors"]]) == (400, ["cursor"])


@pytest.mark.gen_test
async def test_the_table_has_everything_and_no_formulas(site: Site, shop: Shop) -> None:
    ids = [await shop.visit(f"={number}", 2, messages=number) for number in range(3)]
    running = await shop.begin("z")
    response = await download(shop.root, f"{LIST}?q={shop.name}&format=csv&sort=messages&limit=1")
    rows = list(csv.DictReader(io.StringIO(response.body.decode("utf-8-sig"))))

    assert response.headers["Content-Type"].startswith("text/csv")
    assert "customer-sessions.csv" in response.headers["Content-Disposition"]
    assert [row["session_id"] for row in rows] == [running, *ids]
    assert [int(row["total_messages_sent"]) for row in rows] == [0, 0, 1, 2]
    by_start = await download(shop.root, f"{LIST}?q={shop.name}&format=csv")
    rows = list(csv.DictReader(io.StringIO(by_start.body.decode("utf-8-sig"))))
    assert [row["session_id"] for row in rows] == [running, *reversed(ids)]
    async with site.mongo() as database:
        await database["users"].update_one(
            {"_id": f"{shop.name}-z"}, {"$set": {"name": "=HYPERLINK()"}}
        )
    response = await download(shop.root, f"{LIST}?user={shop.name}-z&format=csv")
    (row,) = csv.DictReader(io.StringIO(response.body.decode("utf-8-sig")))
    assert row["name"] == "'=HYPERLINK()"


@pytest.mark.gen_test
async def test_figures_of_a_span(shop: Shop) -> None:
    hour = -(-shop.site.clock() // HOUR_MS) * HOUR_MS
    shop.site.clock.advance(hour - shop.site.clock())
    await shop.visit("a", 10, messages=4, replies=(1.0, 2.0))
    await shop.visit("a", 20, messages=1, replies=(3.0,))
    await shop.visit("b", 40, replies=(10.0, 0.5))
    running = await shop.begin("c")
    span = f"from={quote(iso(hour))}&to={quote(iso(hour + 3 * HOUR_MS))}"
    told = (await shop.root.get(f"{LIST}stats/?{span}")).body

    assert told["per_hour"] == [
        {"hour": iso(hour), "started": 3},
        {"hour": iso(hour + HOUR_MS), "started": 1},
        {"hour": iso(hour + 2 * HOUR_MS), "started": 0},
    ]
    assert told["duration_minutes"] == {
        "count": 3, "average": 23.3, "p50": 20.0, "p90": 40.0, "p99": 40.0, "longest": 40.0,
    }  # fmt: skip
    assert told["response_time"] == {
        "count": 5, "average": 3.3, "p50": 2.0, "p90": 10.0, "p99": 10.0, "longest": 10.0,
    }  # fmt: skip
    assert told["busiest_users"] == [
        {
            "user": f"{shop.name}-a",
            "name": "",
            "sessions": 2,
            "total_duration_minutes": 30.0,
            "total_messages_sent": 5,
            "total_conversations": 0,
        },
        {
            "user": f"{shop.name}-b",
            "name": "",
            "sessions": 1,
            "total_duration_minutes": 40.0,
            "total_messages_sent": 0,
            "total_conversations": 0,
        },
    ]
    assert (told["from"], told["to"], told["ended"]) == (
        iso(hour), iso(hour + 3 * HOUR_MS), 3,
    )  # fmt: skip
    assert told["active_now"] >= 1
    assert running


@pytest.mark.gen_test
async def test_figures_of_nothing(shop: Shop) -> None:
    told = (await shop.root.get(f"{LIST}stats/?to=2001-01-01T00:00:00Z")).body
    wide = await shop.root.get(f"{LIST}stats/?from=2001-01-01T00:00:00Z")

    none = {"count": 0, "average": None, "p50": None, "p90": None, "p99": None, "longest": None}
    assert (told["duration_minutes"], told["response_time"]) == (none, none)
    assert (told["ended"], told["busiest_users"], len(told["per_hour"])) == (0, [], 24)
    assert (wide.status, [*wide.body["errors"]]) == (400, ["from"])


@pytest.mark.gen_test
async def test_only_operators_see_any_of_it(site: Site) -> None:
    for path in (LIST, f"{LIST}?format=csv", f"{LIST}stats/"):
        for roles in (("user",), ("service",), ("user", "service")):
            answer = await site.person("eve", *roles).get(path)
            assert (answer.status, answer.code) == (403, "forbidden"), (path, roles)
            assert "admin" in answer.body["detail"]
        nobody = await Person(site=site, user_id="", bearer="").get(path)
        assert nobody.status == 401, path
