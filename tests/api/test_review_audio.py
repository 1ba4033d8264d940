"""Recorded answers over HTTP: kept as what they are, listened to by their address."""

import asyncio
import re
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorGridFSBucket

from domain.audio import CONTENT_TYPES
from tests.person import Person, Site
from tests.recordings import RECORDINGS, recording, wav
from tests.reviewing import REVIEW, TONE, anybody, begin, form, heard, kept, listen, unchanged

pytestmark = pytest.mark.kept_database

URL = re.compile(r"http://127\.0\.0\.1:\d+/media/review/audio/[A-Za-z0-9_-]{32}\.[a-z0-9]{3,4}")


@pytest.mark.gen_test
async def test_a_recorded_answer_as_the_document_has_it(site: Site) -> None:
    review = await begin(site)
    answer = await review.speak(1, TONE)

    told = answer.body["answer"]
    assert answer.status == 201
    assert (told["answer_text"], told["question"]["id"]) == ("", 1)
    assert URL.fullmatch(told["audio_url"])
    assert told["audio_url"].endswith(".wav")
    assert answer.body["next_question"]["id"] == 2
    assert (await listen(review.person, told["audio_url"])).body == TONE


@pytest.mark.gen_test(timeout=60)
async def test_every_known_format_is_taken_and_served_as_what_it_is(site: Site) -> None:
    for name, (kind, _) in RECORDINGS.items():
        review = await begin(site)
        # What it is called and claimed to be counts for nothing.
        url = (await review.speak(1, recording(name), "x.html")).body["answer"]["audio_url"]
        sent = await listen(review.person, url)

        assert url.endswith(f".{kind}"), name
        assert sent.body == recording(name)
        assert sent.headers["Content-Type"] == CONTENT_TYPES[kind]
        assert sent.headers["X-Content-Type-Options"] == "nosniff"
        assert sent.headers["Content-Disposition"] == f'attachment; filename="answer.{kind}"'
        assert sent.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert sent.headers["Cache-Control"] == "private, max-age=31536000, immutable"


NAMES = [
    "../../etc/passwd",
    "..\\..\\x.wav",
    "%2e%2e%2fx",
    "/etc/x",
    "CON",
    "a\u202egnp.wav",
    "x" * 3_000,
]


@pytest.mark.gen_test
async def test_what_a_file_is_called_counts_for_nothing(site: Site) -> None:
    for filename in NAMES:
        answer = await (await begin(site)).speak(1, TONE, filename)
        assert URL.fullmatch(answer.body["answer"]["audio_url"]), filename
    async with site.mongo() as database:
        names = [one["filename"] async for one in database["audio.files"].find()]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", name) for name in names)


@pytest.mark.gen_test
async def test_text_and_recording_may_come_together_in_any_order(site: Site) -> None:
    for parts in (
        (("audio_file", TONE, "a.wav"), ("answer_text", "سلام\nYes.", None)),
        (("answer_text", "سلام\nYes.", None), ("audio_file", TONE, "a.wav")),
    ):
        review = await begin(site)
        body, kind = form(*parts, ("question_id", "1", None))
        answer = await review.person.post(f"{REVIEW}{review.id}/answer/", body, **kind)

        assert answer.status == 201, answer
        assert answer.body["answer"]["answer_text"] == "سلام\nYes."
        assert answer.body["answer"]["audio_url"]


@pytest.mark.gen_test
async def test_recordings_of_two_tabs_leave_one_behind(site: Site) -> None:
    review = await begin(site)
    before = await kept(site)
    told = await asyncio.gather(*(review.speak(1, TONE) for _ in range(4)))

    assert sorted(answer.status for answer in told) == [201, 400, 400, 400]
    await unchanged(site, {**before, "audio.files": before["audio.files"] + 1,
                           "audio.chunks": before["audio.chunks"] + 1})  # fmt: skip


@pytest.mark.gen_test
async def test_a_repeated_upload_keeps_the_first_recording(site: Site) -> None:
    review = await begin(site)
    first = await review.speak(1, TONE, Idempotency_Key="k")
    before = await kept(site)
    again = await review.speak(1, TONE, Idempotency_Key="k")
    other = await review.speak(1, recording("tone.flac"), Idempotency_Key="k")

    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    await unchanged(site, before)
    assert (await listen(review.person, first.body["answer"]["audio_url"])).body == TONE


RANGES = [
    ("bytes=0-99", 206, TONE[:100], "bytes 0-99/8044"),
    ("bytes=100-199", 206, TONE[100:200], "bytes 100-199/8044"),
    ("bytes=8000-", 206, TONE[8000:], "bytes 8000-8043/8044"),
    ("bytes=8000-999999", 206, TONE[8000:], "bytes 8000-8043/8044"),
    ("bytes=-44", 206, TONE[-44:], "bytes 8000-8043/8044"),
    ("bytes=-99999", 206, TONE, "bytes 0-8043/8044"),
    ("bytes=0-", 206, TONE, "bytes 0-8043/8044"),
    ("bytes=8044-", 416, b"", "bytes */8044"),
    ("bytes=-0", 416, b"", "bytes */8044"),
    ("bytes=5-4", 200, TONE, None),
    ("bytes=0-1,4-5", 200, TONE, None),
    ("bytes=" + "0-," * 1_000, 200, TONE, None),
    ("items=0-1", 200, TONE, None),
    ("bytes=a-b", 200, TONE, None),
    ("bytes=--5", 200, TONE, None),
    ("bytes=-", 200, TONE, None),
]


@pytest.mark.gen_test
async def test_parts_of_a_recording_can_be_asked_for(site: Site) -> None:
    url = await heard(review := await begin(site))
    for asked, status, body, extent in RANGES:
        sent = await listen(review.person, url, Range=asked)
        assert sent.code == status, asked
        assert sent.body == body or status == 416, asked
        assert sent.headers.get("Content-Range") == extent, asked
        if status != 416:
            assert sent.headers["Content-Length"] == str(len(body))
            assert sent.headers["Accept-Ranges"] == "bytes"
    whole = await listen(review.person, url)
    tag = whole.headers["ETag"]
    known = await listen(review.person, url, Range="bytes=0-9", If_Range=tag)
    other = await listen(review.person, url, Range="bytes=0-9", If_Range='"other"')
    head = await listen(review.person, url, "HEAD")

    assert (known.code, other.code) == (206, 200)
    assert (head.code, head.body, head.headers["Content-Length"]) == (200, b"", "8044")
    assert head.headers["Content-Type"] == "audio/wav"


@pytest.mark.gen_test
async def test_only_its_whole_address_leads_to_a_recording(site: Site) -> None:
    url = await heard(review := await begin(site))
    base, _, name = url.rpartition("/")
    audio_id = name.removesuffix(".wav")
    for wrong in (
        f"{audio_id}.mp3",
        f"{audio_id[:-1]}{'A' if audio_id[-1] != 'A' else 'B'}.wav",
        f"{review.id}.wav",
        "..%2f..%2fetc%2fpasswd",
        f"{audio_id}.wav/x",
    ):
        sent = await listen(review.person, f"{base}/{wrong}")
        assert sent.code == 404, wrong


@pytest.mark.gen_test
async def test_nobody_is_sent_a_recording_before_it_is_an_answer(site: Site) -> None:
    recordings = site.node.parts.recorder.recordings
    audio_id = "A" * 32
    upload = await recordings.begin(audio_id, (await begin(site)).id, "wav")
    await upload.write(TONE)
    await upload.finish()
    sent = await listen(anybody(site), f"{site.url}/media/review/audio/{audio_id}.wav")
    await recordings.give_up(upload.audio_id)

    assert sent.code == 404


async def own(site: Site, person: Person) -> str:
    """The address of a recording of somebody's own."""
    return await heard(await begin(site, by=person))


@pytest.mark.gen_test
async def test_a_recording_of_an_owner_is_open_where_no_token_is_required(site: Site) -> None:
    url = await own(site, site.person("ada"))

    assert (await listen(anybody(site), url)).code == 200


@pytest.mark.gen_test
async def test_any_driver_reads_what_is_stored(site: Site) -> None:
    long = wav(bytes(600_000))
    url = await heard(await begin(site), long)
    audio_id = url.rpartition("/")[2].partition(".")[0]
    async with site.mongo() as database:
        bucket = AsyncIOMotorGridFSBucket(database, "audio")
        stream: Any = await bucket.open_download_stream(audio_id)
        assert await stream.read() == long
        assert await database["audio.chunks"].count_documents({"files_id": audio_id}) == 3
    for start in (0, 261_119, 261_120, 261_121, 600_000):
        sent = await listen(anybody(site), url, Range=f"bytes={start}-{start + 300_000}")
        assert sent.body == long[start : start + 300_001], start


@pytest.mark.gen_test
async def test_the_last_recorded_answer_may_be_repeated_too(site: Site) -> None:
    review = await begin(site)
    for number in range(1, 5):
        assert (await review.answer(number)).status == 201
    last = await review.speak(5, TONE, Idempotency_Key="k")
    again = await review.speak(5, TONE, Idempotency_Key="k")
    other = await review.speak(5, TONE, Idempotency_Key="l")

    assert (last.status, again.status, again.body) == (201, 201, last.body)
    assert (other.status, other.body["reason"]) == (400, "completed")


@pytest.mark.gen_test
async def test_a_form_as_browsers_and_libraries_send_it_is_understood(site: Site) -> None:
    review = await begin(site)
    body, kind = form(("question_id", "1", None), ("answer_text", "One.\r\nTwo.\rThree.", None))
    answer = await review.person.post(f"{REVIEW}{review.id}/answer/", body, **kind)
    told = await review.answer(2, "One.\r\nTwo.")
    body, kind = form(("question_id", "3", None), ("audio_file", TONE, "a.wav"))
    body = body.replace(b'filename="a.wav"', b"filename*=utf-8''%D8%B3.wav")
    spoken = await review.person.post(f"{REVIEW}{review.id}/answer/", body, **kind)

    assert answer.body["answer"]["answer_text"] == "One.\nTwo.\nThree."
    assert told.body["answer"]["answer_text"] == "One.\nTwo."
    assert spoken.status == 201
