"""Which of the languages we know a caller would rather read."""

from domain.catalogue import LANGUAGES


def preferred(asked: str | None, accept: str) -> str:
    """Give the language asked for, else the one that `Accept-Language` puts first, else English.

    Regions do not count (`fa-IR` is `fa`); what is malformed or unknown is passed over.
    """
    best, chosen = 0.0, LANGUAGES[0]
    for entry in () if asked else accept.lower().split(","):
        tag, _, quality = entry.partition(";")
        language = tag.strip().split("-", 1)[0]
        weight = _weight(quality)
        if language in LANGUAGES and weight > best:
            best, chosen = weight, language
    return asked or chosen


def _weight(quality: str) -> float:
    name, _, value = quality.strip().partition("=")
    if not name:
        return 1.0
    digits = value.strip().replace(".", "", 1)
    if name.strip() != "q" or not (digits.isascii() and digits.isdigit()):
        return 0.0
    return min(float(value), 1.0)
