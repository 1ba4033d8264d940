"""Words that nobody has ever used are not taken for others, and slips of the pen still are."""

import random
from collections.abc import Callable
from typing import Final

import pytest

from domain.lexicon import rate
from domain.lexicon.entries import Lexicon
from domain.rates import BALANCED, DIMENSIONS
from domain.rating import Rating, Subject

INVENTED: Final = """
flurbing blorvane snazzlequip grontic wibblard frindle quorvex plimsy zanterfig drobbish
melvary trabnock spindrel yorvish clandery brimfax gludge twarnel fosbick hendrowl
vontery jaspule krindel slobbet marfoon pellitrane dwinsome grabnut noffling skerbal
tuvane brellig zorpish crandiful lomber shringle vasping thrupple ostrane wexley
گلمبیر شفتاله زرناقه پلخوشه مرتیکان درزاوش خربیسن قلنتور ترمشود بلنگاش
سفندول کرجمان نلوزیک فرتاقه وشکنار چلبوده هنفزار مشکولان لرگنده تفناژ
"""
MOST_FALSE: Final = 0.05
LEAST_MEANT: Final = 0.95

BEGINNINGS: Final = (
    "b bl br c cl cr d dr f fl fr g gl gr h j k kn l m n p pl pr qu r s sc sh sk sl sm sn sp st"
    " str t th thr tr tw v w wh y z"
)
VOWELS: Final = "a e i o u oo ai ee ou ea"
CODAS: Final = (
    "b ck d ff g ll m n nd ng nk nt p r rb rd rk rm rn rp rt s sh sk st t th x zz mp ft lt"
)
ENDINGS: Final = "- - ing ing er ed y ish le ous ment ion al"
PERSIAN_LETTERS: Final = "بپتجچخدرزسشغفقکگلمنوه"
PERSIAN_VOWELS: Final = ["ا", "و", "ی", "", ""]
ENGLISH_SLIPS: Final = "abcdefghijklmnopqrstuvwxyz"


Invent = Callable[[random.Random], str]


def told(word: str) -> Rating:
    return rate(Subject(activity=word))


def leading(rating: Rating) -> str:
    return max(DIMENSIONS, key=lambda dimension: getattr(rating.rates, dimension))


def recognised(wrong: str, right: str) -> bool:
    return told(wrong).confidence > 0 and leading(told(wrong)) == leading(told(right))


def english(dice: random.Random) -> str:
    """Something that sounds English: one or two syllables and an ending."""
    word = (
        dice.choice(BEGINNINGS.split()) + dice.choice(VOWELS.split()) + dice.choice(CODAS.split())
    )
    if dice.random() < 0.5:
        word += dice.choice(VOWELS.split()) + dice.choice(CODAS.split())
    return word + dice.choice(ENDINGS.split()).strip("-")


def persian(dice: random.Random) -> str:
    """Something that looks Persian: three or four syllables."""
    syllables = (
        dice.choice(PERSIAN_LETTERS)
        + dice.choice(PERSIAN_VOWELS)
        + (dice.choice(PERSIAN_LETTERS) if dice.random() < 0.4 else "")
        for _ in range(dice.choice((3, 3, 4)))
    )
    return "".join(syllables) + dice.choice(["", "", "ها", "ی"])


def slip(dice: random.Random, word: str) -> str:
    """A word with one letter dropped, doubled, replaced or swapped; the first one stays."""
    place = dice.randrange(1, len(word) - 1)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    return dice.choice(
        [
            before + after,
            before + letter + letter + after,
            before + dice.choice(ENGLISH_SLIPS) + after,
            before + after[0] + letter + after[1:],
        ]
    )


def test_invented_words_are_not_recognised() -> None:
    mistaken = [word for word in INVENTED.split() if told(word).rates != BALANCED]

    assert len(INVENTED.split()) == 60
    assert len(mistaken) < MOST_FALSE * len(INVENTED.split()), mistaken


@pytest.mark.parametrize("invent", [english, persian])
@pytest.mark.parametrize("seed", range(5))
def test_random_syllables_are_rarely_recognised(invent: Invent, seed: int) -> None:
    dice = random.Random(seed)
    # Some of what the dice say are words: what the lists have is not mistaken.
    known = Lexicon.load().words
    words = [word for word in (invent(dice) for _ in range(200)) if word not in known]

    mistaken = [word for word in words if told(word).rates != BALANCED]

    assert len(mistaken) <= MOST_FALSE * len(words), mistaken


@pytest.mark.parametrize("seed", range(3))
def test_one_slip_in_a_word_of_six_letters_or_more_is_forgiven(seed: int) -> None:
    dice = random.Random(seed)
    lexicon = Lexicon.load()
    words = [word for word in lexicon.likeness.words if word in lexicon.words and len(word) >= 6]
    sample = dice.sample([word for word in words if word.isascii()], 400)

    missed = [word for word in sample if not recognised(slip(dice, word), word)]

    assert len(missed) <= (1 - LEAST_MEANT) * len(sample), missed


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("meditation", "medittation"),
        ("running", "runing"),
        ("programming", "porgraming"),
        ("دوچرخه", "دوچزخه"),
    ],
)
def test_a_misspelt_word_is_less_sure_by_far(right: str, wrong: str) -> None:
    assert leading(told(wrong)) == leading(told(right))
    assert 0 < told(wrong).confidence <= 0.7 * told(right).confidence


@pytest.mark.parametrize("category", ["Music", "موسیقی"])
def test_beside_nonsense_the_category_decides(category: str) -> None:
    rating = rate(Subject(activity="Flurbing", activity_category=category))

    assert rating.explanation == f"No word was recognised; the category {category} decides."
