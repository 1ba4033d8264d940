"""Names as people type them, and the dimension each belongs to first."""

from collections.abc import Iterator
from typing import Final

import pytest

from domain.lexicon import rate
from domain.rates import DIMENSIONS
from domain.rating import Subject

ENGLISH: Final = """
physique: Trampoline class | Morning run | 30 min jog | Leg day at the gym | Climbing with Tom
physique: Evening dog walk | Weight training | Basketball practice | Shovelling snow | Surf lessons
physique: 5k run | Couch to 5k | Hot vinyasa flow yoga | Kettlebell circuit | Cycle to work | Mowing the lawn
physique: Archery lesson | Fencing club | Chop firewood | Salsa class | Hip hop dance | Rowing machine
physique: Push-ups and planks | Karate training | Ice skating | Long hike in the hills | Volleyball match
physique: Vacuuming the flat | Digging the vegetable garden | Tap dancing | Hula hooping | Pickleball
energy: Afternoon nap | Guided meditation | Box breathing | Eat breakfast | Hot bath
energy: Go to bed early | Dentist appointment | Drink water | Physical therapy for my knee | Foam rolling
energy: Brush teeth | Skincare routine | Gratitude journal | Meal prep | Sauna | Evening prayer | Doing nothing
energy: Watch a movie | Listening to calm music | Stress relief | Power nap on the sofa | Therapy session
energy: Take vitamins | Digital detox | Fasting | Sleep | Resting after surgery | Massage | Quiet time
logic: Untangling a spreadsheet | Calculus homework | Learn Spanish | Fix the leaky sink | Debug login page
logic: Data entry | Code review | Reading about guitars | Tax return | Chess puzzles | Study group | Budgeting
logic: Plan next week | Write unit tests | Read a history book | Organic chemistry revision | Prepare slides
logic: Sudoku | Answer emails | Training session at work | Learning Rust | Repair my bicycle
logic: Researching mortgages | IELTS preparation | SQL exercises | Physics lab report | Job applications
logic: Exam prep | Watching a lecture on economics | Duolingo | Sorting receipts | Reviewing contracts
creativity: Guitar lesson | Piano practice | Write poem | Watercolour workshop | Knitting a scarf | Baking bread
creativity: Edit photos | Pottery | Life drawing | Songwriting | Choir rehearsal | Sewing a dress | Woodcarving
creativity: Writing my novel | Design a logo | Origami | Photography walk | Practise violin scales | Blog post
creativity: Building a birdhouse | Crochet | Drum lesson | Flower arranging | Improv class | Calligraphy
creativity: Cooking Thai curry | Learning to play ukulele | Sketching people at the station | Lego castle
social: Visiting grandma | Call mum | Coffee with Sam | Family dinner | Board game night | Date night
social: Play with kids | Walk with friends | Volunteering at the shelter | Book club | Team meeting | Birthday party
social: Helping my son with homework | Teach English to refugees | Babysitting | Lunch with colleagues
social: Bedtime story for the kids | Wedding of my cousin | Video call with Dad | Dinner at my parents' house
social: Write a letter to grandpa | Catch up with old friends | Mentoring | Neighbourhood picnic | Job interview
"""

MISSPELT: Final = """
physique: Morning runing | swiming | Badmington | strecthing | wieght lifting | gymnastcs | excercise | foot ball
energy: medittation | breathign | brekfast | relaxtion | slepe | physio therapy
logic: progamming | mathamatics | studing | spredsheet | algorythm | acounting | Germen | anaylsis
creativity: photograhy | guitarr | paintng | drawign | potery | calligraphie | violn
social: freinds | volunteerng | grandmohter | meetting | converstation | famly
"""

PERSIAN: Final = """
physique: ورزش صبحگاهی | پیاده‌روی | پیاده روی در پارک | دوچرخه‌سواری | می‌دوم | شنا کردن | باشگاه رفتن
physique: تمرین با وزنه | کوه‌نوردی با دوستان | بازی فوتبال | حرکات کششی | رقص | تمرینات تکواندو
energy: خوابیدن | مدیتیشن شبانه | تمرین تنفس | خوردن صبحانه | نوبت دندان‌پزشکی | دوش آب سرد | استراحت بعد از ظهر
energy: نوشیدن آب | نماز صبح | ماساژ | فیلم دیدن | مراقبت از پوست
logic: یادگیری زبان انگلیسی | برنامه نویسی پایتون | حل تمرین ریاضی | کتاب‌خوانی | تعمیر دوچرخه | مطالعهٔ فیزیک
logic: شطرنج | نوشتن گزارش | بودجه‌بندی ماهانه | آماده شدن برای کنکور | برنامه‌ریزی هفته | خواندن مقاله
creativity: کلاس گیتار | نقاشی کشیدن | تمرین پیانو | آشپزی | شعر نوشتن | خوشنویسی | عکاسی از طبیعت | قلاب‌بافی
creativity: خیاطی | سفالگری | نوشتن داستان کوتاه | طراحی لوگو | آواز خواندن
social: زنگ زدن به مامان | مهمانی خانوادگی | بازی با بچه‌ها | دیدار مادربزرگ | جلسه با همکاران | قهوه با علی
social: تماس تصویری با خواهرم | کار داوطلبانه | دورهمی دوستانه | تولد دوستم
"""

OTHERS: Final = """
physique: Joggen im Park | Natation | Jugar al fútbol | Koşu | السباحة
energy: Mittagsschlaf | Méditation du soir | Dormir la siesta | Uyku | صلاة الفجر
logic: Mathe lernen | Étudier l'anglais | Programación | Matematik ödevi | دراسة الرياضيات
creativity: Klavierunterricht | Dessin | Tocar la guitarra | Resim çizmek | الرسم
social: Oma besuchen | Appeler maman | Llamar a mi hermana | Arkadaşlarla buluşma | زيارة جدتي
"""


def cases(table: str) -> Iterator[tuple[str, str]]:
    """The names of a table, each with its dimension."""
    for line in table.strip().splitlines():
        dimension, _, names = line.partition(":")
        yield from ((name.strip(), dimension) for name in names.split("|"))


def leading(name: str) -> str:
    """The dimension in which a name earns most."""
    rates = rate(Subject(activity=name)).rates
    return max(DIMENSIONS, key=lambda dimension: getattr(rates, dimension))


@pytest.mark.parametrize("table", [ENGLISH, MISSPELT, PERSIAN, OTHERS])
def test_names_land_on_their_dimension(table: str) -> None:
    expected = dict(cases(table))

    missed = {name: found for name in expected if (found := leading(name)) != expected[name]}

    assert missed == {}
