"""Uploads as they come over the wire: large, slow, unwanted."""

import asyncio
import gc
import re
import struct
from pathlib import Path

import pytest

from config.settings import Settings
from tests.fakes import DrivenClock
from tests.person import Site, open_site
from tests.recordings import wav
from tests.reviewing import NOWHERE, REVIEW, TONE, begin, form, kept, unchanged

pytestmark = pytest.mark.kept_database

ONE_MB = wav(bytes(1 << 20))


def forget_peak() -> None:
    """Let the kernel measure anew how much memory this process has held at most."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")


def peak_kb() -> int:
    """The most memory that this process has held since."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0])


async def send_20_mb(site: Site, review_id: str, question_id: int) -> tuple[bytes, int]:
    """Send a long recording; the first line of the answer, and how many KiB of memory it took."""
    port = int(site.url.rpartition(":")[2])
    head, tail = (
        b'--b\r\nContent-Disposition: form-data; name="audio_file"; filename="a"\r\n\r\n',
        b'\r\n--b\r\nContent-Disposition: form-data; name="question_id"\r\n\r\n'
        b"%d\r\n--b--\r\n" % question_id,
    )
    size, piece = 20 << 20, bytes(1 << 16)
    start = wav(b"", rate=48_000, byte_rate=96_000)[:40] + struct.pack("<I", size)
    length = len(head) + len(start) + size + len(tail)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"POST {REVIEW}{review_id}/answer/ HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n".encode()
    )
    writer.write(head + start)
    forget_peak()
    before = peak_kb()
    for _ in range(size // len(piece)):
        writer.write(piece)
        await writer.drain()
    writer.write(tail)
    line = await asyncio.wait_for(reader.readline(), 30)
    writer.close()
    return line, peak_kb() - before


@pytest.mark.gen_test(timeout=60)
async def test_an_upload_of_20_mb_takes_no_memory(site: Site) -> None:
    review = await begin(site)
    assert (await review.speak(1, TONE)).status == 201
    line, grown_kb = await send_20_mb(site, review.id, 2)

    assert line.startswith(b"HTTP/1.1 201"), line
    assert grown_kb < 12 * 1024, f"{grown_kb} KiB for 20 MiB"


@pytest.mark.gen_test(timeout=60)
async def test_an_upload_that_nobody_wants_takes_no_memory_either(site: Site) -> None:
    await send_20_mb(site, NOWHERE, 1)
    line, grown_kb = await send_20_mb(site, NOWHERE, 1)

    assert line.startswith(b"HTTP/1.1 404"), line
    assert grown_kb < 12 * 1024, f"{grown_kb} KiB for 20 MiB"


@pytest.mark.gen_test
async def test_a_client_that_asks_first_is_spared_the_upload(site: Site) -> None:
    port = int(site.url.rpartition(":")[2])
    for review_id, said in ((NOWHERE, b"404"), ((await begin(site)).id, b"100")):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"POST {REVIEW}{review_id}/answer/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        line = await asyncio.wait_for(reader.readline(), 5)
        writer.close()
        assert line.split()[1] == said


@pytest.mark.gen_test
async def test_an_upload_that_drips_is_cut_off_in_time(
    settings: Settings, clock: DrivenClock
) -> None:
    async with open_site(settings, clock, audio_upload_s=1) as site:
        review = await begin(site)
        before = await kept(site)
        body, _ = form(("question_id", "1", None), ("audio_file", ONE_MB, "a.wav"))
        port = int(site.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"POST {REVIEW}{review.id}/answer/ HTTP/1.1\r\nHost: x\r\n"
            f"Content-Length: {len(body)}\r\n"
            "Content-Type: multipart/form-data; boundary=xYzZY\r\n\r\n".encode()
        )
        writer.write(body[:5_000])
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
        await unchanged(site, before)
