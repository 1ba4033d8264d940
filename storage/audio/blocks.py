"""WebM and Matroska: the times of its blocks are looked at, since browsers write no duration."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from domain.audio import NotAudio

SEGMENT, INFO, SCALE = 0x18538067, 0x1549A966, 0x2AD7B1
TRACKS, ENTRY, NUMBER, TYPE = 0x1654AE6B, 0xAE, 0xD7, 0x83
CLUSTER, BEGINS, SIMPLE_BLOCK, GROUP, BLOCK = 0x1F43B675, 0xE7, 0xA3, 0xA0, 0xA1
ENTERED: Final = frozenset({SEGMENT, INFO, TRACKS, ENTRY, CLUSTER, GROUP})
"""Elements that hold others. They are entered, so that it is the same how long they say they are:
clusters that are written live do not say it."""
SOUND: Final = 2
ID_BYTES: Final = 4
SIZE_BYTES: Final = 8
ELEMENTS_MAX: Final = 500_000
"""More than an hour of sound has; each takes time."""
SCALE_NS: Final = 1_000_000
"""Nanoseconds in a tick, unless the file says otherwise."""


@dataclass(slots=True)
class Heard:
    """What has been seen of the first track of sound."""

    scale_ns: int = SCALE_NS
    track: dict[int, int] = field(default_factory=dict)
    """The track that is being described."""
    sound: dict[int, int] | None = None
    cluster: int = 0
    blocks: int = 0
    first: int = 0
    last: int = 0

    def tell(self, element: int, value: int) -> None:
        """Take a number in."""
        if element == SCALE:
            self.scale_ns = value
        elif element == BEGINS:
            self.cluster = value
        elif element in {NUMBER, TYPE}:
            self.track[element] = value
            if self.sound is None and self.track.get(TYPE) == SOUND:
                self.sound = self.track

    def hear(self, content: bytes) -> None:
        """Take the beginning of a block in: its track, and its time after the cluster's."""
        track, at = _number(content, 0, SIZE_BYTES)
        if self.sound is None or track != self.sound.get(NUMBER) or len(content) < at + 2:
            return
        time = self.cluster + int.from_bytes(content[at : at + 2], "big", signed=True)
        self.first = min(self.first, time) if self.blocks else time
        self.last = max(self.last, time) if self.blocks else time
        self.blocks += 1

    @property
    def duration_ms(self) -> float:
        """From the first block to the end of the last, which lasts as long as others do.

        Raises NotAudio.
        """
        if self.sound is None:
            raise NotAudio("it has no audio track")
        gaps = self.blocks - 1
        if gaps < 1:
            raise NotAudio("there is nothing in it to play")
        return (self.last - self.first) * (gaps + 1) / gaps * self.scale_ns / 1_000_000


def webm_ms(data: bytes) -> float:
    """How long the sound of a WebM lasts. Raises NotAudio."""
    heard = Heard()
    for element, at, size in _elements(data):
        if element == ENTRY:
            heard.track = {}
        elif element in {SIMPLE_BLOCK, BLOCK}:
            heard.hear(data[at : at + min(size, SIZE_BYTES + 2)])
        elif size <= SIZE_BYTES:
            heard.tell(element, int.from_bytes(data[at : at + size], "big"))
    return heard.duration_ms


def _elements(data: bytes) -> Iterator[tuple[int, int, int]]:
    """The elements, each with where its content begins and how long that is; whole ones only."""
    at = found = 0
    while at < len(data):
        found += 1
        if found > ELEMENTS_MAX:
            raise NotAudio("it has too many parts")
        id_bytes = 9 - data[at].bit_length()
        if id_bytes > ID_BYTES:
            return
        element = int.from_bytes(data[at : at + id_bytes], "big")
        size, at = _number(data, at + id_bytes, SIZE_BYTES)
        if element in ENTERED:
            yield element, at, 0
            continue
        if at + size > len(data):
            return
        yield element, at, size
        at += size


def _number(data: bytes, at: int, longest: int) -> tuple[int, int]:
    """A number whose first byte tells its length, and where what follows begins."""
    first = data[at] if at < len(data) else 0
    length = 9 - first.bit_length()
    if length > longest:
        return 0, len(data)
    return int.from_bytes(data[at : at + length], "big") & (1 << 7 * length) - 1, at + length
