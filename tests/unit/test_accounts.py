"""The rules of an account."""

import pytest

from domain.accounts import (
    accept_day_start,
    accept_email,
    accept_password,
    accept_time_zone,
    is_user_id,
)
from domain.errors import InvalidInput


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada@Example.COM ", "ada@example.com"),
        ("ada+tag@mail.example.org", "ada+tag@mail.example.org"),
        ("زهرا@example.com", "زهرا@example.com"),
    ],
)
def test_an_address_has_one_normal_form(written: str, normal: str) -> None:
    assert accept_email(written) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@example",
        "ada@.com",
        "ada@example.",
        "ada@ex ample.com",
        "a b@example.com",
        "a@b@example.com",
        "ada\n@example.com",
        "ada@example.com\x00",
        "\ud800@example.com",
        "a" * 65 + "@example.com",
        "a@" + "b" * 260 + ".com",
        "a@" + "." * 200,
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        accept_email(text)

    assert "email" in refusal.value.errors


@pytest.mark.parametrize("text", ["12345678", "x" * 128, "گذرواژه امن", "🔐" * 8])
def test_a_password_of_fitting_length_is_accepted(text: str) -> None:
    assert accept_password(text) == text


@pytest.mark.parametrize("text", ["", "1234567", "x" * 129, "\ud800" * 9, "line\nbreaks"])
def test_other_passwords_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        accept_password(text)


def test_a_zone_is_an_iana_name() -> None:
    assert accept_time_zone("Asia/Tehran") == "Asia/Tehran"


@pytest.mark.parametrize(
    "text", ["", "Tehran", "utc+3", "../../etc/passwd", "/etc/localtime", "asia/tehran", "\x00"]
)
def test_what_is_no_zone_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        accept_time_zone(text)


@pytest.mark.parametrize("text", ["00:00", "04:30", "23:59"])
def test_a_day_starts_at_a_minute(text: str) -> None:
    assert accept_day_start(text) == text


@pytest.mark.parametrize("text", ["24:00", "4:30", "04:60", "04:30\n", "٠٤:٣٠", "-1:00", "04.30"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        accept_day_start(text)


@pytest.mark.parametrize("value", ["1", "auth0|5f7", "x" * 128, "a b", "{}:*"])
def test_a_user_id_is_any_printable_text(value: str) -> None:
    assert is_user_id(value)


@pytest.mark.parametrize(
    "value", ["", "x" * 129, "a\n", "\x00", "\ud800", None, 7, {"$ne": ""}, []]
)
def test_other_values_are_no_user_id(value: object) -> None:
    assert not is_user_id(value)
