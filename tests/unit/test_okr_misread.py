# ruff: noqa: RUF001
"""Sentences that were once misread: wrong numbers, wrong names, goals that were lost."""

import pytest

from domain.okr.builtin import analyse
from domain.okr.dashboard import AnswerText, KeyResult

GOAL = "Describe your main business goal."
BLOCKERS = "What is blocking progress?"
STRENGTHS = "What is working well?"
NUMBERS = (
    "Which numbers will show that you have succeeded: where do they stand today, and where should "
    "they be?"
)
STEPS = "What will you do in the next 90 days, and who will do it?"

Row = tuple[str, str, str, float | None, float | None, str | None, str]


def results(prompt: str, answer: str) -> list[KeyResult]:
    found = analyse([AnswerText(order=4, question_id=1, prompt=prompt, answer=answer)])
    return list(found.key_results)


# fmt: off
SAID: list[Row] = [
    (NUMBERS, "Cut ER waiting time from 3h20 to under 90 minutes", "ER waiting time", None, 90, "minutes", "decrease"),
    (NUMBERS, "Cut waiting time from 3 hours to 90 minutes", "waiting time", None, 90, "minutes", "decrease"),
    (NUMBERS, "میانگین فاکتور ۳۵۰ هزار تومان، بشود ۵۰۰", "میانگین فاکتور", 350_000, 500_000, "تومان", "increase"),
    (NUMBERS, "درآمد از ۱۰ میلیون تومان به ۲۵ برسد", "درآمد", 10_000_000, 25_000_000, "تومان", "increase"),
    (NUMBERS, "cut support tickets from 2k to 400", "support tickets", 2_000, 400, None, "decrease"),
    (NUMBERS, "خطا نباید از ۲ درصد بیشتر شود، الان ۱.۴", "خطا", 1.4, 2, "%", "maintain"),
    (NUMBERS, "Error rate must not exceed 2%", "Error rate", None, 2, "%", "maintain"),
    (NUMBERS, "نرخ خروج از ۲۴٪ به کمتر از ۱۵٪", "نرخ خروج", 24, 15, "%", "decrease"),
    (NUMBERS, "زمان پاسخ را از ۵ ساعت به زیر ۲ ساعت برسانیم", "زمان پاسخ", 5, 2, "ساعت", "decrease"),
    (NUMBERS, "فروش از ۲۰ میلیون به بیش از ۵۰ میلیون تومان برسد", "فروش", 20_000_000, 50_000_000, "تومان", "increase"),
    (NUMBERS, "ثبت‌نام مجدد ۵۵٪ است، هدف ۷۵٪", "ثبت‌نام مجدد", 55, 75, "%", "increase"),
    (NUMBERS, "کنسلی ۱۵٪ شده باید بیاد زیر ۵٪", "کنسلی", 15, 5, "%", "decrease"),
    (NUMBERS, "مرجوعی ۸ درصد شده، باید به ۳ درصد برسد", "مرجوعی", 8, 3, "%", "decrease"),
    (NUMBERS, "فروش روزی ۱۰ میلیونه میخوایم بشه ۲۵ میلیون", "فروش", 10_000_000, 25_000_000, None, "increase"),
    (NUMBERS, "نرخ تبدیل دو درصده، باید چهار درصد بشه", "نرخ تبدیل", 2, 4, "%", "increase"),
    (NUMBERS, "conversion 2 precent should be 4", "conversion", 2, 4, "%", "increase"),
    (NUMBERS, "Occupancy 60% must become 85%", "Occupancy", 60, 85, "%", "increase"),
    (NUMBERS, "Growth is 4%, target 10%", "Growth", 4, 10, "%", "increase"),
    (NUMBERS, "مشتری از دست رفته از ۲۰ به ۱۰ برسد", "مشتری از دست رفته", 20, 10, None, "decrease"),
    (NUMBERS, "تولید از ۲۰ تن به ۳۰ تن برسد", "تولید", 20, 30, "تن", "increase"),
    (NUMBERS, "فروش شیرینی ۵۰ کیلو، بشه ۸۰ کیلو", "فروش شیرینی", 50, 80, "کیلو", "increase"),
    (GOAL, "می‌خواهیم مشتری‌ها بشن ۵۰ تا", "مشتری‌ها", None, 50, None, "reach"),
    (GOAL, "تا شب عید ۲۰۰ سفارش", "سفارش", None, 200, "سفارش", "reach"),
    (NUMBERS, "Demo-to-close from 20% to 30%", "Demo-to-close", 20, 30, "%", "increase"),
    (NUMBERS, "Reduce write-offs from 4% to 2%", "write-offs", 4, 2, "%", "decrease"),
    (NUMBERS, "sign-ups: 200 today, goal 500", "sign-ups", 200, 500, None, "increase"),
    (NUMBERS, "patient satisfaction stays above 90%", "patient satisfaction", None, 90, "%", "maintain"),
    (STEPS, "We will hire two sales people by May", "sales people", None, 2, "people", "reach"),
    (NUMBERS, "Wholesale is 15% of turnover, target 35%", "Wholesale", 15, 35, "%", "increase"),
    (NUMBERS, "no-shows under 5%", "no-shows", None, 5, "%", "decrease"),
    (NUMBERS, "CAC < €20", "CAC", None, 20, "€", "decrease"),
    (NUMBERS, "NPS > 60", "NPS", None, 60, None, "reach"),
    (NUMBERS, "Wishlists to 100k", "Wishlists", None, 100_000, None, "reach"),
    (NUMBERS, "Turnaround time 5 days down to 2 days", "Turnaround time", 5, 2, "days", "decrease"),
    (NUMBERS, "Churn below 5%, now 3%", "Churn", 3, 5, "%", "maintain"),
    (NUMBERS, "churn under 5% (now 8%)", "churn", 8, 5, "%", "decrease"),
    (NUMBERS, "Churn below 5%. Churn is 3% today.", "Churn", None, 5, "%", "decrease"),
    (NUMBERS, "100 pre-orders by launch", "pre-orders", None, 100, "orders", "reach"),
    (NUMBERS, "time to market from 90 days to 60 days", "time to market", 90, 60, "days", "decrease"),
    (NUMBERS, "موجودی انبار نباید از ۵۰ تن کمتر بشه", "موجودی انبار", None, 50, "تن", "maintain"),
    (NUMBERS, "مشتری‌ها ۱۲۰ تاست باید ۲۰۰ تا بشن", "مشتری‌ها", 120, 200, None, "increase"),
    (NUMBERS, "دنبال‌کننده ۱۲ هزارتاست میخوام بشه ۳۰ هزارتا", "دنبال‌کننده", 12_000, 30_000, None, "increase"),
    (NUMBERS, "سفارش آنلاین الان ۲۰٪ کل فروشه، میخوام بشه ۴۰٪", "سفارش آنلاین", 20, 40, "%", "increase"),
    (NUMBERS, "هزینه هر سفارش ۲۲۰ هزار تومان است، هدف ۱۵۰", "هزینه هر سفارش", 220_000, 150_000, "تومان", "decrease"),
    (NUMBERS, "غیبت کارکنان ۶٪ است؛ باید به ۳٪ کاهش یابد", "غیبت کارکنان", 6, 3, "%", "decrease"),
    (NUMBERS, "سود خالص ۸ درصد بود، امسال ۱۲ درصد می‌خواهیم", "سود خالص", 8, 12, "%", "increase"),
    (NUMBERS, "teacher turnover down to 10%", "teacher turnover", None, 10, "%", "decrease"),
    (NUMBERS, "رضایت بیمار حداقل ۹۰٪", "رضایت بیمار", None, 90, "%", "reach"),
]
NOTHING = [
    (NUMBERS, "ساعتی ۲۰۰ تومن میگیرم"),
    (GOAL, "ساعتی ۲۰۰ تومن میگیرم"),
    (BLOCKERS, "سیستم HIS روزی دو بار قطع می‌شود"),
    (BLOCKERS, "runway 7 months"),
    (GOAL, "runway 7 months"),
    (GOAL, "We see 40 patients a day and could see 55"),
    (GOAL, "We bake 300 loaves a night"),
    (GOAL, "شب عید ۵۰ میلیون"),
    (GOAL, "ماهی ۱۰۰ تومن دربیارم"),
    (GOAL, "می‌خوام چهل تومن بفروشم"),
    (GOAL, "We never want to lose more than 5 customers a month"),
    (NUMBERS, "Lateness is 12%, must not be more than 5%"),
    (NUMBERS, "40 orders today, want 30 more"),
    (NUMBERS, "We must not lose more than 2 clients"),
    (NUMBERS, "Right now 14 of 30 rooms are booked, want 25"),
    (NUMBERS, "I bill 60 hours a month and want to bill 100"),
    (NUMBERS, "Reviews: 4.1 stars, 4.6 stars by December"),
    (NUMBERS, "We have raised prices by 10% and want another 5%"),
    (STEPS, "reduce overtime by 20 hours a week"),
    (BLOCKERS, "دلار رسیده به ۸۰ هزار تومن و باید ۳۰٪ بیشتر بخریم"),
    (STEPS, "Drop the three smallest clients"),
    (STEPS, "Sell two fields"),
    (NUMBERS, "Cut churn from 3% to 5%"),
    (NUMBERS, "نرخ ریزش را از ۳ به ۵ درصد کاهش دهیم"),
    (NUMBERS, "NPS is 40 and our growth is 5%"),
    (NUMBERS, "رشد فروش ۲۰٪ است"),
    (NUMBERS, "revenue from 1 to 999999 billion million dollars"),
    (GOAL, "می‌خواهیم به ۹۹۹۹۹۹۹۹۹ میلیارد میلیارد تومان فروش برسیم"),
]
# fmt: on


@pytest.mark.parametrize("row", SAID, ids=[row[1] for row in SAID])
def test_what_was_misread_is_read(row: Row) -> None:
    prompt, answer, *expected = row

    found = [
        (one.metric, one.baseline, one.target, one.unit, one.direction)
        for one in results(prompt, answer)
    ]
    assert found == [tuple(expected)]


@pytest.mark.parametrize(("prompt", "answer"), NOTHING, ids=[row[1] for row in NOTHING])
def test_rather_nothing_than_something_wrong(prompt: str, answer: str) -> None:
    assert results(prompt, answer) == []


def test_a_wish_behind_what_is_earned_today_is_the_only_target() -> None:
    found = results(NUMBERS, "ساعتی ۲۰۰ تومن میگیرم میخوام ۳۵۰ بگیرم")

    assert [(one.baseline, one.target) for one in found] in ([], [(200, 350)])


def test_a_list_of_goals_is_read_to_its_end() -> None:
    found = results(NUMBERS, "D30 retention to 20%, rating to 4.5, crash rate under 1%")

    assert [(one.metric, one.target) for one in found] == [
        ("retention", 20), ("rating", 4.5), ("crash rate", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "answer", ["Budget from 1.5 million to 2", "خرید ۳۵۰ هزار تومان، بشود ۵۰۰"]
)
def test_a_scale_that_is_carried_over_is_a_guess(answer: str) -> None:
    assert [one.confidence for one in results(NUMBERS, answer)] == [0.55]


@pytest.mark.parametrize("answer", ["Users from 10 to 5000", "کاربران از ۱۰ به ۵۰۰۰ نفر برسد"])
def test_a_leap_by_a_factor_of_a_hundred_is_doubted(answer: str) -> None:
    assert [one.confidence for one in results(NUMBERS, answer)] == [0.35]
