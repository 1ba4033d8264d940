"""Uploads of recorded answers: what is refused, cut off or left behind leaves nothing."""

import asyncio

import pytest

from config.settings import Settings
from domain.errors import Conflict
from domain.reviews import Reply
from tests.engines import until
from tests.fakes import DrivenClock
from tests.person import Site, open_site
from tests.recordings import DIRECTORY, HTML, wav
from tests.reviewing import (
    REVIEW,
    TONE,
    anybody,
    begin,
    form,
    heard,
    kept,
    listen,
    unchanged,
)

pytestmark = pytest.mark.kept_database

ONE_MB = wav(bytes(1 << 20))


IMPOSTORS: dict[str, bytes] = {
    "html": HTML,
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>" * 20,
    "program": b"MZ" + bytes(600),
    "archive": b"PK\3\4" + bytes(600),
    "text": b"just words " * 100,
    "nothing": b"",
    "zeros": bytes(2_000),
    "playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n" * 30,
    "page with a tag before it": b"ID3\4\0\0\0\0\0\0" + HTML,
    "page in a wave": b"RIFF\xff\xff\0\0WAVE" + HTML,
    "video": (DIRECTORY / "video.mp4").read_bytes(),
    "film": (DIRECTORY / "video.webm").read_bytes(),
}


@pytest.mark.gen_test
async def test_everything_else_is_refused_and_leaves_nothing(site: Site) -> None:
    review = await begin(site)
    before = await kept(site)
    for name, data in IMPOSTORS.items():
        refused = await review.speak(1, data, "answer.wav")
        assert (refused.status, refused.code) == (400, "invalid_input"), name
        field = "answer_text" if name == "nothing" else "audio_file"
        assert list(refused.body["errors"]) == [field], name
    await unchanged(site, before)
    assert (await review.next())["next_question"]["id"] == 1


@pytest.mark.gen_test(timeout=60)
async def test_a_recording_may_be_as_large_as_the_limit_and_no_larger(site: Site) -> None:
    review = await begin(site)
    before = await kept(site)
    limit = site.settings.audio_bytes
    largest = wav(bytes(limit - 44), rate=48_000, byte_rate=192_000)
    assert len(largest) == limit
    too_large = await review.speak(1, largest + b"x")
    await unchanged(site, before)
    fits = await review.speak(1, largest)

    assert (too_large.status, too_large.code) == (413, "too_large")
    assert fits.status == 201


@pytest.mark.gen_test
async def test_a_body_that_claims_to_be_larger_is_refused_before_it_is_read(site: Site) -> None:
    review = await begin(site)
    port = int(site.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"POST {REVIEW}{review.id}/answer/ HTTP/1.1\r\nHost: x\r\nContent-Length: 40000000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n".encode()
    )
    line = await asyncio.wait_for(reader.readline(), 5)
    writer.close()

    assert line.startswith(b"HTTP/1.1 413")


@pytest.mark.gen_test
async def test_a_recording_that_lasts_too_long_is_refused(site: Site) -> None:
    review = await begin(site)
    before = await kept(site)
    # Eleven minutes of 8,000 bytes for each second.
    long = await review.speak(1, wav(bytes(5_280_000)))

    assert (long.status, long.body["errors"]) == (
        400,
        {"audio_file": ["Longer than 10 minutes."]},
    )
    await unchanged(site, before)


FORMS: dict[str, tuple[bytes, str]] = {
    "no question": (form(("audio_file", TONE, "a.wav"))[0], "question_id"),
    "a question in words": (
        form(("question_id", "first", None), ("audio_file", TONE, "a.wav"))[0],
        "question_id",
    ),
    "two questions": (
        form(("question_id", "1", None), ("question_id", "2", None), ("audio_file", TONE, "a"))[0],
        "question_id",
    ),
    "two recordings": (
        form(("question_id", "1", None), ("audio_file", TONE, "a"), ("audio_file", TONE, "b"))[0],
        "audio_file",
    ),
    "a recording that is no file": (
        form(("question_id", "1", None), ("audio_file", "words", None))[0],
        "audio_file",
    ),
    "another file": (
        form(("question_id", "1", None), ("avatar", TONE, "a.wav"))[0],
        "avatar",
    ),
    "another field": (
        form(("question_id", "1", None), ("ai_score", "100", None), ("audio_file", TONE, "a"))[0],
        "ai_score",
    ),
    "text that is too long": (
        form(("question_id", "1", None), ("answer_text", "x" * 10_001, None))[0],
        "answer_text",
    ),
    "nothing to say": (form(("question_id", "1", None))[0], "answer_text"),
}


@pytest.mark.gen_test
async def test_a_form_that_is_no_answer_names_its_field(site: Site) -> None:
    review = await begin(site)
    before = await kept(site)
    headers = {"Content_Type": "multipart/form-data; boundary=xYzZY"}
    for name, (body, field) in FORMS.items():
        refused = await review.person.post(f"{REVIEW}{review.id}/answer/", body, **headers)
        assert (refused.status, list(refused.body["errors"])) == (400, [field]), name
    await unchanged(site, before)
    assert (await review.next())["next_question"]["id"] == 1


GOOD = form(("question_id", "1", None), ("answer_text", "Yes.", None))[0]
BROKEN: dict[str, tuple[bytes, str, int]] = {
    "no boundary": (GOOD, "multipart/form-data", 415),
    "another boundary": (GOOD, "multipart/form-data; boundary=other", 400),
    "a boundary without end": (GOOD, f"multipart/form-data; boundary={'b' * 71}", 415),
    "cut off": (GOOD[:-10], "multipart/form-data; boundary=xYzZY", 400),
    "nothing at all": (b"", "multipart/form-data; boundary=xYzZY", 400),
    "a part without name": (
        b"--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--\r\n",
        "multipart/form-data; boundary=b",
        400,
    ),
    "a head that does not end": (
        b"--b\r\nContent-Disposition: " + b"x" * 10_000 + b"\r\n\r\n1\r\n--b--\r\n",
        "multipart/form-data; boundary=b",
        400,
    ),
    "too many parts": (
        form(*((f"f{number}", "1", None) for number in range(1_000)))[0],
        "multipart/form-data; boundary=xYzZY",
        400,
    ),
    "too long a field": (
        form(("question_id", "1" * 70_000, None))[0],
        "multipart/form-data; boundary=xYzZY",
        413,
    ),
    "bytes that are no text": (
        form(("question_id", b"\xff\xfe", None))[0],
        "multipart/form-data; boundary=xYzZY",
        400,
    ),
    "half a character": (
        form(("question_id", "1", None), ("answer_text", b"\xc3", None))[0],
        "multipart/form-data; boundary=xYzZY",
        400,
    ),
    "an old form": (b"question_id=1&answer_text=Yes", "application/x-www-form-urlencoded", 415),
}


@pytest.mark.gen_test
async def test_a_broken_form_is_refused(site: Site) -> None:
    review = await begin(site)
    for name, (body, kind, status) in BROKEN.items():
        refused = await review.person.post(f"{REVIEW}{review.id}/answer/", body, Content_Type=kind)
        assert refused.status == status, name
        assert refused.code in ("invalid_input", "unsupported_media_type", "too_large"), name
    assert (await review.next())["next_question"]["id"] == 1


@pytest.mark.gen_test
async def test_a_form_without_a_file_is_an_answer_in_writing(site: Site) -> None:
    review = await begin(site)
    body, kind = form(
        ("question_id", "1", None), ("answer_text", "Yes.", None), ("audio_file", b"", "")
    )
    answer = await review.person.post(f"{REVIEW}{review.id}/answer/", body, **kind)

    assert (answer.status, answer.body["answer"]["audio_url"]) == (201, None)


@pytest.mark.gen_test
async def test_an_upload_that_is_cut_off_leaves_nothing(site: Site) -> None:
    review = await begin(site)
    before = await kept(site)
    body, _ = form(("question_id", "1", None), ("audio_file", ONE_MB, "a.wav"))
    port = int(site.url.rpartition(":")[2])
    for reached in (200, 2_000, len(body) // 2, len(body) - 3):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"POST {REVIEW}{review.id}/answer/ HTTP/1.1\r\nHost: x\r\n"
            f"Content-Length: {len(body)}\r\n"
            "Content-Type: multipart/form-data; boundary=xYzZY\r\n\r\n".encode()
        )
        writer.write(body[:reached])
        await writer.drain()

        async def begun(reached: int = reached) -> bool:
            return reached < 1_000 or (await kept(site))["uploads"] > 0

        await until(begun, "an upload that is going on")
        writer.close()
        await unchanged(site, before)

    assert (await review.next())["next_question"]["id"] == 1
    assert len(site.node.services.streams.uploads) == 0


@pytest.mark.gen_test
async def test_what_a_dead_node_left_behind_is_swept(site: Site) -> None:
    url = await heard(await begin(site))
    recordings = site.node.parts.recorder.recordings
    # Other tests of this file may have ended while something was being given up.
    await recordings.sweep(site.clock() + 1)
    before = await kept(site)
    assert before["uploads"] == 0
    left = await recordings.begin("left-behind", "some-review", "wav")
    await left.write(bytes(600_000))
    ended = await recordings.begin("ended", "some-review", "wav")
    await ended.write(TONE)
    await ended.finish()
    site.clock.advance((site.settings.audio_upload_s + 119) * 1_000)
    await site.node.parts.recorder.sweep()
    early = await kept(site)
    site.clock.advance(2_000)
    await site.node.parts.recorder.sweep()

    assert early["uploads"] == 2
    assert await kept(site) == before
    assert (await listen(anybody(site), url)).code == 200


@pytest.mark.gen_test
async def test_an_upload_that_was_swept_meanwhile_makes_no_answer(site: Site) -> None:
    review = await begin(site)
    before = await kept(site)
    take = site.node.parts.recorder.take(review.id, "user ann")
    await take.write(TONE)
    audio = await take.finish()
    site.clock.advance(3_600_000)
    await site.node.parts.recorder.sweep()
    reply = Reply(question_id=1, text="", audio=audio, key=None, digest=take.digest)
    with pytest.raises(Conflict):
        await site.node.services.reviews.answer(review.id, None, reply)
    await take.discard()

    assert await kept(site) == before
    assert (await review.next())["next_question"]["id"] == 1


@pytest.mark.gen_test
async def test_an_upload_that_ends_after_it_was_swept_leaves_nothing(site: Site) -> None:
    review = await begin(site)
    before = await kept(site)
    take = site.node.parts.recorder.take(review.id, "user ann")
    await take.write(TONE)
    site.clock.advance(3_600_000)
    await site.node.parts.recorder.sweep()
    await take.finish()
    assert (await kept(site))["audio.files"] == before["audio.files"] + 1
    await take.discard()

    assert await kept(site) == before


@pytest.mark.gen_test
async def test_a_full_disk_refuses_recordings_and_takes_text(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock, audio_room_bytes=1 << 50) as site:
        review = await begin(site)
        refused = await review.speak(1, TONE)
        written = await review.answer(1)

        assert (refused.status, refused.code) == (507, "insufficient_storage")
        assert written.status == 201


@pytest.mark.gen_test
async def test_one_party_has_so_many_uploads_at_a_time(site: Site) -> None:
    review = await begin(site)
    uploads = site.node.services.streams.uploads
    held = [uploads.hold("address 127.0.0.1") for _ in range(4)]
    for one in held:
        one.__enter__()
    refused = await review.speak(1, TONE)
    for one in held:
        one.__exit__(None, None, None)
    accepted = await review.speak(1, TONE)

    assert (refused.status, refused.code, accepted.status) == (429, "too_many_requests", 201)
