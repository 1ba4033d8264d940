"""Iranian mobile numbers: every spelling that people use, and nothing else."""

import pytest
from marshmallow import Schema, ValidationError

from handlers.schemas.phones import MobileNumber

Body = Schema.from_dict({"number": MobileNumber(load_default="")})
GOOD = "+989121234567"
SPELLINGS = [
    "09121234567",
    "9121234567",
    "912 123 4567",
    "0912 123 4567",
    "0912-123-4567",
    "0912.123.4567",
    "0912/123/4567",
    "(0912) 123 45 67",
    "00989121234567",
    "0098 912-123-4567",
    "00 98 912 123 4567",
    "+989121234567",
    "+98 (912) 123 4567",
    "+98 0912 123 4567",
    "+98-0-912-123-4567",
    "989121234567",
    "98 0912 1234567",
    "۰۹۱۲۱۲۳۴۵۶۷",
    "٠٩١٢١٢٣٤٥٦٧",
    "+۹۸ ۹۱۲ ۱۲۳ ۴۵۶۷",
    "۰۹۱۲-۱۲۳-٤٥٦٧",
    "０９１２１２３４５６７",  # noqa: RUF001 - digits of full width
    "0912\u200c123\u200c4567",
    "\u202a0912 123 4567\u202c",
    "0912\u2013123\u20134567",
    "\u00a00912\u00a0123\u00a04567 ",
]
OTHERS = {
    "0901 123 4567": "+989011234567",
    "0935 123 4567": "+989351234567",
    "0990 123 4567": "+989901234567",
}
REFUSED = [
    "021 8877 6655",
    "+98 21 8877 6655",
    "0311 123 4567",
    "+1 415 555 2671",
    "+44 7911 123456",
    "00 1 415 555 2671",
    "0912 123 456",
    "0912 123 45678",
    "0912",
    "110",
    "0000000000",
    "0912 123 4567 ext 5",
    "09121234567#5",
    "09121234567;phone-context=+98",
    "tel:+989121234567",
    "call 09121234567",
    "0912-VANITY",
    "0912abc4567",
    "+98+9121234567",
    "++989121234567",
    "۰۹۱۲۱۲۳۴۵",
    "-",
    "+",
    "09121234567\n",
    "0" * 41,
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_number_is_known_in_every_spelling(text: str) -> None:
    assert Body().load({"number": text}) == {"number": GOOD}


@pytest.mark.parametrize(("text", "number"), OTHERS.items())
def test_numbers_of_every_operator_are_known(text: str, number: str) -> None:
    assert Body().load({"number": text}) == {"number": number}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_iranian_mobile_number_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Body().load({"number": text})


@pytest.mark.parametrize("text", ["", " ", "\u200c"])
def test_none_is_none(text: str) -> None:
    assert Body().load({"number": text}) == {"number": ""}
