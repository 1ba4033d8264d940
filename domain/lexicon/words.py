"""From a name as somebody typed it to tokens that compare equal.

Latin, Persian and Arabic writing are brought to one form: NFKC, no case, no accents, no
vowel marks, one letter for each of the pairs that keyboards mix up.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

LONGEST_TEXT: Final = 240
"""Characters that are looked at; names are shorter."""
BOUNDARY: Final = ","
"""The key of a token that stands for punctuation between two parts of a name."""

_HIDDEN: Final = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\ufe0e\ufe0f\u200d-\u200f'’ʼ`]")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z][a-z]{2})")
_TOKEN: Final = re.compile(
    "(?P<word>[^\\W_]+)"
    "|(?P<boundary>[,;:|/&+()\\u060c\\u061b\u2013\u2014\u2022\u00b7]|\\s-+\\s)"
    "|(?P<emoji>[\u2600-\u27bf\u2b50\U0001f300-\U0001faff])"
)
_SPELLED: Final = (("c++", "cpp"), ("C++", "cpp"), ("c#", "csharp"), ("C#", "csharp"))
_POSSESSIVE: Final = re.compile(r"['’]s\b")
_LETTERS: Final = str.maketrans(
    {
        "ي": "ی",
        "ى": "ی",
        "ئ": "ی",
        "ك": "ک",
        "ة": "ه",
        "ۀ": "ه",
        "آ": "ا",
        "أ": "ا",
        "إ": "ا",
        "ٱ": "ا",
        "ؤ": "و",
        "ء": "",
        "ı": "i",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
    }
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, an emoji or a boundary."""

    text: str
    """As it was typed, to be quoted."""
    key: str
    """As it is looked up."""


def fold(word: str) -> str:
    """The form of a word under which it is stored and looked up."""
    plain = word.casefold()
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain.translate(_LETTERS))
        plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
        plain = plain.translate(_LETTERS)
    return plain


def is_rtl(key: str) -> bool:
    """Whether a folded word is written in Arabic letters, as Persian is."""
    return "\u0600" <= key[:1] <= "\u06ff"


def tokens(text: str) -> list[Token]:
    """The tokens of a text in order. Numbers are left out."""
    tidy = unicodedata.normalize("NFKC", text[:LONGEST_TEXT])[:LONGEST_TEXT]
    for sign, name in _SPELLED:
        tidy = tidy.replace(sign, name)
    tidy = _POSSESSIVE.sub("", tidy).replace("\u200c", " ")
    tidy = _CAMEL.sub(" ", _HIDDEN.sub("", tidy))
    found = []
    for match in _TOKEN.finditer(tidy):
        typed = match.group()
        if match.lastgroup == "boundary":
            found.append(Token(typed, BOUNDARY))
        elif not typed.isdecimal():
            found.append(Token(typed, fold(typed)))
    return found


def quotable(text: str, longest: int = 40) -> str:
    """A user's words, safe within a sentence: no control or format characters, not long."""
    shown = "".join(
        letter for letter in text if unicodedata.category(letter)[0] not in "CZ" or letter == " "
    )
    return shown.strip()[:longest].rstrip()
