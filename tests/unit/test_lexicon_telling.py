"""What the lexicon tells the user: which word, and how sure it is."""

import pytest

from domain.lexicon import rate
from domain.lexicon.telling import LONGEST, Cause, told
from domain.rates import BALANCED
from domain.rating import Rating, Subject


def about(activity: str, category: str = "", goal: str = "") -> Rating:
    return rate(Subject(activity=activity, activity_category=category, goal=goal))


@pytest.mark.parametrize(
    ("subject", "explanation"),
    [
        (("Trampoline class",), "'Trampoline' suggests physique."),
        (("Physics and maths",), "'Physics' suggests logic."),
        (("Work out with friends",), "'Work out' suggests physique, 'friends' social."),
        (("Evening run with friends",), "'run' suggests physique, 'friends' social."),
        (("Evening run with Emma",), "'run' suggests physique, 'with Emma' social."),
        (("Run with my good old Emma",), "'Run' suggests physique, 'with Emma' social."),
        (("شطرنج با پدرم",), "'شطرنج' suggests logic, 'پدرم' social."),
        (("قهوه با علی",), "'با علی' suggests social."),
        (("Fixing my bike",), "'Fixing my bike' suggests logic."),
        (("Morning runing",), "'runing' reads like 'running', which suggests physique."),
        (
            ("wieght lifting",),
            "'wieght lifting' reads like 'weight lifting', which suggests physique.",
        ),
        (("پیاذهروی",), "'پیاذهروی' reads like 'پیاده روی', which suggests physique."),
        (
            ("Run with freinds",),
            "'Run' suggests physique; 'freinds' reads like 'friends', which suggests social.",
        ),
        (
            ("Reding a book",),
            "'Reding a book' reads like 'reading a book', which suggests logic.",
        ),
        (("Daily session", "", "Learn the guitar"), "The goal's 'guitar' suggests creativity."),
        (("Play", "Sport"), "The category Sport suggests physique."),
        (
            ("Work on it", "Music"),
            "The category Music suggests creativity; 'Work' suggests logic.",
        ),
        (("Zzyzx", "Drawing"), "No word was recognised; the category Drawing decides."),
        (("Zzyzx",), "Nothing was recognised; all dimensions alike."),
    ],
)
def test_explanations_name_what_decided(subject: tuple[str, ...], explanation: str) -> None:
    assert about(*subject).explanation == explanation


def test_a_word_and_a_category_are_named_separately() -> None:
    causes = {"logic": Cause("شطرنج"), "social": Cause("Family", "category")}

    assert told(causes) == "'شطرنج' suggests logic; the category Family suggests social."


def test_one_cause_of_two_dimensions_is_named_once() -> None:
    word = Cause("Danse", meant="dance")

    assert told({"physique": word, "creativity": word}) == (
        "'Danse' reads like 'dance', which suggests physique and creativity."
    )


@pytest.mark.parametrize("of", ["", "goal", "category"])
@pytest.mark.parametrize("also", ["", "goal", "category"])
@pytest.mark.parametrize("meant", ["", "w" * 90])
@pytest.mark.parametrize("also_meant", ["", "w" * 90])
def test_an_explanation_stays_short(of: str, also: str, meant: str, also_meant: str) -> None:
    first = Cause("x" * 90, of, meant if of != "category" else "")
    second = Cause("y" * 90, also, also_meant if also != "category" else "")

    text = told({"creativity": first, "physique": second})

    assert len(text) <= LONGEST
    assert "x" * 40 in text
    assert "y" * 40 in text
    assert "x" * 41 not in text
    assert text.endswith("physique.")


@pytest.mark.parametrize("name", ["Trampoline class", "Swim and swim", "run 🏃", "Football match"])
def test_full_confidence_needs_every_word_to_agree(name: str) -> None:
    assert about(name).confidence == 1.0


@pytest.mark.parametrize(
    "name", ["Trampoline zarbel", "Run for charity", "Fixing my bike", "Guitar in the gym"]
)
def test_a_word_that_disagrees_or_is_unknown_takes_full_confidence_away(name: str) -> None:
    assert 0 < about(name).confidence <= 0.95


def test_repairing_is_logic_with_some_physique() -> None:
    for name in ("Fixing my bike", "تعمیر دوچرخه"):
        rates = about(name).rates
        assert rates.logic > rates.physique > rates.energy


@pytest.mark.parametrize(
    "category",
    """
    General|Other|Others|Misc|misc.|Miscellaneous|Uncategorized|Unknown|None|N/A|Default|Various
    Other stuff|General / Other|Personal|-|عمومی|سایر|متفرقه|سایر موارد|کلی|دیگر|غیره|گوناگون|مختلف
    بدون دسته‌بندی|Sonstiges|Divers|Otros|Diğer|Genel
    """.strip()
    .replace("\n", "|")
    .split("|"),
)
def test_categories_that_mean_nothing_say_nothing(category: str) -> None:
    assert about("Zzyzx", category.strip()).rates == BALANCED
    assert about("Zzyzx", category.strip()).confidence == 0
    assert about("Guitar", category.strip()) == about("Guitar")
