"""Mobile numbers of Iran, in every spelling that people use."""

import re
import unicodedata
from typing import Any, Final

import phonenumbers
from marshmallow import ValidationError
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from handlers.schemas.common import Text

REGION: Final = "IR"
COUNTRY_CODE: Final = 98
NUMBER_MAX_CHARS: Final = 40
WRITTEN: Final = re.compile(r"\+?[\d\s().\-\u2010-\u2015/]+")
FAULT: Final = "Not an Iranian mobile number, as in 0912 123 4567."


class MobileNumber(Text):
    """An Iranian mobile number, loaded as `+98XXXXXXXXXX`.

    Which numbers there are is known from the numbering plan that `phonenumbers` carries.
    """

    def __init__(self, **rest: Any) -> None:
        metadata = {"example": "+989121234567", **rest.pop("metadata", {})}
        super().__init__(max=NUMBER_MAX_CHARS, metadata=metadata, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        text = _plain(super()._deserialize(value, attr, data, **rest))
        if not text and not self.min_chars:
            return ""
        # The library would find a number in the middle of words, and read letters as keys.
        if not WRITTEN.fullmatch(text):
            raise ValidationError(FAULT)
        try:
            number = phonenumbers.parse(text, REGION)
        except NumberParseException as fault:
            raise ValidationError(FAULT) from fault
        if not _is_mobile(number):
            raise ValidationError(FAULT)
        return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _plain(text: str) -> str:
    """The text without what keyboards and copies add unseen, in its usual forms."""
    visible = "".join(one for one in text if unicodedata.category(one) != "Cf")
    return unicodedata.normalize("NFKC", visible).strip()


def _is_mobile(number: PhoneNumber) -> bool:
    return (
        number.country_code == COUNTRY_CODE
        and not number.extension
        and phonenumbers.is_valid_number(number)
        and phonenumbers.number_type(number) == PhoneNumberType.MOBILE
    )
