"""Key results in English sentences, as people write them: typos, bullets, no full stop."""

import pytest

from domain.okr.builtin import analyse
from domain.okr.dashboard import AnswerText, KeyResult

GOAL = "Describe your main business goal."
NUMBERS = (
    "Which numbers will show that you have succeeded: where do they stand today, and where should "
    "they be?"
)
STEPS = "What will you do in the next 90 days, and who will do it?"

Row = tuple[str, str, str, float | None, float | None, str | None, str, str | None]


def results(prompt: str, answer: str) -> list[KeyResult]:
    found = analyse([AnswerText(order=4, question_id=1, prompt=prompt, answer=answer)])
    return list(found.key_results)


# fmt: off
SAID: list[Row] = [
    (GOAL, "from 100 to 250 customers", "customers", 100, 250, "customers", "increase", None),
    (GOAL, "increase revenue by 20%", "revenue", None, 20, "%", "increase", None),
    (GOAL, "cut churn from 5% to 3% by June", "churn", 5, 3, "%", "decrease", "by June"),
    (GOAL, "reach $1.2M ARR by Q3", "ARR", None, 1_200_000, "$", "reach", "by Q3"),
    (GOAL, "10k users", "users", None, 10_000, "users", "reach", None),
    (NUMBERS, "NPS 40 -> 60", "NPS", 40, 60, None, "increase", None),
    (GOAL, "double the conversion rate", "conversion rate", None, None, None, "increase", None),
    (NUMBERS, "currently 40 orders a day, we want 100", "orders", 40, 100, "orders a day", "increase", None),
    (GOAL, "We want to grow from 100 to 250 customers by the end of the year.", "customers", 100, 250, "customers", "increase", "by the end of the year"),
    (GOAL, "Our goal is to increase monthly recurring revenue by 20% this year", "monthly recurring revenue", None, 20, "%", "increase", "this year"),
    (GOAL, "get to 500 paying customers in 90 days", "paying customers", None, 500, "customers", "reach", "in 90 days"),
    (NUMBERS, "reduce response time from 5 hours to 2 hours", "response time", 5, 2, "hours", "decrease", None),
    (NUMBERS, "NPS is 40 today and should be 60", "NPS", 40, 60, None, "increase", None),
    (NUMBERS, "Today we have 40 orders a day. We want 100 by summer.", "orders", 40, 100, "orders a day", "increase", "by summer"),
    (NUMBERS, "- churn: now 5%, goal 3%", "churn", 5, 3, "%", "decrease", None),
    (NUMBERS, "conversion 2% (goal 4%)", "conversion", 2, 4, "%", "increase", None),
    (NUMBERS, "keep churn below 5%", "churn", None, 5, "%", "maintain", None),
    (GOAL, "3x revenue in 12 months", "revenue", None, None, None, "increase", "in 12 months"),
    (STEPS, "Halve the support backlog by March", "support backlog", None, None, None, "decrease", "by March"),
    (NUMBERS, "raise the rating from 4.1/5 to 4.6/5", "rating", 4.1, 4.6, None, "increase", None),
    (GOAL, "Revenue should be 1.2 million euros by 2027", "Revenue", None, 1_200_000, "euros", "reach", "by 2027"),
    (GOAL, "sign fifty new clients", "new clients", None, 50, "clients", "reach", None),
    (GOAL, "from 1 to 2 million users", "users", 1_000_000, 2_000_000, "users", "increase", None),
    (GOAL, "improve delivery time to 2 days", "delivery time", None, 2, "days", "decrease", None),
    (NUMBERS, "* MRR: $10k → $20k", "MRR", 10_000, 20_000, "$", "increase", None),
    (NUMBERS, "Monthly revenue: $40k today, $80k by December.", "Monthly revenue", 40_000, 80_000, "$", "increase", "by December"),
    (NUMBERS, "500 customers (up from 300)", "customers", 300, 500, "customers", "increase", None),
    (NUMBERS, "80% of customers renew (today 65%)", "customers renew", 65, 80, "%", "increase", None),
    (NUMBERS, "inrease revnue form 10k to 20k", "inrease revnue", 10_000, 20_000, None, "increase", None),
    (NUMBERS, "no more than 5 complaints a month", "complaints", None, 5, "complaints a month", "decrease", None),
    (GOAL, "I want to have 3 branches by 2027 instead of 1", "branches", 1, 3, "branches", "increase", "by 2027"),
    (NUMBERS, "target: 60 NPS. currently 40", "NPS", 40, 60, "NPS", "increase", None),
    (STEPS, "1. ali: sign 5 new partners by end of june", "new partners", None, 5, "partners", "reach", "by end of june"),
    (GOAL, "reach 50 to 60 members", "members", None, 50, "members", "reach", None),
    (NUMBERS, "we are at 60% occupancy and want to get to 85", "occupancy", 60, 85, "%", "increase", None),
    (NUMBERS, "employee turnover (30% last year) must fall below 15%", "employee turnover", 30, 15, "%", "decrease", None),
    (NUMBERS, "sales +20%", "sales", None, 20, "%", "increase", None),
    (GOAL, "raise $500k seed round by September", "seed round", None, 500_000, "$", "reach", "by September"),
    (NUMBERS, "5000 followers on instagram by december (now 2100)", "followers", 2_100, 5_000, "followers", "increase", "by december"),
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


def test_the_sentence_is_quoted_and_its_answer_named() -> None:
    [found] = results(NUMBERS, "We like it here.\n- Churn should fall from 5% to 3%")

    assert (found.text, found.order) == ("Churn should fall from 5% to 3%", 4)


def test_two_sentences_that_belong_together_are_both_quoted() -> None:
    [found] = results(NUMBERS, "NPS is 40 today. It should be 60.")

    assert found.text == "NPS is 40 today. It should be 60."


def test_a_sentence_may_name_several() -> None:
    found = results(GOAL, "Grow MRR from 10k to 20k and cut churn from 5% to 3% by June")

    assert [(one.metric, one.baseline, one.target) for one in found] == [
        ("MRR", 10_000, 20_000), ("churn", 5, 3),
    ]  # fmt: skip


def test_where_things_stand_is_found_by_what_is_measured() -> None:
    found = results(NUMBERS, "Today: 40 orders, 5% churn. Target: 100 orders, 3% churn.")

    assert [(one.metric, one.baseline, one.target) for one in found] == [
        ("orders", 40, 100), ("churn", 5, 3),
    ]  # fmt: skip


def test_what_is_said_twice_is_counted_once_and_the_fuller_one_kept() -> None:
    said = ["We want to reach 250 customers", "Customers from 100 to 250 by June"]
    found = analyse(
        [
            AnswerText(order=order, question_id=order, prompt=GOAL, answer=answer)
            for order, answer in enumerate(said, start=1)
        ]
    )

    assert [(one.order, one.baseline, one.due) for one in found.key_results] == [
        (2, 100, "by June"),
    ]  # fmt: skip


def test_of_more_than_fit_the_surest_are_kept_in_order() -> None:
    lines = [f"{count}0 widgets of kind{'abcdefghij'[count]}" for count in range(2, 10)]
    found = results(GOAL, "\n".join([*lines, "NPS from 40 to 60", "Churn from 5% to 3%"]))

    assert len(found) == 8
    assert [one.metric for one in found][-2:] == ["NPS", "Churn"]


def test_a_linked_pair_is_surer_than_a_bare_number() -> None:
    [pair], [bare] = results(NUMBERS, "NPS from 40 to 60"), results(GOAL, "10k users")

    assert bare.confidence < pair.confidence <= 0.8
