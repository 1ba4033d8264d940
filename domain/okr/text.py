# ruff: noqa: RUF001
"""From an answer as it was typed to sentences that can be shown and compared.

A sentence is kept twice: as it is shown, and folded for comparison. Both have the same length, so
that whatever is found in one can be quoted from the other.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from domain.okr.dashboard import TEXT_MAX_CHARS, Language

ANSWER_MAX_CHARS: Final = 10_000
"""Characters of an answer that are read."""
SENTENCES_MAX: Final = 300
"""Sentences of an answer that are read."""
SENTENCE_MAX_CHARS: Final = 600
"""A longer one is read in pieces."""
BOTH_SCRIPTS: Final = 0.25
"""The share of the letters from which on a script counts as one of two."""

_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u08e2\u180e\u200b"
    "\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]+"
)
_LINE: Final = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_BULLET: Final = re.compile(
    "(?:[#>]{1,6} |[-*+–—] ?(?=[^\\W\\d]|\\*)|[-*+–—] |[•·▪▫◦‣►▶✓✔✅➤→○●■□◆✦] ?|\\[[ x]?\\] )+",
    re.IGNORECASE,
)
_NUMBERED: Final = re.compile(
    "\\(?[0-9۰-۹٠-٩]{1,2} ?(?:[.)\\]:](?= )|[-–](?= ?[^\\W\\d])(?:(?= )|(?=[\u0600-\u06ff]))) ?"
)
_MARKER: Final = re.compile("(?<!\\S)\\(?([0-9۰-۹٠-٩]{1,2})[.)](?= )")
_INLINE_BULLET: Final = re.compile(" ?[•▪◦‣►●■◆] ?")
_END: Final = re.compile(
    "(?<![.!?…؟؛;。！？])[.!?…؟؛;。！？]++[\"')\\]»”’]*+(?= |$)"
    "|[؟؛。！？]"
    "|(?<=[\u0620-\u06d3])[.!?](?=[\u0620-\u06d3])"
    "|(?<=[a-z]{2})\\.(?=[A-Z][a-z])(?!(?:Com|Net|Org|Io|Js|Ai)\\b)"
)
_LAST_WORD: Final = re.compile("[A-Za-z.]+\\Z")
_NEVER_ENDS: Final = frozenset({"e.g", "i.e", "eg", "ie", "vs", "mr", "mrs", "ms", "dr", "approx"})
_SELDOM_ENDS: Final = frozenset(
    {
        "etc",
        "no",
        "inc",
        "ltd",
        "co",
        "est",
        "min",
        "max",
        "avg",
        "dept",
        "a.m",
        "p.m",
        "u.s",
        "u.k",
    }
)
_LATIN: Final = re.compile("[A-Za-z\xaa\xba\xc0-\xd6\xd8-\xf6\xf8-\u024f]+")
_PERSIAN: Final = re.compile(
    "[\u0620-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06fc\ufb50-\ufefc]+"
)
_LETTERS: Final = re.compile("[^\\W\\d_]+")

_FOLDED: Final = str.maketrans(
    {
        **dict(zip("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩０１２３４５６７８９", "0123456789" * 3, strict=True)),
        **dict(zip("يىئكةۀآأإٱؤ", "یییکههااااو", strict=True)),
        **dict(zip("٪٬٫’‘ʼ`−﹣\u2010\u2011≤≥", "%,.''''----<>", strict=True)),
        "\u200c": " ",
        "\u200d": " ",
    }
)


def fold(text: str) -> str:
    """The form that is compared: lower case, one letter for each; of the same length."""
    plain = text.translate(_FOLDED)
    lower = plain.lower()
    if len(lower) == len(plain):
        return lower
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in plain)


def tidy(text: str) -> str:
    """One line without anything hidden, white space collapsed."""
    return " ".join(_HIDDEN.sub("", text).split())


def cut(text: str, limit: int = TEXT_MAX_CHARS) -> str:
    """The text if it fits, else as many of its words as do, and an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    whole = head if text[limit - 1] == " " else head.rpartition(" ")[0]
    return (whole or head).rstrip(" ,،;؛:-–—\u200c") + "…"


def sentences(answer: str) -> list[str]:
    """The sentences of an answer, as they are shown: no bullet, no list number."""
    return list(islice(_pieces(answer[:ANSWER_MAX_CHARS]), SENTENCES_MAX))


def language(texts: Sequence[str]) -> Language:
    """By script alone: Latin letters count as English, Arabic ones as Persian."""
    letters, latin, persian = _count(texts, _LETTERS, _LATIN, _PERSIAN)
    if not letters:
        return "other"
    if min(latin, persian) / letters >= BOTH_SCRIPTS:
        return "mixed"
    if max(latin, persian) * 2 < letters:
        return "other"
    return "fa" if persian > latin else "en"


def mostly_persian(texts: Sequence[str]) -> bool:
    """Whether more letters are Arabic than Latin ones."""
    persian, latin = _count(texts, _PERSIAN, _LATIN)
    return persian > latin


def _count(texts: Sequence[str], *scripts: re.Pattern[str]) -> list[int]:
    whole = "\n".join(texts)
    return [sum(map(len, script.findall(whole))) for script in scripts]


def _pieces(answer: str) -> Iterator[str]:
    for line in _LINE.split(answer):
        for item in _items(tidy(line)):
            for sentence in _ended(item):
                if _LETTERS.search(sentence):
                    yield from _short(sentence)


def _items(line: str) -> Iterator[str]:
    """What stands between the bullets and the numbers of a list."""
    for part in _INLINE_BULLET.split(line):
        start, awaited = 0, 1
        for marker in _MARKER.finditer(part):
            if int(marker[1]) == awaited:
                yield _unmarked(part[start : marker.start()])
                start, awaited = marker.end(), awaited + 1
        yield _unmarked(part[start:])


def _unmarked(item: str) -> str:
    bare = item.replace("**", "").strip()
    for marker in (_BULLET, _NUMBERED, _BULLET):
        if found := marker.match(bare):
            bare = bare[found.end() :]
    return bare


def _ended(item: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(item):
        if end[0] != "." or not _abbreviated(item, end.start()):
            yield item[start : end.end()].strip()
            start = end.end()
    yield item[start:].strip()


def _abbreviated(item: str, stop: int) -> bool:
    """Whether the full stop there belongs to an abbreviation."""
    last = _LAST_WORD.search(item[max(0, stop - 8) : stop])
    if last is None:
        return False
    word, following = last[0].lower(), item[stop + 1 : stop + 3].strip()
    goes_on = bool(following) and (following[0].islower() or following[0].isdigit())
    return word in _NEVER_ENDS or (word in _SELDOM_ENDS and goes_on)


def _short(sentence: str) -> Iterator[str]:
    rest = sentence
    while len(rest) > SENTENCE_MAX_CHARS:
        head = rest[:SENTENCE_MAX_CHARS].rpartition(" ")[0] or rest[:SENTENCE_MAX_CHARS]
        yield head
        rest = rest[len(head) :].lstrip()
    if rest:
        yield rest
