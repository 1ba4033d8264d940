# ruff: noqa: RUF001
"""Whatever people, or attackers, answer: what an analysis promises holds."""

import re
import unicodedata
from dataclasses import astuple

from hypothesis import given, settings as chosen, strategies as st

from domain.okr.builtin import analyse
from domain.okr.dashboard import (
    FINDINGS_MAX,
    KEY_RESULTS_MAX,
    METRIC_MAX_CHARS,
    NAME_MAX_CHARS,
    NUMBER_MAX,
    STEPS_MAX,
    TEXT_MAX_CHARS,
    THEMES_MAX,
    UNIT_MAX_CHARS,
    AnswerText,
    Dashboard,
)
from domain.okr.figures import MULTIPLIERS, NUMBER_WORDS

WORDS = re.split(
    "[ \n]",
    """we want to increase revenue from by reach $ 1.2M 40 100 250 customers orders a day % ۵ درصد به از را ۱۰۰ میلیون
تومان برسانیم هدف ما مشکلی نداریم ولی خوب است . ! ؟ ، , -> → 5% 3-5 10k twenty five و هزار ۲ double half not no never problem
slow great team تا پایان خرداد by June Q3 2026 24/7 v2.0 1. (2) - • https://a.b/9 +49 30 1234567 9:30 : currently should be
million billion trillion میلیارد 999999999 3h20 < > must نباید بیشتر شود است شده is میلیونه
باید الان نیست کند نمی‌شود می‌خواهیم \u200c \u202e \ud800 🙂 é ß İ nothing هیچ n't don't but and ٪۲۰ ۳/۵ 4.1/5 007 1,5 ) ( # @""",
)
PROMPTS = st.sampled_from(
    [
        "",
        "Q1",
        "Your goal?",
        "What blocks you?",
        "What works well?",
        "Which numbers?",
        "Next steps?",
        "مانع؟",
    ]
)
PROSE = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
ANSWERS = st.one_of(PROSE, PROSE.map(lambda text: text.replace(" ", "")), st.text(max_size=200))
REPEATED = st.builds(
    lambda word, times: word * times, st.sampled_from(WORDS), st.integers(1, 2_000)
)
REVIEWS = st.lists(st.tuples(PROMPTS, st.one_of(ANSWERS, REPEATED)), min_size=0, max_size=5).map(
    lambda said: [
        AnswerText(order=order, question_id=order, prompt=prompt, answer=answer)
        for order, (prompt, answer) in enumerate(said, start=1)
    ]
)
BLANK = st.text(st.sampled_from(" \t\n\r\u00a0\u200b\u200c\u202e\ufeff.-!1٪"), max_size=30)


def texts(found: Dashboard) -> list[tuple[str, int]]:
    """Every text of a dashboard with the most characters it may have."""
    return [
        (found.objective.text, TEXT_MAX_CHARS),
        *((one.text, TEXT_MAX_CHARS) for one in found.key_results),
        *((one.metric, METRIC_MAX_CHARS) for one in found.key_results),
        *((one.unit or "", UNIT_MAX_CHARS) for one in found.key_results),
        *((one.due or "", TEXT_MAX_CHARS) for one in found.key_results),
        *((one.name, NAME_MAX_CHARS) for one in found.themes),
        *((one.text, TEXT_MAX_CHARS) for one in (*found.blockers, *found.strengths)),
        *((part, TEXT_MAX_CHARS) for one in found.next_steps for part in (one.text, one.reason)),
    ]


def scripts_of_digits(text: str) -> str:
    """The text with ASCII digits and signs, as a reader would type them."""
    plain = "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text
    )
    return plain.lower().replace("٬", ",").replace("،", ",").replace("٫", ".")


def numbers_in(text: str) -> set[float]:
    """Every number that the text has, alone, with a multiplier, and summed with its neighbours."""
    plain = scripts_of_digits(text)
    figures = re.findall(r"[0-9]+(?:[,. ][0-9]+)*|[0-9]+/[0-9]+", plain)
    parts = {part for figure in figures for part in (figure, *re.split("[,. /]", figure))}
    parts |= {figure.replace("/", ".") for figure in re.findall(r"[0-9]+/[0-9]+", plain)}
    bare = {float(NUMBER_WORDS[word]) for word in re.findall(r"\w+", plain) if word in NUMBER_WORDS}
    for part in parts:
        for spelling in (re.sub("[, ]", "", part), re.sub("[,. ]", "", part)):
            if re.fullmatch(r"[0-9]+(\.[0-9]+)?", spelling):
                bare.add(float(spelling))
    bare |= {one + other for one in bare for other in bare} | {1.0} if bare else {1.0}
    return bare


def derives(value: float, found: set[float]) -> bool:
    """Whether a value is one of these, times a multiplier or two, plus another one."""
    factors = {1.0, *MULTIPLIERS.values()}
    factors |= {one * other for one in factors for other in factors}
    scaled = {round(number * factor, 4) for number in found for factor in factors}
    return any(abs(value) == number or round(abs(value) - number, 4) in scaled for number in scaled)


@given(REVIEWS)
@chosen(max_examples=150, deadline=None)
def test_nothing_raises_and_everything_stays_within_its_limits(review: list[AnswerText]) -> None:
    found = analyse(review)
    orders = {answer.order for answer in review}

    assert len(found.key_results) <= KEY_RESULTS_MAX
    assert len(found.themes) <= THEMES_MAX
    assert max(len(found.blockers), len(found.strengths)) <= FINDINGS_MAX
    assert len(found.next_steps) <= STEPS_MAX
    for text, limit in texts(found):
        assert len(text) <= limit
        assert text == " ".join(text.split())
        assert not any(unicodedata.category(one) in ("Cc", "Cs") for one in text)
        assert not set(text) & set(
            "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        )
    assert {one.order for one in (*found.blockers, *found.strengths)} <= orders
    assert {one.order for one in found.key_results} <= orders
    assert all(one.text for one in (*found.blockers, *found.strengths))
    assert all(one.text and one.metric for one in found.key_results)
    for theme in found.themes:
        assert theme.name
        assert set(theme.orders) <= orders
        assert theme.mentions >= len(theme.orders) >= 1
    assert all(step.text and step.reason for step in found.next_steps)
    assert (found.objective.order in orders) == bool(found.objective.text)


@given(REVIEWS)
@chosen(max_examples=100, deadline=None)
def test_confidence_and_scores_have_two_decimals_in_their_range(review: list[AnswerText]) -> None:
    found = analyse(review)
    sure = [*astuple(found.confidence), *(one.confidence for one in found.key_results)]

    assert all(0 <= value <= 0.8 and round(value, 2) == value for value in sure)
    assert -1 <= found.sentiment.score <= 1
    assert round(found.sentiment.score, 2) == found.sentiment.score


@given(REVIEWS)
@chosen(max_examples=50, deadline=None)
def test_the_same_answers_give_the_same_dashboard(review: list[AnswerText]) -> None:
    assert analyse(review) == analyse(list(reversed(review)))


@given(st.lists(PROSE, min_size=1, max_size=5))
@chosen(max_examples=150, deadline=None)
def test_every_number_derives_from_one_in_the_text(answers: list[str]) -> None:
    review = [
        AnswerText(order=order, question_id=order, prompt="Your goal?", answer=answer)
        for order, answer in enumerate(answers, start=1)
    ]
    for one in analyse(review).key_results:
        for value in (one.baseline, one.target):
            assert value is None or derives(value, numbers_in(answers[one.order - 1]))


MULTIPLIED = st.builds(
    lambda lead, count, units, rest: " ".join([lead, count, *units, rest]),
    st.sampled_from(["revenue from 1 to", "we want to reach", "NPS 40 ->", "فروش", "بدهی از ۱ به"]),
    st.sampled_from(["1", "999", "999999999", "۹۹۹۹۹۹۹۹۹", "0.5", "two hundred", "صد"]),
    st.lists(st.sampled_from(sorted(MULTIPLIERS)), max_size=5),
    st.sampled_from(["dollars", "تومان برسیم", "تومان است، هدف ۵۰۰", "", "and twice as many"]),
)


@given(st.lists(MULTIPLIED, min_size=1, max_size=5), PROMPTS)
@chosen(max_examples=150, deadline=None)
def test_no_number_is_larger_than_what_clients_are_promised(
    answers: list[str], prompt: str
) -> None:
    found = analyse(
        [
            AnswerText(order=order, question_id=order, prompt=prompt, answer=answer)
            for order, answer in enumerate(answers, start=1)
        ]
    )
    values = [value for one in found.key_results for value in (one.baseline, one.target)]

    assert all(value is None or abs(value) <= NUMBER_MAX for value in values)


@given(st.lists(BLANK, max_size=5), PROMPTS)
@chosen(max_examples=100, deadline=None)
def test_where_nothing_was_written_the_dashboard_is_empty(answers: list[str], prompt: str) -> None:
    found = analyse(
        [
            AnswerText(order=order, question_id=order, prompt=prompt, answer=answer)
            for order, answer in enumerate(answers, start=1)
        ]
    )

    assert found.language == "other"
    assert astuple(found.objective) == ("", None)
    assert [*found.key_results, *found.themes, *found.blockers, *found.strengths] == []
    assert list(found.next_steps) == []
    assert astuple(found.sentiment) == ("neutral", 0.0)
    assert set(astuple(found.confidence)) == {0.0}
