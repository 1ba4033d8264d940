# ruff: noqa: RUF001
"""What is in the way and what goes well, with every kind of "not"."""

import pytest

from domain.okr.builtin import analyse
from domain.okr.dashboard import AnswerText, Dashboard

GOAL = "Describe your main business goal."
BLOCKERS = "What is blocking progress?"
STRENGTHS = "What is working well?"
NUMBERS = "Which numbers will show that you have succeeded?"
STEPS = "What will you do in the next 90 days, and who will do it?"
ANY = "Q1"


def review(prompt: str, answer: str) -> Dashboard:
    return analyse([AnswerText(order=2, question_id=1, prompt=prompt, answer=answer)])


# fmt: off
IN_THE_WAY = [
    (BLOCKERS, "Hiring bottlenecks."),
    (BLOCKERS, "budget"),
    (BLOCKERS, "We do not have enough engineers"),
    (BLOCKERS, "approvals take weeks"),
    (BLOCKERS, "Waiting for legal"),
    (BLOCKERS, "the problem is that we do not have leads"),
    (BLOCKERS, "we can't fix the bugs"),
    (BLOCKERS, "Our designer left in March and nobody replaced her"),
    (STRENGTHS, "Not much is working well"),
    (STRENGTHS, "onboarding is too slow"),
    (STEPS, "the release is late again"),
    (ANY, "lack of budget, no time"),
    (BLOCKERS, "کمبود نیرو"),
    (BLOCKERS, "بودجه کافی نداریم"),
    (BLOCKERS, "مشکل این است که مشتری نداریم"),
    (BLOCKERS, "نمی‌توانیم آدم خوب پیدا کنیم"),
    (BLOCKERS, "مدیر فروش استعفا داد"),
    (BLOCKERS, "فرایند استخدام کند است"),
    (STRENGTHS, "کیفیت محصول خوب نیست"),
    (GOAL, "وقت نداریم"),
    (BLOCKERS, "Flour prices went up 30% and my two best bakers left"),
    (BLOCKERS, "Our best developer has resigned"),
    (BLOCKERS, "بهترین فروشنده ما رفت"),
    (BLOCKERS, "Energy bills doubled and our best baker is 63"),
    (BLOCKERS, "Our app is good, no one knows it"),
    (BLOCKERS, "Great people keep leaving"),
    (BLOCKERS, "Our supplier raised prices by 15% and wants payment up front"),
    (BLOCKERS, "دو تا از آشپزهای خوبم استعفا دادند"),
    (ANY, "تورم و تحریم"),
]
GOING_WELL = [
    (STRENGTHS, "We have no debt."),
    (STRENGTHS, "Nobody left this year"),
    (STRENGTHS, "هیچ بدهی به بانک نداریم"),
    (STRENGTHS, "کباب ما حرف ندارد!"),
    (STRENGTHS, "customers love the product"),
    (STRENGTHS, "retention"),
    (STRENGTHS, "delivery without delays"),
    (STRENGTHS, "our support is not slow anymore"),
    (STRENGTHS, "there are no major issues with quality"),
    (STRENGTHS, "Never had any complaints"),
    (STRENGTHS, "we reduced complaints by half"),
    (BLOCKERS, "Everything is fine"),
    (BLOCKERS, "We have a great team"),
    (ANY, "The team is strong."),
    (STRENGTHS, "مشتریان راضی هستند"),
    (STRENGTHS, "بدون تاخیر تحویل می‌دهیم"),
    (STRENGTHS, "مشکل تحویل حل شد"),
    (STRENGTHS, "شکایتی از مشتریان نداشتیم"),
    (STRENGTHS, "تحویل کند نیست"),
    (BLOCKERS, "همه چیز خوب است"),
    (ANY, "تیم پشتیبانی سریع پاسخ می‌دهد"),
]
NEITHER = [
    (BLOCKERS, "We have no debt."),
    (STRENGTHS, "Not much, honestly."),
    (STRENGTHS, "We have no idea"),
    (STEPS, "فعلا برنامه‌ای نداریم"),
    (BLOCKERS, "Not much, honestly."),
    (NUMBERS, "teacher turnover down to 10%"),
    (NUMBERS, "Bugs from 312 to under 50"),
    (NUMBERS, "خطا نباید از ۲ درصد بیشتر شود، الان ۱.۴"),
    (NUMBERS, "شاخص رضایت از ۵۸ به ۷۵"),
    (NUMBERS, "رضایت بیمار حداقل ۹۰٪"),
    (NUMBERS, "عددی نداریم"),
    (BLOCKERS, "We want to bring errors from 9% to 3%"),
    (STEPS, "امسال استخدام نمی‌کنیم"),
    (BLOCKERS, "Nothing"),
    (BLOCKERS, "nothing at the moment, really"),
    (BLOCKERS, "n/a"),
    (BLOCKERS, "I don't know"),
    (BLOCKERS, "no problems at all"),
    (BLOCKERS, "Nothing is blocking us right now"),
    (BLOCKERS, "not slow"),
    (BLOCKERS, "We will fix the onboarding bottleneck in May"),
    (BLOCKERS, "Our main challenges are:"),
    (BLOCKERS, "Is hiring slow?"),
    (GOAL, "We want to reduce delays"),
    (STRENGTHS, "None"),
    (BLOCKERS, "هیچ"),
    (BLOCKERS, "فعلاً هیچی"),
    (BLOCKERS, "مشکلی نداریم"),
    (BLOCKERS, "هیچ مانعی وجود ندارد"),
    (GOAL, "می‌خواهیم مشکلات را حل کنیم"),
    (STRENGTHS, "نمی‌دانم"),
]
# fmt: on


@pytest.mark.parametrize(("prompt", "answer"), IN_THE_WAY)
def test_what_is_in_the_way_is_a_blocker(prompt: str, answer: str) -> None:
    found = review(prompt, answer)

    assert [(one.text, one.order) for one in found.blockers] == [(answer, 2)]
    assert list(found.strengths) == []


@pytest.mark.parametrize(("prompt", "answer"), GOING_WELL)
def test_what_goes_well_is_a_strength(prompt: str, answer: str) -> None:
    found = review(prompt, answer)

    assert [(one.text, one.order) for one in found.strengths] == [(answer, 2)]
    assert list(found.blockers) == []


@pytest.mark.parametrize(("prompt", "answer"), NEITHER)
def test_what_is_denied_planned_or_asked_is_neither(prompt: str, answer: str) -> None:
    found = review(prompt, answer)

    assert (list(found.blockers), list(found.strengths)) == ([], [])


@pytest.mark.parametrize(
    ("answer", "blocker", "strength"),
    [
        ("Sales are great but hiring is terrible", "hiring is terrible", "Sales are great"),
        ("Although sales are great, hiring is slow.", "hiring is slow.", "sales are great"),
        ("تیم خیلی خوبی داریم ولی فروش ضعیف است", "فروش ضعیف است", "تیم خیلی خوبی داریم"),
    ],
)
def test_both_sides_of_a_but_are_heard(answer: str, blocker: str, strength: str) -> None:
    found = review(ANY, answer)

    assert [one.text for one in found.blockers] == [blocker]
    assert [one.text for one in found.strengths] == [strength]


def test_a_loss_is_no_strength_because_something_else_is() -> None:
    found = review(STRENGTHS, "My best employee left but the others are great")

    assert [one.text for one in found.strengths] == ["the others are great"]


def test_what_is_said_twice_is_found_once_and_no_more_than_fit() -> None:
    lines = [f"- the {name} is slow" for name in "abcdefghijkl"]
    found = review(BLOCKERS, "\n".join(["- Hiring is slow", "- hiring is slow", *lines]))

    assert len(found.blockers) == 8
    assert found.blockers[0].text == "Hiring is slow"
    assert found.blockers[1].text == "the a is slow"
