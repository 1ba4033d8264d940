"""What strangers may not use up: time of the loop, places for uploads, bandwidth."""

import asyncio
from typing import Any

import pytest

from config.settings import Settings
from domain.audio import Recording
from domain.errors import NoRoom, NotFound, TooMany, Unavailable
from handlers import patience
from handlers.patience import Patience
from handlers.streaming import Slots
from tests.analyses import open_desk, payload
from tests.engines import until
from tests.fakes import DrivenClock
from tests.person import Site, open_site
from tests.reviewing import NOWHERE, REVIEW, TONE, Reviewer, anybody, begin

pytestmark = pytest.mark.kept_database

MANY = 9_000
CROWDS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"answers": [{}] * MANY}, "answers: Has more than 5 members."),
    ({f"k{number}": 1 for number in range(MANY)}, "Has too many members."),
    (
        {"answers": [{f"k{number}": 1 for number in range(MANY)}]},
        "answers.0: Has too many members.",
    ),
)


@pytest.mark.gen_test
async def test_a_crowd_is_refused_in_one_line(settings: Settings, clock: DrivenClock) -> None:
    async with open_desk(settings, clock) as desk:
        client = await desk.follow(NOWHERE)
        for frame, said in CROWDS:
            refused = await client.ask(frame)
            assert (refused["type"], refused["message"]) == ("error", said)
            assert len(client.frames[-1].get("errors", ())) <= 1


@pytest.mark.gen_test
async def test_what_comes_back_is_short(settings: Settings, clock: DrivenClock) -> None:
    async with open_desk(settings, clock) as desk:
        fits, long = await desk.open("/ws/health/"), await desk.open("/ws/health/")
        for client in (fits, long):
            await client.socket.frame()
        fits.say({"a": "x" * 4_000})
        long.say({"a": "x" * 4_100})

        assert (await fits.next())["data"] == {"a": "x" * 4_000}
        assert await long.socket.code() == 1009


@pytest.mark.gen_test
async def test_frames_are_counted_for_each_socket(settings: Settings, clock: DrivenClock) -> None:
    async with open_desk(settings, clock) as desk:
        client = await desk.open("/ws/health/")
        await client.socket.frame()
        for number in range(40):
            client.say({"n": number})

        assert await client.socket.code() == 4013


@pytest.mark.gen_test
async def test_frames_are_counted_for_each_address(settings: Settings, clock: DrivenClock) -> None:
    async with open_desk(settings, clock, rate_frames="5/minute") as desk:
        sockets = [await desk.open("/ws/health/") for _ in range(3)]
        for client in sockets:
            await client.socket.frame()
        for client in sockets[:2]:
            for _ in range(2):
                client.say({})
                await client.next("echo")
        sockets[2].say({})
        await sockets[2].next("echo")
        sockets[0].say({})

        assert await sockets[0].socket.code() == 4013
        clock.advance(60_000)
        sockets[1].say({})
        assert (await sockets[1].next())["type"] == "echo"


@pytest.mark.gen_test
async def test_what_is_long_before_anybody_is_known_is_not_read(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock, review_auth="required") as desk:
        client = await desk.follow(NOWHERE)
        client.say({"type": "auth", "token": desk.site.token("ada"), "more": "x" * 20_000})
        refused = await client.next()

        assert (refused["type"], refused["code"]) == ("error", "not_authenticated")


@pytest.mark.gen_test
async def test_where_tokens_are_required_nobody_waits_for_what_is_not_there(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_desk(settings, clock, review_auth="required") as desk:
        early = {"Authorization": f"Bearer {desk.site.token('bob')}"}
        bob = await desk.follow(NOWHERE, early)

        assert (await bob.next())["status"] == "not_found"
        with pytest.raises(NotFound):
            await desk.site.node.services.analyses.admits(NOWHERE, None)
        assert (await bob.ask(payload()))["type"] == "accepted"


@pytest.mark.gen_test
async def test_requests_are_no_longer_than_what_they_are_for(site: Site) -> None:
    nobody, review = anybody(site), await begin(site)
    long = await nobody.post(f"{REVIEW}start/", {"email": "x" * 5_000})
    contact = {"review_session_id": review.id, "email": "x" * 5_000, "phone_number": ""}
    answer = await review.answer(1, "x" * 100_000)

    assert (long.status, long.code) == (413, "too_large")
    assert (await nobody.post(f"{REVIEW}session/contact/", contact)).status == 413
    assert (answer.status, answer.code) == (413, "too_large")
    assert (await review.answer(1, "é" * 5_000)).status in (201, 400)


@pytest.mark.gen_test
async def test_an_upload_that_stands_still_is_hung_up_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "WINDOW_S", 0.3)
    review = await begin(site)
    uploads = site.node.services.streams.uploads

    async def going_on(count: int) -> bool:
        return len(uploads) == count

    # Also one that is refused, which is read to its end before it is told so.
    for known in (review.id, NOWHERE):
        port = int(site.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"POST {REVIEW}{known}/answer/ HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n".encode()
        )
        await until(lambda: going_on(1), "an upload that is going on")
        assert await reader.read() == b""
        await until(lambda: going_on(0), "its place to be free")
        writer.close()
    assert (await review.speak(1, TONE)).status == 201


@pytest.mark.gen_test
async def test_what_the_server_takes_its_time_for_is_nobodys_delay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience, "WINDOW_S", 0.05)
    over = asyncio.Event()
    waiting = Patience(over.set)
    with waiting.taking(10):
        await asyncio.sleep(0.15)
        assert not over.is_set()
    await over.wait()
    ended = asyncio.Event()
    Patience(ended.set).stop()
    await asyncio.sleep(0.15)

    assert not ended.is_set()


def test_places_are_for_each_user_each_address_and_all() -> None:
    slots = Slots(each=2, each_address=3, total=5, of="uploads")
    places = [("a", "x"), ("a", "x"), ("b", "x"), ("b", "y"), ("c", "y")]
    held = []
    for user, address in places[:3]:
        held.append(slots.hold(user, address))
        held[-1].__enter__()
    with pytest.raises(TooMany, match="of your uploads"):
        slots.hold("a", "y").__enter__()
    with pytest.raises(TooMany, match="from your address"):
        slots.hold("c", "x").__enter__()
    for user, address in places[3:]:
        held.append(slots.hold(user, address))
        held[-1].__enter__()
    with pytest.raises(Unavailable):
        slots.hold("d", "z").__enter__()
    for one in held:
        one.__exit__(None, None, None)

    assert len(slots) == 0
    with slots.hold("c", "x"):
        assert len(slots) == 1


@pytest.mark.gen_test
async def test_room_is_kept_for_uploads_that_are_going_on(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock, audio_room_bytes=0) as site:
        recorder = site.node.parts.recorder
        await recorder.require_room(0)
        with pytest.raises(NoRoom):
            await recorder.require_room(1 << 40)


@pytest.mark.gen_test
async def test_recordings_of_one_party_are_examined_one_at_a_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = site.node.parts.recorder
    seen, most = 0, 0

    async def probe(_data: object, **_rest: object) -> Recording:
        nonlocal seen, most
        seen += 1
        most = max(most, seen)
        await asyncio.sleep(0)
        seen -= 1
        return Recording(kind="wav", duration_ms=1_000)

    monkeypatch.setattr(recorder, "_probe", probe)
    reviews: list[Reviewer] = [await begin(site) for _ in range(4)]
    answers = await asyncio.gather(*(review.speak(1, TONE) for review in reviews))

    assert [answer.status for answer in answers] == [201] * 4
    assert most == 1
