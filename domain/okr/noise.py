# ruff: noqa: RUF001
"""Figures that measure nothing: telephone numbers, times, versions, ordinals, periods gone by.

They are replaced by blanks, so that what is left keeps its place.
"""

import re
from collections.abc import Iterable
from typing import Final

from domain.okr.dues import Span

_ADDRESS: Final = re.compile("\\S+")
_ADDRESS_SIGNS: Final = ("://", "www.", "@")
_RATED: Final = re.compile("rating|score|star|satisfaction|csat|رضایت|امتیاز|نمره")
_OUT_OF: Final = re.compile("(?<=[0-9])(?: ?/ ?| out of | از )(?:5|10|20|100)(?![0-9/%.])")
_PERIODS = "(?:day|week|month|quarter|year|hour|minute)s?"
_FA_PERIODS = "(?:روز|هفته|ماه|فصل|سال|ساعت|دقیقه)"
_LABELS = (
    "(?:version|ver|v|phase|step|stage|level|tier|sprint|chapter|page|section|item|option|number"
    "|no\\.?|nr|rank|ranked|top|room|floor|gate|iso|article|priority|question|answer|layer"
    "|round|batch|grade|web|windows|python|covid|day(?= [0-9]+ (?:retention|churn|activation))"
    "|فاز|مرحله|نسخه|شماره|رتبه|سطح|گام|قدم|طبقه|بند|صفحه|اسپرینت|اولویت|ماده|سوال|پرسش|پاسخ|ردیف)"
)
_NOISE: Final = re.compile(
    "\\+[0-9][0-9 ()-]{6,18}[0-9]"
    "|(?<![0-9.,/])0[0-9][0-9 ()-]{4,18}[0-9]"
    "|(?<![0-9.,])[0-9]{3}[-. ][0-9]{3}[-.][0-9]{4}(?![0-9])"
    "|(?<![0-9])[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[ap]\\.?m\\b)?"
    "|(?<![0-9.,])[0-9]{1,3} ?h ?[0-9]{1,2}(?: ?m(?:in)?)?\\b"
    "|(?<![0-9.])[0-9]{1,2} ?(?:am|pm|a\\.m|p\\.m|o'clock)\\b"
    "|\\bساعت [0-9]{1,2}\\b"
    "|(?<![0-9.,])[0-9]{1,4}(?:st|nd|rd|th| ?امین| ?مین| ?ام)\\b"
    f"|\\b{_LABELS} ?#?[0-9]{{1,4}}(?![0-9]| ?%|,[0-9])(?:\\.[0-9]+)*+"
    "|(?<![0-9.,])[0-9]{1,3} (?:in|out of|از هر|of every|of|of our|of the) (?:every )?[0-9]{1,4}\\b(?! ?%)"
    "|#[0-9]+"
    "|\\([0-9]{1,2}\\)|\\[[0-9]{1,3}\\]"
    "|(?<![0-9])[0-9]{1,6} ?[x/:] ?[0-9]{1,6}(?: ?/ ?[0-9]{1,6})?(?![0-9])"
    f"|(?<![0-9.,-])[0-9]{{1,4}}-(?:{_PERIODS}|person|people|star|step|page|man|part|seat|figure|time)\\b"
    "|(?<![0-9.,])[0-9]{1,4} ?(?:روزه|ماهه|ساله|نفره|ساعته|مرحله ای|ستاره|صفحه ای|گانه)"
    f"|\\b(?:last|past|previous|for|since|over the last|over the past) (?:the )?[0-9]{{1,4}} {_PERIODS}\\b"
    f"|(?<![0-9.,])[0-9]{{1,4}} {_PERIODS} (?:ago|of experience|old|in business)"
    f"|(?<![0-9.,])[0-9]{{1,4}} ?{_FA_PERIODS} (?:گذشته|قبل|پیش|اخیر|است|سابقه|تجربه)"
    "|\\bsince (?:19|20)[0-9]{2}\\b"
    "|\\b(?:[0-9]|one|two|three) (?:of (?:our|my|the|them|us)|on one|on 1)\\b"
)
_FRACTION_OF_PERCENT: Final = re.compile("(?<=[0-9])/(?=[0-9]{1,2} ?(?:%|درصد|میلیون|میلیارد))")


def blanked(key: str, spans: Iterable[Span]) -> str:
    """The text with blanks where the spans are."""
    kept, start = list[str](), 0
    for span in spans:
        kept += (key[start : span.start], " " * (span.end - span.start))
        start = span.end
    return "".join(kept) + key[start:]


def measuring(key: str) -> str:
    """A folded sentence without the figures that measure nothing; of the same length."""
    if any(sign in key for sign in _ADDRESS_SIGNS):
        words = (found.span() for found in _ADDRESS.finditer(key) if _is_address(found[0]))
        key = blanked(key, (Span(*span) for span in words))
    key = _FRACTION_OF_PERCENT.sub(".", key)
    if _RATED.search(key):
        key = _OUT_OF.sub(_blank, key)
    return _NOISE.sub(_blank, key)


def _is_address(word: str) -> bool:
    return any(sign in word for sign in _ADDRESS_SIGNS)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])
