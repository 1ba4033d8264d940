"""Words that say nothing about what is done, or only how a name's parts hang together."""

from typing import Final

FILLERS: Final = """
a an the my your his her our their its this that these those some any of own new old
de del la le les el los las un une una au aux du der die das den dem ein eine einen meine mein mi mon ma mes bir
"""
"""Passed over, even within a phrase."""

LINKS: Final = """
and: and n y et und e ve then plus و ثم سپس بعد
with: with mit avec con ile alongside با مع همراه
about: about on regarding concerning over sobre über uber sur درباره درمورد پیرامون راجع
for: for fur pour para por icin برای جهت واسه
place: in at im am en dans inside near from from across around von fra در از توی داخل
to: to into toward towards zu nach به سمت
aside: after before during while without until till by against between despite upon than as when nach vor wahrend avant apres antes despues قبل پس حین هنگام بدون
"""
"""Each link, and the words that stand for it."""

SILENT: Final = """
practice practise session sessions class classes hour hours minute minutes min mins second daily weekly
monthly yearly morning mornings afternoon evening evenings night nights noon midnight today tomorrow tonight weekend
weekday monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun january february march
april may june july august september october november december day days week weeks month months year years
time times routine habit activity activities goal goals target challenge block quick short long big small little
tiny bit lot more less most best better good great nice fun easy hard light heavy beginner beginners intermediate advanced
level levels basic basics intro introduction part parts unit step one two three four five six seven eight nine ten first
last next again finally every each everyday always just only really very get getting got go going gone
do doing done did does be been being is am are was were will would can could should must have having has had want
wanna need needs let lets try trying tried start starter starting begin beginning continue continuing finish finishing
complete completing improve improving increase reduce keep keeping stay staying become becoming
take taking took give giving put putting use using come coming set i me we us you he she it they them myself
yourself ourselves who what which where why how not no yes ok also so too if or but all both other another
up down out off back away here there now soon early late later ago via per vs etc etcetera
hobby hobbies random various different special personal private general main extra another favourite favorite
miscellaneous sundry diverse undefined unspecified uncategorized uncategorised unsorted unclassified unknown
default none category categories na tbd unassigned autre autres divers sonstiges sonstige allgemein verschiedenes
otro otros varios diger genel
stuff thing things something anything nothing everything whatever misc other others test123 untitled
home house room place city town world life way side end top left right high low round hot self
self-less new newest real true free full half double single open close closed
red green blue black white yellow old older young younger modern intensive
cart short long xyz abc foo qwerty asdf lorem ipsum hello hi hey thanks please
spend spending attend attending join joining enjoy enjoying manage managing maintain maintaining
master finish catch hold bring bringing pick drop tracking log logging
international national local global central grand royal mini super ultra pro max
star house white stage scene line point shape
stunde stunden ubung ubungen uben kurs unterricht taglich morgen abend heute zeit tag
cours heure heures matin soir jour lecon seance apprendre pratique pratiquer faire jouer quotidien
clase clases leccion hora horas manana tarde noche dia practica practicar hacer tocar aprender jugar diario
saat gunluk sabah aksam pratik yapmak ogrenmek oynamak dersi gun hafta
تمرین تمرینات کردن کرد میکنم کنم کنیم بکنم کشیدن میکشم زدن میزنم بزنم رفتن میروم برم بروم رفت دادن میدهم گرفتن میگیرم شدن بودن است هست داشتن دارم
انجام کلاس ساعت دقیقه ثانیه روز روزانه روزمره هفته هفتگی ماه ماهانه ماهیانه سال سالانه صبح صبحگاهی ظهر بعدازظهر عصر غروب شب شبانه نیمه_شب
درست اماده امادگی امروز فردا دیروز امشب اخر شنبه یکشنبه دوشنبه چهارشنبه پنجشنبه جمعه مقدماتی پیشرفته متوسط مبتدی سطح بخش قسمت مرحله
یک تا سه چهار پنج شش هفت هشت نه ده اول دوم سوم خود خودم من ما تو شما او انها این ان هر همه خیلی کمی کم زیاد بیشتر کمتر
بهتر خوب خوبی عالی جدید قدیمی ادامه شروع پایان هدف فعالیت عادت چالش وقت زمان باید خواستن می نمی را رو که ها های هایم هایی ای ی ام
اش ات مان شان تان تر ترین بر تا پیش زیر کنار بین روی متفرقه چیز چیزی سایر دیگر غیره خانه منزل خونه شهر دنیا زندگی نو
عمومی کلی مختلف متنوع گوناگون همگانی نامشخص ناشناخته پیشفرض دسته بندی بقیه سایرین دیگران هیچ هیچکدام
عام اخری متنوعة
ساعة يوم يومي صباح مساء تعلم ممارسة
"""
