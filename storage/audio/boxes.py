"""MP4, whole or in fragments: its samples' durations are summed, and their bytes are there.

The durations that headers tell are claims, and 0 in what browsers record.
"""

import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from domain.audio import NotAudio

SOUND: Final = b"soun"
DURATION_IN_TFHD: Final = 0x08
SAMPLES_OWN: Final = (0x100, 0x200, 0x400, 0x800)
"""Flags of a run's samples: each has a duration, a size, flags, an offset of its own."""
NOTHING: Final = memoryview(b"")


@dataclass(frozen=True, slots=True)
class Track:
    """A track of sound, and what the sample table has of it."""

    number: int
    ticks_per_s: int
    ticks: int
    """Sum of its samples' durations; 0 if they are all in fragments."""
    sample_bytes: int
    fragment_ticks: int
    """Duration of a sample in a fragment, if that does not say otherwise."""


def mp4_ms(data: bytes) -> float:
    """How long the sound of an MP4 lasts. Raises NotAudio, and struct.error where it is cut."""
    view = memoryview(data)
    moov = _inside(view, b"moov")
    if not moov:
        raise NotAudio("it has no table of contents")
    track = next(_sounds(moov), None)
    if track is None:
        raise NotAudio("it has no audio track")
    media_bytes = sum(len(content) for name, content in _boxes(view) if name == b"mdat")
    if track.sample_bytes > media_bytes:
        raise NotAudio("a part of it is missing")
    if not media_bytes or not track.ticks_per_s:
        raise NotAudio("there is nothing in it to play")
    return _ticks(view, track) * 1000 / track.ticks_per_s


def _sounds(moov: memoryview) -> Iterator[Track]:
    for name, trak in _boxes(moov):
        header = _inside(trak, b"mdia", b"hdlr")
        if name == b"trak" and bytes(header[8:12]) == SOUND:
            yield _track(moov, trak)


def _track(moov: memoryview, trak: memoryview) -> Track:
    tkhd, mdhd = _inside(trak, b"tkhd"), _inside(trak, b"mdia", b"mdhd")
    number = _behind_times(tkhd)
    samples = _inside(trak, b"mdia", b"minf", b"stbl")
    times, sizes = _inside(samples, b"stts"), _inside(samples, b"stsz")
    runs = _u32s(times, 8, 2 * _u32(times, 4))
    size, count = struct.unpack_from(">II", sizes, 4)
    trex = [content for name, content in _boxes(_inside(moov, b"mvex")) if name == b"trex"]
    return Track(
        number=number,
        ticks_per_s=_behind_times(mdhd),
        ticks=sum(how_many * each for how_many, each in zip(runs[::2], runs[1::2], strict=False)),
        sample_bytes=size * count or sum(_u32s(sizes, 12, count)),
        fragment_ticks=next((_u32(one, 12) for one in trex if _u32(one, 4) == number), 0),
    )


def _ticks(view: memoryview, track: Track) -> int:
    """All of the track, from where it begins to the end of its last fragment.

    By the times at which fragments begin, if they tell: Chromium's last a bit longer than the
    samples in them.
    """
    start, end = None if not track.ticks else 0, track.ticks
    for name, moof in _boxes(view):
        for inner, traf in _boxes(moof) if name == b"moof" else ():
            if inner == b"traf" and _u32(_inside(traf, b"tfhd"), 4) == track.number:
                begins = _begins(traf, end)
                start = begins if start is None else start
                end = max(end, begins + _ticks_in(traf, track))
    return end - (start or 0)


def _begins(traf: memoryview, otherwise: int) -> int:
    tfdt = _inside(traf, b"tfdt")
    if not tfdt:
        return otherwise
    begins: int = struct.unpack_from(">Q" if tfdt[0] == 1 else ">I", tfdt, 4)[0]
    return begins


def _ticks_in(traf: memoryview, track: Track) -> int:
    tfhd = _inside(traf, b"tfhd")
    flags, each = _u32(tfhd, 0), track.fragment_ticks
    if flags & DURATION_IN_TFHD:
        each = _u32(tfhd, 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0))
    return sum(_ticks_of(run, each) for name, run in _boxes(traf) if name == b"trun")


def _ticks_of(run: memoryview, each: int) -> int:
    flags, count = struct.unpack_from(">II", run)
    if not flags & SAMPLES_OWN[0]:
        return int(count) * each
    start = 8 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
    stride = sum(bool(flags & own) for own in SAMPLES_OWN)
    return sum(_u32s(run, start, stride * count)[::stride])


def _boxes(view: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """The boxes in here, by name; the last may be cut."""
    at = 0
    while at + 8 <= len(view):
        size, name = struct.unpack_from(">I4s", view, at)
        header_bytes = 8
        if size == 1:
            size, header_bytes = struct.unpack_from(">Q", view, at + 8)[0], 16
        size = size or len(view) - at
        if size < header_bytes:
            raise NotAudio("it is damaged")
        yield name, view[at + header_bytes : at + size]
        at += size


def _inside(view: memoryview, *path: bytes) -> memoryview:
    """What the first box of this path holds; nothing, if there is none."""
    for wanted in path:
        view = next((content for name, content in _boxes(view) if name == wanted), NOTHING)
    return view


def _behind_times(header: memoryview) -> int:
    """The number behind two times, which are longer in version 1."""
    return _u32(header, 20 if header and header[0] == 1 else 12)


def _u32(view: memoryview, at: int) -> int:
    value: int = struct.unpack_from(">I", view, at)[0]
    return value


def _u32s(view: memoryview, at: int, count: int) -> "array[int]":
    """So many numbers, or as many as there are."""
    numbers = array("I")
    there = max(0, min(count, (len(view) - at) // numbers.itemsize))
    numbers.frombytes(view[at : at + there * numbers.itemsize])
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers
