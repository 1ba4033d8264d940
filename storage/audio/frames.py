"""MP3 and ADTS: recordings that are frames, one after the other, and nothing that sums them up.

Frames are counted. What MP3 encoders write about the whole is optional and only a claim, and an
estimate by the first frames is twice the truth when a recording begins with silence.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from domain.audio import FRAME_BYTES, NotAudio, begins_adts, begins_mp3, id3_bytes

LOST_BYTES: Final = 1 << 16
"""So much between frames is passed over: tags at the end, and what was damaged."""
MPEG_1: Final = 3
MPEG_2: Final = 2
MP3_RATES: Final = (44100, 48000, 32000)
MP3_KBITS_1: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
MP3_KBITS_2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
SUMMARIES: Final = (b"Xing", b"Info", b"VBRI")
"""A first frame of MP3 with one of these has no sound in it."""
SUMMARY_BYTES: Final = 40
ADTS_HEADER_BYTES: Final = 7
ADTS_RATES: Final = (
    96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
)  # fmt: skip
ADTS_SAMPLES: Final = 1024


class Frame(NamedTuple):
    """The header of a frame."""

    length: int
    samples: int
    rate: int


FrameAt = Callable[[bytes, int], Frame | None]


def mp3_ms(data: bytes) -> float:
    """How long an MP3 lasts. Raises NotAudio."""
    at = id3_bytes(data)
    first = mp3_frame(data, at)
    if first is not None and any(data.find(name, at, at + SUMMARY_BYTES) > 0 for name in SUMMARIES):
        at += first.length
    return frames_ms(data, at, mp3_frame)


def adts_ms(data: bytes) -> float:
    """How long AAC in ADTS lasts. Raises NotAudio."""
    return frames_ms(data, id3_bytes(data), adts_frame)


def mp3_frame(data: bytes, at: int) -> Frame | None:
    """The frame of an MP3 that begins here."""
    header = data[at : at + FRAME_BYTES]
    if not begins_mp3(header):
        return None
    version = header[1] >> 3 & 3
    rate = MP3_RATES[header[2] >> 2 & 3]
    index, padding = header[2] >> 4, header[2] >> 1 & 1
    if version == MPEG_1:
        return Frame(144_000 * MP3_KBITS_1[index] // rate + padding, 1152, rate)
    rate //= 2 if version == MPEG_2 else 4
    return Frame(72_000 * MP3_KBITS_2[index] // rate + padding, 576, rate)


def adts_frame(data: bytes, at: int) -> Frame | None:
    """The frame of AAC in ADTS that begins here."""
    header = data[at : at + ADTS_HEADER_BYTES]
    if len(header) < ADTS_HEADER_BYTES or not begins_adts(header):
        return None
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    if length < ADTS_HEADER_BYTES:
        return None
    return Frame(length, ADTS_SAMPLES * ((header[6] & 3) + 1), ADTS_RATES[header[2] >> 2 & 0xF])


def frames_ms(data: bytes, at: int, frame_at: FrameAt) -> float:
    """How long the frames from here on last. Raises NotAudio if there is much else among them.

    A frame counts that is whole and follows another, or is followed by one: single bytes that
    look like a header are found in anything.
    """
    lost_bytes, duration_ms = 0, 0.0
    chained = False
    while at < len(data):
        frame = frame_at(data, at)
        chained = frame is not None and (chained or _followed(data, at, frame, frame_at))
        if frame is None or not chained or at + frame.length > len(data):
            after = _next(data, at)
            lost_bytes += after - at
            at = after
        else:
            duration_ms += frame.samples * 1000 / frame.rate
            at += frame.length
        if lost_bytes > LOST_BYTES:
            raise NotAudio("too much of it is not audio")
    return duration_ms


def _followed(data: bytes, at: int, frame: Frame, frame_at: FrameAt) -> bool:
    following = frame_at(data, at + frame.length)
    return following is not None and following.rate == frame.rate


def _next(data: bytes, at: int) -> int:
    """Where the next frame may begin, behind a tag or at the next byte of all ones."""
    if tag_bytes := id3_bytes(data[at : at + 10]):
        return min(at + tag_bytes, len(data))
    found = data.find(b"\xff", at + 1)
    return len(data) if found < 0 else found
