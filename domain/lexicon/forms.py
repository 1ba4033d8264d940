"""Forms of a word: which entries an inflected word may stand for."""

from typing import Final

from domain.lexicon.words import is_rtl

_SHORTEST_STEM: Final = 3
_SHORTEST_PERSIAN_STEM: Final = 2
_PERSIAN_ENDINGS: Final = (
    "هایمان",
    "هایتان",
    "هایشان",
    "هایم",
    "هایت",
    "هایش",
    "های",
    "ها",
    "مان",
    "تان",
    "شان",
    "ترین",
    "تر",
    "ات",
    "ام",
    "اش",
    "ان",
    "ای",
    "ی",
    "م",
    "ش",
    "ت",
    "ه",
)
_PERSIAN_BEGINNINGS: Final = ("نمی", "می", "ال", "بال", "وال")
_ENGLISH_AGENTS: Final = ("ers", "er", "ors", "or", "ists", "ist")


def variants(key: str) -> list[str]:
    """The base forms a folded word may come from, the likeliest first, itself at the head."""
    return _persian(key) if is_rtl(key) else _latin(key)


def root(key: str) -> str:
    """One rough stem for all forms of a word, by which phrases are compared."""
    if is_rtl(key):
        return _persian_root(key)
    stem = key
    if stem.endswith("ies") and len(stem) > _SHORTEST_STEM + 1:
        stem = stem[:-3] + "y"
    elif (
        stem.endswith("s") and not stem.endswith(("ss", "us", "is")) and len(stem) > _SHORTEST_STEM
    ):
        stem = stem[:-1]
    for ending in ("ing", "ed"):
        if stem.endswith(ending) and len(stem) >= len(ending) + _SHORTEST_STEM:
            stem = _single(stem[: -len(ending)])
            break
    return stem[:-1] if stem.endswith("e") and len(stem) > _SHORTEST_STEM else stem


def _latin(key: str) -> list[str]:
    """English endings; those of the other languages are in the vocabulary's own words."""
    forms = [key]
    base = key.rstrip("0123456789")
    if base and base != key:
        forms.append(base)
    forms += _singulars(base)
    for form in tuple(forms):
        forms += _verbs(form)
    return forms + _deeds(base) if base.endswith(_ENGLISH_AGENTS) else forms


def _deeds(word: str) -> list[str]:
    """What a `runner`, a `painter` or a `guitarist` is busy with."""
    forms = []
    for ending in _ENGLISH_AGENTS:
        if word.endswith(ending) and len(word) >= len(ending) + _SHORTEST_STEM:
            stem = word[: -len(ending)]
            forms += [stem + "e", stem, _single(stem), stem + "ing", stem + "y"]
    return forms


def _singulars(word: str) -> list[str]:
    if not word.endswith("s") or word.endswith("ss") or len(word) <= _SHORTEST_STEM:
        return []
    if word.endswith("ies"):
        return [word[:-3] + "y", word[:-1]]
    if word.endswith("es"):
        return [word[:-1], word[:-2]]
    return [word[:-1]]


def _verbs(word: str) -> list[str]:
    forms = []
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) >= len(ending) + _SHORTEST_STEM:
            stem = word[: -len(ending)]
            forms += [stem + "e", stem, _single(stem), stem + "ion", stem + stem[-1]]
            if stem.endswith("i"):
                forms.append(stem[:-1] + "y")
    if word.endswith("ate"):
        forms.append(word[:-1] + "ion")
    elif word.endswith("e"):
        forms.append(word[:-1] + "ing")
    elif len(word) >= _SHORTEST_STEM:
        forms += [word + "ing", word + word[-1] + "ing"]
    return forms


def _single(stem: str) -> str:
    """`runn` to `run`."""
    doubled = len(stem) > _SHORTEST_STEM and stem[-1] == stem[-2] and stem[-1] not in "aeiouls"
    return stem[:-1] if doubled else stem


def _persian(key: str) -> list[str]:
    forms = [key]
    forms += [
        key[len(beginning) :]
        for beginning in _PERSIAN_BEGINNINGS
        if key.startswith(beginning) and len(key) > len(beginning) + _SHORTEST_PERSIAN_STEM
    ]
    for form in tuple(forms):
        forms += _without_ending(form)
    forms.append(key + "ی")
    forms.append(key + "ن")
    return forms


def _without_ending(word: str) -> list[str]:
    if not word.endswith(_PERSIAN_ENDINGS):
        return []
    return [
        word[: -len(ending)]
        for ending in _PERSIAN_ENDINGS
        if word.endswith(ending) and len(word) > len(ending) + _SHORTEST_PERSIAN_STEM
    ]


def _persian_root(key: str) -> str:
    shorter = _without_ending(key)
    return shorter[0] if shorter else key
