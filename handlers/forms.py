"""A multipart form, read while it arrives: short fields are kept, the one file is passed on."""

import re
from collections.abc import Mapping
from typing import Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from domain.errors import InvalidInput, MediaTypeRefused, TooLarge

MULTIPART: Final = "multipart/form-data"
BOUNDARY_BYTES: Final = 70  # RFC 2046
PARTS_MAX: Final = 10
HEAD_MAX_BYTES: Final = 4_096
FIELDS_MAX_BYTES: Final = 64 * 1024
NAME_MAX_CHARS: Final = 64
# The library leaves out the encoded form of it, which is all that some clients send.
FILENAME: Final = re.compile(rb";\s*filename\*?\s*=", re.IGNORECASE)


def is_form(content_type: str) -> bool:
    """Whether this Content-Type is that of a form with files."""
    return content_type.split(";", maxsplit=1)[0].strip().lower() == MULTIPART


class FormReader:
    """Reads one form; its file may be of any length, everything else is bounded."""

    def __init__(self, content_type: str, file_field: str) -> None:
        """Take the Content-Type header and the name of the field that is a file.

        Raises MediaTypeRefused.
        """
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != MULTIPART.encode() or not 0 < len(boundary) <= BOUNDARY_BYTES:
            raise MediaTypeRefused("Send multipart/form-data with a boundary.")
        self._file_field = file_field
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header,
                "on_headers_finished": self._on_headers,
                "on_part_data": self._on_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
        )
        self._fields: dict[str, bytes] = {}
        self._pieces: list[bytes] = []
        self._parts = 0
        self._kept_bytes = 0
        self._header: tuple[bytes, bytes] = (b"", b"")
        self._head_bytes = 0
        self._disposition = b""
        self._name = ""
        self._value: list[bytes] = []
        self._ended = False
        self.has_file = False

    def feed(self, data: bytes) -> bytes:
        """Read on; returns what of it belongs to the file. Raises InvalidInput, TooLarge."""
        self._pieces.clear()
        try:
            self._parser.write(data)
        except MultipartParseError as fault:
            raise InvalidInput("The form is not valid multipart/form-data.") from fault
        return b"".join(self._pieces)

    def fields(self) -> Mapping[str, str]:
        """The fields that are not files, once all is read. Raises InvalidInput."""
        if not self._ended:
            raise InvalidInput("The form ends before its last boundary.")
        try:
            return {name: value.decode("utf-8") for name, value in self._fields.items()}
        except UnicodeDecodeError as fault:
            raise InvalidInput("The form is not UTF-8.") from fault

    def _on_part(self) -> None:
        self._parts += 1
        if self._parts > PARTS_MAX:
            raise InvalidInput(f"The form has more than {PARTS_MAX} parts.")
        self._head_bytes, self._disposition, self._value = 0, b"", []

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._count_head(end - start)
        self._header = (self._header[0] + data[start:end], b"")

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._count_head(end - start)
        self._header = (self._header[0], self._header[1] + data[start:end])

    def _on_header(self) -> None:
        name, value = self._header
        self._header = (b"", b"")
        if name.lower() == b"content-disposition":
            self._disposition = value

    def _on_headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if not 0 < len(name) <= NAME_MAX_CHARS or not name.isprintable():
            raise InvalidInput("A part of the form has no name.")
        if name in self._fields or (name == self._file_field and self.has_file):
            raise InvalidInput(f"{name}: Given more than once.", {name: ["Given more than once."]})
        filed = FILENAME.search(self._disposition) is not None
        if filed and name != self._file_field:
            raise InvalidInput(f"{name}: Not a file.", {name: ["Not a file."]})
        # A blank entry, as browsers send it for a file that nobody chose, is none.
        self._name = name
        self._is_file = filed

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self.has_file = True
            self._pieces.append(data[start:end])
            return
        self._kept_bytes += end - start
        if self._kept_bytes > FIELDS_MAX_BYTES:
            raise TooLarge(f"The fields of the form are longer than {FIELDS_MAX_BYTES} bytes.")
        self._value.append(data[start:end])

    def _on_part_end(self) -> None:
        value = b"".join(self._value)
        # What claims to be a file, and has no content, says nothing either.
        if not self._is_file and (value or self._name != self._file_field):
            self._fields[self._name] = value

    def _on_end(self) -> None:
        self._ended = True

    def _count_head(self, size_bytes: int) -> None:
        self._head_bytes += size_bytes
        if self._head_bytes > HEAD_MAX_BYTES:
            raise InvalidInput("A part of the form has too long a head.")
