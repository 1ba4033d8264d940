"""Who may have a review: whoever knows its id, or, where tokens are required, its owner."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from config.settings import Settings
from handlers.base import shown_path
from tests.analyses import Desk, open_desk, payload
from tests.engines import until
from tests.fakes import DrivenClock
from tests.person import Person, Site, open_site
from tests.raw_socket import RawSocket
from tests.reviewing import CONTACT, NOWHERE, REVIEW, TONE, Reviewer, anybody, begin, heard, listen

pytestmark = pytest.mark.kept_database


@asynccontextmanager
async def guarded(settings: Settings, clock: DrivenClock) -> AsyncIterator[Desk]:
    """A node where reviews want a token."""
    async with open_desk(settings, clock, review_auth="required") as desk:
        yield desk


def bearer(person: Person) -> dict[str, str | None]:
    """The header that says who it is."""
    return {"Authorization": f"Bearer {person.site.token(person.user_id, *person.roles)}"}


async def everything(person: Person, review: Reviewer) -> list[tuple[int, Any]]:
    """What a person is answered on every path of a review that changes nothing for strangers."""
    known = {"review_session_id": review.id}
    answers = [
        await person.get(f"{REVIEW}{review.id}/next/"),
        await person.post(f"{REVIEW}{review.id}/answer/", {"question_id": 2, "answer_text": "x"}),
        await person.post(f"{REVIEW}session/contact/", {**CONTACT, **known}),
        await person.get(f"{REVIEW}session/{review.id}/contact/"),
        await person.post(f"{REVIEW}session/meeting/request/", known),
        await person.get(f"{REVIEW}session/{review.id}/meeting/requests/"),
        await Reviewer(person=person, id=review.id).speak(2, TONE),
    ]
    return [(answer.status, answer.told) for answer in answers]


@pytest.mark.gen_test
async def test_without_a_token_whoever_knows_the_id_has_the_review(site: Site) -> None:
    review = await begin(site, by=site.person("ada"))
    for person in (anybody(site), site.person("bob")):
        told = await person.get(f"{REVIEW}{review.id}/next/")
        assert (told.status, told.body["session"]["id"]) == (200, review.id)


@pytest.mark.gen_test
async def test_a_token_that_is_not_good_is_refused_and_not_taken_for_none(site: Site) -> None:
    for token in ("x", "eyJhbGciOiJub25lIn0.e30."):
        liar = Person(site=site, user_id="liar", bearer=token)
        refused = await liar.post(f"{REVIEW}start/")
        assert (refused.status, refused.code) == (401, "not_authenticated")


@pytest.mark.gen_test
async def test_where_tokens_are_required_nobody_comes_without(
    settings: Settings, clock: DrivenClock
) -> None:
    async with guarded(settings, clock) as desk:
        ada = desk.site.person("ada")
        review = await begin(desk.site, by=ada)
        url = await heard(review)
        before = await desk.site.contents()
        nobody = anybody(desk.site)

        assert (await nobody.post(f"{REVIEW}start/")).status == 401
        assert {status for status, _ in await everything(nobody, review)} == {401}
        assert (await listen(nobody, url)).code == 401
        assert await desk.site.contents() == before


@pytest.mark.gen_test
async def test_where_tokens_are_required_a_strangers_review_is_not_there(
    settings: Settings, clock: DrivenClock
) -> None:
    async with guarded(settings, clock) as desk:
        ada, bob = desk.site.person("ada"), desk.site.person("bob")
        review = await begin(desk.site, by=ada)
        url = await heard(review)
        foreign = await everything(bob, review)
        unknown = await everything(bob, Reviewer(person=bob, id=NOWHERE))

        assert foreign == unknown
        assert {status for status, _ in foreign} == {404}
        assert (await listen(bob, url)).code == 404
        assert (await listen(ada, url)).code == 200
        admin = desk.site.person("root", "admin")
        assert (await admin.get(f"{REVIEW}{review.id}/next/")).status == 200
        assert (await review.next())["next_question"]["id"] == 2


@pytest.mark.gen_test
async def test_where_tokens_are_required_a_socket_wants_one_too(
    settings: Settings, clock: DrivenClock
) -> None:
    async with guarded(settings, clock) as desk:
        ada, bob = desk.site.person("ada"), desk.site.person("bob")
        review = await begin(desk.site, by=ada)
        await review.answer_all()
        mine = await desk.follow(review.id, bearer(ada))
        his = await desk.follow(review.id, bearer(bob))
        late = await desk.follow(review.id)
        late.say({"review_session_id": review.id})
        first = await late.next()
        late.say({"type": "auth", "token": desk.site.token("ada")})

        assert (await mine.next())["status"] == "not_completed"
        assert (await his.next())["status"] == "not_found"
        assert (first["type"], first["code"]) == ("error", "not_authenticated")
        assert (await late.next())["status"] == "not_completed"
        refused = await his.ask({"review_session_id": review.id})
        assert refused["code"] == "not_found"
        accepted = await mine.ask({"review_session_id": review.id})
        assert accepted["type"] == "accepted"
        await mine.next("result")
        assert (await his.ask(payload(accepted["session_id"])))["code"] == "not_found"
        assert his.course == ["not_found"]
        for token in ("x", "eyJhbGciOiJub25lIn0.e30."):
            liar = await desk.follow(review.id, {"Authorization": f"Bearer {token}"})
            assert await liar.socket.code() == 4500


@pytest.mark.gen_test
async def test_a_socket_without_a_token_is_not_waited_for_long(
    settings: Settings, clock: DrivenClock
) -> None:
    changes: dict[str, Any] = {"review_auth": "required", "ws_auth_timeout_s": 0.1}
    async with open_desk(settings, clock, **changes) as desk:
        silent = await desk.follow(NOWHERE)

        assert await silent.socket.code() == 4502


@pytest.mark.gen_test
async def test_foreign_pages_may_neither_ask_nor_connect(site: Site) -> None:
    port = int(site.url.rpartition(":")[2])
    for path in ("/ws/health/", f"/ws/analysis/{NOWHERE}/"):
        foreign = await RawSocket.open(port, path, {"Origin": "https://evil.example"})
        assert foreign.head.status == 403
        known = await RawSocket.open(port, path, {"Origin": "http://localhost:3000"})
        assert known.head.status == 101
        await known.leave()
        await foreign.leave()
    asked = await anybody(site).post(f"{REVIEW}start/", {}, Origin="https://evil.example")
    assert "Access-Control-Allow-Origin" not in asked.headers


@pytest.mark.gen_test
async def test_reviews_uploads_and_analyses_are_limited(
    settings: Settings, clock: DrivenClock
) -> None:
    limits: dict[str, Any] = dict.fromkeys(
        ("rate_review", "rate_upload", "rate_analysis"), "3/minute"
    )
    async with open_desk(settings, clock, **limits) as desk:
        nobody = anybody(desk.site)
        begun = [await nobody.post(f"{REVIEW}start/") for _ in range(4)]
        other = await desk.site.person("ada").post(f"{REVIEW}start/")
        review = Reviewer(person=nobody, id=begun[0].body["session"]["id"])
        spoken = [await review.speak(number, TONE) for number in (1, 2, 3, 4)]
        client = await desk.follow(NOWHERE)
        asked = [await client.ask(payload()) for _ in range(4)]

        assert [answer.status for answer in begun] == [201, 201, 201, 429]
        assert other.status == 201
        assert [answer.status for answer in spoken] == [201, 201, 201, 429]
        assert (await review.answer(4)).status == 201
        assert [frame["type"] for frame in asked] == ["accepted"] * 3 + ["error"]
        assert asked[-1]["code"] == "too_many_requests"


@pytest.mark.gen_test
async def test_one_address_has_so_many_sockets(settings: Settings, clock: DrivenClock) -> None:
    async with open_desk(settings, clock, ws_sockets_per_address=3) as desk:
        clients = [await desk.follow(NOWHERE) for _ in range(3)]
        for client in clients:
            await client.next("status")
        refused = await desk.open("/ws/health/")

        assert await refused.socket.code() == 4504
        await clients[2].leave()

        async def gone() -> bool:
            return len(desk.site.node.parts.analysis_watch) < 3

        await until(gone, "a socket less")
        again = await desk.open("/ws/health/")
        assert (await again.socket.frame())[1].startswith(b'{"status":"ok"')


def test_a_logged_path_shows_no_whole_id() -> None:
    review_id = "b061a834-a3bd-4eac-8a12-d9be2a83748b"

    for path in ("/api/review/{}/next/", "/api/review/session/{}/contact/", "/ws/analysis/{}/"):
        assert shown_path(path.format(review_id)) == path.format("b061a834*")
        assert shown_path(path.format(review_id.upper())) == path.format("B061A834*")
    assert shown_path("/media/review/audio/LO9tS1ww0UL573OR.webm") == "/media/review/audio/*"


@pytest.mark.gen_test
async def test_addresses_of_recordings_do_not_repeat_the_host_in_production(
    settings: Settings, clock: DrivenClock
) -> None:
    changes: dict[str, Any] = {"env": "production", "allowed_origins": ()}
    async with open_site(settings, clock, **changes) as site:
        spoken = await (await begin(site)).speak(1, TONE, Host="evil.example")
        assert spoken.body["answer"]["audio_url"].startswith("/media/review/audio/")
    async with open_site(settings, clock, public_url="https://example.com/app/") as site:
        spoken = await (await begin(site)).speak(1, TONE, Host="evil.example")
        url = spoken.body["answer"]["audio_url"]
        assert url.startswith("https://example.com/app/media/review/audio/")
