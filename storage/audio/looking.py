"""What the process does that looks at a recording: read it, say what it is, and nothing else.

It is given the bytes of a stranger. Therefore it can open nothing, start nothing and write no
file, and what it may use of memory and processor is bounded.
"""

import json
import os
import resource
import struct
import sys
from collections.abc import Callable, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Final

from tinytag import TinyTag, TinyTagException

from domain.audio import Kind, NotAudio, Recording, sniffed
from storage.audio.blocks import webm_ms
from storage.audio.boxes import mp4_ms
from storage.audio.frames import adts_ms, mp3_ms

MIB: Final = 1 << 20
LIMITS: Final[Mapping[int, int]] = MappingProxyType(
    {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CPU: 5,
        resource.RLIMIT_AS: 512 * MIB,
        resource.RLIMIT_NOFILE: 0,
    }
)
NICENESS: Final = 19
"""Everything else on the machine comes first."""
SLOWEST_BYTES_PER_S: Final = 125
"""A recording that claims more seconds for its size is not believed. For a second of complete
silence Chromium writes 250 bytes, the slowest MP3 has 1,000."""
PLAYED_HZ: Final = range(3_000, 768_001)
PLAYED_CHANNELS: Final = range(1, 33)
"""What browsers play."""
FLAC_FRAMES: Final = (b"\xff\xf8", b"\xff\xf9")


def main(expected: Kind) -> None:
    """Look at what comes in, and answer in one line of JSON."""
    limit()
    try:
        found = look(sys.stdin.buffer.read(), expected)
        answer: dict[str, object] = {"kind": found.kind, "duration_ms": found.duration_ms}
    except NotAudio as refusal:
        answer = {"refused": str(refusal)}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def limit() -> None:
    """From here on nothing can be opened, and little used. There is no way back."""
    os.nice(NICENESS)
    for what, most in LIMITS.items():
        resource.setrlimit(what, (most, most))


def look(data: bytes, expected: Kind) -> Recording:
    """What these bytes are. Raises NotAudio."""
    kind = sniffed(data)
    if kind is None:
        raise NotAudio("it is of no kind that is known")
    if kind != expected:
        raise NotAudio(f"it is {kind} and not {expected}")
    try:
        duration_ms = round(_LOOKS[kind](data))
    except (TinyTagException, struct.error) as error:
        raise NotAudio("it is damaged") from error
    if duration_ms <= 0:
        raise NotAudio("there is nothing in it to play")
    if duration_ms * SLOWEST_BYTES_PER_S > len(data) * 1000:
        raise NotAudio("it is too small to last as long as it says")
    return Recording(kind=kind, duration_ms=duration_ms)


def _tagged(data: bytes) -> TinyTag:
    """What the library says, which believes what headers say."""
    tag = TinyTag.get(file_obj=BytesIO(data), tags=False)
    if tag.samplerate not in PLAYED_HZ or tag.channels not in PLAYED_CHANNELS:
        raise NotAudio("it has no audio track that can be played")
    return tag


def _ogg_ms(data: bytes) -> float:
    return 1000 * (_tagged(data).duration or 0)


def _wav_ms(data: bytes) -> float:
    """No longer than what is there: encoders that write live claim 4 GB."""
    tag = _tagged(data)
    if not tag.duration or not tag.bitrate:
        return 0
    return min(1000 * tag.duration, 8 * len(data) / tag.bitrate)


def _flac_ms(data: bytes) -> float:
    if not any(frame in data for frame in FLAC_FRAMES):
        return 0
    return 1000 * (_tagged(data).duration or 0)


_LOOKS: Final[Mapping[Kind, Callable[[bytes], float]]] = MappingProxyType(
    {
        "wav": _wav_ms,
        "mp3": mp3_ms,
        "m4a": mp4_ms,
        "ogg": _ogg_ms,
        "webm": webm_ms,
        "flac": _flac_ms,
        "aac": adts_ms,
    }
)
