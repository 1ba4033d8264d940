# ruff: noqa: RUF001
"""Whole reviews, and all of the dashboards that come of them."""

import pytest

from domain.okr.builtin import analyse
from domain.okr.dashboard import (
    AnswerText,
    Confidence,
    Dashboard,
    Finding,
    KeyResult,
    Objective,
    Sentiment,
    Step,
    Theme,
)

IN_ENGLISH = (
    "Describe your main business goal.",
    "What is blocking progress?",
    "What is working well?",
    "Which numbers will show that you have succeeded: where do they stand today, and where should "
    "they be?",
    "What will you do in the next 90 days, and who will do it?",
)
IN_PERSIAN = (
    "هدف اصلی کسب‌وکارتان را شرح دهید.",
    "چه چیزی مانع پیشرفت است؟",
    "چه چیزی خوب پیش می‌رود؟",
    "کدام اعداد نشان می‌دهند که موفق شده‌اید: امروز کجا هستند و باید به کجا برسند؟",
    "در ۹۰ روز آینده چه خواهید کرد و چه کسی آن را انجام می‌دهد؟",
)


def review(prompts: tuple[str, ...], answers: list[str]) -> Dashboard:
    return analyse(
        [
            AnswerText(order=order, question_id=order, prompt=prompt, answer=answer)
            for order, (prompt, answer) in enumerate(zip(prompts, answers, strict=True), start=1)
        ]
    )


ENGLISH = [
    "We run a small bakery with 12 people. Our goal is to become the first choice for office breakfasts in Hamburg by the end of next year.",
    "Hiring is slow: good bakers are hard to find. Our ordering website is outdated and customers complain about it. No problems with suppliers.",
    "The team is great and loyal. Customers love our sourdough, repeat orders grew by 30% last year.",
    "We have 40 office customers today and want 100 by June. Online orders should go from 15% to 40% of all orders. Customer satisfaction is 4.3/5.",
    "- I will hire two bakers by May.\n- Jana will relaunch the ordering website in 60 days",
]


ENGLISH_DASHBOARD = Dashboard(
    language="en",
    objective=Objective(
        text="Our goal is to become the first choice for office breakfasts in Hamburg by the end of next year.",
        order=1,
    ),
    key_results=[
        KeyResult(
            text="We have 40 office customers today and want 100 by June.",
            metric="office customers",
            baseline=40.0,
            target=100.0,
            unit="customers",
            direction="increase",
            due="by June",
            order=4,
            confidence=0.7,
        ),
        KeyResult(
            text="Online orders should go from 15% to 40% of all orders.",
            metric="Online orders",
            baseline=15.0,
            target=40.0,
            unit="%",
            direction="increase",
            due=None,
            order=4,
            confidence=0.8,
        ),
        KeyResult(
            text="I will hire two bakers by May.",
            metric="bakers",
            baseline=None,
            target=2.0,
            unit="bakers",
            direction="reach",
            due="by May",
            order=5,
            confidence=0.6,
        ),
    ],
    themes=[
        Theme(name="customers", mentions=4, orders=(2, 3, 4)),
        Theme(name="orders", mentions=3, orders=(3, 4)),
        Theme(name="ordering website", mentions=2, orders=(2, 5)),
        Theme(name="office", mentions=2, orders=(1, 4)),
        Theme(name="bakers", mentions=2, orders=(2, 5)),
    ],
    blockers=[
        Finding(text="Hiring is slow: good bakers are hard to find.", order=2),
        Finding(text="Our ordering website is outdated and customers complain about it.", order=2),
    ],
    strengths=[
        Finding(text="The team is great and loyal.", order=3),
        Finding(text="Customers love our sourdough, repeat orders grew by 30% last year.", order=3),
    ],
    sentiment=Sentiment(label="mixed", score=0.16),
    next_steps=[
        Step(text="I will hire two bakers by May.", reason="You said so in answer 5."),
        Step(
            text="Jana will relaunch the ordering website in 60 days",
            reason="You said so in answer 5.",
        ),
        Step(text="Set a date for “Online orders”.", reason="Answer 4 does not say by when."),
    ],
    confidence=Confidence(
        objective=0.8,
        key_results=0.7,
        themes=0.6,
        blockers=0.7,
        strengths=0.7,
        sentiment=0.65,
        next_steps=0.7,
    ),
)


def test_an_english_review() -> None:
    assert review(IN_ENGLISH, ENGLISH) == ENGLISH_DASHBOARD


PERSIAN = [
    "ما یک فروشگاه آنلاین پوشاک هستیم. هدف ما این است که تا پایان سال به فروش ماهانه ۵۰۰ میلیون تومان برسیم.",
    "هزینه‌ی تبلیغات خیلی بالاست. نیروی متخصص در بازاریابی نداریم و ارسال کالاها با تاخیر انجام می‌شود. مشکلی با تامین‌کننده‌ها نداریم.",
    "کیفیت کالاها عالی است و مشتریان وفادار داریم",
    "الان فروش ماهانه ۲۰۰ میلیون تومان است و باید به ۵۰۰ میلیون تومان برسد. نرخ بازگشت کالا را از ۱۲٪ به ۵٪ کاهش دهیم.",
    "۱. سارا تا پایان خرداد یک کارشناس بازاریابی استخدام می‌کند.\n۲. علی سایت را بازطراحی می‌کند.",
]


PERSIAN_DASHBOARD = Dashboard(
    language="fa",
    objective=Objective(
        text="هدف ما این است که تا پایان سال به فروش ماهانه ۵۰۰ میلیون تومان برسیم.", order=1
    ),
    key_results=[
        KeyResult(
            text="الان فروش ماهانه ۲۰۰ میلیون تومان است و باید به ۵۰۰ میلیون تومان برسد.",
            metric="فروش ماهانه",
            baseline=200000000.0,
            target=500000000.0,
            unit="تومان",
            direction="increase",
            due="تا پایان سال",
            order=4,
            confidence=0.8,
        ),
        KeyResult(
            text="نرخ بازگشت کالا را از ۱۲٪ به ۵٪ کاهش دهیم.",
            metric="نرخ بازگشت کالا",
            baseline=12.0,
            target=5.0,
            unit="%",
            direction="decrease",
            due=None,
            order=4,
            confidence=0.8,
        ),
    ],
    themes=[
        Theme(name="کالاها", mentions=3, orders=(2, 3, 4)),
        Theme(name="فروش", mentions=2, orders=(1, 4)),
        Theme(name="بازاریابی", mentions=2, orders=(2, 5)),
    ],
    blockers=[
        Finding(text="هزینه‌ی تبلیغات خیلی بالاست.", order=2),
        Finding(
            text="نیروی متخصص در بازاریابی نداریم و ارسال کالاها با تاخیر انجام می‌شود.", order=2
        ),
    ],
    strengths=[Finding(text="کیفیت کالاها عالی است و مشتریان وفادار داریم", order=3)],
    sentiment=Sentiment(label="mixed", score=0.04),
    next_steps=[
        Step(
            text="سارا تا پایان خرداد یک کارشناس بازاریابی استخدام می‌کند.",
            reason="این را در پاسخ ۵ گفته‌اید.",
        ),
        Step(text="علی سایت را بازطراحی می‌کند.", reason="این را در پاسخ ۵ گفته‌اید."),
        Step(
            text="مشخص کنید چه کسی این مانع را برطرف می‌کند: هزینه‌ی تبلیغات خیلی بالاست.",
            reason="این مانع در پاسخ ۲ آمده و هیچ گامی به آن نمی‌پردازد.",
        ),
        Step(
            text="برای «نرخ بازگشت کالا» تاریخ تعیین کنید.",
            reason="پاسخ ۴ نمی‌گوید تا چه زمانی.",
        ),
    ],
    confidence=Confidence(
        objective=0.8,
        key_results=0.8,
        themes=0.6,
        blockers=0.7,
        strengths=0.7,
        sentiment=0.5,
        next_steps=0.7,
    ),
)


def test_a_persian_review() -> None:
    assert review(IN_PERSIAN, PERSIAN) == PERSIAN_DASHBOARD


MIXED = [
    "هدف ما رشد MRR از 10k به 25k تا پایان Q3 است. We want to be the best CRM in Iran.",
    "Internet is unstable و فیلترینگ کار را سخت کرده",
    "Support team عالی است. Customers love the UI.",
    "",
    "Reza will migrate the servers in 60 days. با سه شتاب‌دهنده صحبت می‌کنیم.",
]


def test_a_review_in_two_languages() -> None:
    assert review(IN_ENGLISH, MIXED) == Dashboard(
        language="mixed",
        objective=Objective(text="هدف ما رشد MRR از 10k به 25k تا پایان Q3 است.", order=1),
        key_results=[
            KeyResult(
                text="هدف ما رشد MRR از 10k به 25k تا پایان Q3 است.",
                metric="MRR",
                baseline=10000.0,
                target=25000.0,
                unit=None,
                direction="increase",
                due="تا پایان Q3",
                order=1,
                confidence=0.8,
            )
        ],
        themes=[
            Theme(name="شتاب‌دهنده", mentions=1, orders=(5,)),
            Theme(name="Internet", mentions=1, orders=(2,)),
        ],
        blockers=[Finding(text="Internet is unstable و فیلترینگ کار را سخت کرده", order=2)],
        strengths=[
            Finding(text="Support team عالی است.", order=3),
            Finding(text="Customers love the UI.", order=3),
        ],
        sentiment=Sentiment(label="mixed", score=0.27),
        next_steps=[
            Step(
                text="Reza will migrate the servers in 60 days.", reason="You said so in answer 5."
            ),
            Step(text="با سه شتاب‌دهنده صحبت می‌کنیم.", reason="You said so in answer 5."),
            Step(
                text="Decide who removes this blocker: Internet is unstable و فیلترینگ کار را سخت کرده",
                reason="You named it in answer 2, and no step mentions it.",
            ),
        ],
        confidence=Confidence(
            objective=0.8,
            key_results=0.8,
            themes=0.3,
            blockers=0.7,
            strengths=0.7,
            sentiment=0.45,
            next_steps=0.7,
        ),
    )


@pytest.mark.parametrize("blank", ["", "   ", "\n\t", "\u202e\u200b", "...", "-"])
def test_a_blank_review_comes_to_nothing(blank: str) -> None:
    nothing = Confidence(
        objective=0.0,
        key_results=0.0,
        themes=0.0,
        blockers=0.0,
        strengths=0.0,
        sentiment=0.0,
        next_steps=0.0,
    )

    assert review(IN_ENGLISH, [blank] * 5) == Dashboard(
        language="other",
        objective=Objective(text="", order=None),
        key_results=[],
        themes=[],
        blockers=[],
        strengths=[],
        sentiment=Sentiment(label="neutral", score=0.0),
        next_steps=[],
        confidence=nothing,
    )


def test_no_answers_at_all_come_to_nothing() -> None:
    assert analyse([]) == review(IN_ENGLISH, [""] * 5)


def test_answers_may_come_in_any_order() -> None:
    answers = [
        AnswerText(order=order, question_id=1, prompt=prompt, answer=answer)
        for order, (prompt, answer) in enumerate(zip(IN_ENGLISH, ENGLISH, strict=True), start=1)
    ]

    assert analyse(answers[::-1]) == analyse(answers)
