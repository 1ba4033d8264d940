"""Who may do what with challenges, matches and buddy sessions."""

import dataclasses
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from config.settings import Settings
from domain.instants import HOUR_MS, iso
from tests.buddies import SESSION, Pair, pair
from tests.fakes import DrivenClock
from tests.person import Person, Site, open_site

NOWHERE = "00000000-0000-4000-8000-000000000000"
STAFF = ("/api/challenges/", "/api/matches/")
ON_ONE: tuple[tuple[str, str, Any], ...] = (
    ("GET", "", None),
    ("POST", "confirm/", {}),
    ("PATCH", "notes/", {"notes": "mine"}),
    ("POST", "cancel/", None),
    ("POST", "reschedule/", {"scheduled_time": "2050-01-01T00:00:00Z"}),
)
TRUSTED = ("cancel/", "reschedule/")
"""What services may do with sessions of others."""
TEST_USER = "X_Test_User_ID"


@pytest.fixture
def two(io_loop: IOLoop, site: Site) -> Pair:
    made: Pair = io_loop.run_sync(lambda: pair(site, "-of-the-pair"))
    return made


@pytest.mark.gen_test
async def test_challenges_and_matches_are_for_services_and_operators(site: Site) -> None:
    nobody = Person(site=site, user_id="", bearer="")
    for path in STAFF:
        for method in ("GET", "POST"):
            body: Any = {} if method == "POST" else None
            assert (await nobody.ask(method, path, body)).status == 401
            refused = await site.person("eve").ask(method, path, body)
            assert (refused.status, refused.code) == (403, "forbidden"), (method, path)
            assert refused.body["detail"] == "This needs the role admin or service."
        assert (await site.person("root", "admin").get(path)).body == {"results": [], "next": None}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/challenges/", {"title": "x"}, "points"),
        ("/api/challenges/", {"title": "", "points": 1}, "title"),
        ("/api/challenges/", {"title": "x", "points": 0}, "points"),
        ("/api/challenges/", {"title": "x", "points": 1.5}, "points"),
        ("/api/challenges/", {"title": "x", "points": 1, "difficulty": "hard"}, "difficulty"),
        ("/api/challenges/", {"title": "x", "points": 1, "id": NOWHERE}, "id"),
        ("/api/matches/", {"user1_id": "a"}, "user2_id"),
        ("/api/matches/", {"user1_id": "a", "user2_id": "a"}, "user2_id"),
        ("/api/matches/", {"user1_id": "a", "user2_id": ["b"]}, "user2_id"),
        ("/api/matches/", {"user1_id": "a", "user2_id": "b" * 129}, "user2_id"),
    ],
)
@pytest.mark.gen_test
@pytest.mark.kept_database
async def test_bad_challenges_and_matches(
    site: Site, path: str, body: dict[str, object], field: str
) -> None:
    answer = await site.person("wingman", "service").post(path, body)

    assert (answer.status, answer.code) == (422, "unprocessable")
    assert field in answer.body["errors"]


@pytest.mark.gen_test
async def test_lists_of_challenges_and_matches_are_paged_and_made_once(site: Site) -> None:
    service = site.person("wingman", "service")
    for number in range(3):
        for path, body in (
            ("/api/challenges/", {"title": f"No. {number}", "points": number + 1}),
            ("/api/matches/", {"user1_id": "ada", "user2_id": f"u{number}"}),
        ):
            made = [await service.post(path, body, Idempotency_Key=f"{number}") for _ in range(2)]
            assert [one.status for one in made] == [201, 201]
            assert made[0].body == made[1].body
            site.clock.advance(1)
    other = await service.post("/api/matches/", {"user1_id": "x", "user2_id": "y"})
    assert other.status == 201

    first = (await service.get("/api/challenges/?limit=2")).body
    rest = (await service.get(f"/api/challenges/?limit=2&cursor={first['next']}")).body
    assert [one["points"] for one in (*first["results"], *rest["results"])] == [3, 2, 1]
    assert rest["next"] is None
    matches = (await service.get("/api/matches/?user=ada")).body["results"]
    assert [one["user2_id"] for one in matches] == ["u2", "u1", "u0"]
    reused = await service.post("/api/matches/", {"user1_id": "p", "user2_id": "q"},
                                Idempotency_Key="1")  # fmt: skip
    assert (reused.status, reused.code) == (422, "idempotency_key_reused")


@pytest.mark.gen_test
async def test_nobody_else_reaches_a_session(site: Site, two: Pair) -> None:
    session_id = await two.appoint()
    strangers = [site.person("eve"), two.service, site.person("root", "admin")]
    for stranger in strangers:
        assert (await stranger.get("/api/v1/authentication/me/")).status == 200
    before = await site.contents()
    nobody = Person(site=site, user_id="", bearer="")
    for method, path, body in ON_ONE:
        for stranger in strangers:
            if "service" in stranger.roles and path in TRUSTED:
                continue
            answer = await stranger.ask(method, f"{SESSION}{session_id}/{path}", body)
            assert (answer.status, answer.code) == (403, "forbidden"), (method, path, stranger)
            assert answer.body["detail"].startswith("Access denied")
            assert two.ada.user_id not in answer.raw.decode()
        anonymous = await nobody.ask(method, f"{SESSION}{session_id}/{path}", body)
        assert (anonymous.status, anonymous.code) == (401, "not_authenticated")
        for unknown in (NOWHERE, "x", "..%2F", "%24ne", session_id[:-1]):
            answer = await two.ada.ask(method, f"{SESSION}{unknown}/{path}", body)
            assert (answer.status, answer.code) == (404, "not_found"), (method, path, unknown)

    assert await site.contents() == before


@pytest.mark.gen_test
async def test_appointing_is_for_those_of_the_match(site: Site, two: Pair) -> None:
    eve = site.person("eve")
    foreign = await eve.post(SESSION, two.wish())
    unknown = await eve.post(SESSION, two.wish(match_id=NOWHERE))

    assert (foreign.status, foreign.code) == (403, "forbidden")
    assert (unknown.status, unknown.code) == (404, "not_found")
    for person in (two.bob, two.service):
        assert (await person.post(SESSION, two.wish())).status == 201
    # An administrator is no service.
    assert (await site.person("root", "admin").post(SESSION, two.wish())).status == 403


@pytest.mark.gen_test
async def test_ids_may_be_written_in_capitals(two: Pair) -> None:
    session_id = await two.appoint()

    assert (await two.ada.get(f"{SESSION}{session_id.upper()}/")).status == 200


@pytest.mark.gen_test
async def test_in_development_a_header_says_who_asks(site: Site, two: Pair) -> None:
    session_id = await two.appoint()
    nobody = Person(site=site, user_id="", bearer="")
    path = f"{SESSION}{session_id}/"
    as_ada = await nobody.ask("GET", path, **{TEST_USER: two.ada.user_id})
    as_eve = await nobody.ask("GET", path, **{TEST_USER: "eve"})
    over_token = await two.ada.ask("GET", path, **{TEST_USER: "eve"})
    staff = await nobody.ask("GET", "/api/matches/", **{TEST_USER: "root"})
    elsewhere = await nobody.ask("GET", "/api/v1/goals/", **{TEST_USER: two.ada.user_id})
    bad = [await nobody.ask("GET", path, **{TEST_USER: told}) for told in ("x" * 129, "")]

    assert (as_ada.status, as_ada.body["id"]) == (200, session_id)
    assert [as_eve.status, over_token.status, staff.status, elsewhere.status] == [
        403, 403, 403, 401,
    ]  # fmt: skip
    assert [one.status for one in bad] == [401, 401]


@pytest.mark.gen_test
async def test_in_production_the_header_is_refused_loudly(
    settings: Settings, clock: DrivenClock, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = dataclasses.replace(settings, env="production")
    async with open_site(settings, clock) as site:
        two = await pair(site)
        session_id = await two.appoint()
        nobody = Person(site=site, user_id="", bearer="")
        capsys.readouterr()
        for person in (nobody, two.ada):
            for method, path, body in ON_ONE:
                answer = await person.ask(
                    method, f"{SESSION}{session_id}/{path}", body, **{TEST_USER: two.ada.user_id}
                )
                assert (answer.status, answer.code) == (401, "not_authenticated")
                assert answer.body["detail"] == "X-Test-User-ID is for development alone."
        said = capsys.readouterr().out
        preflight = await nobody.ask(
            "OPTIONS", SESSION, Origin="http://localhost:3000", Access_Control_Request_Method="GET"
        )

        assert said.count("test_user_refused") == 2 * len(ON_ONE)
        assert "Test-User" not in preflight.headers.get("Access-Control-Allow-Headers", "")
        assert (await two.seen(session_id))["rev"] == 1


@pytest.mark.gen_test
async def test_a_page_may_send_the_header_in_development(site: Site) -> None:
    nobody = Person(site=site, user_id="", bearer="")
    preflight = await nobody.ask(
        "OPTIONS", SESSION, Origin="http://localhost:3000", Access_Control_Request_Method="GET"
    )

    assert "X-Test-User-ID" in preflight.headers["Access-Control-Allow-Headers"]


@pytest.mark.gen_test
async def test_another_persons_key_is_another_key(site: Site, two: Pair) -> None:
    wish = two.wish(2 * HOUR_MS)
    made = [await one.post(SESSION, wish, Idempotency_Key="k") for one in (two.ada, two.bob)]

    assert [one.status for one in made] == [201, 201]
    assert made[0].body["id"] != made[1].body["id"]
    assert wish["scheduled_time"] == iso(site.clock() + 2 * HOUR_MS)
