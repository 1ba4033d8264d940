"""What a recording is, by its first bytes and by what there is of it."""

import random
import struct

import pytest

from domain.audio import CONTENT_TYPES, HEAD_BYTES, Kind, NotAudio, id3_bytes, sniffed
from storage.audio.looking import look
from tests.recordings import (
    HOLLOW,
    HTML,
    IMPOSTORS,
    RECORDINGS,
    box,
    fragment,
    id3,
    mp4,
    recording,
    wav,
)

CLOSE_MS = 100
FLIPS = 2000
KINDS: tuple[Kind, ...] = ("wav", "mp3", "m4a", "ogg", "webm", "flac", "aac")
BEGINNINGS: tuple[tuple[bytes, Kind | None], ...] = (
    (b"RIFF\0\0\0\0WAVE", "wav"),
    (b"RIFX\0\0\0\0WAVE", None),
    (b"RF64\xff\xff\xff\xffWAVE", None),
    (b"OggS\0\2", "ogg"),
    (b"OggS\1\2", None),
    (b"fLaC\0", "flac"),
    (b"\xff\xfb\x90\x44", "mp3"),
    (b"\xff\xf3\x48\xc4", "mp3"),
    (b"\xff\xe3\x48\xc4", "mp3"),
    (b"\xff\xfb\x00\x44", None),
    (b"\xff\xfb\xf0\x44", None),
    (b"\xff\xfb\x9c\x44", None),
    (b"\xff\xeb\x90\x44", None),
    (b"\xff\xfd\x90\x44", None),
    (b"\xff\xff\x90\x44", None),
    (b"\xff\xf1\x60\x40", "aac"),
    (b"\xff\xf9\x60\x40", "aac"),
    (b"\xff\xf1\x74\x40", None),
    (b"\xff\xfb\x90", None),
    (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", "webm"),
    (b"\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska", "webm"),
    (b"\x1a\x45\xdf\xa3\x9f" + bytes(80) + b"webm", None),
    *((box(b"ftyp", brand), "m4a") for brand in (b"isom", b"mp42", b"M4A ", b"M4V ", b"qt  ")),
    *((box(b"ftyp", brand), None) for brand in (b"heic", b"mif1", b"avif", b"3gp5", b"jp2 ")),
    (box(b"moov"), None),
    (id3(0) + b"\xff\xfb\x90\x44", "mp3"),
    (id3(0) + b"\xff\xf1\x60\x40", "aac"),
    (id3(0) + b"fLaC", "flac"),
    (id3(0) + b"OggS\0", None),
    (id3(HEAD_BYTES)[:HEAD_BYTES], "mp3"),
    (id3(0), "mp3"),
    (b"ID3\4\0", None),
)


def duration_ms(name: str) -> int:
    return look(recording(name), RECORDINGS[name][0]).duration_ms


@pytest.mark.parametrize(("head", "kind"), BEGINNINGS)
def test_the_first_bytes_tell_what_a_file_is(head: bytes, kind: Kind | None) -> None:
    assert sniffed(head) == kind


@pytest.mark.parametrize("name", IMPOSTORS)
def test_what_is_no_recording_is_not_taken_for_one(name: str) -> None:
    assert sniffed(IMPOSTORS[name][:HEAD_BYTES]) is None
    with pytest.raises(NotAudio, match="of no kind"):
        look(IMPOSTORS[name], "mp3")


@pytest.mark.parametrize("seed", range(50))
def test_random_bytes_are_no_recording(seed: int) -> None:
    assert sniffed(random.Random(seed).randbytes(HEAD_BYTES)) is None


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_head_of_a_recording_is_enough(name: str) -> None:
    assert sniffed(recording(name)[:HEAD_BYTES]) == RECORDINGS[name][0]


def test_a_tag_has_the_length_that_it_says() -> None:
    assert id3_bytes(id3(300) + HTML) == 310
    assert id3_bytes(b"ID3\4\0\x10\0\0\2\x2c") == 320
    assert id3_bytes(HTML) == 0


def test_every_kind_has_its_type() -> None:
    assert set(CONTENT_TYPES) == set(KINDS)
    assert all(content_type.startswith("audio/") for content_type in CONTENT_TYPES.values())


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_lasts_as_long_as_its_sound(name: str) -> None:
    assert abs(duration_ms(name) - RECORDINGS[name][1]) <= CLOSE_MS


@pytest.mark.parametrize("name", HOLLOW)
def test_what_only_begins_like_a_recording_is_refused(name: str) -> None:
    kind, data, reason = HOLLOW[name]

    assert sniffed(data[:HEAD_BYTES]) == kind
    with pytest.raises(NotAudio, match=reason):
        look(data, sniffed(data) or kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["pcm.wav", "tone.aac", "opus.ogg", "opus.webm", "bare.mp3"])
def test_a_recording_of_another_kind_is_refused(name: str, kind: Kind) -> None:
    own = RECORDINGS[name][0]
    if kind == own:
        assert look(recording(name), kind).kind == own
        return
    with pytest.raises(NotAudio, match=f"it is {own} and not {kind}"):
        look(recording(name), kind)


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_part_of_a_recording_is_refused_or_no_longer(name: str) -> None:
    data, kind = recording(name), RECORDINGS[name][0]
    whole = look(data, kind).duration_ms

    for tenth in range(10):
        try:
            part = look(data[: len(data) * tenth // 10], kind).duration_ms
        except NotAudio:
            continue
        assert part <= whole


def test_flipped_bits_are_at_worst_no_recording() -> None:
    chance = random.Random(20)
    whole = [(recording(name), kind) for name, (kind, _) in RECORDINGS.items()]
    refused = 0

    for _ in range(FLIPS):
        data, kind = chance.choice(whole)
        flipped = bytearray(data)
        flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            assert look(bytes(flipped), kind).duration_ms * 125 <= len(data) * 1000
        except NotAudio:
            refused += 1

    assert 0 < refused < FLIPS // 2


def test_a_wav_lasts_no_longer_than_what_is_there() -> None:
    assert look(wav(HTML, claimed=0xFFFFFFFF), "wav").duration_ms <= len(wav(HTML)) / 8


def test_an_mp3_of_a_silent_beginning_is_measured_to_its_end() -> None:
    def frame(bits: int, kbits: int) -> bytes:
        """22.05 kHz, 576 samples."""
        header = bytes((0xFF, 0xF3, bits << 4, 0xC4))
        return header + bytes(72_000 * kbits // 22_050 - len(header))

    recorded = frame(1, 8) * 20 + frame(14, 160) * 20

    assert look(recorded, "mp3").duration_ms == round(40 * 576 / 22.05)


def test_a_damaged_frame_ends_no_mp3() -> None:
    data = bytearray(recording("bare.mp3"))
    second = data.index(data[:2], 4)
    data[second] = 0

    lost_ms = duration_ms("bare.mp3") - look(bytes(data), "mp3").duration_ms

    assert 0 < lost_ms < CLOSE_MS


def test_tags_around_an_mp3_are_no_sound() -> None:
    data = recording("bare.mp3")

    tagged = look(id3(5000) + data + b"TAG" + bytes(125), "mp3")

    assert tagged.duration_ms == duration_ms("bare.mp3")
    assert look(data + id3(200) + data, "mp3").duration_ms >= 2 * tagged.duration_ms - 1


def test_fragments_without_times_follow_each_other() -> None:
    one = fragment(begins_s=0, samples=2, each_s=1)
    untimed = one.replace(b"tfdt", b"free")
    media = box(b"mdat", bytes(1000))

    assert look(mp4(after=(untimed + media) * 3), "m4a").duration_ms == 6000
    assert look(mp4(after=(one + media) * 3), "m4a").duration_ms == 2000


def test_fragments_are_measured_from_where_the_first_begins() -> None:
    late = [fragment(begins_s=at, samples=2, each_s=1) for at in (5000, 5002)]
    media = box(b"mdat", bytes(1000))

    assert look(mp4(after=late[0] + media + late[1] + media), "m4a").duration_ms == 4000


def test_long_boxes_and_headers_are_read() -> None:
    runs, sizes = struct.pack(">II", 2, 1), struct.pack(">II", 100, 400)
    long = struct.pack(">I4sQ", 1, b"mdat", 516) + bytes(500)

    assert look(mp4(runs=runs, sizes=sizes, after=long), "m4a").duration_ms == 2000
    open_end = struct.pack(">I4s", 0, b"mdat") + bytes(500)
    assert look(mp4(runs=runs, sizes=sizes, after=open_end), "m4a").duration_ms == 2000
