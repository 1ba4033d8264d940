"""Voice recordings: the kinds that are taken, and how their first bytes tell them apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Kind = Literal["wav", "mp3", "m4a", "ogg", "webm", "flac", "aac"]

CONTENT_TYPES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        "wav": "audio/wav",
        "mp3": "audio/mpeg",
        "m4a": "audio/mp4",
        "ogg": "audio/ogg",
        "webm": "audio/webm",
        "flac": "audio/flac",
        "aac": "audio/aac",
    }
)
HEAD_BYTES: Final = 512
"""So many first bytes tell what a file is; a shorter file is judged by all it has."""

ID3_HEADER_BYTES: Final = 10
TAGGED: Final = frozenset({"mp3", "aac", "flac"})
"""What is found behind an ID3 tag."""
EBML: Final = b"\x1a\x45\xdf\xa3"
EBML_BYTES: Final = 64
"""A header of EBML is not longer; its type of document is in it."""
BRANDS: Final = frozenset({
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9",
    b"mp41", b"mp42", b"M4A ", b"M4B ", b"mp4a", b"dash", b"M4V ", b"qt  ",
})  # fmt: skip
"""Major brands of MP4 with sound; others are of images, or of telephones long gone."""
FRAME_BYTES: Final = 4
"""So much of a frame of MP3 or ADTS tells whether it is one."""
LAYER_MASK: Final = 0xFFE6_0000
LAYER_III: Final = 0xFFE2_0000
VERSION_MASK: Final = 0x0018_0000
NO_VERSION: Final = 0x0008_0000
BITS_MASK: Final = 0x0000_F000
RATE_MASK: Final = 0x0000_0C00
ADTS_MASK: Final = 0xFFF6_0000
ADTS: Final = 0xFFF0_0000
ADTS_RATES: Final = 13


class NotAudio(Exception):
    """It is no recording that can be played, or another than it should be; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What a file was found to be."""

    kind: Kind
    duration_ms: int


def sniffed(head: bytes) -> Kind | None:
    """What a file is that begins so; None if it is nothing that is taken.

    `head` is at least `HEAD_BYTES` of it, or all. Behind an ID3 tag longer than that an MP3 is
    supposed.
    """
    tag_bytes = id3_bytes(head)
    if tag_bytes and tag_bytes >= len(head):
        return "mp3"
    body = head[tag_bytes:] if tag_bytes else head
    kind = next((kind for kind, begins in _SIGNATURES if begins(body)), None)
    return None if tag_bytes and kind not in TAGGED else kind


def id3_bytes(head: bytes) -> int:
    """Length of the ID3 tag at the beginning; 0 if there is none."""
    if len(head) < ID3_HEADER_BYTES or not head.startswith(b"ID3"):
        return 0
    seven_bits = head[6:ID3_HEADER_BYTES]
    if not seven_bits.isascii():
        return 0
    size = sum(digit << 7 * place for place, digit in enumerate(reversed(seven_bits)))
    footer_bytes = ID3_HEADER_BYTES if head[5] & 0x10 else 0
    return ID3_HEADER_BYTES + size + footer_bytes


def begins_mp3(frame: bytes) -> bool:
    """Whether the header of an MPEG frame of layer III is here, with a bit rate and a rate."""
    header = int.from_bytes(frame[:FRAME_BYTES], "big")
    return (
        header & LAYER_MASK == LAYER_III
        and header & VERSION_MASK != NO_VERSION
        and header & BITS_MASK not in {0, BITS_MASK}
        and header & RATE_MASK != RATE_MASK
    )


def begins_adts(frame: bytes) -> bool:
    """Whether the header of an ADTS frame is here: unlike MPEG's, its layer is 0."""
    header = int.from_bytes(frame[:FRAME_BYTES], "big")
    return header & ADTS_MASK == ADTS and header >> 10 & 0xF < ADTS_RATES


def _begins_wav(head: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:12] == b"WAVE"


def _begins_mp4(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in BRANDS


def _begins_ogg(head: bytes) -> bool:
    return head.startswith(b"OggS\0")


def _begins_webm(head: bytes) -> bool:
    header = head[:EBML_BYTES]
    return header.startswith(EBML) and (b"webm" in header or b"matroska" in header)


def _begins_flac(head: bytes) -> bool:
    return head.startswith(b"fLaC")


_SIGNATURES: Final[tuple[tuple[Kind, Callable[[bytes], bool]], ...]] = (
    ("wav", _begins_wav),
    ("m4a", _begins_mp4),
    ("ogg", _begins_ogg),
    ("webm", _begins_webm),
    ("flac", _begins_flac),
    ("mp3", begins_mp3),
    ("aac", begins_adts),
)
