"""Strict JSON: what it reads, what it refuses, and that nothing else comes out of it."""

import contextlib
import json

import pytest
from hypothesis import given, strategies as st

from domain.errors import InvalidInput
from handlers.strict_json import MAX_DEPTH, parse

SANE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc_-$"[:5], min_size=1), inner),
    max_leaves=20,
)


@given(SANE)
def test_it_reads_what_json_means(value: object) -> None:
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary())
def test_whatever_comes_it_raises_nothing_but_invalid_input(data: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        parse(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Not JSON"),
        (b"{", "line 1"),
        (b"{} x", "Extra data"),
        (b"{'a': 1}", "Not JSON"),
        (b'{"a":1,}', "Not JSON"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'"\xff"', "byte 1 is not UTF-8"),
        ("{}".encode("utf-16"), "not UTF-8"),
        ("{}".encode("utf-32-le"), "Not JSON"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        (b'{"a":1,"a":2}', '"a" appears twice'),
        (b'[{"a":1,"\\u0061":2}]', "appears twice"),
        (b'{"$gt":""}', '"$gt" is not allowed'),
        (b'{"a.b":1}', "not allowed"),
        (b'{"a":{"__proto__":1}}', "not allowed"),
        (b'{"constructor":1}', "not allowed"),
        (b"NaN", "NaN is not JSON"),
        (b"[-Infinity]", "-Infinity is not JSON"),
        (b"1e999", "out of range"),
        (b"9223372036854775808", "64 bits"),
        (b"-9223372036854775809", "64 bits"),
        (b"9" * 5000, "64 bits"),
        (b"-0", "negative zero"),
        (b'"\\ud800"', "surrogate"),
        (b'{"a\\udc00":1}', "surrogate"),
        (b'["\\u0000"]', "NUL"),
        (b'"a\x00"', "Not JSON"),
        (b"[" * 100_000, "levels deep"),
        (b'{"a":' * 100_000, "levels deep"),
        (b"[" * 33 + b"]" * 33, "levels deep"),
    ],
)
def test_it_refuses_and_says_why(data: bytes, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(data)

    assert said in refused.value.detail
    assert len(refused.value.detail) < 200


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"9223372036854775807", 2**63 - 1),
        (b"-9223372036854775808", -(2**63)),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'{"$":1}'.replace(b"$", b"a$"), {"a$": 1}),
        (b" [1.0] ", [1.0]),
    ],
)
def test_it_reads_the_last_thing_before_each_border(data: bytes, value: object) -> None:
    assert parse(data) == value


def test_it_reads_as_many_levels_as_it_says() -> None:
    value = parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)

    for _ in range(MAX_DEPTH - 1):
        (value,) = value  # type: ignore[misc]
    assert value == []
