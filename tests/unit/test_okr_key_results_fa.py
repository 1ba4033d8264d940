# ruff: noqa: RUF001
"""Key results in Persian sentences, as people write them: typos, bullets, no full stop."""

import pytest

from domain.okr.builtin import analyse
from domain.okr.dashboard import AnswerText, KeyResult

GOAL = "هدف اصلی کسب‌وکارتان را شرح دهید."
NUMBERS = "کدام اعداد نشان می‌دهند که موفق شده‌اید: امروز کجا هستند و باید به کجا برسند؟"
STEPS = "در ۹۰ روز آینده چه خواهید کرد و چه کسی آن را انجام می‌دهد؟"

Row = tuple[str, str, str, float | None, float | None, str | None, str, str | None]


def results(prompt: str, answer: str) -> list[KeyResult]:
    found = analyse([AnswerText(order=4, question_id=1, prompt=prompt, answer=answer)])
    return list(found.key_results)


# fmt: off
SAID: list[Row] = [
    (GOAL, "درآمد را از ۱۰۰ میلیون تومان به ۲۵۰ میلیون تومان برسانیم", "درآمد", 100_000_000, 250_000_000, "تومان", "increase", None),
    (GOAL, "نرخ ریزش را از ۵ درصد به ۳٪ کاهش دهیم", "نرخ ریزش", 5, 3, "%", "decrease", None),
    (GOAL, "تا پایان خرداد ۵۰ مشتری جدید", "مشتری جدید", None, 50, "مشتری", "reach", "تا پایان خرداد"),
    (GOAL, "هدف ما رسیدن به ۱۰۰۰ کاربر فعال تا پایان سال است.", "کاربر فعال", None, 1_000, "کاربر", "reach", "تا پایان سال"),
    (GOAL, "می‌خواهیم فروش ماهانه را ۲۰ درصد افزایش دهیم", "فروش ماهانه", None, 20, "%", "increase", None),
    (GOAL, "می خواهیم فروش ماهانه را ٢٠ درصد افزايش دهيم", "فروش ماهانه", None, 20, "%", "increase", None),
    (NUMBERS, "الان ۴۰ سفارش در روز داریم و می‌خواهیم به ۱۰۰ برسیم", "سفارش", 40, 100, "سفارش در روز", "increase", None),
    (NUMBERS, "رضایت مشتری ۴۰ است و باید ۶۰ شود", "رضایت مشتری", 40, 60, None, "increase", None),
    (GOAL, "درامد از ۱.۵ میلیارد به ۲ میلیارد تومان برسه", "درامد", 1_500_000_000, 2_000_000_000, "تومان", "increase", None),
    (GOAL, "فروش رو دو برابر کنیم تا عید", "فروش", None, None, None, "increase", "تا عید"),
    (NUMBERS, "زمان تحویل را از ۵ روز به ۲ روز برسانیم", "زمان تحویل", 5, 2, "روز", "decrease", None),
    (GOAL, "کاهش هزینه‌ها به میزان ۱۵٪", "هزینه‌ها", None, 15, "%", "decrease", None),
    (GOAL, "افزایش ۲۰ درصدی فروش", "فروش", None, 20, "%", "increase", None),
    (GOAL, "جذب ۵۰ مشتری سازمانی در ۶ ماه آینده", "مشتری سازمانی", None, 50, "مشتری", "reach", "در ۶ ماه آینده"),
    (NUMBERS, "در حال حاضر NPS ما ۴۰ است. باید به ۶۰ برسد.", "NPS", 40, 60, None, "increase", None),
    (NUMBERS, "نرخ تبدیل: ۲٪ به ۴٪", "نرخ تبدیل", 2, 4, "%", "increase", None),
    (NUMBERS, "• تعداد سفارش‌ها از ۴۰ به ۶۰ در روز برسد", "تعداد سفارش‌ها", 40, 60, None, "increase", None),
    (GOAL, "ماهی ۱۰ میلیون تومان سود می‌خوایم", "سود", None, 10_000_000, "تومان", "reach", None),
    (NUMBERS, "ریزش زیر ۵ درصد", "ریزش", None, 5, "%", "decrease", None),
    (NUMBERS, "حفظ نرخ رضایت بالای ۹۰ درصد", "نرخ رضایت", None, 90, "%", "maintain", None),
    (NUMBERS, "۲ میلیون و ۵۰۰ هزار تومان فروش روزانه تا خرداد ۱۴۰۵", "فروش روزانه", None, 2_500_000, "تومان", "reach", "تا خرداد ۱۴۰۵"),
    (GOAL, "رسیدن به پنجاه مشتری", "مشتری", None, 50, "مشتری", "reach", None),
    (GOAL, "از ده به بیست نفر برسیم", "نفر", 10, 20, "نفر", "increase", None),
    (STEPS, "۱. شکایت‌ها را نصف کنیم", "شکایت‌ها", None, None, None, "decrease", None),
    (GOAL, "می‌خواهیم تا آخر سال ۳۰۰ مشتری داشته باشیم", "مشتری", None, 300, "مشتری", "reach", "تا آخر سال"),
    (NUMBERS, "سهم بازار را از ۳/۵ درصد به ۵ درصد برسانیم", "سهم بازار", 3.5, 5, "%", "increase", None),
    (NUMBERS, "فروش ماهانه الان ۱۰۰ میلیون است، هدف ۲۰۰ میلیون", "فروش ماهانه", 100_000_000, 200_000_000, None, "increase", None),
    (NUMBERS, "امروز ۴۰ سفارش، هدف ۱۰۰ سفارش تا پایان تابستان", "سفارش", 40, 100, "سفارش", "increase", "تا پایان تابستان"),
    (NUMBERS, "درآمد ۱۰٪ رشد کند", "درآمد", None, 10, "%", "increase", None),
    (NUMBERS, "افزایش تعداد کاربران از ۱۰ هزار به ۵۰ هزار", "تعداد کاربران", 10_000, 50_000, None, "increase", None),
    (NUMBERS, "فروش روزانه حدود ۱۵ میلیون تومنه، میخوایم برسونیم به ۳۰ میلیون", "فروش روزانه", 15_000_000, 30_000_000, "تومنه", "increase", None),
    (NUMBERS, "نرخ تبدیل سایت ۱٫۵٪ است و هدف ما ۳٪ تا پایان تابستان", "نرخ تبدیل سایت", 1.5, 3, "%", "increase", "تا پایان تابستان"),
    (NUMBERS, "مشتری‌های فعال: ۱۲۰ نفر، هدف: ۳۰۰ نفر", "مشتری‌های فعال", 120, 300, "نفر", "increase", None),
    (NUMBERS, "هزینه جذب مشتری ۳۰۰ هزار تومان است و می‌خواهیم به ۲۰۰ هزار تومان کاهش دهیم", "هزینه جذب مشتری", 300_000, 200_000, "تومان", "decrease", None),
    (NUMBERS, "حداقل ۲۰ قرارداد جدید در سه ماه آینده", "قرارداد جدید", None, 20, "قرارداد", "reach", "در سه ماه آینده"),
    (NUMBERS, "نرخ بازگشت مشتری 25% هست میخوایم بشه 40%", "نرخ بازگشت مشتری", 25, 40, "%", "increase", None),
    (GOAL, "۵۰۰ تا مشتری وفادار می‌خوایم", "مشتری وفادار", None, 500, "مشتری", "reach", None),
    (NUMBERS, "درآمد از ۱٬۲۰۰ دلار به ۲٬۰۰۰ دلار تا ۱۵ مهر", "درآمد", 1_200, 2_000, "دلار", "increase", "تا ۱۵ مهر"),
    (GOAL, "رشد ۵۰ درصدی درآمد تا پایان سال ۱۴۰۵", "درآمد", None, 50, "%", "increase", "تا پایان سال ۱۴۰۵"),
]
# fmt: on


@pytest.mark.parametrize("row", SAID, ids=[row[1] for row in SAID])
def test_a_number_to_be_reached_is_a_key_result(row: Row) -> None:
    prompt, answer, *expected = row

    found = [
        (one.metric, one.baseline, one.target, one.unit, one.direction, one.due)
        for one in results(prompt, answer)
    ]
    assert found == [tuple(expected)]
