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
physique: Morning runing | swiming | Badmington | strecthing | wieght lifting | gymnastcs | excercise | excersise | foot ball
energy: medittation | breathign | brekfast | relaxtion | slepe | physio therapy
logic: progamming | mathamatics | studing | spredsheet | algorythm | acounting | Germen | anaylsis
creativity: photograhy | guitarr | paintng | drawign | potery | calligraphie | violn | writting
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

MORE_ENGLISH: Final = """
physique: Wrestle practice | Gymnast training | Parallel bars | Cricket nets | Aerial silks | Rope skipping
physique: Dragon boat race | Ten thousand steps | Rebounder | Strongman | Agility ladder | Outdoor bootcamp
physique: Power yoga | Handstand practice | Ultimate | Sculling | Futsal match with colleagues | Skipping
physique: Mountain walk | Lumberjack work | Fly fishing | Hot pilates | Trail running | Body pump
physique: Stretch my hips | Kickboxing with Jana | Gym | Upper body strength | Rock climbing trip
physique: Tennis with dad | Learn to swim | Zumba at the community center | 100 push ups | Ski lesson
physique: Sunday football league | Bicycle tour | Speed walking | Core stability | Pull-up challenge
physique: Practice penalty shots | Paddleboarding | Sweeping the yard | Digging post holes
physique: Hike with the dog | Ballroom dancing | Warm-up and sprints | Deep squats | Rugby tackling
energy: Acupressure | Turn off the screens | Make a smoothie | Hospital check | Nap time
energy: Vitamin D walk in sun | Hair wash | Prenatal class | Lung exercises | Allergy shots | Calm down
energy: Knee rehab | Prayers | Relax in the sun | Eating vegetables | Hydration | Body scan meditation
energy: Trim beard | Counting calories | Weigh-in | Early night | Tai chi breathing | Declutter bedroom
energy: Wash the dishes | Sound bath | Early to bed | Wellness day | Afternoon rest | Tea and silence
energy: Mindfulness for beginners | Eat fruit | Take my pills | Meditation with app | Bath with candles
energy: Breakfast | Physio exercises | Cardiologist | Sleep 8 hours | Deep breaths | Pray | Lunch break
energy: Sunscreen | Cutting nails | Less sugar | Evening wind-down | Dental cleaning | Blood pressure log
energy: Hot tub
logic: Anatomy flashcards | Solve 10 integrals | Reading research on climate | Write cover letter
logic: Crossword | Fixing bugs | Wireshark lab | Typing practice | Learning about black holes
logic: Vocabulary quiz | Reviewing the budget | Replace phone screen | Work on pitch deck
logic: Bookkeeping for my shop | Study the constitution | Watching a documentary on Rome
logic: Machine learning course | Draft contract | Learn Morse code | Install Linux | Spanish podcast
logic: Meeting minutes | Genealogy research | Speed cubing | Preparing quarterly report | Analyze dance data
logic: Home office | Learn Portuguese | Excel formulas | Solve a Rubik's cube | Linear algebra lecture
logic: Car maintenance | Write SQL report | Plan the budget | Research for thesis | Read about world war two
logic: Reading the newspaper | Scholarship essay | Fix the printer | Geometry proofs | Python course
logic: Organizing bills | Read philosophy | Prepare for interview | Kanji practice | Studying law
logic: Learn to code | Setting up the router | Electronics hobby | IQ test | Tidy up codebase | Office
creativity: Ukulele | Paint miniatures | Finish the scarf | Choir | Sketch a tree | Learn cross stitch
creativity: Candle workshop | Record a podcast | Learn the trumpet | Compose | Dance photography
creativity: Rewrite chapter three | Design wedding invitations | Fermenting kimchi
creativity: Baking cookies with kids | Making a quilt | Furniture restoration | Music | Handmade soap
creativity: Play Beethoven | Poetry reading | Puppet making | Street photography | Video montage
creativity: Acting class | Glass painting | Garden design | Painting | Learn embroidery | Playing the drums
creativity: Sing in the shower | Bass practice | Write a chapter | Pastry class | Photography
creativity: Making candles | Digital illustration | Practising magic tricks | Edit a vlog | Composing music
creativity: Woodworking project | Design a t-shirt | Drama club | Make pasta from scratch | Diary
creativity: Crochet with grandma | Play Chopin | Guitar riffs for the band | Brainstorming names for a story
creativity: Writing | Gingerbread house | Pencil drawing
social: Tea with grandmother | Meet the neighbors | Facetime sister | Family time | Game night | Wedding
social: Community meeting | Help at food bank | Play with my daughter | Reading to my son | Dinner date
social: Lunch with Priya | Thank-you notes | Coaching juniors | Take kids to the zoo
social: Visit friend in hospital | Party | Support group | Language exchange | Phone Dad | Debate club
social: Bake sale | Chat with neighbour | Feeding ducks with toddler | Hug more | Team building
social: Karaoke with colleagues | Call with my sister | Babysit nephew | Dinner with friends
social: Grandparents visit | Family board games | Volunteer | Networking lunch | Weekly team meeting
social: Coffee with an old colleague | Chat | Children | Teaching | Friends
social: Help my neighbour with groceries | Kids birthday | Beers with the boys | Call customer support
social: Community garden | Feedback talk with Tim | Take grandma to the doctor | Church choir social
social: Write to my pen pal | Party games | Mother's day | Messaging friends
"""

MORE_PERSIAN: Final = """
physique: بدمینتون با همسرم | تمرین سرعتی | سنگنوردی | شنای قورباغه | پیلاتس صبح | تمرین پا | دوچرخه ثابت
physique: ورزش کنم | اسکی روی برف | رقص محلی | کیک بوکسینگ | تمرینات قدرتی بالاتنه | باغبونی | دو نیم ساعته
physique: کار با دمبل | هندبال | تمرین توپ | پیاده روی روزانه | باشگاه | تمرین ورزشی | کلاس شنا
physique: دویدن در پارک | کوهنوردی جمعه | مسابقه فوتبال | دوچرخه سواری با پسرم | ورزش هوازی | پارکور
physique: تنیس روی میز | حرکات اصلاحی | تمرین بوکس | ۳۰ دقیقه پیاده روی | پرش با طناب
energy: ویتامین د | خوابِ کافی | صبحونه خوردن | آرامش ذهن | ماساژ پا | گوش دادن به صدای باران | غذای سالم
energy: رفتن پیش روان‌شناس | تغذیه سالم | دوش گرفتن | مراقبه ده دقیقه‌ای | مصرف دارو | یک لیوان آب
energy: اصلاح صورت | چای عصر | استراحت چشم | کاهش استرس | تماشای تلویزیون | ظرف شستن | چرت کوتاه | مدیتیشن
energy: خوابیدن زودهنگام | رفتن به دندانپزشکی | نفس کشیدن عمیق | آب خوردن | صرف صبحانه | نماز و دعا
energy: یوگا برای آرامش | مراقبت از دندان | حمام | استراحت | رژیم غذایی سالم | قرآن خواندن
logic: ریاضی دوازدهم | تمرین اکسل | پروژه دانشگاه | یادگیری فرانسه | خوندن کتاب | انجام تکالیف | حل معما
logic: مطالعه حقوق | برنامه ریزی مالی | ساخت سایت | بررسی ایمیل‌ها | جدول سودوکو | نجوم | شیمی آلی
logic: تعمیر تلویزیون | درس عربی | بازی شطرنج با پدر | مقاله نویسی | تحقیق درباره موسیقی
logic: آموزش برنامه نویسی | رفع اشکال کد | مطالعه | کلاس زبان | برنامه نویسی | درس ریاضی
logic: آموزش جاوا اسکریپت | حل مسئله | امتحان فیزیک | خواندن رمان تاریخی | کار اداری | حسابداری شرکت
logic: تعمیر خودرو | شطرنج آنلاین | تحلیل داده‌ها | نوشتن مقاله علمی | پازل هزار تکه
creativity: پیانو | طراحی با مداد | کاموا بافی | عکاسی | ساز دف | آشپزی ایرانی | نقاشی دیجیتال
creativity: تصویرسازی کتاب کودک | شعر حافظ خوانی | خطاطی نستعلیق | مجسمه‌سازی با گل | تدوین فیلم
creativity: تمرین ویولن | نویسندگی خلاق | شیرینی‌پزی | چرم‌دوزی | ساخت گردنبند | گیتار الکتریک | طراحی لباس
creativity: نمایشنامه نویسی | نقاشی | موسیقی | کلاس پیانو | نوشتن شعر | آشپزی برای خانواده | بافتنی
creativity: کاردستی با کاغذ | گیتار زدن | تمرین خط | ساخت ویدیو | طراحی گرافیک | داستان کوتاه | سفالگری
creativity: آواز
social: تلفن به دوستم | مهمونی دوستانه | با بچه‌ها بازی کردن | عروسی دخترخاله | همسر و بچه‌ها | شام با مریم
social: بازدید از خانه سالمندان | صحبت با پسرم | جلسه اولیا | کمک به مادرم | خانواده | دیدن پدربزرگ
social: مکالمه با همکارم | دورهمی خانوادگی | قرار عاشقانه | آموزش به بچه‌ها | پیام به خواهر | شب یلدا
social: سفر با دوستان | دیدار با دوستان | تماس با پدر | مهمانی | صحبت تلفنی با مادر | کمک به فقرا
social: بازی با کودک | وقت گذراندن با خانواده | دورهمی | جلسه کاری | رفتن به خانه مادربزرگ | چای با همسایه
social: مشورت با دوست | تدریس | قرار با دوست
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


@pytest.mark.parametrize("table", [ENGLISH, MISSPELT, PERSIAN, OTHERS, MORE_ENGLISH, MORE_PERSIAN])
def test_names_land_on_their_dimension(table: str) -> None:
    expected = dict(cases(table))

    missed = {name: found for name in expected if (found := leading(name)) != expected[name]}

    assert missed == {}
