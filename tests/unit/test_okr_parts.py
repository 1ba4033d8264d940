# ruff: noqa: RUF001
"""Objective, themes, tone, next steps and confidence, each on answers of its own."""

from dataclasses import astuple

import pytest

from domain.okr.builtin import analyse
from domain.okr.dashboard import AnswerText, Dashboard

PROMPTS = (
    "Describe your main business goal.",
    "What is blocking progress?",
    "What is working well?",
    "Which numbers will show that you have succeeded?",
    "What will you do in the next 90 days, and who will do it?",
)


def review(*answers: str, prompts: tuple[str, ...] = PROMPTS) -> Dashboard:
    return analyse(
        [
            AnswerText(order=order, question_id=order, prompt=prompt, answer=answer)
            for order, (prompt, answer) in enumerate(zip(prompts, answers, strict=False), start=1)
        ]
    )


@pytest.mark.parametrize(
    ("answers", "text", "order"),
    [
        (["We bake. Our goal is to be first.", "", ""], "Our goal is to be first.", 1),
        (["We bake bread.", "", "We want to be loved"], "We bake bread.", 1),
        (["", "", "We want to be loved"], "We want to be loved", 3),
        (["Goals:\n- more bread", ""], "more bread", 1),
        (["Should we grow? Yes, we want to grow"], "Yes, we want to grow", 1),
        (["I don't know", "Hiring is slow"], "", None),
        (["Our goal isn't growth; we want to stay small"], "we want to stay small", 1),
        (["Our goal isn't growth;"], "", None),
        (["هدف ما رشد نیست"], "", None),
        (["نمی‌خواهیم بزرگ شویم"], "", None),
        (["I don't have a goal"], "", None),
        (["Our goal is never to miss a delivery"], "Our goal is never to miss a delivery", 1),
        (["Our goal is not only growth"], "Our goal is not only growth", 1),
        (["", "", "The team is good"], "", None),
    ],
)
def test_the_objective_is_the_sentence_that_states_a_goal(
    answers: list[str], text: str, order: int | None
) -> None:
    found = review(*answers)

    assert astuple(found.objective) == (text, order)


def test_a_goal_is_found_where_no_prompt_asks_for_it() -> None:
    found = review("It rains", "هدف ما رشد است", prompts=("Q1", "Q2"))

    assert (found.objective.text, found.objective.order) == ("هدف ما رشد است", 2)


def test_a_long_goal_is_cut_at_a_word() -> None:
    found = review("Our goal is " + "growth " * 80)

    assert len(found.objective.text) <= 300
    assert found.objective.text.endswith("growth…")


def test_themes_are_what_recurs_in_most_answers_first() -> None:
    found = review(
        "More customers for the bakery",
        "Customers and suppliers, suppliers, suppliers",
        "Loyal customer base",
    )

    assert [astuple(theme) for theme in found.themes] == [
        ("customers", 3, (1, 2, 3)),
        ("suppliers", 3, (2,)),
    ]  # fmt: skip


def test_two_words_that_go_together_are_one_theme() -> None:
    found = review("A new ordering website", "The ordering websites are old", "")

    assert [theme.name for theme in found.themes] == ["ordering website"]


def test_persian_plurals_are_one_theme() -> None:
    found = review("مشتری‌ها را دوست داریم", "مشتری کم است", "مشتریان راضی‌اند")

    assert [(theme.name, theme.mentions) for theme in found.themes] == [("مشتری", 3)]


def test_if_nothing_recurs_the_most_telling_words_stand_for_it() -> None:
    found = review("Sell more sourdough in Hamburg")

    assert [theme.name for theme in found.themes] == ["sourdough", "Hamburg"]


@pytest.mark.parametrize(
    ("answer", "label", "score"),
    [
        ("The team is great", "positive", 0.5),
        ("The team is very good", "positive", 0.6),
        ("The team is a bit slow", "negative", -0.33),
        ("The team is not good", "negative", -0.5),
        ("No problems", "positive", 0.33),
        ("Sales are great but hiring is terrible", "mixed", 0.0),
        ("The team bakes bread", "neutral", 0.0),
        ("تیم خیلی خوب است", "positive", 0.6),
        ("کیفیت خوب نیست", "negative", -0.5),
        ("مشکلی نداریم", "positive", 0.33),
        ("تیم عالی ولی فروش ضعیف", "mixed", 0.0),
    ],
)
def test_the_tone_hears_negation_and_degree(answer: str, label: str, score: float) -> None:
    assert astuple(review(answer, prompts=("Q1",)).sentiment) == (label, score)


def test_what_somebody_will_do_comes_before_what_is_left_open() -> None:
    found = review(
        "We want to grow",
        "Our website is slow. Hiring is hard",
        "",
        "Reach 250 customers",
        "Jana will relaunch the website by May. We already moved. Nothing else",
    )

    assert [astuple(step) for step in found.next_steps] == [
        ("Jana will relaunch the website by May.", "You said so in answer 5."),
        (
            "Decide who removes this blocker: Hiring is hard",
            "You named it in answer 2, and no step mentions it.",
        ),
        (
            "Find out where “customers” stands today.",
            "Answer 4 says where it should be, not where it is.",
        ),
        ("Set a date for “customers”.", "Answer 4 does not say by when."),
    ]


def test_steps_are_heard_in_other_answers_too() -> None:
    found = review("", "We will fix the oven in May. We will not be able to pay")

    assert found.next_steps[0].text == "We will fix the oven in May."
    assert found.next_steps[0].reason == "You said so in answer 2."


@pytest.mark.parametrize(
    "answer",
    [
        "Nothing else planned yet.",
        "Nothing decided so far",
        "We won't open new sites this year.",
        "We will not hire anybody",
        "We are not going to move",
        "No hiring this year",
        "امسال استخدام نمی‌کنیم",
        "هنوز برنامه‌ای نداریم",
    ],
)
def test_what_somebody_will_not_do_is_no_step(answer: str) -> None:
    found = review("We want to grow", "", "", "", answer)

    assert [step for step in found.next_steps if step.text == answer] == []


@pytest.mark.parametrize(
    "answer", ["We won't move, we will renovate", "We will deliver without delays"]
)
def test_a_not_elsewhere_in_the_sentence_leaves_a_step_a_step(answer: str) -> None:
    found = review("We want to grow", "", "", "", answer)

    assert found.next_steps[0].text == answer


def test_without_a_number_one_is_asked_for_in_the_language_of_the_answers() -> None:
    english, persian = review("We want to be loved"), review("می‌خواهیم محبوب باشیم")

    assert [step.text for step in english.next_steps] == [
        "Name one number that shows that you have reached your goal.",
    ]  # fmt: skip
    assert [step.text for step in persian.next_steps] == [
        "یک عدد نام ببرید که نشان دهد به هدف رسیده‌اید.",
    ]  # fmt: skip


def test_however_much_is_planned_there_is_room_for_what_is_left_open() -> None:
    plans = "\n".join(f"- bake {kind}" for kind in ("rye", "corn", "rice", "oats", "spelt", "malt"))
    found = review("", "The roof leaks. The oven is broken", "", "", plans)

    assert [step.reason for step in found.next_steps] == [
        *["You said so in answer 5."] * 4,
        *["You named it in answer 2, and no step mentions it."] * 2,
    ]


def test_nothing_is_left_open_where_nothing_was_said() -> None:
    found = review("Nothing", "no", "idk", "هیچ", "-")

    assert list(found.next_steps) == []


def test_confidence_grows_with_what_was_asked_for_and_is_low_without_finds() -> None:
    asked = review("Our goal is bread", "Hiring is slow").confidence
    guessed = review(
        "Grow the shop", "", "Hiring is slow", prompts=("Q1", "", PROMPTS[2])
    ).confidence

    assert asked.objective == 0.8 > guessed.objective
    assert asked.blockers == 0.7 > guessed.blockers
    assert asked.key_results == guessed.key_results == 0.2


def test_a_script_that_is_not_read_lowers_all_confidence() -> None:
    found = review("我们想要更多客户", "招聘很慢")

    assert found.language == "other"
    assert max(astuple(found.confidence)) <= 0.2
