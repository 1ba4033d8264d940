"""Real recordings, of about a second each, and files that only look like some.

The tones are of ffmpeg 5.1 (`sine=frequency=440:duration=1`, and its usual encoders; the flac
without its padding), `chromium` and `slices-chromium` of MediaRecorder in Chromium 150, with its
fake microphone: `start()`, and `start(250)`.
"""

import struct
from collections.abc import Mapping
from pathlib import Path

from domain.audio import Kind

DIRECTORY = Path(__file__).parent / "audio_samples"
RECORDINGS: Mapping[str, tuple[Kind, int]] = {
    "pcm.wav": ("wav", 1000),
    "adpcm.wav": ("wav", 1020),
    "live.wav": ("wav", 1000),
    "constant.mp3": ("mp3", 1000),
    "variable.mp3": ("mp3", 1000),
    "bare.mp3": ("mp3", 1071),
    "aac.m4a": ("m4a", 1024),
    "index-first.m4a": ("m4a", 1024),
    "fragments.mp4": ("m4a", 1088),
    "quicktime.mov": ("m4a", 1024),
    "chromium.mp4": ("m4a", 880),
    "slices-chromium.mp4": ("m4a", 880),
    "opus.ogg": ("ogg", 1000),
    "vorbis.ogg": ("ogg", 1000),
    "opus.webm": ("webm", 1000),
    "live.webm": ("webm", 1000),
    "chromium.webm": ("webm", 960),
    "slices-chromium.webm": ("webm", 960),
    "tone.flac": ("flac", 1000),
    "tone.aac": ("aac", 1088),
    "tagged.aac": ("aac", 1088),
}
"""What each is, and how many ms of sound ffmpeg gets out of it."""
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>" * 20
HOUR_S = 3600


def recording(name: str) -> bytes:
    """The bytes of a recording."""
    return (DIRECTORY / name).read_bytes()


def id3(length: int) -> bytes:
    """A tag of ID3 with so much in it."""
    size = bytes(length >> 7 * place & 0x7F for place in (3, 2, 1, 0))
    return b"ID3\4\0\0" + size + bytes(length)


def wav(
    data: bytes, *, rate: int = 8000, channels: int = 1, byte_rate: int = 8000, claimed: int = 0
) -> bytes:
    """A WAV of 8 bits; it may claim more data than it has."""
    form = struct.pack("<HHIIHH", 1, channels, rate, byte_rate, channels, 8)
    size = claimed or len(data)
    head = b"RIFF" + struct.pack("<I", min(36 + size, 0xFFFFFFFF)) + b"WAVE"
    return head + b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", size) + data


def box(name: bytes, *content: bytes) -> bytes:
    """A box of MP4."""
    inside = b"".join(content)
    return struct.pack(">I4s", 8 + len(inside), name) + inside


def mp4(*, runs: bytes = b"", sizes: bytes = b"", claimed_s: int = 0, after: bytes = b"") -> bytes:
    """An MP4 of one track of sound, with ticks of a second and this in its tables."""
    times = struct.pack(">IIIII", 0, 0, 0, 1, claimed_s)
    counted = struct.pack(">II", 0, len(runs) // 8) + runs
    sized = struct.pack(">III", 0, 0, len(sizes) // 4) + sizes
    media = box(
        b"mdia",
        box(b"mdhd", times + bytes(4)),
        box(b"hdlr", bytes(8) + b"soun" + bytes(12)),
        box(b"minf", box(b"stbl", box(b"stts", counted), box(b"stsz", sized))),
    )
    track = box(b"trak", box(b"tkhd", struct.pack(">IIIII", 0, 0, 0, 1, 0)), media)
    moov = box(b"moov", box(b"mvhd", times + bytes(80)), track)
    return box(b"ftyp", b"isom\0\0\0\0isom") + moov + after


def fragment(*, begins_s: int, samples: int, each_s: int) -> bytes:
    """A fragment of such an MP4, whose samples are not listed one by one."""
    run = struct.pack(">II", 0, samples)
    header = box(b"tfhd", struct.pack(">III", 0x08, 1, each_s))
    begins = box(b"tfdt", struct.pack(">II", 0, begins_s))
    return box(b"moof", box(b"traf", header, begins, box(b"trun", run)))


def far_ogg() -> bytes:
    """An Ogg whose last page claims to end after 100 hours."""
    data = bytearray(recording("opus.ogg"))
    struct.pack_into("<q", data, data.rindex(b"OggS") + 6, 100 * HOUR_S * 48_000)
    return bytes(data)


def far_webm() -> bytes:
    """A WebM whose last cluster claims to begin after 100 hours."""
    data = recording("slices-chromium.webm")
    track, cluster = b"\xa3\x87\x81\0\0\x80abc", b"\x1f\x43\xb6\x75\xff\xe7\x84"
    return data + cluster + struct.pack(">I", 100 * HOUR_S * 1000) + track


def far_flac() -> bytes:
    """A FLAC that claims to have all the samples that its header has room for."""
    data = bytearray(recording("tone.flac"))
    data[21] |= 0xF
    data[22:26] = b"\xff" * 4
    return bytes(data)


IMPOSTORS: Mapping[str, bytes] = {
    "nothing": b"",
    "html": HTML,
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "text": b"I planned my day.\n" * 40,
    "utf-16": "<html>I planned my day.</html>".encode("utf-16") * 20,
    "exe": b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0" + bytes(600),
    "elf": b"\x7fELF\2\1\1" + bytes(600),
    "zip": b"PK\3\4\x14\0\0\0\x08\0" + bytes(600),
    "pdf": b"%PDF-1.7\n" + bytes(600),
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(600),
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(600),
    "gif": b"GIF89a" + bytes(600),
    "avi": b"RIFF\x24\x10\0\0AVI LIST" + bytes(600),
    "webp": b"RIFF\x24\x10\0\0WEBPVP8 " + bytes(600),
    "heic": box(b"ftyp", b"heic\0\0\0\0mif1heic") + bytes(600),
    "avif": box(b"ftyp", b"avif\0\0\0\0avifmif1") + bytes(600),
    "3gp": box(b"ftyp", b"3gp4\0\0\0\0isom3gp4") + bytes(600),
    "m3u8": b"#EXTM3U\n#EXTINF:10,\nhttp://169.254.169.254/\n",
    "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "adif": b"ADIF" + bytes(600),
    "aiff": b"FORM\0\0\x10\0AIFFCOMM" + bytes(600),
    "amr": b"#!AMR\n" + bytes(600),
    "ebml": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\x82\x84what" + bytes(600),
    "tagged html": id3(20) + HTML,
    "tagged zip": id3(20) + b"PK\3\4" + bytes(600),
    "tagged wav": id3(20) + recording("pcm.wav"),
    "broken tag": b"ID3\4\0\0\xff\xff\xff\xff" + recording("bare.mp3"),
}
"""What no first bytes of a recording are."""
HOLLOW: Mapping[str, tuple[Kind, bytes, str]] = {
    "long tag, html": ("mp3", id3(600) + HTML, "of no kind"),
    "endless tag": ("mp3", b"ID3\4\0\0\x7f\x7f\x7f\x7f" + HTML, "nothing in it"),
    "one frame, html": ("mp3", recording("bare.mp3")[:4] + HTML, "nothing in it"),
    "few frames, much else": ("mp3", recording("bare.mp3") + b"\xff\0" * 99_999, "too much of it"),
    "one adts frame, html": ("aac", recording("tone.aac")[:7] + HTML, "nothing in it"),
    "wav, html": ("wav", wav(b"")[:12] + HTML, "no audio track"),
    "wav without data": ("wav", wav(b""), "nothing in it"),
    "wav of no channels": ("wav", wav(HTML, channels=0), "no audio track"),
    "wav of a GHz": ("wav", wav(HTML, rate=10**9), "no audio track"),
    "wav of a byte a second": ("wav", wav(HTML, rate=1, byte_rate=1), "no audio track"),
    "flac, html": ("flac", recording("tone.flac")[:42] + HTML, "nothing in it"),
    "flac of days": ("flac", far_flac(), "too small"),
    "ogg, html": ("ogg", recording("opus.ogg")[:47] + HTML, "nothing in it"),
    "ogg of hours": ("ogg", far_ogg(), "too small"),
    "webm, html": ("webm", recording("opus.webm")[:36] + HTML, "no audio track"),
    "webm without blocks": ("webm", recording("slices-chromium.webm")[:250], "nothing in it"),
    "webm of hours": ("webm", far_webm(), "too small"),
    "webm of pictures": ("webm", recording("video.webm"), "no audio track"),
    "mp4 of pictures": ("m4a", recording("video.mp4"), "no audio track"),
    "mp4, html": ("m4a", recording("aac.m4a")[:28] + HTML, "no table of contents"),
    "mp4 that only claims": ("m4a", mp4(claimed_s=100 * HOUR_S), "nothing in it"),
    "mp4 of empty hours": (
        "m4a",
        mp4(claimed_s=100 * HOUR_S, after=box(b"mdat", HTML)),
        "nothing in it",
    ),
    "mp4 of long samples": (
        "m4a",
        mp4(runs=struct.pack(">II", 1, 360_000), sizes=b"\0\0\0\1", after=box(b"mdat", HTML)),
        "too small",
    ),
    "mp4 of many samples": (
        "m4a",
        mp4(after=fragment(begins_s=0, samples=1 << 31, each_s=1) + box(b"mdat", HTML)),
        "too small",
    ),
    "mp4 with a late fragment": (
        "m4a",
        recording("aac.m4a") + fragment(begins_s=1 << 31, samples=1, each_s=1),
        "too small",
    ),
    "mp4 without its data": ("m4a", recording("index-first.m4a")[:1000], "missing"),
    "mp4 with a box too small": ("m4a", recording("aac.m4a") + b"\0\0\0\4free", "damaged"),
    "mp4 with a header cut": ("m4a", box(b"ftyp", b"isom") + box(b"moov", bytes(3)), "no audio"),
}
"""What begins like a recording and is none: what it seems to be, and a part of the reason."""
