# ruff: noqa: RUF001
"""Sentences, folding, cutting and languages."""

import pytest

from domain.okr.builtin import analyse
from domain.okr.dashboard import AnswerText
from domain.okr.figures import number_at
from domain.okr.text import cut, fold, language, sentences, tidy
from domain.okr.words import stem, tokens


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            "We grew. Then we did not! Why? No idea",
            ["We grew.", "Then we did not!", "Why?", "No idea"],
        ),
        ("by 3.5%. see v2.0 now", ["by 3.5%.", "see v2.0 now"]),
        ("Tools, e.g. Slack, i.e. chat. Done.", ["Tools, e.g. Slack, i.e. chat.", "Done."]),
        (
            "Read https://a.example/b?c=1.5 first. Ok",
            ["Read https://a.example/b?c=1.5 first.", "Ok"],
        ),
        ("one\ntwo\r\n\r\nthree", ["one", "two", "three"]),
        ("- one\n* two\n• three\n[x] four", ["one", "two", "three", "four"]),
        ("1. Grow 2. Hire two people 3) sell", ["Grow", "Hire two people", "sell"]),
        ("Reach 50. Then rest.", ["Reach 50.", "Then rest."]),
        ("Why?! (Yes.) Good…", ["Why?!", "(Yes.)", "Good…"]),
        ("we grew.Then we hired", ["we grew.", "Then we hired"]),
        ("خوب است. بد نیست؛ چرا؟ چون", ["خوب است.", "بد نیست؛", "چرا؟", "چون"]),
        ("سلام.حالا خوب؟بله", ["سلام.", "حالا خوب؟", "بله"]),
        ("۱. رشد\n۲- جذب مشتری\n۳) فروش", ["رشد", "جذب مشتری", "فروش"]),
        ("  much \t white\u00a0 space  ", ["much white space"]),
        ("\u202eevil\u202c text\x00 \u200fhere", ["evil text here"]),
        ("-5% is bad", ["-5% is bad"]),
        ("...", []),
        ("12 34", []),
    ],
)
def test_answers_fall_into_sentences(answer: str, expected: list[str]) -> None:
    assert sentences(answer) == expected


def test_a_sentence_without_an_end_is_read_in_pieces_at_words() -> None:
    found = sentences("word " * 400)

    assert all(
        len(piece) <= 600 and piece.split() == ["word"] * len(piece.split()) for piece in found
    )
    assert sum(len(piece.split()) for piece in found) == 400


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ABC İst", "abc İst"),
        ("١٢٬٣۴٪ و ٣٫۵", "12,34% و 3.5"),
        ("كتابي", "کتابی"),
        ("می‌خواهیم", "می خواهیم"),
        ("don’t", "don't"),
    ],
)
def test_folding_keeps_the_length(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert len(fold(text)) == len(text)


def test_hidden_characters_are_dropped_and_half_spaces_kept() -> None:
    assert tidy("\ufeffمی\u200cخواهیم\u2067 a\u00adb \ud800c") == "می\u200cخواهیم ab c"


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("some more words", 10, "some more…"),
        ("some more, words", 11, "some more…"),
        ("unbroken", 5, "unbr…"),
    ],
)
def test_cutting_ends_at_a_word(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected
    assert len(cut(text, limit)) <= limit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Grow", "en"),
        ("رشد فروش", "fa"),
        ("aaa ببب", "mixed"),
        ("aaa ب", "mixed"),
        ("aaaa ب", "en"),
        ("我们想要", "other"),
        ("aб", "en"),
        ("aбв", "other"),
        ("12 % 🙂", "other"),
        ("", "other"),
    ],
)
def test_the_language_is_told_by_script(text: str, expected: str) -> None:
    assert language([text]) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.2M", 1_200_000),
        ("2.3m", 2_300_000),
        ("10,000", 10_000),
        ("1.200.000", 1_200_000),
        ("10 000", 10_000),
        ("5 k", 5_000),
        ("5 m", 5),
        ("twenty-five", 25),
        ("two hundred and fifty", 250),
        ("a hundred", 100),
        ("۲ میلیون و ۵۰۰ هزار", 2_500_000),
        ("۵۰ هزار میلیارد", 50_000_000_000_000),
        ("بیست و پنج", 25),
        ("صد و بیست", 120),
        ("سی و نه", 39),
        ("یک میلیارد", 1_000_000_000),
        ("هزار", 1_000),
        ("10 هزار و 5 نفر", 10_000),
        ("3.5", 3.5),
    ],
)
def test_numbers_are_read_in_digits_and_words(text: str, value: float) -> None:
    found = number_at(tokens(fold(text)), 0)

    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(
    "text", ["007", "1.2.3", "12345678901234567890", "10 5", "one", "یک", "three four"]
)
def test_what_is_doubtful_is_no_number(text: str) -> None:
    assert number_at(tokens(fold(text)), 0) is None


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("customers", "customer"),
        ("companies", "company"),
        ("boxes", "box"),
        ("business", "business"),
        ("status", "status"),
        ("gas", "gas"),
        ("team's", "team"),
        ("هزینهها", "هزینه"),
        ("مشتریهای", "مشتری"),
        ("ها", "ها"),
    ],
)
def test_plurals_fold(word: str, expected: str) -> None:
    assert stem(word) == expected


@pytest.mark.parametrize(
    ("prompt", "answer", "blockers"),
    [
        ("What is blocking progress?", "The old building", 1),
        ("Biggest challenge?", "The old building", 1),
        ("چالش اصلی چیست؟", "ساختمان قدیمی", 1),
        ("Q2", "The old building", 0),
        ("Q2", "Delays, problems and bugs", 1),
        ("What is working well?", "The old building", 0),
        ("", "", 0),
    ],
)
def test_the_prompt_says_what_an_answer_is_about_else_its_words(
    prompt: str, answer: str, blockers: int
) -> None:
    found = analyse([AnswerText(order=1, question_id=1, prompt=prompt, answer=answer)])

    assert len(found.blockers) == blockers
