"""JSON as the world may send it to us: one meaning or none."""

import json
import re
from collections.abc import Iterator
from typing import Never

from domain.errors import InvalidInput

MAX_DEPTH = 32
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
INT64_DIGITS = 20
FORBIDDEN_KEYS = frozenset({"__proto__", "constructor"})
SHOWN_CHARS = 40
ESCAPED_FAULT = re.compile("[\x00\ud800-\udfff]")


def parse(data: bytes) -> object:
    """Return the value that `data` spells, or raise InvalidInput saying precisely why not.

    Stricter than RFC 8259 where a laxer reading would let two readers differ: UTF-8 without a
    byte order mark, no repeated keys, integers of 64 bits, at most 32 levels.
    """
    text = _text(data)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_real,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as fault:
        raise InvalidInput(
            f"Not JSON: {fault.msg} (line {fault.lineno}, column {fault.colno})."
        ) from fault
    except RecursionError as fault:
        raise InvalidInput(_too_deep()) from fault
    # Only text with many brackets can be deep, and only escapes can smuggle in what UTF-8 refuses.
    if text.count("[") + text.count("{") > MAX_DEPTH or "\\u" in text:
        _inspect(value)
    return value


def _text(data: bytes) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        raise InvalidInput("Not JSON: it must not begin with a byte order mark.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise InvalidInput(f"Not JSON: byte {fault.start} is not UTF-8.") from fault


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key, value in pairs:
        if key in result:
            raise InvalidInput(f"The key {_shown(key)} appears twice in one object.")
        if key.startswith("$") or "." in key or key in FORBIDDEN_KEYS:
            raise InvalidInput(f"The key {_shown(key)} is not allowed.")
        result[key] = value
    return result


def _integer(text: str) -> int:
    # The length is looked at first: Python refuses to convert thousands of digits at all.
    if len(text) <= INT64_DIGITS and text != "-0":
        value = int(text)
        if INT64_MIN <= value <= INT64_MAX:
            return value
    raise InvalidInput(f"The integer {_shown(text)} does not fit 64 bits or is a negative zero.")


def _real(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise InvalidInput(f"The number {_shown(text)} is out of range.")
    return value


def _constant(text: str) -> Never:
    raise InvalidInput(f"{text} is not JSON.")


def _inspect(root: object) -> None:
    pending: list[tuple[object, int]] = [(root, 1)]
    while pending:
        value, depth = pending.pop()
        if isinstance(value, str):
            _sound(value)
        elif isinstance(value, dict | list):
            if depth > MAX_DEPTH:
                raise InvalidInput(_too_deep())
            pending.extend((child, depth + 1) for child in _children(value))


def _children(value: dict[str, object] | list[object]) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value
        yield from value.values()
    else:
        yield from value


def _sound(text: str) -> None:
    if ESCAPED_FAULT.search(text):
        raise InvalidInput("A string holds a NUL or half of a surrogate pair.")


def _too_deep() -> str:
    return f"The JSON is nested more than {MAX_DEPTH} levels deep."


def _shown(text: str) -> str:
    cut = text if len(text) <= SHOWN_CHARS else text[:SHOWN_CHARS] + "…"
    return json.dumps(cut, ensure_ascii=True)
