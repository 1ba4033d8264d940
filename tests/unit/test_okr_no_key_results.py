# ruff: noqa: RUF001
"""Numbers that measure nothing, or say nothing of where something should go."""

import pytest

from domain.okr.builtin import analyse
from domain.okr.dashboard import AnswerText

GOAL = "Describe your main business goal."
BLOCKERS = "What is blocking progress?"
STRENGTHS = "What is working well?"
NUMBERS = "Which numbers will show that you have succeeded?"
STEPS = "What will you do in the next 90 days, and who will do it?"

# fmt: off
NO_KEY_RESULTS = [
    (GOAL, "Founded in 2015"),
    (GOAL, "by 2027 we want to lead the market"),
    (GOAL, "We want to open on 12 May 2026"),
    (GOAL, "call me at +98 912 123 4567"),
    (GOAL, "our number is 212-555-0187, we want to hear from you"),
    (GOAL, "We want to be open at 9:30 and close at 6 pm"),
    (GOAL, "we want to be number 1"),
    (GOAL, "we want to open our 3rd office"),
    (GOAL, "reach the top 10 of the market"),
    (GOAL, "1. Focus"),
    (GOAL, "(1) grow (2) sell"),
    (GOAL, "ship v2.0 of the app"),
    (GOAL, "We want to finish phase 2 and start phase 3"),
    (STRENGTHS, "24/7 support"),
    (GOAL, "the 80/20 rule is our goal"),
    (GOAL, "ISO 9001 by June"),
    (GOAL, "We want to be the leading B2B and 5G provider"),
    (GOAL, "we are a team of 12"),
    (GOAL, "my goal is to have more time for my 2 kids"),
    (GOAL, "we don't want to reach 500 customers"),
    (GOAL, "revenue grew by 20% last year"),
    (GOAL, "One of our goals is quality"),
    (GOAL, "See https://example.org/reach/500 and 100@example.org"),
    (GOAL, "our 90-day goal is calm"),
    (GOAL, "we want to work for 3 more years"),
    (NUMBERS, "NPS is 60"),
    (NUMBERS, "We have 40 customers"),
    (NUMBERS, "Revenue: $1M"),
    (NUMBERS, "in 2023 we had 40 customers"),
    (NUMBERS, "about 1 in 10 visitors buys; we'd like 1 in 5"),
    (BLOCKERS, "we lost 5 customers"),
    (BLOCKERS, "we have only 2 developers"),
    (BLOCKERS, "it takes 5 days to ship"),
    (BLOCKERS, "Interest rates went from 3% to 7%"),
    (STRENGTHS, "revenue grew by 20%"),
    (STRENGTHS, "we serve more than 300 restaurants in 5 cities"),
    (STEPS, "weekly review every Monday at 10"),
    (STEPS, "week 1: interviews, week 2: prototype"),
    (STEPS, "hire a marketing lead, budget 50k"),
    (GOAL, "در سال ۱۴۰۲ شرکت را تاسیس کردیم"),
    (GOAL, "می‌خواهیم تا سال ۱۴۰۵ بهترین باشیم"),
    (GOAL, "ما ۱۲ نفر هستیم"),
    (GOAL, "ما تیمی ۵ نفره داریم"),
    (GOAL, "شماره ۰۲۱۸۸۷۷۶۶۵۵"),
    (STEPS, "تلفن تماس: ۰۹۱۲۳۴۵۶۷۸۹"),
    (STEPS, "ساعت ۹ صبح جلسه داریم"),
    (STEPS, "نسخه ۲ برنامه و فاز ۳ پروژه"),
    (NUMBERS, "الان ۴۰ مشتری داریم"),
    (STRENGTHS, "پارسال ۲۰ درصد رشد کردیم"),
    (STRENGTHS, "سال ۱۴۰۴ سال خوبی بود"),
    (BLOCKERS, "به ۱۰۰ مشتری نرسیدیم"),
    (BLOCKERS, "سه ماه است که فروش نداریم"),
    (BLOCKERS, "قیمت دلار از ۵۰ به ۸۰ هزار تومان رسید"),
]
# fmt: on


@pytest.mark.parametrize(
    ("prompt", "answer"), NO_KEY_RESULTS, ids=[row[1] for row in NO_KEY_RESULTS]
)
def test_other_numbers_are_no_key_results(prompt: str, answer: str) -> None:
    found = analyse([AnswerText(order=1, question_id=1, prompt=prompt, answer=answer)])

    assert list(found.key_results) == []


@pytest.mark.parametrize(
    ("answer", "target"),
    [
        ("In 2026 we want 2000 users", 2_000),
        ("Since phase 2 our 3rd goal is to reach 50 members", 50),
        ("From 9 am on we want 30 visitors a day", 30),
        ("در سال ۱۴۰۵ می‌خواهیم به ۱۴۰۰ سفارش در روز برسیم", 1_400),
    ],
)
def test_what_measures_nothing_does_not_hide_what_does(answer: str, target: float) -> None:
    found = analyse([AnswerText(order=1, question_id=1, prompt=GOAL, answer=answer)])

    assert [one.target for one in found.key_results] == [target]
