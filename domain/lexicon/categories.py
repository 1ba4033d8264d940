"""Categories under other names than those of the table, in English and Persian."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain import rates
from domain.lexicon.words import fold

_ALSO: Final = """
physique: body physical strength movement بدن بدنی جسم جسمانی فیزیک
sport: sports athletics training gym ورزش ورزشی باشگاه
fitness: workout exercise تناسب‌اندام فیتنس بدنسازی
health: wellness wellbeing nutrition food selfcare medical سلامت سلامتی بهداشت تغذیه
energy: recovery recharge vitality انرژی
mindfulness: meditation spirituality spiritual mind prayer مراقبه مدیتیشن ذهن‌آگاهی معنویت عبادت
rest: sleep relaxation leisure استراحت خواب آرامش
logic: reasoning analysis science maths math finance منطق ریاضی علم علوم مالی
study: studies learning education school university reading languages language مطالعه درس تحصیل آموزش زبان
work: job career business office productivity کار شغل حرفه
programming: coding code development software tech technology برنامه‌نویسی کدنویسی نرم‌افزار
creativity: creative art arts craft crafts hobby hobbies design خلاقیت هنر هنری سرگرمی
drawing: painting sketching illustration نقاشی طراحی
music: instrument instruments singing موسیقی موزیک ساز
writing: journaling blogging poetry نوشتن نویسندگی
social: friends community relationships people volunteering اجتماعی دوستان روابط
family: kids children parenting home relatives خانواده خانوادگی فرزندان
"""


def _synonyms() -> Mapping[str, str]:
    table = {_plain(name): name for name in rates.categories()}
    for line in _ALSO.splitlines():
        name, _, listed = line.partition(":")
        table.update({_plain(synonym): name for synonym in listed.split()})
    return MappingProxyType(table)


def _plain(category: str) -> str:
    return "".join(letter for letter in fold(category) if letter.isalnum())


_NAMES: Final = _synonyms()


_LONGEST: Final = 2 * max(map(len, _NAMES))
"""No name with spaces and signs around it is longer."""

_NOTHING: Final = frozenset(
    _plain(name)
    for name in ("n/a", "without category", "no category", "بدون دسته", "بدون دسته‌بندی")
)


def says_nothing(category: str) -> bool:
    """Whether a category only says that there is none, which its words do not show."""
    return len(category) <= _LONGEST and _plain(category) in _NOTHING


def known(category: str) -> str | None:
    """The table's name of a category, or None if the table has nothing like it."""
    return _NAMES.get(_plain(category)) if len(category) <= _LONGEST else None
