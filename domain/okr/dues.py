"""When something is to be done: the words of a folded sentence that name a time to come."""

import re
from typing import Final, NamedTuple


class Span(NamedTuple):
    """A stretch of a sentence."""

    start: int
    end: int


_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = "[0-3]?[0-9](?:st|nd|rd|th)?"
_YEAR = "(?:20[0-9]{2}|1[34][0-9]{2})"
_BY = "(?:by|before|until|till|no later than)"
_WHEN = f"(?:{_BY}|in|during|for|at|on|from)"
_END = "(?:the )?(?:very )?(?:end|close|start|beginning|middle|mid) of "
_THIS = "(?:the |this |next |our |coming )"
_COUNT = (
    "(?:[0-9]{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten|twelve|eighteen"
    "|thirty|sixty|ninety|couple of|few)"
)
_PERIOD = "(?:year|quarter|month|week|fiscal year|financial year|semester|half)"
_NAMED = (
    f"(?:{_MONTH}|q[1-4]|h[12]|fy ?[0-9]{{2,4}}|spring|summer|autumn|winter|christmas|new year"
    "|monday|tuesday|wednesday|thursday|friday|saturday|sunday|eoy|eoq|eom|year[ -]?end"
    f"|{_YEAR})"
)
_DATE = (
    f"(?:{_MONTH} {_DAY}\\b(?:,? {_YEAR})?|{_DAY} (?:of )?{_MONTH}(?: {_YEAR})?"
    "|20[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]20[0-9]{2})"
)
_ENGLISH: Final = (
    f"(?:(?:{_WHEN} )?{_DATE}"
    f"|{_WHEN} (?:(?:{_END})?{_THIS}{{0,2}}{_NAMED}"
    f"|(?:{_END}{_THIS}{{0,2}}|{_THIS}{{1,2}}){_PERIOD})"
    f"(?:,? (?:of )?(?:{_YEAR}|next year|this year|'[0-9]{{2}}))?"
    f"|{_BY} {_PERIOD}[ -]?end"
    f"|(?:in|within|over|during|after) (?:the |about |under |less than )?"
    f"(?:(?:next|coming|following) (?:{_COUNT}[ -]?)?|{_COUNT}[ -]?)"
    "(?:business |working |calendar )?(?:days?|weeks?|months?|quarters?|years?)"
    f"|(?:this|next) (?:{_PERIOD}|{_NAMED})"
    f"|{_END}(?:the |this |next )?(?:{_PERIOD}|{_NAMED})(?: {_YEAR})?"
    f"|(?:q[1-4]|h[12])(?:,? {_YEAR})?|eoy|eoq|eom|tomorrow)"
)

_FA_MONTH = (
    "(?:فروردین|اردیبهشت|خرداد|تیر|مرداد|امرداد|شهریور|مهر|ابان|اذر|دی|بهمن|اسفند"
    "|ژانویه|فوریه|مارس|اوریل|مه|ژوین|ژوییه|جولای|اوت|سپتامبر|اکتبر|نوامبر|دسامبر)"
)
_FA_NAMED = f"(?:{_FA_MONTH}(?: ماه)?|فصل بهار|بهار|تابستان|پاییز|زمستان|شب عید|عید|شب یلدا|نوروز|یلدا|q[1-4])"
_FA_PERIOD = "(?:سال|ماه|هفته|فصل|سه ?ماهه|نیم ?سال|شش ?ماهه|کوارتر|دوره)"
_FA_WHICH = "(?:اول|دوم|سوم|چهارم|اینده|بعدی|بعد|جاری|دیگر|اتی|پیش رو|مالی|میلادی)"
_FA_TO = "(?:تا|قبل از|پیش از|در|برای|طی|ظرف)"
_FA_END = "(?:پایان|اخر|انتهای|اواخر|اواسط|اوایل|اول|نیمه|وسط|ابتدای|شروع) "
_FA_COUNT = "(?:[0-9]{1,3}|یک|دو|سه|چهار|پنج|شش|هفت|هشت|نه|ده|دوازده|هجده|سی|شصت|نود|چند)"
_PERSIAN: Final = (
    f"(?:(?:{_FA_TO} )?(?:{_YEAR}[/-][0-9]{{1,2}}[/-][0-9]{{1,2}}"
    f"|[0-3]?[0-9](?: ?ام)? {_FA_MONTH}\\b(?: ماه)?(?: (?:سال )?{_YEAR})?)"
    f"|{_FA_TO} (?:{_FA_END})?(?:این |همین )?{_FA_NAMED}\\b"
    f"(?: (?:{_FA_WHICH}|(?:سال )?{_YEAR}|سال اینده|سال جاری|امسال))?"
    f"|{_FA_TO} {_FA_END}(?:این |همین )?(?:{_FA_PERIOD}|امسال|q[1-4])\\b"
    f"(?: {_FA_WHICH})?(?: (?:سال )?(?:{_YEAR}|سال اینده|سال))?"
    f"|(?:{_FA_TO} )?(?:این |همین )?{_FA_PERIOD} (?:{_FA_WHICH}\\b|{_YEAR})"
    "(?: (?:سال )?(?:اینده|جاری))?"
    f"|(?:تا|در|طی|ظرف|در طی|در طول|طول|برای|در مدت)(?: مدت)? {_FA_COUNT} ?"
    f"(?:روز|هفته|ماه|فصل|سال)\\b(?! (?:گذشته|قبل|پیش(?! رو)|اخیر))(?: {_FA_WHICH}\\b)?"
    f"|{_FA_COUNT} ?(?:روز|هفته|ماه|سال) (?:اینده|دیگر|اتی)"
    "|(?:تا )?(?:پایان |اخر )?امسال|فردا)"
)
_DUE: Final = re.compile(f"\\b(?:{_ENGLISH}|{_PERSIAN})\\b")


def due_spans(key: str) -> list[Span]:
    """Where a folded sentence names a time to come, in order."""
    return [Span(*found.span()) for found in _DUE.finditer(key)]
